# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Another allocator preloaded behind the tracker serves, and modules' leaks are named and released all the same.
. "$TOP_SRCDIR/tests/cases/attribution.sh"

ask() {
	env LD_PRELOAD="$1" "$host" load m "$MODULES/attr_allocator.so" call m say_allocator close m 2>&1
}

is "without another, libc serves" "$(ask "$RELIB_TRACKER")" "libc serves"
for library in libjemalloc.so.2 libmimalloc.so.2 libtcmalloc_minimal.so.4; do
	name=${library#lib} name=${name%%.so*} name=${name%%_*}
	if [ "$(ask "$library")" != "$name serves" ]; then
		skip "$name" "$library is not installed"
		continue
	fi
	export RELIB_TRACK=quiet
	is "$name serves behind the tracker" "$(ask "$RELIB_TRACKER:$library")" "$name serves"
	preload=$RELIB_TRACKER:$library
	for leaks in report reclaim; do
		object=attr_leaks.so
		tracked "$host" load m "$MODULES/attr_leaks.so" call m leak_all thread m leak_all close m
		survived "$name, leaks=$leaks: a C module"
		total "$name, leaks=$leaks: its leaks" 42
		entry "$name, leaks=$leaks: one of them" leak_strdup 8 72
		object=attr_cxx.so
		for program in "$host" "$host_cxx"; do
			tracked "$program" load m "$MODULES/attr_cxx.so" call m leak_all thread m leak_all close m
			survived "$name, leaks=$leaks: a C++ module in $(basename "$program")"
			total "$name, leaks=$leaks: its leaks" 52
		done
	done
done
done_testing
