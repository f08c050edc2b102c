// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// Leaks memory by every operator new and by containers, each from a function of its own.
#include <dlfcn.h>
#include <map>
#include <new>
#include <sstream>
#include <string>
#include <unwind.h>
#include <vector>
#include "attr.h"

// Its own name is mangled: the functions here are C++ functions.
#define LEAK(name) __attribute__((noinline, visibility("default"))) void name(struct attr_host *)

namespace leak {

struct alignas(128) aligned {
	char bytes[256];
};

LEAK(plain)
{
	for (int i = attr_times(3); i > 0; i--)
		attr_forget(::operator new(40));
}

LEAK(array)
{
	attr_forget(new char[50]);
}

LEAK(nothrow)
{
	attr_forget(::operator new(60, std::nothrow));
}

LEAK(array_nothrow)
{
	attr_forget(::operator new[](70, std::nothrow));
}

LEAK(aligned_plain)
{
	attr_forget(new aligned);
}

LEAK(aligned_array)
{
	attr_forget(::operator new[](512, std::align_val_t{128}));
}

LEAK(aligned_nothrow)
{
	attr_forget(::operator new(384, std::align_val_t{128}, std::nothrow));
}

LEAK(aligned_array_nothrow)
{
	attr_forget(::operator new[](640, std::align_val_t{128}, std::nothrow));
}

LEAK(string)
{
	std::string *text = new std::string;

	for (int i = 0; i < 500; i++)
		text->push_back('x');
	text->append(500, 'y');
	attr_forget(text);
}

LEAK(vector)
{
	std::vector<int> *numbers = new std::vector<int>;

	for (int i = 0; i < 500; i++)
		numbers->push_back(i);
	attr_forget(numbers);
}

LEAK(map)
{
	std::map<int, int> *numbers = new std::map<int, int>;

	for (int i = 0; i < 9; i++)
		(*numbers)[i] = i;
	attr_forget(numbers);
}

LEAK(stream)
{
	std::ostringstream *out = new std::ostringstream;

	for (int i = 0; i < 100; i++)
		*out << i << ' ' << 1.5;
	attr_forget(out);
}

// Every operator delete, against the operator new it belongs to.
LEAK(nothing)
{
	std::align_val_t alignment{128};

	::operator delete(::operator new(1));
	::operator delete(::operator new(8), std::size_t(8));
	::operator delete[](::operator new[](8));
	::operator delete[](::operator new[](8), std::size_t(8));
	::operator delete(::operator new(8, std::nothrow), std::nothrow);
	::operator delete[](::operator new[](8, std::nothrow), std::nothrow);
	::operator delete(::operator new(128, alignment), alignment);
	::operator delete(::operator new(128, alignment), std::size_t(128), alignment);
	::operator delete[](::operator new[](128, alignment), alignment);
	::operator delete[](::operator new[](128, alignment), std::size_t(128), alignment);
	::operator delete(::operator new(128, alignment, std::nothrow), alignment, std::nothrow);
	::operator delete[](::operator new[](128, alignment, std::nothrow), alignment, std::nothrow);
	::operator delete(nullptr);
	std::string text(100, 'x');
	attr_forget(&text);
}

}

extern "C" ATTR_FUNCTION(leak_all)
{
	leak::plain(host);
	leak::array(host);
	leak::nothrow(host);
	leak::array_nothrow(host);
	leak::aligned_plain(host);
	leak::aligned_array(host);
	leak::aligned_nothrow(host);
	leak::aligned_array_nothrow(host);
	leak::string(host);
	leak::vector(host);
	leak::map(host);
	leak::stream(host);
	leak::nothing(host);
	attr_forget(nullptr);
}

// The exception is caught on this side: what unwinds it is the question, and the host looks at that.
extern "C" ATTR_FUNCTION(throw_and_catch)
{
	try {
		throw 42;
	} catch (int number) {
		host->say(number == 42 ? "caught" : "caught something else");
	}
}

// Where the unwinder of this module's exceptions lies, as the module is bound to it.
extern "C" ATTR_FUNCTION(say_unwinder)
{
	Dl_info info;

	host->say(dladdr(reinterpret_cast<void *>(&_Unwind_RaiseException), &info) ? info.dli_fname : "nowhere");
}
