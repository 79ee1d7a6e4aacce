#!/bin/sh
# Prints what Go's trace viewer says about the tasks and regions of a trace, as text.
#
# usage: pages.sh VIEWER TRACE PORT
#
# VIEWER is cmd/trace of Go 1.27.3, built; PORT is one that nobody listens on.
set -eu

viewer=$1
trace=$2
host=localhost:$3

"$viewer" -http="$host" "$trace" >/dev/null 2>&1 &
viewer=$!
trap 'kill $viewer' EXIT
until curl -sf "http://$host/" >/dev/null; do sleep 0.2; done

# page PATH: the words of a page, a line for each row or cell, empty cells as "-"
page() {
	echo "== $1"
	curl -sf "http://$host$1" | sed '1,/<\/style>/d' | sed -e 's/<td><\/td>/<td>-<\/td>/g' -e 's/<[^>]*>/\t/g' |
		tr -s '\t ' '\t ' | sed -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' | grep -v -e '^$' -e '^&nbsp;$'
}

page /usertasks
page /usertask
page /userregions
curl -sf "http://$host/userregions" | grep -o 'href="/userregion?[^"]*"' | sed -e 's/^href="//' -e 's/"$//' | sort -u |
	while read -r path; do page "$path"; done
