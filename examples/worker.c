/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * A module with a thread that it doesn't stop: relib-run ./libworker.so refuses to unload it, since the thread would
 * go on in code that is gone. Built with -DSTOP_WORKER it stops the thread when it is about to be unloaded.
 */
#include <pthread.h>
#include <relib/module.h>
#include <semaphore.h>

RELIB_MODULE("worker", "1.0");

static pthread_t worker;
static sem_t stop;

static void *pool_main(void *unused)
{
	(void)unused;
	sem_wait(&stop);
	return NULL;
}

static int worker_start(void)
{
	int error;

	sem_init(&stop, 0, 0);
	error = pthread_create(&worker, NULL, pool_main, NULL);
	if (!error)
		pthread_setname_np(worker, "pool-0");
	return error;
}

RELIB_MAIN(int)
{
	return worker_start();
}

#ifdef STOP_WORKER
RELIB_BEFORE_UNLOAD()
{
	sem_post(&stop);
	pthread_join(worker, NULL);
}
#endif
