# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# What `make install` puts where, as its users find it: by pkg-config.
. "$TOP_SRCDIR/tests/tap.sh"

prefix=$PWD/installed
ok "make install" make -s -C "$TOP_BUILDDIR" install-exec install-data prefix="$prefix" exec_prefix="$prefix" \
	bindir="$prefix/bin" libdir="$prefix/lib" includedir="$prefix/include" datarootdir="$prefix/share" docdir="$prefix/doc"
for file in lib/librelib.so lib/relib/librelib_symbols.so lib/librelib_track.so bin/relib-run bin/relib-report include/relib/relib.h \
	include/relib/module.h include/relib/track.h include/relib/report.h lib/pkgconfig/relib.pc; do
	ok "$file is there" test -e "installed/$file"
done

# The files name the prefix of configure: it is moved here.
config() {
	PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --define-variable=prefix="$prefix" \
		--define-variable=exec_prefix="$prefix" --define-variable=libdir="$prefix/lib" \
		--define-variable=includedir="$prefix/include" "$@"
}
if ! command -v pkg-config >/dev/null; then
	skip "programs built by pkg-config" "pkg-config is not installed"
	done_testing
	exit
fi
for name in relib relib-module relib-track; do
	is "$name: the version" "$(config --modversion $name)" "$("$RELIB_RUN" --version | sed 's/.* //')"
done
ok "a module" $CC -g -fPIC -shared "$TOP_SRCDIR/examples/leaky.c" -o libleaky.so $(config --cflags relib-module)
rpath="-Wl,-rpath,$prefix/lib"
ok "a host" $CC "$TOP_SRCDIR/examples/host.c" -o host $(config --cflags --libs relib) $rpath
ok "a host linked to the tracker" $CC "$TOP_SRCDIR/examples/host.c" -o tracked $(config --cflags --libs relib relib-track) $rpath
unset RELIB_TRACKER
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
