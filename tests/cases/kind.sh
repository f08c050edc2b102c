# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# For the tests of kinds: a module is run by relib-run, or by a host under the tracker, and its report looked at.
. "$TOP_SRCDIR/tests/tap.sh"

# run_module NAME: leaves $status, $output and $report, as retention/kind-report prints it
run_module() {
	rm -f report.jsonl
	output=$("$RELIB_RUN" --format json --report report.jsonl "$MODULES/$1.so" 2>&1 </dev/null); status=$?
	report=$("$PROGRAMS/retention/kind-report" report.jsonl 2>&1)
}

# hosted LEAKS MODULE SCENARIO: the same by hosts/kind_host, or by $kind_host; $kind_options are added to those of RELIB_TRACK
hosted() {
	rm -f report.jsonl
	output=$(timeout 300 env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="leaks=$1,report=$PWD/report.jsonl,quiet${kind_options:-}" \
		"$PROGRAMS/hosts/${kind_host:-kind_host}" "$MODULES/$2.so" "$3" 2>&1 </dev/null); status=$?
	report=$("$PROGRAMS/retention/kind-report" report.jsonl 2>&1)
}

# scenario LEAKS MODULE SCENARIO NAME: it went well
scenario() {
	hosted "$1" "$2" "$3"
	if [ "$status" = 0 ]; then pass "$4, leaks=$1"; else fail "$4, leaks=$1" "status $status" "$output" "$report"; fi
}

# run LEAKS STEPS ...: the steps, by $host; leaves $status, $output and $report (as text)
run() {
	leaks=$1; shift
	rm -f report.jsonl
	output=$(timeout 120 env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="leaks=$leaks,report=$PWD/report.jsonl,quiet" "$host" "$@" 2>&1)
	status=$?
	report=$("$TOP_BUILDDIR/tools/relib-report" report.jsonl 2>&1)
}
# things KIND: held and released, from the last report
things() { sed -n "s/.*\"$1\":{\"held\":\([0-9]*\),\"released\":\([0-9]*\).*/\1 \2/p" report.jsonl | tail -n 1; }

# line_with FILE TEXT: of the first line that has it
line_with() { grep -n "$2" "$TOP_SRCDIR/tests/modules/$1" | head -n 1 | cut -d: -f1; }
# line_of FILE NAME: that of the call in LEAK(NAME, ...
line_of() { line_with "$1" "LEAK[A-Z_]*($2,"; }

# entry NAME WANTED: exactly one line of the report starts so
entry() {
	lines=$(printf '%s\n' "$report" | grep -F -- "$2 ")
	case $lines in
	"$2 "*) if [ "$(printf '%s\n' "$lines" | wc -l)" = 1 ]; then pass "$1"; return; fi ;;
	esac
	fail "$1" "wanted one line: $2" "got: ${lines:-none of $(printf '%s\n' "$report" | wc -l) lines}"
}
