# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Each object that is linked to the module SDK reaches the loader as what it is: modules with global symbols, and a library that
# came with one module and stays for another.
. "$TOP_SRCDIR/tests/tap.sh"

cat >each.h <<'END'
#include <relib/interface.h>
RELIB_EXPORT void each_contain(void);
RELIB_EXPORT void each_panic(void);
END
cat >module.c <<'END'
#include <relib/module.h>
#include "each.h"
RELIB_MODULE(NAME, "1")
static void inner(void *nothing) { (void)nothing; relib_panic("contained in " NAME); }
void each_contain(void) { relib_contain(inner, NULL); }
void each_panic(void) { relib_panic("left " NAME); }
END
cat >library.c <<'END'
#include <relib/module.h>
void library_contain(void);
void library_panic(void);
static void inner(void *nothing) { (void)nothing; relib_panic("contained in the library"); }
void library_contain(void) { relib_contain(inner, NULL); }
void library_panic(void) { relib_panic("left the library"); }
END
cat >user.c <<'END'
#include <relib/module.h>
#include "each.h"
RELIB_MODULE(NAME, "1")
void library_contain(void);
void library_panic(void);
void each_contain(void) { library_contain(); }
void each_panic(void) { library_panic(); }
END
cat >host.c <<'END'
#include <relib/relib.h>
#include <stdio.h>
#include "each.host.h"
static struct relib_error error;
static struct relib_module *load(const char *path, struct each *each)
{
	struct relib_load_options options = { .global = true, .interfaces = { each_interface(each) } };
	struct relib_module *module = NULL;
	if (relib_load(path, &options, &module, &error))
		puts(error.message);
	return module;
}
static void try(const char *name, struct each *each, struct relib_module *module)
{
	int contained = each_contain_call(each), left = each_panic_call(each);
	printf("%s: %d %d, %s\n", name, contained, left == RELIB_PANICKED, relib_panic_message(module));
	fflush(stdout);
}
int main(int argc, char **argv)
{
	static struct each first, second;
	struct relib_module *one = load(argv[1], &first), *two = load(argv[2], &second);
	if (!one || !two || argc != 3)
		return 1;
	try("first", &first, one);
	try("second", &second, two);
	printf("unload %d %s\n", relib_unload(argv[1][2] == 'o' ? two : one, NULL, NULL, &error), error.message);
	if (argv[1][2] == 'o')
		try("first alone", &first, one);
	else
		try("second alone", &second, two);
	printf("unload %d %s\n", relib_unload(argv[1][2] == 'o' ? one : two, NULL, NULL, &error), error.message);
	return 0;
}
END
flags="-I$TOP_SRCDIR/module-sdk -I$TOP_SRCDIR/loader -I$TOP_SRCDIR/preload -I."
sdk=$TOP_BUILDDIR/module-sdk/librelib_module.a
ok "build" sh -ec "
	$RELIB_BINDGEN -I $TOP_SRCDIR/module-sdk each.h
	\$CC $flags -fPIC -shared -fexceptions library.c $sdk -Wl,-soname,liblibrary.so -o liblibrary.so
	for name in one two; do
		\$CC $flags -fPIC -shared -fexceptions -DNAME=\"\\\"\$name\\\"\" module.c each.module.c $sdk -o \$name.so
	done
	for name in user-a user-b; do
		\$CC $flags -fPIC -shared -fexceptions -DNAME=\"\\\"\$name\\\"\" user.c each.module.c $sdk -L. -llibrary \
			-Wl,-rpath,'\$ORIGIN' -o \$name.so
	done
	\$CC $flags host.c -o host -L$TOP_BUILDDIR/loader/.libs -lrelib -Wl,-rpath,$TOP_BUILDDIR/loader/.libs"

LD_PRELOAD=$RELIB_TRACKER ./host ./one.so ./two.so >out 2>err
is "modules with global symbols are told apart" "$(cat out)" "first: 0 1, left one
second: 0 1, left two
unload 0 
first alone: 0 1, left one
unload 0 "
is "what they say" "$(sed -n '/^relib:/s/ (.*//p' err)" "relib: one.so panicked in relib_contain: contained in one
relib: one.so panicked in each_panic: left one
relib: two.so panicked in relib_contain: contained in two
relib: two.so panicked in each_panic: left two
relib: one.so panicked in relib_contain: contained in one
relib: one.so panicked in each_panic: left one"

LD_PRELOAD=$RELIB_TRACKER ./host ./user-a.so ./user-b.so >out 2>err
is "a library outlives the module that it came with" "$(cat out)" "first: 0 1, left the library
second: 0 1, left the library
unload 0 
second alone: 0 1, left the library
unload 0 "
contains "and is no longer that module's" "$(grep ^relib: err | tail -n 1)" "a library of a module that was unloaded panicked in"
done_testing
