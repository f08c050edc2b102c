/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A Redis module that leaves nothing behind: CLEAN.WORK count allocates that often, and frees all. */
#include <stdlib.h>
#include <string.h>

#include "host_redis.h"

static char *table;

static int work(RedisModuleCtx *context, RedisModuleString **argv, int argc)
{
	long long count = 0;

	if (argc == 2)
		redis_string_to_number(argv[1], &count);
	for (long long i = 0; i < count; i++) {
		char *name = strdup("a name that is freed");
		char *block = calloc(1, 100 + i % 1000);

		block = realloc(block, 3000);
		block[0] = name[0];
		free(name);
		free(block);
	}
	return redis_reply_number(context, count);
}

int RedisModule_OnLoad(RedisModuleCtx *context, RedisModuleString **argv, int argc)
{
	(void)argv;
	(void)argc;
	if (redis_begin(context, "clean"))
		return REDIS_ERROR;
	table = malloc(100000);
	memset(table, 1, 100000);
	return redis_create_command(context, "clean.work", work, "", 0, 0, 0);
}

int RedisModule_OnUnload(RedisModuleCtx *context)
{
	(void)context;
	free(table);
	return REDIS_OK;
}
