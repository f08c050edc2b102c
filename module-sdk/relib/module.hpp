/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* <relib/module.h> for modules in C++17 and later, with what C++ can say better. */
#ifndef RELIB_MODULE_HPP
#define RELIB_MODULE_HPP

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <type_traits>

#include <relib/module.h>

namespace relib {

/**
 * Calls function(); a panic or an exception in it ends here: relib_contain() for anything that can be called without
 * arguments. For threads of the module:
 *
 *     std::thread worker([] {
 *             if (!relib::contain([] { work(); }))
 *                     restart = true;
 *     });
 *
 * @return true if it returned, false if it panicked; what it returned is dropped
 * @since 0.1
 */
template <typename callable>
bool contain(callable &&function)
{
	/* A pointer to a pointer: that to a function can't be made a void *. */
	auto *pointer = std::addressof(function);
	using type = decltype(pointer);

	return relib_contain([](void *argument) { (void)(**static_cast<type *>(argument))(); }, &pointer);
}

/**
 * Gives a heap block to the host, which frees it with free(): relib_give() with the block's type. The block must come
 * from malloc and its like (not from `new`), and its type need no destructor, which the host's free() wouldn't run.
 *
 * @return `block`
 * @since 0.1
 */
template <typename type>
type *give(type *block)
{
	static_assert(std::is_void<type>::value || std::is_trivially_destructible<type>::value,
		      "the host frees it with free(): a type with a destructor can't be given");
	return static_cast<type *>(relib_give(const_cast<std::remove_cv_t<type> *>(block)));
}

/**
 * Gives a copy of a text to the host, which frees it with free(): for what a module has as a std::string.
 *
 *     RELIB_EXPORT char *game_title(void);
 *     char *game_title(void) { return relib::give_copy(title + " 2"); }
 *
 * @return the copy with a NUL at its end, or NULL without memory for it
 * @since 0.1
 */
inline char *give_copy(std::string_view text)
{
	char *copy = static_cast<char *>(std::malloc(text.size() + 1));

	if (!copy)
		return nullptr;
	if (!text.empty())
		std::memcpy(copy, text.data(), text.size());
	copy[text.size()] = '\0';
	return give(copy);
}

}

#endif
