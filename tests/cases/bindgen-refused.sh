# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# What can't be an interface is refused with its place and a reason, and leaves no file.
. "$TOP_SRCDIR/tests/tap.sh"
. "$TOP_SRCDIR/tests/cases/bindgen.sh"

# refused NAME LINE:COLUMN WORDS: of the header on standard input, whose fifth line is the first one given
refused() {
	printf '#include <stdarg.h>\n#include <stdint.h>\n#include <relib/interface.h>\nstruct opaque;\n' >sound.h
	cat >>sound.h
	rm -f sound.host.h sound.module.c
	tap_output=$("$bindgen" sound.h 2>&1); tap_status=$?
	case $tap_output in
	"sound.h:$2: error: "*"$3"*) pass "$1" ;;
	*) fail "$1" "wanted: sound.h:$2: error: ...$3" "got: $tap_output" ;;
	esac
	is "$1: exit status, and no file" "$tap_status $(ls | tr '\n' ' ')" "1 sound.h "
}

refused "a variadic function" 5:19 "sound_play is variadic, and can't be called through" <<'END'
RELIB_EXPORT void sound_play(const char *format, ...);
END
refused "an old-style function" 6:19 "sound_play says nothing about its parameters: if there are none, write sound_play(void)" <<'END'

RELIB_IMPORT void sound_play();
END
refused "a variable" 5:18 "RELIB_EXPORT marks a function, and sound_volume is a variable" <<'END'
RELIB_EXPORT int sound_volume;
END
refused "a pointer to a function" 5:21 "RELIB_IMPORT marks a function, and sound_play is a variable" <<'END'
RELIB_IMPORT void (*sound_play)(void);
END
refused "a struct" 5:1 "this marks no function" <<'END'
RELIB_EXPORT struct sound { int a; };
END
refused "a struct, with the mark inside" 5:21 "RELIB_EXPORT marks a function, and sound_data is a struct" <<'END'
struct RELIB_EXPORT sound_data { int a; };
END
refused "a type" 5:26 "RELIB_EXPORT marks a function, and sound is a type" <<'END'
RELIB_EXPORT typedef int sound;
END
refused "a field" 5:38 "RELIB_EXPORT marks a function, and a is a field" <<'END'
struct sound_data { RELIB_EXPORT int a; };
END
refused "a parameter" 5:37 "RELIB_IMPORT marks a function, and a is a parameter" <<'END'
void sound_play(RELIB_IMPORT int    a);
END
refused "both marks" 5:32 "sound_play is marked RELIB_EXPORT and RELIB_IMPORT" <<'END'
RELIB_EXPORT RELIB_IMPORT void sound_play(void);
END
refused "both marks, in two places" 6:19 "sound_play is marked RELIB_EXPORT and RELIB_IMPORT" <<'END'
RELIB_EXPORT void sound_play(void);
RELIB_IMPORT void sound_play(void);
END
refused "a vector whose passing depends on AVX" 6:21 "in its declaration is passed in another way with AVX than without it" <<'END'
typedef float wide __attribute__((vector_size(32)));
RELIB_EXPORT double sound_play(wide sample);
END
refused "such a vector in a struct, in a callback" 6:19 "is passed in another way with AVX than without it" <<'END'
struct wide { float a __attribute__((vector_size(32))); };
RELIB_EXPORT void sound_play(struct wide (*next)(void));
END
refused "an optional import" 5:34 "sound_play is an import, which can't be RELIB_OPTIONAL" <<'END'
RELIB_IMPORT RELIB_OPTIONAL void sound_play(void);
END
refused "optional, but nothing else" 5:21 "sound_play is RELIB_OPTIONAL, but no export: write RELIB_EXPORT RELIB_OPTIONAL" <<'END'
RELIB_OPTIONAL void sound_play(void);
END
refused "a static function" 5:26 "sound_play is static" <<'END'
RELIB_EXPORT static void sound_play(void);
END
refused "an inline function" 5:26 "sound_play is inline" <<'END'
RELIB_EXPORT inline void sound_play(void) { }
END
refused "a function that is defined" 5:19 "sound_play is defined here" <<'END'
RELIB_EXPORT void sound_play(void) { }
END
refused "a function that is defined further down" 5:19 "sound_play is defined here" <<'END'
RELIB_EXPORT void sound_play(void);
void sound_play(void) { }
END
if [ "$(uname -m)" = x86_64 ]; then
	refused "another calling convention" 5:44 "sound_play has a calling convention of its own" <<'END'
RELIB_EXPORT __attribute__((ms_abi)) void  sound_play(void);
END
	refused "a callback with another calling convention" 6:19 "sound_play: in field call of struct sound_data is a function with a calling convention" <<'END'
struct sound_data { void (__attribute__((ms_abi)) *call)(void); };
RELIB_EXPORT void sound_play(struct sound_data *data);
END
fi
refused "an incomplete struct as a parameter" 5:19 "sound_play takes struct opaque by value, which is not complete here" <<'END'
RELIB_EXPORT void sound_play(struct opaque data);
END
refused "an incomplete struct as a result" 5:28 "sound_play returns struct opaque, which is not complete here" <<'END'
RELIB_EXPORT struct opaque sound_play(void);
END
refused "an array of variable length" 5:19 "sound_play: parameter data is an array of variable length: write it as a pointer" <<'END'
RELIB_EXPORT void sound_play(int count, int data[count]);
END
refused "a pointer to one" 5:19 "sound_play: int[] in its declaration is an array of variable length" <<'END'
RELIB_EXPORT void sound_play(int count, int (*data)[count]);
END
refused "an integer that C doesn't fix" 6:19 "sound_play: _BitInt(7) in field data of struct sound_data has no form that C fixes" <<'END'
struct sound_data { _BitInt(7) data; };
RELIB_EXPORT void sound_play(struct sound_data *data);
END
refused "an atomic that compilers don't agree on" 6:19 "sound_play: _Atomic(struct three) in its declaration has different sizes in gcc and in clang" <<'END'
struct three { char x[3]; };
RELIB_EXPORT void sound_play(_Atomic(struct three) *data);
END
refused "a parameter of a type without a name" 6:19 "sound_play: a type in " <<'END'
extern struct { int a; } sound_data;
RELIB_EXPORT void sound_play(__typeof__(sound_data) *data);
END
refused "a result of which only the const type has a name" 6:29 "sound_play: a type in sound_constant sound_play(void) has no name that others can use" <<'END'
typedef const struct { int a; } sound_constant;
RELIB_EXPORT sound_constant sound_play(void);
END
refused "a struct that is declared among the parameters" 5:37 "will not be visible outside" <<'END'
RELIB_EXPORT void sound_play(struct data *data);
END
refused "a struct of the interface's name" 5:8 "struct sound: give the interface another name with --name" <<'END'
struct sound { int a; };
RELIB_EXPORT void sound_play(struct sound *data);
END
refused "a type of the interface's name" 5:13 "struct sound: give the interface another name with --name" <<'END'
typedef int sound;
RELIB_EXPORT void sound_play(sound data);
END
refused "a function that a call is named after" 6:5 "sound_play_call is declared here, and relib-bindgen makes a function of this name for the export sound_play" <<'END'
RELIB_EXPORT void sound_play(void);
int sound_play_call(void);
END
refused "an export that a call is named after" 5:19 "sound_play_call is declared here" <<'END'
RELIB_EXPORT void sound_play_call(void);
RELIB_EXPORT void sound_play(void);
END
refused "an enumerator that a question is named after" 5:8 "sound_play_has is declared here" <<'END'
enum { sound_play_has };
RELIB_EXPORT RELIB_OPTIONAL void sound_play(void);
END
refused "a function that the options are named after" 5:19 "sound_interface is declared here, and relib-bindgen makes a function of this name for the interface: give that another name with --name" <<'END'
RELIB_EXPORT void sound_interface(void);
END
refused "a name of relib's" 5:19 "relib_play: names that begin with relib are relib's own" <<'END'
RELIB_IMPORT void relib_play(void);
END
refused "main" 5:18 "main can't be marked: RELIB_MAIN_RESULT(type)" <<'END'
RELIB_EXPORT int main(void);
END
refused "two mains" 6:1 "RELIB_MAIN_RESULT stands here a second time" <<'END'
RELIB_MAIN_RESULT(int);
RELIB_MAIN_RESULT(int);
END
refused "two mains that differ" 7:1 "RELIB_MAIN_RESULT stands here a second time" <<'END'
RELIB_EXPORT void sound_play(void);
RELIB_MAIN_RESULT(int);
RELIB_MAIN_RESULT(long);
END
refused "a main without a result" 5:1 "RELIB_MAIN_RESULT(void): main gives a value" <<'END'
RELIB_MAIN_RESULT(void);
END
refused "what clang refuses" 5:30 "unknown type name 'strange'" <<'END'
RELIB_EXPORT void sound_play(strange data);
END
is "clang's words are all there is" "$(echo "$tap_output" | wc -l)" 1

printf '#include <relib/interface.h>\nvoid sound_play(void);\n' >sound.h
tap_output=$("$bindgen" sound.h 2>&1)
is "a header without marks" "$? $tap_output" "1 sound.h: error: no function is marked RELIB_EXPORT or RELIB_IMPORT: an interface has at least one"
mkdir inner
printf '#include <relib/interface.h>\nRELIB_EXPORT void inner_play(void);\n' >inner/inner.h
printf '#include "inner/inner.h"\n' >sound.h
tap_output=$("$bindgen" sound.h 2>&1)
contains "marks in an included header are another interface's" "$? $tap_output" "1 sound.h: error: no function is marked"

# All of the mistakes, not only the first; and those in a macro where it is used.
cat >sound.h <<'END'
#include <relib/interface.h>
#define PLAY(name, parameters) \
	RELIB_EXPORT void name parameters
PLAY(sound_one, ());
PLAY(sound_two, (int, ...));
PLAY(sound_three, (int));
END
tap_output=$("$bindgen" sound.h 2>&1)
is "each mistake is named" "$(echo "$tap_output" | cut -d' ' -f1-3 | tr '\n' ' ')" "sound.h:4:1: error: sound_one sound.h:5:1: error: sound_two "
done_testing
