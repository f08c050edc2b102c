#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Modules in C++ and Rust, as their compilers make them: loaded, called and unloaded by relib-run.
. "$TOP_SRCDIR/tests/tap.sh"

ledger() { "$PYTHON3" "$TOP_SRCDIR/tests/hosts/ledger" report.jsonl "$1" 2>&1; }
# released FUNCTION: how many blocks, and of how many bytes, were freed that this function leaked
released()
{
	printf '%s\n' "$found" | awk -v name="$1" '
		$2 == "heap" && $3 == "released" && index($0, name) { blocks += $4; bytes += $5 }
		END { print blocks + 0, bytes + 0 }'
}
# cycle NAME FILE FUNCTION: relib-run takes it through, three times
cycle()
{
	rm -f report.jsonl
	output=$("$RELIB_RUN" --repeat 3 --call "$3" --report report.jsonl --format json "$2" 2>&1)
	is "$1: loaded, called and unloaded" "$output; status $?" '; status 0'
	found=$(ledger "$(basename "$2")")
	is "$1: three times" "$(printf '%s\n' "$found" | grep -c '^unloaded ')" 3
}

# -- C++

cycle 'C++' "$MODULES/stress_cxx.so" cxx_work
is 'C++: the strings and their text' "$(released leak_strings)" "60 $((3 * 10 * (32 + 41)))"
is 'C++: the vector and its numbers' "$(released leak_vector)" "6 $((3 * (24 + 4000)))"
is 'C++: nothing else was left' "$(printf '%s\n' "$found" | awk '/^unloaded/ { print $2, $4 }' | sort -u)" '22 22'

# As g++ makes it by default: the module has symbols of which there is one in the process, and ld.so keeps it.
if readelf --wide --dyn-syms "$MODULES/stress_cxx_unique.so" | grep -q UNIQUE; then
	rm -f report.jsonl
	output=$("$RELIB_RUN" --call cxx_work --report report.jsonl --format json "$MODULES/stress_cxx_unique.so" 2>&1)
	is 'C++ with unique symbols: not unloaded' $? 4
	contains 'C++ with unique symbols: the reason' "$output" 'STB_GNU_UNIQUE'
	contains 'C++ with unique symbols: what to do' "$output" fno-gnu-unique
	contains 'C++ with unique symbols: nothing was freed under it' "$(ledger stress_cxx_unique.so)" 'still-mapped'
else
	skip 'C++ with unique symbols' "$CXX makes none"
fi

# -- Rust

if [ -z "$RUSTC" ]; then
	skip 'Rust' 'no rustc here: apt-get install rustc'
elif ! "$RUSTC" --crate-type cdylib -C opt-level=2 -g -o rust.so "$TOP_SRCDIR/tests/modules/stress_rust.rs" 2>rustc.log; then
	fail 'Rust: the module compiles' "$(cat rustc.log)"
else
	cycle 'Rust' "$PWD/rust.so" rust_work
	is 'Rust: the vector' "$(released rust_leak_vector)" "3 $((3 * 8000))"
	is 'Rust: the boxes' "$(released rust_leak_boxes)" "30 $((3 * 1000))"
	ok 'Rust: thread-local objects of another thread are destroyed by the one that unloads' \
		"$PROGRAMS/stress/destructors" "$PWD/rust.so"
	lacks 'Rust: no thread is left' "$(printf '%s\n' "$found" | grep -v '^unloaded .* 0$')" unloaded
fi
done_testing
