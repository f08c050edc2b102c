/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Leaves a stream of every function that opens one, each from a function of its own and a line of its own. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <relib/module.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "kind.h"

RELIB_MODULE("kind_stream", "1.0");

#define LEAK(name, call) LEAK_AS(void *, name, call)

static char memory[100], *text;
static wchar_t *wide;
static size_t size, wide_size;

static ssize_t write_to_host(void *cookie, const char *bytes, size_t count);
static const cookie_io_functions_t functions = { .write = write_to_host };

LEAK(fopen, fopen("/dev/null", "w"))
LEAK(fopen64, fopen64("/dev/null", "r"))
LEAK(tmpfile, tmpfile())
LEAK(tmpfile64, tmpfile64())
LEAK(popen, popen("cat", "w"))
LEAK(fmemopen, fmemopen(memory, sizeof(memory), "w+"))
LEAK(open_memstream, open_memstream(&text, &size))
LEAK(open_wmemstream, open_wmemstream(&wide, &wide_size))
LEAK(fopencookie, fopencookie(memory, "w", functions))
LEAK(fdopen, fdopen(dup(0), "r"))
LEAK(opendir, opendir("/"))
LEAK(fdopendir, fdopendir(open("/", O_RDONLY | O_DIRECTORY)))
LEAK(freopen, freopen("/dev/null", "r", fopen("/dev/zero", "r")))
LEAK(freopen64, freopen64("/dev/null", "r", fopen("/dev/zero", "r")))

/* What a stream's functions of the module's own were given, for the host. */
__attribute__((visibility("default"))) char module_written[200];

static ssize_t write_to_host(void *cookie, const char *bytes, size_t count)
{
	if (cookie)
		strncat(module_written, bytes, count);
	return (ssize_t)count;
}

EXPORT int leak_all(void)
{
	return leak_fopen() && leak_fopen64() && leak_tmpfile() && leak_tmpfile64() && leak_popen() && leak_fmemopen() &&
	       leak_open_memstream() && leak_open_wmemstream() && leak_fopencookie() && leak_fdopen() && leak_opendir() &&
	       leak_fdopendir() && leak_freopen() && leak_freopen64() ? 14 : -1;
}

/* What the host asks for */

EXPORT FILE *module_fopen(const char *path)
{
	FILE *stream = fopen(path, "w");

	KEEP_FRAME;
	return stream;
}

EXPORT FILE *module_fdopen(int number)
{
	FILE *stream = fdopen(number, "w");

	KEEP_FRAME;
	return stream;
}

EXPORT FILE *module_freopen(const char *path, FILE *old)
{
	FILE *stream = freopen(path, "w", old);

	KEEP_FRAME;
	return stream;
}

EXPORT int module_fclose(FILE *stream)
{
	int result = fclose(stream);

	KEEP_FRAME;
	return result;
}

EXPORT FILE *module_popen(const char *command, const char *mode)
{
	FILE *stream = popen(command, mode);

	KEEP_FRAME;
	return stream;
}

EXPORT int module_write_in_static(const char *path)
{
	static char buffer[BUFSIZ];
	FILE *stream = module_fopen(path);

	return stream && !setvbuf(stream, buffer, _IOFBF, sizeof(buffer)) && fputs("from static memory\n", stream) >= 0 ? 0 : -1;
}

EXPORT int module_write_in_heap(const char *path)
{
	FILE *stream = module_fopen(path);
	char *buffer = malloc(4096);

	return stream && !setvbuf(stream, buffer, _IOFBF, 4096) && fputs("from the heap\n", stream) >= 0 ? 0 : -1;
}

EXPORT int module_write_in_libc(const char *path)
{
	FILE *stream = module_fopen(path);

	return stream && fputs("from libc\n", stream) >= 0 ? 0 : -1;
}

/* Streams over the module's code and memory, which a destructor uses and closes, or leaves. */
static FILE *used[4];
static int closes;

/* The cookie's functions write into this file. */
static char told[200];

static ssize_t write_to_file(void *cookie, const char *bytes, size_t count)
{
	int number = open(cookie, O_WRONLY | O_APPEND | O_CREAT, 0600);
	ssize_t written = number < 0 ? -1 : write(number, bytes, count);

	close(number);
	return written;
}

EXPORT int module_use_own(const char *path, int close_at_end)
{
	cookie_io_functions_t own = { .write = write_to_file };

	strncpy(told, path, sizeof(told) - 1);
	closes = close_at_end;
	used[0] = fmemopen(memory, sizeof(memory), "w");
	used[1] = open_memstream(&text, &size);
	used[2] = fopencookie(told, "w", own);
	used[3] = open_wmemstream(&wide, &wide_size);
	if (!used[3] || fwprintf(used[3], L"before") < 0)
		return -1;
	for (int i = 0; i < 3; i++)
		if (!used[i] || fputs("before,", used[i]) < 0)
			return -1;
	return 0;
}

static __attribute__((destructor)) void end(void)
{
	for (int i = 0; i < 4 && used[i]; i++) {
		if (i == 3)
			fwprintf(used[i], L"after");
		else
			fprintf(used[i], "after\n");
		if (closes)
			fclose(used[i]);
	}
}

RELIB_MAIN(int)
{
	return leak_all() < 0;
}
