# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# A host and a module that were built against two headers: each way in which these can differ is named when the module is
# loaded, before any of its code runs; and what is no difference is none.
. "$TOP_SRCDIR/tests/tap.sh"
. "$TOP_SRCDIR/tests/cases/bindgen.sh"

base=$TOP_SRCDIR/tests/interface/base.h
loader=$TOP_BUILDDIR/loader/.libs
sdk=$TOP_BUILDDIR/module-sdk/librelib_module.a

cat >host.c <<'END'
#include <stdio.h>
#include "base.host.h"

static void log_it(const char *text) { printf("log %s\n", text); }
static int ask_it(int question, void *context) { return question + (context != NULL); }

int main(int argc, char **argv)
{
	static struct base base = { .game_log = log_it, .game_ask = ask_it };
	struct part part = { .place = { 1, 2, 3 }, .mode = FAST, .sizes = { 10, 20, 30, 40 }, .range = { .high = 5 } };
	struct relib_module *module;
	struct relib_error error;
	struct point place;
	int32_t sum;

	(void)argc;
	if (relib_load(argv[1], base_interface(&base), &module, &error)) {
		printf("%d\n%s\n", error.code, error.message);
		return 1;
	}
	if (game_update_call(&base, &sum, &part, 0.5) || game_place_call(&base, &place, "here", 7))
		return 2;
	printf("%d %g %s\n", sum, (double)place.z, game_new_has(&base) ? "new" : "old");
	return 0;
}
END
# Of a module whose load fails nothing may run: its functions need not even be the right ones.
cat >stub.c <<'END'
#include <unistd.h>
#include <relib/module.h>
RELIB_MODULE("base", "1");
static __attribute__((constructor)) void constructor(void)
{
	if (write(1, "constructor ran\n", 16))
		return;
}
#define STUB(name) __attribute__((weak, visibility("hidden"))) int name(void) { return 0; }
STUB(game_update) STUB(game_place) STUB(game_new) STUB(game_log) STUB(game_ask)
END
cat >true.c <<'END'
#include <base.h>
#include <relib/module.h>
RELIB_MODULE("base", "1");
int32_t game_update(struct part *part, double seconds)
{
	int32_t sum = (int32_t)(part->sizes[3] + part->range.high + part->place.z + seconds * 2);

#ifndef NO_IMPORTS
	game_log("update");
	sum += game_ask(100, part);
#endif
	return sum;
}
struct point game_place(const char *name, unsigned index)
{
	struct point place = { name[0], 0, index };
	return place;
}
bool game_new(void) { return true; }
void game_extra(void) { }
END
build="$CC -w -std=gnu17 -O0 -fexceptions -fPIC $include"
cp "$base" base.h
ok "the host is built" sh -c "'$bindgen' base.h -MMD && $build host.c -o host -L'$loader' -lrelib -Wl,-rpath,'$loader'"
ok "the stub is built" $build -c stub.c -o stub.o

# module HEADER SOURCE: module.so
module() {
	rm -rf changed && mkdir changed && cp "$1" changed/base.h
	"$bindgen" --module changed/base.module.c changed/base.h && shift &&
	$build -Ichanged -shared changed/base.module.c "$@" "$sdk" -o module.so
}

# differs NAME FUNCTION WORDS EDIT ...: the module's header is the base after these edits by sed
differs() {
	name=$1; function=$2; words=$3; shift 3
	edit "$@" || return
	if ! tap_output=$(module edited.h stub.o 2>&1); then fail "$name" "the module can't be built" "$tap_output"; return; fi
	tap_output=$(./host ./module.so 2>&1)
	case $tap_output in
	*"constructor ran"*) fail "$name" "code of the module ran" "$tap_output" ;;
	"20
./module.so does not fit this host
  $function: $words
"*) pass "$name" ;;
	*) fail "$name" "wanted: $function: $words" "got: $tap_output" ;;
	esac
}

# same NAME WORDS EDIT ...: the module is loaded and called
same() {
	name=$1; words=$2; shift 2
	edit "$@" || return
	if ! tap_output=$(module edited.h true.c 2>&1); then fail "$name" "the module can't be built" "$tap_output"; return; fi
	is "no difference: $name" "$(./host ./module.so 2>&1 | tr '\n' ' ')" "$words"
}

edit() {
	cp base.h edited.h
	for script; do
		sed "$script" edited.h >edited.new
		if cmp -s edited.h edited.new; then fail "$name" "this edit changes nothing: $script"; return 1; fi
		mv edited.new edited.h
	done
}

cp base.h edited.h
module edited.h stub.o
contains "code of a module that fits does run" "$(./host ./module.so)" "constructor ran"

# Structs
differs "order of fields" game_update "struct point differs: its fields are in another order: 1 is x in the host, y in the module" \
	's/float x, y, z/float y, x, z/'
differs "a field renamed" game_update "struct point differs: field z in the host is called depth in the module" \
	's/float x, y, z/float x, y, depth/'
differs "a field added at the end" game_update "struct point differs: field w is float at offset 12 in the module, missing in the host" \
	's/float x, y, z/float x, y, z, w/'
differs "a field added in the middle" game_update "struct level5 differs: field added is int at offset 0 in the module, missing in the host" \
	's/int leaf/int added, leaf/'
differs "a field removed" game_update "struct point differs: field z is float at offset 8 in the host, missing in the module" \
	's/float x, y, z/float x, y/'
differs "a width" game_update "struct level5 differs: field leaf is int in the host, long in the module" \
	's/int leaf/long leaf/'
differs "signedness" game_update "struct level5 differs: field leaf is int in the host, unsigned int in the module" \
	's/int leaf/unsigned leaf/'
differs "char and unsigned char" game_update "struct flags differs: field rest is unsigned char in the host, char in the module" \
	's/unsigned char rest/char rest/'
differs "float and double" game_update "struct part differs: field real is float in the host, double in the module" \
	's/float real/double real/'
differs "float and long double" game_update "struct part differs: field real is float in the host, long double in the module" \
	's/float real/long double real/'
differs "a tag renamed" game_update "struct level4 differs: field five is struct level5 in the host, struct level6 in the module" \
	's/struct level5/struct level6/'
differs "a tag taken away" game_update "struct part differs: field place is struct point in the host, point in the module" \
	's/^struct point {\(.*\);/typedef struct {\1 point;/' 's/struct point/point/'
differs "packed" game_update "struct branch differs: it has 24 bytes in the host, 18 in the module" \
	's/^struct branch { \(.*\);$/struct __attribute__((packed)) branch { \1;/'
differs "packed, with one more field" game_update "struct level4 differs: field c is char at offset 0 in the module, missing in the host" \
	's/^struct level4 {/struct __attribute__((packed)) level4 { char c;/' 
differs "aligned" game_update "struct level5 differs: it has 4 bytes in the host, 16 in the module" \
	's/^struct level5 {/struct __attribute__((aligned(16))) level5 {/'
differs "a field aligned" game_update "struct event differs: field data is at offset 8 in the host, at offset 32 in the module" \
	's/void \*data/__attribute__((aligned(32))) &/'
differs "struct and union" game_update "struct part differs: field number is union number in the host, struct number in the module" \
	's/union number/struct number/'
differs "opaque and complete" game_update "struct opaque differs: it is only declared in the host, complete in the module" \
	's/^struct opaque;/struct opaque { int a; };/'
differs "complete and opaque" game_update "struct event differs: it is complete in the host, only declared in the module" \
	's/^struct event {.*/struct event;/'
differs "five structs down" game_update "struct level5 differs: field leaf is int in the host, float in the module" \
	's/int leaf/float leaf/'
differs "recursive, behind a pointer" game_update "struct branch differs: field weight is short in the host, int in the module" \
	's/short weight/int weight/'
differs "a struct without a name inside" game_update "struct in field range of struct part differs: field high in the host is called highest in the module" \
	's/int low, high/int low, highest/'
differs "a union without a name inside" game_update "union in struct part differs: field other is float in the host, double in the module" \
	's/float other/double other/'
# Bit-fields
differs "a bit-field's width" game_update "struct flags differs: field low is a bit-field of 3 bits in the host, a bit-field of 4 bits in the module" \
	's/low : 3/low : 4/'
differs "a bit-field that was none" game_update "struct flags differs: field rest is no bit-field in the host, a bit-field of 8 bits in the module" \
	's/unsigned char rest/unsigned char rest : 8/'
differs "a bit-field's sign" game_update "struct flags differs: field high is unsigned int in the host, int in the module" \
	's/unsigned high/int high/'
# Enums
differs "one enumerator more" game_update "enum mode differs: value NEITHER is 6 in the module, missing in the host" \
	's/BOTH/BOTH, NEITHER/'
differs "one enumerator less" game_update "enum mode differs: value BOTH is 5 in the host, missing in the module" \
	's/, BOTH//'
differs "an enumerator's value" game_update "enum mode differs: value FAST is 4 in the host, 3 in the module" \
	's/FAST = 4/FAST = 3/'
differs "an enumerator renamed" game_update "enum mode differs: value SLOW in the host is called CRAWL in the module" \
	's/SLOW/CRAWL/'
differs "order of enumerators" game_update "enum mode differs: its values are in another order: 1 is SLOW in the host, FAST in the module" \
	's/SLOW, FAST = 4/FAST = 4, SLOW = 0/' 's/BOTH/BOTH = 5/'
differs "an enum's width" game_update "enum mode differs: its integer is unsigned 32-bit integer in the host, unsigned 8-bit integer in the module" \
	's/^enum mode/enum __attribute__((packed)) mode/'
differs "enum and integer" game_update "struct part differs: field mode is enum mode in the host, unsigned int in the module" \
	's/enum mode mode/unsigned mode/'
# Arrays and pointers
differs "an array's length" game_update "struct part differs: field sizes is int32_t[4] in the host, int32_t[5] in the module" \
	's/sizes\[4\]/sizes[5]/'
differs "an array and a pointer" game_update "struct part differs: field sizes is int32_t[4] in the host, int32_t * in the module" \
	's/int32_t sizes\[4\]/int32_t *sizes/'
differs "an array of unknown length" game_update "struct part differs: field tail is int32_t[] in the host, int32_t[1] in the module" \
	's/tail\[\]/tail[1]/'
differs "depth of a pointer" game_update "struct part differs: field list is struct node * in the host, struct node ** in the module" \
	's/struct node \*list/struct node **list/'
differs "const behind a pointer" game_update "struct part differs: field name is const char * in the host, char * in the module" \
	's/const char \*name;/char *name;/'
differs "const behind a parameter" game_place "parameter 1 is pointer to const signed 8-bit integer in the host, pointer to signed 8-bit integer in the module" \
	's/game_place(const char/game_place(char/'
differs "volatile" game_update "parameter 1 is pointer to struct part in the host, pointer to volatile struct part in the module" \
	's/struct part \*part,/volatile struct part *part,/'
differs "atomic" game_update "struct part differs: field counter is _Atomic(int) * in the host, int * in the module" \
	's/_Atomic(int) \*counter/int *counter/'
differs "complex" game_update "struct part differs: field wave is _Complex double in the host, double in the module" \
	's/double _Complex wave/double wave/'
differs "complex of another width" game_update "struct part differs: field wave is _Complex double in the host, _Complex float in the module" \
	's/double _Complex/float _Complex/'
# Functions
differs "one parameter more" game_place "it takes 2 parameters in the host, 3 parameters in the module" \
	's/unsigned index/unsigned index, int more/'
differs "one parameter less" game_place "it takes 2 parameters in the host, 1 parameter in the module" \
	's/, unsigned index//'
differs "order of parameters" game_place "parameter 1 is pointer to const signed 8-bit integer in the host, unsigned 32-bit integer in the module" \
	's/(const char \*name, unsigned index)/(unsigned index, const char *name)/'
differs "a parameter's type" game_place "parameter 2 is unsigned 32-bit integer in the host, unsigned 64-bit integer in the module" \
	's/unsigned index/uint64_t index/'
differs "the result" game_update "the result is signed 32-bit integer in the host, signed 64-bit integer in the module" \
	's/RELIB_EXPORT int32_t game_update/RELIB_EXPORT int64_t game_update/'
differs "no result" game_update "the result is signed 32-bit integer in the host, void in the module" \
	's/RELIB_EXPORT int32_t game_update/RELIB_EXPORT void game_update/'
differs "a struct by value and by pointer" game_place "the result is struct point in the host, pointer to struct point in the module" \
	's/RELIB_EXPORT struct point game_place/RELIB_EXPORT struct point *game_place/'
differs "a callback's result" game_update "struct part differs: field hook, a callback: its result is signed 32-bit integer in the host, bool in the module" \
	's/typedef int on_event/typedef bool on_event/'
differs "a callback's parameters" game_update "struct part differs: field hook, a callback: it takes 2 parameters in the host, 1 parameter in the module" \
	's/, int code)/)/'
differs "a callback that is variadic" game_update "struct part differs: field hook, a callback: it takes 2 parameters in the host, 2 parameters and more (...) in the module" \
	's/int code)/int code, ...)/'
differs "the struct of a callback's parameter" game_update "struct event differs: field kind is int in the host, short in the module" \
	's/int kind/short kind/'
differs "an import" game_log "it takes 1 parameter in the host, 2 parameters in the module" \
	's/game_log(const char \*text)/game_log(const char *text, int level)/'
differs "an import's result" game_ask "the result is signed 32-bit integer in the host, signed 64-bit integer in the module" \
	's/int game_ask/long game_ask/'
# Which functions there are
differs "an export that is missing" game_place "the host calls it, and the module doesn't have it" \
	'/game_place/d'
differs "an import that the host doesn't have" game_more "the module calls it, and the host doesn't have it" \
	's/^RELIB_MAIN/RELIB_IMPORT void game_more(void);\n&/'
differs "an export that is an import" game_place "it is an export of the module in the host, an import in the module" \
	's/RELIB_EXPORT \(.*game_place\)/RELIB_IMPORT \1/'
differs "an import that is an export" game_ask "it is an import of the module in the host, an export in the module" \
	's/RELIB_IMPORT \(.*game_ask\)/RELIB_EXPORT \1/'
differs "an optional export that differs" game_new "the result is bool in the host, signed 32-bit integer in the module" \
	's/bool game_new/int game_new/'
differs "main's result" main "the result is signed 32-bit integer in the host, signed 64-bit integer in the module" \
	's/RELIB_MAIN_RESULT(int)/RELIB_MAIN_RESULT(long)/'
differs "main's result, a struct" main "the result is signed 32-bit integer in the host, struct point in the module" \
	's/RELIB_MAIN_RESULT(int)/RELIB_MAIN_RESULT(struct point)/'

# What is no difference. The module answers 40 + 5 + 3 + 1, and 101 from the host, and the seventh place.
same "nothing" "log update 150 7 new " 's/^$/\n/'
same "comments" "log update 150 7 new " 's/^struct point/\/** A place. *\/ &/;s/float x/float \/* to the left *\/ x/'
same "names of parameters" "log update 150 7 new " 's/seconds/period/;s/(const char \*name, unsigned index)/(const char *, unsigned at)/;s/\*text/*/'
same "names of typedefs" "log update 150 7 new " 's/on_event/event_handler/'
same "a typedef for a struct" "log update 150 7 new " 's/^struct level5 \(.*\);/typedef struct level5 \1 leaf_t;/' 's/struct level5 five/leaf_t five/'
same "order of functions" "log update 150 7 new " '/game_update/{h;d};/^RELIB_MAIN/{x;p;x}' '/game_log/{h;d};/^RELIB_MAIN/{x;p;x}'
same "white space" "log update 150 7 new " 's/; /;\n\t/g;s/, /,\n  /g'
same "extern" "log update 150 7 new " 's/^RELIB_[EI][A-Z]* /extern &/'
same "restrict" "log update 150 7 new " 's/\*part,/*restrict part,/;s/\*text/*restrict text/'
same "const on parameters and results" "log update 150 7 new " 's/unsigned index/const unsigned index/;s/\*context/*const context/'
same "int and int32_t" "log update 150 7 new " 's/int32_t/int/;s/int leaf/int32_t leaf/'
same "an array as a parameter" "log update 150 7 new " 's/struct part \*part/struct part part[]/'
same "includes, macros and types that no function reaches" "log update 150 7 new " 's/^#include <stdbool.h>/&\n#include <stdio.h>\n#define UNUSED 1/' \
	's/^struct point/struct unused { struct unused *a; };\n&/'
same "an export that the host doesn't know" "log update 150 7 new " 's/^RELIB_MAIN/RELIB_EXPORT void game_extra(void);\n&/'
same "an import that the module doesn't use" "49 7 new " '/game_log/d;/game_ask/d' 's/^#define BASE_H/&\n#define NO_IMPORTS/'
same "an optional export that is missing" "log update 150 7 old " '/game_new/d'
same "an export that is optional in the host only" "log update 150 7 new " 's/RELIB_OPTIONAL//'
same "a main that nobody has named" "log update 150 7 new " '/^RELIB_MAIN/d'
done_testing
