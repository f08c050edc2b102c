/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Close against reuse of a number: threads of the host open and close files while a module opens and leaves others, the host
 * closes some of these, and the module is unloaded again and again. No file of the host's is ever closed.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "stress.h"

#define THREADS 4

static unsigned long rounds;
static unsigned long seed;
static bool stop;
static unsigned long lost, checked;
static int (*volatile module_open)(const char *);

static bool is(int number, const struct stat *wanted)
{
	struct stat now;

	return fstat(number, &now) == 0 && now.st_ino == wanted->st_ino && now.st_dev == wanted->st_dev;
}

/* Each thread has a file of its own: its numbers must stay that file's until it closes them. */
static void *use_files(void *argument)
{
	unsigned state = (unsigned)seed + (unsigned)(uintptr_t)argument;
	int numbers[8] = { -1, -1, -1, -1, -1, -1, -1, -1 };
	struct stat file;
	int own = memfd_create("host", 0);

	if (own < 0 || fstat(own, &file))
		bail("no file: %s", strerror(errno));
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		int at = rand_r(&state) % 8;

		/* Else the unload waits long for its turn. */
		if (at == 0)
			sched_yield();
		if (numbers[at] < 0) {
			numbers[at] = rand_r(&state) & 1 ? dup(own) : fcntl(own, F_DUPFD, 3);
			continue;
		}
		__atomic_fetch_add(&checked, 1, __ATOMIC_RELAXED);
		if (!is(numbers[at], &file))
			__atomic_fetch_add(&lost, 1, __ATOMIC_RELAXED);
		if (rand_r(&state) & 1)
			close(numbers[at]);
		else if (dup2(own, numbers[at]) == numbers[at])
			continue;
		numbers[at] = -1;
	}
	for (int i = 0; i < 8; i++)
		if (numbers[i] >= 0 && close(numbers[i]))
			__atomic_fetch_add(&lost, 1, __ATOMIC_RELAXED);
	close(own);
	return NULL;
}

/* The module opens some, the host closes some of them, the rest is settled. */
static bool run_round(const char *path, unsigned *state)
{
	void *module = dlopen(path, RTLD_NOW);
	int numbers[6];

	if (!module)
		return false;
	module_open = (int (*)(const char *))dlsym(module, "module_open");
	for (int i = 0; i < 6; i++)
		numbers[i] = module_open("/dev/null");
	for (int i = 0; i < 6; i++)
		if (rand_r(state) % 3 == 0)
			close(numbers[i]);
	return dlclose(module) == 0;
}

static int count_open(void)
{
	int count = 0;

	for (int number = 0; number < 1024; number++)
		count += fcntl(number, F_GETFD) >= 0;
	return count;
}

int main(int argc, char **argv)
{
	static char options[] = "RELIB_TRACK=quiet,leaks=reclaim";
	char path[4096];
	pthread_t threads[THREADS];
	unsigned long done_rounds = 0;
	unsigned state;
	int before;

	(void)argc;
	stress_begin(argv, options);
	rounds = setting("STRESS_ROUNDS", 10000);
	seed = setting("STRESS_SEED", (unsigned long)getpid());
	state = (unsigned)seed;
	stress_path(path, "kind_descriptor.so");
	ok(run_round(path, &state), "a module is loaded and unloaded");
	before = count_open();
	for (uintptr_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, use_files, (void *)(i + 1)))
			bail("no thread");
	while (done_rounds < rounds && run_round(path, &state))
		done_rounds++;
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ok(done_rounds == rounds, "%lu rounds of %lu", done_rounds, rounds);
	ok(checked > 0, "the host looked at its files %lu times", checked);
	ok(lost == 0, "%lu of the host's files were closed by somebody else", lost);
	ok(count_open() == before, "%d descriptors are open, as before: %d", count_open(), before);
	return done();
}
