# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# What must stay as it is without the tracker: the unwinder, the search for objects, thread-local storage, exported names.
. "$TOP_SRCDIR/tests/cases/attribution.sh"

for program in "$host" "$host_cxx"; do
	name=$(basename "$program")
	tracked "$program" load m "$MODULES/attr_cxx.so" call m say_unwinder call m throw_and_catch close m
	survived "$name: a C++ module throws"
	contains "$name: the exceptions are libgcc's" "$output" /libgcc_s.so
	contains "$name: and are caught" "$output" caught
	lacks "$name: nothing of it is the module's leak" "$report" "heap reported"
done

hostlib=$MODULES/attr_hostlib.so
is "without the tracker a RUNPATH is followed" "$("$host" load l "$hostlib" call l open_by_runpath call l open_by_origin)" \
	"$(printf 'found\nfound')"
tracked "$host" load l "$hostlib" call l open_by_runpath call l open_by_origin
is "dlopen follows the RUNPATH of the module that calls it" "$output" "$(printf 'found\nfound')"
preload=$RELIB_TRACKER:$hostlib
tracked "$host" call self open_by_runpath call self open_by_origin
is "and that of a library of the host's" "$output" "$(printf 'found\nfound')"
preload=$RELIB_TRACKER

symbols=$(nm -D "$RELIB_TRACKER")
lacks "thread-local data needs no allocation by ld.so" "$symbols" __tls_get_addr
exported=$(printf '%s\n' "$symbols" | sed -n 's/^[0-9a-f]* [TDBRWViu] \([^@]*\).*/\1/p' | sort -u)
listed=$(sed -n '/global:/,/local:/s/^[[:space:]]*\([A-Za-z_][A-Za-z0-9_]*\);.*/\1/p' "$TOP_SRCDIR/preload/track.map" | sort -u)
is "the exported names are those of the version script" "$exported" "$listed"
hooked=$(sed -n 's/^[[:space:]]*X([^,]*, \([A-Za-z_][A-Za-z0-9_]*\),.*/\1/p' "$TOP_SRCDIR/preload/hooks.h" | sort -u)
is "which are the hooks of hooks.h, and relib_track" "$listed" "$(printf '%s\nrelib_track\n' "$hooked" | sort -u)"
# It must never be what ends its host.
for name in exit _exit abort __assert_fail raise kill; do
	lacks "it has no call of $name" "$(printf '%s\n' "$symbols" | sed -n 's/^ *U \([^@]*\).*/<\1>/p')" "<$name>"
done

if command -v objdump >/dev/null; then
	code=$(objdump -d --no-show-raw-insn --disassemble=dlopen "$RELIB_TRACKER")
	contains "there is a hook for dlopen" "$code" "<dlopen"
	is "it ends in a jump through a pointer" "$(printf '%s\n' "$code" | grep -cE '	(notrack )?(bnd )?jmp +\*|	br	')" 1
	is "and calls none" "$(printf '%s\n' "$code" | grep -cE '	(notrack )?call +\*|	blr	')" 0
else
	skip "the dlopen hook ends in a jump" "objdump is not installed (binutils)"
fi
done_testing
