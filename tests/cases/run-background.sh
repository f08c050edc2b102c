# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# What outlives the program that relib-run ran still reports, to its own standard error.
. "$TOP_SRCDIR/tests/tap.sh"
host=$PROGRAMS/retention/attr-host

mkfifo go
cat >program <<END
#!/bin/sh
(read word <go; exec "$host" load m "$MODULES/attr_leaks.so" call m leak_malloc close m) >out 2>err </dev/null &
echo \$! >pid
END
chmod +x program
ok "the program ends before its child" "$RELIB_RUN" -- ./program
echo now >go
for wait in $(seq 500); do
	kill -0 "$(cat pid)" 2>/dev/null || break
	sleep 0.02
done
contains "the child's report is on its standard error" "$(cat err)" "attr_leaks.so unloaded, 3 blocks (300 B) left behind"
contains "why it is there is said" "$(cat err)" "reports go to stderr only"
done_testing
