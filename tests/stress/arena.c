/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Threads that share one arena get each other's addresses at once: no block is lost or counted twice. */
#include <pthread.h>

#include "stress.h"

#define SLOTS 64

static const struct stress_worker *worker;
static pthread_barrier_t start;
static void *slot[SLOTS]; /* blocks on their way from one thread to another */
static bool stop;

static void *leak_main(void *argument)
{
	size_t thread = (size_t)argument;

	pthread_barrier_wait(&start);
	for (size_t i = 0; i < 200; i++)
		worker->leak(20, 16 + thread * 40 + i % 3);
	return NULL;
}

static void *churn_main(void *argument)
{
	pthread_barrier_wait(&start);
	for (int i = 0; i < 20; i++)
		worker->churn(500, (uintptr_t)argument * 100 + i);
	return NULL;
}

/* Makes blocks; each slot's block is freed by whoever puts in the next one. */
static void *pass_main(void *argument)
{
	pthread_barrier_wait(&start);
	for (size_t i = 0; i < 5000; i++) {
		void *block = worker->make(1 + (i * 7 + (size_t)argument) % 600);

		worker->drop(__atomic_exchange_n(&slot[(i + (size_t)argument) % SLOTS], block, __ATOMIC_ACQ_REL));
	}
	return NULL;
}

/* The host's own blocks, in the same arena. */
static void *host_main(void *argument)
{
	char *live[64] = { NULL };
	size_t i = 0;

	(void)argument;
	pthread_barrier_wait(&start);
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		free(live[i % 64]);
		live[i % 64] = malloc(1 + i % 600);
		if (!live[i % 64])
			bail("no memory");
		live[i % 64][0] = 1;
		i++;
	}
	for (i = 0; i < 64; i++)
		free(live[i]);
	return NULL;
}

static bool round_of_threads(struct relib_error *error)
{
	static void *(*const mains[])(void *) = { leak_main, leak_main, leak_main, churn_main, churn_main,
						  pass_main, pass_main, host_main };
	enum { THREADS = sizeof(mains) / sizeof(mains[0]) };
	pthread_t thread[THREADS];
	struct loaded loaded;
	uint64_t bytes = 0;

	if (!stress_load(module_path(), &loaded, error))
		return false;
	worker = loaded.worker;
	stop = false;
	pthread_barrier_init(&start, NULL, THREADS);
	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, mains[i], (void *)i))
			bail("no thread");
	for (size_t i = 0; i < THREADS; i++) {
		if (mains[i] == host_main)
			__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
		pthread_join(thread[i], NULL);
	}
	for (size_t i = 0; i < SLOTS; i++)
		worker->drop(__atomic_exchange_n(&slot[i], NULL, __ATOMIC_ACQ_REL));
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < 200; j++)
			bytes += 20 * (16 + i * 40 + j % 3);
	return stress_unload(&loaded, 3 * 200 * 20, bytes, error);
}

int main(int argc, char **argv)
{
	struct relib_error error;
	unsigned long rounds, good = 0;

	(void)argc;
	stress_begin(argv, (char *)"MALLOC_ARENA_MAX=1");
	rounds = setting("STRESS_CYCLES", 20);
	while (good < rounds && round_of_threads(&error))
		good++;
	if (!ok(good == rounds, "%lu of %lu rounds: 12,000 leaked blocks of eight threads in one arena, all counted",
		good, rounds))
		printf("#   %s\n", error.message);
	return done();
}
