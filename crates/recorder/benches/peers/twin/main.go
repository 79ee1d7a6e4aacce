// The operations of the peers program in Go, recorded by Go's own tracer or not: `main trace|without`.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/trace"
	"sync"
	"syscall"
	"time"
)

const (
	rounds = 100_000
	runs   = 3
)

func processor() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func yields() {
	for range rounds {
		runtime.Gosched()
	}
}

func pingPong() {
	serve, answer := make(chan int), make(chan int)
	go func() {
		for ball := range serve {
			answer <- ball
		}
	}()
	for ball := range rounds {
		serve <- ball
		<-answer
	}
	close(serve)
}

func spawning() {
	done := make(chan struct{})
	for range rounds {
		go func() { done <- struct{}{} }()
		<-done
	}
}

func locking() {
	var lock sync.Mutex
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			for range rounds / 2 {
				lock.Lock()
				runtime.Gosched()
				lock.Unlock()
			}
		})
	}
	both.Wait()
}

func main() {
	runtime.GOMAXPROCS(1)
	if len(os.Args) > 1 && os.Args[1] == "trace" {
		file, err := os.CreateTemp("", "goroscope-peers")
		if err != nil {
			panic(err)
		}
		defer os.Remove(file.Name())
		if err := trace.Start(file); err != nil {
			panic(err)
		}
		defer trace.Stop()
	}
	names := []string{"yield", "wake", "spawn", "lock"}
	for at, work := range []func(){yields, pingPong, spawning, locking} {
		best := time.Duration(1<<63 - 1)
		for range runs {
			begin := processor()
			work()
			best = min(best, processor()-begin)
		}
		fmt.Printf("%s %.1f\n", names[at], float64(best)/rounds)
	}
}
