# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# For the tests of relib-bindgen: how to run it, and how to compile what it writes. Needs tap.sh.

bindgen=${RELIB_BINDGEN:-$TOP_BUILDDIR/tools/relib-bindgen}
include="-I$TOP_SRCDIR/loader -I$TOP_SRCDIR/preload -I$TOP_SRCDIR/module-sdk"
warnings="-Wall -Wextra -Wpedantic -Werror"
c_compilers="$CC -std=c11;$CC -std=gnu17"
cxx_compilers="$CXX -std=c++17"
command -v clang >/dev/null && c_compilers="$c_compilers;clang -std=c11;clang -std=gnu17"
command -v clang++ >/dev/null && cxx_compilers="$cxx_compilers;clang++ -std=c++17"

# compiles_c NAME FILE; compiles_cxx NAME FILE: by every compiler, without a warning
compiles_c() { compiles "$c_compilers" "-fexceptions" "$@"; }
compiles_cxx() { compiles "$cxx_compilers" "-x c++ -Wold-style-cast" "$@"; }
compiles() {
	compilers=$1; flags=$2; what=$3; file=$4
	old_ifs=$IFS; IFS=';'
	for compiler in $compilers; do
		IFS=$old_ifs
		ok "$what: $compiler" $compiler $warnings $include -I. $flags -O2 -fPIC -c "$file" -o compiled.o
	done
	IFS=$old_ifs
}
