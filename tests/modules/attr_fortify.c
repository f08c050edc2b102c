/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Built with -D_FORTIFY_SOURCE=2, which calls libc by other names. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "attr.h"

ATTR_FUNCTION(fortified_asprintf)
{
	char *text;

	for (int i = attr_times(2); i > 0; i--)
		if (asprintf(&text, "%d-%s", 12345, "abc") > 0)
			attr_forget(text);
}

__attribute__((noinline, visibility("default"), format(printf, 1, 2))) void fortified_vasprintf_format(const char *, ...);
void fortified_vasprintf_format(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) > 0)
		attr_forget(text);
	va_end(arguments);
}

ATTR_FUNCTION(leak_all)
{
	fortified_asprintf(host);
	fortified_vasprintf_format("%d", 1234567);
	attr_forget(NULL);
}
