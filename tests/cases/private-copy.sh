# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# A module that nothing can unload is loaded as a private copy, and goes.
. "$TOP_SRCDIR/tests/tap.sh"
export RELIB_TRACK=quiet

cat >unique.cc <<'END'
#include <cstdlib>
#include <cstring>
#include <string>
#include <relib/module.hpp>
RELIB_MODULE("unique", "1")
extern "C" int library(void);
struct Counter { static inline int calls; static inline std::string text = "a string that is longer than a few bytes"; };
template <class T> struct Other { static inline thread_local int calls; };
static void *volatile kept;
extern "C" int count(void) { Other<int>::calls++; Counter::text += "x"; return ++Counter::calls; }
extern "C" int versioned(void) { return VERSIONED; }
static int throws() { try { throw std::string("five"); } catch (const std::string &text) { return (int)text.size() + 1; } }
RELIB_MAIN(int, argc, argv)
{
	const char *what = argc > 1 ? argv[1] : "count";
	if (!strcmp(what, "count")) return count();
	if (!strcmp(what, "versioned")) return versioned();
	if (!strcmp(what, "library")) return library();
	if (!strcmp(what, "throw")) return throws();
	if (!strcmp(what, "panic")) relib_panic("%s", what); /* panic */
	kept = std::malloc(100);
	return 0;
}
END
echo 'static int calls; int library(void); int library(void) { return ++calls; }' >dep.c
echo 'VERSION_1 { global: count; relib_*; _ZN7Counter*; _ZGVN7Counter*; _ZN5OtherIiE*; }; VERSION_2 { global: versioned; };' >map
ok "build" sh -ec '
	mkdir at at/deps nosoname nosoname/deps
	$CC -shared -fPIC dep.c -Wl,-soname,libdep.so -o at/deps/libdep.so
	$CC -shared -fPIC dep.c -o nosoname/deps/libdep.so
	build() {
		$CXX -I$TOP_SRCDIR/module-sdk -std=c++17 -g -O1 -fPIC -shared -DVERSIONED=$1 unique.cc -o $2/$3 $4 \
			-Wl,-rpath,"\$ORIGIN/deps" -L$2/deps -ldep -Wl,--version-script=map -Wl,-z,nodelete \
			-Wl,-soname,libunique.so $TOP_BUILDDIR/module-sdk/librelib_module.a
	}
	build 7 at libunique.so -Wl,--build-id
	build 8 at libother.so -Wl,--build-id
	build 7 nosoname libunique.so'
ok "it has a NODELETE flag" sh -c 'readelf -d at/libunique.so | grep -q NODELETE'
ok "it has versions" sh -c 'readelf -W --dyn-syms at/libunique.so | grep -q versioned@@VERSION_2'
if readelf -W --dyn-syms at/libunique.so | grep -q UNIQUE; then pass "it has unique symbols"; else
	skip "it has unique symbols" "$CXX makes none"; fi
before=$(cksum at/libunique.so)
PANIC_LINE=$(grep -n '/\* panic \*/' unique.cc | cut -d: -f1)
export PANIC_LINE OTHER="$PWD/at/libother.so" CODE=0
scenario() { ok "$1$3" "$PROGRAMS/hosts/private_host" "$1" "$PWD/$2"; }
scenario whole at/libunique.so ""
scenario often at/libunique.so ""
scenario stack at/libunique.so ""
scenario beside-the-hosts at/libunique.so ""
scenario number-taken at/libunique.so ""
scenario not-private at/libunique.so ""
mkdir temporary
NO_MEMFD=1 TMPDIR=$PWD/temporary scenario stack at/libunique.so ", without files in memory"
NO_MEMFD=1 TMPDIR=!$PWD/nowhere scenario by-other-means at/libunique.so ", without files in memory and folder"
is "nothing is left where files are temporary" "$(ls temporary)" ""
is "the file is as it was" "$(cksum at/libunique.so)" "$before"
head -c 9000 at/libunique.so >at/libcut.so
CODE=13 scenario refused at/libcut.so ", of a file that was cut"
CODE=18 scenario refused nosoname/libunique.so ", of a library by \$ORIGIN without a soname"
contains "what \$ORIGIN can't do is said" "$("$PROGRAMS/hosts/private_host" refused "$PWD/nosoname/libunique.so")" "only if they have a soname"
mkdir again && cp -r at/deps again && cp at/libunique.so at/libother.so again
OTHER="$PWD/again/libother.so" scenario replaced again/libunique.so ""

# By relib-run
unset RELIB_TRACK
"$RELIB_RUN" at/libunique.so >out 2>err; status=$?
is "relib-run: it is still mapped" "$status" 4
contains "relib-run: what helps" "$(cat err)" "load it with --private-copy"
"$RELIB_RUN" --private-copy --repeat 3 at/libunique.so -- leak >out 2>err; status=$?
is "relib-run --private-copy: it goes" "$status" 0
contains "relib-run --private-copy: the report names the file" "$(cat err)" "libunique.so unloaded, 1 block"
contains "relib-run --private-copy: function and line" "$(cat err)" "unique.cc:$((PANIC_LINE + 1))"
echo 'int crash(int *at); int crash(int *at) { *at = 1; return *at; }
int run(int count); int run(int count) { return crash((int *)(long)(count - 1)) + 1; }' >crash.c
ok "a module that crashes is built" sh -c '$CC -O1 -fno-inline -shared -fPIC crash.c -o libcrash.so && strip libcrash.so'
"$RELIB_RUN" --private-copy --call run ./libcrash.so >out 2>err
contains "relib-run --private-copy: a crash names the file" "$(cat err)" "libcrash.so crashed with SIGSEGV"
contains "relib-run --private-copy: and the function" "$(cat err)" "crash"
lacks "relib-run --private-copy: and no copy" "$(tail -n +2 err)" "  3+0x"
is "relib-run --private-copy: and its caller" "$(grep -c '^  run\|^  crash' err)" 2
done_testing
