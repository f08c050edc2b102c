# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# relib-report shows what is in a file of reports.
. "$TOP_SRCDIR/tests/tap.sh"
relib_report=$TOP_BUILDDIR/tools/relib-report

"$PROGRAMS/unit/test_report" --json >samples.jsonl
ok "a file of reports can be read" "$relib_report" samples.jsonl
text=$("$relib_report" samples.jsonl)
contains "it shows the leaks" "$text" "1,003 blocks (1.2 MiB) left behind and freed"
contains "it shows the refusals" "$text" 'thread 5012 "pool-0"'
is "it reads standard input too" "$("$relib_report" - <samples.jsonl)" "$text"
"$relib_report" --format json samples.jsonl >again.jsonl
ok "JSON comes out as it went in" cmp samples.jsonl again.jsonl

{ head -n 1 samples.jsonl; echo '{"type":'; sed -n 3p samples.jsonl; } >damaged.jsonl
text=$("$relib_report" damaged.jsonl 2>errors); status=$?
is "a damaged line is an error" "$status" 1
contains "it is named by its number" "$(cat errors)" "damaged.jsonl, line 2 is no report"
contains "the lines before it are shown" "$text" libleaky.so
contains "the lines after it are shown" "$text" libworker.so

text=$("$relib_report" no-such-file 2>&1); status=$?
is "a missing file is an error" "$status" 1
contains "it is named" "$text" "can't read no-such-file: No such file"
"$relib_report" >/dev/null 2>&1
is "no file at all is wrong usage" $? 2
done_testing
