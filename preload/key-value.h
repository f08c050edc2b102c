/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Which threads have values of the keys that modules made: only a thread itself can look at its own. */
#ifndef RELIB_KEY_VALUE_H
#define RELIB_KEY_VALUE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* A bit for each key of a module's. */
RELIB_INTERNAL extern uint64_t relib_key_is_owned[PTHREAD_KEYS_MAX / 64];

static inline bool relib_key_has_owner(unsigned key)
{
	return key < PTHREAD_KEYS_MAX && __atomic_load_n(&relib_key_is_owned[key / 64], __ATOMIC_RELAXED) >> key % 64 & 1;
}

/* A module made it; or it is gone. */
void relib_key_own(unsigned key);
void relib_key_disown(unsigned key);

/* The calling thread has set a value of an owned key, or taken it away. errno stays. */
void relib_key_note(unsigned key, bool has_value);

/* "2 other threads have values of it: 5012 "pool-0", ..."; nothing where none has. */
void relib_key_say_values(unsigned key, char *text, size_t size);

void relib_key_values_in_child(void);

#endif
