/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Which threads have values of the keys that modules made. */
#include "key-value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lock.h"
#include "real.h"
#include "thread-ledger.h"
#include "thread-state.h"

#define MOST_NAMED 3

extern void *__dso_handle;

struct relib_key_values {
	struct relib_key_values *next;
	int32_t thread;
	uint64_t keys[PTHREAD_KEYS_MAX / 64];
};

uint64_t relib_key_is_owned[PTHREAD_KEYS_MAX / 64];

/* With the threads lock held. */
static struct relib_pool pool = { .size = sizeof(struct relib_key_values) };
static struct relib_key_values *first;

static __thread struct relib_key_values *own;

static void take_out(struct relib_key_values *values)
{
	struct relib_key_values **link = &first;

	while (*link && *link != values)
		link = &(*link)->next;
	if (*link)
		*link = values->next;
	relib_pool_give(&pool, values);
}

/* Before libc destroys the thread's values: from here on it has none that stay. */
static void end_thread(void *values)
{
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	own = NULL;
	take_out(values);
	relib_unlock(&relib_threads_lock, &saved);
}

static struct relib_key_values *begin_thread(void)
{
	struct relib_key_values *values;
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	values = relib_pool_take(&pool);
	if (values) {
		*values = (struct relib_key_values){ .next = first, .thread = (int32_t)syscall(SYS_gettid) };
		first = own = values;
	}
	relib_unlock(&relib_threads_lock, &saved);
	/* It allocates: without memory the thread is named for as long as the process lives. */
	relib_enter();
	if (values)
		relib_real.__cxa_thread_atexit_impl(end_thread, values, &__dso_handle);
	relib_leave();
	return values;
}

void relib_key_note(unsigned key, bool has_value)
{
	uint64_t bit = (uint64_t)1 << key % 64;
	struct relib_key_values *values = own;
	int error = errno;

	if (!values && has_value && relib_real.__cxa_thread_atexit_impl)
		values = begin_thread();
	if (values && has_value)
		__atomic_fetch_or(&values->keys[key / 64], bit, __ATOMIC_RELAXED);
	else if (values)
		__atomic_fetch_and(&values->keys[key / 64], ~bit, __ATOMIC_RELAXED);
	errno = error;
}

void relib_key_own(unsigned key)
{
	uint64_t bit = (uint64_t)1 << key % 64;
	sigset_t saved;

	if (key >= PTHREAD_KEYS_MAX)
		return;
	/* Of a key of that number that is gone. */
	relib_lock(&relib_threads_lock, &saved);
	for (struct relib_key_values *values = first; values; values = values->next)
		__atomic_fetch_and(&values->keys[key / 64], ~bit, __ATOMIC_RELAXED);
	relib_unlock(&relib_threads_lock, &saved);
	__atomic_fetch_or(&relib_key_is_owned[key / 64], bit, __ATOMIC_RELAXED);
}

void relib_key_disown(unsigned key)
{
	if (key < PTHREAD_KEYS_MAX)
		__atomic_fetch_and(&relib_key_is_owned[key / 64], ~((uint64_t)1 << key % 64), __ATOMIC_RELAXED);
}

/* How many other threads have a value, and the first of them. */
static unsigned others_with(unsigned key, int32_t threads[MOST_NAMED])
{
	struct relib_key_values *self = own;
	unsigned count = 0;
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	for (struct relib_key_values *values = first; values; values = values->next) {
		if (values == self || !(__atomic_load_n(&values->keys[key / 64], __ATOMIC_RELAXED) >> key % 64 & 1))
			continue;
		if (count < MOST_NAMED)
			threads[count] = values->thread;
		count++;
	}
	relib_unlock(&relib_threads_lock, &saved);
	return count;
}

void relib_key_say_values(unsigned key, char *text, size_t size)
{
	int32_t threads[MOST_NAMED];
	unsigned count = key < PTHREAD_KEYS_MAX ? others_with(key, threads) : 0;
	size_t used;

	*text = '\0';
	if (!count)
		return;
	used = (size_t)snprintf(text, size, "%u other thread%s a value: ", count, count == 1 ? " has" : "s have");
	for (unsigned i = 0; i < count && i < MOST_NAMED && used < size; i++) {
		char name[16];

		relib_thread_name(threads[i], name);
		used += (size_t)snprintf(text + used, size - used, "%s%d \"%s\"", i ? ", " : "", threads[i], name);
	}
	if (count > MOST_NAMED && used < size)
		snprintf(text + used, size - used, ", ...");
}

void relib_key_values_in_child(void)
{
	struct relib_key_values *next;

	for (struct relib_key_values *values = first; values; values = next) {
		next = values->next;
		if (values != own)
			take_out(values);
	}
	if (own)
		own->thread = (int32_t)syscall(SYS_gettid);
}
