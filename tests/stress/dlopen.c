/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Handles of dlopen against each other: threads of the host open and close libraries, while two modules open the same ones, by
 * path and by a search that their RUNPATH alone makes, and are unloaded again and again. No open of the host's is ever closed.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>

#include "stress.h"

#define THREADS 3
#define MODULES 2
#define LIBRARIES 4

static const char *const names[LIBRARIES] = { "kind_dlopen_a.so", "kind_dlopen_d.so", "kind_dlopen_outer.so",
					      "kind_dlopen_hidden/kind_dlopen_b.so" };
#define BY_PATH 3 /* so many of these are opened by nothing but their path */
static unsigned long rounds, seed;
static unsigned long done_rounds, lost, failures;
static char paths[LIBRARIES][4096], modules[MODULES][4096];

static void count(unsigned long *number)
{
	__atomic_fetch_add(number, 1, __ATOMIC_RELAXED);
}

static bool is_over(void)
{
	return __atomic_load_n(&done_rounds, __ATOMIC_RELAXED) >= rounds;
}

/* What it has open must be there until it closes it. */
static void *use_libraries(void *argument)
{
	unsigned state = (unsigned)seed + (unsigned)(uintptr_t)argument;
	void *handles[LIBRARIES] = { NULL };
	int *places[LIBRARIES] = { NULL };

	while (!is_over()) {
		int at = rand_r(&state) % LIBRARIES;

		/* Else the unload waits long for its turn. */
		if (at == 0)
			sched_yield();
		if (!handles[at]) {
			handles[at] = dlopen(paths[at], RTLD_NOW);
			places[at] = handles[at] ? dlsym(handles[at], "library_descriptor") : NULL;
			if (!places[at])
				count(&failures);
			continue;
		}
		if (dlsym(handles[at], "library_descriptor") != places[at] || *(volatile int *)places[at] != -1)
			count(&lost);
		if (dlclose(handles[at]))
			count(&lost);
		handles[at] = NULL;
	}
	for (int i = 0; i < LIBRARIES; i++)
		if (handles[i] && dlclose(handles[i]))
			count(&lost);
	return NULL;
}

static void *use_modules(void *argument)
{
	unsigned number = (unsigned)(uintptr_t)argument, state = (unsigned)seed + 1000 + number;

	while (!is_over()) {
		void *module = dlopen(modules[number], RTLD_NOW), *handle;
		void *(*volatile open_mode)(const char *, int) = NULL;
		int (*volatile close_handle)(void *);

		if (!module) {
			count(&failures);
			break;
		}
		open_mode = (void *(*)(const char *, int))dlsym(module, "open_mode");
		close_handle = (int (*)(void *))dlsym(module, "close_handle");
		for (int i = 0; i < 3; i++) {
			switch (rand_r(&state) % 4) {
			case 0:
				handle = open_mode("kind_dlopen_b.so", RTLD_NOW);
				break;
			case 1:
				handle = open_mode("kind_dlopen_missing.so", RTLD_NOW);
				break;
			default:
				handle = open_mode(paths[rand_r(&state) % LIBRARIES], RTLD_NOW);
				break;
			}
			if (handle && rand_r(&state) % 3 == 0 && close_handle(handle))
				count(&lost);
		}
		if (dlclose(module))
			count(&lost);
		count(&done_rounds);
	}
	return NULL;
}

/* How often it is open still. */
static int left_open(const char *path)
{
	int times = 0;

	for (;; times++) {
		void *handle = dlopen(path, RTLD_NOW | RTLD_NOLOAD);

		if (!handle || dlclose(handle))
			return times;
		if (dlclose(handle))
			return times;
	}
}

int main(int argc, char **argv)
{
	static char options[] = "RELIB_TRACK=quiet,leaks=reclaim";
	pthread_t threads[THREADS + MODULES];

	(void)argc;
	stress_begin(argv, options);
	rounds = setting("STRESS_ROUNDS", 2000);
	seed = setting("STRESS_SEED", (unsigned long)getpid());
	for (int i = 0; i < LIBRARIES; i++)
		stress_path(paths[i], names[i]);
	stress_path(modules[0], "kind_dlopen.so");
	stress_path(modules[1], "kind_dlopen_hidden/kind_dlopen_same.so");
	/* The tracker starts with the first: not while others open and close. */
	ok(dlclose(dlopen(paths[0], RTLD_NOW)) == 0, "a library is opened and closed");
	for (uintptr_t i = 0; i < THREADS + MODULES; i++)
		if (pthread_create(&threads[i], NULL, i < THREADS ? use_libraries : use_modules,
				   (void *)(i < THREADS ? i : i - THREADS)))
			bail("no thread");
	for (int i = 0; i < THREADS + MODULES; i++)
		pthread_join(threads[i], NULL);
	ok(done_rounds >= rounds, "%lu rounds of %lu", done_rounds, rounds);
	ok(failures == 0, "%lu opens failed", failures);
	ok(lost == 0, "%lu times what the host or a module had open was not", lost);
	for (int i = 0; i < MODULES; i++)
		ok(!left_open(modules[i]), "no module is left");
	for (int i = 0; i < BY_PATH; i++)
		ok(!left_open(paths[i]), "%s is open no more", names[i]);
	/* Where it can't be told whether a module's search was successful, it is named and stays. */
	printf("# %s is left open %d times\n", names[BY_PATH], left_open(paths[BY_PATH]));
	return done();
}
