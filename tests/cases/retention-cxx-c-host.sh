# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# The same in a host in C: libstdc++ comes with the first module, stays, and serves the second.
. "$TOP_SRCDIR/tests/tap.sh"
"$PROGRAMS/retention/driver" --tracker "$RELIB_TRACKER" --again "$PROGRAMS/retention/cxx-again.so" "$PROGRAMS/retention/host" "$PROGRAMS/retention/cxx-hidden.so"
