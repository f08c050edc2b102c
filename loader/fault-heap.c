/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Whether libc's heap can still be used after a fault inside it: its lock may be held by a function that is gone. */
#include <dlfcn.h>
#include <malloc.h>
#include <string.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fault.h"

#define SECONDS 5
#define FRAMES_LOOKED_AT 8

static const char tag;

bool relib_fault_is_probe(const siginfo_t *information)
{
	return information->si_code == SI_TIMER && information->si_value.sival_ptr == &tag;
}

static bool was_in_libc(const struct relib_trace *trace)
{
	struct dl_find_object libc, frame;

	if (_dl_find_object((void *)mallinfo2, &libc))
		return true;
	for (unsigned i = 0; i < trace->count && i < FRAMES_LOOKED_AT; i++)
		if (!_dl_find_object((void *)(trace->frames[i] - 1), &frame) && frame.dlfo_link_map == libc.dlfo_link_map)
			return true;
	return !trace->count;
}

static bool start_timer(timer_t *timer)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGABRT, .sigev_value.sival_ptr = (void *)&tag };
	struct itimerspec time = { .it_value.tv_sec = SECONDS };

	event._sigev_un._tid = gettid();
	return !timer_create(CLOCK_MONOTONIC, &event, timer) && !timer_settime(*timer, 0, &time, NULL);
}

/*
 * libc takes the lock of each of its heaps in turn to count what is there. Where it waits for ever the signal of the timer takes
 * the thread out, as a fault does; so does damage that makes it fault. While a process has one thread libc takes no lock.
 */
void relib_fault_probe_heap(const struct relib_trace *trace)
{
	sigset_t unblock, before;
	timer_t timer;

	if (__libc_single_threaded || !was_in_libc(trace))
		return;
	sigemptyset(&unblock);
	sigaddset(&unblock, SIGABRT);
	pthread_sigmask(SIG_UNBLOCK, &unblock, &before);
	if (start_timer(&timer)) {
		mallinfo2();
		timer_delete(timer);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}
