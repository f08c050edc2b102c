#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Unmodified programs that load and unload their own modules while they work: as ever with the tracker, and nothing grows.
. "$TOP_SRCDIR/tests/tap.sh"
tolerance_kib=2048
# A server's children may be another user's.
chmod 755 .

# server_run FOLDER COMMAND ...: sets $output (what a user sees), $figures and $status
server_run()
{
	mkdir "$1" && cd "$1" || exit 99
	shift
	output=$("$PYTHON3" "$TOP_SRCDIR/tests/hosts/real-server" "$name" $rounds "$@" 2>&1)
	status=$?
	figures=$(printf '%s\n' "$output" | sed -n 's/^# //p')
	output=$(printf '%s\n' "$output" | grep -v '^# ')
	[ $status = 0 ] || output="$output
$(tail -n 5 server.log error.log 2>/dev/null)"
	cd ..
}
# works NAME: it did as without the tracker, and did not grow
works()
{
	is "$1: works as ever" "$output; status $status" "$alone; status 0"
	echo "# $1: $figures"
	set -- "$1" $figures
	is "$1: as many descriptors and threads as in the first rounds" "${5-} ${6-}" "${2-} ${3-}"
	[ $((${7-tolerance_kib} - ${4-0})) -le $tolerance_kib ] && pass "$1: memory does not grow" ||
		fail "$1: memory does not grow" "$4 KiB, then $7 KiB"
}
# reports NAME FILE MODULE: it was unloaded in each round, and left nothing: its own functions give all of it back
reports()
{
	found=$("$PYTHON3" "$TOP_SRCDIR/tests/hosts/ledger" "$2" "$3" 2>&1 | sort | uniq -c | sed 's/^ *//')
	count=$(printf '%s\n' "$found" | sed -n 's/^\([0-9]*\) unloaded 0 0 0 0$/\1/p')
	if [ "${count:-0}" -ge $rounds ]; then
		pass "$1: each unload of $3 is reported, with nothing left"
	else
		fail "$1: each unload of $3 is reported, with nothing left" "$found"
	fi
}

# server NAME PROGRAM PACKAGE ROUNDS MODULES
server()
{
	name=$1 rounds=$4
	command -v "$2" >/dev/null || { skip "$name" "no $2 here: apt-get install $3"; return; }
	server_run "$name-alone"
	if [ $status != 0 ]; then
		skip "$name" "it does not work without the tracker either: $(printf %s "$output" | head -n 1)"
		return
	fi
	alone=$output
	for leaks in report reclaim; do
		report=$PWD/$name-$leaks.jsonl
		server_run "$name-$leaks" env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="leaks=$leaks,report=$report,quiet"
		works "$name, leaks=$leaks"
		for module in $5; do reports "$name, leaks=$leaks" "$report" "$module"; done
		lacks "$name, leaks=$leaks: nothing is kept or refused" "$(sed 's/.*"outcome":"\([a-z-]*\)".*/\1/' "$report" | sort -u)" pinned
	done
}

server weechat weechat-headless 'weechat-headless weechat-plugins' 5 'relay.so exec.so logger.so irc.so xfer.so'
server apache apache2 apache2-bin 10 'mod_ssl.so mod_http2.so mod_proxy.so mod_cgid.so mod_lua.so mod_mpm_event.so'
server jack jackd jackd2 5 netmanager.so

# relib-run, which stays beside it
name=weechat rounds=3
if command -v weechat-headless >/dev/null; then
	server_run weechat-relib-run "$RELIB_RUN" --report "$PWD/run.jsonl" --format json --
	is "weechat, relib-run: works as ever" "$output; status $status" "ended with 0; status 0"
	reports "weechat, relib-run" run.jsonl relay.so
fi
done_testing
