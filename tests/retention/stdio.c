/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Retention cases: standard streams, whose buffers are the process's, and streams left open. */
#include <argp.h>
#include <fcntl.h>
#include <malloc.h>
#include <printf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include "libc-cases.h"

/* The driver's standard input is the alphabet again and again: two neighbours show that the buffer is whole. */
static bool neighbours(wint_t first, wint_t second)
{
	return first >= 'a' && first <= 'z' && second == (first == 'z' ? 'a' : first + 1);
}

CASE(printf)
{
	CHECK(printf("printf %s\n", run->who) > 0);
	return NULL;
}

CASE(puts)
{
	char line[64];

	snprintf(line, sizeof(line), "puts %s", run->who);
	CHECK(puts(line) >= 0);
	return NULL;
}

CASE(putchar)
{
	char line[64];

	snprintf(line, sizeof(line), "putchar %s\n", run->who);
	for (const char *next = line; *next; next++)
		CHECK(putchar(*next) == *next);
	return NULL;
}

CASE(fwrite)
{
	CHECK(fwrite("fwrite ", 1, 7, stdout) == 7);
	CHECK(fwrite(run->who, 1, strlen(run->who), stdout) == strlen(run->who));
	CHECK(fwrite("\n", 1, 1, stdout) == 1);
	return NULL;
}

CASE(wprintf)
{
	CHECK(wprintf(L"wprintf %s\n", run->who) > 0);
	return NULL;
}

CASE(putwchar)
{
	char line[64];

	snprintf(line, sizeof(line), "putwchar %s\n", run->who);
	for (const char *next = line; *next; next++)
		CHECK(putwchar(*next) != WEOF);
	return NULL;
}

CASE(fwprintf_stderr)
{
	CHECK(fwprintf(stderr, L"wide %s\n", run->who) > 0);
	return NULL;
}

CASE(fprintf_stderr)
{
	CHECK(fprintf(stderr, "narrow %s\n", run->who) > 0);
	return NULL;
}

CASE(perror)
{
	perror(run->who);
	return NULL;
}

CASE(psignal)
{
	psignal(SIGHUP, run->who);
	return NULL;
}

CASE(getchar)
{
	int first = getchar();

	CHECK(neighbours(first, getchar()));
	return NULL;
}

CASE(scanf)
{
	char text[3];

	CHECK(scanf("%2[a-z]", text) == 1);
	CHECK(neighbours(text[0], text[1]));
	return NULL;
}

CASE(getwchar)
{
	wint_t first = getwchar();

	CHECK(neighbours(first, getwchar()));
	return NULL;
}

CASE(ungetc)
{
	int first = getchar();

	CHECK(ungetc('3', stdin) == '3' && ungetc('2', stdin) == '2' && ungetc('1', stdin) == '1');
	CHECK(getchar() == '1' && getchar() == '2' && getchar() == '3');
	CHECK(neighbours(first, getchar()));
	return NULL;
}

CASE(setvbuf_null)
{
	CHECK(setvbuf(stdout, NULL, _IOFBF, BUFSIZ) == 0);
	CHECK(printf("setvbuf_null %s\n", run->who) > 0);
	return NULL;
}

CASE(setvbuf_line)
{
	CHECK(setvbuf(stdout, NULL, _IOLBF, BUFSIZ) == 0);
	CHECK(printf("setvbuf_line %s\n", run->who) > 0);
	return NULL;
}

CASE(freopen_stdin)
{
	int first;

	CHECK(freopen("input", "r", stdin) == stdin);
	first = getchar();
	CHECK(neighbours(first, getchar()));
	return NULL;
}

CASE(freopen_stdout)
{
	CHECK(freopen("left", "a", stdout) == stdout);
	CHECK(printf("freopen_stdout %s\n", run->who) > 0);
	return NULL;
}

CASE(malloc_info)
{
	CHECK(malloc_info(0, stdout) == 0);
	return NULL;
}

CASE(argp_help)
{
	static const struct argp argp = { .doc = "what it does" };
	char name[] = "name";

	argp_help(&argp, stdout, ARGP_HELP_LONG | ARGP_HELP_DOC, name);
	return NULL;
}

static int print_who(FILE *stream, const struct printf_info *info __attribute__((unused)), const void *const *arguments)
{
	return fprintf(stream, "%s", *(const char *const *)arguments[0]);
}

static int who_arguments(const struct printf_info *info __attribute__((unused)), size_t n, int *types, int *sizes)
{
	if (n > 0) {
		types[0] = PA_STRING;
		sizes[0] = sizeof(char *);
	}
	return 1;
}

CASE(register_printf_specifier)
{
	const char *format = "register_printf_specifier %Y\n";

	CHECK(register_printf_specifier('Y', print_who, who_arguments) == 0);
	CHECK(printf(format, run->who) > 0);
	return NULL;
}

CASE(fopen_closed)
{
	FILE *stream = fopen("input", "r");

	CHECK(stream && fgetc(stream) == 'a' && fclose(stream) == 0);
	return NULL;
}

CASE(tmpfile_closed)
{
	FILE *stream = tmpfile();

	CHECK(stream && fputs("text", stream) >= 0 && fclose(stream) == 0);
	return NULL;
}

CASE(popen_closed)
{
	FILE *stream = popen("echo x", "r");

	CHECK(stream && fgetc(stream) == 'x' && pclose(stream) == 0);
	return NULL;
}

CASE(open_memstream_closed)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	CHECK(stream && fprintf(stream, "%2000d", 1) == 2000 && fclose(stream) == 0 && size == 2000);
	if (retention_give_back(run, text, 1))
		free(text);
	return NULL;
}

CASE(fopen_read_left)
{
	FILE *stream = fopen("input", "r");

	CHECK(stream && fgetc(stream) == 'a');
	return NULL;
}

CASE(fopen_write_left)
{
	FILE *stream = fopen("left", "a");

	CHECK(stream && fprintf(stream, "fopen_write_left %s\n", run->who) > 0);
	return NULL;
}

CASE(fopen_unused_left)
{
	FILE *stream = fopen("input", "r");

	CHECK(stream);
	retention_use(stream);
	return NULL;
}

CASE(fopen_ccs_left)
{
	FILE *stream = fopen("input", "r,ccs=UTF-8");

	CHECK(stream && fgetwc(stream) == 'a');
	return NULL;
}

CASE(fdopen_left)
{
	FILE *stream = fdopen(open("left", O_WRONLY | O_APPEND | O_CREAT, 0600), "a");

	CHECK(stream && fprintf(stream, "fdopen_left %s\n", run->who) > 0);
	return NULL;
}

CASE(tmpfile_left)
{
	FILE *stream = tmpfile();

	CHECK(stream && fputs("text", stream) >= 0);
	return NULL;
}

CASE(popen_left)
{
	FILE *stream = popen("echo x", "r");

	CHECK(stream && fgetc(stream) == 'x');
	return NULL;
}

CASE(fmemopen_left)
{
	FILE *stream = fmemopen(NULL, 100, "w+");

	CHECK(stream && fputs("text", stream) >= 0);
	return NULL;
}

/* The buffer's address and size are written where the caller said at each flush, also at exit: host's memory. */
CASE(open_memstream_left)
{
	char **text = run->host_memory;
	FILE *stream = open_memstream(text, (size_t *)(text + 1));

	CHECK(stream && fputs("text", stream) >= 0);
	return NULL;
}

CASE(open_wmemstream_left)
{
	wchar_t **text = run->host_memory;
	FILE *stream = open_wmemstream(text, (size_t *)(text + 1));

	CHECK(stream && fputws(L"text", stream) >= 0);
	return NULL;
}

CASE(setvbuf_own_left)
{
	FILE *stream = fopen("left", "a");

	CHECK(stream && setvbuf(stream, NULL, _IOLBF, 0) == 0 && fprintf(stream, "setvbuf_own_left %s\n", run->who) > 0);
	return NULL;
}

static ssize_t cookie_read(void *cookie __attribute__((unused)), char *buffer, size_t size)
{
	memset(buffer, 'c', size);
	return (ssize_t)size;
}

CASE(fopencookie_closed)
{
	FILE *stream = fopencookie(NULL, "r", (cookie_io_functions_t){ .read = cookie_read });

	CHECK(stream && fgetc(stream) == 'c' && fclose(stream) == 0);
	return NULL;
}

CASE(vdprintf)
{
	CHECK(dprintf(STDOUT_FILENO, "vdprintf %s\n", run->who) > 0);
	return NULL;
}

CASE(snprintf_big)
{
	const char *format = "%05000d %.3000f";
	char text[8];

	retention_use(&format);
	CHECK(snprintf(text, sizeof(text), format, 1, 1.5) == 5000 + 1 + 3002 && strlen(text) == 7);
	return NULL;
}

CASE(getdelim_stdin)
{
	char *line = NULL;
	size_t size = 0;

	CHECK(getdelim(&line, &size, 'k', stdin) > 1 && neighbours(line[0], line[1]));
	if (retention_give_back(run, line, 1))
		free(line);
	return NULL;
}
