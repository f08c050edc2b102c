# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# A module that another loaded object needs is not unloaded; one with a name like it doesn't count.
. "$TOP_SRCDIR/tests/tap.sh"

host=$PROGRAMS/hosts/load_host
cat >stub.c <<'END'
#include <dlfcn.h>
#include <stdlib.h>
#include <relib/track.h>
static void nothing(void) {}
static void end(void *handle) { (void)handle; }
static struct relib_report *safe(void *handle, unsigned grace) { (void)handle; (void)grace; return NULL; }
static struct relib_report *take(void *handle, enum relib_settle settle)
{
	(void)settle;
	dlclose(handle);
	return calloc(1, sizeof(struct relib_report));
}
static void release(struct relib_report *report) { free(report); }
const struct relib_track relib_track = {
	RELIB_TRACK_ABI, sizeof(struct relib_track), "stand-in", nothing, end, safe, end, take, release,
};
END
cat >base.c <<'END'
#include <relib/module.h>
RELIB_MODULE("base", "1")
int base(void);
int base(void) { return 1; }
END
echo 'int base(void); int user(void); int user(void) { return base(); }' >user.c
cat >cycle.c <<'END'
int base(void); int cycle(void); int cycle(void) { return base(); }
END
include="-I$TOP_SRCDIR/module-sdk -I$TOP_SRCDIR/preload"
ok "build" sh -ec "
	mkdir other
	\$CC $include -shared -fPIC stub.c -o stub.so
	\$CC $include -shared -fPIC base.c -Wl,-soname,libbase.so -o libbase.so
	\$CC -shared -fPIC user.c -Wl,-soname,libuser.so -L. -lbase -o libuser.so
	\$CC $include -shared -fPIC base.c -Wl,-soname,libbase.so -o other/libbase.so
	\$CC -shared -fPIC cycle.c -Wl,-soname,libcycle.so -L. -lbase -Wl,-rpath,'\$ORIGIN' -o libcycle.so
	\$CC $include -shared -fPIC -Wl,--no-as-needed base.c -Wl,-soname,libround.so -L. -lcycle -Wl,-rpath,'\$ORIGIN' -o libround.so
	\$CC -shared -fPIC cycle.c -Wl,-soname,libcycle.so -Wl,--no-as-needed -L. -lround -Wl,-rpath,'\$ORIGIN' -o libcycle.so"
export LD_PRELOAD="$PWD/stub.so"

output=$("$host" load=./libbase.so open=./libuser.so unload function=base unload mapped=libbase)
is "refused twice, and usable" "$(printf '%s\n' "$output" | grep -v '^  ')" "load: ok
open: ok
unload: code 51
libbase.so was not unloaded: ./libuser.so needs it
base: 1
unload: code 51
libbase.so was not unloaded: ./libuser.so needs it
mapped: yes"
contains "says what to do" "$output" "unload that one first"

output=$("$host" open=./libbase.so open=./libuser.so load=./other/libbase.so unload mapped=other/libbase)
is "not the one that is needed" "$(printf '%s\n' "$output" | sed -n '4,5p')" "unload: ok
heap: 0 blocks, 0 released"
contains "it is gone" "$output" "mapped: no"

output=$("$host" load=./libround.so unload mapped=libround mapped=libcycle)
is "a library of its own that needs it back goes with it" "$(printf '%s\n' "$output" | grep -v heap)" "load: ok
unload: ok
mapped: no
mapped: no"

done_testing
