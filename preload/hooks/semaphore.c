/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of named semaphores. */
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "../callsite.h"
#include "../real.h"
#include "../named-semaphore.h"

RELIB_HOOK sem_t *sem_open(const char *name, int flags, ...)
{
	sem_t *semaphore;
	unsigned value = 0;
	mode_t mode = 0;
	va_list arguments;

	RELIB_NEED(sem_open);
	if (flags & O_CREAT) {
		va_start(arguments, flags);
		mode = va_arg(arguments, mode_t);
		value = va_arg(arguments, unsigned);
		va_end(arguments);
	}
	semaphore = relib_real.sem_open(name, flags, mode, value);
	if (semaphore != SEM_FAILED)
		relib_semaphore_enter(semaphore, name, relib_callsite_thing(RELIB_CALLER, (uintptr_t)relib_real.sem_open));
	return semaphore;
}

/* Before, for after it another thread may get one at the same address. */
RELIB_HOOK int sem_close(sem_t *semaphore)
{
	struct relib_thing thing;
	bool held;
	int result;

	RELIB_NEED(sem_close);
	held = relib_semaphore_leave(semaphore, relib_callsite_thing(RELIB_CALLER, (uintptr_t)relib_real.sem_close), &thing);
	result = relib_real.sem_close(semaphore);
	if (result && held)
		relib_thing_acquired(&thing);
	return result;
}
