/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Named semaphores that modules opened: entered, described, closed. */
#include "named-semaphore.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "detach.h"
#include "fork.h"
#include "kind.h"
#include "real.h"

/*
 * What the last of them are called: libc makes the file under another name first, by which the kernel knows it. Of each turn, the
 * key of what it is the name of; 0 while it is written.
 */
#define NAMES 256
static struct {
	uint64_t key;
	char name[56];
} names[NAMES];

static void keep_name(uint64_t key, const char *name)
{
	size_t length = strnlen(name, sizeof names->name - 1);
	unsigned at = key % NAMES;

	__atomic_store_n(&names[at].key, 0, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	memcpy(names[at].name, name, length);
	names[at].name[length] = '\0';
	__atomic_store_n(&names[at].key, key, __ATOMIC_RELEASE);
}

/* False when it was too long ago. */
static bool find_name(uint64_t key, char name[sizeof names->name])
{
	unsigned at = key % NAMES;

	if (__atomic_load_n(&names[at].key, __ATOMIC_ACQUIRE) != key)
		return false;
	memcpy(name, names[at].name, sizeof names->name);
	name[sizeof names->name - 1] = '\0';
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&names[at].key, __ATOMIC_RELAXED) == key;
}

/* A key for each time that one is opened; value[0] is its address. */
void relib_semaphore_enter(sem_t *semaphore, const char *name, uint32_t mark)
{
	static uint64_t sequence;
	struct relib_thing thing = { .kind = RELIB_KIND_SEMAPHORE, .mark = mark, .value = { (uint64_t)(uintptr_t)semaphore } };

	if (!mark || relib_fork_is_borrowed())
		return;
	thing.key = __atomic_add_fetch(&sequence, 1, __ATOMIC_RELAXED) & (RELIB_DETACHED - 1);
	keep_name(thing.key, name);
	relib_thing_acquired(&thing);
}

struct search {
	uint64_t address;
	uint32_t owner;
	uint64_t key;
	enum { NONE, ANOTHERS, OWN } found;
};

static void compare(void *context, const struct relib_thing *thing)
{
	struct search *search = context;
	bool own = relib_thing_owner(thing) == search->owner;

	if (thing->value[0] != search->address || search->found == OWN || (search->found && !own))
		return;
	search->key = thing->key;
	search->found = own ? OWN : ANOTHERS;
}

bool relib_semaphore_leave(sem_t *semaphore, uint32_t mark, struct relib_thing *thing)
{
	struct search search = { .address = (uint64_t)(uintptr_t)semaphore };

	if (!relib_things_any(RELIB_KIND_SEMAPHORE) || relib_fork_is_borrowed())
		return false;
	search.owner = mark ? relib_site_owner(mark & RELIB_SITE_MASK) : 0;
	/* Again if another thread was faster. */
	do {
		search.found = NONE;
		relib_things_walk(RELIB_KIND_SEMAPHORE, compare, &search);
	} while (search.found && !relib_thing_leave(RELIB_KIND_SEMAPHORE, search.key, thing));
	return search.found;
}

/* For settlement */

bool relib_semaphore_release(const struct relib_thing *thing)
{
	/* libc knows which addresses are semaphores, and fails for all others. */
	return !relib_real.sem_close((sem_t *)(uintptr_t)thing->value[0]);
}

void relib_semaphore_describe(const struct relib_thing *thing, char *text, size_t size)
{
	char name[sizeof names->name];

	if (find_name(thing->key, name))
		snprintf(text, size, "semaphore %s", name);
	else
		snprintf(text, size, "semaphore at 0x%" PRIx64, thing->value[0]);
}
