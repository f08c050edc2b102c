# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# What the tracker can't see it says, and leaves alone.
. "$TOP_SRCDIR/tests/cases/attribution.sh"
leaks=reclaim
module=$MODULES/attr_leaks.so

# untracked NAME: the first report says so, and why, and released nothing
untracked() {
	contains "$1: nothing is released" "$(printf '%s\n' "$report" | sed -n 1p)" "released=0"
	contains "$1: it is said to be untracked" "$(printf '%s\n' "$report" | sed -n 2,3p)" " untracked "
}

for way in load-deep load-new; do
	tracked "$host" $way m "$module" call m leak_all close m load m "$module" call m leak_all close m
	survived "$way: the module comes and goes"
	untracked "$way"
	is "$way: opened as usual afterwards it is tracked" "$(printf '%s\n' "$report" | grep -c 'attr_leaks.so unloaded .* blocks=21 ')" 1
done
tracked "$host" load m "$MODULES/attr_own_malloc.so" call m leak_own close m
survived "a module with an allocator of its own comes and goes"
contains "it allocated" "$output" allocated
untracked "its own allocator"
tracked "$host" load m "$module" call m leak_all close m
lacks "an ordinary module is not untracked" "$report" untracked
done_testing
