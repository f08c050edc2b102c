# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# <relib/relib.hpp> and <relib/module.hpp>: results, what the destructor does, exceptions that would leave a module.
. "$TOP_SRCDIR/tests/tap.sh"

include="-I$TOP_SRCDIR/loader -I$TOP_SRCDIR/preload -I$TOP_SRCDIR/module-sdk"
warnings="-std=c++17 -Wall -Wextra -Wpedantic -Wshadow -Werror"
loader="$TOP_BUILDDIR/loader/.libs/librelib.so -Wl,-rpath,$TOP_BUILDDIR/loader/.libs"
unique=$(echo | $CXX -fno-gnu-unique -E -x c++ - >/dev/null 2>&1 && echo -fno-gnu-unique)

cat >play.h <<'END'
#include <stdint.h>
#include <relib/interface.h>
struct play_point { int32_t x, y; };
RELIB_EXPORT int32_t play_fail(int32_t how);
RELIB_EXPORT struct play_point play_sum(const struct play_point *points, uint32_t count);
RELIB_EXPORT void play_nothing(void);
RELIB_EXPORT int32_t play_destroyed(void);
RELIB_EXPORT char *play_name(void);
RELIB_EXPORT void play_block(int32_t block);
RELIB_IMPORT int32_t play_ask(int32_t question);
END
cat >module.cc <<'END'
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <semaphore.h>
#include <relib/module.hpp>
#include "play.h"

RELIB_MODULE("play", "2.0");

static int destroyed;
struct counted { ~counted() { destroyed++; } };
namespace play { struct own : std::exception { counted member; const char *what() const noexcept override { return "of our own"; } }; }
struct plain { counted member; };

static int32_t throw_one(int32_t how)
{
	counted local;

	switch (how) {
	case 1: throw std::runtime_error("no such level");
	case 2: throw "a text";
	case 3: throw std::string("a string");
	case 4: throw 42;
	case 5: throw play::own();
	case 6: throw plain();
	case 7: relib_panic("panic %d", how);
	case 8: throw std::runtime_error(std::string(5000, 'x'));
	case 9: try { throw std::logic_error("thrown again"); } catch (const std::exception &) { throw; }
	case 10: try { throw 1; } catch (int) { throw std::logic_error("inside a handler"); }
	case 11: play_ask(-1); break;
	}
	return how;
}
int32_t play_fail(int32_t how)
{
	if (how < 20)
		return throw_one(how);

	/* On a thread of our own */
	bool went_well = true;
	auto work = [how] { throw_one(how - 20); };
	std::thread worker([&] { went_well = relib::contain(work); });
	worker.join();
	return went_well;
}
play_point play_sum(const play_point *points, uint32_t count)
{
	play_point sum = {};

	for (uint32_t i = 0; i < count; i++)
		sum = { sum.x + points[i].x, sum.y + points[i].y };
	sum.x = play_ask(sum.x);
	return sum;
}
static void nothing() {}
void play_nothing()
{
	relib::contain(nothing);
}
int32_t play_destroyed() { return destroyed; }
char *play_name() { return relib::give_copy(std::string("a name") + " that is longer than a string holds in itself"); }

static sem_t stop;
static std::thread blocker;
void play_block(int32_t block)
{
	if (block) {
		sem_init(&stop, 0, 0);
		blocker = std::thread([] { sem_wait(&stop); });
	} else {
		sem_post(&stop);
		blocker.join();
	}
}
RELIB_MAIN(int, argc, argv)
{
	if (argc == 7)
		throw std::runtime_error(argv[0] ? argv[0] : "main fails");
	return argc;
}
END
cat >host.cc <<'END'
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <relib/relib.hpp>
#include "play.host.h"

static int number;
static void check(bool good, const char *what)
{
	std::printf("%sok %d - %s\n", good ? "" : "not ", ++number, what);
}
static void same(const std::string &got, const std::string &wanted)
{
	check(got == wanted, wanted.c_str());
	if (got != wanted)
		std::printf("# got: %s\n", got.c_str());
}
static std::string failed(play &play, int32_t how)
{
	auto result = relib::call(play_fail_call, play, how);

	if (result)
		return "returned " + std::to_string(*result);
	check(result.error().code() == RELIB_PANICKED, "it is a panic");
	check(result.error().panic_function() == "play_fail", "in that function");
	check(result.error().panic_stack().find("throw_one") != std::string::npos, "with the stack of where it was thrown");
	return result.error().message();
}
static play *make()
{
	play *made = new play{};

	made->play_ask = [](int32_t question) { return question * 2; };
	return made;
}

static void results(play &play)
{
	play_point points[] = { { 1, 2 }, { 3, 4 } };
	auto sum = relib::call(play_sum_call, play, points, 2);
	static_assert(std::is_same<decltype(sum), relib::result<play_point>>::value, "a result of what it returns");
	static_assert(std::is_same<decltype(relib::call(play_nothing_call, play)), relib::result<void>>::value, "or of nothing");

	check(sum.has_value() && sum && sum->x == 8 && (*sum).y == 6 && sum.value().x == 8, "a struct comes back, an import is called");
	check(relib::call(play_nothing_call, play).has_value(), "nothing comes back");
	check(relib::call(play_fail_call, play, 1).value_or(-7) == -7, "value_or gives the other value");
	check(relib::call(play_fail_call, play, 0).value_or(-7) == 0, "and the value where there is one");
	try {
		relib::call(play_fail_call, play, 1).value();
		check(false, "value() throws");
	} catch (const relib::bad_result &bad) {
		same(bad.what(), "std::runtime_error: no such level");
		check(bad.error().code() == RELIB_PANICKED, "and has the error");
	}
	relib::result<std::unique_ptr<int>> moves(std::make_unique<int>(5));
	check(*std::move(moves).value() == 5, "a value that can only be moved");
}
static void exceptions(play &play)
{
	same(failed(play, 0), "returned 0");
	int32_t before = relib::call(play_destroyed_call, play).value();
	same(failed(play, 1), "std::runtime_error: no such level");
	same(failed(play, 2), "const char *: a text");
	same(failed(play, 3), "std::string: a string");
	same(failed(play, 4), "a C++ exception of type int");
	same(failed(play, 5), "play::own: of our own");
	same(failed(play, 6), "a C++ exception of type plain");
	same(failed(play, 7), "panic 7");
	check(relib::call(play_destroyed_call, play).value() == before + 7 + 2, "locals and exceptions were destroyed");
	check(failed(play, 8).find("std::runtime_error: xxxx") == 0, "a long one is cut");
	same(failed(play, 9), "std::logic_error: thrown again");
	same(failed(play, 10), "std::logic_error: inside a handler");
	same(failed(play, 20), "returned 1");
	same(failed(play, 21), "returned 0");
	same(failed(play, 27), "returned 0");
}
static void mains(relib::module &module)
{
	check(module.has_main() && module.call_main<int>().value() == 0, "main without arguments");
	char name[] = "name", *arguments[] = { name, nullptr };
	check(module.call_main<int>(1, arguments).value() == 1, "main with one");
	auto failure = module.call_main<int>(7, arguments);
	check(!failure && failure.error().code() == RELIB_PANICKED, "main panics");
	same(failure.error().message(), "std::runtime_error: name");
	same(failure.error().panic_function(), "main");
	check(module.call_main<double>().error().code() == RELIB_WRONG_TYPE, "main of another type");
	check(module.symbol<const char>("no_such_symbol").error().code() == RELIB_NO_SYMBOL, "a symbol that isn't there");
	check(module.symbol<const struct relib_module_information>("relib_module_information").has_value(), "one that is");
	same(std::string(module.name()) + " " + module.version(), "play 2.0");
}
static void unloading(play *first)
{
	auto loaded = relib::module::load("./module.so", play_interface(first));
	if (!loaded)
		return same(loaded.error().message(), "");
	auto again = relib::module::load(std::string("./module.so"));
	check(!again && again.error().code() == RELIB_ALREADY_LOADED, "it is loaded once");
	relib::module module = std::move(*loaded);
	check(!*loaded && module, "it was moved");
	char *name = relib::call(play_name_call, *first).value();

	relib::call(play_block_call, *first, 1).value();
	auto refused = module.unload();
	check(!refused && refused.error().code() == RELIB_THREADS_RUNNING, "an unload is refused");
	check(refused.error().refusal() && refused.error().refusal()->threads.running == 1, "with the ledger");
	check(relib::call(play_nothing_call, *first).has_value(), "and the module is usable");
	relib::call(play_block_call, *first, 0).value();
	auto report = module.unload();
	check(report.has_value() && *report && report->get()->outcome == RELIB_OUTCOME_UNLOADED && !module, "then it is unloaded");
	check(module.unload().error().code() == RELIB_INVALID, "and is no module any more");
	check(relib::call(play_nothing_call, *first).error().code() == RELIB_NOT_LOADED, "and is not called");
	same(name, "a name that is longer than a string holds in itself");
	std::free(name);
}
static void destructors(play *first)
{
	{
		auto module = relib::module::load("./module.so", play_interface(first)).value();
		relib::module other;
		other = std::move(module);
	}
	auto loaded = relib::module::load("./module.so", play_interface(first));
	check(loaded.has_value(), "a destructor has unloaded it");
	*loaded = relib::module();
	loaded = relib::module::load("./module.so", play_interface(first));
	check(loaded.has_value(), "so has an assignment");
	relib::call(play_block_call, *first, 1).value();
	*loaded = relib::module();
	check(relib::call(play_nothing_call, *first).has_value(), "a destructor that can't unload it leaves it as it is");
	relib::call(play_block_call, *first, 0).value();
}

int main(int argc, char **argv)
{
	check(relib::init(argc, argv).has_value(), "the tracker is there");
	if (argc > 1) {
		play *first = make();
		first->play_ask = [](int32_t) -> int32_t { throw std::runtime_error("of the host"); };
		auto module = relib::module::load("./module.so", play_interface(first)).value();
		(void)relib::call(play_fail_call, *first, 11);
		return 0;
	}
	play *first = make();
	{
		auto module = relib::module::load("./module.so", play_interface(first)).value();
		results(*first);
		exceptions(*first);
		mains(module);
		check(module.panic_count() > 10, "panics are counted");
	}
	unloading(first);
	destructors(first);
	std::printf("1..%d\n", number);
}
END
ok "relib-bindgen" "$TOP_BUILDDIR/tools/relib-bindgen" play.h -- -I"$TOP_SRCDIR/module-sdk"
ok "the host" $CXX -g $warnings $include host.cc -o host $loader
ok "the interface in the module" $CC -g $include -fPIC -fexceptions -c play.module.c -o play.module.o

# tries NAME COMPILER ...: the host with the module that this compiler makes
tries() {
	name=$1; shift
	ok "$name: the module" "$@" -g $warnings $include -fPIC -shared module.cc play.module.o \
		"$TOP_BUILDDIR/module-sdk/librelib_module.a" -pthread -o module.so
	rm -f out; ./host >out 2>err
	is "$name: the host ends well" "$?" 0
	is "$name: all is as it should be" "$(grep -A1 '^not ok' out; grep -c '^ok' out)" "$(sed -n 's/^1\.\.//p' out)"
	contains "$name: a destructor that could not unload says why" "$(cat err)" "module.so was not unloaded: a thread of its own still runs"
	is "$name: once" "$(grep -c '~module() leaves it loaded' err)" 1
}
tries "$CXX" $CXX -O2 $unique
tries "$CXX, not optimised" $CXX -O0 $unique
tries "$CXX, hidden" $CXX -O2 $unique -fvisibility=hidden -fvisibility-inlines-hidden
tries "$CXX, without RTTI" $CXX -O2 $unique -fno-rtti
tries "$CXX, libstdc++ in the module" $CXX -O2 $unique -static-libstdc++
tries "$CXX, libgcc too" $CXX -O2 $unique -static-libstdc++ -static-libgcc
if command -v clang++ >/dev/null; then
	tries "clang++" clang++ -O2
	ok "the host by clang++" clang++ -g $warnings $include host.cc -o host $loader
	tries "clang++, both" clang++ -O1
else
	skip "clang++" "it is not installed"
fi

./host throw >out 2>err
is "an exception of the host's that would leave an import ends the process" "$(kill -l $?)" ABRT
contains "and it is named" "$(cat err)" "std::runtime_error"
contains "and the import" "$(cat err)" play_ask
done_testing
