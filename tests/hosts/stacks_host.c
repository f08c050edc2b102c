/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * A host that knows nothing of relib, and closes a module while a thread of its own is in it or elsewhere, as its arguments
 * say: MODULE poll|host|spin|spin-blocked. Prints what is mapped after that, and after the thread has left.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "modules/stacks.h"

static const struct stacks *stacks;
static const char *where;
static int ends[2];
static volatile int stop;
static sem_t ready;
static pid_t id;

static void *visit(void *unused)
{
	sigset_t all;
	char byte;

	pthread_setname_np(pthread_self(), "pool-0");
	if (strstr(where, "blocked")) {
		sigfillset(&all);
		pthread_sigmask(SIG_BLOCK, &all, NULL);
	}
	id = (pid_t)syscall(SYS_gettid);
	sem_post(&ready);
	if (!strcmp(where, "poll"))
		stacks->in_poll(ends[0]);
	else if (!strcmp(where, "host"))
		while (read(ends[0], &byte, 1) != 1)
			;
	else
		while (!stop)
			;
	return unused;
}

static bool is_asleep(void)
{
	char name[64], text[64] = "";
	FILE *file;

	snprintf(name, sizeof(name), "/proc/self/task/%d/syscall", (int)id);
	file = fopen(name, "re");
	if (!file || !fgets(text, sizeof(text), file))
		exit(99);
	fclose(file);
	return *text != 'r';
}

static void say(const char *when)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	bool found = false;
	char line[8192];

	while (maps && fgets(line, sizeof(line), maps))
		found |= strstr(line, "stacks.so") != NULL;
	printf("%s: %s\n", when, found ? "there" : "gone");
	if (maps)
		fclose(maps);
}

int main(int count, char **arguments)
{
	pthread_t thread;
	void *handle;

	if (count != 3 || !(handle = dlopen(arguments[1], RTLD_NOW)) || !(stacks = dlsym(handle, "stacks_functions")) || pipe(ends))
		return 99;
	where = arguments[2];
	sem_init(&ready, 0, 0);
	if (pthread_create(&thread, NULL, visit, NULL))
		return 99;
	while (sem_wait(&ready))
		;
	while (!strstr(where, "spin") && !is_asleep())
		sched_yield();
	printf("dlclose: %d\n", dlclose(handle));
	say("after dlclose");
	stop = 1;
	if (write(ends[1], "", 1) != 1)
		return 99;
	pthread_join(thread, NULL);
	/* It is let go at the next one. */
	dlopen("nothing.so", RTLD_NOW);
	say("after the thread");
	return 0;
}
