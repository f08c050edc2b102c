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
#include <string.h>

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

static void add_option(char **options, const char *option)
{
	char *longer;

	if (!*option)
		return;
	if (asprintf(&longer, "%s%s%s", *options, **options ? "," : "", option) < 0)
		err(RELIB_RUN_USAGE, "no memory");
	free(*options);
	*options = longer;
}

char *relib_run_track_options(const char *more, const struct relib_run_options *wanted)
{
	char *options = strdup(""), stacks[32];

	if (!options)
		err(RELIB_RUN_USAGE, "no memory");
	add_option(&options, getenv("RELIB_TRACK") ? getenv("RELIB_TRACK") : "");
	add_option(&options, more);
	snprintf(stacks, sizeof(stacks), "stacks=%u", wanted->stacks);
	if (wanted->stacks)
		add_option(&options, stacks);
	if (wanted->policy_options && !wanted->module)
		add_option(&options, wanted->policy_options);
	return options;
}
