# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# A call of an export or an import allocates nothing and takes no lock.
. "$TOP_SRCDIR/tests/tap.sh"
. "$TOP_SRCDIR/tests/cases/bindgen.sh"

loader=$TOP_BUILDDIR/loader/.libs
include="-I$TOP_SRCDIR/loader -I$TOP_SRCDIR/preload -I$TOP_SRCDIR/module-sdk"

cat >costs.h <<'END'
#include <relib/interface.h>
struct large { long values[20]; };
RELIB_EXPORT long costs_add(struct large *total, struct large more, double factor);
RELIB_EXPORT RELIB_OPTIONAL void costs_absent(void);
RELIB_IMPORT long costs_ask(long value);
END
cat >module.c <<'END'
#include <relib/module.h>
#include <stdlib.h>
#include "costs.h"
RELIB_MODULE("costs", "1");
long costs_add(struct large *total, struct large more, double factor)
{
	if (factor < 0)
		free((void *volatile){ malloc(64) });
	total->values[3] += (long)((double)more.values[3] * factor);
	return costs_ask(total->values[3]);
}
END
# Counts what anything in the process asks libc for. The functions behind it are found when the program starts.
cat >count.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void __libc_free(void *);
static int (*lock)(pthread_mutex_t *);
unsigned long counted;
__attribute__((constructor)) static void find(void) { *(void **)&lock = dlsym(RTLD_NEXT, "pthread_mutex_lock"); }
void *malloc(size_t size) { counted++; return __libc_malloc(size); }
void *calloc(size_t count, size_t size) { counted++; return __libc_calloc(count, size); }
void *realloc(void *block, size_t size) { counted++; return __libc_realloc(block, size); }
void free(void *block) { counted++; __libc_free(block); }
int pthread_mutex_lock(pthread_mutex_t *mutex) { counted++; return lock ? lock(mutex) : 0; }
END
cat >host.c <<'END'
#include <stdio.h>
#include "costs.host.h"
extern unsigned long counted;
static long answer(long value) { return value + 1; }
int main(int argc, char **argv)
{
	static struct costs costs = { .costs_ask = answer };
	struct large total = { .values = { [3] = 1 } }, more = { .values = { [3] = 2 } };
	struct relib_module *module;
	struct relib_error error;
	unsigned long before = counted, loading;
	long result;

	if (relib_load(argv[1], costs_interface(&costs), &module, &error))
		return puts(error.message), argc;
	loading = counted - before;
	/* The first call of a thread makes its record, and the first that ends unusually asks libc where the thread's stack is. */
	if (costs_add_call(&costs, &result, &total, more, argc > 2 ? -1 : 1) || costs_absent_call(&costs) != RELIB_NO_SYMBOL)
		return 2;
	before = counted;
	for (int i = 0; i < 1000; i++)
		if (costs_add_call(&costs, &result, &total, more, argc > 2 ? -1 : 1) ||
		    costs_absent_call(&costs) != RELIB_NO_SYMBOL || costs_absent_has(&costs))
			return 3;
	before = counted - before;
	printf("loading %s, calls %lu\n", loading ? "counts" : "does not count", before);
	return 0;
}
END
ok "the glue" "$bindgen" costs.h
# A module that was built before the optional export was added
sed '/costs_absent/d' costs.h >old.h
ok "the module's glue" "$bindgen" --name costs --module costs.module.c --include costs.h old.h
ok "the module" $CC -g -O2 -fPIC -fexceptions -shared $include module.c costs.module.c -o module.so "$TOP_BUILDDIR/module-sdk/librelib_module.a"
ok "what counts" $CC -g -O2 -fPIC -shared count.c -o libcount.so
ok "the host" $CC -g -O2 $include host.c -o host -L. -lcount "$loader/librelib.so" "-Wl,-rpath,$PWD" "-Wl,-rpath,$loader"
is "a thousand calls" "$(./host ./module.so 2>&1)" "loading counts, calls 0"
is "what the module allocates itself is counted" "$(./host ./module.so allocate 2>&1)" "loading counts, calls 2000"
done_testing
