/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Texts that stay. */
#include "lasting.h"

#include <string.h>

#include "arena.h"
#include "lock.h"

#define NAMES 4096

/* Written under the threads lock; a name is whole before it is counted, and stays. */
static struct relib_lasting *names;
static uint32_t name_count;
static struct relib_arena arena;

struct relib_lasting *relib_lasting_of(uint32_t number)
{
	return &names[number - 1];
}

static uint32_t find(const char *name, size_t length)
{
	uint32_t count = __atomic_load_n(&name_count, __ATOMIC_ACQUIRE);

	for (uint32_t i = 0; i < count; i++)
		if (names[i].length == length && !memcmp(names[i].name, name, length))
			return i + 1;
	return 0;
}

/* Threads lock held. */
static uint32_t make_name(const char *name, size_t length)
{
	char *copy;

	if (!names)
		names = relib_reserve(NAMES * sizeof(*names));
	if (!names || name_count == NAMES || !(copy = relib_arena_allocate(&arena, length + 1)))
		return 0;
	names[name_count].name = memcpy(copy, name, length);
	names[name_count].length = length;
	__atomic_store_n(&name_count, name_count + 1, __ATOMIC_RELEASE);
	return name_count;
}

uint32_t relib_lasting_number(const char *name, size_t length, bool make)
{
	uint32_t number = find(name, length);
	sigset_t saved;

	if (number || !make)
		return number;
	relib_lock(&relib_threads_lock, &saved);
	number = find(name, length);
	if (!number)
		number = make_name(name, length);
	relib_unlock(&relib_threads_lock, &saved);
	return number;
}

void *relib_lasting_allocate(size_t size)
{
	sigset_t saved;
	void *memory;

	relib_lock(&relib_threads_lock, &saved);
	memory = relib_arena_allocate(&arena, size);
	relib_unlock(&relib_threads_lock, &saved);
	return memory;
}

/* Threads lock held, from here on. */

static bool make_room(struct relib_lasting *lasting, unsigned at, size_t size)
{
	size_t room = lasting->copies[at].room ? lasting->copies[at].room : 32;
	char *text;

	if (size <= lasting->copies[at].room)
		return true;
	while (room < size)
		room *= 2;
	text = relib_arena_allocate(&arena, room);
	if (!text)
		return false;
	lasting->copies[at].text = text;
	lasting->copies[at].room = room;
	return true;
}

static char *copy(struct relib_lasting *lasting, const char *text, bool (*in_use)(const char *copy))
{
	size_t size = strlen(text) + 1;

	for (unsigned i = 0; i < RELIB_LASTING_COPIES; i++)
		if (lasting->copies[i].text && !strcmp(lasting->copies[i].text, text))
			return lasting->copies[i].text;
	/* The oldest, which somebody is least likely to hold from an earlier getenv(). */
	for (unsigned i = 0; i < RELIB_LASTING_COPIES; i++) {
		unsigned at = (lasting->next + i) % RELIB_LASTING_COPIES;
		const char *there = lasting->copies[at].text;

		if (there && (there == lasting->early || in_use(there)))
			continue;
		lasting->next = at + 1;
		return make_room(lasting, at, size) ? memcpy(lasting->copies[at].text, text, size) : NULL;
	}
	return NULL;
}

char *relib_lasting_copy(struct relib_lasting *lasting, const char *text, bool (*in_use)(const char *copy))
{
	sigset_t saved;
	char *made;

	relib_lock(&relib_threads_lock, &saved);
	made = copy(lasting, text, in_use);
	relib_unlock(&relib_threads_lock, &saved);
	return made;
}

void relib_lasting_copy_early(struct relib_lasting *lasting, const char *text, bool (*in_use)(const char *copy))
{
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	lasting->early = NULL;
	if (text)
		lasting->early = copy(lasting, text, in_use);
	relib_unlock(&relib_threads_lock, &saved);
}
