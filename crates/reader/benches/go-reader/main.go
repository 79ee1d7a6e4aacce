// Command go-reader takes all events of a trace with Go's own reader, for comparison: go run . trace.out
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"os"

	"golang.org/x/exp/trace"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: go-reader trace.out")
	}
	file, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	reader, err := trace.NewReader(bufio.NewReaderSize(file, 1<<20))
	if err != nil {
		log.Fatal(err)
	}
	events := 0
	for {
		_, err := reader.ReadEvent()
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		events++
	}
	fmt.Println(events, "events")
}
