# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Every hook returns what the function behind it returned, and leaves errno as that did.
. "$TOP_SRCDIR/tests/tap.sh"
program=$PROGRAMS/retention/attr-errno

"$program" >host.wanted 2>&1
is "without the tracker the program ends well" "$?" 0
"$program" "$MODULES/attr_errno.so" >module.wanted 2>&1
is "and so it does as a module" "$?" 0
contains "malloc fails with ENOMEM" "$(cat host.wanted)" "malloc(huge): nothing, errno ENOMEM"
contains "free leaves errno alone" "$(cat host.wanted)" "free: good, errno untouched"

export RELIB_TRACK=quiet
LD_PRELOAD=$RELIB_TRACKER "$program" >host.got 2>&1
is "under the tracker it ends well" "$?" 0
LD_PRELOAD=$RELIB_TRACKER "$program" "$MODULES/attr_errno.so" >module.got 2>&1
is "and so it does as a module" "$?" 0
ok "a host's calls return the same" diff host.wanted host.got
ok "a module's calls return the same" diff module.wanted module.got
RELIB_TRACK=quiet,locks LD_PRELOAD=$RELIB_TRACKER "$program" "$MODULES/attr_errno.so" >module.got 2>&1
ok "the same, where mutexes are followed" diff module.wanted module.got
missed=
for name in $(sed -n 's/^[[:space:]]*X([^,]*, \([A-Za-z_][A-Za-z0-9_]*\),.*/\1/p' "$TOP_SRCDIR/preload/hooks.h"); do
	grep -qw "$name" "$TOP_SRCDIR/tests/retention/attr-errno.c" || missed="$missed $name"
done
is "every hook is among them" "$missed" ""
done_testing
