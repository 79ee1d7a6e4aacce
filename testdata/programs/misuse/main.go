// Misuse annotates wrongly: a region ends while a younger one is open, and a
// region of one goroutine is ended by another. Go's own reader refuses the
// rest of such a trace.
//
// Usage: misuse FILE
package main

import (
	"context"
	"log"
	"os"
	"runtime/trace"
	"sync"
)

func main() {
	f, err := os.Create(os.Args[1])
	check(err)
	check(trace.Start(f))

	ctx, task := trace.NewTask(context.Background(), "careless")
	trace.Log(ctx, "before", "the mistakes")
	older := trace.StartRegion(ctx, "older")
	younger := trace.StartRegion(ctx, "younger")
	older.End()
	younger.End()
	shared := trace.StartRegion(ctx, "shared")
	var other sync.WaitGroup
	other.Add(1)
	go func() {
		defer other.Done()
		shared.End()
	}()
	other.Wait()
	task.End()
	task.End()
	trace.Log(ctx, "after", "the mistakes")

	trace.Stop()
	check(f.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
