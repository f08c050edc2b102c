/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Locks of files that modules took: entered, looked for, described, given back with their descriptor.
 *
 * What was entered may be gone: a part may have been unlocked, the descriptor may be closed, and a lock of the process
 * goes when any descriptor of that file is closed. The kernel says which locks were taken through a descriptor.
 */
#include "file-lock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "fork.h"
#include "kind.h"
#include "read-file.h"
#include "real.h"
#include "settle.h"
#include "stream.h"

/* The key: above the addresses of what is held in memory, the way, and the descriptor. value[0]: exclusive. value[1]: */
#define FILE_KEY ((uint64_t)1 << 54)
#define WAY_SHIFT 32
enum { STAYS, GOES_WITH_DESCRIPTOR };

static int number_of(const struct relib_thing *thing)
{
	return (int)(thing->key & 0xffffffff);
}

static enum relib_file_lock way_of(const struct relib_thing *thing)
{
	return (enum relib_file_lock)(thing->key >> WAY_SHIFT & 3);
}

static uint64_t key_of(int number, enum relib_file_lock how)
{
	return FILE_KEY | (uint64_t)how << WAY_SHIFT | (uint32_t)number;
}

bool relib_file_lock_is_thing(const struct relib_thing *thing)
{
	return thing->key & FILE_KEY;
}

void relib_file_lock_enter(int number, enum relib_file_lock how, bool exclusive, uint32_t mark)
{
	struct relib_thing thing = { .kind = RELIB_KIND_LOCK, .key = key_of(number, how), .mark = mark, .value = { exclusive } };

	relib_thing_acquired(&thing);
}

void relib_file_lock_leave(int number, enum relib_file_lock how)
{
	if (!relib_fork_is_borrowed())
		relib_thing_leave(RELIB_KIND_LOCK, key_of(number, how), NULL);
}

void relib_file_lock_set(int number, int command, const struct flock *lock, uint32_t mark)
{
	bool of_file = command == F_OFD_SETLK || command == F_OFD_SETLKW;
	enum relib_file_lock how = of_file ? RELIB_FILE_OPEN_FILE : RELIB_FILE_RECORD;

	if (lock->l_type != F_UNLCK)
		relib_file_lock_enter(number, how, lock->l_type == F_WRLCK, mark);
	else if (lock->l_whence == SEEK_SET && !lock->l_start && !lock->l_len)
		relib_file_lock_leave(number, how);
}

void relib_locks_in_child(void)
{
	relib_things_take(RELIB_KIND_LOCK, NULL, NULL, NULL);
}

/* For settlement */

static const char *const words_of_kernel[] = { "FLOCK", "POSIX", "OFDLCK" };

/* What the kernel knows of a descriptor; false without /proc. */
static bool read_descriptor(int number, char *text, size_t size)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", number);
	return relib_read_file(path, text, size);
}

/* The next lock of that way after `at`, in a line as "lock:	1: POSIX  ADVISORY  WRITE 4711 fe:00:1234 0 EOF". */
static const char *next_lock(const char *at, enum relib_file_lock how)
{
	const char *word = words_of_kernel[how];

	while ((at = strstr(at, "lock:\t"))) {
		at += strlen("lock:\t");
		at += strcspn(at, " \n");
		at += strspn(at, " ");
		if (!strncmp(at, word, strlen(word)))
			return at;
	}
	return NULL;
}

static bool is_there(const struct relib_thing *thing)
{
	char text[4096];

	if (read_descriptor(number_of(thing), text, sizeof text))
		return next_lock(text, way_of(thing)) != NULL;
	return fcntl(number_of(thing), F_GETFD) >= 0;
}

struct holder {
	uint32_t owner;
	int number;
	bool found;
};

static void look_at_stream(void *context, const struct relib_thing *thing)
{
	struct holder *holder = context;

	if (relib_thing_owner(thing) == holder->owner && relib_stream_descriptor(thing) == holder->number)
		holder->found = true;
}

/* Of which kind a descriptor is that is the lock's module's; RELIB_KIND_LOCK if it is not. */
static enum relib_kind holder_of(const struct relib_thing *lock)
{
	struct holder holder = { .owner = relib_thing_owner(lock), .number = number_of(lock) };
	struct relib_thing thing;

	if (relib_thing_find(RELIB_KIND_DESCRIPTOR, (uint64_t)holder.number, &thing) && relib_thing_owner(&thing) == holder.owner)
		return RELIB_KIND_DESCRIPTOR;
	relib_things_walk(RELIB_KIND_STREAM, look_at_stream, &holder);
	return holder.found ? RELIB_KIND_STREAM : RELIB_KIND_LOCK;
}

struct refresh {
	const struct relib_set *set;
	const struct relib_settle_options *options;
};

static void look(void *context, const struct relib_thing *seen)
{
	const struct refresh *refresh = context;
	struct relib_thing thing = *seen;
	enum relib_kind holder;

	if (!relib_file_lock_is_thing(seen) || seen->value[1] == GOES_WITH_DESCRIPTOR || !relib_set_has(refresh->set, relib_thing_owner(seen)))
		return;
	if (!is_there(seen)) {
		relib_thing_leave(RELIB_KIND_LOCK, seen->key, NULL);
		return;
	}
	holder = refresh->options ? holder_of(seen) : RELIB_KIND_LOCK;
	if (holder == RELIB_KIND_LOCK || !relib_settle_releases(refresh->options, holder))
		return;
	thing.value[1] = GOES_WITH_DESCRIPTOR;
	relib_thing_enter(&thing);
}

void relib_file_lock_refresh(const struct relib_set *set, const struct relib_settle_options *options)
{
	struct refresh refresh = { set, options };

	relib_things_walk(RELIB_KIND_LOCK, look, &refresh);
}

/* Exactly what was taken through this descriptor: the host may have locks of its own on the same file. */
static bool unlock_parts(int number, enum relib_file_lock how)
{
	char text[4096];
	bool done = true;

	if (!read_descriptor(number, text, sizeof text))
		return false;
	for (const char *at = text; (at = next_lock(at, how));) {
		struct flock lock = { .l_type = F_UNLCK, .l_whence = SEEK_SET };
		unsigned long long first, last = 0;

		if (sscanf(at, "%*s %*s %*s %*s %*s %llu %llu", &first, &last) < 1)
			return false;
		lock.l_start = (off_t)first;
		lock.l_len = last ? (off_t)(last - first + 1) : 0;
		done &= !relib_real.fcntl(number, how == RELIB_FILE_RECORD ? F_SETLK : F_OFD_SETLK, &lock);
	}
	return done;
}

/*
 * A descriptor that is closed takes its locks along; one that a child of the module's has too keeps them there, as it does
 * without us. On the host's descriptor nobody knows who else relies on the lock.
 */
bool relib_file_lock_release(const struct relib_thing *thing)
{
	if (thing->value[1] == GOES_WITH_DESCRIPTOR)
		return true;
	if (holder_of(thing) == RELIB_KIND_LOCK)
		return false;
	if (way_of(thing) == RELIB_FILE_FLOCK)
		return !relib_real.flock(number_of(thing), LOCK_UN);
	return unlock_parts(number_of(thing), way_of(thing));
}

/* "flock exclusive on fd 5  /run/lock", "record lock shared on fd 6  /var/lib/file.db" */
void relib_file_lock_describe(const struct relib_thing *thing, char *text, size_t size)
{
	static const char *const words[] = { "flock", "record lock", "open file lock" };
	struct relib_thing descriptor = { .kind = RELIB_KIND_DESCRIPTOR, .key = (uint64_t)number_of(thing) };
	size_t length = (size_t)snprintf(text, size, "%s %s on ", words[way_of(thing)], thing->value[0] ? "exclusive" : "shared");

	if (length < size)
		relib_descriptor_describe(&descriptor, text + length, size - length);
}
