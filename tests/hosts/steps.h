/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What hosts share that do with modules what their arguments say, step by step: `load m FILE call m FUNCTION close m`. */
#ifndef HOSTS_STEPS_H
#define HOSTS_STEPS_H

#include <err.h>
#include <link.h>

#include "hosts/module.h"

static struct { const char *name; void *handle; } modules[16];

static unsigned find(const char *name)
{
	for (unsigned i = 0; i < 16; i++)
		if (modules[i].name && !strcmp(modules[i].name, name))
			return i;
	errx(2, "%s: no such module", name);
}

static void load(const char *name, const char *file, int flags)
{
	unsigned at = 0;

	while (modules[at].name)
		at++;
	modules[at].name = name;
	modules[at].handle = dlopen(file, RTLD_NOW | flags);
	if (!modules[at].handle)
		errx(2, "%s", dlerror());
}

static void *symbol(unsigned at, const char *name)
{
	return find_symbol(modules[at].handle, name);
}

static void call(unsigned at, const char *name)
{
	void (*function)(void) = (void (*)(void))symbol(at, name);
	const char *error;

	function();
	error = dlerror();
	if (error)
		printf("an error that nobody made: %s\n", error);
}

static void close_module(unsigned at)
{
	char *file = strdup(strrchr(((struct link_map *)modules[at].handle)->l_name, '/') + 1);

	if (dlclose(modules[at].handle))
		errx(2, "%s", dlerror());
	if (file_is_mapped(file))
		printf("%s is still there\n", modules[at].name);
	free(file);
	modules[at].name = NULL;
}

static void step_load(char **of)
{
	load(of[0], of[1], 0);
}

static void step_call(char **of)
{
	call(find(of[0]), of[1]);
}

static void step_close(char **of)
{
	close_module(find(of[0]));
}

/* What a step is called, how many arguments follow it, and what it does with them. */
struct step {
	const char *name;
	int arguments;
	void (*run)(char **of);
};

#define COMMON_STEPS { "load", 2, step_load }, { "call", 2, step_call }, { "close", 1, step_close }

/* Does all that the arguments say; the table ends without a name. */
static int run_steps(const struct step *table, int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int at = 1; at < argc;) {
		const struct step *step = table;

		while (step->name && strcmp(step->name, argv[at]))
			step++;
		if (!step->name)
			errx(2, "%s: no such step", argv[at]);
		if (argc - at - 1 < step->arguments)
			errx(2, "%s: takes %d arguments", argv[at], step->arguments);
		step->run(argv + at + 1);
		at += 1 + step->arguments;
	}
	return 0;
}

#endif
