/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of mutexes and read-write locks: no more than a jump, unless it is asked for who holds them. */
#include <errno.h>
#include <pthread.h>
#include <threads.h>

#include "../held.h"
#include "../real.h"

#define LIST(...) __VA_ARGS__

/* Apart, so that nothing of it is in the way of the jump. One whose holder has died is locked too. */
#define LOCKS(name, how, lock, parameters, arguments)                                                              \
	static __attribute__((noinline)) int follow_##name(uintptr_t caller, LIST parameters)                      \
	{                                                                                                          \
		int error;                                                                                         \
                                                                                                                   \
		RELIB_NEED(name);                                                                                  \
		error = relib_real.name arguments;                                                           \
		if (relib_held_tracked && (!error || error == EOWNERDEAD))                                         \
			relib_held_locked(lock, how, caller, (uintptr_t)relib_real.name);                          \
		return error;                                                                                      \
	}                                                                                                          \
                                                                                                                   \
	RELIB_HOOK int name parameters                                                                             \
	{                                                                                                          \
		if (likely(relib_real.name && !relib_held_tracked))                                                \
			return relib_real.name arguments;                                                          \
		return follow_##name((uintptr_t)__builtin_return_address(0), LIST arguments);                      \
	}

#define UNLOCKS(name, how, lock, type)                                                                             \
	static __attribute__((noinline)) int follow_##name(type *lock)                                             \
	{                                                                                                          \
		struct relib_thing thing;                                                                          \
		bool held;                                                                                         \
		int error;                                                                                         \
                                                                                                                   \
		RELIB_NEED(name);                                                                                  \
		held = relib_held_tracked && relib_held_unlocks(lock, how, &thing);                                \
		error = relib_real.name(lock);                                                                     \
		if (error && held)                                                                                 \
			relib_thing_acquired(&thing);                                                              \
		return error;                                                                                      \
	}                                                                                                          \
                                                                                                                   \
	RELIB_HOOK int name(type *lock)                                                                            \
	{                                                                                                          \
		if (likely(relib_real.name && !relib_held_tracked))                                                \
			return relib_real.name(lock);                                                              \
		return follow_##name(lock);                                                                        \
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
