/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A host that does with modules what its arguments say, step by step: `load a FILE call a FUNCTION close a`. */
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "modules/attr.h"

static struct { const char *name, *path; void *handle; } modules[64];
static struct attr_host host;
static char **next_step;

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	fflush(NULL);
	_exit(2);
}

static int find(const char *name)
{
	for (int i = 0; i < 64; i++)
		if (modules[i].name && strcmp(modules[i].name, name) == 0)
			return i;
	fail(name, "no such module");
}

static void open_module(const char *name, const char *path, void *handle)
{
	int free_one = 0;

	if (!handle)
		fail(path, dlerror());
	while (modules[free_one].name)
		free_one++;
	modules[free_one].name = name;
	modules[free_one].path = path;
	modules[free_one].handle = handle;
}

static void call(const char *name, const char *function)
{
	void *object = strcmp(name, "self") == 0 ? RTLD_DEFAULT : modules[find(name)].handle;
	attr_function *address = (attr_function *)dlsym(object, function);

	if (!address)
		fail(function, "no such function");
	address(&host);
}

static void *allocate(size_t size)
{
	void *block = malloc(size);

	memset(block, 1, size);
	return block;
}

static void *grow(void *block, size_t size)
{
	block = realloc(block, size);
	memset(block, 2, size);
	return block;
}

static char *copy(const char *text)
{
	char *block = strdup(text);

	attr_forget(block);
	return block;
}

static void release(void *block)
{
	free(block);
}

static void say(const char *text)
{
	puts(text);
	fflush(stdout);
}

/* What the slots hold must still be there: a block that was taken away would be overwritten, or gone. */
static void use_slots(void)
{
	for (int i = 0; i < 8; i++) {
		if (!host.slot[i])
			continue;
		memset(host.slot[i], 3, 11);
		free(host.slot[i]);
		host.slot[i] = NULL;
	}
	say("used the slots");
}

static void run_steps(void);

static void *run_in_thread(void *step)
{
	char **arguments = step;

	call(arguments[0], arguments[1]);
	return NULL;
}

static char **signal_step;

static void on_signal(int number __attribute__((unused)))
{
	call(signal_step[0], signal_step[1]);
}

static void run_thread(char **arguments)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_in_thread, arguments) || pthread_join(thread, NULL))
		fail("thread", "can't be started or joined");
}

static sem_t timer_done;

static void on_timer(union sigval step)
{
	run_in_thread(step.sival_ptr);
	sem_post(&timer_done);
}

/* libc starts a thread for it, by a way that no hook sees. */
static void run_timer(char **arguments)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_timer,
				  .sigev_value = { .sival_ptr = arguments } };
	struct itimerspec soon = { .it_value = { 0, 1 } };
	timer_t timer;

	sem_init(&timer_done, 0, 0);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &soon, NULL))
		fail("timer", "can't be set");
	sem_wait(&timer_done);
	timer_delete(timer);
}

static void *allocate_for_ever(void *argument)
{
	for (;;) {
		void *block = malloc(100);
		char *text = strdup("text");

		attr_forget(block);
		attr_forget(text);
		free(block);
		free(text);
	}
	return argument;
}

static void start_churn(void)
{
	pthread_t thread;

	for (int i = 0; i < 2; i++)
		if (pthread_create(&thread, NULL, allocate_for_ever, NULL) || pthread_detach(thread))
			fail("churn", "no thread");
}

/* The rest of the steps is the child's. */
static void fork_here(void)
{
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0)
		return;
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		fail("fork", "the child did not end well");
	exit(0);
}

static void repeat(int times)
{
	char **first = next_step;

	for (int i = 0; i < times; i++) {
		next_step = first;
		run_steps();
	}
}

static int print_base(struct dl_phdr_info *info, size_t size __attribute__((unused)), void *path)
{
	if (strcmp(info->dlpi_name, path) == 0)
		printf("base %#lx\n", (unsigned long)info->dlpi_addr);
	return 0;
}

static bool is(const char *step, const char *name)
{
	return strcmp(step, name) == 0;
}

static void run_step(const char *step, char **arguments)
{
	if (is(step, "load"))
		open_module(arguments[0], arguments[1], dlopen(arguments[1], RTLD_NOW));
	else if (is(step, "load-global"))
		open_module(arguments[0], arguments[1], dlopen(arguments[1], RTLD_LAZY | RTLD_GLOBAL));
	else if (is(step, "load-deep"))
		open_module(arguments[0], arguments[1], dlopen(arguments[1], RTLD_NOW | RTLD_DEEPBIND));
	else if (is(step, "load-new"))
		open_module(arguments[0], arguments[1], dlmopen(LM_ID_NEWLM, arguments[1], RTLD_NOW));
	else if (is(step, "call"))
		call(arguments[0], arguments[1]);
	else if (is(step, "thread"))
		run_thread(arguments);
	else if (is(step, "timer"))
		run_timer(arguments);
	else if (is(step, "signal")) {
		signal_step = arguments;
		signal(SIGUSR1, on_signal);
		raise(SIGUSR1);
	} else
		fail(step, "no such step");
}

static void run_steps(void)
{
	while (*next_step) {
		char **step = next_step;

		next_step++;
		if (is(*step, "close")) {
			int module = find(*next_step++);

			modules[module].name = NULL;
			if (dlclose(modules[module].handle) != 0)
				fail(modules[module].path, "can't be closed");
		} else if (is(*step, "base")) {
			dl_iterate_phdr(print_base, (char *)modules[find(*next_step++)].path);
		} else if (is(*step, "repeat")) {
			repeat(atoi(*next_step++));
		} else if (is(*step, "use-slots")) {
			use_slots();
		} else if (is(*step, "churn")) {
			start_churn();
		} else if (is(*step, "fork")) {
			fork_here();
		} else if (is(*step, "exit")) {
			atexit(run_steps);
			exit(0);
		} else {
			next_step += 2;
			run_step(*step, step + 1);
		}
	}
}

int main(int argc __attribute__((unused)), char **argv)
{
	host = (struct attr_host){ .allocate = allocate, .grow = grow, .copy = copy, .release = release, .call = call,
				   .say = say };
	next_step = argv + 1;
	run_steps();
	return 0;
}
