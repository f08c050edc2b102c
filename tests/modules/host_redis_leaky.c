/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A Redis module that leaks from two functions: LEAKY.FILL count. */
#include <stdlib.h>
#include <string.h>

#include "host_redis.h"

static void *volatile last;

static __attribute__((noinline)) void cache_fill(long long count)
{
	while (count--) {
		last = malloc(1200);
		memset(last, 1, 1200);
	}
}

static __attribute__((noinline)) void remember_name(const char *name)
{
	last = strdup(name);
	__asm__ volatile("");
}

static int fill(RedisModuleCtx *context, RedisModuleString **argv, int argc)
{
	long long count = 0;

	if (argc == 2)
		redis_string_to_number(argv[1], &count);
	cache_fill(count);
	for (int i = 0; i < 3; i++)
		remember_name("a name that nobody frees");
	return redis_reply_number(context, count);
}

int RedisModule_OnLoad(RedisModuleCtx *context, RedisModuleString **argv, int argc)
{
	(void)argv;
	(void)argc;
	if (redis_begin(context, "leaky"))
		return REDIS_ERROR;
	return redis_create_command(context, "leaky.fill", fill, "", 0, 0, 0);
}
