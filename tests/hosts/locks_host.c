/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * A host of a module that leaves locks of files and named semaphores: `locks_host MODULE SCENARIO`. It says what was wrong, and
 * ends with a status of 1 then. Whether a lock is held, another process tries.
 */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

#include "hosts/scenario.h"

#define OPEN(file) CALL(int, module_open, (const char *), (file))
#define FLOCK(number, operation) CALL(int, module_flock, (int, int), (number, operation))
#define FCNTL(number, command, type, start, length) \
	CALL(int, module_fcntl, (int, int, int, long, long), (number, command, type, start, length))
#define LOCKF(number, command, length) CALL(int, module_lockf, (int, int, long), (number, command, length))
#define SEM_OPEN(name) CALL(sem_t *, module_sem_open, (const char *), (name))
#define SEM_CLOSE(semaphore) CALL(int, module_sem_close, (sem_t *), (semaphore))

static int host_open(const char *file)
{
	int number = open(file, O_RDWR | O_CREAT, 0600);

	CHECK(number >= 0);
	return number;
}

/* Whether another process finds any lock on it, of either sort. */
static bool is_locked(const char *file)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		int number = open(file, O_RDWR);

		_exit(number < 0 ? 2 : flock(number, LOCK_EX | LOCK_NB) || fcntl(number, F_SETLK, &all));
	}
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) != 2);
	return WEXITSTATUS(status);
}

static void all(void)
{
	static const char *const files[] = { "flock", "flock_shared", "lockf", "lockf64", "fcntl", "fcntl64", "open_file",
					     "open_file_wait", "stream" };

	load();
	CHECK(CALL(int, leak_all, (void), ()) == 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		CHECK(is_locked(files[i]));
	unload();
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		CHECK(is_locked(files[i]) == !reclaim);
}

/* Locks are given back and descriptors are not; the host's lock on another part of a file is the host's. */
static void locks_alone(void)
{
	static const char *const files[] = { "flock", "lockf", "fcntl64", "open_file", "stream" };
	struct flock part = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1000, .l_len = 10 };
	int number;

	load();
	CHECK(CALL(int, leak_all, (void), ()) == 0);
	number = host_open("fcntl");
	CHECK(fcntl(number, F_SETLK, &part) == 0);
	unload();
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		CHECK(!is_locked(files[i]));
	CHECK(is_locked("fcntl"));
	part.l_type = F_UNLCK;
	CHECK(fcntl(number, F_SETLK, &part) == 0 && !is_locked("fcntl"));
}

static void on_host(void)
{
	int number = host_open("host"), other = host_open("other");

	load();
	CHECK(FLOCK(number, LOCK_EX) == 0);
	CHECK(FCNTL(other, F_OFD_SETLK, F_WRLCK, 0, 10) == 0);
	unload();
	CHECK(is_locked("host") && is_locked("other"));
	CHECK(flock(number, LOCK_UN) == 0 && !is_locked("host"));
}

static void unlocked(void)
{
	int number, host = host_open("host");

	load();
	number = OPEN("file");
	CHECK(FLOCK(number, LOCK_SH) == 0 && FLOCK(number, LOCK_EX) == 0 && FLOCK(number, LOCK_UN) == 0);
	CHECK(FCNTL(number, F_SETLK, F_WRLCK, 0, 100) == 0);
	CHECK(FCNTL(number, F_SETLK, F_UNLCK, 0, 50) == 0 && FCNTL(number, F_SETLK, F_UNLCK, 50, 50) == 0);
	CHECK(FCNTL(number, F_OFD_SETLK, F_WRLCK, 0, 100) == 0 && FCNTL(number, F_OFD_SETLK, F_UNLCK, 0, 0) == 0);
	CHECK(LOCKF(number, F_LOCK, 10) == 0 && LOCKF(number, F_ULOCK, 10) == 0 && LOCKF(number, F_TEST, 10) == 0);
	/* By the host in its stead, or instead. */
	CHECK(FLOCK(host, LOCK_EX) == 0 && flock(host, LOCK_UN) == 0);
	CHECK(FLOCK(host, LOCK_SH) == 0 && flock(host, LOCK_EX) == 0);
	CHECK(FLOCK(-1, LOCK_EX) == -1 && FCNTL(-1, F_SETLK, F_WRLCK, 0, 0) == -1);
	unload();
	CHECK(is_locked("host"));
}

static void partly(void)
{
	int number;

	load();
	number = OPEN("file");
	CHECK(FCNTL(number, F_SETLK, F_WRLCK, 0, 100) == 0 && FCNTL(number, F_SETLK, F_UNLCK, 0, 50) == 0);
	unload();
	CHECK(is_locked("file") == !reclaim);
}

/* Closed in every way that there is; the host has the numbers by now, with locks of its own that no hook knows of. */
static void closed(void)
{
	int number;
	FILE *stream;

	load();
	number = OPEN("file");
	CHECK(FLOCK(number, LOCK_EX) == 0 && CALL(int, module_close, (int), (number)) == 0);
	number = OPEN("other");
	CHECK(FLOCK(number, LOCK_EX) == 0);
	stream = fdopen(number, "w");
	CHECK(stream && fclose(stream) == 0);
	CHECK(host_open("host") == number);
	unload();
}

/* Known of old: a process that closes any descriptor of a file loses its locks on it. */
static void closed_elsewhere(void)
{
	int number;

	load();
	number = OPEN("file");
	CHECK(LOCKF(number, F_LOCK, 0) == 0);
	close(host_open("file"));
	CHECK(!is_locked("file"));
	unload();
}

/* A lock of an open file is the parent's and the child's. */
static void in_fork(void)
{
	int number, status;
	pid_t child;

	load();
	number = OPEN("file");
	CHECK(FLOCK(number, LOCK_EX) == 0);
	child = fork();
	if (child == 0) {
		unload();
		_exit(failed);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK(is_locked("file"));
	unload();
	CHECK(is_locked("file") == !reclaim);
}

/* The same the other way: the module's child goes on relying on it. */
static void kept_by_child(void)
{
	int number, go[2], status;
	pid_t child;

	CHECK(pipe(go) == 0);
	load();
	number = OPEN("file");
	CHECK(FLOCK(number, LOCK_EX) == 0);
	child = fork();
	if (child == 0) {
		char byte;

		_exit(read(go[0], &byte, 1) != 1);
	}
	unload();
	CHECK(is_locked("file"));
	CHECK(write(go[1], "", 1) == 1 && waitpid(child, &status, 0) == child && status == 0);
	CHECK(is_locked("file") == !reclaim);
}

/* Semaphores */

static char name[64];

static bool is_mapped(const sem_t *semaphore)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	bool found = false;

	while (fgets(line, sizeof(line), maps))
		found |= strtoul(line, NULL, 16) == (unsigned long)semaphore;
	fclose(maps);
	return found;
}

static bool works(sem_t *semaphore)
{
	int before, after;

	return !sem_getvalue(semaphore, &before) && !sem_post(semaphore) && !sem_getvalue(semaphore, &after) &&
	       after == before + 1 && !sem_wait(semaphore);
}

static void semaphores(void)
{
	sem_t *semaphore;

	load();
	semaphore = SEM_OPEN(name);
	CHECK(SEM_OPEN(name) == semaphore && SEM_OPEN(name) == semaphore && SEM_CLOSE(semaphore) == 0 && works(semaphore));
	unload();
	CHECK(is_mapped(semaphore) == !reclaim);
}

static void semaphores_closed(void)
{
	sem_t *semaphore;

	load();
	semaphore = SEM_OPEN(name);
	CHECK(SEM_OPEN(name) == semaphore && SEM_CLOSE(semaphore) == 0 && SEM_CLOSE(semaphore) == 0 && SEM_CLOSE(semaphore) == -1);
	CHECK(!is_mapped(semaphore));
	CHECK(sem_close(SEM_OPEN(name)) == 0);
	unload();
	CHECK(!is_mapped(semaphore));
}

/* The host has it too: it is open for the host until the host closes it. */
static void semaphores_of_both(void)
{
	sem_t *semaphore = sem_open(name, O_CREAT, 0600, 3);

	load();
	CHECK(SEM_OPEN(name) == semaphore);
	unload();
	CHECK(works(semaphore));
	load();
	CHECK(SEM_OPEN(name) == semaphore && SEM_CLOSE(semaphore) == 0);
	unload();
	CHECK(works(semaphore));
	CHECK(sem_close(semaphore) == 0 && is_mapped(semaphore) == !reclaim);
}

/* Mutexes: of the host's, each locked by a function of its own of the module's */

static pthread_mutex_t host_lock = PTHREAD_MUTEX_INITIALIZER, host_trylock = PTHREAD_MUTEX_INITIALIZER,
		       host_timedlock = PTHREAD_MUTEX_INITIALIZER, host_clocklock = PTHREAD_MUTEX_INITIALIZER;
static mtx_t host_mtx_lock, host_mtx_trylock, host_mtx_timedlock;
static pthread_rwlock_t host_rdlock = PTHREAD_RWLOCK_INITIALIZER, host_tryrdlock = PTHREAD_RWLOCK_INITIALIZER,
			host_timedrdlock = PTHREAD_RWLOCK_INITIALIZER, host_clockrdlock = PTHREAD_RWLOCK_INITIALIZER,
			host_wrlock = PTHREAD_RWLOCK_INITIALIZER, host_trywrlock = PTHREAD_RWLOCK_INITIALIZER,
			host_timedwrlock = PTHREAD_RWLOCK_INITIALIZER, host_clockwrlock = PTHREAD_RWLOCK_INITIALIZER;

#define LOCK(function, lock) CALL(int, hold_##function, (void *), (lock))

static void lock_all(void)
{
	mtx_init(&host_mtx_lock, mtx_plain);
	mtx_init(&host_mtx_trylock, mtx_plain);
	mtx_init(&host_mtx_timedlock, mtx_timed);
	CHECK(LOCK(lock, &host_lock) == 0 && LOCK(trylock, &host_trylock) == 0 && LOCK(timedlock, &host_timedlock) == 0);
	CHECK(LOCK(clocklock, &host_clocklock) == 0 && LOCK(mtx_lock, &host_mtx_lock) == thrd_success);
	CHECK(LOCK(mtx_trylock, &host_mtx_trylock) == thrd_success && LOCK(mtx_timedlock, &host_mtx_timedlock) == thrd_success);
	CHECK(LOCK(rdlock, &host_rdlock) == 0 && LOCK(tryrdlock, &host_tryrdlock) == 0);
	CHECK(LOCK(timedrdlock, &host_timedrdlock) == 0 && LOCK(clockrdlock, &host_clockrdlock) == 0);
	CHECK(LOCK(wrlock, &host_wrlock) == 0 && LOCK(trywrlock, &host_trywrlock) == 0);
	CHECK(LOCK(timedwrlock, &host_timedwrlock) == 0 && LOCK(clockwrlock, &host_clockwrlock) == 0);
}

static void mutexes(void)
{
	load();
	lock_all();
	CHECK(LOCK(trylock, &host_lock) == EBUSY);
	unload();
	/* Nobody unlocks what may be half done. */
	CHECK(pthread_mutex_trylock(&host_lock) == EBUSY && mtx_trylock(&host_mtx_lock) == thrd_busy);
	CHECK(pthread_rwlock_trywrlock(&host_rdlock) == EBUSY && pthread_rwlock_tryrdlock(&host_wrlock) == EBUSY);
	printf("thread %d\n", gettid());
}

static void mutexes_unlocked(void)
{
	load();
	lock_all();
	CHECK(LOCK(unlock, &host_lock) == 0 && pthread_mutex_unlock(&host_trylock) == 0);
	CHECK(pthread_mutex_unlock(&host_timedlock) == 0 && LOCK(unlock, &host_clocklock) == 0);
	CHECK(LOCK(mtx_unlock, &host_mtx_lock) == 0 && mtx_unlock(&host_mtx_trylock) == 0 && mtx_unlock(&host_mtx_timedlock) == 0);
	CHECK(LOCK(rwlock_unlock, &host_rdlock) == 0 && pthread_rwlock_unlock(&host_tryrdlock) == 0);
	CHECK(LOCK(rwlock_unlock, &host_timedrdlock) == 0 && pthread_rwlock_unlock(&host_clockrdlock) == 0);
	CHECK(LOCK(rwlock_unlock, &host_wrlock) == 0 && pthread_rwlock_unlock(&host_trywrlock) == 0);
	CHECK(LOCK(rwlock_unlock, &host_timedwrlock) == 0 && pthread_rwlock_unlock(&host_clockwrlock) == 0);
	/* The host's own. */
	CHECK(pthread_mutex_lock(&host_lock) == 0 && pthread_rwlock_rdlock(&host_rdlock) == 0);
	unload();
}

static void mutexes_of_module(void)
{
	load();
	CHECK(CALL(int, hold_own, (void), ()) == 0);
	unload();
}

static void mutexes_waiting(void)
{
	load();
	CHECK(LOCK(waiting, &host_lock) == ETIMEDOUT);
	unload();
	CHECK(pthread_mutex_trylock(&host_lock) == EBUSY);
}

/* Locked twice, unlocked once; and one whose unlock is refused. */
static void mutexes_again(void)
{
	static pthread_mutex_t host_recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP,
			       host_checking = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;

	load();
	CHECK(LOCK(lock, &host_recursive) == 0 && LOCK(lock, &host_recursive) == 0 && LOCK(unlock, &host_recursive) == 0);
	CHECK(LOCK(lock, &host_checking) == 0 && LOCK(lock, &host_checking) == EDEADLK);
	unload();
	CHECK(pthread_mutex_unlock(&host_recursive) == 0 && pthread_mutex_unlock(&host_checking) == 0);
}

static void *lock_and_end(void *lock)
{
	CHECK(LOCK(lock, lock) == 0);
	return NULL;
}

static void lock_in_thread(pthread_mutex_t *lock)
{
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, lock_and_end, lock) == 0 && pthread_join(thread, NULL) == 0);
}

static void mutexes_of_ended(void)
{
	load();
	lock_in_thread(&host_lock);
	unload();
}

/* Of a thread that has ended, then of this one. */
static void lock_robust(bool consistent)
{
	pthread_mutexattr_t attributes;
	pthread_mutex_t *lock = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
	CHECK(pthread_mutex_init(lock, &attributes) == 0);
	load();
	lock_in_thread(lock);
	CHECK(LOCK(lock, lock) == EOWNERDEAD);
	CHECK(!consistent || pthread_mutex_consistent(lock) == 0);
	unload();
	CHECK(pthread_mutex_unlock(lock) == 0);
	/* And one that was unlocked as it was. */
	CHECK(pthread_mutex_lock(lock) == (consistent ? 0 : ENOTRECOVERABLE));
	printf("thread %d\n", gettid());
}

static void mutexes_robust(void)
{
	lock_robust(true);
}

static void mutexes_inconsistent(void)
{
	lock_robust(false);
}

static void mutexes_gone(void)
{
	pthread_mutex_t *lock = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(pthread_mutex_init(lock, NULL) == 0);
	load();
	CHECK(LOCK(lock, lock) == 0);
	CHECK(munmap(lock, 4096) == 0);
	unload();
}

static void mutexes_in_fork(void)
{
	int status;
	pid_t child;

	load();
	CHECK(LOCK(lock, &host_lock) == 0);
	child = fork();
	if (child == 0) {
		unload();
		_exit(failed);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK(LOCK(unlock, &host_lock) == 0);
	unload();
}

static const struct scenario scenarios[] = {
	SCENARIO(all), SCENARIO(locks_alone), SCENARIO(on_host), SCENARIO(unlocked), SCENARIO(partly), SCENARIO(closed), SCENARIO(closed_elsewhere),
	SCENARIO(in_fork), SCENARIO(kept_by_child), SCENARIO(semaphores), SCENARIO(semaphores_closed),
	SCENARIO(semaphores_of_both), SCENARIO(mutexes), SCENARIO(mutexes_unlocked), SCENARIO(mutexes_of_module),
	SCENARIO(mutexes_waiting), SCENARIO(mutexes_again), SCENARIO(mutexes_of_ended), SCENARIO(mutexes_robust), SCENARIO(mutexes_inconsistent),
	SCENARIO(mutexes_gone), SCENARIO(mutexes_in_fork),
};

static void prepare(void)
{
	snprintf(name, sizeof(name), "/relib-host-%d", (int)getpid());
	load_once();
}

int main(int argc, char **argv)
{
	int status = RUN_SCENARIO(argc, argv, scenarios, prepare);

	sem_unlink(name);
	return status;
}
