#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# An unmodified redis-server, which has an allocator of its own (jemalloc), and its modules under the tracker.
. "$TOP_SRCDIR/tests/tap.sh"

server=$(command -v redis-server) || {
	# Debian's redis-tools has the whole server under another name; the name it is called by decides.
	if checker=$(command -v redis-check-rdb) && command -v redis-cli >/dev/null; then
		ln -s "$(readlink -f "$checker")" redis-server
		server=$PWD/redis-server
	else
		echo "1..0 # SKIP no redis here: apt-get install redis-tools"
		exit 0
	fi
}

pid=
cli() { redis-cli -s "$PWD/socket" "$@" 2>&1; }
alive() { kill -0 "$pid" 2>/dev/null; }
stop()
{
	[ -n "$pid" ] || return 0
	cli SHUTDOWN NOSAVE >/dev/null
	for i in $(seq 500); do alive || break; sleep 0.01; done
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	pid=
}
trap 'stop; cd /; rm -rf "$tap_folder"' EXIT

# start COMMAND ...: runs it with the server's arguments, until the server answers
start()
{
	stop
	rm -f socket report.jsonl
	"$@" --port 0 --unixsocket "$PWD/socket" --save '' --enable-module-command yes >server.log 2>errors &
	pid=$!
	for i in $(seq 1000); do
		[ "$(cli PING)" = PONG ] && return 0
		alive || break
		sleep 0.01
	done
	fail "the server starts: $1" "$(tail -5 server.log errors)"
	return 1
}

# answers NAME: the server lives, and reads and writes
answers()
{
	is "$1: the server answers" "$(cli PING; cli SET key "$1"; cli GET key)" "PONG
OK
$1"
}
ledger() { "$PYTHON3" "$TOP_SRCDIR/tests/hosts/ledger" "$@" 2>&1; }
resident_kib() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }

# new_reports MODULE: those that came since report.jsonl had $seen lines
new_reports()
{
	for i in $(seq 500); do
		tail -n "+$((seen + 1))" report.jsonl >new.jsonl
		[ ! -s new.jsonl ] || break
		sleep 0.01
	done
	ledger new.jsonl "$1"
}
# The server's: relib-run stays beside the program that it runs.
server_pid() { cli INFO server | sed -n 's/^process_id:\([0-9]*\).*/\1/p'; }

# leaks NAME RELEASED: loads and unloads the leaky module, and looks at what was said
leaks()
{
	seen=$(wc -l <report.jsonl)
	is "$1: the module loads, works and is unloaded" \
		"$(cli MODULE LOAD "$MODULES/host_redis_leaky.so"; cli LEAKY.FILL 1000; cli MODULE UNLOAD leaky)" "OK
1000
OK"
	answers "$1"
	found=$(new_reports host_redis_leaky.so)
	is "$1: the ledger's sums" "$(printf '%s\n' "$found" | sed -n 1p)" "unloaded 1003 1200075 $2 0"
	contains "$1: the function that leaked most" "$found" "1000 1200000 cache_fill"
	contains "$1: the function that leaked by strdup" "$found" "3 75 strdup < remember_name"
	is "$1: the module is out of the server's memory" "$(grep -c host_redis_leaky "/proc/$(server_pid)/maps")" 0
}

# -- what a module leaks

options=report=$PWD/report.jsonl
if start env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="$options" "$server"; then
	leaks 'LD_PRELOAD' 0
	contains 'LD_PRELOAD: the report on stderr names the function' "$(cat errors)" cache_fill
	leaks 'LD_PRELOAD, once more' 0
fi
options=report=$PWD/report.jsonl,leaks=reclaim,quiet
if start env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="$options" "$server"; then
	leaks 'leaks=reclaim' 1003
	leaks 'leaks=reclaim, once more' 1003
	is 'quiet: nothing on stderr' "$(cat errors)" ''
fi
if start "$RELIB_RUN" --report report.jsonl --format json -- "$server"; then
	leaks 'relib-run' 0
fi

# -- what a hundred cycles cost the server

# What grew would be a module's image (16 kB and more), its table of 100 kB, or the tracker's knowledge of it, 80 times.
tolerance_kib=1024
cycles() # COUNT
{
	for i in $(seq "$1"); do
		printf 'MODULE LOAD %s\nCLEAN.WORK 200\nMODULE UNLOAD clean\n' "$MODULES/host_redis_clean.so"
	done | cli | sort | uniq -c | awk '{ printf "%s of %s, ", $1, $2 }'
}
if start env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="$options" "$server"; then
	is '20 cycles of a clean module' "$(cycles 20)" '20 of 200, 40 of OK, '
	before=$(resident_kib "$pid")
	is '80 more cycles' "$(cycles 80)" '80 of 200, 160 of OK, '
	after=$(resident_kib "$pid")
	echo "# resident: $before KiB after 20 cycles, $after KiB after 100"
	if [ $((after - before)) -le $tolerance_kib ]; then
		pass 'a hundred cycles of a clean module do not grow the server'
	else
		fail 'a hundred cycles of a clean module do not grow the server' \
			"$before KiB after 20 cycles, $after KiB after 100; $tolerance_kib KiB more are allowed"
	fi
	answers 'after the cycles'
	lacks 'a clean module left nothing' "$(ledger report.jsonl host_redis_clean.so)" '- heap'
fi

# -- a module that leaves a thread behind

if start env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="report=$PWD/report.jsonl" "$server"; then
	is 'a module with a running thread: the unload succeeds for the server' \
		"$(cli MODULE LOAD "$MODULES/host_redis_thready.so" "$PWD/stop"; cli MODULE UNLOAD thready)" "OK
OK"
	answers 'with the thread left behind'
	is 'the module is kept mapped' "$(grep -q host_redis_thready "/proc/$pid/maps" && echo kept)" kept
	found=$(ledger report.jsonl host_redis_thready.so)
	contains 'the report says that it is pinned' "$found" 'pinned '
	contains 'the report names the function that made the thread' "$found" worker_start
	contains 'the text names the thread' "$(cat errors)" left-behind
	# The worker has a name of its own, so it can be seen to be gone.
	touch stop
	for i in $(seq 1000); do
		cat "/proc/$pid/task"/*/comm 2>/dev/null | grep -q left-behind || break
		sleep 0.01
	done
	is 'another module comes and goes' "$(cycles 1)" '1 of 200, 2 of OK, '
	is 'now the module is gone too' "$(grep -c host_redis_thready "/proc/$pid/maps")" 0
	contains 'and its unload is reported' "$(ledger report.jsonl host_redis_thready.so)" 'unloaded '
	answers 'after the thread has ended'
	is 'the module can be loaded again' "$(cli MODULE LOAD "$MODULES/host_redis_thready.so" "$PWD/stop")" OK
fi
stop
done_testing
