# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# What relib-bindgen writes for every kind of type compiles without a warning, in C and in C++.
. "$TOP_SRCDIR/tests/tap.sh"
. "$TOP_SRCDIR/tests/cases/bindgen.sh"

# all_of NAME: a file in which no function of NAME.host.h is unused, so that compilers look at each
all_of() {
	printf '#include <relib/host.h>\n#include "%s.h"\n#define static\n#define inline\n#undef RELIB_ALWAYS_INLINE\n#define RELIB_ALWAYS_INLINE\n#include "%s.host.h"\n' "$1" "$1" >"$1.all.c"
}

cp "$TOP_SRCDIR/tests/interface/every.h" "$TOP_SRCDIR/tests/interface/every-c.h" .
ok "every type" "$bindgen" every.h
all_of every
compiles_c "the host's file" every.all.c
compiles_cxx "the host's file in C++" every.all.c
compiles_c "the module's file" every.module.c

# The loader takes it: a module whose functions are there, though they do nothing.
sed -n 's/^\t(relib_function)\(.*\),$/__attribute__((visibility("hidden"))) void \1(void) { }/p' every.module.c >stubs.c
printf '#include <relib/module.h>\nRELIB_MODULE("every", "1");\n' >>stubs.c
sed -n 's/.* = (relib_function)every->\(.*\);$/every.\1 = (__typeof__(every.\1))nothing;/p' every.host.h >imports.inc
cat >host.c <<'END'
#include <stdio.h>
#include "every.host.h"
static void nothing(void) { }
int main(void)
{
	static struct every every;
	struct relib_module *module;
	struct relib_error error = { .code = RELIB_OK };

#include "imports.inc"
	if (relib_load("./every.so", every_interface(&every), &module, &error) || v_void_call(&every))
		printf("%s\n", error.message);
	return error.code;
}
END
ok "a module with all of it" $CC $include -I. -w -fexceptions -fPIC -shared stubs.c every.module.c \
	"$TOP_BUILDDIR/module-sdk/librelib_module.a" -o every.so
ok "a host with all of it" $CC $include -I. host.c -o host -L"$TOP_BUILDDIR/loader/.libs" -lrelib \
	-Wl,-rpath,"$TOP_BUILDDIR/loader/.libs"
ok "are the same interface" ./host

mv every-c.h every_c.h
ok "what C++ doesn't have" "$bindgen" every_c.h
all_of every_c
compiles_c "the host's file" every_c.all.c
compiles_c "the module's file" every_c.module.c

cat >gcc_only.h <<'END'
#include <relib/interface.h>
__extension__ typedef _Float128 quad;
__extension__ typedef _Float64 double64;
__extension__ typedef _Float64x double64x;
__extension__ typedef _Float32 float32;
__extension__ typedef _Float32x float32x;
RELIB_EXPORT double64 gcc_float(double64x a, float32 b, float32x c, quad d);
END
ok "what clang doesn't have" "$bindgen" gcc_only.h
contains "it is described" "$(grep 'export gcc_float' gcc_only.host.h)" "(f64,f80,f32,f64,f128)"
if "$CC" --version | grep -q clang; then
	skip "it compiles" "clang has no _Float128"
else
	c_compilers="$CC -std=c11;$CC -std=gnu17"
	all_of gcc_only
	compiles_c "the host's file" gcc_only.all.c
	compiles_c "the module's file" gcc_only.module.c
	command -v clang >/dev/null && c_compilers="$c_compilers;clang -std=c11;clang -std=gnu17"
fi

printf '#include <relib/interface.h>\nRELIB_IMPORT void only(void);\n' >imports.h
printf '#include <relib/interface.h>\nRELIB_EXPORT void only(void);\n' >exports.h
printf '#include <relib/interface.h>\nRELIB_MAIN_RESULT(const long);\n' >main_only.h
for name in imports exports main_only; do
	ok "$name" "$bindgen" $name.h
	all_of $name
	compiles_c "the host's file, $name" $name.all.c
	compiles_cxx "the host's file in C++, $name" $name.all.c
	compiles_c "the module's file, $name" $name.module.c
done
is "main's line" "$(sed -n 's/.*"\(main .*\)\\n"/\1/p' main_only.module.c | cut -d' ' -f1-3,5-)" "main main - (i64) long main(int argc, char **argv)"

# A C++ host has the calls with C linkage: one that is defined in C, too.
printf '#include "exports.host.h"\nextern "C" { int (*check)(struct exports *) = 0; }\n' >linkage.c
printf 'enum relib_code all(struct exports *e);\nenum relib_code all(struct exports *e) { return only_call(e); }\n' >>linkage.c
cp linkage.c linkage.cc
ok "a call in C++" $CXX -std=c++17 $include -I. -O0 -fPIC -c linkage.cc -o linkage.o
contains "calls the loader's C functions" "$(nm linkage.o)" "U relib_call_enter_slowly"
done_testing
