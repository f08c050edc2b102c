# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# The addresses of modules that have left are kept from others, as long as there is room for that.
. "$TOP_SRCDIR/tests/cases/kind.sh"
host=$PROGRAMS/hosts/quarantine_host goes=$MODULES/quarantine_goes.so stays=$MODULES/quarantine_stays.so

# tracked ARGUMENTS: the host's output in $output, reports in report.jsonl
tracked() {
	rm -f report.jsonl
	output=$(LD_PRELOAD=$RELIB_TRACKER RELIB_TRACK=leaks=reclaim,quiet,report=report.jsonl "$host" "$@" 2>&1)
}

# Ranges that touch are one to the kernel, however many modules were there.
output=$(LD_PRELOAD=$RELIB_TRACKER RELIB_TRACK=leaks=reclaim,quiet "$host" many "$MODULES/quarantine_stays.so" 2>&1)
is "the range of the last of 9,000 is kept" "$output" kept

# A sixteenth of the address space is soon full.
tracked limited "$goes" "$stays"
is "with little address space it is not" "$output" free
grep 'quarantine_stays\.so' report.jsonl | tail -n 1 >stays.jsonl
report=$("$PROGRAMS/retention/kind-report" stays.jsonl 2>&1)
is "what stays allocates at two places still, and no more" "$(echo "$report" | grep '^heap' | cut -d' ' -f1-4 | sort)" \
"heap released 40 leak
heap released 40 leak"
contains "and opens at one" "$report" "descriptor released 40 leak"
done_testing
