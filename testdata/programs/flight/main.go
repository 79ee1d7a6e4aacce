//go:build go1.25

// Flight takes a snapshot with the flight recorder after some seconds: the
// first generations of the trace are gone by then.
//
// Usage: flight FILE
package main

import (
	"context"
	"log"
	"os"
	"runtime/trace"
	"sync"
	"time"
)

func main() {
	recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: time.Second})
	check(recorder.Start())

	ctx, task := trace.NewTask(context.Background(), "begun before the snapshot")
	defer trace.StartRegion(ctx, "whole run").End()
	requests := make(chan int)
	var workers sync.WaitGroup
	for range 3 {
		workers.Add(1)
		go func() {
			defer workers.Done()
			defer trace.StartRegion(ctx, "worker").End()
			for i := range requests {
				_, task := trace.NewTask(ctx, "request")
				time.Sleep(time.Duration(i%7) * time.Millisecond)
				task.End()
			}
		}()
	}
	end := time.Now().Add(3500 * time.Millisecond)
	for i := 0; time.Now().Before(end); i++ {
		requests <- i
		time.Sleep(5 * time.Millisecond)
	}

	f, err := os.Create(os.Args[1])
	check(err)
	_, err = recorder.WriteTo(f)
	check(err)
	check(f.Close())
	close(requests)
	workers.Wait()
	task.End()
	recorder.Stop()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
