//! What the collector, the procs and the threads did: tables, JSON, CSV, and what makes no sense.

use crate::program::{Folder, recorded};
use expect_test::{Expect, expect};

fn check(test: &str, runs: &[&[&str]], expected: &Expect) {
    let folder = Folder::new(test);
    folder.write("trace.out", &recorded("steps-1.27.trace.zst"));
    let shown: String = runs.iter().map(|arguments| folder.show(arguments, b"")).collect();
    expected.assert_eq(&shown);
}

#[test]
fn cycles_and_stops() {
    check(
        "cycles_and_stops",
        &[
            &["gc", "--limit", "3", "trace.out"],
            &["gc", "--table", "stops", "--sort", "duration", "--limit", "3", "trace.out"],
            &["gc", "--table", "assists", "--limit", "3", "--csv", "trace.out"],
        ],
        &expect![[r#"
            $ goroscope gc --limit 3 trace.out
            2 cycles, 3 pauses by the collector, 22.36 ms together, 22.19 ms the longest
            workers: 8.96 µs dedicated, 0 ns fractional, 462.5 µs idle; 10 assists took 16.68 ms
            17.41 % of the time of all procs was taken from the program

            Stops of the world    Count     Total    Median      99 %   Longest
            GC sweep termination      1  22.19 ms  22.19 ms  22.19 ms  22.19 ms
            GOMAXPROCS                3  10.29 ms  32.58 µs  10.24 ms  10.24 ms
            GC mark termination       2  167.7 µs  46.72 µs  121.0 µs  121.0 µs
            start trace               1   2.94 µs   2.94 µs   2.94 µs   2.94 µs

            Cycle     Begin       End  Duration  By    Sweep term.      Mark  Mark term.  Heap before     Peak    After     Goal  Assists  Assist time  Dedicated  Fractional      Idle  Sweeps  Sweep time     Swept     Freed  Procs taken
                1      0 ns  817.4 µs  817.4 µs                     770.7 µs    46.72 µs               4.20 MB  3.70 MB  4.19 MB        1     95.74 µs    2.43 µs           –  298.8 µs       0           –   0 bytes   0 bytes  ▉
                2  36.46 ms  60.78 ms  24.32 ms  heap     22.19 ms   2.00 ms    121.0 µs      5.40 MB  5.63 MB  4.19 MB  5.63 MB        9     16.59 ms    6.53 µs           –         –      42    131.8 µs  71.53 MB  639.0 kB  █████████▍
            → 0

            $ goroscope gc --table stops --sort duration --limit 3 trace.out
            2 cycles, 3 pauses by the collector, 22.36 ms together, 22.19 ms the longest
            workers: 8.96 µs dedicated, 0 ns fractional, 462.5 µs idle; 10 assists took 16.68 ms
            17.41 % of the time of all procs was taken from the program
            3 of 7 rows are listed: see --offset and --limit

            Stops of the world    Count     Total    Median      99 %   Longest
            GC sweep termination      1  22.19 ms  22.19 ms  22.19 ms  22.19 ms
            GOMAXPROCS                3  10.29 ms  32.58 µs  10.24 ms  10.24 ms
            GC mark termination       2  167.7 µs  46.72 µs  121.0 µs  121.0 µs
            start trace               1   2.94 µs   2.94 µs   2.94 µs   2.94 µs

            Cause                    Begin       End  Duration  Cycle  Goroutine  Function             By
            GC sweep termination  36.46 ms  58.66 ms  22.19 ms      2  G68        main.together.func1  main.garbage.func1
            GOMAXPROCS            64.44 ms  74.68 ms  10.24 ms         G1         main.main            main.procs
            GC mark termination   60.66 ms  60.78 ms  121.0 µs      2  G70        main.together.func1  main.garbage.func1
            → 0

            $ goroscope gc --table assists --limit 3 --csv trace.out
            goroutine,function,count,ns,running_ns,longest_ns,longest_start_ns
            G70,main.together.func1,6,5706880,5706880,5426112,58984000
            G68,main.together.func1,1,3808256,4224,3808256,59200512
            G69,main.together.func1,1,3584512,8960,3584512,59081600
            → 0

        "#]],
    );
}

#[test]
fn scheduling_latency() {
    check(
        "scheduling_latency",
        &[
            &["latency", "--limit", "4", "--worst", "3", "trace.out"],
            &["latency", "--func", "main", "--sort", "p99", "--limit", "2", "--csv", "trace.out"],
        ],
        &expect![[r#"
            $ goroscope latency --limit 4 --worst 3 trace.out
            287 waits of goroutines that could run: 269.3 ms together, half up to 2.24 µs, 99 % up to 34.77 ms, the longest 44.96 ms; 4 more did not begin or end in the trace

            Cause      Waits     Total      Mean   Median      90 %      99 %    99.9 %   Longest
            created       60  215.5 ms   3.59 ms  9.15 µs  14.70 ms  44.96 ms  44.96 ms  44.96 ms
            unblocked    185  49.65 ms  268.4 µs  1.66 µs  18.88 µs  13.89 ms  26.13 ms  26.13 ms
            preempted     26   4.11 ms  158.0 µs  1.73 µs  13.89 µs   3.96 ms   3.96 ms   3.96 ms
            yielded       16   7.74 µs    484 ns   448 ns    768 ns   1.02 µs   1.02 µs   1.02 µs

            At least     Below  Waits     Total  Share of waits
               64 ns    128 ns      6    384 ns  ▎
              128 ns    256 ns     38   6.98 µs  █▍
              256 ns    512 ns     50  16.70 µs  █▊
              512 ns   1.02 µs     29  19.07 µs  █
             1.02 µs   2.05 µs     17  26.11 µs  ▋
             2.05 µs   4.10 µs     49  146.8 µs  █▊
             4.10 µs   8.19 µs     16  111.6 µs  ▌
             8.19 µs  16.38 µs     36  436.1 µs  █▎
            16.38 µs  32.77 µs      8  154.2 µs  ▎
            32.77 µs  65.54 µs      3  158.3 µs  ▏
            65.54 µs  131.1 µs      8  739.0 µs  ▎
            131.1 µs  262.1 µs      5  993.0 µs  ▏
            262.1 µs  524.3 µs      6   2.25 ms  ▎
            524.3 µs   1.05 ms      2   1.35 ms  ▏
             1.05 ms   2.10 ms      3   5.25 ms  ▏
             2.10 ms   4.19 ms      2   6.29 ms  ▏
             4.19 ms   8.39 ms      0         –
             8.39 ms  16.78 ms      2  28.59 ms  ▏
            16.78 ms  33.55 ms      4  103.9 ms  ▏
            33.55 ms  67.11 ms      3  118.8 ms  ▏

            Longest waits      From        To  Goroutine  Function             Cause    By
                 44.96 ms  75.89 ms  120.8 ms  G99        main.together.func1  created  G1 main.main
                 39.11 ms  75.89 ms  115.0 ms  G15        main.together.func1  created  G1 main.main
                 34.77 ms  75.89 ms  110.7 ms  G98        main.together.func1  created  G1 main.main

            Start function                                       Waits     Total      Mean    Median      90 %      99 %    99.9 %   Longest  Open  Open for  1 ns … 1 s
            main.together.func1                                    190  224.5 ms   1.18 ms   1.73 µs  87.42 µs  39.11 ms  44.96 ms  44.96 ms     0         –         ▇█▇▅█▄▇▃ ▄▂▂▂▂▂ ▂▃▃
            runtime.(*traceAdvancerState).start.func1               19  28.54 ms   1.50 ms   8.38 µs   1.90 ms  26.13 ms  26.13 ms  26.13 ms     0         –          ▄▄▆▅▅█ ▄  ▄ ▄   ▄
            runtime.bgsweep                                          2  14.10 ms   7.05 ms  208.1 µs  13.89 ms  13.89 ms  13.89 ms  13.89 ms     0         –                   █     █
            runtime/trace.(*traceMultiplexer).startLocked.func1     10  502.5 µs  50.25 µs   6.59 µs  48.51 µs  387.3 µs  387.3 µs  387.3 µs     0         –         █   █▆█▆▆  ▆
            → 0

            $ goroscope latency --func main --sort p99 --limit 2 --csv trace.out
            function,count,ns,mean_ns,p50_ns,p90_ns,p99_ns,p99_9_ns,max_ns,open,open_ns
            main.together.func1,190,224511168,1181638,1728,87424,39106624,44959616,44959616,0,0
            main.sockets.func1,6,125440,20907,128,124864,124864,124864,124864,0,0
            → 0

        "#]],
    );
}

#[test]
fn mutator_utilisation() {
    check(
        "mutator_utilisation",
        &[
            &["mmu", "--points", "6", "--percentiles", "on", "--window", "1ms", "--worst", "3", "trace.out"],
            &["mmu", "--view", "proc", "--sweep", "on", "--stw", "all", "--points", "3", "--csv", "trace.out"],
            &["mmu", "--points", "1", "--json", "trace.out"],
        ],
        &expect![[r#"
            $ goroscope mmu --points 6 --percentiles on --window 1ms --worst 3 trace.out
            mutator utilisation 82.59 % in the mean; 4 procs

            Worst windows      From        To
                    0.0 %  36.46 ms  37.46 ms
                    0.0 %  37.46 ms  38.46 ms
                    0.0 %  38.46 ms  39.46 ms

              Window   Least             99.9 % reach  99 % reach  95 % reach
             1.00 µs   0.0 %                    0.0 %       0.0 %       0.0 %
            10.64 µs   0.0 %                    0.0 %       0.0 %       0.0 %
            113.3 µs   0.0 %                    0.0 %       0.0 %       0.0 %
             1.21 ms   0.0 %                    0.0 %       0.0 %       0.0 %
            12.84 ms   0.0 %                    0.0 %       0.0 %       0.0 %
            136.6 ms  82.6 %  ████████▎        82.6 %      82.6 %      82.6 %
            → 0

            $ goroscope mmu --view proc --sweep on --stw all --points 3 --csv trace.out
            window_ns,mmu,mmu_bar,p99_9,p99,p95
            1000,0,0,,,
            369631,0,0,,,
            136627008,0.761019900252811,0.761019900252811,,,
            → 0

            $ goroscope mmu --points 1 --json trace.out
            {
              "answer": "mmu",
              "version": 1,
              "trace": "trace.out",
              "filter": "",
              "from": 0,
              "to": 136627008,
              "lost": 0,
              "view": "system",
              "stw": "gc",
              "background": true,
              "assist": true,
              "sweep": false,
              "gomaxprocs": {
                "value": 4,
                "known": true
              },
              "mean": 0.8258903539774508,
              "changes": 38,
              "curve": [
                {
                  "window": 1000,
                  "mmu": 0.0,
                  "p99_9": null,
                  "p99": null,
                  "p95": null
                }
              ],
              "worst": null
            }
            → 0

        "#]],
    );
}

#[test]
fn procs_and_threads() {
    check(
        "procs_and_threads",
        &[
            &["procs", "--cells", "16", "--worst", "3", "trace.out"],
            &["threads", "--limit", "3", "trace.out"],
            &["threads", "--sort", "syscalls", "--limit", "2", "--calls", "1", "--csv", "trace.out"],
        ],
        &expect![[r#"
            $ goroscope procs --cells 16 --worst 3 trace.out
            4 procs, which ran goroutines for 32.3 % of the time
            180 times goroutines could run while procs were idle: for 73.64 ms, in which these could have run for 143.5 ms
            GOMAXPROCS was 4, then 1 at 74.62 ms, 6 at 75.00 ms, 4 at 75.88 ms

            Over time                                 Most
            procs held              ▁▁▁▂▂▂▃▄▄▂▄▆▇█▇▃  4.0
            procs busy              ▁▁▁▂▂▂▃▃▂▂▄▆▇█▇▃  4.0
            ready goroutines, mean  ▁▁▁▁▂▂▂▂▃▆▅▄▄▂▁▁  6.0
            ready goroutines, most  █▂▄▂▄▂▃▄▇▆▆▄▅▅▂▂  9.0

            Missed most      From        To  Duration  World stopped  Ready goroutines  Idle procs
               64.89 ms  75.00 ms  108.7 ms  33.69 ms       42.56 µs  4.9, at most 7    2.0, at most 5
               45.48 ms  36.39 ms  59.08 ms  22.69 ms       22.19 ms  2.0, at most 4    3.0, at most 3
               28.51 ms  60.68 ms  74.62 ms  13.95 ms       10.29 ms  2.2, at most 4    2.1, at most 3

            Proc  First seen  Last seen  Busy   Over time          Running  GC worker   Runtime   Syscall  Scheduler      Idle  Starts  Stops  Thread changes  Retaken
               0        0 ns   136.6 ms  ███▋   ▁   ▁  ▁▃█████▆▁  50.32 ms   14.98 µs  24.83 µs         –   389.2 µs  85.88 ms      13     13               6        0
               1        0 ns   136.6 ms  █▍     ▁▁▁▁▁ ▁     ▃█▇   15.07 ms          –   3.41 ms  265.5 µs   615.7 µs  117.3 ms      47     47              32        0
               2        0 ns   136.6 ms  ████▌  ▁▁▁▁▁ ▂█▆ ▄████▇  61.00 ms    2.30 µs  694.8 µs   3.86 ms    2.00 ms  69.06 ms      45     46              37        1
               3        0 ns   136.6 ms  ████▉  ▁▁▁▁▆██▁▁ ▄████▄  39.05 ms   463.2 µs  26.39 ms  113.3 µs   11.89 ms  58.72 ms      53     52              41        0
               5    75.87 ms   136.6 ms                                  –          –         –         –     192 ns  60.76 ms       1      1               0        0
            → 0

            $ goroscope threads --limit 3 trace.out
            9 threads, which were there for 1.09 s together and ran goroutines for 17.9 % of it

            System calls             Count     Total   Longest
            runtime.(*profBuf).read      1  136.2 ms  136.2 ms
            syscall.read                22   3.35 ms   1.11 ms
            syscall.write               84  458.9 µs  198.5 µs
            syscall.bind                 1  178.3 µs  178.3 µs
            syscall.connect              1  66.88 µs  66.88 µs

            Thread  First seen  Last seen  Busy     Running  GC worker   Runtime   Syscall  Blocked syscall  Scheduler      Idle  Syscalls   Longest  Most in
            10450     733.1 µs   136.6 ms  █████   65.37 ms    1.28 µs   2.09 ms  48.13 µs                –   460.3 µs  67.92 ms        22   8.06 µs  syscall.write
            10449     714.3 µs   136.6 ms  ███▍    44.51 ms    1.15 µs  868.4 µs  168.4 µs                –    1.87 ms  88.49 ms        57  17.92 µs  syscall.write
            10467     58.59 ms   136.6 ms  █████▎  16.05 ms   14.53 µs  24.49 ms  45.31 µs                –   11.51 ms  25.93 ms        12  19.01 µs  syscall.write
            → 0

            $ goroscope threads --sort syscalls --limit 2 --calls 1 --csv trace.out
            thread,name,start_ns,end_ns,busy,running_ns,running_gc_ns,running_runtime_ns,syscall_ns,syscall_blocked_ns,scheduler_ns,idle_ns,off_cpu_ns,syscalls,longest_syscall_ns,function
            10449,,714304,136627008,0.3338995006677227,44511680,1152,868352,168448,0,1874112,88488960,,57,17920,syscall.write
            10446,,0,136627008,0.0022957686374863746,313216,0,448,82752,136229120,1472,0,,55,136229184,runtime.(*profBuf).read
            → 0

        "#]],
    );
}

#[test]
fn mistakes() {
    check(
        "runtime_mistakes",
        &[
            &["gc", "--func", "main", "trace.out"],
            &["gc", "--table", "stops", "--sort", "heap", "trace.out"],
            &["mmu", "--view", "both", "trace.out"],
            &["mmu", "--window", "0", "trace.out"],
            &["mmu", "--shortest", "2ms", "--longest", "1ms", "trace.out"],
            &["procs", "--cells", "0", "trace.out"],
            &["latency", "--order", "up", "trace.out"],
            &["threads", "--limit", "0", "trace.out"],
        ],
        &expect![[r#"
            $ goroscope gc --func main trace.out
            error: func does not apply to gc, which knows only from, to, min, max

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope gc --table stops --sort heap trace.out
            error: --table or --sort: "heap" is no choice: use one of start, duration, cause

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope mmu --view both trace.out
            error: --view: "both" is no choice: use one of system, proc

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope mmu --window 0 trace.out
            error: --window must be above 0

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope mmu --shortest 2ms --longest 1ms trace.out
            error: --shortest is above --longest

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope procs --cells 0 trace.out
            error: --cells must be from 1 to 4096

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope latency --order up trace.out
            error: --order: use one of asc, desc

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope threads --limit 0 trace.out
            9 threads, which were there for 1.09 s together and ran goroutines for 17.9 % of it

            System calls             Count     Total   Longest
            runtime.(*profBuf).read      1  136.2 ms  136.2 ms
            syscall.read                22   3.35 ms   1.11 ms
            syscall.write               84  458.9 µs  198.5 µs
            syscall.bind                 1  178.3 µs  178.3 µs
            syscall.connect              1  66.88 µs  66.88 µs


            → 0

        "#]],
    );
}
