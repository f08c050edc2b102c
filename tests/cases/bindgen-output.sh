# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# The options of relib-bindgen, which files it writes, and what it leaves alone.
. "$TOP_SRCDIR/tests/tap.sh"
. "$TOP_SRCDIR/tests/cases/bindgen.sh"

files() { find . -type f | sort | tr '\n' ' '; }
status() { "$@" >"$tap_folder/said" 2>&1; tap_status=$?; }

mkdir source && cd source || exit 99
cat >game.h <<'END'
#include <relib/interface.h>
struct game_data { int a; struct { int b; union { int c; float d; }; } e; };
RELIB_EXPORT void game_update(struct game_data *data);
RELIB_IMPORT void game_log(const char *text);
END

status "$bindgen" game.h
is "both files, in the current folder" "$tap_status $(files)" "0 ./game.h ./game.host.h ./game.module.c "
is "nothing is said" "$(cat "$tap_folder/said")" ""
mkdir first && mv game.host.h game.module.c first/

mkdir out && status "$bindgen" -o out game.h
is "in a folder" "$tap_status $(ls out | tr '\n' ' ')" "0 game.host.h game.module.c "
rm out/*
status "$bindgen" --output-dir=out --name=chess --include='<games/game.h>' game.h
is "by another name" "$tap_status $(ls out | tr '\n' ' ')" "0 chess.host.h chess.module.c "
contains "the name is in them" "$(cat out/chess.host.h)" "static inline const struct relib_load_options *chess_interface(struct chess *chess)"
contains "the header is included as asked" "$(grep '#include' out/chess.host.h out/chess.module.c)" '#include <games/game.h>'
rm out/*
status "$bindgen" --include=games/game.h --host out/a.h game.h
is "the host's only" "$tap_status $(ls out)" "0 a.h"
contains "quotes are added" "$(cat out/a.h)" '#include "games/game.h"'
status "$bindgen" game.h --module out/b.c
is "the module's only" "$tap_status $(ls out | tr '\n' ' ')" "0 a.h b.c "
is "to standard output" "$("$bindgen" --module /dev/stdout game.h | head -n 1)" "$(head -n 1 out/b.c)"
rm out/*

# The header, which nobody could write again, is never written to
cp game.h before.h
for name in game.h ./game.h ../source/game.h; do
	for option in --host --module '-MMD -MF'; do
		# shellcheck disable=SC2086
		status "$bindgen" $option "$name" game.h
		is "$option $name: refused" $tap_status 2
		contains "$option $name: why" "$(cat "$tap_folder/said")" "$name is the header itself"
	done
done
ok "and it is as before" cmp before.h game.h
rm before.h
status "$bindgen" --host out/both --module out/both game.h
is "one file for both sides: refused" $tap_status 2
contains "one file for both sides: why" "$(cat "$tap_folder/said")" "out/both can't be two of the written files"
is "one file for both sides: nothing is written" "$(ls out)" ""

# The same bytes wherever it is, whenever, in whatever language
mkdir -p 'elsewhere/a folder/deep' && cp game.h 'elsewhere/a folder/deep/'
ok "from another folder, in another locale" env LC_ALL=C LANG=de_DE.UTF-8 TZ=Asia/Tokyo \
	"$bindgen" -o out "$PWD/elsewhere/a folder/deep/game.h"
ok "it writes the same bytes" diff -r first out
rm out/*
( cd elsewhere && "$bindgen" -o ../out "a folder/../a folder/deep/game.h" )
ok "also by a way round" diff -r first out
lacks "no path is in them" "$(cat out/*)" "$tap_folder"
rm -r out elsewhere

# Where names come from
cp game.h 2d-game.h
status "$bindgen" 2d-game.h
is "a header whose name is no name in C" "$tap_status" 2
contains "it says what to do" "$(cat "$tap_folder/said")" "'2d-game', the header's name, can't be an interface's: give it one with --name"
cp game.h class.h
status "$bindgen" class.h
contains "nor is one that C++ has" "$tap_status $(cat "$tap_folder/said")" "2 relib-bindgen: 'class', the header's name"
status "$bindgen" --name relib game.h
contains "nor is relib" "$tap_status $(cat "$tap_folder/said")" "2 relib-bindgen: 'relib' can't be an interface's name"
status "$bindgen" --name class game.h
contains "nor is one that is given" "$tap_status $(cat "$tap_folder/said")" "2 relib-bindgen: 'class' can't be an interface's name"
rm 2d-game.h class.h

# Wrong usage is 2, a header that can't be used is 1
status "$bindgen"; is "no header" "$tap_status" 2
status "$bindgen" game.h other.h; is "two headers" "$tap_status" 2
contains "both are named" "$(cat "$tap_folder/said")" "one header at a time: game.h or other.h"
status "$bindgen" --no-such-option game.h; is "an unknown option" "$tap_status" 2
status "$bindgen" -o first --host a.h game.h; is "a folder and a file" "$tap_status" 2
status "$bindgen" -include x.h game.h; contains "a compiler's -include" "$tap_status $(cat "$tap_folder/said")" "2 relib-bindgen: -include is a compiler's"
status "$bindgen" -MF x.d game.h; is "-MF alone" "$tap_status" 2
status "$bindgen" nowhere.h; is "no such header" "$tap_status $(cat "$tap_folder/said")" "1 relib-bindgen: can't read nowhere.h: No such file or directory"
status "$bindgen" first; is "a folder" "$tap_status $(cat "$tap_folder/said")" "1 relib-bindgen: can't read first: it is no file"
status "$bindgen" -o nowhere game.h; is "no such folder to write to" "$tap_status" 1
contains "it says which file" "$(cat "$tap_folder/said")" "can't write nowhere/game.host.h: No such file or directory"
status "$bindgen" --help; contains "--help" "$tap_status $(cat "$tap_folder/said")" "0 Usage: relib-bindgen [OPTION...] HEADER [-- COMPILER-FLAG...]"
contains "it has the compilers' options" "$(cat "$tap_folder/said")" "-MMD"
status "$bindgen" --version; contains "--version" "$tap_status $(cat "$tap_folder/said")" "0 relib-bindgen "
is "none of them has written anything" "$(files)" "./first/game.host.h ./first/game.module.c ./game.h "

# A run that fails touches nothing
printf 'old\n' >game.host.h; printf 'old\n' >game.module.c; printf 'old\n' >game.d
before=$(ls -l --time-style=full-iso game.host.h game.module.c game.d)
cp game.h good.h; printf 'RELIB_EXPORT void game_play();\n' >>game.h
status "$bindgen" -MMD game.h
is "files stay as they were: a bad header" "$tap_status $(ls -l --time-style=full-iso game.host.h game.module.c game.d)" "1 $before"
mv good.h game.h
rm game.module.c; mkdir game.module.c
status "$bindgen" -MMD game.h
is "and where one of them can't be written" "$tap_status $(cat game.host.h game.d | tr '\n' ' ')" "1 old old "
rmdir game.module.c
if [ "$(id -u)" = 0 ]; then
	skip "a folder that can't be written to" "root writes everywhere"
else
	chmod a-w . && status "$bindgen" game.h; chmod u+w .
	is "a folder that can't be written to" "$tap_status $(cat game.host.h)" "1 old"
fi
status sh -c 'ulimit -f 0; trap "" XFSZ; exec "$1" game.h' sh "$bindgen"
is "a disk that is full" "$tap_status $(cat game.host.h)" "1 old"
is "nothing half done is left" "$(files)" "./first/game.host.h ./first/game.module.c ./game.d ./game.h ./game.host.h "
umask 027; rm game.host.h; "$bindgen" game.h; umask 022
is "files have the mode that the user wants" "$(stat -c %a game.host.h)" 640
rm -f game.*.* game.d

# Flags of compilers
printf '#include <sub.h>\n#if LEVEL == 2 && !defined OTHER\nRELIB_EXPORT number flags_update(size_type);\n#endif\n' >flags.h
mkdir sub sys
printf '#include <relib/interface.h>\ntypedef int number;\n#include "sys.h"\n' >sub/sub.h
printf 'typedef long size_type;\n' >sys/sys.h
status "$bindgen" -I sub -isystem sys -DLEVEL=2 -DOTHER -UOTHER flags.h; is "-I, -isystem, -D, -U" "$tap_status" 0
status "$bindgen" -Isub -isystem sys -D LEVEL=2 -std=c11 flags.h; is "apart and together, -std" "$tap_status" 0
status "$bindgen" flags.h -- -c -O2 -g3 -Wall -Wno-such-warning -fno-such-flag -fPIC -flto -std=gnu++20 -o x.o -MF x.d -Isub -isystem sys \
	-DLEVEL=2 -pthread -march=x86-64
[ "$(uname -m)" = x86_64 ] && is "a compiler's flags, those that only gcc knows too" "$tap_status $(cat "$tap_folder/said")" "0 "
printf '#include <relib/interface.h>\nRELIB_EXPORT void chars(char *a);\n' >chars.h
"$bindgen" chars.h -- -funsigned-char; contains "a flag that changes a type" "$(cat chars.host.h)" "(v,*u8)"
printf '#include <stddef.h>\n#include <stdarg.h>\n#include <relib/interface.h>\nRELIB_EXPORT size_t builtin(va_list list);\n' >builtin.h
status "$bindgen" builtin.h -- -nobuiltininc
is "without clang's own headers, the compiler's are taken" "$tap_status $(cat "$tap_folder/said")" "0 "
printf '#include <relib/interface.h>\nstatic inline int only_gcc(void) { return __builtin_no_clang_has_this(1); }\nRELIB_EXPORT void inlines(void);\n' >inlines.h
status "$bindgen" inlines.h -- -Werror=implicit-function-declaration
is "what only gcc understands in an inline function is no matter" "$tap_status" 0
# <relib/interface.h> is beside the tool, wherever that is moved to, unless the user has another one.
mkdir -p moved/bin moved/include/relib other/relib
cp "$bindgen" moved/bin/relib-bindgen
{ cat "$TOP_SRCDIR/module-sdk/relib/interface.h"; echo '#define FROM "beside the tool"'; } >moved/include/relib/interface.h
{ cat "$TOP_SRCDIR/module-sdk/relib/interface.h"; echo '#define FROM "from the user"'; } >other/relib/interface.h
printf '#include <relib/interface.h>\nRELIB_EXPORT void own(char (*)[sizeof(FROM)]);\n' >own.h
moved/bin/relib-bindgen own.h; contains "its own header is found" "$(cat own.host.h)" "(v,*[16]i8)"
moved/bin/relib-bindgen -Iother own.h; contains "the user's comes first" "$(cat own.host.h)" "(v,*[14]i8)"
rm -rf moved other own.*
rm -f flags.* chars.* builtin.* inlines.*

# Dependencies, as make reads them
printf '#include <sub.h>\n#include <stdio.h>\n#include "a#b $c.h"\nRELIB_EXPORT number deps_update(void);\n' >deps.h
printf 'typedef long odd;\n' >'a#b $c.h'
status "$bindgen" -Isub -isystem sys -MMD deps.h
is "-MMD writes NAME.d" "$tap_status $(cat deps.d)" '0 deps.host.h deps.module.c: \
 deps.h \
 sub/sub.h \
 a\#b\ $$c.h'
lacks "without the system's headers" "$(cat deps.d)" sys.h
"$bindgen" -Isub -isystem sys -MD -MF all.d deps.h
contains "-MD has them" "$(cat all.d)" sys/sys.h
contains "in the file of -MF" "$(cat all.d)" stdio.h
"$bindgen" -Isub -isystem sys -MMD -MT stamp -MT 'two$$' -MP --host out.h deps.h
is "-MT and -MP; the file is named beside what is written" "$(cat deps.d)" 'stamp two$$: \
 deps.h \
 sub/sub.h \
 a\#b\ $$c.h
sub/sub.h:
a\#b\ $$c.h:'
mkdir to && "$bindgen" -Isub -isystem sys -MMD -o to deps.h
is "in the folder of the files" "$(ls to | tr '\n' ' ') $(head -n 1 to/deps.d)" 'deps.d deps.host.h deps.module.c  to/deps.host.h to/deps.module.c: \'
if command -v make >/dev/null; then
	cat >Makefile <<END
deps.host.h deps.module.c &: deps.h
	$bindgen -Isub -isystem sys -MMD -MP deps.h
	echo made
-include deps.d
END
	rm -f deps.d deps.host.h deps.module.c
	make -s deps.host.h >/dev/null 2>&1
	ok "make is content" make -sq deps.host.h deps.module.c
	touch -d '+1 hour' sub/sub.h
	is "and makes them again after a change" "$(make -s deps.host.h 2>/dev/null)" made
	touch -d '-1 hour' sub/sub.h; make -s deps.host.h >/dev/null 2>&1
	touch -d '+1 hour' 'a#b $c.h'
	is "also of a header with a strange name" "$(make -s deps.host.h 2>/dev/null)" made
	touch -d '-1 hour' 'a#b $c.h'; make -s deps.host.h >/dev/null 2>&1
	rm sub/sub.h; mkdir other; printf '#include <relib/interface.h>\ntypedef int number;\n' >other/sub.h
	sed -i 's/-Isub/-Iother/' Makefile
	is "a header that is gone is no error" "$(make -s deps.host.h 2>/dev/null)" made
else
	skip "make" "not installed"
fi
done_testing
