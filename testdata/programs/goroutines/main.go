// Goroutines prints what Go's own summariser says of each goroutine of a trace: a line with its id, start function,
// lifetime and times in nanoseconds, then what it waited for and the ranges it was in, separated by tabs.
//
// golden.sh builds it with a copy of internal/trace whose reader leaves the recorded times as they are.
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"slices"
	"time"

	"goroutines/trace"
)

func main() {
	file, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	reader, err := trace.NewReader(bufio.NewReader(file))
	if err != nil {
		log.Fatal(err)
	}
	summarizer := trace.NewSummarizer()
	for {
		event, err := reader.ReadEvent()
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		summarizer.Event(&event)
	}
	goroutines := summarizer.Finalize().Goroutines
	for _, id := range slices.Sorted(maps.Keys(goroutines)) {
		g := goroutines[id]
		fmt.Printf("%d\t%s\t%d\t%d\t%d\t%d\t%d", id, g.Name, g.TotalTime, g.ExecTime, g.SchedWaitTime, g.SyscallTime, g.SyscallBlockTime)
		list("block", g.BlockTimeByReason)
		list("range", g.RangeTime)
		fmt.Println()
	}
}

func list(kind string, times map[string]time.Duration) {
	for _, name := range slices.Sorted(maps.Keys(times)) {
		fmt.Printf("\t%s %s=%d", kind, name, times[name])
	}
}
