/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The threads that modules started, until the kernel has let them go. */
#include "thread-ledger.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arena.h"
#include "callsite.h"
#include "lock.h"
#include "read-file.h"
#include "real.h"

/* Detached threads leave no trace when they end: their records are looked through after so many. */
#define SWEEP_AFTER 64

pthread_mutex_t relib_threads_lock = PTHREAD_MUTEX_INITIALIZER;
static struct relib_pool pool = { .size = sizeof(struct relib_thread_record) };
static struct relib_thread_record *first;
static unsigned ended_detached;
static __thread struct relib_thread_record *current;

/* A thread that the kernel has let go runs no code any more. Its number may be another's by then. */
static bool is_alive(const struct relib_thread_record *record)
{
	int saved = errno;
	bool alive;

	if (!record->id)
		return true;
	for (const struct relib_thread_record *other = first; record->ended && other; other = other->next)
		if (other != record && other->id == record->id && !other->ended)
			return false;
	alive = !syscall(SYS_tgkill, getpid(), record->id, 0) || errno != ESRCH;
	errno = saved;
	return alive;
}

static enum relib_thread_fate state_of(const struct relib_thread_record *record)
{
	if (is_alive(record))
		return RELIB_THREAD_RUNS;
	/* Being joined: the joiner will forget it. */
	return record->detached || record->joining ? RELIB_THREAD_GONE : RELIB_THREAD_UNJOINED;
}

/* Threads lock held; the stack is given back by the caller, whose lock comes before. */
static uint32_t unlink_record(struct relib_thread_record *record)
{
	struct relib_thread_record **link = &first;
	uint32_t stack = record->stack;

	while (*link && *link != record)
		link = &(*link)->next;
	if (*link)
		*link = record->next;
	record->owner = 0;
	record->over = true;
	if (!record->starting)
		relib_pool_give(&pool, record);
	return stack;
}

static void sweep_detached(void)
{
	uint32_t stacks[SWEEP_AFTER];
	struct relib_thread_record *record, *next;
	unsigned count = 0;
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	for (record = first; record && count < SWEEP_AFTER; record = next) {
		next = record->next;
		if (record->ended && record->detached && !is_alive(record)) {
			stacks[count++] = unlink_record(record);
			ended_detached--;
		}
	}
	relib_unlock(&relib_threads_lock, &saved);
	while (count)
		relib_addresses_free(stacks[--count]);
}

struct relib_thread_record *relib_thread_enter(struct relib_object *owner, uint32_t stack, bool detached)
{
	struct relib_thread_record *record;
	sigset_t saved;

	if (__atomic_load_n(&ended_detached, __ATOMIC_RELAXED) >= SWEEP_AFTER)
		sweep_detached();
	relib_lock(&relib_threads_lock, &saved);
	record = relib_pool_take(&pool);
	if (record) {
		record->owner = owner->index;
		record->stack = stack;
		record->detached = detached;
		record->starting = true;
		record->next = first;
		first = record;
	}
	relib_unlock(&relib_threads_lock, &saved);
	return record;
}

void relib_thread_started(struct relib_thread_record *record, const pthread_t *thread)
{
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	record->starting = false;
	if (record->over)
		relib_pool_give(&pool, record);
	else if (thread && !record->id) /* else it runs already, and may have freed where its creator's pthread_t was */
		record->thread = *thread;
	relib_unlock(&relib_threads_lock, &saved);
}

void relib_thread_forget(struct relib_thread_record *record)
{
	uint32_t stack;
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	if (record->ended && record->detached)
		ended_detached--;
	stack = unlink_record(record);
	relib_unlock(&relib_threads_lock, &saved);
	relib_addresses_free(stack);
}

void relib_thread_begins(struct relib_thread_record *record)
{
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	record->thread = pthread_self();
	record->id = (int32_t)syscall(SYS_gettid);
	relib_unlock(&relib_threads_lock, &saved);
	current = record;
}

void relib_thread_ends(struct relib_thread_record *record)
{
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	record->ended = true;
	ended_detached += record->detached;
	relib_unlock(&relib_threads_lock, &saved);
	current = NULL;
}

struct relib_thread_record *relib_thread_join_begins(pthread_t thread)
{
	struct relib_thread_record *record;
	sigset_t saved;

	if (!first)
		return NULL;
	relib_lock(&relib_threads_lock, &saved);
	for (record = first; record; record = record->next)
		if (!record->joining && !record->detached && pthread_equal(record->thread, thread))
			break;
	if (record)
		record->joining = true;
	relib_unlock(&relib_threads_lock, &saved);
	return record;
}

void relib_thread_join_ends(struct relib_thread_record *record, bool joined)
{
	sigset_t saved;

	if (joined) {
		relib_thread_forget(record);
		return;
	}
	relib_lock(&relib_threads_lock, &saved);
	record->joining = false;
	relib_unlock(&relib_threads_lock, &saved);
}

void relib_thread_detached(pthread_t thread)
{
	sigset_t saved;

	if (!first)
		return;
	relib_lock(&relib_threads_lock, &saved);
	for (struct relib_thread_record *record = first; record; record = record->next)
		if (!record->joining && !record->detached && pthread_equal(record->thread, thread)) {
			record->detached = true;
			ended_detached += record->ended;
			break;
		}
	relib_unlock(&relib_threads_lock, &saved);
}

bool relib_threads_any(void)
{
	return __atomic_load_n(&first, __ATOMIC_ACQUIRE) != NULL;
}

static bool is_of(const struct relib_thread_record *record, struct relib_object *const *owners, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (record->owner == owners[i]->index)
			return true;
	return false;
}

void relib_threads_visit(struct relib_object *const *owners, size_t count, relib_thread_visit *visit, void *context)
{
	struct relib_thread_record *record, *next;
	uint32_t stacks[64];
	unsigned gone = 0;
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	for (record = first; record; record = next) {
		enum relib_thread_fate state;

		next = record->next;
		if (!is_of(record, owners, count))
			continue;
		state = state_of(record);
		if (state != RELIB_THREAD_GONE) {
			visit(context, record, state);
		} else if (!record->joining && gone < 64) {
			ended_detached -= record->ended;
			stacks[gone++] = unlink_record(record);
		}
	}
	relib_unlock(&relib_threads_lock, &saved);
	while (gone)
		relib_addresses_free(stacks[--gone]);
}

static void visit_unbegun(void *context, const struct relib_thread_record *record, enum relib_thread_fate fate)
{
	(void)fate;
	*(bool *)context |= !record->id;
}

void relib_threads_wait_begun(struct relib_object *const *owners, size_t count)
{
	struct timespec pause = { .tv_nsec = 100000 };

	for (unsigned round = 0; round < 500; round++) {
		bool unbegun = false;

		relib_threads_visit(owners, count, visit_unbegun, &unbegun);
		if (!unbegun)
			return;
		nanosleep(&pause, NULL);
	}
}

unsigned relib_threads_release(struct relib_object *const *owners, size_t count)
{
	unsigned released = 0;

	for (;;) {
		struct relib_thread_record *record;
		sigset_t saved;

		relib_lock(&relib_threads_lock, &saved);
		for (record = first; record; record = record->next)
			if (is_of(record, owners, count) && state_of(record) == RELIB_THREAD_UNJOINED)
				break;
		if (record)
			record->joining = true;
		relib_unlock(&relib_threads_lock, &saved);
		if (!record)
			return released;
		/* The kernel has let it go, so this does not wait. */
		relib_real.pthread_join(record->thread, NULL);
		relib_thread_forget(record);
		released++;
	}
}

void relib_threads_disown(struct relib_object *const *owners, size_t count)
{
	struct relib_thread_record *record, *next;
	uint32_t stacks[64];
	unsigned gone;
	sigset_t saved;

	do {
		gone = 0;
		relib_lock(&relib_threads_lock, &saved);
		for (record = first; record && gone < 64; record = next) {
			next = record->next;
			if (!is_of(record, owners, count))
				continue;
			if (state_of(record) == RELIB_THREAD_UNJOINED)
				stacks[gone++] = unlink_record(record);
			else
				record->owner = 0;
		}
		relib_unlock(&relib_threads_lock, &saved);
		for (unsigned i = 0; i < gone; i++)
			relib_addresses_free(stacks[i]);
	} while (gone == 64);
}

void relib_thread_name(int32_t id, char name[16])
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/task/%d/comm", (int)id);
	relib_read_file(path, name, 16);
	name[strcspn(name, "\n")] = 0;
}

void relib_threads_in_child(void)
{
	struct relib_thread_record *record, *next;

	for (record = first; record; record = next) {
		next = record->next;
		if (record == current)
			record->id = (int32_t)syscall(SYS_gettid);
		else
			unlink_record(record);
	}
	ended_detached = 0;
}
