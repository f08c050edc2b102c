# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Without the tracker: loading and calling work, unloading says that it can't and why.
. "$TOP_SRCDIR/tests/tap.sh"

host=$PROGRAMS/hosts/load_host

output=$("$host" tracker load="$MODULES/load_simple.so" call unload call mapped=load_simple unload 2>&1)
is "the host lives" "$?" 0
is "what it could do" "$(printf '%s\n' "$output" | grep -v '^  ')" "tracker: no
load: ok
call: ok
result: 41
unload: code 3
load_simple.so was not unloaded: the program runs without the tracker
call: ok
result: 41
mapped: yes
unload: code 3
load_simple.so was not unloaded: the program runs without the tracker"
contains "names relib_init" "$output" relib_init
contains "names pkg-config" "$output" "pkg-config --libs relib-track"
contains "names LD_PRELOAD" "$output" "LD_PRELOAD=librelib_track.so"

is "plain objects load too" "$("$host" plain="$MODULES/load_plain.so" function=load_answer function=nothing | head -n 4)" "load: ok
load_answer: 42
nothing: code 30
load_plain.so has no symbol nothing"

done_testing
