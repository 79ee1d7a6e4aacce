// Tasks annotates in every way that tasks, regions and logs can be used: tasks
// below tasks and across goroutines, tasks that never end, that end twice, that
// another goroutine ends or that began before the trace; regions of one type
// from several functions, nested ones, ones that stay open; logs without a task.
// It is written so that Go 1.11 compiles it.
//
// Usage: tasks FILE [COUNT]. COUNT is how many requests there are.
package main

import (
	"context"
	"log"
	"os"
	"runtime"
	"runtime/trace"
	"strconv"
	"sync"
	"time"
)

func main() {
	f, err := os.Create(os.Args[1])
	check(err)
	count := 100
	if len(os.Args) > 2 {
		count, err = strconv.Atoi(os.Args[2])
		check(err)
	}
	early, earlyTask := trace.NewTask(context.Background(), "early")
	check(trace.Start(f))

	trace.Log(context.Background(), "no task", "the trace begins")
	trace.Log(early, "late", "a task that began before the trace")
	_, child := trace.NewTask(early, "child of early")
	child.End()
	earlyTask.End()

	requests(count)
	family()
	unusual()
	nested(context.Background(), 12)
	garbage()

	// Both are open when the trace ends.
	ctx, _ := trace.NewTask(context.Background(), "open at the end")
	trace.StartRegion(ctx, "open at the end")
	waiting := make(chan bool)
	go func() {
		trace.StartRegion(ctx, "waits at the end")
		close(waiting)
		select {}
	}()
	<-waiting
	time.Sleep(time.Millisecond)
	trace.Stop()
	check(f.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// requests makes four workers handle requests, each of which a fifth goroutine
// begins and another one answers and ends.
func requests(count int) {
	type request struct {
		ctx  context.Context
		task *trace.Task
	}
	asked, done := make(chan request), make(chan request, 8)
	var workers, answers sync.WaitGroup
	for i := 0; i < 4; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for r := range asked {
				parse(r.ctx)
				store(r.ctx)
				done <- r
			}
		}()
	}
	answers.Add(1)
	go func() {
		defer answers.Done()
		for r := range done {
			trace.WithRegion(r.ctx, "answer", func() {
				trace.Logf(r.ctx, "status", "%d", 200)
			})
			r.task.End()
		}
	}()
	for i := 0; i < count; i++ {
		ctx, task := trace.NewTask(context.Background(), "request")
		asked <- request{ctx, task}
	}
	close(asked)
	workers.Wait()
	close(done)
	answers.Wait()
}

var lock sync.Mutex

// parse and store have regions of the same type.
func parse(ctx context.Context) {
	defer trace.StartRegion(ctx, "work").End()
	spin(20 * time.Microsecond)
}

func store(ctx context.Context) {
	defer trace.StartRegion(ctx, "work").End()
	ctx, task := trace.NewTask(ctx, "store")
	defer task.End()
	trace.WithRegion(ctx, "locked", func() {
		lock.Lock()
		trace.Log(ctx, "row", "written")
		spin(10 * time.Microsecond)
		lock.Unlock()
	})
}

func spin(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
	}
}

// family is a task with children on goroutines of their own, and theirs.
func family() {
	ctx, task := trace.NewTask(context.Background(), "family")
	defer task.End()
	var all sync.WaitGroup
	for i := 0; i < 3; i++ {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			ctx, task := trace.NewTask(ctx, "child")
			defer task.End()
			defer trace.StartRegion(ctx, "child").End()
			time.Sleep(time.Duration(i+1) * time.Millisecond)
			grown := make(chan bool)
			go func() {
				ctx, task := trace.NewTask(ctx, "grandchild")
				trace.Log(ctx, "", "without a category")
				trace.WithRegion(ctx, "file", func() {
					f, err := os.Open(os.Args[1])
					check(err)
					check(f.Close())
				})
				task.End()
				close(grown)
			}()
			<-grown
		}(i)
	}
	all.Wait()
}

// unusual is what the runtime allows and programs do by mistake.
func unusual() {
	ctx, twice := trace.NewTask(context.Background(), "ends twice")
	twice.End()
	trace.Log(ctx, "late", "after the end")
	time.Sleep(100 * time.Microsecond)
	twice.End()

	for i := 0; i < 3; i++ {
		ctx, _ := trace.NewTask(context.Background(), "never ends")
		trace.Log(ctx, "never", strconv.Itoa(i))
	}

	// A goroutine ends inside a region.
	gone := make(chan bool)
	go func() {
		defer close(gone)
		trace.StartRegion(ctx, "goroutine ends inside")
		trace.StartRegion(ctx, "and inside that")
		spin(50 * time.Microsecond)
	}()
	<-gone

	// A task of the same type as a region and a log.
	ctx, task := trace.NewTask(context.Background(), "same name")
	trace.WithRegion(ctx, "same name", func() { trace.Log(ctx, "same name", "same name") })
	task.End()
}

// nested calls itself inside a region.
func nested(ctx context.Context, depth int) {
	trace.WithRegion(ctx, "nested", func() {
		spin(20 * time.Microsecond)
		if depth > 1 {
			nested(ctx, depth-1)
		}
		spin(20 * time.Microsecond)
	})
}

var kept [][]byte

// garbage collects inside regions, and allocates while that goes on.
func garbage() {
	var all sync.WaitGroup
	for i := 0; i < 4; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			ctx, task := trace.NewTask(context.Background(), "garbage")
			defer task.End()
			trace.WithRegion(ctx, "allocate", func() {
				for n := 0; n < 400; n++ {
					part := make([]byte, 32<<10)
					if n%8 == 0 {
						lock.Lock()
						kept = append(kept, part)
						lock.Unlock()
					}
				}
			})
			trace.WithRegion(ctx, "collect", runtime.GC)
		}()
	}
	all.Wait()
}
