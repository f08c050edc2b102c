# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# For test scripts: `. "$TOP_SRCDIR/tests/tap.sh"`, then ok, is, contains, skip ... and done_testing at the end.
# A test runs in a folder of its own, $PWD, which is removed when it ends well.

set -u
tap_count=0
tap_failed=0
tap_folder=$(mktemp -d "${TMPDIR:-/tmp}/relib-test.XXXXXX") || exit 99
cd "$tap_folder" || exit 99
trap 'cd /; rm -rf "$tap_folder"' EXIT
unset RELIB_TRACK LD_PRELOAD NO_COLOR MAKEFLAGS MFLAGS MAKELEVEL
export LC_ALL=C.UTF-8

# pass NAME; fail NAME [WHY ...]
pass() { tap_count=$((tap_count + 1)); echo "ok $tap_count - $1"; }
fail() {
	tap_count=$((tap_count + 1)); tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"; shift
	for line in "$@"; do printf '%s\n' "$line" | sed 's/^/#   /'; done
}
# skip NAME WHY
skip() { tap_count=$((tap_count + 1)); echo "ok $tap_count - $1 # SKIP $2"; }

# ok NAME COMMAND ...: the command succeeds
ok() {
	tap_name=$1; shift
	if tap_output=$("$@" 2>&1); then pass "$tap_name"; else fail "$tap_name" "exit status $? of: $*" "$tap_output"; fi
}
# is NAME GOT WANTED: the same text
is() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "got:    $2" "wanted: $3"; fi; }
# contains NAME TEXT PART; lacks NAME TEXT PART: plain text, no pattern
contains() { case $2 in *"$3"*) pass "$1" ;; *) fail "$1" "wanted somewhere: $3" "got: $2" ;; esac; }
lacks() { case $2 in *"$3"*) fail "$1" "wanted nowhere: $3" "got: $2" ;; *) pass "$1" ;; esac; }

done_testing() { echo "1..$tap_count"; [ "$tap_failed" = 0 ]; }
