# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# The libstdc++ cases without the tracker, in a host in C: libstdc++ comes with the first module, and a second goes on.
. "$TOP_SRCDIR/tests/tap.sh"
"$PROGRAMS/retention/driver" --again "$PROGRAMS/retention/cxx-again.so" "$PROGRAMS/retention/host" "$PROGRAMS/retention/cxx-hidden.so"
