/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Streams that modules hold: entered, detached from the module's memory, described, closed. */
#include "stream.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "descriptor.h"
#include "fork.h"
#include "kind.h"
#include "site.h"

void relib_stream_enter(void *stream, enum relib_stream how, uint32_t mark)
{
	struct relib_thing thing = { .kind = RELIB_KIND_STREAM, .key = (uint64_t)(uintptr_t)stream, .mark = mark, .value = { how } };
	int error = errno;

	if (stream && (mark || relib_things_any(RELIB_KIND_STREAM)) && !relib_fork_is_borrowed())
		relib_thing_enter(&thing);
	errno = error;
}

bool relib_stream_leave(void *stream)
{
	struct relib_thing thing = { .value = { RELIB_STREAM_FILE } };
	int error = errno;

	if (relib_things_any(RELIB_KIND_STREAM) && !relib_fork_is_borrowed())
		relib_thing_leave(RELIB_KIND_STREAM, (uint64_t)(uintptr_t)stream, &thing);
	errno = error;
	return thing.value[0] != RELIB_STREAM_CLOSED;
}

static bool is_in_set(const struct relib_set *set, uintptr_t address)
{
	for (size_t i = 0; i < set->count; i++)
		if (address >= set->objects[i]->start && address < set->objects[i]->end)
			return true;
	return false;
}

static bool is_owned(const struct relib_set *set, uint32_t mark)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->objects[i]->index == relib_site_owner(mark & RELIB_SITE_MASK))
			return true;
	return false;
}

/*
 * What reads and writes by code or in memory of the module is closed: not even libc could flush it when the process ends.
 * The module may still close it as it goes, and it stays in the ledger for that.
 */
static void detach(void *context, const struct relib_thing *seen)
{
	const struct relib_set *set = context;
	FILE *stream = (FILE *)(uintptr_t)seen->key;
	struct relib_thing thing;

	if (seen->value[0] == RELIB_STREAM_FOLDER || seen->value[0] == RELIB_STREAM_CLOSED || !is_owned(set, seen->mark))
		return;
	if (seen->value[0] != RELIB_STREAM_CODE) {
		if (is_in_set(set, (uintptr_t)stream->_IO_buf_base))
			setvbuf(stream, NULL, _IONBF, 0);
		return;
	}
	if (!relib_thing_leave(RELIB_KIND_STREAM, seen->key, &thing))
		return;
	relib_real.fclose(stream);
	thing.value[0] = RELIB_STREAM_CLOSED;
	relib_thing_enter(&thing);
}

void relib_streams_detach(const struct relib_set *set)
{
	relib_things_walk(RELIB_KIND_STREAM, detach, (void *)set);
}

/* For settlement */

bool relib_stream_release(const struct relib_thing *thing)
{
	void *stream = (void *)(uintptr_t)thing->key;

	switch (thing->value[0]) {
	case RELIB_STREAM_CLOSED:
		return true;
	case RELIB_STREAM_PROCESS:
		return relib_real.pclose(stream) != -1;
	case RELIB_STREAM_FOLDER:
		return !relib_real.closedir(stream);
	default:
		/* An error is one of what was written last: closed it is all the same. */
		relib_real.fclose(stream);
		return true;
	}
}

void relib_stream_describe(const struct relib_thing *thing, char *text, size_t size)
{
	void *stream = (void *)(uintptr_t)thing->key;
	struct relib_thing descriptor = { .kind = RELIB_KIND_DESCRIPTOR };
	bool is_folder = thing->value[0] == RELIB_STREAM_FOLDER;
	int number = thing->value[0] == RELIB_STREAM_CLOSED ? -1 : is_folder ? dirfd(stream) : fileno(stream);

	if (number < 0) {
		snprintf(text, size, "in memory");
		return;
	}
	descriptor.key = (uint64_t)number;
	relib_descriptor_describe(&descriptor, text, size);
}
