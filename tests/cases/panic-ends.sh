# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Where a panic ends the process, and what relib-run makes of modules that panic.
. "$TOP_SRCDIR/tests/tap.sh"

host=$PROGRAMS/hosts/probe_host
include="-I$TOP_SRCDIR/loader -I$TOP_SRCDIR/preload -I$TOP_SRCDIR/module-sdk -I$TOP_SRCDIR/tests -I$TOP_SRCDIR/tests/probe -I$PROGRAMS"
loader=$TOP_BUILDDIR/loader/.libs

# ended COMMAND...: sets status and output
ended() { output=$("$@" 2>&1); status=$?; }
once() { is "$1: said once" "$(printf '%s\n' "$output" | grep -c "$2")" 1; }

# -- No loader, or none for this module
cat >plain.c <<'END_OF_C'
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
int main(int argc, char **argv)
{
	void *module = dlopen(argv[1], RTLD_NOW);
	int (*callback)(const char *, void *) = module ? (int (*)(const char *, void *))dlsym(module, "probe_callback") : NULL;
	if (!callback)
		return puts(dlerror()), 1;
	printf("result %d\n", callback(argv[2], NULL));
	return argc - 3;
}
END_OF_C
ok "build a program that knows nothing of relib" $CC -g plain.c -o plain
ended ./plain "$MODULES/probe-c.so" "assert none"
is "plain dlopen: what doesn't need the host works" "$output; $status" "result 5; 0"
ended ./plain "$MODULES/probe-c.so" panics
is "plain dlopen: a panic ends the process" $status 134
contains "plain dlopen: its message" "$output" "the answer is 42"
contains "plain dlopen: why" "$output" "not loaded by relib"
ended ./plain "$MODULES/probe-c.so" "assert before"
is "plain dlopen: so does an assertion" $status 134
contains "plain dlopen: its message" "$output" "included before"
ended ./plain "$MODULES/probe-c.so" back
is "plain dlopen: so does an import" $status 134
contains "plain dlopen: which import" "$output" "probe_back"
contains "plain dlopen: why" "$output" "not loaded by relib"
ended ./plain "$MODULES/probe-c.so" "contain plainly"
is "plain dlopen: relib_contain contains nothing" $status 134

# -- In a thread
ended "$host" "$MODULES/probe.so" "thread panics"
is "in a thread: the process ends" $status 134
contains "in a thread: the module" "$output" "probe.so panicked in panics: the answer is 42 (module.c:"
contains "in a thread: the stack, to where the thread began" "$output" "
  run_plainly "
contains "in a thread: what to do" "$output" relib_contain
once "in a thread" "the answer is 42"

# -- A C++ host whose import throws, to which it is all one whether the module could catch it
cat >throws.cc <<'END_OF_C'
#include <cstring>
#include <stdexcept>
#include "probe/probe.host.h"
static int32_t back(const char *, probe_log *) { throw std::runtime_error("the host's own"); }
static int32_t down(int32_t) { return 0; }
static probe_small small(probe_small value) { return value; }
static probe_big big(probe_big value, int32_t) { return value; }
static long double floats(long double, float, double, _Complex double) { return 0; }
static _Complex float complex(_Complex float value) { return value; }
static double many(int8_t, double, uint64_t, float, int16_t, long double, int32_t, double, probe_small, int64_t, float, double, uint8_t,
		   double, probe_big, double, double, bool, int64_t, float) { return 0; }
int main(int, char **argv)
{
	static probe interface;
	interface.probe_back = back; interface.probe_host_down = down; interface.probe_host_small = small;
	interface.probe_host_big = big; interface.probe_host_floats = floats; interface.probe_host_complex = complex;
	interface.probe_host_many = many;
	relib_module *module;
	relib_error error;
	probe_log notes = {};
	int32_t result;
	if (relib_load(argv[1], probe_interface(&interface), &module, &error))
		return puts(error.message), 1;
	/* Neither the module nor the host gets it. */
	try {
		probe_run_call(&interface, &result, argv[2], &notes);
	} catch (...) {
		return 2;
	}
	return 3;
}
END_OF_C
ok "build a host in C++" $CXX -std=c++17 -g $include -include cstdio throws.cc -o throws "$loader/librelib.so" "-Wl,-rpath,$loader"
for scenario in back "back caught"; do
	ended ./throws "$MODULES/probe.so" "$scenario"
	is "an import throws, $scenario: the process ends" $status 134
	contains "an import throws, $scenario: which" "$output" "the host's import probe_back"
	contains "an import throws, $scenario: what" "$output" "std::runtime_error"
	contains "an import throws, $scenario: the stack begins in the host" "$output" "
  back "
	contains "an import throws, $scenario: and shows who called it" "$output" "
  probe_run "
done

# -- Constructors
build() { CC=$CC CXX=$CXX sh "$TOP_SRCDIR/tests/probe/build" "$PWD/early.so" c -g -O2 -fPIC -shared -DPROBE_EARLY; }
ok "build a module whose constructor calls an import" build
ended "$host" ./early.so "assert none"
is "a constructor's import" "$output; $status" "import called: early
assert none: code 0, result 5, notes: caller; 0"
cat >local.c <<'END_OF_C'
#include <dlfcn.h>
#include "probe/host.h"
int main(int argc, char **argv)
{
	struct probe probe;
	struct relib_module *module;
	struct relib_error error;
	void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
	__typeof__(relib_load) *load = (__typeof__(relib_load) *)dlsym(library, "relib_load");
	if (load(argv[2], probe_options(&probe), &module, &error))
		return puts(error.message), 1;
	return argc - 3;
}
END_OF_C
ok "build a host that opens the loader by itself" $CC -D_GNU_SOURCE -O2 $include -DPROBE_WITHOUT_LOADER local.c -o local
ended ./local "$loader/librelib.so" "$MODULES/probe-c.so"
is "a loader that was opened: modules" "$output; $status" "; 0"
ended ./local "$loader/librelib.so" ./early.so
is "a loader that was opened: a constructor's import ends the process" $status 134
contains "a loader that was opened: which import" "$output" probe_back

# -- Rust
cat >rust.rs <<'END_OF_RUST'
struct Noted(&'static str);
impl Drop for Noted {
    fn drop(&mut self) { println!("dropped {}", self.0); }
}
#[no_mangle]
pub extern "C-unwind" fn rust_work(index: usize) -> i32 {
    let _noted = Noted("outer");
    let numbers = vec![1, 2, 3];
    let _inner = Noted("inner");
    numbers[index]
}
END_OF_RUST
cat >rust.c <<'END_OF_C'
#include <relib/module.h>
RELIB_MODULE("rust", "1")
int rust_work(size_t index);
RELIB_MAIN(int, count, arguments) { (void)arguments; return rust_work(count > 1 ? 7 : 1) - 2; }
END_OF_C
if [ -z "${RUSTC:-}" ]; then
	skip "Rust" "no rustc here: apt-get install rustc"
elif ! "$RUSTC" --crate-type staticlib -C opt-level=2 -C panic=unwind -o librust.a rust.rs 2>rustc.log; then
	skip "Rust" "this rustc can't let a panic leave a function ('C-unwind', since 1.71)"
else
	ok "Rust: build a module" $CC -g -O2 -fPIC -shared -fexceptions "-I$TOP_SRCDIR/module-sdk" rust.c librust.a \
		"$TOP_BUILDDIR/module-sdk/librelib_module.a" -o rust.so -lpthread -ldl -lm
	ended "$RELIB_RUN" ./rust.so
	is "Rust: without a panic" $status 0
	ended "$RELIB_RUN" ./rust.so -- far
	is "Rust: a panic ends main" $status 1
	contains "Rust: it is said" "$output" "relib: rust.so panicked in main: a Rust panic"
	contains "Rust: with its own words" "$output" "index out of bounds"
	contains "Rust: what goes out of scope is dropped" "$output" "dropped inner
dropped outer"
fi

# -- relib-run
ended "$RELIB_RUN" "$MODULES/probe.so" -- "assert none"
is "relib-run: main's result" "$output; $status" "relib-run: main of $MODULES/probe.so gave 5; 1"
ended "$RELIB_RUN" "$MODULES/probe.so" -- cleanups
is "relib-run: main panics" $status 1
contains "relib-run: main panics: module, function, message" "$output" "relib: probe.so panicked in main: from deep down"
contains "relib-run: main panics: the stack" "$output" "
  middle "
once "relib-run: main panics" "from deep down"
lacks "relib-run: main panics: it is no crash" "$output" crashed
ended "$RELIB_RUN" "$MODULES/probe.so" -- "throw runtime_error"
is "relib-run: main throws" $status 1
contains "relib-run: main throws: what" "$output" "relib: probe.so panicked in main: std::runtime_error: no such level"
ended "$RELIB_RUN" "$MODULES/probe.so" -- "unload panics"
is "relib-run: RELIB_BEFORE_UNLOAD panics" $status 4
contains "relib-run: RELIB_BEFORE_UNLOAD panics: said" "$output" "probe.so panicked in before_unload: not ready to go"
once "relib-run: RELIB_BEFORE_UNLOAD panics" "panicked in before_unload"
ended "$RELIB_RUN" "$MODULES/probe.so" -- "thread panics"
is "relib-run: a thread panics" $status 1
contains "relib-run: a thread panics: said" "$output" "the answer is 42"
once "relib-run: a thread panics" "the answer is 42"
done_testing
