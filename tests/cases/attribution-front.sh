# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# A malloc in front of the tracker's: the program's own, or one preloaded before it. Then nothing can be tracked, and
# what the hooked functions give out must still be that allocator's.
. "$TOP_SRCDIR/tests/cases/attribution.sh"
leaks=reclaim

# in_front NAME PROGRAM: all ways to allocate, in the program and in modules; set $preload before
in_front() {
	title=$1; shift
	tracked "$@" load m "$MODULES/attr_leaks.so" call m leak_all call m leak_nothing thread m leak_all close m \
		load m "$MODULES/attr_fortify.so" call m leak_all close m load m "$MODULES/attr_cxx.so" call m leak_all close m
	survived "$title: all goes on"
	contains "$title: it is said that nothing is tracked, and why" "$output" "malloc"
	lacks "$title: nothing is released" "$report" "heap released"
}

own=$PROGRAMS/retention/attr-host-malloc
ok "without the tracker the program serves its modules" \
	"$own" load m "$MODULES/attr_leaks.so" call m leak_all call m leak_nothing close m
in_front "a program with a malloc of its own" "$own"
# Not jemalloc, which lacks pvalloc: libc's block in jemalloc's free ends the program, tracker or not.
for library in libmimalloc.so.2 libtcmalloc_minimal.so.4; do
	preload=$library
	tracked "$host" load m "$MODULES/attr_leaks.so" call m leak_nothing close m
	case $output in
	*"cannot be preloaded"*) skip "$library in front" "it is not installed"; continue ;;
	esac
	preload=$library:$RELIB_TRACKER
	in_front "$library in front" "$host"
	in_front "$library in front, C++" "$host_cxx"
done
done_testing
