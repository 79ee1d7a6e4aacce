#!/bin/sh
# Records the profiles beside this folder with a Go program, and what `go tool pprof` wrote of two of them.
# Times differ from run to run; the tests compare with goldens made of the committed files, so run `goldens.sh` after it.
set -eu
cd "$(dirname "$0")"
out=$(mktemp -d)
go build -trimpath -o "$out/demo" .
"$out/demo" "$out"
for name in cpu heap block mutex; do
    cp "$out/$name.pb.gz" ..
done
"$out/demo" "$out"
cp "$out/cpu.pb.gz" ../cpu-again.pb.gz
# An execution trace of Go 1.22 or later is the argument.
go tool trace -pprof=sched "$1" > ../trace-sched.pb.gz
for name in cpu heap; do
    go tool pprof -proto -output="../$name-written.pb.gz" "../$name.pb.gz"
done
