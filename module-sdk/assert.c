/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* libc's own names for failed assertions: for objects that were compiled without relib's <assert.h>. */
#include <assert.h>
#include <string.h>

#include <relib/module.h>

/* Hidden, and found before libc's when the module is linked. */
#define HIDDEN __attribute__((visibility("hidden")))

HIDDEN void __assert_fail(const char *expression, const char *file, unsigned line, const char *function)
{
	relib_assert_failed_(file, line, function ? function : "?", expression);
}

HIDDEN void __assert_perror_fail(int number, const char *file, unsigned line, const char *function)
{
	relib_panic_at_(file, line, function ? function : "?", "unexpected error: %s", strerror(number));
}
