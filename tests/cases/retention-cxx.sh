# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# What libstdc++ keeps for itself when a module uses it first is never released with the module, and what it hands over is.
. "$TOP_SRCDIR/tests/tap.sh"
"$PROGRAMS/retention/driver" --tracker "$RELIB_TRACKER" "$PROGRAMS/retention/host-cxx" "$PROGRAMS/retention/cxx.so"
