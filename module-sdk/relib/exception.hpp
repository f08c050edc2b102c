/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* How a C++ module says what an exception was that would have left one of its exports. <relib/module.h> includes it. */
#ifndef RELIB_EXCEPTION_HPP
#define RELIB_EXCEPTION_HPP

#ifdef __EXCEPTIONS

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cxxabi.h>
#include <exception>
#include <string>
#include <typeinfo>
#include <unwind.h>

namespace relib {
namespace exception_ __attribute__((visibility("hidden"))) {

/* Whether a C++ runtime threw it: "GNUC" "C++" and "CLNG" "C++", the last byte is the runtime's. */
inline bool is_cxx(const _Unwind_Exception *exception)
{
	std::uint64_t language = static_cast<std::uint64_t>(exception->exception_class) >> 8;

	return language == 0x474e5543432b2b || language == 0x434c4e47432b2b;
}

inline void write(char *text, std::size_t size, const char *type, const char *what)
{
	int status = 0;
	char *readable = type ? abi::__cxa_demangle(type, nullptr, nullptr, &status) : nullptr;

	if (readable)
		type = readable;
	if (what && *what)
		std::snprintf(text, size, "%s: %s", type ? type : "a C++ exception", what);
	else
		std::snprintf(text, size, "a C++ exception%s%s", type ? " of type " : "", type ? type : "");
	std::free(readable);
}

/* What a handler for it finds. Called in one. */
inline void write_current(char *text, std::size_t size) noexcept
{
	const std::type_info *type = abi::__cxa_current_exception_type();
	const char *name = type ? type->name() : nullptr;

	try {
		throw;
	} catch (const std::exception &exception) {
		write(text, size, name, exception.what());
	} catch (const std::string &what) {
		write(text, size, "std::string", what.c_str());
	} catch (const char *what) {
		write(text, size, "const char *", what);
	} catch (...) {
		write(text, size, name, nullptr);
	}
}

}
}

extern "C" {

/**
 * Writes what an exception is into `text` ("std::runtime_error: no such level") and destroys it.
 *
 * Part of each module with a C++ source that includes <relib/module.h>, so that it is the module's own C++ runtime that
 * has thrown the exception and lets go of it. For the loader; nothing else calls it. A version script must keep it global.
 *
 * @param exception  a `struct _Unwind_Exception *` that the loader caught at the end of an export
 * @param text       receives the text, cut to `size` bytes with the NUL
 * @since 0.1
 */
__attribute__((visibility("default"))) void relib_module_describe_exception(void *exception, char *text,
									    std::size_t size) noexcept;

/* Inline, so that any number of sources may have it; used, so that it is there although none of them calls it. */
__attribute__((visibility("default"), used)) inline void relib_module_describe_exception(void *exception, char *text,
											 std::size_t size) noexcept
{
	_Unwind_Exception *caught = static_cast<_Unwind_Exception *>(exception);

	if (!relib::exception_::is_cxx(caught)) {
		std::snprintf(text, size, "an exception of another language than C++");
		_Unwind_DeleteException(caught);
		return;
	}
	abi::__cxa_begin_catch(caught);
	relib::exception_::write_current(text, size);
	abi::__cxa_end_catch();
}

}

#endif
#endif
