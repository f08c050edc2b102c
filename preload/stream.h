/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Streams that modules hold: FILE and DIR, which own a descriptor and are closed as what they are. */
#ifndef RELIB_STREAM_H
#define RELIB_STREAM_H

#include <dirent.h>
#include <stdio.h>

#include "settle.h"
#include "thing.h"

/* How a stream is closed. */
enum relib_stream {
	RELIB_STREAM_FILE,
	RELIB_STREAM_CODE,   /* reads and writes by functions or memory that may be the module's */
	RELIB_STREAM_PROCESS, /* popen */
	RELIB_STREAM_FOLDER
};

/* `stream` was opened by the caller of a hook, or NULL. errno stays. */
void relib_stream_enter(void *stream, enum relib_stream how, uint32_t mark);
/* It is about to be closed. */
void relib_stream_leave(void *stream);

/* Locks it, for funlockfile(); false where another thread has it for longer than it is waited for. In stream-buffer.c. */
bool relib_stream_hold(FILE *stream);

/* The number of its descriptor, or -1. */
int relib_stream_descriptor(const struct relib_thing *thing);

/*
 * These objects are about to leave: what is buffered in their memory, or goes through their code, is written.
 */
void relib_streams_detach(const struct relib_set *set);

#endif
