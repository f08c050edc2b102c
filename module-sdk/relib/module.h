/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What a module says about itself. For the module's own source, in C11 or C++17 and later. */
#ifndef RELIB_MODULE_H
#define RELIB_MODULE_H

#include <relib/abi.h>

/**
 * RELIB_MODULE("name", "version"): makes this shared object a module. Once in a module, at file scope.
 *
 * Both are string literals of up to 63 bytes. The information is found in the file as the exported symbol
 * `relib_module_information`, also with -fvisibility=hidden; a version script must keep the symbols
 * `relib_module_*` global.
 * @since 0.1
 */
#define RELIB_MODULE(name, version)                                                                                \
	RELIB_ASSERT_(sizeof("" name) <= 64 && sizeof("" version) <= 64, "a module's name or version is too long"); \
	const struct relib_module_information relib_module_information = {                                         \
		RELIB_MODULE_MAGIC, sizeof(struct relib_module_information), RELIB_MODULE_ABI, RELIB_SDK_VERSION,   \
		RELIB_ARCHITECTURE, sizeof(void *), 0, "" name, "" version                                         \
	};                                                                                                         \
	RELIB_OPTIONAL_SEMICOLON_

/**
 * RELIB_MAIN(type) { ... } or RELIB_MAIN(type, argc, argv) { ... }: the function that relib_call_main() calls.
 *
 * It returns a `type`: any complete type that can be assigned, structs too; not void. `argc` and `argv` are
 * names of your choice for an `int` and a `char **`. The host names the same type, which is compared when it
 * calls: integers by signedness and size, others by spelling and size.
 * A type with a comma in it (`std::pair<int, int>`) needs a name of its own.
 * @since 0.1
 */
#define RELIB_MAIN(...)                                                                                            \
	RELIB_MAIN_SELECT_(__VA_ARGS__, RELIB_MAIN_3_, RELIB_MAIN_2_, RELIB_MAIN_1_, 0)(__VA_ARGS__)

/**
 * RELIB_BEFORE_UNLOAD() { ... }: called when the host is about to unload the module, on the thread that
 * unloads it, before its threads are looked at: the place to stop and join them.
 *
 * The unload may still be refused afterwards and be tried again: it can be called more than once, and the
 * module must be usable after it.
 * @since 0.1
 */
#define RELIB_BEFORE_UNLOAD() void relib_module_before_unload(void)

/* What follows, and every name that ends in an underscore, is for the macros above only. */

#ifdef __cplusplus
extern "C" {
#endif

#define RELIB_MODULE_EXPORTED_ __attribute__((visibility("default")))

extern RELIB_MODULE_EXPORTED_ const struct relib_module_information relib_module_information;
extern RELIB_MODULE_EXPORTED_ const struct relib_module_main relib_module_main;
RELIB_MODULE_EXPORTED_ void relib_module_before_unload(void);

#ifdef __cplusplus
}
#endif

/* Takes the pedantry out of a semicolon that follows, and does nothing to any other declaration. */
#define RELIB_OPTIONAL_SEMICOLON_ __extension__

#define RELIB_MAIN_SELECT_(a, b, c, name, ...) name

#define RELIB_MAIN_1_(type)                                                                                        \
	static __typeof__(type) relib_main_(void);                                                                 \
	RELIB_MAIN_EXPORT_(type, #type, ((void)argc, (void)argv, relib_main_()))                                   \
	static __typeof__(type) relib_main_(void)

#define RELIB_MAIN_2_(a, b)                                                                                        \
	RELIB_ASSERT_(0, "RELIB_MAIN takes a type, or a type and two names; give a type with a comma a name by typedef")

#define RELIB_MAIN_3_(type, argc_name, argv_name)                                                                  \
	static __typeof__(type) relib_main_(int argc_name, char **argv_name);                                      \
	RELIB_MAIN_EXPORT_(type, #type, relib_main_(argc, argv))                                                   \
	static __typeof__(type) relib_main_(int argc_name __attribute__((unused)),                                 \
					    char **argv_name __attribute__((unused)))

#define RELIB_MAIN_EXPORT_(type, spelling, call)                                                                   \
	RELIB_MAIN_ASSERT_(type);                                                                                  \
	RELIB_TYPE_ASSERT_(type, spelling);                                                                        \
	static void relib_main_thunk_(int argc, char **argv, void *result)                                         \
	{                                                                                                          \
		*RELIB_MAIN_CAST_(type, result) = call;                                                            \
	}                                                                                                          \
	const struct relib_module_main relib_module_main = {                                                       \
		RELIB_TYPE_INITIALIZER_(type, spelling), relib_main_thunk_                                         \
	};

#ifdef __cplusplus
#define RELIB_MAIN_CAST_(type, result) static_cast<__typeof__(type) *>(result)
#define RELIB_MAIN_ASSERT_(type)                                                                                   \
	static_assert(std::is_object<__typeof__(type)>::value, "main's result must be an object: not void, no reference")
#else
#define RELIB_MAIN_CAST_(type, result) ((__typeof__(type) *)(result))
#define RELIB_MAIN_ASSERT_(type)                                                                                   \
	_Static_assert(!__builtin_types_compatible_p(type, void), "main's result must be an object: not void")
#endif

#endif
