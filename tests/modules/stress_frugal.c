/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module that asks for memory in all the usual ways, says which it got, and leaks two blocks. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *leaked[2];

static void *thread_main(void *argument)
{
	free(malloc(100));
	return argument;
}

__attribute__((noinline)) static void frugal_leak(void)
{
	leaked[0] = malloc(500);
	leaked[1] = strdup("a text that is not freed");
}

/* One bit for each request that was met. */
int frugal(void);
int frugal(void)
{
	int met = 0;
	void *block[6] = { malloc(10), calloc(10, 10), realloc(NULL, 1000), strdup("text"), NULL, NULL };
	char *text = NULL;
	pthread_t thread;

	if (block[2]) {
		void *larger = realloc(block[2], 200000);

		met |= (larger != NULL) << 10;
		block[2] = larger ? larger : block[2];
	}
	if (posix_memalign(&block[4], 64, 100))
		block[4] = NULL;
	block[5] = malloc(3000000);
	for (int i = 0; i < 6; i++) {
		met |= (block[i] != NULL) << i;
		if (block[i])
			memset(block[i], 1, 10);
		free(block[i]);
	}
	if (asprintf(&text, "%d", met) > 0) {
		met |= 1 << 6;
		free(text);
	}
	if (!pthread_create(&thread, NULL, thread_main, NULL)) {
		met |= 1 << 7;
		pthread_join(thread, NULL);
	}
	frugal_leak();
	return met | (leaked[0] != NULL) << 8 | (leaked[1] != NULL) << 9;
}
