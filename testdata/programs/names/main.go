// Names names tasks, regions and messages with every kind of text: empty, too
// long, not UTF-8, with characters that are not drawn.
//
// Usage: names FILE
package main

import (
	"context"
	"log"
	"os"
	"runtime/trace"
	"strings"
)

var names = []string{
	"",
	"plain words",
	"quo\"ted \\ `and` 'so on'",
	"control\x00\x1b\x7f\a\b\f\n\r\t\v",
	// Not UTF-8: a byte that is never in it, the beginning of a character, half
	// of a pair of UTF-16, a number that is too large, a zero that is too long.
	"bytes \xff\xfe",
	"\xc3",
	"\xe6\x97 cut",
	"\xed\xa0\x80",
	"\xf4\x90\x80\x80",
	"\xc0\xaf",
	// The same when what is not UTF-8 is replaced.
	"twin \xff", "twin \xfe", "twin \ufffd",
	"é, 日本語, \U0001F980",
	"e\u0301 \u0301",
	"\u00a0\u00ad\u200b\u2028\u3000\ufeff\ue000\u0378\U000e0001\U0010ffff",
	// The tracer keeps 1,024 bytes, whatever they are.
	"1024 " + strings.Repeat("a", 1019),
	"1025 " + strings.Repeat("b", 1020),
	"long " + strings.Repeat("c", 5000),
	"é " + strings.Repeat("é", 600),
	"日 " + strings.Repeat("日", 400),
	strings.Repeat("\xff", 1030),
}

func main() {
	f, err := os.Create(os.Args[1])
	check(err)
	check(trace.Start(f))
	for i, name := range names {
		ctx, task := trace.NewTask(context.Background(), name)
		trace.Log(ctx, name, names[len(names)-1-i])
		trace.WithRegion(ctx, name, func() {})
		task.End()
	}
	trace.Stop()
	check(f.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
