# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Loader and tracker together: load, call, unload, load again; refused by a thread; thread-local data.
. "$TOP_SRCDIR/tests/tap.sh"

host=$PROGRAMS/hosts/load_host
tracked() { LD_PRELOAD=$RELIB_TRACKER "$host" "$@" 2>&1; }
steps() { printf '%s\n' "$1" | grep -v '^ '; }

for name in simple cxx tls; do
	case $name in simple) result=41 ;; cxx) result=-1 ;; tls) result=100 ;; esac
	output=$(tracked tracker load="$MODULES/load_$name.so" call unload mapped=load_$name \
		load="$MODULES/load_$name.so" call unload mapped=load_$name)
	is "$name: twice in and out" "$(steps "$output" | grep -v ^heap)" "tracker: yes
load: ok
call: ok
result: $result
unload: ok
mapped: no
load: ok
call: ok
result: $result
unload: ok
mapped: no"
done

output=$(tracked load="$MODULES/load_thread.so" call unload mapped=load_thread function=load_end_worker \
	unload=60000 mapped=load_thread load="$MODULES/load_thread.so" call function=load_end_worker unload=60000)
is "a thread: refused, usable, then unloaded when it has ended" "$(steps "$output" | grep -v ^heap)" "load: ok
call: ok
result: 0
unload: code 52
load_thread.so was not unloaded: a thread of its own still runs
mapped: yes
load_end_worker: 0
unload: ok
mapped: no
load: ok
call: ok
result: 0
load_end_worker: 0
unload: ok"
thread=$(printf '%s\n' "$output" | grep '^  thread')
contains "a thread: its name" "$thread" '"load-worker"'
contains "a thread: its start function" "$thread" ' load_worker '
contains "a thread: who started it" "$thread" 'started by load_start_worker'
is "a thread: its id" "$(printf '%s\n' "$thread" | grep -c '^  thread [0-9][0-9]* ')" 1

cp "$MODULES/load_simple.so" first.so; cp first.so first.so.so; ln -s first.so symbolic.so; ln first.so hard.so
output=$(tracked load=./first.so load=./symbolic.so load=./hard.so load=.//first.so load=./first.so.so unload load=./hard.so mapped=first.so.so)
is "the same file by any path, another by a longer one" "$(steps "$output" | grep -v '^heap\|^\./\|^\.//')" "load: ok
load: code 16
load: code 16
load: code 16
load: ok
unload: ok
load: code 16
mapped: no"

program=$host
[ -x "$PROGRAMS/hosts/.libs/load_host" ] && program=$PROGRAMS/hosts/.libs/load_host
is "relib_init with the tracker" "$(LD_LIBRARY_PATH=$TOP_BUILDDIR/loader/.libs "$program" init tracker load=./first.so unload mapped=first.so | grep -v ^heap)" "init: ok
tracker: yes
load: ok
unload: ok
mapped: no"

ok "build a host linked to the tracker" $CC -D_GNU_SOURCE "-I$TOP_SRCDIR/loader" "-I$TOP_SRCDIR/preload" "-I$TOP_SRCDIR/module-sdk" \
	"$TOP_SRCDIR/tests/hosts/load_host.c" -o linked -Wl,--no-as-needed "$RELIB_TRACKER" "$TOP_BUILDDIR/loader/.libs/librelib.so" \
	"-Wl,-rpath,$TOP_BUILDDIR/loader/.libs" "-Wl,-rpath,$TOP_BUILDDIR/preload/.libs"
is "a host linked to the tracker needs no environment" "$(./linked tracker init load=./first.so unload mapped=first.so environment=LD_PRELOAD | grep -v ^heap)" \
"tracker: yes
init: ok
load: ok
unload: ok
mapped: no
LD_PRELOAD: (not set)"

# The tracker's own reason for what ld.so keeps.
cat >nodelete.c <<'END'
#include <relib/module.h>
RELIB_MODULE("nodelete", "1")
RELIB_MAIN(int) { return 5; }
END
ok "build a module that can't be unmapped" $CC "-I$TOP_SRCDIR/module-sdk" -shared -fPIC -Wl,-z,nodelete nodelete.c -o nodelete.so
output=$(tracked load=./nodelete.so unload call unload mapped=nodelete.so)
is "still mapped, still usable" "$(steps "$output" | grep -v '^heap\|^nodelete.so')" "load: ok
unload: code 53
call: ok
result: 5
unload: code 53
mapped: yes"
contains "still mapped: says why" "$output" NODELETE

done_testing
