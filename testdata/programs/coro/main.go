//go:build go1.23

// Coro records coroutine switches: iterators pulled to the end, stopped early,
// waiting inside, handed from one goroutine to another, and pulling each other.
//
// Usage: coro FILE
package main

import (
	"iter"
	"log"
	"os"
	"runtime/trace"
	"time"
)

func main() {
	f, err := os.Create(os.Args[1])
	check(err)
	early, stopEarly := iter.Pull(count(100)) // begun before the trace
	early()
	check(trace.Start(f))

	early()
	stopEarly()
	toTheEnd()
	waiting()
	handedOver()
	nested(4)
	next, _ := iter.Pull(count(2)) // neither ended nor stopped
	next()

	trace.Stop()
	check(f.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func toTheEnd() {
	next, stop := iter.Pull(count(50))
	defer stop()
	for {
		if _, ok := next(); !ok {
			return
		}
	}
}

// waiting pulls from an iterator that sleeps and receives.
func waiting() {
	ch := make(chan int)
	go func() {
		defer close(ch)
		for i := range 5 {
			time.Sleep(100 * time.Microsecond)
			ch <- i
		}
	}()
	next, stop := iter.Pull(func(yield func(int) bool) {
		for v := range ch {
			if !yield(v) {
				return
			}
		}
	})
	defer stop()
	for _, ok := next(); ok; _, ok = next() {
	}
}

// handedOver pulls from the same iterator in two goroutines, one after the other.
func handedOver() {
	next, stop := iter.Pull(count(10))
	next()
	done := make(chan struct{})
	go func() {
		next()
		next()
		close(done)
	}()
	<-done
	next()
	stop()
}

// nested pulls through a chain of iterators.
func nested(depth int) {
	seq := count(5)
	for range depth {
		inner := seq
		seq = func(yield func(int) bool) {
			next, stop := iter.Pull(inner)
			defer stop()
			for v, ok := next(); ok && yield(v); v, ok = next() {
			}
		}
	}
	for range seq {
	}
}
