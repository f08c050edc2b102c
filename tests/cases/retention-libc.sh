# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# What libc keeps for itself when a module calls it first is never released with the module, and what it hands over is.
. "$TOP_SRCDIR/tests/tap.sh"
"$PROGRAMS/retention/driver" --tracker "$RELIB_TRACKER" "$PROGRAMS/retention/host" "$PROGRAMS/retention/libc.so"
