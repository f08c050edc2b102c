# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# relib_init starts the program again under a tracker: once, with the same arguments, and cleans up behind itself.
. "$TOP_SRCDIR/tests/tap.sh"

host=$PROGRAMS/hosts/load_host
include="-I$TOP_SRCDIR/module-sdk -I$TOP_SRCDIR/preload"
cat >stub.c <<'END'
#include <relib/track.h>
const struct relib_track relib_track = { RELIB_TRACK_ABI, sizeof(struct relib_track), "stand-in" };
END
echo 'int nothing;' >nothing.c
ok "build" sh -ec "\$CC $include -shared -fPIC stub.c -o stub.so
	\$CC -shared -fPIC nothing.c -o nothing.so
	mkdir 'with space'; cp stub.so 'with space/stub.so'"

# The program itself, not libtool's script in its place.
program=$host
[ -x "$PROGRAMS/hosts/.libs/load_host" ] && program=$PROGRAMS/hosts/.libs/load_host
export LD_LIBRARY_PATH="$TOP_BUILDDIR/loader/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"

is "it has a tracker afterwards" "$(RELIB_TRACKER=$PWD/stub.so "$program" tracker init tracker 2>&1)" "tracker: no
tracker: yes
init: ok
tracker: yes"
is "the environment is as before" "$(RELIB_TRACKER=$PWD/stub.so "$program" init environment=LD_PRELOAD environment=RELIB_STARTED)" \
"init: ok
LD_PRELOAD: (not set)
RELIB_STARTED: (not set)"
output=$(LD_PRELOAD=$PWD/nothing.so RELIB_TRACKER=$PWD/stub.so "$program" init environment=LD_PRELOAD mapped=nothing.so tracker)
is "what was preloaded stays, and stays in the environment" "$output" "init: ok
LD_PRELOAD: $PWD/nothing.so
mapped: yes
tracker: yes"
is "a tracker that is there is enough" "$(LD_PRELOAD=$PWD/stub.so RELIB_TRACKER=/nowhere "$program" init environment=LD_PRELOAD)" \
"init: ok
LD_PRELOAD: $PWD/stub.so"
newline='
'
is "the arguments are the same" "$(RELIB_TRACKER=$PWD/stub.so "$program" init arguments "" " a  b " '*' "x${newline}y" '$HOME\' "$(printf '\377')")" \
"init: ok
<arguments><>< a  b ><*><x${newline}y><\$HOME\\><$(printf '\377')>"
is "the name stays" "$(RELIB_TRACKER=$PWD/stub.so bash -c 'exec -a other-name "$0" "$@"' "$program" init tracker)" "init: ok
tracker: yes"

mkdir installed
cp "$TOP_BUILDDIR/loader/.libs/librelib.so" installed/librelib.so.0; cp stub.so installed/librelib_track.so
is "as installed, the tracker lies beside the loader" \
	"$(unset RELIB_TRACKER; LD_LIBRARY_PATH=installed "$program" init tracker mapped="$PWD/installed/librelib_track.so")" "init: ok
tracker: yes
mapped: yes"

output=$(RELIB_TRACKER=$PWD/nothing.so "$program" init load="$MODULES/load_simple.so" call environment=LD_PRELOAD 2>&1)
is "once is enough" "$(printf '%s\n' "$output" | grep -v '^  ')" "init: code 3
can't start again under the tracker: it was started again once, without success
load: ok
call: ok
result: 41
LD_PRELOAD: (not set)"
contains "once is enough: what to do" "$output" "LD_DEBUG=libs"
output=$(RELIB_TRACKER=/nowhere/at/all.so "$program" init)
contains "no tracker to be found" "$output" "librelib_track.so was not found"
contains "no tracker to be found: code" "$output" "init: code 3"
contains "a path that can't be preloaded" "$(RELIB_TRACKER="$PWD/with space/stub.so" "$program" init)" "has a space or colon in it"
output=$(RELIB_TRACKER=$PWD/stub.so "$(readelf -l "$program" | sed -n 's/.*program interpreter: \(.*\)\]/\1/p')" "$program" init)
contains "started by ld.so" "$output" "naming ld.so on the command line"

# A child of a second start is a host of its own.
is "a child may start again too" "$(RELIB_TRACKER=$PWD/stub.so RELIB_STARTED=1: "$program" init tracker)" "init: ok
tracker: yes"

if [ "$(id -u)" != 0 ]; then
	skip "a set-user-id program" "only root can make one for another user"
elif ! command -v setpriv >/dev/null; then
	skip "a set-user-id program" "setpriv is not installed"
else
	# What is preloaded and where libraries are searched is not ours to say there: build one with its path inside.
	chmod 755 .; cp "$program" raised; cp "$TOP_BUILDDIR/loader/.libs/librelib.so" "$PWD/librelib.so.0"
	ok "build a set-user-id program" $CC "-I$TOP_SRCDIR/loader" $include "$TOP_SRCDIR/tests/hosts/load_host.c" \
		-o raised "$PWD/librelib.so.0" "-Wl,-rpath,$PWD"
	chmod 755 raised librelib.so.0 stub.so; chmod u+s raised
	output=$(RELIB_TRACKER=$PWD/stub.so setpriv --reuid=65534 --regid=65534 --clear-groups "$PWD/raised" init tracker 2>&1)
	if [ -u raised ] && ! findmnt -no OPTIONS -T . 2>/dev/null | grep -q nosuid; then
		contains "a set-user-id program" "$output" "more rights than its user"
		contains "a set-user-id program goes on" "$output" "tracker: no"
	else
		skip "a set-user-id program" "the file system here is mounted nosuid"
	fi
fi

done_testing
