/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Buffers that a module gave to streams that stay: standard output, say. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kind.h"
#include "lent.h"
#include "real.h"
#include "stream.h"
#include "thread-state.h"

/* libc's flag: the buffer is not libc's to free. */
#define USER_BUFFER 1
/*
 * So often it is tried to get hold of a stream that another thread has: for a quarter of a second, since that thread may not run
 * just then; and in each half of a millisecond so often.
 */
#define TRIES 500
#define TRIES_AT_ONCE 200

/* What the names stand for at first; a program may set these to others. */
extern FILE _IO_2_1_stdin_, _IO_2_1_stdout_, _IO_2_1_stderr_;

static FILE *stream_of(const struct relib_thing *thing)
{
	return (FILE *)(uintptr_t)relib_lent_id(thing);
}

static uintptr_t buffer_of(const FILE *stream)
{
	return (uintptr_t)stream->_IO_buf_base;
}

/* For the hooks */

/* The module's own streams are closed as such. */
static bool is_own(const FILE *stream, uint32_t owner)
{
	struct relib_thing thing;

	return relib_thing_find(RELIB_KIND_STREAM, (uintptr_t)stream, &thing) && relib_thing_owner(&thing) == owner;
}

void relib_buffer_set(void *stream, const void *buffer, uint32_t mark)
{
	if (mark && buffer_of(stream) == (uintptr_t)buffer && !is_own(stream, relib_site_owner(mark & RELIB_SITE_MASK)))
		relib_lent_enter(RELIB_LENT_BUFFER, (uintptr_t)stream, buffer, mark);
	else
		relib_buffer_leave(stream);
}

void relib_buffer_leave(void *stream)
{
	relib_lent_leave(RELIB_LENT_BUFFER, (uintptr_t)stream);
}

/* At the end of a module */

static void look_at(FILE *stream, struct relib_object *object)
{
	if (relib_lent_is_of(object, buffer_of(stream)))
		relib_lent_found(RELIB_LENT_BUFFER, (uintptr_t)stream, buffer_of(stream), object);
}

static void look_at_own(void *object, const struct relib_thing *thing)
{
	bool is_file = thing->value[0] == RELIB_STREAM_FILE || thing->value[0] == RELIB_STREAM_PROCESS;

	if (is_file && relib_thing_owner(thing) == ((struct relib_object *)object)->index)
		look_at((FILE *)(uintptr_t)thing->key, object);
}

/* Those of its own that stay open go on using their buffers. */
static void look(struct relib_object *object)
{
	const struct relib_settle_options *options = relib_thread.closes_with;
	FILE *const streams[] = { &_IO_2_1_stdin_, &_IO_2_1_stdout_, &_IO_2_1_stderr_ };

	for (unsigned i = 0; i < 3; i++)
		look_at(streams[i], object);
	if (options && relib_settle_releases(options, RELIB_KIND_STRING) && !relib_settle_releases(options, RELIB_KIND_STREAM))
		relib_things_walk(RELIB_KIND_STREAM, look_at_own, object);
}

static bool is_lent(const struct relib_object *object, const struct relib_thing *thing)
{
	return buffer_of(stream_of(thing)) == thing->value[0] && relib_lent_is_of(object, thing->value[0]);
}

static void move(char **pointer, const char *from, size_t size, char *to)
{
	if (*pointer >= from && *pointer <= from + size)
		*pointer = to + (*pointer - from);
}

/*
 * What is in it goes along: nothing is written or read, which could block. The new one is libc's to free, with the
 * stream or when another takes its place.
 */
static bool move_buffer(FILE *stream)
{
	char *old = stream->_IO_buf_base, *made;
	size_t size = (size_t)(stream->_IO_buf_end - old);
	char **pointers[] = { &stream->_IO_read_ptr,   &stream->_IO_read_end,  &stream->_IO_read_base,   &stream->_IO_write_base,
			      &stream->_IO_write_ptr,  &stream->_IO_write_end, &stream->_IO_save_base,   &stream->_IO_backup_base,
			      &stream->_IO_save_end,   &stream->_IO_buf_end };

	made = relib_real.first_malloc(size);
	if (!made)
		return false;
	memcpy(made, old, size);
	for (unsigned i = 0; i < sizeof(pointers) / sizeof(*pointers); i++)
		move(pointers[i], old, size, made);
	stream->_IO_buf_base = made;
	stream->_flags &= ~USER_BUFFER;
	return true;
}

/* A thread that waits for input has it, maybe for ever. One that is busy with it lets go of it again and again. */
bool relib_stream_hold(FILE *stream)
{
	const struct timespec pause = { .tv_nsec = 500000 };

	for (int i = 0; i < TRIES; i++) {
		for (int j = 0; j < TRIES_AT_ONCE; j++)
			if (!ftrylockfile(stream))
				return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

static bool replace(const struct relib_thing *thing)
{
	FILE *stream = stream_of(thing);
	bool done;

	if (!relib_stream_hold(stream)) {
		/* In a heap block, it is the process's from now on. */
		relib_lent_keep_block(&relib_objects[relib_thing_owner(thing)], thing->value[0]);
		return false;
	}
	done = buffer_of(stream) != thing->value[0] || move_buffer(stream);
	funlockfile(stream);
	return done;
}

static void describe(const struct relib_thing *thing, char *text, size_t size)
{
	const FILE *stream = stream_of(thing);
	const char *name = stream == &_IO_2_1_stdin_ ? "stdin" : stream == &_IO_2_1_stdout_ ? "stdout" : "stderr";

	/* It may be closed by now. */
	if (stream != &_IO_2_1_stdin_ && stream != &_IO_2_1_stdout_ && stream != &_IO_2_1_stderr_)
		name = "a stream that stays";
	snprintf(text, size, "buffer of %s", name);
}

const struct relib_lent_row relib_buffer_row = { look, is_lent, replace, describe };
