/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Three hundred threads load one file at once: exactly one of them gets it. */
#include <limits.h>
#include <pthread.h>

#include "stress.h"

#define THREADS 300

static pthread_barrier_t start;
static char other_path[PATH_MAX + 100]; /* the same file, spelled otherwise */

struct opener {
	pthread_t thread;
	const char *path;
	struct loaded loaded;
	struct relib_error error;
	bool good;
};

static void *opener_main(void *argument)
{
	struct opener *opener = argument;

	pthread_barrier_wait(&start);
	opener->good = stress_load(opener->path, &opener->loaded, &opener->error);
	return NULL;
}

int main(int argc, char **argv)
{
	static struct opener opener[THREADS];
	struct relib_error error;
	char real[PATH_MAX];

	(void)argc;
	stress_begin(argv, NULL);
	if (!realpath(module_path(), real))
		bail("%s is not there", module_path());
	snprintf(other_path, sizeof(other_path), "%.*s/./%s", (int)(strrchr(real, '/') - real), real,
		 strrchr(real, '/') + 1);
	for (int round = 1; round <= 5; round++) {
		int good = 0, already = 0, winner = 0;

		pthread_barrier_init(&start, NULL, THREADS);
		for (int i = 0; i < THREADS; i++) {
			opener[i] = (struct opener){ .path = i % 2 ? other_path : real };
			if (pthread_create(&opener[i].thread, NULL, opener_main, &opener[i]))
				bail("no thread");
		}
		for (int i = 0; i < THREADS; i++) {
			pthread_join(opener[i].thread, NULL);
			if (opener[i].good) {
				good++;
				winner = i;
			}
			already += !opener[i].good && opener[i].error.code == RELIB_ALREADY_LOADED;
		}
		ok(good == 1 && already == THREADS - 1, "round %d: of %d threads %d got the module, %d heard that it is loaded",
		   round, THREADS, good, already);
		if (good != 1)
			break;
		if (!ok(stress_unload(&opener[winner].loaded, 0, 0, &error), "round %d: it is unloaded", round))
			printf("#   %s\n", error.message);
	}
	return done();
}
