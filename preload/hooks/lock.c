/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of locks of files, but for fcntl, which is with the descriptors. */
#include <sys/file.h>
#include <unistd.h>

#include "../callsite.h"
#include "../file-lock.h"
#include "../real.h"

#define MARK(name) relib_callsite_thing(RELIB_CALLER, (uintptr_t)relib_real.name)

RELIB_HOOK int flock(int number, int operation)
{
	int result;

	RELIB_NEED(flock);
	result = relib_real.flock(number, operation);
	if (!result && (operation & LOCK_UN))
		relib_file_lock_leave(number, RELIB_FILE_FLOCK);
	else if (!result)
		relib_file_lock_enter(number, RELIB_FILE_FLOCK, operation & LOCK_EX, MARK(flock));
	return result;
}

/* What is unlocked may be a part: settlement looks what is left. */
#define LOCKF(name, offset)                                                                                        \
	RELIB_HOOK int name(int number, int command, offset length)                                                \
	{                                                                                                          \
		int result;                                                                                        \
                                                                                                                   \
		RELIB_NEED(name);                                                                                  \
		result = relib_real.name(number, command, length);                                                 \
		if (!result && (command == F_LOCK || command == F_TLOCK))                                          \
			relib_file_lock_enter(number, RELIB_FILE_RECORD, true, MARK(name));                        \
		return result;                                                                                     \
	}
LOCKF(lockf, off_t)
LOCKF(lockf64, off64_t)
