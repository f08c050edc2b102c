# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# From the first instruction of the process to the last, in forked children, in every kind of thread.
. "$TOP_SRCDIR/tests/cases/attribution.sh"
leaks=reclaim
object=attr_leaks.so
module=$MODULES/attr_leaks.so

# Behind the tracker a library begins before it; in front of it, after it.
for order in "$RELIB_TRACKER:$MODULES/attr_preload.so" "$MODULES/attr_preload.so:$RELIB_TRACKER"; do
	place="behind the tracker"
	[ "${order#"$RELIB_TRACKER"}" != "$order" ] || place="in front of the tracker"
	preload=$order
	tracked "$host"
	survived "a library $place allocates before main and after exit"
	is "it did both" "$output" "$(printf 'began\nended')"
	tracked "ATTR_MODULE=$module" "$host"
	survived "a library $place loads and unloads a module before main and after exit"
	is "both are reported" "$(printf '%s\n' "$report" | grep -c "^$object unloaded .* blocks=21 ")" 2
done
preload=$RELIB_TRACKER

tracked "$host" exit load m "$module" call m leak_all close m
survived "a module comes and goes in an exit handler"
total "its leaks are named" 21
tracked "$host" load m "$module" call m leak_all exit close m
survived "a module is closed in an exit handler"
total "its leaks are named" 21

tracked "$host" load m "$module" call m leak_malloc fork call m leak_malloc close m
survived "a forked child unloads a module that its parent loaded"
entry "what parent and child allocated is there" leak_malloc 6 600
is "and nothing else is reported" "$(grep -c . report.jsonl)" 1
tracked "$host" churn repeat 1 load m "$module" call m leak_all fork call m leak_all close m
survived "a child forked while other threads allocate"
total "its leaks are named" 42
# Forks from forks, each while its own threads allocate: a lock held at a fork would hang one of them.
tracked timeout 60 "$host" load m "$module" churn fork churn fork churn fork churn fork churn fork call m leak_all close m
survived "forks of forks while other threads allocate"
total "the last one's leaks are named" 21

tracked "$host" load m "$module" thread m leak_all close m
survived "a thread of the host's calls the module"
total "its leaks are named" 21
tracked "$host" load m "$module" signal m leak_all close m
survived "a signal handler of the host's calls the module"
total "its leaks are named" 21
tracked "$host" load m "$module" timer m leak_all close m
survived "a thread that libc started for a timer calls the module"
total "its leaks are named" 21

# ld.so extends its tables at the 15th and the 30th of them, for whoever happens to touch it.
steps= closes=
for number in $(seq 35); do
	cp "$MODULES/attr_tls.so" "tls$number.so"
	steps="$steps load $number $PWD/tls$number.so call $number touch thread $number touch"
	closes="$closes close $number"
done
tracked "$host" $steps $closes load m "$module" thread m leak_all call m leak_all close m
survived "35 modules with thread-local data come and go"
is "their data is ld.so's" "$(printf '%s\n' "$report" | grep -c '^tls.* unloaded .* blocks=0 ')" 35
total "and all goes on" 42
done_testing
