/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What a host does that knows nothing of relib: it opens a module, and finds functions in it. What fails ends the test. */
#ifndef HOSTS_MODULE_H
#define HOSTS_MODULE_H

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void *open_module(const char *file)
{
	void *module = dlopen(file, RTLD_NOW);

	if (!module) {
		fprintf(stderr, "%s\n", dlerror());
		exit(2);
	}
	return module;
}

static inline void *find_symbol(void *module, const char *name)
{
	void *found = dlsym(module, name);

	if (!found) {
		fprintf(stderr, "%s\n", dlerror());
		exit(2);
	}
	return found;
}

/* Looked up in the process, and not by asking ld.so. */
static inline int file_is_mapped(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[8192], ending[256];
	int found = 0;

	snprintf(ending, sizeof(ending), "/%s\n", name);
	while (maps && fgets(line, sizeof(line), maps))
		found |= strlen(line) > strlen(ending) && !strcmp(line + strlen(line) - strlen(ending), ending);
	if (!maps)
		exit(99);
	fclose(maps);
	return found;
}

#endif
