/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Named semaphores that modules opened. libc counts how often: to open one twice gives one address, to be closed twice. */
#ifndef RELIB_NAMED_SEMAPHORE_H
#define RELIB_NAMED_SEMAPHORE_H

#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

#include "thing.h"

/* One was opened by its name. errno stays. */
void relib_semaphore_enter(sem_t *semaphore, const char *name, uint32_t mark);

/*
 * It is about to be closed by a caller with this mark: what the caller opened, else what any module did. False if none did;
 * else, if that fails, *thing is to be entered again.
 */
bool relib_semaphore_leave(sem_t *semaphore, uint32_t mark, struct relib_thing *thing);

#endif
