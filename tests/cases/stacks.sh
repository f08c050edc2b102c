# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# A host that knows nothing of relib closes a module while one of its threads is in it: it stays until that has left it.
. "$TOP_SRCDIR/tests/tap.sh"
module=$MODULES/stacks.so
source=$TOP_SRCDIR/tests/modules/stacks.c

# run WHERE: sets $status, $output and $report (as text)
run() {
	rm -f report.jsonl
	output=$(timeout 120 env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="report=$PWD/report.jsonl,quiet" \
		"$PROGRAMS/hosts/stacks_host" "$module" "$1" 2>&1)
	status=$?
	report=$("$TOP_BUILDDIR/tools/relib-report" report.jsonl 2>&1 | sed 's/thread [0-9]* /thread N /')
}
line() { grep -n "$1" "$source" | head -n 1 | cut -d: -f1; }

run poll
is "the module stays while a thread is in it" "$status $output" "0 dlclose: 0
after dlclose: there
after the thread: gone"
is "the report names the thread, the function and the line" "$report" "relib: stacks.so is kept mapped: a thread is in a function of it
  thread N \"pool-0\"   is in stacks_poll   stacks.c:$(line 'the line of poll')
  it is let go at the next dlopen or dlclose after that has ended"
contains "so does its JSON" "$(cat report.jsonl)" '"inside":true'

gone="0 dlclose: 0
after dlclose: gone
after the thread: gone"
run host
is "a thread that is asleep in the host is no reason" "$status $output" "$gone"
is "nor is there anything to say" "$report" ""
run spin
is "one that runs in the host is none either" "$status $output" "$gone"
run spin-blocked
is "one that can't be looked at is none" "$status $output" "$gone"
is "but it is named" "$report" "relib: stacks.so unloaded
  thread N \"pool-0\" was not looked at: it blocks signals"
done_testing
