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

#endif
