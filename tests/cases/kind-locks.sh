# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Locks of files and named semaphores that a module left: named, and given back with what they go with.
. "$TOP_SRCDIR/tests/cases/kind.sh"
kind_host=locks_host
source=kind_locks.c

run_module kind_locks
is "the module runs" "$status" 0
# check ACTION WHERE: every way once, and the semaphore that was opened twice
check() {
	for name in flock flock_shared lockf lockf64 fcntl fcntl64 open_file open_file_wait stream; do
		[ "$2" = line ] && where="leak_$name $source:$(line_of $source $name)" || where="leak_$name"
		entry "$1, $2: $name" "lock $1 1 $where"
	done
	[ "$2" = line ] && where="leak_sem_open $source:$(line_of $source sem_open)" || where=leak_sem_open
	entry "$1, $2: sem_open" "semaphore $1 2 $where"
}
# says FUNCTION TEXT: of what it left
says() { contains "what it is: $1" "$(printf '%s\n' "$report" | grep " leak_$1 ")" "$2"; }
check released line
says flock " flock exclusive on fd "
says flock "$PWD/flock"
says flock_shared " flock shared on fd "
says lockf " record lock exclusive on fd "
says fcntl64 " record lock shared on fd "
says open_file " open file lock exclusive on fd "
says stream "$PWD/stream"
says sem_open " semaphore /relib-kind-"

scenario reclaim kind_locks all "no lock is left"
check released function
scenario report kind_locks all "all locks are held still"
check reported function

kind_options=,lock=release
scenario report kind_locks locks_alone "lock=release"
contains "lock=release: the report says so" "$report" "total lock 9 9"
contains "lock=release: descriptors are as they were" "$report" "total descriptor 8 0"
kind_options=

# totals KIND HELD RELEASED NAME
totals() { contains "$4, leaks=$leaks: named" "$report" "total $1 $2 $3"; }
for leaks in reclaim report; do
	[ $leaks = reclaim ] && one=1 || one=0
	scenario $leaks kind_locks on_host "on the host's descriptors"
	totals lock 2 0 "on the host's descriptors"
	scenario $leaks kind_locks unlocked "what was unlocked"
	is "what was unlocked, leaks=$leaks: not named" "$(printf '%s\n' "$report" | grep -c 'total lock [1-9]')" 0
	scenario $leaks kind_locks partly "what was unlocked in part"
	totals lock 1 $one "what was unlocked in part"
	for name in closed closed_elsewhere; do
		scenario $leaks kind_locks $name "$name"
		is "$name, leaks=$leaks: not named" "$(printf '%s\n' "$report" | grep -c 'total lock [1-9]')" 0
	done
	scenario $leaks kind_locks in_fork "a child of a fork"
	is "a child of a fork, leaks=$leaks: it is the parent's" "$(printf '%s\n' "$report" | grep -c 'total lock [1-9]')" 1
	scenario $leaks kind_locks kept_by_child "a child has it too"
	scenario $leaks kind_locks semaphores "semaphores"
	totals semaphore 2 $((2 * one)) "semaphores"
	scenario $leaks kind_locks semaphores_closed "semaphores that were closed"
	is "semaphores that were closed, leaks=$leaks: not named" "$(printf '%s\n' "$report" | grep -c 'total semaphore [1-9]')" 0
	scenario $leaks kind_locks semaphores_of_both "a semaphore that the host has too"
	totals semaphore 1 $one "a semaphore that the host has too"
done
done_testing
