# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Sizes, alignments and offsets in a description are those that the compilers have.
. "$TOP_SRCDIR/tests/tap.sh"
. "$TOP_SRCDIR/tests/cases/bindgen.sh"

# Of each type that has a name: what the description says becomes an assertion. Bit-fields are set and looked for.
cat >assertions.awk <<'END'
function label(from,    i, text) { for (i = from; i <= NF; i++) text = text (i > from ? " " : "") $i; return text }
BEGIN { print "#include \"layout.h\"\n#include <stddef.h>\n#include <string.h>\n#include <stdio.h>\nint main(void)\n{\n\tint wrong = 0;" }
$1 == "type" {
	type = label(7)
	known = !index(type, " in ") && !index(type, "__va_list") && $6 != 0
	fields = known && $3 != "enum"
	if (known)
		printf "\t_Static_assert(sizeof(%s) == %s && _Alignof(%s) == %s, \"%s\");\n", type, $5, type, $6, type
}
$1 == "field" && fields && $2 != "-" && $4 == 0 {
	printf "\t_Static_assert(offsetof(%s, %s) * 8 == %s, \"%s, field %s\");\n", type, $2, $3, type, $2
	if ($5 ~ /^[iuf][0-9]+$/ && $5 != "f80")
		printf "\t_Static_assert(sizeof(((%s *)0)->%s) * 8 == %s, \"%s, field %s\");\n", type, $2, substr($5, 2), type, $2
	if ($5 ~ /^[iu]/)
		printf "\t_Static_assert(((__typeof__(((%s *)0)->%s))-1 < 0) == %d, \"%s, field %s\");\n", type, $2, $5 ~ /^i/, type, $2
	count++
}
$1 == "field" && fields && $2 != "-" && $4 != 0 {
	printf "\t{\n\t\tunion { %s s; unsigned char bytes[sizeof(%s)]; } u = { .bytes = { 0 } };\n\t\tu.s.%s = %s;\n", \
		type, type, $2, ($5 == "b" ? "1" : "-1")
	printf "\t\tfor (int i = 0; i < (int)sizeof(u) * 8; i++)\n"
	printf "\t\t\tif ((u.bytes[i / 8] >> i %% 8 & 1) != (i >= %s && i < %s + %s))\n", $3, $3, $4
	printf "\t\t\t\twrong++, printf(\"%s, field %s: bit %%d\\n\", i);\n\t}\n", type, $2
	count++
}
END { print "\treturn wrong != 0;\n}"; print count > "count" }
END

for header in layout every; do
	cp "$TOP_SRCDIR/tests/interface/$header.h" .
	ok "$header.h" "$bindgen" $header.h
	sed -n 's/^\t"\(.*\)\\n".*/\1/p' $header.host.h | awk -f assertions.awk | sed "s/layout\.h/$header.h/" >check.c
	ok "$header.h: there is something to check" test "$(cat count)" -gt 60
	old_ifs=$IFS; IFS=';'
	for compiler in $c_compilers; do
		IFS=$old_ifs
		ok "$header.h: $compiler has the same sizes and offsets" $compiler -w $include -I. check.c -o check
		ok "$header.h: $compiler has the same bit-fields" ./check
	done
	IFS=$old_ifs
done
# The check itself: a field that is elsewhere.
sed 's/\(field b \)64/\1128/' layout.host.h | sed -n 's/^\t"\(.*\)\\n".*/\1/p' | awk -f assertions.awk >check.c
tap_output=$($CC -w $include -I. check.c -o check 2>&1)
contains "another offset would be seen" "$tap_output" "struct holes, field b"
sed 's/\(field b \)3 5/\14 4/' layout.host.h | sed -n 's/^\t"\(.*\)\\n".*/\1/p' | awk -f assertions.awk >check.c
$CC -w $include -I. check.c -o check
contains "another bit-field would be seen" "$(./check)" "struct bits, field b: bit 3"

# Flags that change layouts, for one of the two only
cat >paint.h <<'END'
#include <relib/interface.h>
enum color { RED, GREEN };
RELIB_EXPORT void paint_all(enum color color);
END
short() { $CC $include -I. -fexceptions -fPIC -fshort-enums -c paint.module.c -o paint.o; }
ok "write it for enums of four bytes" "$TOP_BUILDDIR/tools/relib-bindgen" paint.h
tap_output=$(short 2>&1) && fail "with enums of one byte it does not compile" || pass "with enums of one byte it does not compile"
contains "and says why" "$tap_output" "relib-bindgen was not given the flags"
ok "write it for enums of one byte" "$TOP_BUILDDIR/tools/relib-bindgen" paint.h -- -fshort-enums
ok "with enums of one byte it compiles" short
done_testing
