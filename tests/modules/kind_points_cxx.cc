// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// Leaves behind what the C++ library calls, each from a function of its own.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <cstdlib>
#include <exception>
#include <memory_resource>
#include <new>

#define FUNCTION(name) extern "C" __attribute__((noinline, visibility("default"))) void name()
// No tail call: that would leave no frame.
#define STAY __asm__ volatile("" ::: "memory")

namespace std { // gone from the headers with C++17, but not from the library
using unexpected_handler = void (*)();
unexpected_handler set_unexpected(unexpected_handler) noexcept;
}

extern "C" __attribute__((visibility("default"))) void on_terminate() { std::abort(); }
extern "C" __attribute__((visibility("default"))) void on_unexpected() { std::abort(); }
extern "C" __attribute__((visibility("default"))) void on_no_memory() { throw std::bad_alloc(); }

FUNCTION(cxx_terminate)
{
	std::set_terminate(on_terminate); // the line of set_terminate
	STAY;
}

FUNCTION(cxx_unexpected)
{
	std::set_unexpected(on_unexpected); // the line of set_unexpected
	STAY;
}

FUNCTION(cxx_new)
{
	std::set_new_handler(on_no_memory); // the line of set_new_handler
	STAY;
}

// Twice, and put back as it was: nothing is left.
FUNCTION(cxx_put_back)
{
	std::terminate_handler before = std::set_terminate(on_terminate);

	std::set_terminate(on_unexpected);
	std::set_terminate(before);
	STAY;
}

// As long as it is there.
FUNCTION(cxx_check)
{
	if (std::get_terminate() != on_terminate)
		std::abort();
	STAY;
}

// An object of the module's, on the heap.
FUNCTION(cxx_resource)
{
	std::pmr::set_default_resource(new std::pmr::monotonic_buffer_resource); // the line of set_default_resource
	STAY;
}
