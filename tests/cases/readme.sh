# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# What README.md and doc/relib-run.md say, tried.
. "$TOP_SRCDIR/tests/tap.sh"
readme=$TOP_SRCDIR/README.md

# Every folder has its line. What is built is known by its names; git knows better where it is there.
if [ -e "$TOP_SRCDIR/.git" ] && command -v git >/dev/null; then
	folders=$(git -C "$TOP_SRCDIR" ls-files | sed -n 's|/.*||p' | sort -u)
else
	folders=$(cd "$TOP_SRCDIR" && for folder in */ .ci/; do echo "${folder%/}"; done | grep -vx '_.*\|build.*\|autom4te.cache')
fi
contains "the list of folders is one" "$folders" preload
for folder in $folders; do
	is "$folder/ is in the project structure, once" "$(grep -c "^| \`$folder/\` |" "$readme")" 1
done
for folder in $(sed -n 's/^| `\([^`]*\)\/` |.*/\1/p' "$readme"); do
	ok "$folder/ is there" test -d "$TOP_SRCDIR/$folder"
done

# The demo's output is what it is now
sed -n '/^\$ scripts\/demo/,/^```/p' "$readme" | sed '1,2d; $d; s/^  next: .*//' >wanted
"$RELIB_RUN" "$TOP_BUILDDIR/examples/libleaky.so" 2>&1 | sed 's/^  next: .*//' >got
is "the demo's output is the real one" "$(cat got)" "$(cat wanted)"

# code SECTION NUMBER: that one of its blocks of C
code() { sed -n "/^## $1/,/^## [^$(printf %.1s "$1")]/p" "$readme" | awk -v wanted="$2" '
	/^```c$/ { number++; inside = 1; next } /^```/ { inside = 0 } inside && number == wanted'; }

# The host in C, as it stands there; with C++ too
code "Three ways" 1 >host.c
cp host.c host.cc
cp "$TOP_BUILDDIR/examples/libhello.so" .
flags="-g -Wall -Wextra -Werror -I$TOP_SRCDIR/loader -I$TOP_SRCDIR/preload -I$TOP_SRCDIR/module-sdk"
libraries="-L$TOP_BUILDDIR/loader/.libs -lrelib -Wl,-rpath,$TOP_BUILDDIR/loader/.libs"
ok "the host's example compiles" $CC $flags -o host-c host.c $libraries
ok "the host's example compiles as C++" $CXX $flags -o host-cxx host.cc $libraries
for host in host-c host-cxx; do
	"./$host" >out 2>err
	is "$host runs, and unloads its module" "$? $(cat out err)" "0 hello world"
done

# The interface, its module and its host
code Interfaces 1 >game.h
code Interfaces 2 >game.c
code Interfaces 3 >main.c
ok "the interface is one" "$TOP_BUILDDIR/tools/relib-bindgen" game.h \
	-- -I"$TOP_SRCDIR/module-sdk"
module_flags="$flags -fexceptions -fPIC -shared $TOP_BUILDDIR/module-sdk/librelib_module.a"
ok "its module compiles" $CC -o libgame.so game.c game.module.c $module_flags
ok "its host compiles" $CC $flags -o main main.c $libraries
# said PREFIX: what the README says it prints
said() { sed -n '/^## Interfaces/,/^## The/p' "$readme" | sed -n "/^$1/,/^\`\`\`/p" | sed '$d'; }
./main >out 2>&1
is "they run, and print what they are said to" "$? $(LC_ALL=C sort out)" "0 $(said '. .\/main' | sed 1d | LC_ALL=C sort)"
sed -i 's/x, y, z;/x, y;/' game.h
ok "a module with another interface" sh -ec "'$TOP_BUILDDIR/tools/relib-bindgen' game.h \
	-- '-I$TOP_SRCDIR/module-sdk'; $CC -o libgame.so game.c game.module.c $module_flags"
./main >out 2>&1
is "it is refused, with the words of the README" "$? $(cat out)" "1 $(said 'main: ..libgame')"

# Options: neither more nor fewer than there are
RELIB_TRACK=no-such-option LD_PRELOAD=$RELIB_TRACKER sh -c : 2>err
there=$(sed 's/.*options are //; s/, /\n/g' err | sed 's/[=|].*//' | sort -u)
described=$(sed -n '/^## The tracker/,/^## /p' "$readme" | sed -n 's/^| `\([A-Za-z-]*\).*/\1/p' | sort -u)
is "the tracker's options are those it knows" "$described" "$there"
there=$("$RELIB_RUN" --help | grep -o -e '--[a-z-]*' | grep -vx -e -- -e --usage | sort -u)
described=$(sed -n '/^## Options/,/^## /p' "$TOP_SRCDIR/doc/relib-run.md" | sed -n 's/^| `/`/p' |
	sed 's/ | .*//' | grep -o -e '--[a-z-]*' | sort -u)
is "relib-run's options are described" "$described" "$there"
is "relib-run's exit statuses are described" \
	"$("$RELIB_RUN" --help | tr '\n' ' ' | sed 's/.*Exit status: //' | grep -o '[0-9]' | tr '\n' ' ')" \
	"$(sed -n '/^## Exit status/,/^## /p' "$TOP_SRCDIR/doc/relib-run.md" | sed -n 's/^| \([0-9]\) .*/\1/p' | tr '\n' ' ')"

# Kinds, and which of them can be kept
ledger=$TOP_SRCDIR/doc/ledger.md
there=$("$RELIB_RUN" --policy no-such-kind=keep no-such-module 2>&1 | sed -n 's/.*kinds are all, //p' | sed 's/, /\n/g')
contains "there are kinds" "$there" dlopen-handle
is "the kinds described are those there are" "$(sed -n '/^## Kinds/,/^## /p' "$ledger" | sed -n 's/^| `\([a-z-]*\)` |.*/\1/p' | sort)" \
	"$(printf '%s\n' "$there" | sort)"
for kind in $there; do
	"$RELIB_RUN" --policy "$kind=keep" --help >/dev/null 2>&1 && keep=yes || keep=no
	is "whether $kind can be kept" "$(sed -n "/^## Kinds/,/^## /s/^| \`$kind\` |.* | \([a-z]*\) |\$/\1/p" "$ledger")" "$keep"
done

# Links lead somewhere: to a file, and in it to a heading
for page in README.md $(cd "$TOP_SRCDIR" && ls doc/*.md); do
	for link in $(grep -o ']([^ )]*)' "$TOP_SRCDIR/$page" | tr -d ']()' | grep -v '^https*:' | sort -u); do
		case $link in
		\#*) file=$TOP_SRCDIR/$page ;;
		*) file=$TOP_SRCDIR/$(dirname "$page")/${link%%#*} ;;
		esac
		ok "$link of $page is there" test -e "$file"
		case $link in
		*\#*) contains "so is its heading" "$(sed -n 's/^##* //p' "$file" | tr 'A-Z ' 'a-z-' | tr -d "'")" "${link##*#}" ;;
		esac
	done
done
done_testing
