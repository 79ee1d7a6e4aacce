#!/bin/sh
# Lists every trace of this directory with Go's own tool, into golden/.
#
# usage: golden.sh GO
#
# GO is the go command of release 1.27.3.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
go=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Go prints wall clocks in local time.
export GOTOOLCHAIN=local GOFLAGS= TZ=UTC
case $("$go" version) in
*" go1.27.3 "*) ;;
*) echo "golden.sh: the goldens are made with Go 1.27.3" >&2 && exit 1 ;;
esac
"$go" build -trimpath -o "$scratch/trace" cmd/trace

# Go's summariser of goroutines, with a reader that does not move times.
module=$scratch/goroutines
mkdir "$module"
cp -r "$("$go" env GOROOT)/src/internal/trace" "$module/trace"
cp "$here"/programs/goroutines/* "$module"
find "$module/trace" -name '*_test.go' -delete
rm -rf "$module/trace/testdata" "$module/trace/testtrace" "$module/trace/raw" "$module/trace/internal/testgen"
find "$module" -name '*.go' -exec sed -i 's#"internal/trace#"goroutines/trace#' {} +
sed -i 's#e.base.time = r.lastTs + 1#return#' "$module/trace/reader.go"
sed -i 's#base.time = it.lastTs + 1#base.time += 0#' "$module/trace/tracev1.go"
(cd "$module" && "$go" build -trimpath -o "$scratch/summary" .)
mkdir "$module/mmu"
cp "$here/programs/mmu/main.go" "$module/mmu"
(cd "$module" && "$go" build -trimpath -o "$scratch/utilisation" ./mmu)

# What the runtime printed while a trace was recorded stays.
find "$here/golden" -type f ! -name "*.gctrace.txt" -delete
for packed in "$here"/*.trace.zst; do
	name=$(basename "$packed" .trace.zst)
	zstd -q -d -f "$packed" -o "$scratch/$name.trace"
	if ! "$scratch/trace" -d=parsed "$scratch/$name.trace" >"$scratch/parsed" 2>"$scratch/error"; then
		# Go's reader gives up: the listing is what it printed before.
		cp "$scratch/error" "$here/golden/$name.error.txt"
	fi
	zstd -q -19 -f "$scratch/parsed" -o "$here/golden/$name.parsed.zst"
	if "$scratch/summary" "$scratch/$name.trace" >"$scratch/goroutines.txt" 2>/dev/null; then
		zstd -q -19 -f "$scratch/goroutines.txt" -o "$here/golden/$name.goroutines.zst"
	fi
	# The utilisation for every choice of what counts, of a few.
	case $name in
	collect-1.22 | collect-1.27 | mix-1.22 | mix-1.25 | mix-1.27 | steps-1.23 | steps-1.27 | pubsub-serial)
		"$scratch/utilisation" "$scratch/$name.trace" >"$scratch/listing"
		zstd -q -19 -f "$scratch/listing" -o "$here/golden/$name.mmu.zst"
		;;
	esac
	# Profiles, of a few.
	case $name in
	mix-1.19 | mix-1.21 | mix-1.22 | mix-1.24 | mix-1.27 | coro-1.27 | callback-1.27 | flight-1.25 | late-1.27 | steps-1.27 | pubsub-serial)
		for kind in net sync syscall sched; do
			"$scratch/trace" -pprof=$kind "$scratch/$name.trace" >"$here/golden/$name.$kind.pb.gz"
		done
		;;
	esac
	# What stands in the file, of a few. Go's tool cannot tell it of the old format.
	case $name in
	allocfree-1.27 | callback-1.25 | mix-1.23 | names-1.22 | names-1.27)
		for mode in wire footprint; do
			"$scratch/trace" -d=$mode "$scratch/$name.trace" >"$scratch/listing"
			zstd -q -19 -f "$scratch/listing" -o "$here/golden/$name.$mode.zst"
		done
		;;
	tasks-*)
		"$here/pages.sh" "$scratch/trace" "$scratch/$name.trace" 7180 >"$scratch/listing"
		zstd -q -19 -f "$scratch/listing" -o "$here/golden/$name.pages.zst"
		;;
	esac
done
