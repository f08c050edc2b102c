# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Not optimised, much of libstdc++ is compiled into the module and called from libstdc++: more frames, and of both.
. "$TOP_SRCDIR/tests/tap.sh"
"$PROGRAMS/retention/driver" --tracker "$RELIB_TRACKER" "$PROGRAMS/retention/host-cxx" "$PROGRAMS/retention/cxx-O0.so"
