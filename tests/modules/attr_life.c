/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Allocates in its constructor and destructor, and opens and closes another module there when ATTR_MODULE names one. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include "attr.h"

static char *given_back;
static void *other;

void life_begin(void);
void life_end(void);

__attribute__((constructor, noinline)) void life_begin(void)
{
	const char *path = getenv("ATTR_MODULE");
	attr_function *function;

	given_back = strdup("until the destructor");
	attr_forget(malloc(111));
	if (!path)
		return;
	other = dlopen(path, RTLD_NOW);
	function = other ? (attr_function *)dlsym(other, "leak_malloc") : NULL;
	if (function)
		function(NULL);
}

__attribute__((destructor, noinline)) void life_end(void)
{
	free(given_back);
	attr_forget(malloc(222));
	if (other)
		dlclose(other);
	attr_forget(malloc(333));
}

ATTR_FUNCTION(touch)
{
	attr_forget(given_back);
}
