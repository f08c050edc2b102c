# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# RELIB_TRACK=foreign: what a module allocated and another freed is counted with both places, and is no leak.
. "$TOP_SRCDIR/tests/cases/kind.sh"
make=foreign_make.cc; free=foreign_free.c; host=foreign_host.cc

# same_line NAME WANTED: exactly one line of the report is this
same_line() { is "$1" "$(printf '%s\n' "$report" | grep -xF -- "$2")" "$2"; }

# foreign OPTIONS SCENARIO: what relib-run says in $output; $report with lines
foreign() {
	rm -f report.jsonl
	set -- "$1" "$PROGRAMS/hosts/foreign_host" "$MODULES/foreign_make.so" "$MODULES/foreign_free.so" "$2"
	env RELIB_TRACK="$1" "$RELIB_RUN" -- "$2" "$3" "$4" "$5" >output 2>&1; status=$?
	output=$(cat output)
	env RELIB_TRACK="$1" "$RELIB_RUN" --format json --report report.jsonl -- "$2" "$3" "$4" "$5" >/dev/null 2>&1
	report=$("$PROGRAMS/retention/kind-report" report.jsonl 2>&1)
}
# at FILE NAME: the line with /* NAME */ in a module or the host
at() { grep -n "/\* $2 \*/" "$TOP_SRCDIR"/tests/*/"$1" | cut -d: -f1; }
made() { echo "$1 $make:$(at $make "$1")"; }
freed() { echo "$1($2):$(at $host "$1") foreign_host"; }


foreign foreign host
is "the host runs" "$status" 0
same_line "free" "heap foreign 12 $(made make_item) $(freed host_free "void*")"
same_line "a strdup" "heap foreign 1 $(made make_name) $(freed host_free "void*")"
same_line "realloc, to another size and to none" "heap foreign 2 $(made make_item) $(freed host_realloc "void*, unsigned long")"
same_line "delete" "heap foreign 1 $(made make_number) $(freed host_delete "int*")"
contains "freeaddrinfo frees for its caller" "$(printf '%s\n' "$report" | grep " $(made make_address) ")" "host_freeaddrinfo"
contains "getline, through libc" "$(printf '%s\n' "$report" | grep getdelim)" "heap foreign 1 $(made make_item)"
is "nothing else: what frees its own, what a thread's end frees, what failed" "$(printf '%s\n' "$report" | grep -c '^heap foreign')" 6
contains "the sum" "$report" "foreign 18"
entry "a leak is a leak" "heap reported 1 $(made make_item)"
contains "and nothing else is" "$output" "foreign_make.so unloaded, 1 block (90 B) and 1 thread-specific key left behind (reported"
contains "the table has a heading" "$output" "  freed by others   6 call sites   18 blocks"
contains "and says by whom" "$(printf '%s\n' "$output" | grep '12 blocks')" "freed by host_free $host:$(at $host host_free)"
foreign foreign,leaks=reclaim host
contains "leaks=reclaim frees no more than before" "$output" "foreign_make.so unloaded, 1 block (90 B) and 1 thread-specific key left behind and given back"
contains "the sum is the same" "$report" "foreign 18"
foreign leaks=report host
lacks "without the option nothing is said" "$output" "freed by others"
contains "nor counted" "$report" "foreign 0"

for first in freer_first maker_first; do
	foreign foreign $first
	same_line "another module frees, $first" "heap foreign 3 $(made make_item) other_free:$(at $free other_free) foreign_free.so"
	contains "the sum, $first" "$report" "foreign 3"
	contains "nothing is left behind, $first" "$output" "relib: foreign_make.so unloaded
"
done

# Without relib-run to find lines: names are the tracker's own.
track() { env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="$1" "$PROGRAMS/hosts/foreign_host" \
	"$MODULES/foreign_make.so" "$MODULES/foreign_free.so" "$2" 2>&1; }
contains "the name of what is gone" "$(track foreign freer_first)" "freed by other_free foreign_free.so+0x"
output=$(track foreign,quiet,report="$PWD/reload.jsonl" reload)
contains "reloads: the host runs" "$output" "done"
report=$("$PROGRAMS/retention/kind-report" reload.jsonl)
is "reloads: each is counted" "$(printf '%s\n' "$report" | grep -c 'heap foreign 1 make_item .* other_free:0 foreign_free.so')" 5000
output=$(track foreign threads)
contains "threads: none is lost" "$output" "freed by others   1 call site   80,000 blocks   1.8 MiB"
output=$(track foreign race)
contains "settlement in between: the host runs" "$output" "done"
is "settlement in between: nobody gets what is another's" "$(printf '%s\n' "$output" | grep -c 'freed by.*foreign_free.so')" 0
done_testing
