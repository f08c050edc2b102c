/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The last stacks that were written: what panics once often does so again, and reading debug information takes its time. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "stack-names.h"

#define KEPT 8
#define TEXT 6000

/* Static, so that nothing in here can fail while the lock is held. */
static struct {
	char key[RELIB_STACK_KEY];
	char text[TEXT];
	size_t size;
} known[KEPT];
static unsigned next;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The same place of the same build says the same for ever. Of a file without a build id nobody knows. */
bool relib_stack_key(const struct relib_frame *frames, unsigned count, unsigned cut, char *key, size_t size)
{
	size_t used = (size_t)snprintf(key, size, "%u", cut);

	for (unsigned i = 0; i < count; i++) {
		if (!frames[i].build_id || used >= size)
			return false;
		used += (size_t)snprintf(key + used, size - used, " %s %s+%lx", frames[i].object, frames[i].build_id,
					 (unsigned long)frames[i].offset);
	}
	return count && used < size;
}

bool relib_stack_recall(const char *key, char *text, size_t size)
{
	bool found = false;

	/* In a child it may be held for ever by a thread that isn't there. */
	if (pthread_mutex_trylock(&lock))
		return false;
	for (unsigned i = 0; i < KEPT && !found; i++) {
		found = known[i].size == size && !strcmp(known[i].key, key);
		if (found)
			memcpy(text, known[i].text, strlen(known[i].text) + 1);
	}
	pthread_mutex_unlock(&lock);
	return found;
}

void relib_stack_remember(const char *key, const char *text, size_t size)
{
	if (strlen(key) >= RELIB_STACK_KEY || strlen(text) >= TEXT || pthread_mutex_trylock(&lock))
		return;
	strcpy(known[next].key, key);
	strcpy(known[next].text, text);
	known[next].size = size;
	next = (next + 1) % KEPT;
	pthread_mutex_unlock(&lock);
}
