/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Hooks of functions of libc that hand over memory and are called often: so their caller is known without
 * unwinding. What they allocate inside passes through untagged and is tagged here.
 */
#undef _FORTIFY_SOURCE
#include <stdio.h>
#include <string.h>

#include "../block.h"

/* By hand for the host too: libc's own would come back into malloc's hook, which had to unwind. */
static char *duplicate(const char *text, size_t length, uint32_t mark)
{
	char *copy = relib_real.malloc(relib_block_size(length + 1, mark));

	if (!copy)
		return NULL;
	relib_block_enter(copy, length + 1, mark);
	copy[length] = 0;
	return memcpy(copy, text, length);
}

#define DUPLICATE(name, parameters, arguments, length)                                                     \
	RELIB_HOOK char *name parameters                                                                   \
	{                                                                                                  \
		relib_need_real();                                                                         \
		if (!relib_tracking)                                                                       \
			return relib_real.name arguments;                                                  \
		return duplicate(text, length, RELIB_SITE(name));                                          \
	}

DUPLICATE(strdup, (const char *text), (text), strlen(text))
DUPLICATE(__strdup, (const char *text), (text), strlen(text))
DUPLICATE(strndup, (const char *text, size_t limit), (text, limit), strnlen(text, limit))
DUPLICATE(__strndup, (const char *text, size_t limit), (text, limit), strnlen(text, limit))

/* A module's string must have the size of a module's block: glibc's vasprintf gives the exact size. */
static int enter_printed(char **text, int length, uint32_t mark)
{
	char *grown;

	if (length < 0)
		return length;
	if ((size_t)length + 1 < RELIB_SMALLEST_BLOCK) {
		grown = relib_real.realloc(*text, RELIB_SMALLEST_BLOCK);
		if (!grown)
			return length; /* stays untagged */
		*text = grown;
	}
	relib_block_enter(*text, (size_t)length + 1, mark);
	return length;
}

#define PRINT(name, call)                                                                                  \
	do {                                                                                               \
		uint32_t mark = RELIB_SITE(name);                                                          \
		int length;                                                                                \
                                                                                                           \
		if (!mark)                                                                                 \
			return call;                                                                       \
		relib_enter();                                                                             \
		length = call;                                                                             \
		relib_leave();                                                                             \
		return enter_printed(text, length, mark);                                                  \
	} while (0)

RELIB_HOOK int vasprintf(char **text, const char *format, va_list arguments)
{
	relib_need_real();
	PRINT(vasprintf, relib_real.vasprintf(text, format, arguments));
}

RELIB_HOOK int __vasprintf_chk(char **text, int flag, const char *format, va_list arguments)
{
	relib_need_real();
	PRINT(__vasprintf_chk, relib_real.__vasprintf_chk(text, flag, format, arguments));
}

static int print_for(uint32_t mark, char **text, int flag, const char *format, va_list arguments)
{
	int length;

	relib_enter();
	length = flag < 0 ? relib_real.vasprintf(text, format, arguments)
			  : relib_real.__vasprintf_chk(text, flag, format, arguments);
	relib_leave();
	if (mark)
		return enter_printed(text, length, mark);
	if (relib_tracking && length >= 0)
		relib_tag_take(*text);
	return length;
}

RELIB_HOOK int asprintf(char **text, const char *format, ...)
{
	va_list arguments;
	int length;

	relib_need_real();
	va_start(arguments, format);
	length = print_for(RELIB_SITE(asprintf), text, -1, format, arguments);
	va_end(arguments);
	return length;
}

RELIB_HOOK int __asprintf_chk(char **text, int flag, const char *format, ...)
{
	va_list arguments;
	int length;

	relib_need_real();
	va_start(arguments, format);
	length = print_for(RELIB_SITE(__asprintf_chk), text, flag, format, arguments);
	va_end(arguments);
	return length;
}
