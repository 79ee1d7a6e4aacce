// Late starts the trace when goroutines are already in every state, stops it,
// and starts another one: the file holds the second trace.
//
// Usage: late FILE
package main

import (
	"context"
	"io"
	"log"
	"os"
	"runtime"
	"runtime/trace"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	f, err := os.Create(os.Args[1])
	check(err)

	var stop atomic.Bool
	var all sync.WaitGroup
	start := func(f func()) {
		all.Add(1)
		go func() {
			defer all.Done()
			f()
		}()
	}
	// More that want to run than can run, so that some are runnable.
	for range runtime.GOMAXPROCS(0) + 1 {
		start(func() {
			for !stop.Load() {
			}
		})
	}
	r, w, err := os.Pipe()
	check(err)
	r.Fd() // out of the poller: the reader waits in a system call
	start(func() {
		_, err := io.ReadAll(r)
		check(err)
	})
	gate := make(chan struct{})
	for range 3 {
		start(func() { <-gate })
	}
	var mu sync.Mutex
	mu.Lock()
	start(func() {
		mu.Lock()
		defer mu.Unlock()
	})
	ctx, task := trace.NewTask(context.Background(), "begun before the trace")
	region := trace.StartRegion(ctx, "begun before the trace")
	time.Sleep(5 * time.Millisecond)

	check(trace.Start(io.Discard))
	time.Sleep(5 * time.Millisecond)
	trace.Stop()

	check(trace.Start(f))
	time.Sleep(20 * time.Millisecond)
	region.End()
	task.End()
	mu.Unlock()
	close(gate)
	check(w.Close())
	time.Sleep(5 * time.Millisecond)
	stop.Store(true)
	all.Wait()
	trace.Stop()
	check(f.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
