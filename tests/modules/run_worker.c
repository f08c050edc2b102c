/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Its main leaves a thread: for ever, or for as many milliseconds as its argument says. */
#include <pthread.h>
#include <relib/module.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

RELIB_MODULE("run_worker", "1.0");

static void *run_worker_main(void *milliseconds)
{
	long rest = (long)milliseconds;
	struct timespec time = { .tv_sec = rest / 1000, .tv_nsec = rest % 1000 * 1000000 };

	if (!rest)
		for (;;)
			pause();
	nanosleep(&time, NULL);
	return NULL;
}

RELIB_MAIN(int, argc, argv)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, run_worker_main, (void *)(argc > 1 ? atol(argv[1]) : 0));

	return error ? error : pthread_detach(thread);
}
