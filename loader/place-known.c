/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The last places that were looked up, and what was found. */
#include "place-known.h"

#include <pthread.h>
#include <string.h>

#define KEPT 64

/* Static, so that nothing in here can fail while the lock is held. */
static struct entry {
	char object[512], build_id[132];
	uint64_t offset;
	struct relib_known_place place;
} entries[KEPT];
static unsigned next;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool is_of(const struct entry *entry, const struct relib_frame *place)
{
	return entry->place.count && entry->offset == place->offset && !strcmp(entry->build_id, place->build_id) &&
	       !strcmp(entry->object, place->object);
}

/* Into its text; false when there is no room. */
static bool keep(struct relib_known_place *known, size_t *used, const char **string)
{
	size_t length = *string ? strlen(*string) + 1 : 0;

	if (length > sizeof(known->text) - *used)
		return false;
	if (length)
		*string = memcpy(known->text + *used, *string, length);
	*used += length;
	return true;
}

static bool copy(struct relib_known_place *to, const struct relib_frame *frames, size_t count)
{
	size_t used = 0;

	to->count = 0;
	for (size_t i = 0; i < count; i++) {
		to->frames[i] = frames[i];
		to->frames[i].object = to->frames[i].build_id = NULL; /* the place's */
		if (!keep(to, &used, &to->frames[i].function) || !keep(to, &used, &to->frames[i].file))
			return false;
	}
	to->count = count;
	return true;
}

bool relib_place_recall(const struct relib_frame *place, struct relib_known_place *known)
{
	bool found = false;

	/* In a child it may be held for ever by a thread that isn't there. */
	if (pthread_mutex_trylock(&lock))
		return false;
	for (unsigned i = 0; i < KEPT && !found; i++)
		if (is_of(&entries[i], place))
			found = copy(known, entries[i].place.frames, entries[i].place.count);
	pthread_mutex_unlock(&lock);
	return found;
}

void relib_place_remember(const struct relib_frame *place, const struct relib_frame *frames, size_t count)
{
	struct entry *entry;

	if (!count || count > RELIB_PLACE_FRAMES || strlen(place->object) >= sizeof(entry->object) ||
	    strlen(place->build_id) >= sizeof(entry->build_id) || pthread_mutex_trylock(&lock))
		return;
	entry = &entries[next];
	next = (next + 1) % KEPT;
	strcpy(entry->object, place->object);
	strcpy(entry->build_id, place->build_id);
	entry->offset = place->offset;
	copy(&entry->place, frames, count);
	pthread_mutex_unlock(&lock);
}
