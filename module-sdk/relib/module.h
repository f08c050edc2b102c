/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What a module says about itself. For the module's own source, in C11 or C++17 and later. */
#ifndef RELIB_MODULE_H
#define RELIB_MODULE_H

#include <relib/abi.h>
#ifdef __cplusplus
#include <relib/exception.hpp>
#endif

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
 * unloads it (or, if the host has set a limit of time, on one made for it), before the module's threads are
 * looked at: the place to stop and join them.
 *
 * The unload may still be refused afterwards and be tried again: it can be called more than once, and the
 * module must be usable after it.
 * @since 0.1
 */
#define RELIB_BEFORE_UNLOAD() void relib_module_before_unload(void)

/**
 * relib_panic(format, ...): ends the current call of an export, main or RELIB_BEFORE_UNLOAD() with a failure that the
 * host sees, as in printf. Doesn't return.
 *
 * The frames of the module are unwound: __attribute__((cleanup)), pthread_cleanup_push and C++ destructors in them run, in
 * code that was compiled with -fexceptions (pkg-config --cflags relib-module has it). The message, with module,
 * function and stack, goes to stderr once. A failed assert() and a C++ exception that would leave the export do the same.
 *
 * The process ends, with a message that says why, when there is no call to end: on a thread of the module (see
 * relib_contain()), inside an import of the host, while another panic is unwinding these frames, and in a module that
 * was not loaded by relib. Thread-safe; not async-signal-safe.
 *
 * exit() ends the process, as ever. longjmp over an export skips all cleanups; the call counts as in flight until this
 * thread calls an export from where it jumped to or from further out, unloads the module, or ends. pthread_exit in an export ends the host's thread, with all
 * cleanups, and the call with it.
 * @since 0.1
 */
#define relib_panic(...) relib_panic_at_(__FILE__, __LINE__, __func__, __VA_ARGS__)

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Calls function(argument); a panic in it ends here. For threads of the module, which without this end the process when they
 * panic: the thread goes on after it as it sees fit.
 *
 * @return true if it returned, false if it panicked
 * @since 0.1
 */
bool relib_contain(void (*function)(void *argument), void *argument);

/**
 * Gives a heap block to the host: it is the host's from then on, and stays when the module is unloaded. The host
 * frees it with free().
 *
 *     RELIB_EXPORT char *game_name(void)  { return relib_give(strdup("chess")); }
 *
 * Only this block: what it points to is given by itself. Any other pointer to memory of the module that an export
 * returns is good until the unload.
 *
 * @param block  from malloc and its like, or NULL
 * @return `block`. Thread-safe. Without the tracker nothing is freed at unload, and there is nothing to do.
 * @since 0.1
 */
void *relib_give(void *block);

/**
 * Gives a descriptor to the host, which closes it.
 *
 *     RELIB_EXPORT int game_socket(void)  { return relib_give_descriptor(connect_to_server()); }
 *
 * @param descriptor  any, also -1
 * @return `descriptor`. Otherwise as relib_give(); async-signal-safe too.
 * @since 0.1
 */
int relib_give_descriptor(int descriptor);

/**
 * Gives a FILE or DIR to the host, with its descriptor; the host closes it. A buffer that setvbuf() gave it, and what
 * fopencookie() has it call, must not be the module's.
 *
 * @param stream  or NULL
 * @return `stream`. Otherwise as relib_give().
 * @since 0.1
 */
void *relib_give_stream(void *stream);

/**
 * Gives what is mapped in a range to the host, which unmaps it.
 *
 * @param start   from mmap() or shmat()
 * @param length  in bytes
 * @return `start`. Otherwise as relib_give().
 * @since 0.1
 */
void *relib_give_mapping(void *start, size_t length);

#ifdef __cplusplus
}
#endif

/* What follows, and every name that ends in an underscore, is for the macros above only. */

#ifdef __cplusplus
extern "C" {
#endif

#define RELIB_MODULE_EXPORTED_ __attribute__((visibility("default")))

void relib_panic_at_(const char *file, unsigned line, const char *function, const char *format, ...)
	__attribute__((noreturn, cold, format(printf, 4, 5)));
void relib_assert_failed_(const char *file, unsigned line, const char *function, const char *expression)
	__attribute__((noreturn, cold));

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
