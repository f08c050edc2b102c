/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* POSIX timers that modules made: entered, described, deleted. */
#include "timer.h"

#include <stdio.h>

#include "kind.h"
#include "lock.h"
#include "real.h"

/*
 * A thread that libc has started for a timer has the number and the turn of its record. When the timer is deleted the turn is
 * over, and such a thread calls nothing.
 */
#define RECORDS 1024
static struct record {
	uint32_t turn;    /* odd: in use */
	uint32_t running; /* threads between looking at the turn and having called */
	void (*function)(union sigval);
	union sigval value;
	timer_t timer;
} records[RECORDS]; /* [0] stands for none */

static void has_called(void *record)
{
	__atomic_fetch_sub(&((struct record *)record)->running, 1, __ATOMIC_SEQ_CST);
}

static void expire(union sigval number)
{
	uint64_t whole = (uint64_t)(uintptr_t)number.sival_ptr;
	struct record *record = &records[whole & 0xffffffff];

	__atomic_fetch_add(&record->running, 1, __ATOMIC_SEQ_CST);
	pthread_cleanup_push(has_called, record);
	if (__atomic_load_n(&record->turn, __ATOMIC_SEQ_CST) == whole >> 32)
		record->function(record->value);
	pthread_cleanup_pop(1);
}

unsigned relib_timer_prepare(const struct sigevent *wanted, struct sigevent *event)
{
	unsigned number;
	sigset_t saved;

	if (!wanted || wanted->sigev_notify != SIGEV_THREAD)
		return 0;
	relib_lock(&relib_threads_lock, &saved);
	for (number = 1; number < RECORDS && ((records[number].turn & 1) || records[number].running); number++)
		;
	if (number < RECORDS) {
		records[number].function = wanted->sigev_notify_function;
		records[number].value = wanted->sigev_value;
		__atomic_fetch_add(&records[number].turn, 1, __ATOMIC_SEQ_CST);
		*event = *wanted;
		event->sigev_notify_function = expire;
		event->sigev_value.sival_ptr = (void *)(uintptr_t)((uint64_t)records[number].turn << 32 | number);
	}
	relib_unlock(&relib_threads_lock, &saved);
	return number < RECORDS ? number : 0;
}

void relib_timer_forget(unsigned record)
{
	if (record)
		__atomic_fetch_add(&records[record].turn, 1, __ATOMIC_SEQ_CST);
}

void relib_timer_enter(timer_t timer, const struct sigevent *wanted, unsigned record, uint32_t mark)
{
	bool calls = wanted && wanted->sigev_notify == SIGEV_THREAD;
	struct relib_thing thing = { .kind = RELIB_KIND_TIMER, .key = (uint64_t)(uintptr_t)timer, .mark = mark,
				     .value = { SIGALRM, (uint64_t)(uintptr_t)timer } };

	/* The function, or the signal. */
	if (calls)
		thing.value[0] = (uint64_t)(uintptr_t)wanted->sigev_notify_function;
	else if (wanted)
		thing.value[0] = wanted->sigev_notify == SIGEV_NONE ? 0 : (uint64_t)wanted->sigev_signo;
	if (record)
		records[record].timer = timer;
	relib_thing_acquired(&thing);
}

/* For settlement */

static struct record *record_of(timer_t timer)
{
	for (unsigned i = 1; i < RECORDS; i++)
		if ((records[i].turn & 1) && records[i].timer == timer)
			return &records[i];
	return NULL;
}

void relib_timer_leave(timer_t timer, bool wait)
{
	struct record *record = record_of(timer);
	struct timespec pause = { .tv_nsec = 100000 };

	if (!record)
		return;
	__atomic_fetch_add(&record->turn, 1, __ATOMIC_SEQ_CST);
	/* Those that are in the module's function now. Not for ever: one that waits for ld.so would never come out. */
	for (int i = 0; wait && i < 10000 && __atomic_load_n(&record->running, __ATOMIC_SEQ_CST); i++)
		nanosleep(&pause, NULL);
}

bool relib_timer_release(const struct relib_thing *thing)
{
	timer_t timer = (timer_t)(uintptr_t)thing->value[1];

	relib_timer_leave(timer, true);
	return !relib_real.timer_delete(timer);
}

void relib_timer_describe(const struct relib_thing *thing, char *text, size_t size)
{
	const char *name = thing->value[0] < _NSIG ? sigabbrev_np((int)thing->value[0]) : NULL;

	if (thing->value[0] >= _NSIG)
		snprintf(text, size, "timer");
	else if (!thing->value[0])
		snprintf(text, size, "timer  that tells nobody");
	else if (name)
		snprintf(text, size, "timer  SIG%s", name);
	else
		snprintf(text, size, "timer  SIGRTMIN+%d", (int)thing->value[0] - SIGRTMIN);
}
