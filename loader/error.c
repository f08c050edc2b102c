/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Failures as text. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

enum relib_code relib_fail(struct relib_error *error, enum relib_code code, const char *format, ...)
{
	va_list arguments;

	if (!error)
		return code;
	error->code = code;
	va_start(arguments, format);
	vsnprintf(error->message, sizeof(error->message), format, arguments);
	va_end(arguments);
	return code;
}

void relib_add(struct relib_error *error, const char *format, ...)
{
	va_list arguments;
	size_t length;

	if (!error)
		return;
	length = strlen(error->message);
	va_start(arguments, format);
	vsnprintf(error->message + length, sizeof(error->message) - length, format, arguments);
	va_end(arguments);
}

void relib_clear(struct relib_error *error)
{
	if (!error)
		return;
	error->code = RELIB_OK;
	error->message[0] = '\0';
}
