/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module for stress/hazard.c. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

static char *volatile left;

void leak(int count);
void leak(int count)
{
	for (int i = 0; i < count; i++)
		left = malloc(10 + (size_t)i);
}

/* Allocates through libc, in a function that the tracker does not hook. */
void use(void);
void use(void)
{
	free(realpath("/", NULL));
}

/* A thread that frees what its pthread_t was written to, as soon as it runs. */
struct job {
	pthread_t thread;
};

static void *end_job(void *job)
{
	munmap(job, 4096);
	return NULL;
}

void start_jobs(void);
void start_jobs(void)
{
	for (int i = 0; i < 2000; i++) {
		struct job *job = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		pthread_attr_t detached;

		pthread_attr_init(&detached);
		pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
		while (pthread_create(&job->thread, &detached, end_job, job))
			;
	}
}
