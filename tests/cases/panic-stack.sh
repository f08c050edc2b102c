# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Stacks of panics: which functions, files and lines they name.
. "$TOP_SRCDIR/tests/tap.sh"
host=$PROGRAMS/hosts/stack_host
source=$TOP_SRCDIR/tests/modules/stack_chain.c

# As installed: the library, and the part that reads debug information in relib/ beside it. `bare` has no such part.
mkdir -p lib/relib bare built
cp "$PROGRAMS/unit/.libs/libstack.so" lib && cp lib/libstack.so bare && cp lib/libstack.so built
cp "$TOP_BUILDDIR/loader/.libs/librelib_symbols.so" lib/relib
cp "$TOP_BUILDDIR/loader/.libs/librelib_symbols.so" built

line() { grep -n "mark: $1 *\*/\|mark: $1\$" "$source" | cut -d : -f 1; }
module() { name=$1; shift; $CC -fPIC -shared -fno-omit-frame-pointer -o "$name" "$source" "$@" || exit 99; }
stack() { library=$1; shift; "$host" "$PWD/$library/libstack.so" "$@" 2>&1; }

module chain.so -g -O2
wanted="  inlined   stack_chain.c:$(line inlined)
  hidden    stack_chain.c:$(line hidden)
  chain     stack_chain.c:$(line chain)"
is "functions, also inlined and static ones, with file and line" "$(stack lib ./chain.so chain)" "$wanted"
is "the same in a build tree" "$(stack built ./chain.so chain)" "$wanted"
is "the same under the tracker" "$(LD_PRELOAD=$RELIB_TRACKER stack lib ./chain.so chain)" "$wanted"
case $(TO_THE_END=1 stack lib ./chain.so chain) in
"$wanted
  call      stack_host.c:"*"
  main      stack_host.c:"*) pass "to the end it is main" ;;
*) fail "to the end it is main" "$(TO_THE_END=1 stack lib ./chain.so chain)" ;;
esac
ok "no more after main" test "$(TO_THE_END=1 stack lib ./chain.so chain | wc -l)" = 5

# Without what it takes
places() { sed 's/+0x[0-9a-f]*$//'; }
is "without the part that reads debug information: functions" "$(stack bare ./chain.so chain | places)" "  hidden   chain.so
  chain    chain.so"
offset=$(stack bare ./chain.so chain | sed -n 's/.*hidden.*+//p')
is "the offset is for addr2line" "$(addr2line -s -e chain.so "$offset")" "stack_chain.c:$(line inlined)"
module plain.so -O2
is "without debug information" "$(stack lib ./plain.so chain | places)" "  hidden   plain.so
  chain    plain.so"
cp chain.so stripped.so && strip stripped.so
for library in lib bare; do
	is "$library: stripped, exported functions have names" "$(stack $library ./stripped.so chain | places)" "  stripped.so
  chain   stripped.so"
done
module anonymous.so -g -O2 -Wl,--build-id=none
is "without a build id" "$(stack lib ./anonymous.so chain)" "$wanted"

# Another file under the path of what is mapped
cat >replace.c <<'END'
#include <stdlib.h>
void chain(void (*call)(void));
void replaced(void (*call)(void)) { if (!system("mv other.so replaced.so")) chain(call); __asm__ volatile(""); }
END
for id in sha1 none; do
	for library in lib bare; do
		$CC -g -O2 -fPIC -shared -Wl,--build-id=$id -o replaced.so "$source" replace.c || exit 99
		sed '1i static int filler(void) { return 3; } int used(void); int used(void) { return filler() * 7; }' "$source" >other.c
		$CC -g -O1 -fPIC -shared -Wl,--build-id=$id -o other.so other.c replace.c || exit 99
		output=$(stack $library ./replaced.so replaced)
		lacks "$library, build id $id: no lines of a newer file" "$output" "stack_chain.c"
		lacks "$library, build id $id: no lines of a newer file at all" "$output" ".c:"
		lacks "$library, build id $id: no functions of it" "$output" "hidden"
		contains "$library, build id $id: but the offset" "$output" "replaced.so+0x"
	done
done

# C++
$CXX -g -O2 -fPIC -shared -o cxx.so "$TOP_SRCDIR/tests/modules/stack_cxx.cc" || exit 99
source=$TOP_SRCDIR/tests/modules/stack_cxx.cc
is "names of C++" "$(stack lib ./cxx.so chain)" "  game::board<int>::move   stack_cxx.cc:$(line move)
  chain                    stack_cxx.cc:$(line chain)"
source=$TOP_SRCDIR/tests/modules/stack_chain.c

# Too much
output=$(stack lib ./chain.so deep)
is "a function that calls itself is one line" "$(echo "$output" | sed 's/stack_chain.c:[0-9]*//; s/ *$//')" "  inlined
  hidden
  recurse
  recurse      30 times
  ... 962 more
  recurse      7 times
  deep"
output=$(stack lib ./chain.so deep_by_two)
is "more frames than are kept: lines" "$(echo "$output" | wc -l)" 42
contains "more frames than are kept: how many more" "$output" "
  ... 962 more
"
is "the outermost is there" "$(echo "$output" | sed -n '$s/ *stack.*//p')" "  deep_by_two"
output=$(stack lib ./chain.so deep_by_two 1000)
ok "it is cut to the room there is" test "${#output}" -lt 1000
contains "it is cut at the end of a line" "$output" " more"
is "each line is whole" "$(echo "$output" | grep -vc '\.c:[0-9]*$')" 1
is "room for next to nothing" "$(stack lib ./chain.so chain 10)" ""

# In a signal handler
is "the place of a fault" "$(stack lib ./chain.so fault)" "  store   stack_chain.c:$(line store)
  fault   stack_chain.c:$(line fault)"
is "a call of address 0: who called" "$(stack lib ./chain.so call_null)" "  call_null   stack_chain.c:$(line null)"
is "abort(): who called it" "$(stack lib ./chain.so aborts)" "  aborts   stack_chain.c:$(line abort)"
output=$(stack lib ./chain.so overflows)
contains "a stack overflow" "$output" "  overflow "
ok "a stack overflow has many frames" test "$(echo "$output" | sed -n 's/.*\.\.\. \(.*\) more/\1/p' | tr -d ,)" -gt 10000
contains "a stack overflow: where it began" "$output" "
  overflows   stack_chain.c:"
done_testing
