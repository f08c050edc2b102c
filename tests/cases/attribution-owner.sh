# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Whose a block is: who asked for it last, whatever else is on the stack.
. "$TOP_SRCDIR/tests/cases/attribution.sh"
leaks=reclaim
object=attr_owner.so
owner=$MODULES/attr_owner.so

tracked "$host" load m "$owner" call m give_to_host close m use-slots
survived "a block that the host reallocates is used after the unload"
total "it is the host's, and one that the host freed is nobody's" 0

tracked "$host" load m "$owner" call m take_from_host close m
survived "a module reallocates a block of the host's"
entry "it is the module's" take_from_host 1 4321

tracked "$host" load m "$owner" call m let_host_allocate close m use-slots
survived "the host allocates while a module is on the stack, and goes on with it"
total "that is the host's" 0

tracked "$host" load m "$owner" call m leave_in_slot thread m free_from_slot close m
survived "another thread of the host's frees the module's block"
total "nothing is left" 0

tracked "$host" load m "$owner" thread m leave_in_slot call m grow_from_slot close m
survived "a module reallocates a block of its own"
entry "the last to ask stands for it" grow_from_slot 1 700
total "it is there once" 1

tracked "$host" load m "$owner" call m fail_to_grow close m
contains "a realloc fails" "$output" "not grown"
entry "the block stays with its owner and size" fail_to_grow 1 123
tracked "$host" load m "$owner" call m shrink_to_nothing close m
contains "realloc to nothing frees" "$output" "no block"
total "nothing is left" 0

pair_a=$MODULES/attr_pair_a.so pair_b=$MODULES/attr_pair_b.so
tracked "$host" load a "$pair_a" load b "$pair_b" call a call_back_from_a call b call_back_from_b close a close b
survived "two modules call each other"
entry "what A allocates while B is on the stack is A's" allocate_in_a 1 1000 attr_pair_a.so
blocks_of "and what it allocates before and after B is" 2 call_from_a
total "A's are settled with A" 3 attr_pair_a.so
entry "what B allocates while A is on the stack is B's" allocate_in_b 1 2000 attr_pair_b.so
blocks_of "and what it allocates before and after A is" 2 call_from_b
total "B's are settled with B" 3 attr_pair_b.so

tracked "$host" load m "$MODULES/attr_needs.so" call m leak_both close m
survived "a module with a library that comes and goes with it"
entry "the module's own leak" leak_both 1 303 attr_needs.so
entry "its library's leak is named too" leak_in_dependency 1 808 attr_dep.so
is "in one report" "$(grep -c . report.jsonl)" 1

# Both modules have the same layout: where the second comes to lie where the first was, nothing of the first may be
# remembered. That happens when address space is short: else the tracker doesn't give these ranges back.
one=$MODULES/attr_same_one.so two=$MODULES/attr_same_two.so
for program in "$host" "$host_cxx"; do
	for space in unlimited 307200; do
		title="$(basename "$program"), address space $space"
		tracked sh -c 'ulimit -v "$0"; exec "$@"' $space "$program" repeat 200 \
			load a "$one" base a call a run thread a run close a load b "$two" base b call b run thread b run close b
		survived "$title: two modules in turn, 200 times"
		places=$(printf '%s\n' "$output" | grep '^base' | sort -u | wc -l)
		[ $space = unlimited ] || ok "$title: one comes to lie where another was" test "$places" -lt 400
		for name in one two; do
			is "$title: every report on $name names its own functions" "$(printf '%s\n' "$report" | awk -v name="$name" '
				/^[^ ]/ { mine = $1 == "attr_same_" name ".so"; reports += mine }
				/^ heap/ && mine { blocks[$5] += $3 }
				END { print "0 reports", reports; for (one in blocks) print one, blocks[one] / reports }' |
				sort | tr '\n' ' ')" "0 reports 200 ${name}_malloc 2 ${name}_strdup 2 ${name}_string 4 "
		done
	done
done
done_testing
