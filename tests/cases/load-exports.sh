# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# librelib.so exports what relib.h declares, and nothing else.
. "$TOP_SRCDIR/tests/tap.sh"

library=$TOP_BUILDDIR/loader/.libs/librelib.so
grep -v '^#define' "$TOP_SRCDIR/loader/relib/relib.h" | tr '\n' ' ' | grep -o 'RELIB_EXPORTED [^(;]*(' | sed 's/($//; s/.*[ *]//' | sort >declared
nm -D --defined-only "$library" | awk '{ print $3 }' | sort >exported
is "the header declares something" "$(grep -c ^relib_ declared)" "$(wc -l <declared)"
ok "both are the same" diff declared exported
lacks "needs no C++ library" "$(objdump -p "$library" | grep NEEDED)" libstdc++

done_testing
