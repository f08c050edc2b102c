/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module that holds a little of several kinds, and gives it back when it is told to. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int hold(void);
int holds(void);
int give_back(void);
int give_back_descriptor(void);
int start_thread(void);
int join_thread(void);

static void *volatile block;
static int descriptor = -1;
static pthread_t thread;
static volatile int started;

static void on_signal(int number)
{
	(void)number;
}

int hold(void)
{
	block = malloc(100);
	descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC); /* the line of open */
	signal(SIGUSR2, on_signal);
	return descriptor;
}

/* Whether all of it works. */
int holds(void)
{
	struct sigaction now;

	sigaction(SIGUSR2, NULL, &now);
	return block && fcntl(descriptor, F_GETFD) >= 0 && now.sa_handler == on_signal;
}

int give_back_descriptor(void)
{
	int result = close(descriptor);

	descriptor = -1;
	return result;
}

int give_back(void)
{
	free(block);
	block = NULL;
	signal(SIGUSR2, SIG_DFL);
	return descriptor < 0 ? 0 : give_back_descriptor();
}

static void *main_of_thread(void *argument)
{
	return argument;
}

/* It has ended when this returns, but for what libc does. */
int start_thread(void)
{
	int error = pthread_create(&thread, NULL, main_of_thread, NULL);

	started = !error; /* not the last thing it does: a tail call would be the host's */
	return error;
}

int join_thread(void)
{
	return pthread_join(thread, NULL);
}
