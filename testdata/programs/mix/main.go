// Mix does a little of everything that leaves a mark in an execution trace:
// every reason to wait, every kind of annotation, garbage collections with
// assists, system calls that block and that do not, a change of GOMAXPROCS.
// It is written so that Go 1.11 compiles it.
//
// Usage: mix FILE [samples]. With samples, a CPU profile runs at the same time.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"runtime/trace"
	"sync"
	"time"
)

func main() {
	f, err := os.Create(os.Args[1])
	check(err)
	if len(os.Args) > 2 {
		check(pprof.StartCPUProfile(io.Discard))
		defer pprof.StopCPUProfile()
	}
	check(trace.Start(f))

	ctx, task := trace.NewTask(context.Background(), "mix")
	for _, part := range []struct {
		name string
		run  func(context.Context)
	}{
		{"channels", channels},
		{"selects", selects},
		{"locks", locks},
		{"clocks", clocks},
		{"pipes", pipes},
		{"sockets", sockets},
		{"annotations", annotations},
		{"yields", yields},
		{"threads", threads},
		{"garbage", garbage},
		{"procs", procs},
		{"spin", spin},
	} {
		trace.WithRegion(ctx, part.name, func() { part.run(ctx) })
	}
	task.End()

	trace.Stop()
	check(f.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// together runs n goroutines and waits for them.
func together(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := 0; i < n; i++ {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			f(i)
		}(i)
	}
	all.Wait()
}

// channels sends over an unbuffered and a buffered channel, and leaves a
// goroutine behind that waits on a nil channel for ever.
func channels(context.Context) {
	ping, pong := make(chan int), make(chan int, 2)
	together(2, func(i int) {
		for n := 0; n < 20; n++ {
			if i == 0 {
				ping <- n
				<-pong
			} else {
				pong <- <-ping
			}
		}
	})
	var never chan int
	go func() { <-never }()
	go func() { never <- 1 }()
	go func() { select {} }()
	time.Sleep(time.Millisecond)
}

// selects waits on several channels at once, with and without a way out.
func selects(context.Context) {
	a, b, stop := make(chan int), make(chan int), make(chan struct{})
	go func() {
		for i := 0; i < 10; i++ {
			select {
			case a <- i:
			case b <- i:
			}
		}
		close(stop)
	}()
	for {
		select {
		case <-a:
		case <-b:
		case <-stop:
			return
		}
	}
}

// locks makes goroutines wait for a mutex, a read-write mutex and a condition.
func locks(context.Context) {
	var mu sync.Mutex
	together(4, func(int) {
		for k := 0; k < 5; k++ {
			mu.Lock()
			time.Sleep(50 * time.Microsecond)
			mu.Unlock()
		}
	})
	var rw sync.RWMutex
	together(4, func(i int) {
		if i == 0 {
			rw.Lock()
			time.Sleep(200 * time.Microsecond)
			rw.Unlock()
			return
		}
		rw.RLock()
		time.Sleep(100 * time.Microsecond)
		rw.RUnlock()
	})
	ready := false
	cond := sync.NewCond(&mu)
	together(4, func(i int) {
		mu.Lock()
		defer mu.Unlock()
		if i == 3 {
			ready = true
			cond.Broadcast()
		}
		for !ready {
			cond.Wait()
		}
	})
	var once sync.Once
	together(3, func(int) { once.Do(func() { time.Sleep(100 * time.Microsecond) }) })
}

// clocks sleeps, ticks and times out.
func clocks(ctx context.Context) {
	together(3, func(i int) { time.Sleep(time.Duration(i*300) * time.Microsecond) })
	tick := time.NewTicker(200 * time.Microsecond)
	for k := 0; k < 3; k++ {
		<-tick.C
	}
	tick.Stop()
	timeout, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	<-timeout.Done()
	time.AfterFunc(0, func() {})
}

// pipes blocks in read until another goroutine writes, and makes short system
// calls that do not block.
func pipes(context.Context) {
	r, w, err := os.Pipe()
	check(err)
	// A file descriptor taken out of the poller: read blocks its thread.
	r.Fd()
	together(2, func(i int) {
		if i == 0 {
			buf := make([]byte, 1)
			for k := 0; k < 3; k++ {
				_, err := r.Read(buf)
				check(err)
			}
			return
		}
		for k := 0; k < 3; k++ {
			time.Sleep(500 * time.Microsecond)
			_, err := w.Write([]byte{1})
			check(err)
		}
	})
	check(r.Close())
	check(w.Close())
	for k := 0; k < 5; k++ {
		_, err := os.Stat(".")
		check(err)
	}
}

// sockets echoes a few messages over loopback.
func sockets(context.Context) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go func() {
		conn, err := l.Accept()
		check(err)
		_, err = io.Copy(conn, io.LimitReader(conn, 50))
		check(err)
		check(conn.Close())
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	check(err)
	buf := make([]byte, 10)
	for k := 0; k < 5; k++ {
		_, err = conn.Write(buf)
		check(err)
		_, err = io.ReadFull(conn, buf)
		check(err)
	}
	check(conn.Close())
	check(l.Close())
}

// annotations nests tasks and regions, ends a task elsewhere than where it
// began, and leaves one open.
func annotations(ctx context.Context) {
	outer, outerTask := trace.NewTask(ctx, "outer")
	trace.Log(outer, "", "no category")
	trace.Log(outer, "category", "two words, and ünïcödé")
	trace.WithRegion(outer, "level 1", func() {
		trace.WithRegion(outer, "level 2", func() {
			inner, innerTask := trace.NewTask(outer, "inner")
			together(2, func(i int) {
				defer trace.StartRegion(inner, fmt.Sprintf("part %d", i)).End()
				trace.Logf(inner, "part", "%d of 2", i+1)
				time.Sleep(time.Duration(i+1) * 100 * time.Microsecond)
			})
			go innerTask.End()
			time.Sleep(100 * time.Microsecond)
		})
	})
	outerTask.End()
	trace.NewTask(context.Background(), "never ended")
	together(1, func(int) { trace.StartRegion(context.Background(), "never ended, no task") })
	trace.Log(context.Background(), "without", "a task")
}

// yields gives up the processor now and then.
func yields(context.Context) {
	together(3, func(int) {
		for k := 0; k < 5; k++ {
			runtime.Gosched()
		}
	})
}

// threads runs a goroutine on a thread of its own, which ends with it.
func threads(context.Context) {
	together(2, func(int) {
		runtime.LockOSThread() // never unlocked: the thread exits
		time.Sleep(100 * time.Microsecond)
	})
}

var sink [64]*[4096]byte

// garbage allocates until the collector asks for assists.
func garbage(context.Context) {
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	together(4, func(i int) {
		for n := 0; n < 150; n++ {
			sink[(n+i*16)%len(sink)] = new([4096]byte)
		}
	})
}

// procs changes GOMAXPROCS, down and up again.
func procs(context.Context) {
	before := runtime.GOMAXPROCS(1)
	together(3, func(int) { busy(100 * time.Microsecond) })
	runtime.GOMAXPROCS(before + 2)
	together(6, func(int) { busy(100 * time.Microsecond) })
	runtime.GOMAXPROCS(before)
}

// spin computes for long enough to be preempted and sampled.
func spin(context.Context) {
	together(6, func(int) { busy(15 * time.Millisecond) })
}

var result [16]uint64

func busy(d time.Duration) {
	x := uint64(1)
	for end := time.Now().Add(d); time.Now().Before(end); {
		for k := 0; k < 1000; k++ {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
		}
	}
	result[x%16] = x
}
