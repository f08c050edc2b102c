/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of mutexes and read-write locks: no more than a jump, unless it is asked for who holds them. */
#include <errno.h>
#include <pthread.h>
#include <threads.h>

#include "../held.h"
#include "../real.h"

/* One whose holder has died is locked too. */
#define LOCKS(name, how, lock, parameters, arguments)                                                              \
	RELIB_HOOK int name parameters                                                                             \
	{                                                                                                          \
		int error;                                                                                         \
                                                                                                                   \
		RELIB_NEED(name);                                                                                  \
		if (likely(!relib_held_tracked))                                                                   \
			return relib_real.name arguments;                                                          \
		error = relib_real.name arguments;                                                                 \
		if (!error || error == EOWNERDEAD)                                                                 \
			relib_held_locked(lock, how, (uintptr_t)__builtin_return_address(0), (uintptr_t)relib_real.name); \
		return error;                                                                                      \
	}

#define UNLOCKS(name, how, lock, type)                                                                             \
	RELIB_HOOK int name(type *lock)                                                                            \
	{                                                                                                          \
		struct relib_thing thing;                                                                          \
		bool held;                                                                                         \
		int error;                                                                                         \
                                                                                                                   \
		RELIB_NEED(name);                                                                                  \
		if (likely(!relib_held_tracked))                                                                   \
			return relib_real.name(lock);                                                              \
		held = relib_held_unlocks(lock, how, &thing);                                                      \
		error = relib_real.name(lock);                                                                     \
		if (error && held)                                                                                 \
			relib_thing_acquired(&thing);                                                              \
		return error;                                                                                      \
	}

#define MUTEX(name, parameters, arguments) LOCKS(name, RELIB_HELD_MUTEX, mutex, parameters, arguments)
MUTEX(pthread_mutex_lock, (pthread_mutex_t *mutex), (mutex))
MUTEX(pthread_mutex_trylock, (pthread_mutex_t *mutex), (mutex))
MUTEX(pthread_mutex_timedlock, (pthread_mutex_t *mutex, const struct timespec *until), (mutex, until))
MUTEX(pthread_mutex_clocklock, (pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until), (mutex, clock, until))
UNLOCKS(pthread_mutex_unlock, RELIB_HELD_MUTEX, mutex, pthread_mutex_t)
/* libc's are the same in another name. */
MUTEX(mtx_lock, (mtx_t *mutex), (mutex))
MUTEX(mtx_trylock, (mtx_t *mutex), (mutex))
MUTEX(mtx_timedlock, (mtx_t *restrict mutex, const struct timespec *restrict until), (mutex, until))
UNLOCKS(mtx_unlock, RELIB_HELD_MUTEX, mutex, mtx_t)

#define READ_WRITE(name, parameters, arguments) LOCKS(name, RELIB_HELD_READ_WRITE, both, parameters, arguments)
READ_WRITE(pthread_rwlock_rdlock, (pthread_rwlock_t *both), (both))
READ_WRITE(pthread_rwlock_tryrdlock, (pthread_rwlock_t *both), (both))
READ_WRITE(pthread_rwlock_timedrdlock, (pthread_rwlock_t *both, const struct timespec *until), (both, until))
READ_WRITE(pthread_rwlock_clockrdlock, (pthread_rwlock_t *both, clockid_t clock, const struct timespec *until),
	   (both, clock, until))
READ_WRITE(pthread_rwlock_wrlock, (pthread_rwlock_t *both), (both))
READ_WRITE(pthread_rwlock_trywrlock, (pthread_rwlock_t *both), (both))
READ_WRITE(pthread_rwlock_timedwrlock, (pthread_rwlock_t *both, const struct timespec *until), (both, until))
READ_WRITE(pthread_rwlock_clockwrlock, (pthread_rwlock_t *both, clockid_t clock, const struct timespec *until),
	   (both, clock, until))
UNLOCKS(pthread_rwlock_unlock, RELIB_HELD_READ_WRITE, both, pthread_rwlock_t)
