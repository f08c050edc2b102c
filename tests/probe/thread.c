/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Scenarios in threads of the module, and with relib_contain. */
#include <pthread.h>

#include "module.h"

struct work {
	const char *scenario;
	struct probe_log *log;
};

static void work(void *argument)
{
	struct work *todo = argument;

	probe_scenario(todo->scenario, todo->log);
}

static void *run_plainly(void *argument)
{
	work(argument);
	return NULL;
}

static void *run_contained(void *argument)
{
	struct work *todo = argument;

	note(todo->log, relib_contain(work, argument) ? "well" : "failed");
	return NULL;
}

static int32_t in_thread(void *(*start)(void *), const char *scenario, struct probe_log *log)
{
	struct work todo = { scenario, log };
	pthread_t thread;

	if (pthread_create(&thread, NULL, start, &todo))
		return -1;
	pthread_join(thread, NULL);
	return 0;
}

static int32_t thread_panics(struct probe_log *log)
{
	return in_thread(run_plainly, "panics", log);
}

static int32_t thread_throws(struct probe_log *log)
{
	return in_thread(run_plainly, "throw int", log);
}

static int32_t thread_contained(struct probe_log *log)
{
	return in_thread(run_contained, "cleanups", log);
}

static void panic_plainly(void *unused)
{
	(void)unused;
	relib_panic("contained by nobody");
}

static int32_t contain_plainly(struct probe_log *log)
{
	(void)log;
	return relib_contain(panic_plainly, NULL);
}

static int32_t thread_contained_well(struct probe_log *log)
{
	return in_thread(run_contained, "assert none", log);
}

static int32_t thread_contained_throws(struct probe_log *log)
{
	return in_thread(run_contained, "throw runtime_error", log);
}

static int32_t thread_contained_twice(struct probe_log *log)
{
	return in_thread(run_contained, "contain", log);
}

static int32_t thread_contained_import(struct probe_log *log)
{
	return in_thread(run_contained, "back", log);
}

/* A call more than "back" is. */
static int32_t contain_back(struct probe_log *log)
{
	struct work todo = { "back", log };

	return relib_contain(work, &todo);
}

/* In an export: what follows is the export's own. */
static int32_t contain(struct probe_log *log)
{
	struct work todo = { "cleanups", log };

	note(log, relib_contain(work, &todo) ? "well" : "failed");
	return 6;
}

static int32_t contain_then_panic(struct probe_log *log)
{
	contain(log);
	relib_panic("after that");
}

static int32_t contain_nested(struct probe_log *log)
{
	struct work todo = { "contain then panic", log };

	note(log, relib_contain(work, &todo) ? "well" : "failed");
	return 8;
}

static int32_t contain_exception(struct probe_log *log)
{
	struct work todo = { "throw deep", log };

	note(log, relib_contain(work, &todo) ? "well" : "failed");
	return 9;
}

const struct scenario probe_scenarios_thread[] = {
	{ "thread panics", thread_panics },
	{ "thread throws", thread_throws },
	{ "thread contained", thread_contained },
	{ "thread contained well", thread_contained_well },
	{ "thread contained throws", thread_contained_throws },
	{ "thread contained twice", thread_contained_twice },
	{ "thread contained import", thread_contained_import },
	{ "contain", contain },
	{ "contain plainly", contain_plainly },
	{ "contain then panic", contain_then_panic },
	{ "contain back", contain_back },
	{ "contain nested", contain_nested },
	{ "contain exception", contain_exception },
	{ NULL, NULL },
};
