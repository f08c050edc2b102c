/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What a module exports and the loader looks for. Written by the macros of <relib/module.h>. */
#ifndef RELIB_ABI_H
#define RELIB_ABI_H

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

/** Symbols of a module: the last two are there only if the module has a main or wants to be told. @since 0.1 */
#define RELIB_SYMBOL_INFORMATION "relib_module_information"
#define RELIB_SYMBOL_MAIN "relib_module_main"
#define RELIB_SYMBOL_BEFORE_UNLOAD "relib_module_before_unload"

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

#ifdef __cplusplus
}
#endif
#endif
