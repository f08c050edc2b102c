/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A Redis module whose thread still runs when it is unloaded. The thread ends when the file that the
 * module was given as its argument appears. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host_redis.h"

static char stop_file[4096];
static pthread_t worker;

static __attribute__((noinline)) void *worker_main(void *argument)
{
	while (access(stop_file, F_OK) != 0)
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	return argument;
}

static __attribute__((noinline)) int worker_start(void)
{
	if (pthread_create(&worker, NULL, worker_main, NULL))
		return REDIS_ERROR;
	pthread_setname_np(worker, "left-behind");
	pthread_detach(worker);
	return REDIS_OK;
}

int RedisModule_OnLoad(RedisModuleCtx *context, RedisModuleString **argv, int argc)
{
	size_t length;
	const char *text;

	if (redis_begin(context, "thready") || argc != 1)
		return REDIS_ERROR;
	text = redis_string_text(argv[0], &length);
	if (length >= sizeof(stop_file))
		return REDIS_ERROR;
	memcpy(stop_file, text, length);
	return worker_start();
}
