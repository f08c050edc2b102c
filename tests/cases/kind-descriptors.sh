# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Descriptors: whatever gives one to a module is named and closed with it, and the host's are never touched.
. "$TOP_SRCDIR/tests/cases/kind.sh"
source=kind_descriptor.c

run_module kind_descriptor
is "the module runs" "$status" 0
# check ACTION: every function once, of the line of its call; what the system refuses is skipped
check() {
	for name in $(sed -n '/#define/d; s/.*LEAK[A-Z_]*(\([a-z0-9_]*\),.*/\1/p' "$TOP_SRCDIR/tests/modules/$source" | sort -u); do
		count=1; line=:$(line_of $source "$name")
		case $name in pipe|pipe2|socketpair) count=2 ;; esac
		case $output in
		*"refused $name "*) skip "$1: $name" "the system refuses it" ;;
		*)
			[ "$lines_known" = yes ] && where="leak_$name $source$line" || where="leak_$name"
			entry "$1: $name" "descriptor $1 $count $where" ;;
		esac
	done
}
lines_known=yes
check released
contains "what a file is" "$(printf '%s\n' "$report" | grep ' leak_open ')" "  /dev/null"
contains "what a pipe is" "$(printf '%s\n' "$report" | grep ' leak_pipe ')" "  pipe"
contains "what a socket is" "$(printf '%s\n' "$report" | grep ' leak_socket ')" "  socket"
contains "what an eventfd is" "$(printf '%s\n' "$report" | grep ' leak_eventfd ')" "  eventfd"

# wanted RELEASED: as many as the module says
totals() {
	leaked=$(printf '%s\n' "$output" | sed -n 's/^leaked //p')
	[ "$1" = all ] && released=$leaked || released=$1
	contains "$2: as many as the module left" "$report" "total descriptor $leaked $released"
}
lines_known=no
scenario reclaim kind_descriptor same_table "the table of descriptors is what it was"
check released
totals all "leaks=reclaim"
scenario report kind_descriptor same_table "nothing is closed"
check reported
totals 0 "leaks=report"
is "leaks=report: all of them are open" "$(printf '%s\n' "$output" | sed -n 's/^open //p')" "$leaked"

for leaks in reclaim report; do
	scenario $leaks kind_descriptor onto_host "dup2 onto the host's"
	scenario $leaks kind_descriptor onto_free "dup2 onto a free number, and onto the module's"
	scenario $leaks kind_descriptor host_opens "what the host opens is the host's"
	scenario $leaks kind_descriptor host_closes "the module's is closed by the host"
	scenario $leaks kind_descriptor module_closes "the host's is closed by the module"
	scenario $leaks kind_descriptor host_dup2 "the host's dup2 onto the module's"
	scenario $leaks kind_descriptor failed_dup2 "a dup2 onto the module's that fails"
	scenario $leaks kind_descriptor messages "descriptors in messages"
	scenario $leaks kind_descriptor ranges "close_range and closefrom"
	scenario $leaks kind_descriptor in_vfork "vfork"
	contains "vfork, leaks=$leaks: the parent's ledger is what it was" "$report" "total descriptor 1 "
	scenario $leaks kind_descriptor in_fork "fork"
	scenario $leaks kind_descriptor unseen "a number that was closed past the hooks"
done
done_testing
