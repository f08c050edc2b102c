# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Every public header compiles alone, in C and C++, without a warning.
. "$TOP_SRCDIR/tests/tap.sh"

warnings="-Wall -Wextra -Wpedantic -Wshadow -Wundef -Werror"
include="-I$TOP_SRCDIR/loader -I$TOP_SRCDIR/preload -I$TOP_SRCDIR/module-sdk"
headers=$(cd "$TOP_SRCDIR" && ls */relib/*.h | sed 's#^[^/]*/##')
contains "there are headers" "$headers" relib/module.h

# compiles LANGUAGE COMPILER ...: each header alone, and twice
compiles() {
	name="$*"; language=$1; shift
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
	else
		skip "headers with $compiler in C++" "it is not installed"
	fi
done

done_testing
