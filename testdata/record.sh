#!/bin/sh
# Records the traces of this directory again.
#
# usage: record.sh TOOLCHAINS [NAME...]
#
# TOOLCHAINS is a directory that holds Go releases as go1.22.10, go1.23.9 and
# so on; NAME picks traces by the name of their file, without ".trace.zst".
# A new recording is a new trace: run golden.sh afterwards.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
toolchains=$1
shift
wanted=$*
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# record NAME RELEASE DIRECTORY PACKAGE [ARGUMENT...]: builds the package with
record() {
	name=$1 release=$2 dir=$3 package=$4
	shift 4
	case " $wanted " in
	"  " | *" $name "*) ;;
	*) return 0 ;;
	esac
	export GOTOOLCHAIN=local GOFLAGS=
	case $release in
	1.19.* | 1.21.*)
		# They refuse the module, which is for newer releases.
		mkdir -p "$scratch/gopath/src"
		cp -r "$dir" "$scratch/gopath/src/"
		(
			cd "$scratch/gopath/src/$(basename "$dir")"
			GO111MODULE=off GOPATH="$scratch/gopath" "$toolchains/go$release/bin/go" \
				build -trimpath -o "$scratch/program" "$package"
		)
		;;
	*)
		(
			cd "$dir"
			"$toolchains/go$release/bin/go" build -trimpath -buildvcs=false -o "$scratch/program" "$package"
		)
		;;
	esac
	(cd "$scratch" && GOMAXPROCS=4 ./program "$@")
	zstd -q -19 -f "$scratch/out.trace" -o "$here/$name.trace.zst"
	printf '%-24s %8d bytes\n' "$name" "$(wc -c <"$here/$name.trace.zst")"
	rm "$scratch/out.trace"
}

pubsub=$here/../examples/pubsub-go
programs=$here/programs

GOGC=200 record pubsub-serial 1.27.3 "$pubsub" . -mode serial -o out.trace -cpuprofile cpu.pprof
GOGC=200 record pubsub-concurrent 1.27.3 "$pubsub" . -mode concurrent -o out.trace

for release in 1.19.8 1.21.13 1.22.10 1.23.9 1.24.11 1.25.5 1.26.6 1.27.3; do
	record "mix-${release%.*}" $release "$programs" ./mix out.trace samples
done
for release in 1.23.9 1.27.3; do
	record "coro-${release%.*}" $release "$programs" ./coro out.trace
	GODEBUG=traceallocfree=1 record "allocfree-${release%.*}" $release "$programs" ./coro out.trace
done
for release in 1.23.9 1.27.3; do
	GODEBUG=traceadvanceperiod=8000000 record "steps-${release%.*}" $release "$programs" ./mix out.trace samples
done
for release in 1.25.5 1.27.3; do
	record "flight-${release%.*}" $release "$programs" ./flight out.trace
done
for release in 1.22.10 1.25.5 1.27.3; do
	record "callback-${release%.*}" $release "$programs" ./callback out.trace
	record "late-${release%.*}" $release "$programs" ./late out.trace
done
for release in 1.21.13 1.22.10 1.27.3; do
	record "names-${release%.*}" $release "$programs" ./names out.trace
done
for release in 1.21.13 1.22.10 1.25.5 1.27.3; do
	record "tasks-${release%.*}" $release "$programs" ./tasks out.trace 60
done
for release in 1.22.10 1.27.3; do
	# What the runtime prints of each collection is a golden of its own.
	GODEBUG=gctrace=1 record "collect-${release%.*}" $release "$programs" ./collect out.trace 2>"$scratch/gctrace"
	grep '^gc ' "$scratch/gctrace" >"$here/golden/collect-${release%.*}.gctrace.txt" || true
done
record misuse-1.27 1.27.3 "$programs" ./misuse out.trace
record crowd-1.27 1.27.3 "$programs" ./crowd out.trace
