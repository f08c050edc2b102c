# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# configure says in one line what is missing, and which packages bring it.
. "$TOP_SRCDIR/tests/tap.sh"

PKG_CONFIG_LIBDIR=$PWD/nothing LLVM_CONFIG=$PWD/nothing "$TOP_SRCDIR/configure" -q CC="$CC" CXX="$CXX" >out 2>err; status=$?
ok "without its libraries it does not go on" test "$status" -ne 0
is "it says so in one line" "$(grep -c . err)" 1
for package in libunwind-dev libelf-dev libdw-dev libjansson-dev check libclang-dev; do
	contains "$package is named" " $(sed 's/.*apt-get install//' err) " " $package "
done
"$TOP_SRCDIR/configure" -q CC="$CC" CXX=no-such-compiler >out 2>err
contains "so is a C++ compiler" "$(cat err)" "a C++ compiler. Install with: apt-get install g++"
done_testing
