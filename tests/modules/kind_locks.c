/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Leaves a lock of a file in every way that there is, and named semaphores, each from a function and a line of its own. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <relib/module.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include "kind.h"

RELIB_MODULE("kind_locks", "1.0");

/* 0, or -1: on a file of the module's, which is named as the function. */
#define LEAK(name, call) EXPORT int leak_##name(void) { int file = open(#name, O_RDWR | O_CREAT, 0600); int result = (call); KEEP_FRAME; return result; }
#define RANGE(type) &(struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = 10, .l_len = 20 }

LEAK(flock, flock(file, LOCK_EX))
LEAK(flock_shared, flock(file, LOCK_SH | LOCK_NB))
LEAK(lockf, lockf(file, F_LOCK, 0))
LEAK(lockf64, lockf64(file, F_TLOCK, 100))
LEAK(fcntl, fcntl(file, F_SETLK, RANGE(F_WRLCK)))
LEAK(fcntl64, fcntl64(file, F_SETLKW, RANGE(F_RDLCK)))
LEAK(open_file, fcntl(file, F_OFD_SETLK, RANGE(F_WRLCK)))
LEAK(open_file_wait, fcntl64(file, F_OFD_SETLKW, RANGE(F_WRLCK)))

/* On the descriptor of a stream. */
EXPORT int leak_stream(void)
{
	FILE *stream = fopen("stream", "w");
	int result = flock(fileno(stream), LOCK_EX); /* LEAK(stream, */

	KEEP_FRAME;
	return result;
}

static char name[64];

/* Twice from one place: libc gives one address. */
EXPORT int leak_sem_open(void)
{
	int opened = 0;

	snprintf(name, sizeof(name), "/relib-kind-%d", (int)getpid());
	for (volatile int i = 0; i < 2; i++) /* unrolled it would be two places */
		opened += sem_open(name, O_CREAT, 0600, 3) != SEM_FAILED; /* LEAK(sem_open, */
	sem_unlink(name);
	return opened == 2 ? 0 : -1;
}

EXPORT int leak_all(void)
{
	int (*const all[])(void) = { leak_flock, leak_flock_shared, leak_lockf, leak_lockf64, leak_fcntl, leak_fcntl64,
				     leak_open_file, leak_open_file_wait, leak_stream, leak_sem_open };
	int failed = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (all[i]()) {
			printf("refused %zu\n", i);
			failed = 1;
		}
	return failed;
}

/* What the host asks for */

EXPORT int module_open(const char *path)
{
	int number = open(path, O_RDWR | O_CREAT, 0600);

	KEEP_FRAME;
	return number;
}

EXPORT int module_flock(int number, int operation)
{
	int result = flock(number, operation);

	KEEP_FRAME;
	return result;
}

EXPORT int module_fcntl(int number, int command, int type, long start, long length)
{
	struct flock lock = { .l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = length };
	int result = fcntl(number, command, &lock);

	KEEP_FRAME;
	return result;
}

EXPORT int module_lockf(int number, int command, long length)
{
	int result = lockf(number, command, length);

	KEEP_FRAME;
	return result;
}

EXPORT int module_close(int number)
{
	int result = close(number);

	KEEP_FRAME;
	return result;
}

EXPORT sem_t *module_sem_open(const char *path)
{
	sem_t *semaphore = sem_open(path, O_CREAT, 0600, 3);

	KEEP_FRAME;
	return semaphore;
}

EXPORT int module_sem_close(sem_t *semaphore)
{
	int result = sem_close(semaphore);

	KEEP_FRAME;
	return result;
}

/* What the host gives to be locked, each by a function and a line of its own */

#define HOLD(name, type, call) EXPORT int hold_##name(type *lock) { struct timespec later = { .tv_sec = 4000000000 }; int result = (call); KEEP_FRAME; (void)later; return result; }
HOLD(lock, pthread_mutex_t, pthread_mutex_lock(lock))
HOLD(trylock, pthread_mutex_t, pthread_mutex_trylock(lock))
HOLD(timedlock, pthread_mutex_t, pthread_mutex_timedlock(lock, &later))
HOLD(clocklock, pthread_mutex_t, pthread_mutex_clocklock(lock, CLOCK_MONOTONIC, &later))
HOLD(mtx_lock, mtx_t, mtx_lock(lock))
HOLD(mtx_trylock, mtx_t, mtx_trylock(lock))
HOLD(mtx_timedlock, mtx_t, mtx_timedlock(lock, &later))
HOLD(rdlock, pthread_rwlock_t, pthread_rwlock_rdlock(lock))
HOLD(tryrdlock, pthread_rwlock_t, pthread_rwlock_tryrdlock(lock))
HOLD(timedrdlock, pthread_rwlock_t, pthread_rwlock_timedrdlock(lock, &later))
HOLD(clockrdlock, pthread_rwlock_t, pthread_rwlock_clockrdlock(lock, CLOCK_MONOTONIC, &later))
HOLD(wrlock, pthread_rwlock_t, pthread_rwlock_wrlock(lock))
HOLD(trywrlock, pthread_rwlock_t, pthread_rwlock_trywrlock(lock))
HOLD(timedwrlock, pthread_rwlock_t, pthread_rwlock_timedwrlock(lock, &later))
HOLD(clockwrlock, pthread_rwlock_t, pthread_rwlock_clockwrlock(lock, CLOCK_MONOTONIC, &later))
HOLD(unlock, pthread_mutex_t, pthread_mutex_unlock(lock))
HOLD(mtx_unlock, mtx_t, mtx_unlock(lock))
HOLD(rwlock_unlock, pthread_rwlock_t, pthread_rwlock_unlock(lock))

/* Waits for what never comes: the mutex is locked after that as it was before. */
EXPORT int hold_waiting(pthread_mutex_t *lock)
{
	pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
	struct timespec past = { .tv_nsec = 1 };
	int result = pthread_mutex_lock(lock);

	return result ? result : pthread_cond_timedwait(&condition, lock, &past);
}

/* In memory that goes with the module: nobody misses them. */
EXPORT int hold_own(void)
{
	static pthread_mutex_t fixed = PTHREAD_MUTEX_INITIALIZER;
	struct { char before[100]; pthread_mutex_t mutex; } *block = calloc(1, sizeof(*block));
	pthread_mutex_t *mapped = mmap(NULL, 100000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int result;

	pthread_mutex_init(&block->mutex, NULL);
	pthread_mutex_init(mapped + 1000, NULL);
	result = pthread_mutex_lock(&fixed) | pthread_mutex_lock(&block->mutex) | pthread_mutex_lock(mapped + 1000);
	KEEP_FRAME;
	return result;
}

RELIB_MAIN(int)
{
	return leak_all();
}
