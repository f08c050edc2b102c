# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Hosts in awkward situations go on as they would without the tracker.
. "$TOP_SRCDIR/tests/tap.sh"
module=$MODULES/edges.so
format=json
cp "$module" second.so

# goes_on NAME SITUATION ...: the host says that all is well
goes_on() {
	name=$1; shift
	output=$(timeout -s KILL 120 env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="leaks=reclaim,report=$PWD/report.jsonl,format=$format,quiet" \
		"$PROGRAMS/hosts/edges_host" "$module" "$@" 2>&1)
	is "$name" "$? $output" "0 all is well"
}

goes_on "a fork while another thread flushes a module's stream" flush
goes_on "a child of _Fork, which calls no handlers, finds no lock held" _Fork
goes_on "what a child in the host's memory opens is its own" clone
for spare in 1 2 3; do
	goes_on "a thread that waits for all signals gets none of ours, $spare descriptors being left" descriptors $spare
done
goes_on "nor does one whose stack can't be followed" sigwait
goes_on "the smallest stack that a thread may have is enough for a dlclose" small
goes_on "no signal comes to a signal stack that has no room for it" signal-stack
mkfifo fifo
goes_on "a stream that a thread reads from is not waited for" reading
format=text
goes_on "also when a report is written for people" small
done_testing
