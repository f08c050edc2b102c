/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Streams that modules hold: entered, detached from the module's memory, described, closed. */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "descriptor.h"
#include "fork.h"
#include "kind.h"

/* So often it is looked whether the child of a popen has ended: a fifth of a second in all. */
#define PROCESS_LOOKS 25

/* In no header, but in every glibc. */
extern void _IO_un_link(void *stream) __attribute__((weak));

int relib_stream_descriptor(const struct relib_thing *thing)
{
	void *stream = (void *)(uintptr_t)thing->key;

	switch (thing->value[0]) {
	case RELIB_STREAM_CODE:
		return -1;
	case RELIB_STREAM_FOLDER:
		return dirfd(stream);
	default:
		return fileno(stream);
	}
}

void relib_stream_enter(void *stream, enum relib_stream how, uint32_t mark)
{
	struct relib_thing thing = { .kind = RELIB_KIND_STREAM, .key = (uint64_t)(uintptr_t)stream, .mark = mark, .value = { how } };
	int error = errno;

	/* Its descriptor is its own: what was known of the number was closed by other means. */
	if (stream && relib_things_any(RELIB_KIND_DESCRIPTOR))
		relib_descriptor_leave(relib_stream_descriptor(&thing));
	errno = error;
	if (stream)
		relib_thing_acquired(&thing);
}

void relib_stream_leave(void *stream)
{
	if (!relib_fork_is_borrowed())
		relib_thing_leave(RELIB_KIND_STREAM, (uint64_t)(uintptr_t)stream, NULL);
}

static bool is_in_set(const struct relib_set *set, uintptr_t address)
{
	for (size_t i = 0; i < set->count; i++)
		if (address >= set->objects[i]->start && address < set->objects[i]->end)
			return true;
	return false;
}

/* Not held on: a thread that flushes all streams has libc's list and waits for this one, and a close waits for the list. */
static bool is_free(FILE *stream)
{
	bool is = relib_stream_hold(stream);

	if (is)
		funlockfile(stream);
	return is;
}

/* Not closed: a destructor of the module may use it yet. */
static void detach(void *context, const struct relib_thing *seen)
{
	const struct relib_set *set = context;
	FILE *stream = (FILE *)(uintptr_t)seen->key;

	if (seen->value[0] == RELIB_STREAM_FOLDER || !relib_set_has(set, relib_thing_owner(seen)))
		return;
	if (seen->value[0] == RELIB_STREAM_CODE && is_free(stream))
		fflush(stream);
	else if (seen->value[0] != RELIB_STREAM_CODE && is_in_set(set, (uintptr_t)stream->_IO_buf_base) && is_free(stream))
		setvbuf(stream, NULL, _IONBF, 0);
}

void relib_streams_detach(const struct relib_set *set)
{
	relib_things_walk(RELIB_KIND_STREAM, detach, (void *)set);
}

/* For settlement */

/* Where glibc has the process of a stream of popen: behind FILE and its table of functions. */
static pid_t process_of(FILE *stream)
{
	pid_t process;

	memcpy(&process, (const char *)stream + sizeof(FILE) + sizeof(void *), sizeof(process));
	return process;
}

/*
 * pclose() waits for the child, for ever if need be: called only when it has ended. It is told to end by the end of its input;
 * false if it did not, and what was the stream's then leads nowhere.
 */
static bool close_process(FILE *stream)
{
	struct timespec pause = { .tv_nsec = 100000 };
	pid_t process = process_of(stream);
	siginfo_t ended;
	int nowhere;

	fflush(stream);
	nowhere = relib_real.open("/dev/null", O_RDWR | O_CLOEXEC);
	if (nowhere < 0)
		return false;
	relib_real.dup3(nowhere, fileno(stream), O_CLOEXEC);
	relib_real.close(nowhere);
	for (int i = 0; i < PROCESS_LOOKS; i++) {
		ended.si_pid = 0;
		if (process <= 0 || (waitid(P_PID, (id_t)process, &ended, WEXITED | WNOHANG | WNOWAIT) && errno != EINTR))
			return false;
		if (ended.si_pid == process)
			return relib_real.pclose(stream) != -1;
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 10000000)
			pause.tv_nsec *= 2;
	}
	return false;
}

/*
 * Its code and memory are gone, so that neither fclose() nor libc at the end of the process may touch it: it is taken out of
 * libc's list, and FILE itself, which libc allocated, stays.
 */
static bool forget_code(FILE *stream)
{
	if (!_IO_un_link)
		return false;
	_IO_un_link(stream);
	return true;
}

bool relib_stream_leads_in(const struct relib_thing *thing)
{
	return thing->value[0] == RELIB_STREAM_CODE;
}

bool relib_stream_release(const struct relib_thing *thing)
{
	void *stream = (void *)(uintptr_t)thing->key;

	/* A thread of the host's that waits for input has it, maybe for ever. */
	if (thing->value[0] != RELIB_STREAM_FOLDER && !is_free(stream))
		return false;
	switch (thing->value[0]) {
	case RELIB_STREAM_CODE:
		return forget_code(stream);
	case RELIB_STREAM_PROCESS:
		return close_process(stream);
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
	struct relib_thing descriptor = { .kind = RELIB_KIND_DESCRIPTOR };
	int number = relib_stream_descriptor(thing);

	if (number < 0) {
		snprintf(text, size, "in memory");
		return;
	}
	descriptor.key = (uint64_t)number;
	relib_descriptor_describe(&descriptor, text, size);
}
