/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A thousand cycles of one module with heap, threads and thread-local data: resident memory stays level. */
#include "stress.h"

/* Of 900 cycles: an image is 16 KiB, the leaks of a cycle 100 KiB, so what is lost even once in ten cycles shows. */
#define TOLERANCE_KIB 1024

static bool cycle(struct relib_error *error)
{
	struct loaded loaded;

	if (!stress_load(module_path(), &loaded, error))
		return false;
	loaded.worker->touch_thread_local();
	loaded.worker->churn(1000, 1);
	loaded.worker->leak(100, 1000);
	if (!loaded.worker->threads(3, 200))
		bail("the module got no thread");
	return stress_unload(&loaded, 100, 100 * 1000, error);
}

int main(int argc, char **argv)
{
	struct relib_error error;
	unsigned long cycles, good = 0;
	long before = 0, after;

	(void)argc;
	/* glibc gives each thread an arena when two of them meet, now or in the last cycle: chance, not growth. */
	stress_begin(argv, (char *)"MALLOC_ARENA_MAX=1");
	cycles = setting("STRESS_CYCLES", 1000);
	while (good < cycles && cycle(&error)) {
		if (++good == 100)
			before = resident_kib();
	}
	after = resident_kib();
	if (!ok(good == cycles, "%lu of %lu cycles, each with all its leaks freed and no other block", good, cycles))
		printf("#   %s\n", error.message);
	ok(after - before <= TOLERANCE_KIB,
	   "resident memory: %ld KiB after 100 cycles, %ld KiB after %lu (%d KiB more are allowed)", before, after, good,
	   TOLERANCE_KIB);
	return done();
}
