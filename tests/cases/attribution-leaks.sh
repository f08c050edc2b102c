# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Every function that allocates, from a function of its own: named, counted and sized.
. "$TOP_SRCDIR/tests/cases/attribution.sh"

# leaks_of_c NAME: what attr_leaks.so leaves
leaks_of_c() {
	object=attr_leaks.so
	entry "$1: malloc" leak_malloc 3 300
	entry "$1: calloc" leak_calloc 2 200
	entry "$1: realloc of nothing" leak_realloc 1 77
	entry "$1: realloc that grows" leak_realloc_grown 1 5000
	entry "$1: reallocarray" leak_reallocarray 1 300
	entry "$1: posix_memalign" leak_posix_memalign 1 100
	entry "$1: aligned_alloc" leak_aligned_alloc 1 192
	entry "$1: memalign" leak_memalign 1 50
	entry "$1: valloc" leak_valloc 1 60
	entry "$1: pvalloc" leak_pvalloc 1 70
	entry "$1: strdup" leak_strdup 4 36
	entry "$1: strndup" leak_strndup 1 4
	entry "$1: asprintf" leak_asprintf 1 10
	entry "$1: vasprintf" leak_vasprintf_format 1 8
	no_entry "$1: what was given back" leak_nothing
	total "$1: nothing but these" 21
	case $report in
	*" 1 33 leak_static_inner in"*|*" 1 33 - in"*) pass "$1: a static function is named, or nobody" ;;
	*) fail "$1: a static function is named, or nobody" "$report" ;;
	esac
}

# leaks_of_cxx NAME: what attr_cxx.so leaves; of containers the number of blocks counts, and template code may stand between
leaks_of_cxx() {
	object=attr_cxx.so
	entry "$1: operator new" _ZN4leak5plainEP9attr_host 3 120
	entry "$1: operator new[]" _ZN4leak5arrayEP9attr_host 1 50
	entry "$1: operator new, nothrow" _ZN4leak7nothrowEP9attr_host 1 60
	entry "$1: operator new[], nothrow" _ZN4leak13array_nothrowEP9attr_host 1 70
	entry "$1: operator new, aligned" _ZN4leak13aligned_plainEP9attr_host 1 256
	entry "$1: operator new[], aligned" _ZN4leak13aligned_arrayEP9attr_host 1 512
	entry "$1: operator new, aligned, nothrow" _ZN4leak15aligned_nothrowEP9attr_host 1 384
	entry "$1: operator new[], aligned, nothrow" _ZN4leak21aligned_array_nothrowEP9attr_host 1 640
	no_entry "$1: every operator delete" _ZN4leak7nothingEP9attr_host
	blocks_of "$1: std::string" 2 _ZN4leak6stringEP9attr_host
	blocks_of "$1: std::ostringstream" 2 _ZN4leak6streamEP9attr_host
	total "$1: vector, map and nothing but these" 26
}

ok "the hosts are a C and a C++ program" sh -c "ldd '$host' | grep -qv libstdc++ && ldd '$host_cxx' | grep -q libstdc++"
for leaks in report reclaim; do
	tracked "$host" load m "$MODULES/attr_leaks.so" call m leak_all close m
	survived "a C module in a C host, leaks=$leaks"
	leaks_of_c "C in C, $leaks"
	tracked "$host_cxx" load m "$MODULES/attr_leaks.so" call m leak_all close m
	survived "a C module in a C++ host, leaks=$leaks"
	leaks_of_c "C in C++, $leaks"
	tracked "$host" load m "$MODULES/attr_cxx.so" call m leak_all close m
	survived "a C++ module in a C host, leaks=$leaks"
	leaks_of_cxx "C++ in C, $leaks"
	tracked "$host_cxx" load m "$MODULES/attr_cxx.so" call m leak_all close m
	survived "a C++ module in a C++ host, leaks=$leaks"
	leaks_of_cxx "C++ in C++, $leaks"
done

leaks=report
object=attr_fortify.so
contains "the fortified module calls libc by other names" "$(nm -D "$MODULES/attr_fortify.so")" __asprintf_chk
tracked "$host" load m "$MODULES/attr_fortify.so" call m leak_all close m
survived "a fortified module"
entry "fortified asprintf" fortified_asprintf 2 20
entry "fortified vasprintf" fortified_vasprintf_format 1 8
total "nothing but these" 3
done_testing
