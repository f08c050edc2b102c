# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# A host in C++: the same API, types that C and C++ share, and a module's exception, which does not reach the host.
. "$TOP_SRCDIR/tests/tap.sh"

include="-I$TOP_SRCDIR/loader -I$TOP_SRCDIR/preload -I$TOP_SRCDIR/module-sdk"
cat >module.cc <<'END'
#include <stdexcept>
#include <string>
#include <relib/module.h>
RELIB_MODULE("throws", "1")
RELIB_MAIN(std::string, argc, argv)
{
	if (argc > 1)
		throw std::runtime_error(argv[1]);
	return "a string that is too long for its object";
}
END
cat >c.c <<'END'
#include <relib/module.h>
struct pair { int a; double b; };
RELIB_MODULE("pair", "1")
RELIB_MAIN(struct pair) { struct pair pair = { 7, 0.5 }; return pair; }
END
cat >host.cc <<'END'
#include <cstdio>
#include <stdexcept>
#include <string>
#include <relib/relib.h>
struct pair { int a; double b; };
static relib_error error;
static void say(const char *what, relib_code code) { std::printf("%s %d %s\n", what, code, code ? error.message : ""); }
int main()
{
	char name[] = "name", why[] = "thrown", *arguments[] = { name, why, nullptr };
	relib_module *module;

	say("load", relib_load("./module.so", nullptr, &module, &error));
	for (int argc = 2; argc > 0; argc--) {
		try {
			std::string text;
			relib_code code = relib_call_main(module, std::string, &text, argc, arguments, &error);
			say(text.c_str(), code);
		} catch (const std::exception &exception) {
			std::printf("caught %s\n", exception.what());
		}
	}
	say("unload", relib_unload(module, nullptr, nullptr, &error));
	say("load", relib_load("./c.so", nullptr, &module, &error));
	pair result = {};
	say("call", relib_call_main(module, struct pair, &result, 0, nullptr, &error));
	say("call", relib_call_main(module, pair, &result, 0, nullptr, &error));
	std::printf("%d %g\n", result.a, result.b);
	say("unload", relib_unload(module, nullptr, nullptr, &error));
}
END
ok "build" sh -ec "\$CXX -std=c++17 -Wall -Wextra -Werror $include -O2 -shared -fPIC module.cc -o module.so
	\$CC $include -O2 -shared -fPIC c.c -o c.so
	\$CXX -std=c++17 -Wall -Wextra -Werror $include -O2 host.cc -o host '$TOP_BUILDDIR/loader/.libs/librelib.so' \
		'-Wl,-rpath,$TOP_BUILDDIR/loader/.libs'"
output=$(LD_PRELOAD=$RELIB_TRACKER ./host 2>stderr)
is "an exception is a panic of main" "$output" "load 0 
 33 module.so panicked in main: std::runtime_error: thrown
a string that is too long for its object 0 
unload 0 
load 0 
call 0 
call 0 
7 0.5
unload 0 "
is "said once on stderr" "$(grep -c '^relib: module.so panicked in main: std::runtime_error: thrown' stderr)" 1

done_testing
