/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Ten modules in ten threads are loaded, called and unloaded at once, a thousand times. */
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>

#include "stress.h"

#define THREADS 10

static unsigned long rounds, seed;
static pthread_barrier_t start;

struct runner {
	pthread_t thread;
	char path[4200];
	uint64_t random;
	unsigned long good;
	struct relib_error error;
};

static uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static bool run_once(struct runner *runner)
{
	size_t leaks = next_random(&runner->random) % 20, size = 1 + next_random(&runner->random) % 3000;
	uint32_t what = next_random(&runner->random);
	struct loaded loaded;

	if (!stress_load(runner->path, &loaded, &runner->error))
		return false;
	if (what & 1)
		loaded.worker->touch_thread_local();
	loaded.worker->churn(next_random(&runner->random) % 100, runner->random);
	loaded.worker->leak(leaks, size);
	if (what & 2 && !loaded.worker->threads(1 + (what >> 2) % 2, 20)) {
		snprintf(runner->error.message, sizeof(runner->error.message), "the module got no thread");
		return false;
	}
	return stress_unload(&loaded, leaks, leaks * size, &runner->error);
}

static void *runner_main(void *argument)
{
	struct runner *runner = argument;

	pthread_barrier_wait(&start);
	while (runner->good < rounds && run_once(runner))
		runner->good++;
	return NULL;
}

static void copy(const char *from, const char *to)
{
	char block[65536];
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	size_t length;

	if (!in || !out)
		bail("%s can't be copied to %s", from, to);
	while ((length = fread(block, 1, sizeof(block), in)))
		fwrite(block, 1, length, out);
	fclose(in);
	if (fclose(out))
		bail("%s can't be written", to);
}

int main(int argc, char **argv)
{
	static struct runner runner[THREADS];
	const char *temporary = getenv("TMPDIR");
	char folder[4096];

	(void)argc;
	stress_begin(argv, NULL);
	rounds = setting("STRESS_ROUNDS", 1000);
	seed = setting("STRESS_SEED", time(NULL) * 1000ul + getpid() % 1000);
	snprintf(folder, sizeof(folder), "%s/relib-stress.XXXXXX", temporary ? temporary : "/tmp");
	if (!mkdtemp(folder))
		bail("%s can't be made", folder);
	pthread_barrier_init(&start, NULL, THREADS);
	for (int i = 0; i < THREADS; i++) {
		snprintf(runner[i].path, sizeof(runner[i].path), "%s/worker%d.so", folder, i);
		copy(module_path(), runner[i].path);
		runner[i].random = seed + i;
		if (pthread_create(&runner[i].thread, NULL, runner_main, &runner[i]))
			bail("no thread");
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(runner[i].thread, NULL);
		ok(runner[i].good == rounds, "module %d: %lu of %lu rounds, each with all its leaks freed and no other block",
		   i, runner[i].good, rounds);
		if (runner[i].good != rounds)
			printf("#   %s\n", runner[i].error.message);
		unlink(runner[i].path);
	}
	rmdir(folder);
	return done();
}
