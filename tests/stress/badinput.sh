#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# The tracker meets wrong options, files that can't be written and memory that runs out: its host must not notice.
. "$TOP_SRCDIR/tests/tap.sh"

host=$PROGRAMS/stress/plain_host
module=$MODULES/stress_frugal.so
failing=$MODULES/stress_failing.so

# run NAME=VALUE ...: the host's output and exit status; its stderr is in `errors`
run() { env "$@" "$host" "$module" 2>errors </dev/null; echo "status $?"; }
tracked() { run LD_PRELOAD="$RELIB_TRACKER" "$@"; }
warnings() { grep -c "$1" errors; }

usual=$(run)
contains 'the host runs without the tracker' "$usual" 'met 2047
close 0
own 1
status 7'

# -- options

is 'no option at all' "$(tracked)" "$usual"
contains 'without options the report is on stderr' "$(cat errors)" frugal_leak
is 'an empty RELIB_TRACK' "$(tracked RELIB_TRACK=)" "$usual"

is 'an unknown option: the host runs as ever' \
	"$(tracked RELIB_TRACK="bogus=1,report=$PWD/a.jsonl,quiet")" "$usual"
is 'an unknown option: one warning names it' "$(warnings bogus)" 1
is 'an unknown option: nothing else is said' "$(grep -vc bogus errors)" 0
is 'an unknown option: the rest holds' "$(grep -c '"type": *"unload"' a.jsonl)" 2
for wrong in leaks=banana format=banana stacks=banana stacks=-1 leaks ,,, =x report=; do
	is "RELIB_TRACK=$wrong: the host runs as ever" "$(tracked RELIB_TRACK="quiet,$wrong")" "$usual"
	[ "$wrong" = ,,, ] || is "RELIB_TRACK=$wrong: one line of warning" "$(wc -l <errors | tr -d ' ')" 1
done
long=$(printf '%05000d' 0)
is 'an option of 5,000 characters' "$(tracked RELIB_TRACK="$long,quiet")" "$usual"
is 'a path of 5,000 characters' "$(tracked RELIB_TRACK="report=/tmp/$long,quiet")" "$usual"

# -- reports that can't be written

# unwritable NAME PATH: the host runs as ever, and one warning names the path
unwritable()
{
	is "$1: the host runs as ever" "$(tracked RELIB_TRACK="report=$2,quiet")" "$usual"
	is "$1: one warning names the path" "$(warnings "$2")" 1
}
unwritable 'a report in a folder that is not there' "$PWD/nowhere/report.jsonl"
unwritable 'a report on a folder' "$PWD"
if [ -c /dev/full ]; then
	unwritable 'a full disk' /dev/full
else
	skip 'a full disk' 'no /dev/full here'
fi
if [ "$(id -u)" != 0 ]; then
	mkdir closed && chmod 0 closed
	unwritable 'a report in a folder without permission' "$PWD/closed/report.jsonl"
	chmod 700 closed
else
	skip 'a report in a folder without permission' 'root may write anywhere'
fi
unlimited=$(ulimit -f)
is 'a limit on file size: the host runs as ever' \
	"$( (ulimit -S -f 0; trap '' XFSZ; tracked RELIB_TRACK="report=$PWD/b.jsonl,quiet" 2>/dev/null) )" "$usual"
is 'stderr is closed: the host runs as ever' \
	"$(env LD_PRELOAD="$RELIB_TRACKER" "$host" "$module" 2>&-; echo "status $?")" "$usual"
is 'stderr is a pipe that no one reads: the host ends as it would' \
	"$( { { env LD_PRELOAD="$RELIB_TRACKER" sh -c 'trap "" PIPE; exec "$0" "$1"' "$host" "$module"; echo "status $?" >&3; } 2>&1 >&3 |
		true; } 3>&1)" "$usual"

# -- memory runs out

# In each of these the tracker's own allocations are counted too (a thread-local word of libunwind's), so the Nth is not
# the same one as without it: what the host does must be among what it does without the tracker, for some N.

# outcomes N VARIABLE PRELOAD [NAME=VALUE ...]: writes one line for each outcome of the variable from 1 to N
outcomes()
{
	last=$1 variable=$2 preload=$3; shift 3
	for n in $(seq "$last"); do
		run LD_PRELOAD="$preload" "$variable=$n" "$@" | tr '\n' ' '
		echo
	done
}
# among NAME VARIABLE [NAME=VALUE ...]
among()
{
	name=$1 variable=$2; shift 2
	{ outcomes 60 "$variable" "$failing" "$@"; outcomes 1 NOTHING ''; } | sort -u >wanted
	for leaks in report reclaim; do
		outcomes 60 "$variable" "$RELIB_TRACKER $failing" RELIB_TRACK="leaks=$leaks,quiet,report=$PWD/c.jsonl" "$@" |
			sort -u >got
		is "$name, leaks=$leaks: the host does what it does without the tracker" "$(comm -23 got wanted)" ''
	done
	[ "$(wc -l <wanted)" -gt 3 ] || [ "${variable#FAIL_MALLOC}" = "$variable" ] ||
		fail "$name: the host notices" "$(cat wanted)"
}
among 'the 1st, 2nd ... 60th allocation fails' FAIL_MALLOC
among 'all from the 1st, 2nd ... 60th allocation fail' FAIL_MALLOC_FROM
among 'the same, at the first dlopen' FAIL_MALLOC STRESS_ARM_EARLY=yes
among 'the same, all from the first dlopen' FAIL_MALLOC_FROM STRESS_ARM_EARLY=yes
# These don't reach libc's own mmap: only the tracker's fails.
among 'the 1st, 2nd ... 60th mmap of the tracker fails' FAIL_MMAP
among 'all from the 1st, 2nd ... 60th mmap of the tracker fail' FAIL_MMAP_FROM
run LD_PRELOAD="$RELIB_TRACKER $failing" FAIL_MMAP_FROM=1 >/dev/null
[ ! -s errors ] || echo "# with no mmap at all: $(head -n 1 errors)"

# Address space: the tracker's own libraries take some, so what fits without it need not fit with it.
# `ulimit -v` counts KiB.
room=$((24 * 1024))
wrong=
for limit in $(seq 4096 4096 131072) 200000 300000 1000000 5000000; do
	less=$( (ulimit -v $((limit > room ? limit - room : 1)); run) 2>/dev/null)
	got=$( (ulimit -v $limit; tracked RELIB_TRACK=quiet) 2>/dev/null)
	case $got in
	*'status 139' | *'status 134' | *'status 136' | *'status 138') wrong="$wrong; $limit KiB: it crashed: $got" ;;
	esac
	[ "$less" != "$usual" ] || [ "$got" = "$usual" ] || wrong="$wrong; $limit KiB: $got $(head -n 2 errors)"
done
is 'with little address space the host runs as ever, or does not start' "$wrong" ''
done_testing
