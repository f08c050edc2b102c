# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Mappings that a module leaves: named, unmapped, and nothing but these.
. "$TOP_SRCDIR/tests/tap.sh"
module=$MODULES/kind_mapping.so
source=$TOP_SRCDIR/tests/modules/kind_mapping.c
page=$(getconf PAGESIZE)

# cycle FUNCTION [STEP]: what has changed of the host's address space is in $output, the last report's entries in $report
leaks=reclaim
cycle() {
	rm -f report.jsonl
	output=$(LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="leaks=$leaks,report=$PWD/report.jsonl,quiet" \
		"$PROGRAMS/hosts/mapping_host" "$module" "$@" 2>&1)
	status=$?
	tail -n 1 report.jsonl >last.jsonl 2>/dev/null || : >last.jsonl
	report=$("$PROGRAMS/retention/attr-report" last.jsonl 2>&1 | grep '^ ' | sort)
}

# leaves NAME WANTED FUNCTION [STEP]: the entries ("mapping released COUNT PAGES FUNCTION" each), and nothing stays behind
leaves() {
	name=$1 wanted=$2; shift 2
	cycle "$@"
	is "$name: the process is as before" "$status $output" "0 "
	got=$(printf '%s\n' "$report" | awk -v page="$page" '$1 != "untracked" && NF { print $1, $2, $3, $4 / page, $5 }')
	is "$name: what is reported" "$got" "$wanted"
}

# line FUNCTION
line() { grep -n "/\* line of $1 \*/" "$source" | cut -d: -f1; }

# Each function
for leak in "leak_mmap 3 mmap" "leak_mmap64 2 mmap" "leak_mremap 5 mremap" "leak_shmat 2 shmat" "leak_executable 1 mmap" \
		"leak_file 1 mmap"; do
	set -- $leak
	leaves "$1" "mapping released 1 $2 $1" "$1"
	contains "$1: the function that mapped" "$report" "kind_mapping.so; $3 $1"
	"$RELIB_RUN" --call "$1" "$module" >out 2>&1
	contains "$1: file and line" "$(cat out)" "$3 < $1   kind_mapping.c:$(line "$1")"
	contains "$1: what became of it" "$(cat out)" "1 mapping ($(($2 * page / 1024)).0 KiB) left behind and unmapped"
done
cycle leak_file
contains "a file is named" "$(cat last.jsonl)" "\"details\":[\"$((page / 1024)).0 KiB r--p $(readlink -f "$PROGRAMS/hosts/mapping_host")\"]"
cycle leak_executable
contains "without a file there is the address" "$(cat last.jsonl)" "$((page / 1024)).0 KiB r-xp at 0x"

# Parts
leaves "the front is given back" "mapping released 1 7 ten_pages" cut_front
leaves "the back is given back" "mapping released 1 8 ten_pages" cut_back
leaves "a hole in the middle" "mapping released 2 9 ten_pages" cut_hole
leaves "a range over several" "mapping released 1 1 ten_pages
mapping released 2 2 cut_several" cut_several
leaves "pieces of one that go at once" "" cut_all
leaves "a part of shared memory" "mapping released 2 3 cut_shmat" cut_shmat
leaves "all is given back" "" give_back
leaves "shmdt takes all pieces" "" give_back_pieces_of_shmat
leaves "calls that fail" "mapping released 1 10 ten_pages" fail

# Over what is mapped
leaves "MAP_FIXED onto its own" "mapping released 1 5 fixed_over_own
mapping released 2 5 ten_pages" fixed_over_own
leaves "MAP_FIXED onto nothing" "mapping released 1 4 fixed_over_nothing" fixed_over_nothing
leaves "MAP_FIXED onto the host's stays the host's" "" fixed_over_hosts
leaves "MAP_FIXED onto its own image is the image's" "" fixed_over_image
leaves "mremap onto its own" "mapping released 1 2 remap_onto_own
mapping released 2 8 ten_pages" remap_onto_own
leaves "munmap of the host's" "" unmap_hosts
cycle remap_hosts
is "mremap of the host's: it is still there" "$status" 0
is "mremap of the host's: it is the host's" "$report" ""

# The host
leaves "the host may leave it" "mapping released 1 10 ten_pages" give keep
leaves "the host unmaps it" "" give unmap
leaves "the host unmaps a part" "mapping released 2 7 ten_pages" give unmap-part
leaves "the host maps over it" "" give map-over
leaves "the host maps over a part" "mapping released 2 7 ten_pages" give map-part-over
leaves "the host remaps it" "" give remap
leaves "a child unmaps its own copy" "mapping released 1 10 ten_pages" give fork
leaves "a child of vfork unmaps it" "" give vfork

# Its own allocator
leaves "a module's own allocator goes with its mappings" "mapping released 6 1536 make_chunk" allocate_by_own
module=$MODULES/kind_mapping_own_malloc.so
leaves "and so where it is the module's malloc" "mapping released 1 2 attr_map" attr_map
module=$MODULES/kind_mapping.so

# In use
cycle use_as_signal_stack
is "the signal stack of the thread that unloads stays" "$(printf '%s\n' "$report" | awk -v page="$page" '{ print $1, $2, $3, $4 / page, $5 }')" \
	"mapping reported 1 32 use_as_signal_stack"
contains "and the report says why" "$(cat last.jsonl)" "kept: the signal stack of the thread that unloads"

# Not released
leaks=report
cycle leak_mmap
contains "leaks=report: it is named" "$report" "mapping reported 1 $((3 * page)) leak_mmap"
contains "leaks=report: it stays" "$output" "new: "
done_testing
