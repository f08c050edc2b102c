# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Handles of dlopen: what a module opened and did not close is named and closed, and no open of anybody else's is.
. "$TOP_SRCDIR/tests/cases/kind.sh"
source=kind_dlopen.c
kind_host=dlopen_host

# both SCENARIO NAME
both() { scenario reclaim kind_dlopen "$1" "$2"; scenario report kind_dlopen "$1" "$2"; }
# handles: "HELD RELEASED" of the last report, which is the module's: what it opened leaves before that
handles() { printf '%s\n' "$report" | sed -n 's/^total dlopen-handle //p' | tail -n 1; }
# line NAME: of the call in that function
line() { grep -n "LEAK($1,\|the line of $1 " "$TOP_SRCDIR/tests/modules/$source" | head -n 1 | cut -d: -f1; }

run_module kind_dlopen
is "the module runs" "$status" 0
is "all is closed" "$(handles)" "10 10"
for name in path runpath origin program dlmopen nested system; do
	entry "$name: the function and the line" "dlopen-handle released 1 leak_$name $source:$(line "$name")"
done
entry "three by one line" "dlopen-handle released 3 leak_thrice $source:$(line leak_thrice)"
contains "which library it is" "$(printf '%s\n' "$report" | grep ' leak_path ')" "/kind_dlopen_a.so"
contains "also where the hook has not seen the handle" "$(printf '%s\n' "$report" | grep ' leak_runpath ')" \
	"/kind_dlopen_hidden/kind_dlopen_b.so"
contains "the program itself is one" "$(printf '%s\n' "$report" | grep ' leak_program ')" "/relib-run"
contains "what a library opened is its own, and leaves with it" "$output" "kind_dlopen_outer.so unloaded, 1 dlopen handle left behind and closed"
export KIND_DLOPEN_LEAK=yes KIND_DLOPEN_AT_END=yes
run_module kind_dlopen
is "what the module's destructor closes is not left" "$(handles)" "0 0"
contains "but what that library left is settled" "$output" "kind_dlopen_a.so unloaded, 1 descriptor left behind and closed"
unset KIND_DLOPEN_LEAK KIND_DLOPEN_AT_END

scenario reclaim kind_dlopen every_way "they leave"
is "all are closed, leaks=reclaim" "$(handles)" "10 10"
scenario report kind_dlopen every_way "they stay"
is "all are named, leaks=report" "$(handles)" "10 0"
both shared "what the host opened too stays as often open"
both shared_by_search "also when only a RUNPATH leads there"
both host_closes "the host closes what the module opened"
is "then it is none of the module's" "$(handles)" "0 0"
both host_closes_own "the host closes what is its own"
both module_closes_own "the module closes what is its own"
is "then none is left" "$(handles)" "0 0"
both module_closes_hosts "the module closes the host's"
both destructor_closes "its destructor closes"
is "that is in time" "$(handles)" "0 0"
both promoted "flags for a library that is open take effect"
both two_modules "two modules open the same"
both in_fork "in a child of fork"
both callback "a library with a callback into the module that is gone is not ended"
contains "that is said" "$report" "its data points into the module"
both nodelete "a library that is to stay"
contains "is named, and why it stays" "$report" "with RTLD_NODELETE: it stays"

# What ld.so says of failures
"$PROGRAMS/hosts/dlopen_host" "$MODULES/kind_dlopen.so" errors >wanted
contains "without the tracker, a name that is not found is an error" "$(cat wanted)" "cannot open shared object file"
for leaks in reclaim report; do
	scenario $leaks kind_dlopen errors "dlopen fails"
	is "dlerror says the same, leaks=$leaks" "$output" "$(cat wanted)"
	is "what failed is nobody's, leaks=$leaks" "$(handles)" "0 0"
done

# RPATH, unlike RUNPATH, counts for what a library opens that the one with the RPATH needs
mkdir deep
echo 'int deep(void); int deep(void) { return 7; }' >deep.c
cat >opener.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
void run(void *host);
void run(void *host)
{
	void *deep = dlopen("deep.so", RTLD_NOW);

	(void)host;
	printf("%s\n", deep ? "found" : dlerror());
	fflush(stdout);
}
END
echo 'void run(void *host); void run_it(void *host); void run_it(void *host) { run(host); }' >needs.c
ok "modules with an RPATH are built" sh -ec '
	$CC -shared -fPIC deep.c -o deep/deep.so
	$CC -O1 -shared -fPIC opener.c -Wl,-soname,opener.so -o deep/opener.so
	$CC -shared -fPIC needs.c -Wl,--no-as-needed,--disable-new-dtags,-rpath,"\$ORIGIN/deep" -o needs.so deep/opener.so'
steps="load m ./needs.so call m run close m"
is "without the tracker the RPATH is searched" "$("$PROGRAMS/retention/attr-host" $steps)" found
output=$(LD_PRELOAD=$RELIB_TRACKER RELIB_TRACK=quiet,leaks=reclaim "$PROGRAMS/retention/attr-host" $steps 2>&1)
is "so it is with it" "$output" found

# A library of which it leaves with what it holds
export KIND_DLOPEN_LEAK=yes
hosted reclaim kind_dlopen every_way
contains "what a library left is settled with it" "$report" "descriptor released 1 begin "
contains "also the library that it opened" "$report" "dlopen-handle released 1 begin "
is "each is reported as an owner of its own" "$(grep -o '"path":"[^"]*/kind_dlopen[a-z_]*\.so","build' report.jsonl | sort -u | wc -l)" 7
unset KIND_DLOPEN_LEAK

# A module that holds itself
# reasons: of all reports
reasons() { grep -o '"reason":"[^"]*"' report.jsonl | sort -u; }
for name in itself_again itself_noload itself_until_end; do
	both "$name" "a module opens itself ($name)"
	contains "$name: leaks=report says who holds it" "$(reasons)" "it was opened again by itself, in open_itself, and not closed"
	hosted reclaim kind_dlopen "$name"
	if [ "$name" = itself_until_end ]; then
		is "$name: its own destructor closes it" "$(handles)" "0 0"
	else
		is "$name: leaks=reclaim closes that" "$(handles)" "1 1"
		entry "$name: and names it" "dlopen-handle released 1 open_itself"
	fi
done
both itself_twice "a module that opens itself is open twice"
both itself_nodelete "a module opens itself to stay"
contains "the report says so" "$(reasons)" "RTLD_NODELETE"
done_testing
