/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the stress programs share: TAP, start under the tracker, modules with their checks. */
#ifndef STRESS_H
#define STRESS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <relib/relib.h>

#include "modules/stress_worker.h"

static int tap_count, tap_failed;

static __attribute__((unused, format(printf, 2, 3))) bool ok(bool good, const char *format, ...)
{
	va_list arguments;

	printf("%sok %d - ", good ? "" : "not ", ++tap_count);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	fflush(stdout);
	tap_failed += !good;
	return good;
}

/* Something that keeps the whole test from going on. */
static __attribute__((unused, noreturn, format(printf, 1, 2))) void bail(const char *format, ...)
{
	va_list arguments;

	printf("Bail out! ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	exit(99);
}

static __attribute__((unused)) int done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}

/* Starts the program again under the tracker of this build; `environment` is "NAME=VALUE", or NULL. */
static __attribute__((unused)) void stress_begin(char **argv, char *environment)
{
	const char *tracker = getenv("RELIB_TRACKER");

	if (relib_has_tracker())
		return;
	if (!tracker)
		bail("RELIB_TRACKER must name the tracker");
	if (getenv("STRESS_STARTED_AGAIN"))
		bail("%s is preloaded, but the loader does not see it", tracker);
	setenv("STRESS_STARTED_AGAIN", "yes", 1);
	setenv("LD_PRELOAD", tracker, 1);
	setenv("RELIB_TRACK", "quiet", 1);
	if (environment)
		putenv(environment);
	execv("/proc/self/exe", argv);
	bail("this program could not be started again");
}

/* A number that the environment may set; what was taken is said. */
static __attribute__((unused)) unsigned long setting(const char *name, unsigned long normal)
{
	const char *text = getenv(name);
	unsigned long value = text ? strtoul(text, NULL, 10) : normal;

	printf("# %s=%lu\n", name, value);
	return value;
}

static __attribute__((unused)) long resident_kib(void)
{
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (!file || fscanf(file, "%*d %ld", &pages) != 1)
		bail("no /proc/self/statm");
	fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Where a module of the tests is: path[4096]. */
static __attribute__((unused)) const char *stress_path(char *path, const char *name)
{
	const char *folder = getenv("MODULES");

	snprintf(path, 4096, "%s/%s", folder ? folder : "modules", name);
	return path;
}

static __attribute__((unused)) const char *module_path(void)
{
	static char path[4096];

	return stress_path(path, "stress_worker.so");
}

static __attribute__((unused)) bool is_mapped(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	bool found = false;
	char line[8192];

	while (maps && fgets(line, sizeof(line), maps))
		found |= strstr(line, name) != NULL;
	if (!maps)
		bail("no /proc/self/maps");
	fclose(maps);
	return found;
}

/* Loads a module that has no interface, and gives what it exports under that name. */
static __attribute__((unused)) const void *must_load(const char *path, const char *exported, struct relib_module **module)
{
	struct relib_load_options options = { .allow_plain = true };
	static struct relib_error error;
	const void *found;

	if (relib_load(path, &options, module, &error))
		bail("%s", error.message);
	found = relib_symbol(*module, exported, &error);
	if (!found)
		bail("%s", error.message);
	return found;
}

struct loaded {
	struct relib_module *module;
	const struct stress_worker *worker;
};

/* Loads a copy of stress_worker.so. False with the reason in `error`. */
static __attribute__((unused)) bool stress_load(const char *path, struct loaded *loaded, struct relib_error *error)
{
	struct relib_load_options options = { .allow_plain = true };

	if (relib_load(path, &options, &loaded->module, error))
		return false;
	loaded->worker = relib_symbol(loaded->module, "stress_worker_functions", error);
	return loaded->worker != NULL;
}

/* Unloads it and checks that just so much was left, and freed. False with the reason in `error`. */
static __attribute__((unused)) bool stress_unload(struct loaded *loaded, uint64_t blocks, uint64_t bytes,
						  struct relib_error *error)
{
	struct relib_report *report = NULL;
	bool good;

	if (relib_unload(loaded->module, NULL, &report, error)) {
		relib_report_free(report);
		return false;
	}
	if (!report) {
		snprintf(error->message, sizeof(error->message), "an unload without a report");
		return false;
	}
	good = report->outcome == RELIB_OUTCOME_UNLOADED && report->heap.blocks == blocks &&
	       report->heap.bytes == bytes && report->heap.released == blocks && !report->threads.running;
	if (!good)
		snprintf(error->message, sizeof(error->message),
			 "outcome %d; %llu blocks of %llu bytes, %llu released, where %llu of %llu bytes were left",
			 report->outcome, (unsigned long long)report->heap.blocks,
			 (unsigned long long)report->heap.bytes, (unsigned long long)report->heap.released,
			 (unsigned long long)blocks, (unsigned long long)bytes);
	relib_report_free(report);
	return good;
}

#endif
