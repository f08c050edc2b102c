# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# librelib.so exports what its headers declare, and what a module looks for, and nothing else.
. "$TOP_SRCDIR/tests/tap.sh"

library=$TOP_BUILDDIR/loader/.libs/librelib.so
{
	cat "$TOP_SRCDIR/loader/relib/relib.h" "$TOP_SRCDIR/loader/relib/host.h" | grep -v '^#define' | tr '\n' ' ' |
		grep -o 'RELIB_EXPORTED [^(;]*(' | sed 's/($//; s/.*[ *]//; s/__attribute__//'
	echo relib_calls_of_thread
	echo relib_module_attach
} | sed '/^$/d' | sort >declared
nm -D --defined-only "$library" | awk '{ print $3 }' | sort >exported
is "the header declares something" "$(grep -c ^relib_ declared)" "$(wc -l <declared)"
ok "both are the same" diff declared exported
lacks "needs no C++ library" "$(objdump -p "$library" | grep NEEDED)" libstdc++

done_testing
