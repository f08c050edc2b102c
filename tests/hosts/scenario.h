/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * What the hosts of kinds share: `HOST MODULE SCENARIO` runs one function of a table. It says what was wrong, and ends with a
 * status of 1 then. Under leaks=reclaim (`reclaim`) what the module leaves is given back, else it is as it was.
 */
#ifndef HOSTS_SCENARIO_H
#define HOSTS_SCENARIO_H

#include <errno.h>
#include <stdbool.h>

#include "hosts/module.h"

static const char *path;
static void *module;
static bool reclaim;
static int failed;

#define CHECK(condition) \
	((condition) ? (void)0 : (void)(failed = 1, fprintf(stderr, "line %d: not so: %s (%s)\n", __LINE__, #condition, strerror(errno))))

static void load(void)
{
	module = open_module(path);
}

/* What was freed is written over, so that it shows if somebody uses it still. */
static void unload(void)
{
	void *blocks[200];

	CHECK(dlclose(module) == 0);
	CHECK(!file_is_mapped(strrchr(path, '/') + 1));
	for (size_t i = 0; i < 200; i++) {
		blocks[i] = malloc(30 * (i + 1));
		memset(blocks[i], 'z', 30 * (i + 1));
	}
	for (size_t i = 0; i < 200; i++)
		free(blocks[i]);
}

/* What the tracker opens at its first look at a stack is there after that. */
static __attribute__((unused)) void load_once(void)
{
	load();
	unload();
}

/* Calls of functions of the module. The result is used, so that there is no tail call. */
#define CALL(type, name, parameters, arguments) \
	({ type result_ = ((type (*) parameters)find_symbol(module, #name))arguments; __asm__ volatile("" ::: "memory"); result_; })

struct scenario {
	const char *name;
	void (*run)(void);
};
#define SCENARIO(name) { #name, name }
#define RUN_SCENARIO(argc, argv, scenarios, prepare) \
	run_scenario(argc, argv, scenarios, sizeof(scenarios) / sizeof(*(scenarios)), prepare)

/* Gives the status of the process. */
static int run_scenario(int argc, char **argv, const struct scenario *scenarios, size_t count, void (*prepare)(void))
{
	const char *options = getenv("RELIB_TRACK");

	if (argc != 3 || !strchr(argv[1], '/'))
		return 2;
	path = argv[1];
	reclaim = options && strstr(options, "leaks=reclaim");
	for (size_t i = 0; i < count; i++) {
		if (strcmp(scenarios[i].name, argv[2]))
			continue;
		if (prepare)
			prepare();
		scenarios[i].run();
		return failed;
	}
	fprintf(stderr, "no scenario %s\n", argv[2]);
	return 2;
}

#endif
