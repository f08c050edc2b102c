# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# A call that is held up at its beginning, while its module is unloaded and another one loaded, is refused.
. "$TOP_SRCDIR/tests/tap.sh"
. "$TOP_SRCDIR/tests/cases/bindgen.sh"

loader=$TOP_BUILDDIR/loader/.libs
include="-I. -I$TOP_SRCDIR/loader -I$TOP_SRCDIR/preload -I$TOP_SRCDIR/module-sdk"

# The loader's header, with a place where the scheduler could stop the thread for long
mkdir relib
sed 's|^\tslot->stack = stack;|&\n\t__asm__ volatile("" : "+r"(exports));\n\theld_up();|; s|^struct relib_calls {|void held_up(void);\n&|' \
	"$TOP_SRCDIR/loader/relib/host.h" >relib/host.h
is "the place was found" "$(grep -c held_up relib/host.h)" 2
cat >which.h <<'END'
#include <relib/interface.h>
RELIB_EXPORT int which_number(void);
END
cat >module.c <<'END'
#include <relib/module.h>
#include "which.h"
RELIB_MODULE("which", "1");
int which_number(void) { return WHICH; }
END
cat >host.c <<'END'
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include "which.host.h"

static struct which which;
static struct relib_module *module;
static sem_t held, go;
static __thread bool armed;

void held_up(void)
{
	if (!armed)
		return;
	armed = false;
	sem_post(&held);
	sem_wait(&go);
}

static void load(const char *path)
{
	struct relib_error error;

	if ((module && relib_unload(module, NULL, NULL, &error)) || relib_load(path, which_interface(&which), &module, &error)) {
		puts(error.message);
		exit(1);
	}
}

static void *call(void *argument)
{
	enum relib_code code;
	int number = 0;

	if (!argument || which_number_call(&which, &number))
		exit(2);
	/* The slot has no target of the module that is loaded then. */
	sem_post(&held);
	sem_wait(&go);
	armed = true;
	code = which_number_call(&which, &number);
	printf("%s, number %d\n", code == RELIB_BUSY ? "busy" : code ? "failed" : "called", number);
	return NULL;
}

int main(int argc, char **argv)
{
	struct relib_error error;
	pthread_t thread;

	if (relib_init(argc, argv, &error))
		return puts(error.message), 1;
	load("./one.so");
	pthread_create(&thread, NULL, call, &thread);
	sem_wait(&held);
	load("./one.so");
	sem_post(&go);
	sem_wait(&held);
	load("./two.so");
	sem_post(&go);
	pthread_join(thread, NULL);
	return 0;
}
END
ok "the glue" "$bindgen" which.h
for module in one=1 two=2; do
	ok "the module ${module%=*}" $CC -g -fPIC -fexceptions -shared "-DWHICH=${module#*=}" $include module.c which.module.c \
		-o "${module%=*}.so" "$TOP_BUILDDIR/module-sdk/librelib_module.a"
done
ok "the host" $CC -g $include host.c -o host "$loader/librelib.so" "-Wl,-rpath,$loader" -pthread
is "the call is refused, and the result of the one before is left alone" "$(./host 2>&1)" "busy, number 1"
done_testing
