/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The environment variable RELIB_TRACK. */
#include "options.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kind-words.h"
#include "message.h"

struct relib_options relib_options;
static char report_pattern[4096];

static bool set_report(const char *value)
{
	char folder[2048];

	if (!*value || strlen(value) + sizeof folder > sizeof report_pattern)
		return false;
	/* A server may go to another folder before the first report. */
	if (*value == '/' || !getcwd(folder, sizeof folder))
		strcpy(report_pattern, value);
	else
		snprintf(report_pattern, sizeof report_pattern, "%s/%s", folder, value);
	return true;
}

static bool set_stacks(const char *value)
{
	char *end;
	unsigned long frames = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || *end || frames > 1000000)
		return false;
	relib_options.stacks = frames > RELIB_STACKS_LIMIT ? RELIB_STACKS_LIMIT : (unsigned)frames;
	return true;
}

static bool set_one(const char *name, const char *value)
{
	if (!strcmp(name, "leaks")) {
		relib_options.settle.settle = strcmp(value, "reclaim") ? RELIB_SETTLE_REPORT : RELIB_SETTLE_RELEASE;
		return relib_options.settle.settle || !strcmp(value, "report");
	}
	if (!strcmp(name, "format")) {
		relib_options.text = !strcmp(value, "text");
		return relib_options.text || !strcmp(value, "json");
	}
	if (!strcmp(name, "report"))
		return set_report(value);
	if (!strcmp(name, "stacks"))
		return set_stacks(value);
	if (!strcmp(name, "runtime")) {
		if (strlen(value) >= sizeof relib_options.runtime)
			return false;
		strcpy(relib_options.runtime, value);
		return true;
	}
	if (!strcmp(name, "ignore-stacks") && !*value)
		return relib_options.settle.ignore_stacks = true;
	if (!strcmp(name, "locks") && !*value)
		return relib_options.locks = true;
	if (!strcmp(name, "foreign") && !*value)
		return relib_options.foreign = true;
	if (!strcmp(name, "quiet") && !*value)
		return relib_options.quiet = true;
	return relib_policy_read(name, strlen(name), value, strlen(value), relib_options.settle.policies) == RELIB_POLICY_READ;
}

void relib_options_read(void)
{
	/* Not for a set-user-id program: its user must not make it write files. */
	const char *at = secure_getenv("RELIB_TRACK");
	char wrong[256] = "";

	while (at && *at) {
		size_t length = strcspn(at, ",");
		char item[4096];
		char *value;

		snprintf(item, sizeof item, "%.*s", (int)length, at);
		value = strchr(item, '=');
		if (value)
			*value++ = 0;
		if (length && !set_one(item, value ? value : "") && !*wrong)
			snprintf(wrong, sizeof wrong, "%.*s", (int)length, at);
		at += length + (at[length] == ',');
	}
	relib_options_set_process();
	if (*wrong)
		relib_warn("RELIB_TRACK: \"%s\" is not an option and is left out; options are leaks=report|reclaim, "
			   "KIND=release|keep|refuse, report=PATH, format=json|text, stacks=N, runtime=NAME:..., locks, "
			   "foreign, ignore-stacks, quiet", wrong);
}

void relib_options_set_process(void)
{
	char *to = relib_options.report, *end = to + sizeof relib_options.report - 16;

	for (const char *from = report_pattern; *from && to < end; from++) {
		if (from[0] == '%' && from[1] == 'p') {
			to += sprintf(to, "%d", (int)getpid());
			relib_options.own_report = true;
			from++;
		} else {
			*to++ = *from;
		}
	}
	*to = 0;
}

/* "libxml2" names libxml2.so.2 as well as libxml2.so. */
bool relib_option_is_runtime(const char *name)
{
	const char *at = relib_options.runtime;

	while (*at) {
		size_t length = strcspn(at, ":");

		if (length && !strncmp(name, at, length) && (!name[length] || name[length] == '.'))
			return true;
		at += length + (at[length] == ':');
	}
	return false;
}

size_t relib_option_address_space(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return (size_t)1 << 44;
	return limit.rlim_cur;
}
