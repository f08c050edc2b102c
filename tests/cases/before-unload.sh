# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# RELIB_BEFORE_UNLOAD with a limit of time: where it hangs is said.
. "$TOP_SRCDIR/tests/tap.sh"

cat >hang.c <<'END'
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <relib/module.h>
RELIB_MODULE("hang", "1")
static pthread_mutex_t taken = PTHREAD_MUTEX_INITIALIZER;
static __attribute__((noinline)) void stop_workers(const char *how)
{
	volatile unsigned long turns = 0;

	if (!strcmp(how, "blocked")) {
		sigset_t all;

		sigfillset(&all);
		pthread_sigmask(SIG_BLOCK, &all, NULL);
	}
	if (!strcmp(how, "turns"))
		for (;;) turns++; /* turning */
	pthread_mutex_lock(&taken);
	pthread_mutex_lock(&taken); /* waiting */
}
RELIB_BEFORE_UNLOAD()
{
	const char *how = getenv("HOW");

	if (!strcmp(how, "panics"))
		relib_panic("not %s", "yet");
	if (strcmp(how, "returns"))
		stop_workers(how); /* calling */
	puts("done");
}
END
ok "build" sh -c "\$CC -I\$TOP_SRCDIR/module-sdk -g -O1 -fPIC -shared hang.c -o libhang.so \$TOP_BUILDDIR/module-sdk/librelib_module.a -pthread"
line() { grep -n "/\* $1 \*/" hang.c | cut -d: -f1; }

# run HOW ARGUMENT ...: leaves $status and $err
run() { how=$1; shift; HOW=$how "$RELIB_RUN" "$@" ./libhang.so >out 2>err </dev/null; status=$?; err=$(cat err); }

for how in waits turns; do
	run $how --before-unload-limit 100
	is "it $how: exit status 4" "$status" 4
	contains "it $how: it was not unloaded" "$err" "libhang.so was not unloaded: its RELIB_BEFORE_UNLOAD did not return within 100 ms"
	contains "it $how: the function" "$err" "stop_workers"
	contains "it $how: its caller's line" "$err" "hang.c:$(line calling)"
	contains "it $how: what to do" "$err" "give it more time"
	lacks "it $how: nothing of relib itself" "$err" "relib_call"
done
contains "it turns: the line" "$err" "hang.c:$(line turning)"
run waits --before-unload-limit 100
contains "it waits: the line" "$err" "hang.c:$(line waiting)"
run blocked --before-unload-limit 100
is "all signals are blocked: exit status 4" "$status" 4
contains "all signals are blocked: it is said" "$err" "blocks all signals"
run returns --before-unload-limit 100000
is "it returns: all is well" "$status $err $(cat out)" "0  done"
run panics --before-unload-limit 100000
is "it panics: exit status 4" "$status" 4
contains "it panics: the reason" "$err" "its RELIB_BEFORE_UNLOAD panicked: not yet"
is "it panics: said by the module and by relib-run" "$(printf '%s\n' "$err" | grep -c 'not yet')" 2
run returns --before-unload-limit 0
is "no limit is no number: exit status 2" "$status" 2
run returns --no-unload --before-unload-limit 10
contains "with --no-unload it makes no sense" "$err" "leave out --no-unload"
done_testing
