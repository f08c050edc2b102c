/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * libc's <assert.h> for modules, but that a failure is a panic. pkg-config --cflags relib-module puts this folder first.
 *
 * Without a guard, as in libc: NDEBUG counts anew each time. It must be here and can't be a function __assert_fail alone:
 * libc declares that one as never throwing, so that compilers leave out the cleanups of the frame that calls it.
 */
#pragma GCC system_header
#include_next <assert.h>

#ifndef NDEBUG
#undef assert
#ifdef __cplusplus
#define assert(...)                                                                                                \
	(static_cast<bool>(__VA_ARGS__) ? static_cast<void>(0)                                                     \
					: relib_assert_failed_(__FILE__, __LINE__, __func__, #__VA_ARGS__))
extern "C"
#else
#define assert(...)                                                                                                \
	((__VA_ARGS__) ? (void)0 : relib_assert_failed_(__FILE__, __LINE__, __func__, #__VA_ARGS__))
#endif
void relib_assert_failed_(const char *file, unsigned line, const char *function, const char *expression)
	__attribute__((noreturn, cold));
#endif
