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

rm -f "$here"/golden/*
for packed in "$here"/*.trace.zst; do
	name=$(basename "$packed" .trace.zst)
	zstd -q -d -f "$packed" -o "$scratch/$name.trace"
	if ! "$scratch/trace" -d=parsed "$scratch/$name.trace" >"$scratch/parsed" 2>"$scratch/error"; then
		# Go's reader gives up: the listing is what it printed before.
		cp "$scratch/error" "$here/golden/$name.error.txt"
	fi
	zstd -q -19 -f "$scratch/parsed" -o "$here/golden/$name.parsed.zst"
	# What stands in the file, of a few. Go's tool cannot tell it of the old format.
	case $name in
	allocfree-1.27 | callback-1.25 | mix-1.23 | names-1.22 | names-1.27)
		for mode in wire footprint; do
			"$scratch/trace" -d=$mode "$scratch/$name.trace" >"$scratch/listing"
			zstd -q -19 -f "$scratch/listing" -o "$here/golden/$name.$mode.zst"
		done
		;;
	esac
done
