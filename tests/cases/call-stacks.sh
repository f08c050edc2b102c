# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Calls and panics as other tools see them: libunwind's steps from a module to the host, and valgrind.
. "$TOP_SRCDIR/tests/tap.sh"

include="-I$TOP_SRCDIR/loader -I$TOP_SRCDIR/preload -I$TOP_SRCDIR/module-sdk -I$TOP_SRCDIR/tests -I$TOP_SRCDIR/tests/probe -I$PROGRAMS"
loader=$TOP_BUILDDIR/loader/.libs

# -- libunwind, opened by itself: linked, it would take the place of libgcc's unwinder
cat >steps.c <<'END_OF_C'
#define UNW_LOCAL_ONLY
#include <dlfcn.h>
#include <libunwind.h>
#include "probe/host.h"
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
static int32_t step(const char *scenario, struct probe_log *log)
{
	void *library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
	__typeof__(&unw_init_local) init = library ? (__typeof__(init))dlsym(library, TEXT(unw_init_local)) : NULL;
	/* Assembly on some machines, and then without a declaration of its own. */
	int (*get)(unw_context_t *) = library ? (int (*)(unw_context_t *))dlsym(library, TEXT(unw_tdep_getcontext)) : NULL;
	__typeof__(&unw_step) next = library ? (__typeof__(next))dlsym(library, TEXT(unw_step)) : NULL;
	__typeof__(&unw_get_proc_name) name_of = library ? (__typeof__(name_of))dlsym(library, TEXT(unw_get_proc_name)) : NULL;
	unw_context_t context;
	unw_cursor_t cursor;
	unw_word_t offset;
	char name[128];

	(void)scenario;
	(void)log;
	if (!init || !get || !next || !name_of)
		return 77;
	get(&context);
	init(&cursor, &context);
	while (next(&cursor) > 0)
		puts(name_of(&cursor, name, sizeof(name), &offset) ? "?" : name);
	return 0;
}
int main(int argc, char **argv)
{
	struct probe probe;
	struct relib_module *module;
	struct relib_error error;
	int32_t result = 0;
	on_back = step;
	if (argc < 2 || relib_load(argv[1], probe_options(&probe), &module, &error))
		return 2;
	probe_run_call(&probe, &result, "back", calloc(1, sizeof(struct probe_log)));
	return result == 78 ? 77 : 0;
}
END_OF_C
if ! echo '#include <libunwind.h>' | $CC -E -x c - >/dev/null 2>&1; then
	skip "libunwind" "it is not installed: apt-get install libunwind-dev"
else
	ok "build a host that steps through its stack" $CC -g -O2 -D_GNU_SOURCE $include steps.c -o steps -rdynamic \
		"$loader/librelib.so" "-Wl,-rpath,$loader"
	for tracker in '' "$RELIB_TRACKER"; do
		output=$(LD_PRELOAD=$tracker ./steps "$MODULES/probe-c.so")
		is "libunwind${tracker:+, under the tracker}: it ends well" $? 0
		case $output in
		*probe_back*probe_run*main*_start*) pass "libunwind${tracker:+, under the tracker}: from the import to the start" ;;
		*) fail "libunwind${tracker:+, under the tracker}: from the import to the start" "$output" ;;
		esac
	done
fi

# -- valgrind: the stub and the landing touch nothing that isn't theirs
if ! command -v valgrind >/dev/null; then
	skip "valgrind" "it is not installed"
else
	program=$PROGRAMS/hosts/.libs/probe_host
	[ -x "$program" ] || program=$PROGRAMS/hosts/probe_host
	output=$(LD_LIBRARY_PATH=$loader valgrind --error-exitcode=9 -q "$program" "$MODULES/probe.so" "assert none" back \
		"longjmp inside" cleanups mixed "throw deep" swallow contain "thread contained" 2>valgrind.log)
	is "valgrind: no errors" "$?$(grep '^==' valgrind.log | head -n 20)" 0
	is "valgrind: what the calls gave" "$(printf '%s\n' "$output" | grep -c ': code ')" 9
	is "valgrind: which panicked" "$(printf '%s\n' "$output" | grep -c ': code 33, result -2,')" 3
fi
done_testing
