#!/bin/sh
# Makes the goldens: what `go tool pprof` (Go 1.26) prints about the profiles beside this folder.
# The first line of each is the command line, which the tests read. Where frames tie in a report, pprof prints them in
# any order, so a golden that differs from run to run is not kept.
set -eu
cd "$(dirname "$0")/.."
export TZ=UTC
rm -f golden/*
number=0
golden() {
    number=$((number + 1))
    file=$(printf 'golden/%02d%s.txt' "$number" "$(printf '%s' "$1" | tr -c 'a-z\n' '-')")
    { echo "$*"; go tool pprof -symbolize=none "$@" 2> /dev/null; } > "$file"
    for again in 1 2 3; do
        { echo "$*"; go tool pprof -symbolize=none "$@" 2> /dev/null; } | cmp -s - "$file" || rm -f "$file"
    done
}
for name in cpu heap block mutex trace-sched; do
    golden -top "$name.pb.gz"
    golden -top -cum -nodecount=10 "$name.pb.gz"
    golden -tree -nodecount=12 "$name.pb.gz"
    golden -peek=main "$name.pb.gz"
done
golden -traces cpu.pb.gz
golden -traces -lines block.pb.gz
golden -top -lines cpu.pb.gz
golden -top -filefunctions -nodefraction=0.02 heap.pb.gz
golden -top -addresses -nodecount=20 cpu.pb.gz
golden -top -noinlines cpu.pb.gz
golden -top -sample_index=alloc_space -unit=kb heap.pb.gz
golden -top -sample_index=0 mutex.pb.gz
golden -top -mean block.pb.gz
golden -top -focus=main -ignore=fmt cpu.pb.gz
golden -traces -hide=runtime -show_from=main cpu.pb.gz
golden -top -show=main -relative_percentages cpu.pb.gz
golden -top -prune_from=^runtime cpu.pb.gz
golden -traces -tagfocus=worker=alpha,beta -taghide=size cpu.pb.gz
golden -top -tagfocus=4kb:64kb heap.pb.gz
golden -top -tagignore=worker:gamma cpu.pb.gz
golden -tree -lines -edgefraction=0.1 -nodefraction=0.05 cpu.pb.gz
golden -top -base=cpu.pb.gz cpu-again.pb.gz
golden -top -diff_base=cpu.pb.gz cpu-again.pb.gz
golden -top -normalize -diff_base=cpu.pb.gz cpu-again.pb.gz
golden -top -drop_negative -base=cpu.pb.gz cpu-again.pb.gz
golden -top cpu.pb.gz cpu-again.pb.gz
golden -tags cpu.pb.gz
golden -tags -tagfocus=4kb:64kb -unit=kb heap.pb.gz
golden -raw cpu.pb.gz
golden -raw -hide=runtime -tagshow=worker -tagleaf=worker,size -tagroot=bytes cpu.pb.gz
golden -raw trace-sched.pb.gz
golden -top -tagroot=worker -tagleaf=size cpu.pb.gz
golden -traces -tagroot=worker,size -focus=alpha cpu.pb.gz
golden -tree -tagleaf=bytes -unit=kb -nodecount=12 heap.pb.gz
golden -top -divide_by=7 cpu.pb.gz
golden -top -divide_by=0.001 block.pb.gz
golden -traces -divide_by=3 mutex.pb.gz
