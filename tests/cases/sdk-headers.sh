# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Every public header compiles alone, in C and C++, without a warning.
. "$TOP_SRCDIR/tests/tap.sh"

warnings="-Wall -Wextra -Wpedantic -Wshadow -Wundef -Werror"
include="-I$TOP_SRCDIR/loader -I$TOP_SRCDIR/preload -I$TOP_SRCDIR/module-sdk"
headers_c=$(cd "$TOP_SRCDIR" && ls */relib/*.h | sed 's#^[^/]*/##')
headers_cc="$headers_c $(cd "$TOP_SRCDIR" && ls */relib/*.hpp | sed 's#^[^/]*/##')"
for header in relib/module.h relib/host.h relib/module.hpp relib/relib.hpp; do
	contains "$header is among them" "$headers_cc" $header
done

# compiles LANGUAGE COMPILER ...: each header alone, and twice
compiles() {
	name="$*"; language=$1; shift
	eval "headers=\$headers_$language"
	for header in $headers; do
		printf '#include <%s>\n#include <%s>\nint main(void) { return 0; }\n' "$header" "$header" >alone.$language
		ok "$header: $name" "$@" $warnings $include -fsyntax-only alone.$language
	done
}
compiles c $CC -std=c11
compiles cc $CXX -std=c++17
for compiler in gcc clang; do
	if command -v $compiler >/dev/null; then
		compiles c $compiler -std=c11
		compiles c $compiler -std=gnu17
	else
		skip "headers with $compiler in C" "it is not installed"
	fi
done
for compiler in g++ clang++; do
	if command -v $compiler >/dev/null; then
		compiles cc $compiler -std=c++17
		compiles cc $compiler -std=c++20
		compiles cc $compiler -std=c++17 -fno-exceptions -fno-rtti
	else
		skip "headers with $compiler in C++" "it is not installed"
	fi
done

# `module` at the start of a line means something else there.
if echo | g++ -std=c++20 -fmodules-ts -E -x c++ - >/dev/null 2>&1; then
	compiles cc g++ -std=c++20 -fmodules-ts
else
	skip "headers with C++20's modules" "g++ has none"
fi

# wrap/assert.h stands for libc's, and can be included many times
cat >assert.c <<'END'
#define NDEBUG
#include <assert.h>
static inline int first(int i) { assert(this is not compiled); return i; }
#undef NDEBUG
#include <assert.h>
int second(int i);
int second(int i) { assert(i > 0 && "text"); return first(i); }
END
cp assert.c assert.cc
for compiler in "$CC -std=c11" "$CXX -std=c++17" "clang -std=c11" "clang++ -std=c++17"; do
	case $compiler in *++*) language=cc ;; *) language=c ;; esac
	command -v ${compiler%% *} >/dev/null || { skip "assert.h: $compiler" "it is not installed"; continue; }
	ok "assert.h: $compiler" $compiler $warnings $include -I"$TOP_SRCDIR/module-sdk/wrap" -c assert.$language -o assert.o
	contains "assert.h: $compiler: a failure is relib's" "$(nm -u assert.o)" relib_assert_failed_
	lacks "assert.h: $compiler: and not libc's" "$(nm -u assert.o)" __assert_fail
done

done_testing
