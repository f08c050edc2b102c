/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Scenarios in C++: exceptions that would leave an export, destructors in the way of a panic, handlers that catch one. */
#include <cassert>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

#include "module.h"

namespace {

struct noted {
	struct probe_log *log;
	const char *word;
	~noted() { note(log, word); }
};

struct custom {
	int number;
};

class derived : public std::runtime_error {
public:
	using std::runtime_error::runtime_error;
};

int32_t throw_runtime_error(struct probe_log *)
{
	throw std::runtime_error("no such level");
}

int32_t throw_derived(struct probe_log *)
{
	throw derived("further down");
}

int32_t throw_int(struct probe_log *)
{
	throw 5;
}

int32_t throw_text(struct probe_log *)
{
	throw "some text";
}

int32_t throw_custom(struct probe_log *)
{
	throw custom{ 7 };
}

int32_t throw_pointer(struct probe_log *)
{
	std::exception_ptr kept;

	try {
		throw std::runtime_error("kept for later");
	} catch (...) {
		kept = std::current_exception();
	}
	std::rethrow_exception(kept);
}

__attribute__((noinline)) int32_t deeper(struct probe_log *log, int depth)
{
	noted noted{ log, depth == 1 ? "one" : depth == 2 ? "two" : "three" };
	auto block = std::make_unique<std::string>(500, 'x');

	if (depth == 1)
		throw std::runtime_error(*block == "" ? "" : "deep");
	return deeper(log, depth - 1) + 1;
}

int32_t throw_deep(struct probe_log *log)
{
	return deeper(log, 3);
}

int32_t panic_here(struct probe_log *log)
{
	noted noted{ log, "cxx" };
	std::string text(300, 'y');

	if (!text.empty())
		relib_panic("from C++");
	return 0;
}

int32_t mixed_inner(struct probe_log *log)
{
	noted noted{ log, "inner" };

	return probe_through_c(panic_here, log) + 1;
}

/* C++, C, C++, C, C++. */
int32_t mixed(struct probe_log *log)
{
	noted noted{ log, "outer" };

	return probe_through_c(mixed_inner, log) + 1;
}

int32_t mixed_throw(struct probe_log *log)
{
	noted noted{ log, "outer" };

	return probe_through_c(throw_deep, log) + 1;
}

int32_t assert_in_cxx(struct probe_log *log)
{
	noted noted{ log, "cxx" };

	assert(log == nullptr);
	return 0;
}

int32_t assert_own_file(struct probe_log *log)
{
	noted noted{ log, "cxx" };

	probe_assert_cxx(0);
	return 0;
}

int32_t swallow(struct probe_log *log)
{
	try {
		return mixed(log);
	} catch (...) {
		note(log, "caught");
	}
	return 70;
}

int32_t swallow_by_exception(struct probe_log *log)
{
	try {
		return mixed(log);
	} catch (const std::exception &) {
		note(log, "wrongly caught");
	}
	return 71;
}

int32_t swallow_and_panic(struct probe_log *log)
{
	swallow(log);
	relib_panic("once more");
}

int32_t panic_in_handler(struct probe_log *log)
{
	try {
		return mixed(log);
	} catch (...) {
		note(log, "caught");
		relib_panic("from the handler");
	}
}

int32_t throw_in_handler(struct probe_log *log)
{
	try {
		return mixed(log);
	} catch (...) {
		note(log, "caught");
		throw std::runtime_error("from the handler");
	}
}

int32_t rethrow(struct probe_log *log)
{
	try {
		return mixed(log);
	} catch (...) {
		note(log, "caught");
		throw;
	}
}

int32_t swallow_often(struct probe_log *log)
{
	int32_t count = 0;

	for (int i = 0; i < 3; i++) {
		log->text[0] = '\0';
		count += swallow(log);
	}
	return count;
}

/* What the host's import throws is not for the module. */
int32_t back_caught(struct probe_log *log)
{
	try {
		return probe_back("", log) + 1;
	} catch (...) {
		return 80;
	}
}

struct panics_at_end {
	~panics_at_end() noexcept(false) { relib_panic("in a destructor"); }
};

int32_t destructor_panics(struct probe_log *)
{
	panics_at_end end;

	relib_panic("the first");
}

int32_t destructor_panics_normally(struct probe_log *log)
{
	noted noted{ log, "outer" };

	{
		panics_at_end end;
	}
	return 0;
}

int32_t exception_panics(struct probe_log *)
{
	panics_at_end end;

	throw std::runtime_error("the first");
}

}

const struct scenario probe_scenarios_cxx[] = {
	{ "throw runtime_error", throw_runtime_error },
	{ "throw derived", throw_derived },
	{ "throw int", throw_int },
	{ "throw text", throw_text },
	{ "throw custom", throw_custom },
	{ "throw pointer", throw_pointer },
	{ "throw deep", throw_deep },
	{ "mixed", mixed },
	{ "mixed throw", mixed_throw },
	{ "assert cxx", assert_in_cxx },
	{ "assert cassert", assert_own_file },
	{ "swallow", swallow },
	{ "swallow by exception", swallow_by_exception },
	{ "swallow and panic", swallow_and_panic },
	{ "panic in handler", panic_in_handler },
	{ "throw in handler", throw_in_handler },
	{ "rethrow", rethrow },
	{ "back caught", back_caught },
	{ "swallow often", swallow_often },
	{ "destructor panics", destructor_panics },
	{ "destructor panics normally", destructor_panics_normally },
	{ "exception panics", exception_panics },
	{ nullptr, nullptr },
};
