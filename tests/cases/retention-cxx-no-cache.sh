# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Without malloc's per-thread cache, whose check would find some second frees: others find others.
. "$TOP_SRCDIR/tests/tap.sh"
"$PROGRAMS/retention/driver" --tunables glibc.malloc.tcache_count=0 --tracker "$RELIB_TRACKER" "$PROGRAMS/retention/host-cxx" "$PROGRAMS/retention/cxx.so"
