# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Panics and calls of modules that were built in other ways: not optimised, size-optimised, by clang, with the SDK's sources likewise.
. "$TOP_SRCDIR/tests/tap.sh"

sources="$TOP_SRCDIR/module-sdk/link.c $TOP_SRCDIR/module-sdk/assert.c"
usual="-g -fPIC -shared"

# try NAME FLAGS...: both programs' tests with a module built so
try() {
	name=$1; shift
	ok "$name: the module is built" env CC="$compiler" CXX="$cxx" NOT_UNIQUE="$not_unique" SDK= SDK_SOURCES="$sources" \
		sh "$TOP_SRCDIR/tests/probe/build" "$PWD/module.d/probe.so" c++ $usual "$@"
	for program in test_panic test_call; do
		output=$(PROBE="$PWD/module.d/probe.so" "$PROGRAMS/unit/$program" 2>&1)
		status=$?
		is "$name: $program" "$status$(printf '%s\n' "$output" | grep -A 9 '^not ok')" 0
	done
}

mkdir module.d
compiler=$CC cxx=$CXX
not_unique=$($CXX -fno-gnu-unique -E -x c++ /dev/null >/dev/null 2>&1 && echo -fno-gnu-unique)
try "not optimised" -O0
try "optimised for size" -Os -fno-plt
try "with a stack protector and control-flow protection" -O2 -fstack-protector-all -fcf-protection=full
try "with frame pointers, bound late" -O3 -fno-omit-frame-pointer -Wl,-z,lazy
if command -v clang >/dev/null && command -v clang++ >/dev/null; then
	compiler=clang cxx=clang++ not_unique=
	try "by clang" -O2
	try "by clang, not optimised" -O0
else
	skip "by clang" "there is none"
fi
done_testing
