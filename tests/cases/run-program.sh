# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# relib-run -- PROGRAM: environment, exit statuses, signals, and reports while the program runs.
. "$TOP_SRCDIR/tests/tap.sh"
mkdir tmp; export TMPDIR="$PWD/tmp"

# run ARGUMENT ...: leaves $status, $out and $err
run() {
	"$RELIB_RUN" "$@" >out 2>err; status=$?
	out=$(cat out); err=$(cat err)
}
# await COMMAND ...: until it succeeds, for a minute at most
await() {
	await_left=600
	until "$@"; do
		await_left=$((await_left - 1)); [ "$await_left" -gt 0 ] || return 1
		sleep 0.1
	done
}

# A program that stands in for the tracker: writes its arguments, files of reports, to where the tracker would.
cat >reporter <<'END'
#!/bin/sh
file=$(printf '%s' "$RELIB_TRACK" | tr , '\n' | sed -n 's/^report=//p' | tail -n 1)
cat "$@" >>"$file"
END
chmod +x reporter
"$PROGRAMS/unit/test_report" --json >samples.jsonl
head -n 1 samples.jsonl >leaky.jsonl

# How it ends
run -- true
is "a program that is content" "$status" 0
is "nothing is said about it" "$err" ""
run -- sh -c 'exit 7'
is "the program's own status" "$status" 7
run -- sh -c 'kill -TERM $$'
is "death by a signal" "$status" 143
"${PYTHON3:-python3}" -c 'import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode != -15)' \
	"$RELIB_RUN" -- sh -c 'kill -TERM $$' && pass "who waits sees the signal itself" || fail "who waits sees the signal itself"
run -- no-such-program
is "no such program: 127" "$status" 127
contains "no such program: it is named" "$err" "can't run no-such-program: No such file"
mkdir -m 0 closed
PATH=$PWD/closed:$PATH run -- no-such-program
is "no such program, and a folder in PATH that may not be searched: 127" "$status" 127
rmdir closed
touch plain-file
run -- ./plain-file
is "not executable: 126" "$status" 126
contains "not executable: what to do" "$err" "chmod +x"
run -- "$MODULES/no-folder/x"
is "no such path: 127" "$status" 127
echo 'int main(void) { return 4; }' >main.c
if $CC -static -o static main.c 2>/dev/null; then
	run -- ./static
	contains "a static program: that nothing can be seen is said" "$err" "can't be in ./static: it is linked statically"
	is "a static program: it is run all the same" "$status" 4
else
	skip "a static program" "no static libc here"
fi
$CC -o dynamic main.c
run -- ./dynamic
is "nothing of the kind is said of others" "$err" ""
mkdir in-path && cp "$MODULES/run_plain.so" in-path/plain-module && chmod +x in-path/plain-module
PATH=in-path:$PATH run -- plain-module
contains "a module behind --: how to run it" "$err" "leave out the --"
run -- ""
is "no name: wrong usage" "$status" 2
is "standard input and output are the program's" "$(echo through | "$RELIB_RUN" -- cat)" through
run -- printf '<%s>' --report "two words"
is "the program's options are its own" "$out" "<--report><two words>"

# Its environment
show='printf "%s\n" "$LD_PRELOAD" "$RELIB_TRACK"'
run -- sh -c "$show"
contains "the tracker is preloaded" "$(sed -n 1p out)" "librelib_track.so"
contains "it writes JSON and is quiet" "$(sed -n 2p out)" "/reports.jsonl,format=json,quiet"
RELIB_TRACK=leaks=reclaim run --stacks 5 -- sh -c "$show"
contains "the user's own options stay" "$(sed -n 2p out)" "leaks=reclaim,report="
contains "--stacks is passed on" "$(sed -n 2p out)" ",stacks=5"
LD_PRELOAD=libdl.so.2 run -- sh -c "$show"
is "what was preloaded already comes behind" "$(sed -n 1p out | sed 's/.*://')" "libdl.so.2"

# Its reports
run -- ./reporter leaky.jsonl
contains "its reports are shown as text" "$err" "1,003 blocks (1.2 MiB) left behind and freed"
lacks "what was freed needs no advice" "$err" "next:"
sed 's/"released":1003/"released":0/; s/"action":"released"/"action":"reported"/g' leaky.jsonl >left.jsonl
run -- ./reporter left.jsonl
contains "what was not freed: what to do next comes last" "$(tail -n 1 err)" "next: RELIB_TRACK=leaks=reclaim"
run -- sh -c './reporter leaky.jsonl; exit 9'
is "reports don't change the status" "$status" 9
run --report report.txt -- ./reporter leaky.jsonl
is "--report: nothing on standard error" "$err" ""
contains "--report: it is in the file" "$(cat report.txt)" "1,003 blocks"
run --report report.jsonl --format json -- ./reporter samples.jsonl
is "--format json: every report is a line" "$(wc -l <report.jsonl)" "$(wc -l <samples.jsonl)"
run --report no/such/folder/x -- sh -c 'echo ran'
is "a report path that can't be written: 2" "$status" 2
is "and the program was not run" "$out" ""
run --report /dev/full -- ./reporter leaky.jsonl
contains "a full disk: the report is not lost" "$err" "1,003 blocks"
echo '{"type":"unl' >bad.jsonl
run -- ./reporter bad.jsonl leaky.jsonl
contains "a line that is no report is shown" "$err" "can't be read"
contains "and does no harm to the next" "$err" "1,003 blocks"
printf '{"type":"unl' >half.jsonl
run -- ./reporter leaky.jsonl half.jsonl
contains "a half line at the end does no harm" "$err" "1,003 blocks"
is "nothing is left in TMPDIR" "$(ls tmp)" ""
TMPDIR=$PWD/no-such-folder run -- true
is "a TMPDIR that is not there: 2" "$status" 2
contains "a TMPDIR that is not there: it is said" "$err" "set TMPDIR"

# While it runs
mkfifo gate
"$RELIB_RUN" -- sh -c './reporter leaky.jsonl; read line <gate; exit 5' 2>err &
runner=$!
ok "a report is shown while the program runs" await grep -q "1,003 blocks" err
echo go >gate
wait "$runner"
is "and the program goes on" $? 5

"$RELIB_RUN" --report moved.txt -- sh -c './reporter leaky.jsonl; read line <gate; ./reporter leaky.jsonl left.jsonl' &
runner=$!
await grep -q "1,003 blocks" moved.txt
mv moved.txt old.txt
echo go >gate
wait "$runner"
contains "a report file that was moved away is made anew" "$(cat moved.txt)" "reported, not touched"

# Signals
for name in TERM USR1 USR2 HUP; do
	rm -f ready
	"$RELIB_RUN" -- sh -c "trap 'exit 42' $name; : >ready; while :; do read line <gate; done" &
	runner=$!
	await test -e ready
	kill -"$name" "$runner"
	wait "$runner"
	is "$name is passed on" $? 42
done
is "nothing is left in TMPDIR after signals" "$(ls tmp)" ""

# File, line and name from the object itself, if it is the same build
object=$MODULES/run_leaks.so
build_id=$(readelf -n "$object" | sed -n 's/.*Build ID: //p')
offset=$((0x$(nm "$object" | sed -n 's/ T run_leaks_fill$//p') + 4))
report() {
	printf '{"type":"unload","time":"2024-02-29T12:00:00.007Z","pid":1,"module":{"path":"%s","build_id":"%s","base":"0x1"},' "$object" "$1"
	printf '"outcome":"unloaded","reason":null,"advice":null,"untracked":null,"ledger":{"heap":{"blocks":1,"bytes":9,"released":0,"kept":0},'
	printf '"threads":{"running":0,"ended":0,"released":0,"destructors":0}},"entries":[{"kind":"heap","count":1,"bytes":9,'
	printf '"action":"reported","callsite":[{"object":"%s","build_id":"%s","function":null,"offset":%s,"file":null,"line":null}],"seen_from":[]}]}\n' \
		"$object" "$1" "$offset"
}
report "$build_id" >own.jsonl
run -- ./reporter own.jsonl
contains "function and file come from the object" "$err" "run_leaks_fill   run_leaks.c:"
report "0123456789abcdef0123456789abcdef01234567" >own.jsonl
run -- ./reporter own.jsonl
lacks "but not from another build of it" "$err" "run_leaks.c:"
contains "then the place is an offset" "$err" "run_leaks.so+0x"
objcopy --remove-section .note.gnu.build-id "$object" unnamed.so
sed "s|$object|$PWD/unnamed.so|g; s|\"build_id\":\"[0-9a-f]*\"|\"build_id\":null|g" own.jsonl >later.jsonl
run -- ./reporter later.jsonl
lacks "nor from a file without build id that was written later" "$err" "run_leaks.c:"
sed 's|"time":"2024|"time":"2124|' later.jsonl >unnamed.jsonl
run -- ./reporter unnamed.jsonl
contains "from one that was not, it does" "$err" "run_leaks_fill   run_leaks.c:"
done_testing
