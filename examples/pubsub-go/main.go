// Pubsub is a small publish/subscribe bus that records an execution trace of
// itself under load.
//
// Publishers post messages over HTTP, subscribers read them from plain TCP
// connections, and both run in this process, over loopback. The bus delivers
// either in one goroutine (-mode serial) or in one goroutine per subscriber
// (-mode concurrent). See README.md for what to look for in the two traces.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/pprof"
	"runtime/trace"
	"time"
)

func main() {
	cfg, traceFile, profileFile := parseFlags()
	if err := record(cfg, traceFile, profileFile); err != nil {
		fmt.Fprintln(os.Stderr, "pubsub:", err)
		os.Exit(1)
	}
}

// parseFlags reads the command line and exits with status 2 if it makes no sense.
func parseFlags() (cfg config, traceFile, profileFile string) {
	mode := flag.String("mode", "serial", "delivery: `serial` or concurrent")
	flag.IntVar(&cfg.publishers, "publishers", 8, "HTTP clients that post messages")
	flag.IntVar(&cfg.subscribers, "subscribers", 12, "TCP clients that read every message")
	flag.IntVar(&cfg.slow, "slow", 1, "how many of the subscribers are slow readers")
	flag.DurationVar(&cfg.slowness, "slowness", 4*time.Millisecond, "pause of a slow reader after each message")
	flag.IntVar(&cfg.messages, "messages", 250, "messages to publish in all")
	flag.DurationVar(&cfg.duration, "duration", 0, "stop publishing after this time (0: after -messages)")
	flag.IntVar(&cfg.payload, "payload", 8<<10, "bytes in a message")
	flag.StringVar(&traceFile, "o", "trace.out", "write the execution trace to this `file` (empty: none)")
	flag.StringVar(&profileFile, "cpuprofile", "", "also write a CPU profile to this `file`; its samples appear in the trace")
	flag.Parse()

	switch *mode {
	case "serial":
		cfg.deliver = (*subscriber).write
	case "concurrent":
		cfg.deliver = (*subscriber).offer
	default:
		fail("unknown -mode %q: want serial or concurrent", *mode)
	}
	cfg.mode = *mode
	switch {
	case flag.NArg() > 0:
		fail("unexpected argument %q", flag.Arg(0))
	case cfg.publishers < 1 || cfg.subscribers < 1 || cfg.messages < 1 || cfg.payload < 1:
		fail("-publishers, -subscribers, -messages and -payload must be at least 1")
	case cfg.slow < 0 || cfg.slow > cfg.subscribers:
		fail("-slow must be between 0 and -subscribers")
	}
	return cfg, traceFile, profileFile
}

func fail(format string, args ...any) {
	fmt.Fprintf(flag.CommandLine.Output(), format+"\n", args...)
	flag.Usage()
	os.Exit(2)
}

// record runs the load with the recordings that were asked for, and prints
// its summary.
func record(cfg config, traceFile, profileFile string) (err error) {
	if profileFile != "" {
		f, err := os.Create(profileFile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	if traceFile != "" {
		f, createErr := os.Create(traceFile)
		if createErr != nil {
			return createErr
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		if err := trace.Start(f); err != nil {
			return err
		}
		defer trace.Stop()
	}
	result, err := run(cfg)
	if err != nil {
		return err
	}
	fmt.Println(result)
	return nil
}
