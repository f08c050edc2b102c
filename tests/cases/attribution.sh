# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# For the attribution tests: runs a host under the tracker and keeps what it said and reported.
. "$TOP_SRCDIR/tests/tap.sh"

host=$PROGRAMS/retention/attr-host
host_cxx=$PROGRAMS/retention/attr-host-cxx

# tracked [VARIABLE=VALUE ...] PROGRAM ARGUMENTS: sets $status, $output (both streams) and $report (as attr-report prints it)
leaks=report
preload=$RELIB_TRACKER
tracked() {
	rm -f report.jsonl
	output=$(env "LD_PRELOAD=$preload" "RELIB_TRACK=leaks=$leaks,report=$PWD/report.jsonl,quiet" "$@" 2>&1)
	status=$?
	report=$("$PROGRAMS/retention/attr-report" report.jsonl 2>&1)
}

# survived NAME: the last tracked run ended well
survived() {
	if [ "$status" = 0 ]; then pass "$1"; else fail "$1" "exit status $status" "$output" "$report"; fi
}

# entry NAME FUNCTION COUNT BYTES [OBJECT]: exactly one entry of the heap ends in that function, with these figures
entry() {
	action=reported
	[ "$leaks" = report ] || action=released
	wanted=" heap $action $3 $4 $2 in ${5:-$object};"
	lines=$(printf '%s\n' "$report" | grep -F " $2 in ")
	case $lines in
	"$wanted"*) if [ "$(printf '%s\n' "$lines" | wc -l)" = 1 ]; then pass "$1"; return; fi ;;
	esac
	fail "$1" "wanted one line: $wanted" "got: ${lines:-$report}"
}

# no_entry NAME FUNCTION: nothing of that function is left
no_entry() {
	lines=$(printf '%s\n' "$report" | grep -F " $2 in ")
	is "$1" "$lines" ""
}

# total NAME BLOCKS [OBJECT]: as many blocks as that in the head of the object's report, and as many in its entries
total() {
	head=$(printf '%s\n' "$report" | grep -c "^${3:-$object} unloaded pid=[0-9]* blocks=$2 ")
	is "$1" "$head" 1
	[ "$head" = 1 ] || printf '%s\n' "$report" | sed 's/^/#   /'
}

# blocks_of NAME COUNT FUNCTION: all the entries of a function together
blocks_of() {
	is "$1" "$(printf '%s\n' "$report" | awk -v name="$3" '$5 == name { count += $3 } END { print count + 0 }')" "$2"
}
