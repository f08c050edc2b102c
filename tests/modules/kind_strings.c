/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Gives libc what it goes on using where it is, each from a function of its own and a line of its own. */
#define _GNU_SOURCE
#include <errno.h>
#include <error.h>
#include <getopt.h>
#include <locale.h>
#include <relib/module.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <syslog.h>
#include <unistd.h>

#include "kind.h"

RELIB_MODULE("kind_strings", "1.0");

#define LEAK(name, call) LEAK_AS(long, name, (long)(call))

static char in_image[] = "KIND_IMAGE=in the image", written[] = "KIND_WRITTEN=written into environ";
static char identity[] = "kind identity", buffer[4096], state[128];

static char *in_mapping(void)
{
	char *text = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return strcpy(text + 100, "KIND_MAPPING=in a mapping");
}

/* Deep in a block, as of an allocator of the module's own. */
static char *in_heap(void)
{
	char *block = malloc(200000);

	return strcpy(block + 150001, "KIND_HEAP=in the heap");
}

LEAK(putenv_image, putenv(in_image))
LEAK(putenv_heap, putenv(in_heap()))
LEAK(putenv_mapping, putenv(in_mapping()))
LEAK(openlog, (openlog(identity, LOG_PERROR | LOG_PID, LOG_LOCAL3), 0))
LEAK(initstate, initstate(1234, state, sizeof(state)))

EXPORT long leak_putenv_stack(void)
{
	char text[] = "KIND_STACK=on the stack";
	long result = putenv(text); /* the line of the stack */

	KEEP_FRAME;
	memset(text, 'x', sizeof(text) - 1);
	KEEP_FRAME;
	return result;
}

/* In the place of KIND_WRITTEN, which the host has set. */
EXPORT void write_entry(void)
{
	for (char **entry = environ; *entry; entry++)
		if (!strncmp(*entry, "KIND_WRITTEN=", 13))
			*entry = written;
}

EXPORT void own_array(void)
{
	static char *array[1000] = { in_image, written };

	for (size_t i = 0; i < 900 && environ[i]; i++)
		array[i + 2] = environ[i];
	environ = array;
}

/* In memory that can't be written into any more. */
EXPORT void read_only_array(void)
{
	char **array = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	array[0] = in_image;
	for (size_t i = 0; i < 900 && environ[i]; i++)
		array[i + 1] = environ[i];
	mprotect(array, 16384, PROT_READ);
	environ = array;
}

EXPORT int module_putenv(const char *text)
{
	char *copy = strdup(text);
	int result = putenv(copy);

	KEEP_FRAME;
	return result;
}

/* With what is the host's. */
EXPORT int module_putenv_host(char *text)
{
	int result = putenv(text);

	KEEP_FRAME;
	return result;
}

EXPORT char *module_text(void)
{
	return in_image;
}

EXPORT void module_closelog(void)
{
	closelog();
	KEEP_FRAME;
}

EXPORT int module_setvbuf(FILE *stream, int mode, int in_block)
{
	int result = setvbuf(stream, in_block ? malloc(sizeof(buffer)) : buffer, mode, sizeof(buffer)); /* the line of setvbuf */

	KEEP_FRAME;
	return result;
}

EXPORT int module_setbuf(FILE *stream)
{
	static char whole[BUFSIZ];

	setbuf(stream, whole);
	KEEP_FRAME;
	return 0;
}

EXPORT int module_setbuffer(FILE *stream)
{
	setbuffer(stream, buffer, 1000);
	KEEP_FRAME;
	return 0;
}

EXPORT int module_own_stream(void)
{
	FILE *stream = fopen("/dev/null", "w");

	return module_setvbuf(stream, _IOFBF, 0) + fprintf(stream, "for nobody") < 0;
}

EXPORT char *module_initstate(unsigned seed, size_t size)
{
	static char other[256];
	char *before = initstate(seed, other, size);

	KEEP_FRAME;
	return before;
}

static locale_t made;

EXPORT int module_uselocale(void)
{
	made = duplocale(newlocale(LC_ALL_MASK, "C.UTF-8", NULL));
	uselocale(made); /* the line of uselocale */
	KEEP_FRAME;
	return made != NULL;
}

EXPORT int module_uselocale_end(void)
{
	uselocale(LC_GLOBAL_LOCALE);
	KEEP_FRAME;
	return 0;
}

static void print_name(void)
{
	fputs("module", stderr);
}

EXPORT int set_variables(void)
{
	static char name[] = "/name/of/module";
	FILE *stream = fopen("/dev/null", "w");

	program_invocation_name = name;
	program_invocation_short_name = name + 9;
	optarg = name + 1;
	error_print_progname = print_name;
	stdout = stream;
	return stream != NULL;
}

/* With an argument, that alone which no hook sees. */
RELIB_MAIN(int, argc, argv)
{
	if (argc > 1) {
		own_array();
		return 0;
	}
	leak_putenv_image();
	leak_putenv_heap();
	leak_putenv_mapping();
	leak_putenv_stack();
	leak_openlog();
	leak_initstate();
	module_uselocale();
	module_setvbuf(stdout, _IOFBF, 0);
	printf("from the module\n");
	return 0;
}
