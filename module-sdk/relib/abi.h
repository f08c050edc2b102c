/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What a module exports and the loader looks for. Written by the macros of <relib/module.h>. */
#ifndef RELIB_ABI_H
#define RELIB_ABI_H

#include <stdbool.h>

#include <relib/type.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Raised when anything in this file changes; a loader takes modules of its own number only. @since 0.1 */
#define RELIB_MODULE_ABI 1

/** The version of the module SDK. @since 0.1 */
#define RELIB_SDK_VERSION "0.1.0"

#if defined(__x86_64__)
#define RELIB_ARCHITECTURE "x86-64"
#elif defined(__aarch64__)
#define RELIB_ARCHITECTURE "aarch64"
#else
#error "relib runs on x86-64 and aarch64"
#endif

#define RELIB_MODULE_MAGIC "relib module"

/** Symbols of a module. All but the first are there only if the module has what they stand for. @since 0.1 */
#define RELIB_SYMBOL_INFORMATION "relib_module_information"
#define RELIB_SYMBOL_MAIN "relib_module_main"
#define RELIB_SYMBOL_BEFORE_UNLOAD "relib_module_before_unload"
#define RELIB_SYMBOL_LINK "relib_module_link"
/** Of C++ modules: void (void *exception, char *text, size_t size), see exception.hpp. */
#define RELIB_SYMBOL_DESCRIBE_EXCEPTION "relib_module_describe_exception"
/** Followed by the name of the interface. */
#define RELIB_SYMBOL_DESCRIPTION "relib_module_description_"
#define RELIB_SYMBOL_TABLE "relib_module_table_"

/**
 * Module information. It holds no pointer, so that it can be read from the file before any code of the
 * module runs. `magic`, `size`, `abi` and `sdk_version` keep their places in every later ABI.
 * @since 0.1
 */
struct relib_module_information {
	char magic[16];        /**< RELIB_MODULE_MAGIC */
	uint32_t size;         /**< sizeof of this struct */
	uint32_t abi;          /**< RELIB_MODULE_ABI */
	char sdk_version[16];  /**< RELIB_SDK_VERSION */
	char architecture[16]; /**< RELIB_ARCHITECTURE */
	uint32_t pointer_size;
	uint32_t reserved;
	char name[64];
	char version[64];
};

/** Main: the type of its result, and how to call it. @since 0.1 */
struct relib_module_main {
	struct relib_type type;
	/** Assigns main's result to `*result`, which is an object of that type. */
	void (*call)(int argc, char **argv, void *result);
};

struct relib_slot;
struct relib_target;

/**
 * The functions of an interface, in the order in which its description names them. Written by relib-bindgen,
 * one for each interface of the module.
 * @since 0.1
 */
struct relib_module_table {
	uint32_t size; /**< sizeof of this struct */
	uint32_t export_count;
	uint32_t import_count;
	uint32_t reserved;
	const relib_function *exports;
	/** Set by the loader before the module's constructors run, where it can; NULL before. */
	const struct relib_target **imports;
};

/** What the loader does for a module's code. Members come at the end only. @since 0.1 */
struct relib_module_services {
	uint32_t size; /**< sizeof of this struct */
	uint32_t reserved;
	/** Begins a call of an import; ends the process if that is impossible. */
	struct relib_slot *(*import_enter)(void *module, const struct relib_target *target, const char *name);
	/** Cast to the import's type and called with its arguments: calls it. */
	relib_function import_call;
	void (*import_leave)(struct relib_slot *slot);
	/** Doesn't return: the frames up to the innermost export, main, before_unload or contain() are unwound. */
	void (*panic)(void *module, const char *file, unsigned line, const char *function, const char *message);
	/** Calls function(argument); false if it panicked. */
	bool (*contain)(void *module, void (*function)(void *argument), void *argument);
};

/** How a module reaches the loader. In librelib_module.a; the loader fills it in. @since 0.1 */
struct relib_module_link {
	uint32_t size; /**< sizeof of this struct */
	uint32_t reserved;
	const struct relib_module_services *services; /**< NULL until the loader has filled it in */
	void *module;
};

extern __attribute__((visibility("default"))) struct relib_module_link relib_module_link;

/*
 * What generated code calls, in librelib_module.a. A call of an import is: enter, then what relib_import_call_() gives, cast
 * to the import's type and called with its arguments, then leave. The process ends with a message if the module was
 * not loaded by relib.
 */
struct relib_slot *relib_import_enter_(const struct relib_target *target, const char *name);
relib_function relib_import_call_(void);
void relib_import_leave_(struct relib_slot *call);

#ifdef __cplusplus
}
#endif
#endif
