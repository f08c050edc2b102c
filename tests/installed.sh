# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# For test scripts, after tap.sh: relib as `make install` puts it, in the test's folder. Sets prefix, PKG_CONFIG_PATH and
# CMAKE_PREFIX_PATH.

prefix=$PWD/installed
ok "make install" make -s -C "$TOP_BUILDDIR" install-exec install-data prefix="$prefix" exec_prefix="$prefix" \
	bindir="$prefix/bin" libdir="$prefix/lib" includedir="$prefix/include" datarootdir="$prefix/share" docdir="$prefix/doc"

# The files name the folders of configure: they are moved here. Those of libtool can't be.
sed -i -e "s|^prefix=.*|prefix=$prefix|" -e 's|^exec_prefix=.*|exec_prefix=${prefix}|' -e 's|^bindir=.*|bindir=${prefix}/bin|' \
	-e 's|^libdir=.*|libdir=${prefix}/lib|' -e 's|^includedir=.*|includedir=${prefix}/include|' \
	-e 's|^datarootdir=.*|datarootdir=${prefix}/share|' -e 's|^datadir=.*|datadir=${prefix}/share|' \
	"$prefix"/lib/pkgconfig/*.pc
rm -f "$prefix"/lib/*.la
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig" CMAKE_PREFIX_PATH="$prefix" LD_LIBRARY_PATH="$prefix/lib"
# Installed, relib finds its tracker by itself.
unset RELIB_TRACKER
