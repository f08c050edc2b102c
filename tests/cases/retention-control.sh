# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# The retention cases without the tracker: they must survive by themselves, else they prove nothing.
. "$TOP_SRCDIR/tests/tap.sh"
"$PROGRAMS/retention/driver" "$PROGRAMS/retention/host" "$PROGRAMS/retention/libc.so"
