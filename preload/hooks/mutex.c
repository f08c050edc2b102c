/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of mutexes and read-write locks: no more than a jump, unless it is asked for who holds them. */
#include <errno.h>
#include <pthread.h>
#include <threads.h>

#include "../held.h"
#include "../real.h"
#include "jump.h"

#define LIST(...) __VA_ARGS__

/*
 * A hook jumps to where its slot says: to the function here, which looks at the lock, until the options say that nobody asks for
 * locks, then to libc's. One whose holder has died is locked too.
 */
#define LOCKS(name, how, lock, parameters, arguments)                                                              \
	static int follow_##name parameters;                                                                       \
	static __typeof__(&follow_##name) slot_##name = follow_##name;                                             \
                                                                                                                   \
	static int follow_##name parameters                                                                        \
	{                                                                                                          \
		uintptr_t caller = (uintptr_t)__builtin_return_address(0);                                         \
		int error;                                                                                         \
                                                                                                                   \
		RELIB_NEED(name);                                                                                  \
		if (relib_held_never)                                                                              \
			__atomic_store_n(&slot_##name, relib_real.name, __ATOMIC_RELAXED);                         \
		error = relib_real.name arguments;                                                                 \
		if (relib_held_tracked && (!error || error == EOWNERDEAD))                                         \
			relib_held_locked(lock, how, caller, (uintptr_t)relib_real.name);                          \
		return error;                                                                                      \
	}                                                                                                          \
                                                                                                                   \
	TAIL_CALL RELIB_HOOK int name parameters                                                                   \
	{                                                                                                          \
		JUMP(__atomic_load_n(&slot_##name, __ATOMIC_RELAXED) arguments);                                   \
	}

#define UNLOCKS(name, how, lock, type)                                                                             \
	static int follow_##name(type *lock);                                                                      \
	static __typeof__(&follow_##name) slot_##name = follow_##name;                                             \
                                                                                                                   \
	static int follow_##name(type *lock)                                                                       \
	{                                                                                                          \
		struct relib_thing thing;                                                                          \
		bool held;                                                                                         \
		int error;                                                                                         \
                                                                                                                   \
		RELIB_NEED(name);                                                                                  \
		if (relib_held_never)                                                                              \
			__atomic_store_n(&slot_##name, relib_real.name, __ATOMIC_RELAXED);                         \
		held = relib_held_tracked && relib_held_unlocks(lock, how, &thing);                                \
		error = relib_real.name(lock);                                                                     \
		if (error && held)                                                                                 \
			relib_thing_acquired(&thing);                                                              \
		return error;                                                                                      \
	}                                                                                                          \
                                                                                                                   \
	TAIL_CALL RELIB_HOOK int name(type *lock)                                                                  \
	{                                                                                                          \
		JUMP(__atomic_load_n(&slot_##name, __ATOMIC_RELAXED)(lock));                                       \
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
