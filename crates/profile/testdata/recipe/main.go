package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"sort"
	"strings"
	"sync"
	"time"
)

type node struct {
	left, right *node
	key         string
}

func insert(n *node, k string) *node {
	if n == nil {
		return &node{key: k}
	}
	if k < n.key {
		n.left = insert(n.left, k)
	} else {
		n.right = insert(n.right, k)
	}
	return n
}

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

type shape[T any] struct{ v T }

func (s *shape[T]) work(n int) int {
	sum := 0
	for i := 0; i < n; i++ {
		sum += len(strings.Repeat("x", i%64))
	}
	return sum
}

var keep [][]byte
var sink int

func busy(kind string) {
	pprof.Do(context.Background(), pprof.Labels("worker", kind, "size", "12"), func(context.Context) {
		var root *node
		for i := 0; i < 12000; i++ {
			root = insert(root, fmt.Sprintf("%d", (i*7919)%30011))
		}
		sink += fib(30)
		s := shape[map[string]int]{}
		sink += s.work(500000)
		xs := make([]int, 400000)
		for i := range xs {
			xs[i] = (i * 7919) % 400009
		}
		sort.Ints(xs)
		for i := 0; i < 100; i++ {
			keep = append(keep, make([]byte, 50000+i*100))
		}
	})
}

func contend() {
	var mu sync.Mutex
	var wg sync.WaitGroup
	ch := make(chan int)
	for i := 0; i < 8; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := 0; j < 20; j++ {
				mu.Lock()
				time.Sleep(100 * time.Microsecond)
				mu.Unlock()
				if i%2 == 0 {
					ch <- j
				} else {
					<-ch
				}
			}
		}()
	}
	wg.Wait()
}

func save(name string) {
	f, _ := os.Create(os.Args[1] + "/" + name + ".pb.gz")
	pprof.Lookup(name).WriteTo(f, 0)
	f.Close()
}

func main() {
	runtime.SetBlockProfileRate(1)
	runtime.SetMutexProfileFraction(1)
	runtime.MemProfileRate = 4096
	f, _ := os.Create(os.Args[1] + "/cpu.pb.gz")
	pprof.StartCPUProfile(f)
	for i := 0; i < 4; i++ {
		busy([]string{"alpha", "beta", "gamma", "1"}[i])
	}
	contend()
	pprof.StopCPUProfile()
	f.Close()
	runtime.GC()
	for _, n := range []string{"heap", "allocs", "block", "mutex", "goroutine", "threadcreate"} {
		save(n)
	}
}
