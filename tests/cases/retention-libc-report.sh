# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# With leaks=report the same blocks are named, and none is released.
. "$TOP_SRCDIR/tests/tap.sh"
"$PROGRAMS/retention/driver" --leaks report --tracker "$RELIB_TRACKER" "$PROGRAMS/retention/host" "$PROGRAMS/retention/libc.so"
