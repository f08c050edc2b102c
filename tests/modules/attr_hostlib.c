/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A library of the host's whose RUNPATH alone leads to what it opens. */
#include <dlfcn.h>
#include <stdlib.h>
#include "attr.h"

static void say_found(struct attr_host *host, void *object)
{
	host->say(object && dlsym(object, "touch") ? "found" : dlerror());
	if (object)
		dlclose(object);
}

ATTR_FUNCTION(open_by_runpath)
{
	say_found(host, dlopen("attr_found.so", RTLD_NOW));
}

ATTR_FUNCTION(open_by_origin)
{
	say_found(host, dlopen("$ORIGIN/attr_hidden/attr_found.so", RTLD_NOW));
}
