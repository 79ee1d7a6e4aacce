// Collect runs a few collections, forced and by the heap's growth, while a trace is recorded. With GODEBUG=gctrace=1 the
// runtime prints what each took; programs/collect is run so, and its output is kept beside the trace.
package main

import (
	"log"
	"os"
	"runtime"
	"runtime/trace"
	"sync"
	"time"
)

type node struct{ left, right *node }

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{tree(depth - 1), tree(depth - 1)}
}

func main() {
	file, err := os.Create(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	if err := trace.Start(file); err != nil {
		log.Fatal(err)
	}
	time.Sleep(2 * time.Millisecond)
	kept := tree(13)
	runtime.GC()
	var group sync.WaitGroup
	for range 4 {
		group.Add(1)
		go func() {
			defer group.Done()
			for range 6 {
				time.Sleep(time.Millisecond)
				_ = tree(12)
			}
		}()
	}
	group.Wait()
	runtime.GC()
	runtime.KeepAlive(kept)
	time.Sleep(2 * time.Millisecond)
	trace.Stop()
	if err := file.Close(); err != nil {
		log.Fatal(err)
	}
}
