// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// A module with threads of every kind, and with thread-local objects whose destructors can be waited for.
#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

#include "stress_threads.h"

struct Counted {
	int *runs = nullptr;
	~Counted()
	{
		if (runs) // the two objects are made together
			++*runs;
	}
};

struct Slow {
	sem_t *entered = nullptr, *may_go = nullptr;
	~Slow()
	{
		if (!entered)
			return;
		sem_post(entered);
		sem_wait(may_go);
	}
};

static thread_local Counted counted;
static thread_local Slow slow;
static sem_t told, entered, may_go;
static pthread_t posix_thread;
static thrd_t c11_thread;
static int is_c11;

extern "C" {

void *run_until_told(void *argument)
{
	while (sem_wait(&told))
		;
	return argument;
}

int run_until_told_c11(void *)
{
	while (sem_wait(&told))
		;
	return 0;
}

int start_thread(int c11)
{
	volatile int started; // no tail call: the frame is looked for

	is_c11 = c11;
	sem_init(&told, 0, 0);
	if (c11)
		started = thrd_create(&c11_thread, run_until_told_c11, nullptr) == thrd_success;
	else
		started = !pthread_create(&posix_thread, nullptr, run_until_told, nullptr);
	return started;
}

static void stop_thread()
{
	sem_post(&told);
	if (is_c11)
		thrd_join(c11_thread, nullptr);
	else
		pthread_join(posix_thread, nullptr);
}

void *end_at_once(void *by_exit)
{
	if (by_exit)
		pthread_exit(nullptr);
	return nullptr;
}

static int leave_thread(int by_exit)
{
	pthread_t thread;
	volatile int started = !pthread_create(&thread, nullptr, end_at_once, by_exit ? &told : nullptr);

	return started;
}

void *end_slowly(void *argument)
{
	slow.may_go = &may_go;
	slow.entered = &entered;
	return argument;
}

static int start_slow_end()
{
	pthread_t thread;

	sem_init(&entered, 0, 0);
	sem_init(&may_go, 0, 0);
	if (pthread_create(&thread, nullptr, end_slowly, nullptr))
		return 0;
	pthread_detach(thread);
	while (sem_wait(&entered))
		;
	return 1;
}

static void end_slow_end()
{
	sem_post(&may_go);
}

static void touch(int *runs)
{
	counted.runs = runs;
}

extern __attribute__((visibility("default"))) const stress_threads stress_threads_functions;
const stress_threads stress_threads_functions = {
	start_thread, stop_thread, leave_thread, start_slow_end, end_slow_end, touch,
};

}
