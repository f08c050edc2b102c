# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# What `make install` puts where, as its users find it: by pkg-config.
. "$TOP_SRCDIR/tests/tap.sh"

. "$TOP_SRCDIR/tests/installed.sh"

for file in lib/librelib.so lib/relib/librelib_symbols.so lib/librelib_track.so bin/relib-run bin/relib-report include/relib/relib.h \
	include/relib/module.h include/relib/track.h include/relib/report.h lib/pkgconfig/relib.pc \
	bin/relib-bindgen lib/librelib_module.a include/relib/wrap/assert.h share/relib/relib.mk share/aclocal/relib.m4 \
	lib/cmake/relib/relib-config.cmake lib/cmake/relib/relib-config-version.cmake doc/examples/template/sample.h; do
	ok "$file is there" test -e "installed/$file"
done
# What the pages send a reader to
for file in $(cd "$TOP_SRCDIR" && ls examples/template/*.* examples/game/*); do
	ok "$file is there, as it stands" cmp "$TOP_SRCDIR/$file" "installed/doc/$file"
done
# Each header, and what each includes
headers=$(cd "$TOP_SRCDIR" && ls */relib/*.h */relib/*.hpp | sed 's#^[^/]*/##')
for header in $headers; do
	echo "#include <$header>" >header.cc
	ok "$header is there, and all of it" $CXX -std=c++17 -I"$prefix/include" -fsyntax-only header.cc
done

if ! command -v pkg-config >/dev/null; then
	skip "programs built by pkg-config" "pkg-config is not installed"
	done_testing
	exit
fi
for name in relib relib-module relib-track; do
	is "$name: the version" "$(pkg-config --modversion $name)" "$("$RELIB_RUN" --version | sed 's/.* //')"
done
for name in relib relib-module; do
	for variable in bindgen makerules aclocaldir cmakedir; do
		ok "$name: its variable $variable is a file or folder" test -e "$(pkg-config --variable=$variable $name)"
	done
done
ok "a module" $CC -g -fPIC -shared "$TOP_SRCDIR/examples/leaky.c" -o libleaky.so $(pkg-config --cflags relib-module)
rpath="-Wl,-rpath,$prefix/lib"
ok "a host" $CC "$TOP_SRCDIR/examples/host.c" -o host $(pkg-config --cflags --libs relib) $rpath
ok "a host linked to the tracker" $CC "$TOP_SRCDIR/examples/host.c" -o tracked $(pkg-config --cflags --libs relib relib-track) $rpath
unset LD_LIBRARY_PATH
for host in host tracked; do
	"./$host" ./libleaky.so >out 2>&1
	is "$host: runs, and unloads" $? 0
	contains "$host: and the leaks are named" "$(cat out)" cache_fill
done
output=$(LD_LIBRARY_PATH=$prefix/lib "$prefix/bin/relib-run" ./libleaky.so 2>&1)
contains "relib-run as installed" "$output" "1,003 blocks (1.2 MiB) left behind and freed"
output=$(LD_LIBRARY_PATH=$prefix/lib "$prefix/bin/relib-run" -- "$PROGRAMS/retention/attr-host" load m ./libleaky.so close m 2>&1)
is "relib-run -- PROGRAM as installed" "$?" 0
is "it finds its tracker" "$output" ""
done_testing
