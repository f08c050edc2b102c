/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module in whose functions threads of the host are. */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "stacks.h"

/* No tail calls: then it would be over. */
#define STAYS __asm__ volatile("" ::: "memory")

void stacks_poll(int descriptor);
void stacks_poll(int descriptor)
{
	struct pollfd wanted = { descriptor, POLLIN, 0 };

	poll(&wanted, 1, -1); /* the line of poll */
	STAYS;
}

void stacks_read(int descriptor);
void stacks_read(int descriptor)
{
	char byte;
	volatile long got = read(descriptor, &byte, 1); /* the line of read */

	(void)got;
	STAYS;
}

void stacks_epoll(int descriptor);
void stacks_epoll(int descriptor)
{
	struct epoll_event event = { .events = EPOLLIN };
	int set = epoll_create1(EPOLL_CLOEXEC);

	epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event);
	epoll_wait(set, &event, 1, -1); /* the line of epoll_wait */
	close(set);
}

void stacks_nanosleep(int descriptor);
void stacks_nanosleep(int descriptor)
{
	struct pollfd wanted = { descriptor, POLLIN, 0 };
	struct timespec time = { .tv_nsec = 20000000 };

	while (!poll(&wanted, 1, 0))
		nanosleep(&time, NULL); /* the line of nanosleep */
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int told;

static void tell(void)
{
	pthread_mutex_lock(&lock);
	told = 1;
	pthread_cond_broadcast(&condition);
	pthread_mutex_unlock(&lock);
}

void stacks_wait(int descriptor);
void stacks_wait(int descriptor)
{
	(void)descriptor;
	pthread_mutex_lock(&lock);
	while (!told)
		pthread_cond_wait(&condition, &lock); /* the line of pthread_cond_wait */
	told = 0;
	pthread_mutex_unlock(&lock);
}

void stacks_spin(volatile int *stop);
void stacks_spin(volatile int *stop)
{
	while (!*stop)
		; /* the line of spinning */
	STAYS;
}

void stacks_call(void (*function)(void *argument), void *argument);
void stacks_call(void (*function)(void *argument), void *argument)
{
	function(argument); /* the line of the call */
	STAYS;
}

static __attribute__((noinline)) void stacks_call_deep(void (*function)(void *argument), void *argument, int depth)
{
	if (depth)
		stacks_call_deep(function, argument, depth - 1);
	else
		function(argument);
	STAYS;
}

int stacks_nothing(int value);
int stacks_nothing(int value)
{
	return value + 1;
}

extern __attribute__((visibility("default"))) const struct stacks stacks_functions;
const struct stacks stacks_functions = {
	stacks_poll, stacks_read, stacks_epoll, stacks_nanosleep, stacks_wait, tell, stacks_spin, stacks_call, stacks_call_deep, stacks_nothing,
};
