// Command count reads a trace with the reader of the Go that it is built with, and prints how many events it has.
package main

import (
	"bufio"
	"fmt"
	"internal/trace"
	"io"
	"log"
	"os"
)

// So many events of a file are also printed, to nowhere: it takes ten times as long as to read them.
const printed = 100_000

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: count FILE")
	}
	events, err := count(os.Args[1])
	fmt.Println(events)
	if err != nil {
		log.Fatal(err)
	}
}

// The events that stand for seams of generations are not counted, as versions have them in different places.
func count(path string) (events uint64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	reader, err := trace.NewReader(bufio.NewReaderSize(file, 1<<20))
	if err != nil {
		return 0, err
	}
	for {
		event, err := reader.ReadEvent()
		if err == io.EOF {
			return events, nil
		}
		if err != nil {
			return events, err
		}
		isSeam := event.Kind() == trace.EventSync
		if isSeam || events < printed {
			fmt.Fprint(io.Discard, event)
		}
		if !isSeam {
			events++
		}
	}
}
