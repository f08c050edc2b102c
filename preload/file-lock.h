/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Locks of files that modules took: by flock, by fcntl for the process (also by lockf) and for an open file. */
#ifndef RELIB_FILE_LOCK_H
#define RELIB_FILE_LOCK_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>

#include "thing.h"

enum relib_file_lock { RELIB_FILE_FLOCK, RELIB_FILE_RECORD, RELIB_FILE_OPEN_FILE };

/* A lock was taken, or taken in another way, on a descriptor. errno stays. */
void relib_file_lock_enter(int number, enum relib_file_lock how, bool exclusive, uint32_t mark);
/* All locks of that way on it were given back. errno stays. */
void relib_file_lock_leave(int number, enum relib_file_lock how);

/* Whether a command of fcntl is about locks, and what is known after it went well. */
static inline bool relib_file_lock_is(int command)
{
	return command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
}
void relib_file_lock_set(int number, int command, const struct flock *lock, uint32_t mark);

/*
 * In a forked child, of locks of all sorts: it must not give back what is its parent's too, and has not the threads that hold
 * mutexes.
 */
void relib_locks_in_child(void);

/* For the table of kinds, see lock-kind.c. */
bool relib_file_lock_is_thing(const struct relib_thing *thing);
struct relib_set;
struct relib_settle_options;
void relib_file_lock_refresh(const struct relib_set *set, const struct relib_settle_options *options);
bool relib_file_lock_release(const struct relib_thing *thing);
void relib_file_lock_describe(const struct relib_thing *thing, char *text, size_t size);

#endif
