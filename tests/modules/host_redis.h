/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The few declarations of Redis's module interface that the modules here need. */
#ifndef HOST_REDIS_H
#define HOST_REDIS_H

#include <stddef.h>

typedef struct RedisModuleCtx RedisModuleCtx;
typedef struct RedisModuleString RedisModuleString;
typedef int redis_command(RedisModuleCtx *context, RedisModuleString **argv, int argc);

#define REDIS_OK 0
#define REDIS_ERROR 1

static int (*redis_create_command)(RedisModuleCtx *context, const char *name, redis_command *function,
				   const char *flags, int first_key, int last_key, int key_step);
static int (*redis_reply_number)(RedisModuleCtx *context, long long number);
static int (*redis_string_to_number)(const RedisModuleString *string, long long *number);
static const char *(*redis_string_text)(const RedisModuleString *string, size_t *length);

/* Redis hands its functions over by name, through a function at the start of the context. */
static int redis_begin(RedisModuleCtx *context, const char *name)
{
	int (*get)(const char *name, void *function) = *(int (**)(const char *, void *))(void *)context;
	void (*set_attributes)(RedisModuleCtx *context, const char *name, int version, int api);

	if (get("RedisModule_SetModuleAttribs", &set_attributes) ||
	    get("RedisModule_CreateCommand", &redis_create_command) ||
	    get("RedisModule_ReplyWithLongLong", &redis_reply_number) ||
	    get("RedisModule_StringToLongLong", &redis_string_to_number) ||
	    get("RedisModule_StringPtrLen", &redis_string_text))
		return REDIS_ERROR;
	set_attributes(context, name, 1, 1);
	return REDIS_OK;
}

int RedisModule_OnLoad(RedisModuleCtx *context, RedisModuleString **argv, int argc);
int RedisModule_OnUnload(RedisModuleCtx *context);

#endif
