# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# A module that ld.so keeps after its last dlclose: the report says which of the known reasons it is, and frees nothing.
. "$TOP_SRCDIR/tests/cases/attribution.sh"
leaks=reclaim

cat >plain.c <<'END'
#include <stdlib.h>
static void *volatile kept;
int plain(void);
int plain(void) { return 1; }
void run(void *host);
void run(void *host) { (void)host; kept = malloc(100); }
END
cat >user.c <<'END'
int plain(void);
int user(void);
int user(void) { return plain(); }
END
cat >unique.cc <<'END'
#include <cstdlib>
static void *volatile kept;
template <class T> int *counter() { static int count; return &count; }
extern "C" void run(void *) { ++*counter<int>(); kept = std::malloc(100); }
END
cat >local.cc <<'END'
#include <cstdlib>
static void *volatile kept;
struct Local { void *volatile self = nullptr; ~Local() { self = nullptr; } };
static thread_local Local local;
extern "C" void run(void *) { local.self = &local; kept = std::malloc(100); }
END
ok "modules are built" sh -ec '
	$CC -O1 -shared -fPIC plain.c -Wl,-z,nodelete -o nodelete.so
	$CC -O1 -shared -fPIC plain.c -Wl,-soname,plain.so -o plain.so
	$CC -O1 -shared -fPIC user.c -o user.so ./plain.so
	$CXX -O1 -shared -fPIC unique.cc -o unique.so
	$CXX -O1 -shared -fPIC local.cc -o local.so'

# stays NAME REASON STEP ...: the host lives, the reason is told once, and nothing is released
stays() {
	title=$1 reason=$2; shift 2
	tracked "LD_LIBRARY_PATH=$PWD" "$host" "$@"
	survived "$title: the host goes on"
	is "$title: it is still mapped" "$(printf '%s\n' "$report" | sed -n '1s/ pid=.* released=/ released=/p')" \
		"$title still-mapped released=0 kept=0"
	contains "$title: the reason" "$(printf '%s\n' "$report" | sed -n 2p)" "$reason"
	is "$title: it is told once" "$(printf '%s\n' "$report" | grep -c still-mapped)" 1
}
stays nodelete.so "(NODELETE)" load m ./nodelete.so call m run close m load m ./nodelete.so close m
stays plain.so "user.so needs it" load m ./plain.so call m run load u ./user.so close m
stays local.so "a thread-local destructor of it is pending on thread" load m ./local.so call m run close m
contains "with the thread's name" "$(printf '%s\n' "$report" | sed -n 2p)" '"attr-host"'
if readelf --wide --dyn-syms unique.so | grep -q UNIQUE; then
	stays unique.so "STB_GNU_UNIQUE" load m ./unique.so call m run close m
else
	skip "unique.so" "$CXX makes no unique symbols"
fi
# Who: another module
cat >opens.c <<'END'
#include <dlfcn.h>
void *volatile opened;
void run(void *host);
void run(void *host) { (void)host; opened = dlopen("./plain.so", RTLD_NOW); }
END
ok "that module is built" $CC -O1 -shared -fPIC opens.c -o opens.so
cat >twice.c <<'END'
#include <dlfcn.h>
#include <relib/relib.h>
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv)
{
	struct relib_load_options options = { .allow_plain = true };
	struct relib_module *module, *other;
	struct relib_error error;

	(void)argc;
	if (relib_load(argv[1], &options, &module, &error) || relib_load(argv[2], &options, &other, &error))
		return 2;
	((void (*)(void *))relib_symbol(other, "run", &error))(NULL);
	if (!relib_unload(module, NULL, NULL, &error))
		return 3;
	puts(error.message);
	if (relib_unload(other, NULL, NULL, &error) || relib_unload(module, NULL, NULL, &error)) {
		puts(error.message);
		return 4;
	}
	return 0;
}
END
if $CC -I"$TOP_SRCDIR/loader" -I"$TOP_SRCDIR/preload" -I"$TOP_SRCDIR/module-sdk" twice.c -o twice -L"$TOP_BUILDDIR/loader/.libs" -lrelib -Wl,-rpath,"$TOP_BUILDDIR/loader/.libs"; then
	tracked ./twice ./plain.so ./opens.so
	survived "opened again by another module: it leaves after that has left"
	contains "the report says by which, and where" "$output" "it was opened again by opens.so, in run, and not closed"
else
	fail "a host of the loader is built"
fi
object=attr_weak_one.so
tracked "$host" load m "$MODULES/attr_weak_one.so" call m run close m
case $report in
*"$object still-mapped"*) contains "libstdc++ is bound to the module: the reason" "$report" "libstdc++ is bound to functions" ;;
*) skip "libstdc++ is bound to the module" "it is not here" ;;
esac
done_testing
