# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# A module that crashes is named, with the signal and the function.
. "$TOP_SRCDIR/tests/tap.sh"
crash=$MODULES/run_crash.so

# crashes WHERE HOW STATUS TEXT ...
crashes() {
	where=$1; how=$2; wanted=$3; shift 3
	RUN_CRASH=$where RUN_CRASH_BY=$how "$RELIB_RUN" "$crash" >out 2>err; status=$?
	is "$how in its $where: exit status $wanted" "$status" "$wanted"
	for text in "$@"; do contains "$how in its $where: $text" "$(cat err)" "$text"; done
}
ok "it runs when it doesn't crash" "$RELIB_RUN" "$crash"
crashes constructor pointer 3 "run_crash.so crashed with SIGSEGV while it was loaded" "run_crash_now" "run_crash.c:"
crashes main pointer 1 "run_crash.so crashed with SIGSEGV when it was called" "run_crash_now" "next: gdb --args relib-run"
crashes destructor pointer 1 "run_crash.so crashed with SIGSEGV while it was unloaded" "run_crash_now"
crashes main abort 1 "crashed with SIGABRT" "run_crash_now"
crashes main stack 1 "crashed with SIGSEGV" "run_crash_deeper"
crashes main trap 1 "crashed with SIGILL" "run_crash_now"
crashes main heap 1 "crashed with SIG" "run_crash_now"
is "the function that called it comes next" "$(awk '/^  run_crash_now/ { getline; print $1 }' err)" crash_in
cp "$crash" stripped.so && strip stripped.so && crash=./stripped.so
crashes main pointer 1 "stripped.so crashed with SIGSEGV" "run_crash_now" "stripped.so+0x"

# It ends the process: not with relib-run's good statuses
crash=$MODULES/run_crash.so
crashes main exit 1 "run_crash.so ended the process with exit(0) when it was called"
crashes constructor exit 3 "run_crash.so ended the process with exit(0) while it was loaded"
crashes main fork-exit 0
is "a child of its may exit" "$(cat err)" ""
done_testing
