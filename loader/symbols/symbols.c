/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Names, files and lines for the loader, in a library of its own: most hosts never need it. */
#include "symbols.h"
#include "object-file.h"

#include <stdlib.h>
#include <string.h>

#define FILES_AT_ONCE 16
#define MEMORY_WANTED ((size_t)64 << 20)

/* Nothing is kept from one stack to the next: panics are rare, and modules get built anew. */
struct session {
	struct relib_arena arena;
	jmp_buf exhausted;
	size_t next; /* the place that is looked at */
	unsigned count;
	struct {
		const struct relib_frame *of;
		struct relib_object_file file;
	} files[FILES_AT_ONCE];
};

static bool same_text(const char *one, const char *other)
{
	return one == other || (one && other && strcmp(one, other) == 0);
}

static const struct relib_object_file *find_file(struct session *session, const struct relib_frame *place)
{
	static const struct relib_object_file none;
	struct relib_object_file *file;

	for (unsigned i = 0; i < session->count; i++)
		if (same_text(session->files[i].of->object, place->object) &&
		    same_text(session->files[i].of->build_id, place->build_id))
			return &session->files[i].file;
	if (session->count == FILES_AT_ONCE)
		return &none;
	session->files[session->count].of = place;
	file = &session->files[session->count++].file;
	if (relib_object_file_open(file, place->object) && !relib_object_file_is_build(file, place->build_id))
		relib_object_file_close(file);
	return file;
}

static void look_up(struct session *session, const struct relib_frame *place, relib_symbols_found *found, void *context)
{
	struct relib_frame frames[RELIB_INLINE_MOST];
	size_t index = session->next, count = 1;

	frames[0] = *place;
	if (place->object)
		count = relib_object_file_frames(find_file(session, place), place, &session->arena, frames);
	session->next++;
	for (size_t i = 0; i < count; i++)
		found(context, index, &frames[i]);
}

__attribute__((visibility("default"))) relib_symbols_function relib_symbols_of_frames;

/* libdw ends the process when it finds no memory. */
static __attribute__((noinline)) struct session *begin(void)
{
	void *probe = malloc(MEMORY_WANTED);

	free(probe);
	return probe ? calloc(1, sizeof(struct session)) : NULL;
}

void relib_symbols_of_frames(const struct relib_frame *places, size_t count, relib_symbols_found *found, void *context)
{
	struct session *session = begin();

	if (session && !setjmp(session->exhausted)) {
		session->arena.exhausted = &session->exhausted;
		while (session->next < count)
			look_up(session, &places[session->next], found, context);
	}
	for (size_t i = session ? session->next : 0; i < count; i++)
		found(context, i, &places[i]);
	for (unsigned i = 0; session && i < session->count; i++)
		relib_object_file_close(&session->files[i].file);
	if (session)
		relib_arena_free(&session->arena);
	free(session);
}
