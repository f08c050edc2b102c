# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# The macros of module.h and type.h: what compiles, what must not, and that C and C++ mean the same by a type.
. "$TOP_SRCDIR/tests/tap.sh"

include="-I$TOP_SRCDIR/loader -I$TOP_SRCDIR/preload -I$TOP_SRCDIR/module-sdk"
flags="-Wall -Wextra -Wpedantic -Wshadow -Wmissing-declarations -Werror -fPIC -fvisibility=hidden $include"
compilers="$CC -std=c11;$CC -std=gnu17;$CXX -std=c++17;$CXX -std=c++20"
command -v clang >/dev/null && compilers="$compilers;clang -std=c11;clang++ -std=c++17"
case $CC in gcc*) ;; *) command -v gcc >/dev/null && compilers="$compilers;gcc -std=c11;g++ -std=c++17" ;; esac

# each FUNCTION ARGUMENT ...: calls FUNCTION COMPILER EXTENSION ARGUMENT ...
each() {
	each_function=$1; shift
	old_ifs=$IFS; IFS=';'
	for compiler in $compilers; do
		IFS=$old_ifs
		case $compiler in *c++*) extension=cc ;; *) extension=c ;; esac
		$each_function "$compiler" $extension "$@"
	done
	IFS=$old_ifs
}

good() {
	cp source "source.$2"
	ok "$3: $1" $1 $flags -O2 -shared "source.$2" -o good.so
	exports=$(nm -D --defined-only good.so | sed -n 's/.* \(relib_.*\)/\1/p' | sort)
	is "$3: $1: exports" "$(echo "$exports" | grep -vx relib_module_describe_exception | tr '\n' ' ')" "$4"
	is "$3: $1: says what an exception is, in C++ only" "$(echo "$exports" | grep -cx relib_module_describe_exception)" \
		"$([ $2 = cc ] && echo 1 || echo 0)"
}
bad() {
	cp source "source.$2"
	tap_output=$($1 $flags -fsyntax-only "source.$2" 2>&1)
	if [ $? = 0 ]; then fail "$3: $1" "it compiled"; else contains "$3: $1" "$tap_output" "$4"; fi
}

cat >source <<'END'
#include <relib/module.h>
struct pair { int a; double b; };
RELIB_MODULE("name", "1.0");
RELIB_MAIN(struct pair, count, words)
{
	struct pair result = { count, words[0] ? 1.5 : 0 };
	return result;
}
RELIB_BEFORE_UNLOAD()
{
}
END
each good "everything" "relib_module_before_unload relib_module_information relib_module_main "
cat >source <<'END'
#include <relib/module.h>
RELIB_MAIN(const char *, argc, argv) { return "unused names are no warning"; }
RELIB_MODULE("name", "1.0")
int after;
END
each good "no semicolon" "relib_module_information relib_module_main "
cat >source <<'END'
#include <relib/module.h>
enum color { RED, GREEN };
RELIB_MODULE("name", "");
RELIB_MAIN(enum color) { return GREEN; }
END
each good "an enum, no arguments" "relib_module_information relib_module_main "

cat >source <<'END'
#include <relib/module.h>
RELIB_MAIN(void) { }
END
each bad "void" "main's result must be an object"
cat >source <<'END'
#include <relib/module.h>
RELIB_MAIN(int, argc) { return argc; }
END
each bad "two arguments" "RELIB_MAIN takes a type"
cat >source <<'END'
#include <relib/module.h>
RELIB_MODULE("1234567890123456789012345678901234567890123456789012345678901234", "")
int after;
END
each bad "a long name" "name or version is too long"
cat >source <<'END'
#include <relib/module.h>
struct a_name_that_is_longer_than_any_name_in_any_program_needs_to_be { int i; };
RELIB_MAIN(struct a_name_that_is_longer_than_any_name_in_any_program_needs_to_be) { return { 0 }; }
END
each bad "a long type" "spelling of this type is too long"
cat >source <<'END'
#include <relib/relib.h>
int f(struct relib_module *module);
int f(struct relib_module *module) { long result; return relib_call_main(module, int, &result, 0, NULL, NULL); }
END
each bad "another pointer" "int"

cat >source <<'END'
#include <stdbool.h>
#include <stdio.h>
#include <wchar.h>
#include <relib/relib.h>
struct pair { int a; double b; };
enum color { RED, GREEN };
enum balance { DEBT = -1, WEALTH };
typedef unsigned long large;
static void show(const struct relib_type *type) { printf("%u %u %s\n", type->kind, type->size, type->name); }
int main(void)
{
	int number = 3;
	show(RELIB_TYPE_OF(bool)); show(RELIB_TYPE_OF(char)); show(RELIB_TYPE_OF(signed char)); show(RELIB_TYPE_OF(uint8_t));
	show(RELIB_TYPE_OF(short)); show(RELIB_TYPE_OF(unsigned short)); show(RELIB_TYPE_OF(int)); show(RELIB_TYPE_OF(unsigned));
	show(RELIB_TYPE_OF(long)); show(RELIB_TYPE_OF(large)); show(RELIB_TYPE_OF(int64_t)); show(RELIB_TYPE_OF(unsigned long long));
	show(RELIB_TYPE_OF(size_t)); show(RELIB_TYPE_OF(wchar_t)); show(RELIB_TYPE_OF(float)); show(RELIB_TYPE_OF(double));
	show(RELIB_TYPE_OF(long double)); show(RELIB_TYPE_OF(void *)); show(RELIB_TYPE_OF(const char *));
	show(RELIB_TYPE_OF(struct pair)); show(RELIB_TYPE_OF(enum color)); show(RELIB_TYPE_OF(enum balance));
	return *RELIB_CHECK_POINTER(int, &number) - 3;
}
END
types() {
	cp source "types.$2"
	ok "types: $1" $1 $flags "types.$2" -o types
	./types | sed 's/_Bool/bool/' >"types.$(printf '%s' "$1" | tr -c 'a-z0-9\n' _)"
}
each types
first=$(ls types.*_std_* | head -n 1)
is "types: all are there" "$(wc -l <"$first")" 22
for other in types.*_std_*; do ok "types: $first and $other are the same" cmp "$first" "$other"; done
is "types: bool, int, unsigned, double, struct, enum, enum with a sign" \
	"$(sed -n '1p;7p;8p;16p;20p;21p;22p' "$first" | tr '\n' ';')" \
	"1 1 bool;2 4 int;3 4 unsigned;4 8 double;0 16 struct pair;3 4 enum color;2 4 enum balance;"

done_testing
