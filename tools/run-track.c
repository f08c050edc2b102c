/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The tracker as relib-run finds it and tells it what to do. */
#include "run.h"

#include <dlfcn.h>
#include <err.h>
#include <limits.h>
#include <relib/track.h>
#include <stdio.h>
#include <stdlib.h>

/* By dlsym: the address as the linker gives it could be that of a copy in this program. */
const char *relib_run_tracker_path(void)
{
	static char path[PATH_MAX];
	void *symbol = dlsym(RTLD_DEFAULT, RELIB_TRACK_SYMBOL);
	Dl_info info;

	if (!symbol || !dladdr(symbol, &info) || !info.dli_fname || !realpath(info.dli_fname, path))
		return NULL;
	return path;
}

char *relib_run_track_options(const char *more, unsigned stacks)
{
	const char *own = getenv("RELIB_TRACK");
	char *options, depth[32] = "";

	if (stacks)
		snprintf(depth, sizeof(depth), "stacks=%u", stacks);
	if (asprintf(&options, "%s%s%s%s%s", own ? own : "", own && *own && (*more || *depth) ? "," : "", more,
		     *more && *depth ? "," : "", depth) < 0)
		err(RELIB_RUN_USAGE, "no memory");
	return options;
}
