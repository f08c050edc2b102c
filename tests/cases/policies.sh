# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Policies: release, keep or refuse, by kind, for the loader, relib-run and a host that calls dlclose.
. "$TOP_SRCDIR/tests/cases/kind.sh"
module=$MODULES/policies.so
line=$(grep -n 'the line of open' "$TOP_SRCDIR/tests/modules/policies.c" | cut -d: -f1)

# loader WORDS ...: leaves $output, and $report as text
loader() {
	rm -f report.jsonl
	output=$(env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="report=$PWD/report.jsonl,quiet" \
		"$PROGRAMS/hosts/load_host" plain="$module" "$@" 2>&1 </dev/null)
	report=$("$PROGRAMS/retention/kind-report" report.jsonl 2>&1)
}

# By the loader
loader function=hold unload
contains "by default all is given back" "$output" "kind 3: 1 held, 1 released, 0 kept"
contains "a block too" "$output" "heap: 1 blocks, 1 released"

loader policy=descriptor:keep policy=heap:keep function=hold unload
contains "a descriptor is kept" "$output" "kind 3: 1 held, 0 released, 1 kept"
contains "a block is kept" "$output" "heap: 1 blocks, 0 released"
contains "handlers are given back all the same" "$output" "kind 6: 1 held, 1 released, 0 kept"
entry "what is kept has its place" "descriptor kept 1 hold"
contains "the JSON counts the blocks kept" "$(cat report.jsonl)" '"released":0,"kept":1,"foreign":0'

loader policy=descriptor:refuse policy=heap:refuse function=hold unload function=holds function=give_back_descriptor unload \
	function=give_back unload mapped=policies.so
contains "refused while it holds a descriptor" "$output" "unload: code 56
policies.so was not unloaded: it holds 1 block and 1 descriptor, which by policy must be given back before it goes"
contains "with the place" "$output" "1 descriptor   fd "
contains "the module goes on holding all" "$output" "holds: 1"
contains "then it holds a block only" "$output" "policies.so was not unloaded: it holds 1 block, which"
contains "then nothing, and goes" "$output" "unload: ok
heap: 0 blocks, 0 released
mapped: no"
entry "the report of the refusal has the place" "descriptor blocks 1 hold"

loader policy=signal-handler:refuse function=hold unload policy=signal-handler:release unload mapped=policies.so
contains "a handler can be a reason" "$output" "it holds 1 signal handler, which"
contains "and is given back when the policy says so" "$output" "kind 6: 1 held, 1 released, 0 kept
mapped: no"

loader policy=signal-handler:keep function=hold unload function=holds
contains "a handler can't be kept" "$output" "unload: code 1
policies.so was not unloaded: signal handlers can't be kept"
contains "and nothing has happened" "$output" "holds: 1"

loader policy=thread:refuse function=start_thread unload=100 function=join_thread unload
contains "a thread that nobody joined can be a reason" "$output" "it holds 1 thread, which by policy"
contains "until it is joined" "$output" "join_thread: 0
unload: ok"

loader policy=descriptor:refuse function=hold write unload policy=descriptor:release unload
contains "a host that writes the report writes the line" "$output" "policies.so was not unloaded: it holds 1 descriptor, which"
contains "as text" "$(printf '%s\n' "$output" | tr -s ' ')" "/dev/null open < hold policies.c:$line"
contains "and as JSON" "$output" "policies.c\",\"line\":$line}"
contains "of what was given back when the module has gone, too" "$(printf '%s\n' "$output" | grep -A3 "descriptors  *1")" "policies.c:$line"

# relib-run
output=$("$RELIB_RUN" --call hold --policy descriptor=refuse "$module" 2>&1); status=$?
is "relib-run says so by its status" "$status" 4
contains "and in words" "$output" "policies.so was not unloaded: it holds 1 descriptor, which by policy must be given back"
contains "with the line" "$output" "policies.c:$line"
output=$("$RELIB_RUN" --format json --call "void hold" --policy all=keep,heap=release "$module" 2>&1); status=$?
is "several policies, the last one wins" "$status" 0
contains "kept" "$output" '"descriptor":{"held":1,"released":0,"kept":1}'
contains "released" "$output" '"heap":{"blocks":1,"bytes":100,"released":1,"kept":0,'
contains "all=keep leaves out what can't be kept" "$output" '"signal-handler":{"held":1,"released":1,"kept":0}'
output=$("$RELIB_RUN" --call "void hold" --policy descriptor=keep "$module" 2>&1)
contains "the text says what was kept" "$output" "  descriptors   1   kept"
contains "and what wasn't" "$output" "  signal handlers   1   given back"
# What leads into the module, though others of its kind don't
echo '#define _GNU_SOURCE
#include <stdio.h>
static ssize_t take(void *cookie, const char *bytes, size_t size) { return cookie && bytes ? 0 : (ssize_t)size; }
static ssize_t give(void *cookie, char *bytes, size_t size) { return cookie && bytes ? 0 : (ssize_t)(size - size); }
static int end(void *cookie) { return cookie != NULL; }
static FILE *volatile stream;
void hold(void); void hold(void) {
	cookie_io_functions_t functions = { .read = give, .write = take, .close = end };
	stream = fopencookie(NULL, "w+", functions);
	fputs("a line\n", stream);
}' >cookie.c
ok "a module with a stream of its own functions is built" $CC -g -shared -fPIC cookie.c -o libcookie.so
output=$("$RELIB_RUN" --call "void hold" --policy stream=keep ./libcookie.so 2>&1); status=$?
is "a stream of the module's functions is not kept: the process ends well" "$status" 0
contains "and the report says so" "$output" "1 stream left behind and closed"

output=$("$RELIB_RUN" --policy file=keep "$module" 2>&1); status=$?
is "a kind that there isn't is wrong usage" "$status" 2
contains "and the kinds are named" "$output" "kinds are all, heap, thread, thread-destructor, descriptor"
output=$("$RELIB_RUN" --policy descriptor=leave "$module" 2>&1)
contains "a policy that there isn't" "$output" "--policy takes KIND=release, KIND=keep or KIND=refuse, not 'descriptor=leave'"
output=$("$RELIB_RUN" --policy key=keep "$module" 2>&1)
contains "a policy that doesn't fit" "$output" "'key=keep': what leads into a module can't be kept"
output=$("$RELIB_RUN" --policy '' "$module" 2>&1); status=$?
is "an empty one" "$status" 2

# A host that calls dlclose
cat >host.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
static const char *look(const char *path)
{
	void *module = dlopen(path, RTLD_NOW | RTLD_NOLOAD);

	if (module)
		dlclose(module);
	return module ? "stays" : "gone";
}

int main(int argc, char **argv)
{
	void *module = dlopen(argv[1], RTLD_NOW);
	int descriptor = ((int (*)(void))dlsym(module, "hold"))();
	int (*give_back)(void) = (int (*)(void))dlsym(module, "give_back");

	dlclose(module);
	printf("%s", look(argv[1]));
	if (argc > 2) {
		give_back();
		module = dlopen("libm.so.6", RTLD_NOW);
		printf(", then %s", look(argv[1]));
	}
	(void)descriptor;
	printf("\n");
	return 0;
}
END
$CC -o host host.c -ldl
# host OPTIONS [ARGUMENT]
host() {
	rm -f report.jsonl
	output=$(env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="$1,report=$PWD/report.jsonl,quiet" ./host "$module" ${2:+"$2"} 2>&1)
	report=$("$PROGRAMS/retention/kind-report" report.jsonl 2>&1)
}
host leaks=reclaim,descriptor=keep
is "it goes" "$output" gone
entry "the descriptor is kept" "descriptor kept 1 hold"
host leaks=report,descriptor=release
entry "a kind is given back where the others are named only" "descriptor released 1 hold"
contains "the others are" "$report" "heap reported 1"
host leaks=reclaim,descriptor=refuse again
is "what must not go is kept mapped until it gave that back" "$output" "stays, then gone"
contains "and named" "$report" "outcome pinned"
contains "with what it takes to be let go" "$(cat report.jsonl)" "let go at the next dlopen or dlclose after it has given that back"
entry "with its place" "descriptor blocks 1 hold"
host leaks=reclaim,key=keep
output=$(env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK=key=keep ./host "$module" 2>&1)
contains "an option that can't be is named" "$output" 'RELIB_TRACK: "key=keep" is not an option'
done_testing
