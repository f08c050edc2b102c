# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Files that are no module: each is refused with its own code and words, and the host lives.
. "$TOP_SRCDIR/tests/tap.sh"

host=$PROGRAMS/hosts/load_host
simple=$MODULES/load_simple.so

# refused NAME FILE CODE PART: loading FILE gives CODE, and PART is in the message; the host then loads a good module
refused() {
	output=$("$host" load="$2" load="$simple" 2>&1); status=$?
	is "$1: code" "$(printf '%s\n' "$output" | sed -n 1p)" "load: code $3"
	contains "$1: message" "$output" "$4"
	contains "$1: message names the file" "$(printf '%s\n' "$output" | sed -n 2p)" "$2"
	is "$1: the host goes on" "$status $(printf '%s\n' "$output" | tail -n 1)" "0 load: ok"
}
# patch FILE OFFSET OCTAL-BYTES
patch() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

refused "no file" ./nothing.so 10 "was not found"
refused "a folder that is a file" "$simple/x.so" 10 "was not found"
mkdir folder.so
refused "a directory" ./folder.so 11 "is a directory"
: >empty.so
refused "an empty file" ./empty.so 11 "is an empty file"
echo "hello, this is text" >text.so
refused "a text" ./text.so 11 "not an ELF shared object"
printf '\177E' >two.so
refused "two bytes" ./two.so 11 "not an ELF shared object"
echo "/* GNU ld script */ GROUP ( libc.so.6 )" >script.so
refused "a linker script" ./script.so 11 "a script for the linker"
mkfifo pipe.so
refused "a pipe" ./pipe.so 11 "a device, pipe or socket"
refused "a device" /dev/null 11 "a device, pipe or socket"

echo 'int x; int main(void) { return x; }' >program.c
ok "build other kinds of files" sh -c '$CC -c -fPIC program.c -o object.so && $CC -pie -fPIE program.c -o pie.so &&
	$CC -no-pie program.c -o program.so && ar rc archive.so object.so'
refused "an object file" ./object.so 11 "an object file"
refused "a position-independent program" ./pie.so 11 "it is a program"
refused "a program" ./program.so 11 "it is a program"
refused "a static library" ./archive.so 11 "a static library"

if [ "$(id -u)" = 0 ]; then
	skip "a file without permission" "root may read everything"
else
	cp "$simple" secret.so; chmod 0 secret.so
	refused "a file without permission" ./secret.so 10 "permission denied"
fi

size=$(stat -c %s "$simple")
for length in 16 63 64 100 200 1000 4096 5000 $((size / 2)) $((size - 1)); do
	head -c "$length" "$simple" >cut.so
	refused "cut to $length bytes" ./cut.so 13 "is damaged"
done
cp "$simple" torn.so
patch torn.so 56 '\000\000'
refused "no segments" ./torn.so 13 "describes no segments"
cp "$simple" torn.so
patch torn.so 32 '\377\377\377\377\377\377\377\377'
refused "segments nowhere" ./torn.so 13 "table of segments"

# e_machine stands at 18: 183 is aarch64, 62 x86-64, 3 i386, 999 nothing.
case $(uname -m) in x86_64) other='\267\000' other_name=aarch64 own=x86-64 ;; *) other='\076\000' other_name=x86-64 own=aarch64 ;; esac
cp "$simple" machine.so
patch machine.so 18 "$other"
refused "another machine" ./machine.so 12 "module  $other_name, 64-bit, little-endian"
contains "another machine: the host's is shown too" "$output" "host    $own, 64-bit, little-endian"
patch machine.so 18 '\347\003'
refused "an unknown machine" ./machine.so 12 "a machine unknown here"
cp "$simple" machine.so
patch machine.so 4 '\001'; patch machine.so 18 '\003\000'
refused "an older machine" ./machine.so 12 "i386, 32-bit"
cp "$simple" machine.so
patch machine.so 5 '\002'
refused "another byte order" ./machine.so 12 "big-endian"

echo 'int absent(void); int call(void); int call(void) { return absent(); }' >part.c
cat >whole.c <<-'END'
	#include <relib/module.h>
	int absent(void);
	RELIB_MODULE("whole", "1")
	RELIB_MAIN(int) { return absent(); }
END
include="-I$TOP_SRCDIR/module-sdk"
ok "build a module with an undefined symbol" $CC $include -shared -fPIC whole.c -o undefined.so
refused "an undefined symbol" ./undefined.so 17 "needs the symbol absent, which nothing here defines"
contains "an undefined symbol: what to do" "$output" "-rdynamic"
echo 'int absent(void); int absent(void) { return 3; }' >library.c
ok "build a module that needs a library" sh -c "\$CC -shared -fPIC library.c -Wl,-soname,libabsent.so.1 -o libabsent.so &&
	\$CC $include -shared -fPIC whole.c -L. -labsent -o needing.so"
refused "a missing library" ./needing.so 18 "needs the library libabsent.so.1, which was not found"
ok "build a module whose library lacks a symbol" sh -c "\$CC -shared -fPIC part.c -Wl,-soname,libpart.so -o libpart.so &&
	\$CC $include -shared -fPIC -Dabsent=call whole.c -L. -lpart -Wl,-rpath,'\$ORIGIN' -o indirect.so"
refused "an undefined symbol of a library" ./indirect.so 17 "needs the symbol absent"
contains "an undefined symbol of a library: it is named" "$output" "libpart.so"
cat >versions.map <<-'END'
	LIB_1 { absent; };
END
sed 's/_1/_2/' versions.map >newer.map
ok "build a module for a newer library" sh -c "\$CC -shared -fPIC library.c -Wl,-soname,libv.so,--version-script=newer.map -o libv.so &&
	\$CC $include -shared -fPIC whole.c -L. -lv -Wl,-rpath,'\$ORIGIN' -o newer.so &&
	\$CC -shared -fPIC library.c -Wl,-soname,libv.so,--version-script=versions.map -o libv.so"
refused "an older library" ./newer.so 18 "needs version LIB_2 of"
refused "a plain shared object" "$MODULES/load_plain.so" 14 "is a plain shared object"

done_testing
