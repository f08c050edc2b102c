# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# From a module's constructor to its destructor: what both allocate, whom both open and close, and how often it is open.
. "$TOP_SRCDIR/tests/cases/attribution.sh"

for leaks in report reclaim; do
	object=attr_life.so
	tracked "$host" load m "$MODULES/attr_life.so" call m touch close m
	survived "$leaks: constructor and destructor allocate"
	entry "$leaks: the constructor's leak" life_begin 1 111
	blocks_of "$leaks: the destructor's leaks" 2 life_end
	total "$leaks: what the constructor made and the destructor freed is no leak" 3

	object=attr_end.so
	tracked "$host" load m "$MODULES/attr_end.so" close m
	survived "$leaks: only the destructor allocates"
	entry "$leaks: it is named" end_only 1 77

	object=attr_life.so
	tracked "ATTR_MODULE=$MODULES/attr_leaks.so" "$host" load m "$MODULES/attr_life.so" call m touch close m
	survived "$leaks: a module opens another in its constructor and closes it in its destructor"
	total "$leaks: its own leaks" 3
	object=attr_leaks.so
	entry "$leaks: the other's" leak_malloc 3 300
	total "$leaks: which are in a report of its own" 3

	tracked "$host" load a "$MODULES/attr_leaks.so" load b "$MODULES/attr_leaks.so" call a leak_malloc close a \
		call b leak_malloc close b
	survived "$leaks: a module is opened twice"
	entry "$leaks: it is settled at the last close" leak_malloc 6 600
	is "$leaks: in one report" "$(grep -c . report.jsonl)" 1

	tracked "$host" load a "$MODULES/attr_leaks.so" call a leak_malloc close a load a "$MODULES/attr_leaks.so" close a
	survived "$leaks: a module comes again"
	is "$leaks: with an empty ledger" "$(printf '%s\n' "$report" | grep '^attr' | sed 's/.*\(blocks=[0-9]*\).*/\1/' | tr '\n' ' ')" \
		"blocks=3 blocks=0 "
done
done_testing
