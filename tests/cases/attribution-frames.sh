# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# The owner is found through frames of every shape, however the module is compiled.
. "$TOP_SRCDIR/tests/tap.sh"
host=$PROGRAMS/retention/attr-host

for flags in -O0 -O2 '-O2 -fno-omit-frame-pointer' '-O3 -fstack-protector-all'; do
	ok "$flags: a module is built" "$CXX" $flags -g -std=c++17 -shared -fPIC -o frames.so "$TOP_SRCDIR/tests/modules/attr_frames.cc"
	for stacks in 0 12; do
		report=$(env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="stacks=$stacks" "$host" load m ./frames.so call m leak_in_frames close m 2>&1 >/dev/null)
		contains "$flags, stacks=$stacks: all are the module's" "$report" "frames.so unloaded, 72 blocks"
		for place in varying aligned handler callback; do
			is "$flags, stacks=$stacks: strdup in $place" \
				"$(printf '%s\n' "$report" | grep -c " 6 blocks .*strdup < .*leak_in_$place")" 1
		done
	done
done

report=$(env LD_PRELOAD="$RELIB_TRACKER" "$host" load m ./frames.so call m leak_after_throw close m 2>&1 >/dev/null)
contains "after an exception out of a callback the thread is tracked" "$report" "strdup < leak_after_throw"
done_testing
