#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Libraries of the system, with threads, timers, sockets and files, loaded as modules by a host of ours: refused while their
# threads run, settled when these have ended, and nothing of them is left after a hundred times.
. "$TOP_SRCDIR/tests/tap.sh"
host=$PROGRAMS/hosts/real_host

# libc's arenas come with threads and stay; with one, what grows is what is left.
export MALLOC_ARENA_MAX=1
# What grew would be a module's record and tables (100 kB a round) or its descriptors' memory, a hundred times.
tolerance_kib=1500

# run OPTIONS LIBRARY WAY [ROUNDS]: sets $status, $output and $errors
run()
{
	options=$1; shift
	rm -f report.jsonl
	output=$(timeout 120 env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="$options" "$host" "$@" 2>errors)
	status=$?
	errors=$(cat errors)
}
# ledger FILE: what the reports say of $file
ledger() { "$PYTHON3" "$TOP_SRCDIR/tests/hosts/ledger" report.jsonl "$file" 2>&1; }
# entry NAME PARTS ...: one line of $found has all of them
entry()
{
	name=$1; shift
	lines=$found
	for part; do lines=$(printf '%s\n' "$lines" | grep -F -e "$part"); done
	[ -n "$lines" ] && pass "$name" || fail "$name" "wanted one line with: $*" "got: $found"
}
# same NAME: after many rounds the process is what it was
same()
{
	echo "# $1: $output"
	case $output in
	"the same; memory "*)
		pass "$1: descriptors, mappings, signals, threads and timers are the same" ;;
	*)
		fail "$1: descriptors, mappings, signals, threads and timers are the same" "exit status $status" "$output" "$errors" ;;
	esac
	set -- "$1" $(printf '%s\n' "$output" | sed -n 's/.*memory \(-*[0-9]*\) KiB, of it resident \(-*[0-9]*\) KiB.*/\1 \2/p')
	[ "${2-$((tolerance_kib + 1))}" -le $tolerance_kib ] && [ "$3" -le $tolerance_kib ] &&
		pass "$1: memory does not grow" || fail "$1: memory does not grow" "$output"
}

# library NAME FILE PACKAGE: $threads are the names of its threads, one for a line, or nothing
library()
{
	name=$1 file=$2
	run quiet "$name" loader 2
	if [ $status = 77 ]; then
		skip "$name" "no $file here: apt-get install $3"
		return 1
	fi
	for leaks in report reclaim; do
		[ -n "$threads" ] || continue
		run "leaks=$leaks" "$name" abandoned
		is "$name, closed while its threads run, leaks=$leaks: it goes on working until they have ended" \
			"$status $output" "0 stopped
gone"
		contains "$name, leaks=$leaks: it is said why" "$errors" "$file is kept mapped: "
	done
	run quiet,leaks=reclaim "$name" dlopen 100
	same "$name, dlopen and dlclose"
	run quiet "$name" loader 100
	same "$name, loader"
	if [ -n "$threads" ]; then
		run quiet "$name" refused
		contains "$name: refused while its threads run" "$output" "$file was not unloaded: "
		for thread in $threads; do contains "$name: names its thread" "$output" "$thread"; done
		is "$name: and unloaded when they have ended" "$status $(printf '%s\n' "$output" | tail -n 1)" "0 unloaded"
		found=$(ledger)
		is "$name: the report of the refusal" "$(printf '%s\n' "$found" | sed -n 's/^\(refused\) .*/\1/p')" refused
	else
		run "report=$PWD/report.jsonl,leaks=reclaim,quiet" "$name" dlopen 1
		found=$(ledger)
	fi
	# Of the last unload
	found=$(printf '%s\n' "$found" | sed -n '/^unloaded/h; /^unloaded/!H; ${x; p}')
	lacks "$name: all that is left is given back" "$found" ' reported '
}

threads=MHD-single
if library microhttpd libmicrohttpd.so.12 libmicrohttpd12; then
	entry "microhttpd: the socket that listens" '- descriptor released 1 0 socket < ' 'socket 0.0.0.0:'
	entry "microhttpd: the connection that was open" '- descriptor released 1 0 accept4 < ' 'socket 127.0.0.1:'
	entry "microhttpd: what it waits with" '- descriptor released 1 0 epoll_create1 < ' 'eventpoll'
	entry "microhttpd: memory, with the function" '- heap released ' MHD_start_daemon
fi
threads='ZMQbg/Reaper
ZMQbg/IO/0'
if library zmq libzmq.so.5 libzmq5; then
	entry "zmq: a descriptor" '- descriptor released 1 0 eventfd < ' 'eventfd'
	entry "zmq: a context, with the function" '- heap released 1 ' zmq_ctx_new
	entry "zmq: timers, with the function" '- heap released 1 ' zmq_timers_new
fi
threads=real_host
if library uv libuv.so.1 libuv1; then
	entry "uv: the file that a thread of it opened" '- descriptor released 1 0 open < ' '/left'
	entry "uv: the socket that listens" '- descriptor released 1 0 socket < ' 'socket 127.0.0.1:'
	entry "uv: the connection" '- descriptor released 1 0 accept4 < ' 'socket 127.0.0.1:'
	entry "uv: the eventfd, with the function" '- descriptor released 1 0 eventfd < uv_async_init'
	entry "uv: the folder it watches, with the function" '- descriptor released 1 0 inotify_init1 < uv_fs_event_start' inotify
	entry "uv: the signal that it handles" '- signal-handler released 1 0 sigaction < ' SIGUSR1
	entry "uv: the loop, with the function" '- heap released 1 ' uv_loop_init
fi
threads='rdk:main
rdk:mock
rdk:broker1'
if library rdkafka librdkafka.so.1 librdkafka1; then
	entry "rdkafka: a configuration, with the function" '- heap released 1 ' rd_kafka_conf_new
	entry "rdkafka: the strings in it" '- heap released ' 'strdup < '
fi
threads=
if library event libevent-2.1.so.7 libevent-2.1-7; then
	entry "event: the socket that listens" '- descriptor released 1 0 socket < ' 'socket 127.0.0.1:'
	entry "event: the timer" '- descriptor released 1 0 timerfd_create < ' timerfd
	entry "event: the signal that it handles" '- signal-handler released 1 0 sigaction < ' SIGUSR1
	entry "event: the server, with the function" '- heap released ' evconnlistener_new
	entry "event: what is to happen, with the function" '- heap released ' event_new
fi
threads=real_host
library gomp libgomp.so.1 libgomp1
done_testing
