# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# The libstdc++ cases without the tracker, in a host linked to libstdc++.
. "$TOP_SRCDIR/tests/tap.sh"
"$PROGRAMS/retention/driver" "$PROGRAMS/retention/host-cxx" "$PROGRAMS/retention/cxx.so"
