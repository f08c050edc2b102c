/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * A host of a module that leaves locks of files and named semaphores: `locks_host MODULE SCENARIO`. It says what was wrong, and
 * ends with a status of 1 then. Whether a lock is held, another process tries.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *path;
static void *module;
static bool reclaim;
static int failed;

#define CHECK(condition) \
	((condition) ? (void)0 : (void)(failed = 1, fprintf(stderr, "line %d: not so: %s (%s)\n", __LINE__, #condition, strerror(errno))))

static void load(void)
{
	module = dlopen(path, RTLD_NOW);
	if (!module) {
		fprintf(stderr, "%s\n", dlerror());
		exit(2);
	}
}

static void unload(void)
{
	CHECK(dlclose(module) == 0);
	CHECK(!dlopen(path, RTLD_NOW | RTLD_NOLOAD));
}

static void *symbol(const char *name)
{
	void *found = dlsym(module, name);

	if (!found) {
		fprintf(stderr, "%s\n", dlerror());
		exit(2);
	}
	return found;
}

#define CALL(type, name, parameters, arguments) \
	({ type result_ = ((type (*) parameters)symbol(#name))arguments; __asm__ volatile("" ::: "memory"); result_; })
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

#define SCENARIO(name) { #name, name }
static const struct {
	const char *name;
	void (*run)(void);
} scenarios[] = {
	SCENARIO(all), SCENARIO(on_host), SCENARIO(unlocked), SCENARIO(partly), SCENARIO(closed), SCENARIO(closed_elsewhere),
	SCENARIO(in_fork), SCENARIO(kept_by_child), SCENARIO(semaphores), SCENARIO(semaphores_closed),
	SCENARIO(semaphores_of_both),
};

int main(int argc, char **argv)
{
	const char *options = getenv("RELIB_TRACK");

	if (argc != 3)
		return 2;
	path = argv[1];
	reclaim = options && strstr(options, "leaks=reclaim");
	snprintf(name, sizeof(name), "/relib-host-%d", (int)getpid());
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++) {
		if (strcmp(scenarios[i].name, argv[2]))
			continue;
		/* What the tracker opens at its first look at a stack is there. */
		load();
		unload();
		scenarios[i].run();
		sem_unlink(name);
		return failed;
	}
	fprintf(stderr, "no scenario %s\n", argv[2]);
	return 2;
}
