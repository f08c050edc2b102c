# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# relib-run on a module that leaks: the report as text and JSON, and where it goes.
. "$TOP_SRCDIR/tests/tap.sh"
leaks=$MODULES/run_leaks.so
named=$(grep -n "the line that is named" "$TOP_SRCDIR/tests/modules/run_leaks.c" | cut -d: -f1)

"$RELIB_RUN" "$leaks" >out 2>err; status=$?
is "leaks are no failure" "$status" 0
contains "the header counts them" "$(cat err)" "relib: run_leaks.so unloaded, 11 blocks (9.8 KiB) left behind and freed"
contains "the function is named, with file and line" "$(grep run_leaks_fill err)" "run_leaks.c:$named"
contains "so is the one that called strdup" "$(grep run_leaks_parse err)" "run_leaks.c:"
is "the largest comes first" "$(grep -o 'run_leaks_[a-z]*   *run_leaks.c\|run_leaks_parse   *run_leaks.c' err | head -n 1 | cut -d' ' -f1)" run_leaks_fill
contains "what to type next comes last" "$(tail -n 1 err)" "next: relib-run --stacks 8 "
lacks "how relib-run called it is left out" "$(cat err)" "relib_call_main"
lacks "no colour in a file" "$(cat err)" "$(printf '\033')"

"$RELIB_RUN" --repeat 4 "$leaks" 2>err
is "one report for cycles that are the same" "$(grep -c 'left behind' err)" 1
contains "and how often" "$(cat err)" "the same 3 more times"

"$RELIB_RUN" --report report.txt "$leaks" 2>err
is "--report: standard error is empty" "$(cat err)" ""
contains "--report: the file has it" "$(cat report.txt)" "11 blocks"
"$RELIB_RUN" --format json --report report.jsonl --repeat 3 "$leaks" 2>err
is "--format json: a line for each unload" "$(grep -c '"type":"unload"' report.jsonl)" 3
contains "--format json: file and line are filled in" "$(cat report.jsonl)" "\"line\":$named"
"$RELIB_RUN" --format json "$leaks" 2>err
contains "--format json without a file: standard error" "$(cat err)" '{"type":"unload"'

"$RELIB_RUN" --stacks 16 "$leaks" 2>err
contains "--stacks: the callers are named" "$(cat err)" "seen from RELIB_MAIN run_leaks.c:"

"$RELIB_RUN" --report no/such/folder/report "$MODULES/run_plain.so" >out 2>err; status=$?
is "a report path that can't be written: exit status 2" "$status" 2
contains "it is named, with the reason" "$(cat err)" "can't write reports to no/such/folder/report: No such file or directory"
is "and nothing was run" "$(cat out)" ""
"$RELIB_RUN" --report /dev/full "$leaks" 2>err; status=$?
is "a full disk is not the module's fault" "$status" 0
contains "a full disk: it is said" "$(cat err)" "can't write the report to /dev/full: No space left on device"
contains "a full disk: the report is not lost" "$(cat err)" "11 blocks"

# Templates of libraries, inlined
"$RELIB_RUN" "$MODULES/run_names.so" 2>err
push=$(grep -n "the line that is named" "$TOP_SRCDIR/tests/modules/run_names.cc" | cut -d: -f1)
contains "C++: the line of the module's own that the library allocated for" "$(cat err)" "registry::add"
contains "C++: with its line" "$(grep registry::add err)" "run_names.cc:$push"
lacks "C++: names are as in the source" "$(cat err)" "_Z"

# Debug information in other forms: clang writes no .debug_aranges, -gsplit-dwarf puts functions into another file
objcopy --remove-section .debug_aranges "$leaks" no-aranges.so
"$RELIB_RUN" ./no-aranges.so 2>err
contains "without .debug_aranges: file and line" "$(grep run_leaks_fill err)" "run_leaks.c:$named"
"$CXX" -g -gsplit-dwarf -O2 -fPIC -shared -I"$TOP_SRCDIR/module-sdk" -o split.so "$TOP_SRCDIR/tests/modules/run_names.cc"
"$RELIB_RUN" ./split.so 2>err
contains "split debug information: what was inlined is named" "$(grep registry::add err)" "run_names.cc:$push"

# As on a terminal of 80 columns
if command -v script >/dev/null; then
	script -qec "stty cols 80; '$RELIB_RUN' '$leaks'" /dev/null </dev/null >terminal 2>&1
	contains "colour on a terminal" "$(cat terminal)" "$(printf '\033[')"
	is "no line is wider than it" "$(sed 's/\x1b\[[0-9;]*m//g; s/\r//' terminal | grep -v -e 'next:' -e "$leaks" | awk 'length > 80' | wc -l)" 0
	NO_COLOR=1 script -qec "'$RELIB_RUN' '$leaks'" /dev/null </dev/null >terminal 2>&1
	lacks "NO_COLOR is honoured" "$(cat terminal)" "$(printf '\033[')"
else
	skip "colour on a terminal" "install bsdutils for script"
fi
done_testing
