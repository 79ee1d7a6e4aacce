// Crowd starts thousands of goroutines of two kinds that wait, are woken all
// at once and end, over more than one generation of the trace.
//
// Usage: crowd FILE
package main

import (
	"log"
	"os"
	"runtime/trace"
	"sync"
	"time"
)

const crowd = 2000

func main() {
	f, err := os.Create(os.Args[1])
	check(err)
	check(trace.Start(f))

	var all sync.WaitGroup
	gate, tokens := make(chan struct{}), make(chan struct{}, crowd/4)
	for range crowd / 2 {
		all.Add(2)
		go spectator(gate, &all)
		go runner(gate, tokens, &all)
	}
	time.Sleep(1200 * time.Millisecond)
	close(gate)
	all.Wait()

	trace.Stop()
	check(f.Close())
}

func spectator(gate <-chan struct{}, all *sync.WaitGroup) {
	defer all.Done()
	<-gate
}

func runner(gate <-chan struct{}, tokens chan struct{}, all *sync.WaitGroup) {
	defer all.Done()
	<-gate
	tokens <- struct{}{}
	time.Sleep(time.Millisecond)
	<-tokens
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
