# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Child processes that a module started and nobody waited for: named, waited for if they have ended, and never killed.
. "$TOP_SRCDIR/tests/cases/kind.sh"
kind_host=children_host
source=kind_children.c

run_module kind_children
is "the module runs" "$status" 0
for name in $(sed -n '/#define/d; s/^LEAK[A-Z_]*(\([a-zA-Z_]*\),.*/\1/p' "$TOP_SRCDIR/tests/modules/$source"); do
	entry "with the line: $name" "child released 1 leak_$name $source:$(line_of $source "$name")"
done
contains "which process it is, and how it ended" "$(printf '%s\n' "$report" | grep ' leak_posix_spawnp ')" \
	" \"true\"  ended with status 0"
contains "and with which status" "$(printf '%s\n' "$report" | grep ' leak_fork ')" "  ended with status 7"
contains "all of them are given back" "$report" "total child 7 7"

# Two of one place, of which one has ended: each has what became of it
cat >two.c <<'END'
#include <spawn.h>
#include <sys/wait.h>
extern char **environ;
static int start(char *name, char *argument)
{
	char *arguments[] = { name, argument, 0 };
	siginfo_t ended;
	pid_t child;
	int error = posix_spawnp(&child, name, 0, 0, arguments, environ);
	return error ? error : argument ? 0 : waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT);
}
int two(void) { return start("true", 0) + start("sleep", "100"); }
END
$CC -g -fPIC -shared -o two.so two.c
"$RELIB_RUN" --call "int two" --format json --report two.jsonl ./two.so >/dev/null 2>&1
report=$("$TOP_BUILDDIR/tools/relib-report" two.jsonl 2>&1)
sleeper=$(sed 's/.*process \([0-9]*\) ."sleep.*/\1/' two.jsonl)
ok "the one that runs still does" kill "$sleeper"
contains "one has ended" "$(sed 's/"entries"/\n&/; s/{"kind"/\n&/g' two.jsonl | grep '"action":"released"')" '"true\"  ended with status 0"'
contains "one runs" "$(sed 's/{"kind"/\n&/g' two.jsonl | grep '"action":"reported"')" '"sleep\"  runs"'
contains "the text says how many" "$report" "2 child processes left behind, 1 of them waited for"
contains "and names both" "$(printf '%s\n' "$report" | grep -c 'process [0-9]* "\(true"  ended with status 0\|sleep"  runs\)  ')" 2

# held NUMBER RELEASED NAME: as many of the module's
held() { contains "$3" "$report" "total child $1 $2"; }
# none NAME: of the module's
none() { contains "$1" "$report" "total child 0 0"; }

for leaks in reclaim report; do
	[ $leaks = reclaim ] && one=1 || one=0
	[ $leaks = reclaim ] && action=released || action=reported
	scenario $leaks kind_children all "children that have ended"
	held 7 $((7 * one)) "children that have ended, leaks=$leaks: all named"
	entry "children that have ended, leaks=$leaks: what is done" "child $action 1 leak_fork"
	scenario $leaks kind_children runs "a child that runs is let be"
	entry "a child that runs, leaks=$leaks: it is named" "child reported 1 leave_running"
	contains "a child that runs, leaks=$leaks: which it is" "$report" \
		"process $(printf '%s\n' "$output" | sed -n 's/^child //p') \"sleep\"  runs"
	scenario $leaks kind_children killed "a child that was killed"
	contains "a child that was killed, leaks=$leaks: by what" "$report" "\"sleep\"  ended by SIGTERM"
	scenario $leaks kind_children waited "every way to wait"
	none "every way to wait, leaks=$leaks: nothing is left"
	scenario $leaks kind_children looked_at "stopped, continued, looked at"
	held 1 $one "stopped, continued, looked at, leaks=$leaks: it is there still"
	scenario $leaks kind_children ignored "SIGCHLD is ignored"
	none "SIGCHLD is ignored, leaks=$leaks: nothing is left"
	scenario $leaks kind_children unseen "waited for past the hooks"
	none "waited for past the hooks, leaks=$leaks: nothing is left"
	scenario $leaks kind_children of_host "the host's children are the host's"
	held 1 $one "the host's children, leaks=$leaks: the module's is named"
	scenario $leaks kind_children in_fork "a child of a fork has no children"
	held 1 $one "fork, leaks=$leaks: the parent has"
	is "fork, leaks=$leaks: they are named once" "$(printf '%s\n' "$report" | grep -c 'total child [1-9]')" 1
	scenario $leaks kind_children in_vfork "vfork"
	held 1 $one "vfork, leaks=$leaks: what its child does is the child's"
	scenario $leaks kind_children of_libc "system and popen"
	none "system and popen, leaks=$leaks: no children of the module's"
	scenario $leaks kind_children unknown "a child whose number nobody was told"
	held 1 $one "a child whose number nobody was told, leaks=$leaks: it is known"
	scenario $leaks kind_children cancelled "a thread that waits is cancelled"
	held 1 0 "a thread that waits is cancelled, leaks=$leaks: it has waited for nothing"
	hosted $leaks kind_children number_again
	case $status in
	77) skip "a number that is another child's by now, leaks=$leaks" "the system says which numbers come next: $output" ;;
	0) none "a number that is another child's by now, leaks=$leaks" ;;
	*) fail "a number that is another child's by now, leaks=$leaks" "status $status" "$output" "$report" ;;
	esac
done
done_testing
