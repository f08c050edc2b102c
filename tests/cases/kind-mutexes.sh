# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Mutexes and read-write locks of others that a module has locked when it goes: named, by option, and left as they are.
. "$TOP_SRCDIR/tests/cases/kind.sh"
kind_host=locks_host

# none NAME
none() { is "$1" "$(printf '%s\n' "$report" | grep -c 'total lock [1-9]')" 0; }
# detail FUNCTION: of what it left
detail() { printf '%s\n' "$report" | grep " hold_$1 "; }

scenario reclaim kind_locks mutexes "without the option"
none "without the option nothing is named"
mutexes="lock trylock timedlock clocklock mtx_lock mtx_trylock mtx_timedlock"
reading="rdlock tryrdlock timedrdlock clockrdlock"
writing="wrlock trywrlock timedwrlock clockwrlock"
for kind_options in ,locks ,locks,stacks=4; do
	scenario reclaim kind_locks mutexes "with $kind_options"
	by="by thread $(printf '%s\n' "$output" | sed -n 's/^thread //p') \"locks_host\""
	for name in $mutexes $reading $writing; do
		entry "$kind_options: $name" "lock reported 1 hold_$name"
	done
	for name in $mutexes; do
		contains "$kind_options, which: $name" "$(detail $name)" " mutex host_$name in locks_host  locked $by"
	done
	for name in $reading; do
		contains "$kind_options, which: $name" "$(detail $name)" " read-write lock host_$name in locks_host  locked for reading $by"
	done
	for name in $writing; do
		contains "$kind_options, which: $name" "$(detail $name)" " read-write lock host_$name in locks_host  locked for writing $by"
	done
done
"$TOP_BUILDDIR/tools/relib-report" report.jsonl >text 2>&1
contains "with the line" "$(grep host_lock text | tr -s ' ')" "hold_lock kind_locks.c:$(grep -n '^HOLD(lock,' "$TOP_SRCDIR/tests/modules/kind_locks.c" | cut -d: -f1)"

kind_options=,locks
for leaks in reclaim report; do
	scenario $leaks kind_locks mutexes_unlocked "what was unlocked, by the module or by the host"
	none "what was unlocked, leaks=$leaks: not named"
	scenario $leaks kind_locks mutexes_of_module "the module's own"
	none "the module's own, leaks=$leaks: not named"
	scenario $leaks kind_locks mutexes_waiting "after a wait for a condition"
	contains "after a wait for a condition, leaks=$leaks: it is locked" "$report" "lock reported 1 hold_waiting"
	scenario $leaks kind_locks mutexes_again "locked twice, unlocked once"
	contains "locked twice, unlocked once, leaks=$leaks: it is locked" "$report" "total lock 2 0"
	scenario $leaks kind_locks mutexes_of_ended "by a thread that has ended"
	contains "by a thread that has ended, leaks=$leaks: named so" "$(detail lock)" "which has ended"
	for name in robust inconsistent; do
		scenario $leaks kind_locks mutexes_$name "after the end of its holder, $name"
		contains "after the end of its holder, $name, leaks=$leaks: named" "$report" "total lock 1 0"
		contains "after the end of its holder, $name, leaks=$leaks: by the next" "$(detail lock)" \
			"by thread $(printf '%s\n' "$output" | sed -n 's/^thread //p') "
	done
	scenario $leaks kind_locks mutexes_gone "in memory that is gone"
	none "in memory that is gone, leaks=$leaks: not named"
	scenario $leaks kind_locks mutexes_in_fork "in a child of a fork"
	none "in a child of a fork, leaks=$leaks: not named"
done
done_testing
