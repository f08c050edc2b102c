/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module with a thread that runs until it is told to end. */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>

#include <relib/module.h>

static pthread_t thread;
static sem_t end, started;

static void *load_worker(void *unused)
{
	pthread_setname_np(pthread_self(), "load-worker");
	sem_post(&started);
	sem_wait(&end);
	return unused;
}

RELIB_MODULE("thread", "1")

static __attribute__((noinline)) int load_start_worker(void)
{
	int result;

	sem_init(&end, 0, 0);
	sem_init(&started, 0, 0);
	result = pthread_create(&thread, NULL, load_worker, NULL);
	if (!result)
		sem_wait(&started);
	return result;
}

RELIB_MAIN(int)
{
	int result = load_start_worker();

	__asm__ volatile("" ::: "memory"); /* no tail call: its frame would be gone */
	return result;
}

/* Lets it end, without waiting for it: the tracker has to. */
int load_end_worker(void);
int load_end_worker(void)
{
	sem_post(&end);
	return pthread_detach(thread);
}
