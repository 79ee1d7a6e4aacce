// Mmu prints the minimum mutator utilisation of a trace for every choice of what counts, by trying every window that can
// be the worst: a line with the choices (view, stops, background, assist, sweep), the window in nanoseconds and the
// utilisation, or "none" where no window of that length fits.
//
// golden.sh builds it with a copy of internal/trace whose reader leaves the recorded times as they are.
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"

	"goroutines/trace"
)

// A stretch of time of a proc, or of no proc in particular.
type stretch struct {
	proc     trace.ProcID
	from, to trace.Time
}

// Everything that may count, and how many procs there were from when on.
type found struct {
	start, end                           trace.Time
	gcStops, otherStops                  []stretch
	dedicated, fractional, assist, sweep []stretch
	procs                                []count
}

type count struct {
	at trace.Time
	n  uint64
}

// What a goroutine is in the middle of.
type goroutine struct {
	proc     trace.ProcID // NoProc unless it runs
	since    trace.Time
	mode     string // of a worker, since it began to run
	isWorker bool
	isOld    bool // it runs since before the trace, and has said no mode
	assists  bool
	helps    trace.Time // since when it runs and assists
}

func main() {
	file, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	reader, err := trace.NewReader(bufio.NewReader(file))
	if err != nil {
		log.Fatal(err)
	}
	f := read(reader)
	whole := int64(f.end - f.start)
	for _, view := range []string{"system", "proc"} {
		for _, stw := range []string{"gc", "all", "none"} {
			for bits := range 8 {
				on := func(bit int) bool { return bits>>bit&1 == 1 }
				parts := steps(f, view, stw, on(0), on(1), on(2))
				for _, window := range []int64{max(whole/5000, 1), max(whole/50, 1), whole / 3, whole} {
					fmt.Print(view, " ", stw, " ", on(0), " ", on(1), " ", on(2), " ", window, " ")
					if least, ok := least(parts, window); ok {
						fmt.Printf("%.12f\n", least)
					} else {
						fmt.Println("none")
					}
				}
			}
		}
	}
}

func read(reader *trace.Reader) *found {
	f := &found{}
	gs := map[trace.GoID]*goroutine{}
	on := map[trace.ProcID]trace.GoID{}
	stops := map[trace.GoID]trace.Time{}
	sweeps := map[trace.ProcID]trace.Time{}
	isFirst := true
	get := func(id trace.GoID) *goroutine {
		if gs[id] == nil {
			gs[id] = &goroutine{proc: trace.NoProc}
		}
		return gs[id]
	}
	helped := func(g *goroutine, at trace.Time) {
		if g.assists && g.proc != trace.NoProc {
			f.assist = append(f.assist, stretch{g.proc, g.helps, at})
		}
	}
	leave := func(g *goroutine, at trace.Time) {
		if g.proc == trace.NoProc {
			return
		}
		helped(g, at)
		switch {
		case g.mode == "GC (dedicated)":
			f.dedicated = append(f.dedicated, stretch{g.proc, g.since, at})
		case g.mode == "GC (fractional)", g.mode == "" && g.isOld && g.isWorker:
			f.fractional = append(f.fractional, stretch{g.proc, g.since, at})
		}
		delete(on, g.proc)
		g.proc, g.mode, g.isOld = trace.NoProc, "", false
	}
	for {
		event, err := reader.ReadEvent()
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		now := event.Time()
		if isFirst {
			f.start, isFirst = now, false
		}
		f.end = max(f.end, now)
		switch event.Kind() {
		case trace.EventMetric:
			if m := event.Metric(); m.Name == "/sched/gomaxprocs:threads" {
				f.procs = append(f.procs, count{now, m.Value.Uint64()})
			}
		case trace.EventLabel:
			if l := event.Label(); l.Resource.Kind == trace.ResourceGoroutine {
				get(l.Resource.Goroutine()).mode = l.Label
			}
		case trace.EventStateTransition:
			transition := event.StateTransition()
			switch transition.Resource.Kind {
			case trace.ResourceProc:
				_, to := transition.Proc()
				if to == trace.ProcIdle {
					if id, ok := on[transition.Resource.Proc()]; ok {
						leave(gs[id], now)
					}
				}
			case trace.ResourceGoroutine:
				from, to := transition.Goroutine()
				if from == to {
					break
				}
				g := get(transition.Resource.Goroutine())
				for frame := range transition.Stack.Frames() {
					g.isWorker = frame.Func == "runtime.gcBgMarkWorker"
				}
				isOn := g.proc != trace.NoProc
				switch {
				case to == trace.GoRunning && from == trace.GoSyscall && isOn, to == trace.GoSyscall && isOn:
				case to == trace.GoRunning, to == trace.GoSyscall && from == trace.GoUndetermined && event.Proc() != trace.NoProc:
					leave(g, now)
					g.proc, g.since = event.Proc(), now
					if from == trace.GoUndetermined {
						g.since, g.isOld = f.start, true
					}
					g.helps = g.since
					on[g.proc] = transition.Resource.Goroutine()
				default:
					leave(g, now)
				}
			}
		case trace.EventRangeBegin, trace.EventRangeActive:
			r := event.Range()
			since := now
			if event.Kind() == trace.EventRangeActive {
				since = f.start
			}
			switch {
			case strings.HasPrefix(r.Name, "stop-the-world"):
				if _, ok := stops[r.Scope.Goroutine()]; !ok {
					stops[r.Scope.Goroutine()] = since
				}
			case r.Name == "GC mark assist":
				if g := get(r.Scope.Goroutine()); !g.assists {
					g.assists, g.helps = true, since
				}
			case r.Name == "GC incremental sweep":
				if _, ok := sweeps[r.Scope.Proc()]; !ok {
					sweeps[r.Scope.Proc()] = since
				}
			}
		case trace.EventRangeEnd:
			r := event.Range()
			switch {
			case strings.HasPrefix(r.Name, "stop-the-world"):
				s := stretch{trace.NoProc, stops[r.Scope.Goroutine()], now}
				delete(stops, r.Scope.Goroutine())
				if strings.HasPrefix(r.Name, "stop-the-world (GC") {
					f.gcStops = append(f.gcStops, s)
				} else {
					f.otherStops = append(f.otherStops, s)
				}
			case r.Name == "GC mark assist":
				g := get(r.Scope.Goroutine())
				helped(g, now)
				g.assists = false
			case r.Name == "GC incremental sweep":
				f.sweep = append(f.sweep, stretch{r.Scope.Proc(), sweeps[r.Scope.Proc()], now})
				delete(sweeps, r.Scope.Proc())
			}
		}
	}
	for _, g := range gs {
		leave(g, f.end)
	}
	for proc, since := range sweeps {
		f.sweep = append(f.sweep, stretch{proc, since, f.end})
	}
	if len(stops) > 0 {
		log.Fatal("the world is stopped at the end: by which stop is not known")
	}
	return f
}

// A function of time: from when on which value, and where it ends.
type function struct {
	at    []trace.Time
	value []float64
}

// The utilisation as functions: one of all procs, or of each proc one for every time that it is there.
func steps(f *found, view, stw string, background, assist, sweep bool) []function {
	var stopped, taken []stretch
	if stw != "none" {
		stopped = append(stopped, f.gcStops...)
	}
	if stw == "all" {
		stopped = append(stopped, f.otherStops...)
	}
	if background {
		taken = append(taken, f.fractional...)
		if view == "system" {
			taken = append(taken, f.dedicated...)
		}
	}
	if assist {
		taken = append(taken, f.assist...)
	}
	if sweep {
		taken = append(taken, f.sweep...)
	}
	at := []trace.Time{f.start, f.end}
	for _, s := range slices.Concat(stopped, taken) {
		at = append(at, s.from, s.to)
	}
	for _, c := range f.procs {
		at = append(at, c.at)
	}
	slices.Sort(at)
	at = slices.Compact(at)
	holds := func(s stretch, now trace.Time) bool { return s.from <= now && now < s.to }
	procsAt := func(now trace.Time) uint64 {
		n := f.procs[0].n
		for _, c := range f.procs {
			if c.at <= now {
				n = c.n
			}
		}
		return n
	}
	var all []function
	if view == "system" {
		all = []function{{at: at}}
	} else {
		var most uint64
		for _, c := range f.procs {
			most = max(most, c.n)
		}
		all = make([]function, most)
	}
	var done []function
	for i, now := range at[:len(at)-1] {
		isStopped := slices.ContainsFunc(stopped, func(s stretch) bool { return holds(s, now) })
		busy := map[trace.ProcID]bool{}
		for _, s := range taken {
			if holds(s, now) {
				busy[s.proc] = true
			}
		}
		n := procsAt(now)
		if view == "system" {
			value := 1 - float64(min(uint64(len(busy)), n))/float64(n)
			if isStopped {
				value = 0
			}
			all[0].value = append(all[0].value, value)
			continue
		}
		for proc := range all {
			one := &all[proc]
			if uint64(proc) >= n {
				if len(one.at) > 0 {
					done = append(done, *one)
					*one = function{}
				}
				continue
			}
			value := 1.0
			if isStopped || busy[trace.ProcID(proc)] {
				value = 0
			}
			if len(one.at) == 0 {
				one.at = []trace.Time{now}
			}
			one.at, one.value = append(one.at, at[i+1]), append(one.value, value)
		}
	}
	for _, one := range all {
		if len(one.at) > 0 {
			done = append(done, one)
		}
	}
	return done
}

// The least mean of a window: one that begins or ends where the function changes, or at its ends.
func least(all []function, window int64) (float64, bool) {
	found, ok := 1.0, false
	for _, one := range all {
		first, last := one.at[0], one.at[len(one.at)-1]
		if int64(last-first) < window {
			continue
		}
		sums := make([]float64, len(one.at))
		for i, value := range one.value {
			sums[i+1] = sums[i] + value*float64(one.at[i+1]-one.at[i])
		}
		until := func(now trace.Time) float64 {
			i, isThere := slices.BinarySearch(one.at, now)
			if isThere {
				return sums[i]
			}
			return sums[i-1] + one.value[i-1]*float64(now-one.at[i-1])
		}
		try := func(from trace.Time) {
			to := from + trace.Time(window)
			if first <= from && to <= last {
				found, ok = min(found, (until(to)-until(from))/float64(window)), true
			}
		}
		for _, at := range one.at {
			try(at)
			try(at - trace.Time(window))
		}
	}
	return found, ok
}
