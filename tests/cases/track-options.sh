# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# RELIB_TRACK: what each option does, in an unmodified host.
. "$TOP_SRCDIR/tests/tap.sh"
host=$PROGRAMS/retention/attr-host
leaks=$MODULES/attr_leaks.so

# track OPTIONS ARGUMENT ...: runs the host; what it said on standard error is in `errors`
track() {
	options=$1; shift
	env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="$options" "$host" "$@" >out 2>errors
}

track "" load m "$leaks" call m leak_malloc close m
contains "no option: the report is on stderr" "$(cat errors)" "attr_leaks.so unloaded, 3 blocks (300 B) left behind"
contains "leaks=report is the default" "$(cat errors)" "reported, not touched"
track leaks=reclaim load m "$leaks" call m leak_malloc close m
contains "leaks=reclaim" "$(cat errors)" "left behind and freed"
track quiet load m "$leaks" call m leak_malloc close m
is "quiet" "$(cat errors)" ""

# report=, format=
track report=one.jsonl load m "$leaks" call m leak_malloc close m
contains "report=: stderr has the report too" "$(cat errors)" "3 blocks"
is "report=: JSON is the default" "$(grep -c '^{"type":"unload",.*}$' one.jsonl)" 1
track report=one.jsonl,quiet load m "$leaks" call m leak_malloc close m load m "$leaks" close m
is "report=: each unload adds a line" "$(wc -l <one.jsonl)" 3
track report=one.txt,format=text,quiet load m "$leaks" call m leak_malloc close m
contains "format=text: the file is for people" "$(cat one.txt)" "relib: attr_leaks.so unloaded, 3 blocks"
lacks "format=text: no colour in a file" "$(cat one.txt)" "$(printf '\033')"

# %p: parent and child each have a file
track 'report=of.%p.jsonl,quiet' load m "$leaks" call m leak_malloc fork close m
is "%p: the child has a file of its own" "$(ls of.*.jsonl | wc -l)" 1
is "%p: it is its process id" "of.$(sed 's/.*"pid":\([0-9]*\).*/\1/' of.*.jsonl).jsonl" "$(ls of.*.jsonl)"

# runtime=: a library that allocates for its caller
echo '#include <stdlib.h>
void *make_block(void);
void *make_block(void) { void *volatile block = malloc(40); return block; }' >helper.c
echo 'void *make_block(void);
void *leak_by_helper(void *host);
void *leak_by_helper(void *host) { void *volatile block = make_block(); (void)host; return block; }' >user.c
ok "a library and a module that uses it" sh -ec '$CC -O2 -shared -fPIC helper.c -o libhelper.so.1
	$CC -O2 -shared -fPIC user.c -o user.so'
preload=$PWD/libhelper.so.1
helped() { env LD_PRELOAD="$RELIB_TRACKER:$preload" RELIB_TRACK="$1" "$host" load m ./user.so call m leak_by_helper close m 2>&1; }
is "a library of the host's allocates for the host" "$(helped '')" ""
contains "runtime=: it allocates for its caller" "$(helped runtime=libnothing:libhelper)" "user.so unloaded, 1 block (40 B) left behind"
contains "runtime=: the module's function is named" "$(helped runtime=libhelper.so.1)" "leak_by_helper"

# stacks=
track 'stacks=3,report=three.jsonl,quiet' load m "$leaks" call m leak_all close m
track 'report=none.jsonl,quiet' load m "$leaks" call m leak_all close m
frames() { "$PYTHON3" -c 'import json, sys
print(max(len(e["callsite"]) for e in json.loads(open(sys.argv[1]).readline())["entries"]))' "$1"; }
if [ -n "$PYTHON3" ]; then
	ok "stacks=3: callers are recorded" test "$(frames three.jsonl)" -gt "$(frames none.jsonl)"
else
	skip "stacks=3" "install python3"
fi

# Without it, sample stacks are of a site's 1st, 2nd, 4th ... allocation
cat >samples.c <<'END'
#include <stdlib.h>
static void *volatile kept;
__attribute__((noinline)) static void leak_here(void) { kept = malloc(10); __asm__ volatile(""); }
#define CALLER(name) __attribute__((noinline)) void name(void); void name(void) { leak_here(); __asm__ volatile(""); }
CALLER(first_caller) CALLER(second_caller) CALLER(third_caller) CALLER(fourth_caller)
void leak_by_all(void *host);
void leak_by_all(void *host) { (void)host; first_caller(); second_caller(); third_caller(); fourth_caller(); __asm__ volatile(""); }
END
ok "a module with four callers of one function" $CC -O2 -shared -fPIC samples.c -o samples.so
track "" load m ./samples.so call m leak_by_all close m
is "samples: of the 1st, 2nd and 4th allocation" "$(grep -o '[a-z]*_caller' errors | sort -u | tr '\n' ' ')" \
	"first_caller fourth_caller second_caller "
done_testing
