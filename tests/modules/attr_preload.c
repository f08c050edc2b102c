/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Preloaded beside the tracker: allocates, and loads and unloads a module, before main and after exit. */
#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "attr.h"

static char *blocks[64];

static void say_line(const char *text)
{
	char line[64];
	int length = snprintf(line, sizeof(line), "%s\n", text);

	if (write(STDOUT_FILENO, line, (size_t)length) != length)
		_exit(3);
}

/* The module's name comes by the environment: before main there is no command line. */
static void use_module(void)
{
	struct attr_host host = { .say = say_line };
	const char *path = getenv("ATTR_MODULE");
	void *module = path ? dlopen(path, RTLD_NOW) : NULL;
	attr_function *function;

	if (!path)
		return;
	function = module ? (attr_function *)dlsym(module, "leak_all") : NULL;
	if (!function)
		_exit(4);
	function(&host);
	dlclose(module);
}

static __attribute__((constructor)) void begin(void)
{
	for (int i = 0; i < 64; i += 4) {
		blocks[i] = malloc(100 + (size_t)i);
		blocks[i + 1] = calloc(10, 10 + (size_t)i);
		blocks[i + 2] = strdup("early");
		blocks[i + 3] = memalign(64, 100);
	}
	use_module();
	say_line("began");
}

static __attribute__((destructor)) void end(void)
{
	for (int i = 0; i < 64; i++) {
		blocks[i] = realloc(blocks[i], 1000);
		memset(blocks[i], 1, 1000);
		if (i % 2)
			free(blocks[i]);
	}
	use_module();
	say_line("ended");
}
