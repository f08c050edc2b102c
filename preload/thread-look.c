/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Looks at the stacks of all threads. */
#include "thread-look.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "arena.h"
#include "options.h"
#include "task.h"
#include "thread-ask.h"
#include "thread-ledger.h"

/* Threads are looked for again until no new one is found, so often at most: one may start another and end. */
#define PASSES_MOST 8
/* So often a thread that runs is looked at again before it is asked: most sleep soon, and then nothing is interrupted. */
#define TURNS_MOST 6
/* So often those that can't be looked at just now are tried again, with pauses of PAUSE_NS. */
#define ROUNDS_MOST 12
#define PAUSE_NS 500000
#define THREADS_MOST 32768 /* as many as a process has by default */

/* One look at a time. Not held while anything of the host's is called; no thread that is asked needs it to answer. */
static pthread_mutex_t look_lock = PTHREAD_MUTEX_INITIALIZER;

struct look {
	struct relib_code code;
	struct relib_stack_walk walk;
	struct relib_looked *looked;
	int tasks;
	int32_t self;
	bool too_many;
	size_t seen, waiting; /* threads up to `seen` have been met, and those from `waiting` on not been looked at */
	struct thread {
		int32_t id;
		bool open; /* it ran when it was looked at, or its stack left it open */
		struct relib_place_inside place;
		const char *why; /* it could not be looked at */
	} threads[THREADS_MOST];
	struct relib_memory_map map;
};

static void name_thread(struct look *look, const struct thread *thread)
{
	struct relib_looked *looked = look->looked;
	struct relib_looked_thread *named = &looked->threads[looked->count];
	bool unseen = thread->place.inside == RELIB_UNKNOWN;

	/* One that could not be looked at may have ended meanwhile. */
	if (thread->place.inside == RELIB_OUTSIDE || (unseen && relib_task_is_gone(thread->id)))
		return;
	looked->inside += !unseen;
	looked->unseen += unseen;
	if (looked->count == RELIB_LOOKED_MOST)
		return;
	looked->count++;
	named->id = thread->id;
	named->address = unseen ? 0 : thread->place.address;
	named->why = thread->why;
	relib_thread_name(thread->id, named->name);
}

#ifdef __x86_64__
static struct relib_place_inside place_of_asleep(struct look *look, const struct relib_asleep *asleep)
{
	struct relib_registers registers = { .pc = asleep->pc, .stack = asleep->stack };

	return relib_stack_walk(&look->walk, &registers);
}
#else
/* What called the function that sleeps may stand in a register only, which the kernel doesn't tell. */
static struct relib_place_inside place_of_asleep(struct look *look, const struct relib_asleep *asleep)
{
	(void)look;
	(void)asleep;
	return (struct relib_place_inside){ RELIB_UNKNOWN, 0 };
}
#endif

/* From outside. False when it runs, or its stack leaves it open. */
static bool look_from_outside(struct look *look, struct thread *thread)
{
	struct relib_asleep before, after;

	thread->place = (struct relib_place_inside){ RELIB_UNKNOWN, 0 };
	switch (relib_task_look(look->tasks, thread->id, &before)) {
	case RELIB_TASK_GONE:
		thread->place.inside = RELIB_OUTSIDE;
		return true;
	case RELIB_TASK_RUNS:
		return false;
	default:
		break;
	}
	thread->place = place_of_asleep(look, &before);
	if (thread->place.inside == RELIB_PERHAPS || thread->place.inside == RELIB_UNKNOWN)
		return false;
	/* If it moved, what was read may be of two moments. */
	if (relib_task_look(look->tasks, thread->id, &after) == RELIB_TASK_ASLEEP && !strcmp(before.text, after.text))
		return true;
	thread->place.inside = RELIB_UNKNOWN;
	return false;
}

static void meet(void *context, int32_t id)
{
	struct look *look = context;

	if (id == look->self)
		return;
	if (look->seen == THREADS_MOST) {
		look->too_many = true;
		return;
	}
	for (size_t i = 0; i < look->seen; i++)
		if (look->threads[i].id == id)
			return;
	look->threads[look->seen++] = (struct thread){ .id = id, .open = true };
}

/* Gives how many are still open. */
static size_t look_again(struct look *look)
{
	size_t open = 0;

	for (size_t i = look->waiting; i < look->seen; i++) {
		struct thread *thread = &look->threads[i];

		if (thread->open && look_from_outside(look, thread))
			thread->open = false;
		/* To look again doesn't help where it is asleep. */
		open += thread->open && thread->place.inside != RELIB_PERHAPS;
	}
	return open;
}

/* Takes the answers of some threads; gives how many should be tried again, unless this was the last time. */
static size_t take_answers(struct thread *const *of, const struct relib_asked *asked, unsigned count, bool last)
{
	size_t again = 0;

	for (unsigned i = 0; i < count; i++) {
		/* What its words said stays, where it does not answer: a crash is worse. */
		if (asked[i].place.inside != RELIB_UNKNOWN || of[i]->place.inside == RELIB_UNKNOWN)
			of[i]->place = asked[i].place;
		of[i]->why = asked[i].why;
		of[i]->open = asked[i].passing && of[i]->place.inside == RELIB_UNKNOWN && !last;
		again += of[i]->open;
	}
	return again;
}

/* Asks those that are open, many at a time. */
static size_t ask(struct look *look, bool last)
{
	struct relib_asked asked[RELIB_ASKED_MOST];
	struct thread *of[RELIB_ASKED_MOST];
	unsigned count = 0;
	size_t again = 0;

	for (size_t i = look->waiting; i <= look->seen; i++) {
		if (count == RELIB_ASKED_MOST || (count && i == look->seen)) {
			relib_threads_ask(look->tasks, &look->walk, asked, count);
			again += take_answers(of, asked, count, last);
			count = 0;
		}
		if (i < look->seen && look->threads[i].open) {
			of[count] = &look->threads[i];
			asked[count++] = (struct relib_asked){ .id = look->threads[i].id };
		}
	}
	return again;
}

static void pause_for(long nanoseconds)
{
	struct timespec pause = { .tv_nsec = nanoseconds };

	syscall(SYS_nanosleep, &pause, NULL);
}

static void look_at_new(struct look *look)
{
	for (unsigned round = 0; round < ROUNDS_MOST; round++) {
		/* Now: their stacks may be as new as they are. */
		relib_memory_map_read(&look->map);
		for (unsigned turn = 0; look_again(look) && turn < TURNS_MOST; turn++)
			pause_for(20000l << turn);
		if (!ask(look, round == ROUNDS_MOST - 1))
			break;
		pause_for(PAUSE_NS);
	}
	for (; look->waiting < look->seen; look->waiting++)
		name_thread(look, &look->threads[look->waiting]);
}

static void look_at_others(struct look *look)
{
	for (unsigned pass = 0; pass < PASSES_MOST; pass++) {
		relib_tasks_list(look->tasks, meet, look);
		if (look->seen == look->waiting)
			return;
		look_at_new(look);
	}
}

/*
 * The memory of the last look, for the next one: to map it, touch it and give it back takes a fifth of an unload. Of little
 * address space the host should have all between two of them.
 */
#define THREADS_KEPT 256
#define SPACE_PLENTY ((size_t)1 << 40)
static struct look *kept;

static struct look *make(void)
{
	struct look *look = relib_reserve(sizeof *look);
	char *window = look ? relib_window_reserve() : NULL;

	if (window)
		look->walk.window = window;
	else if (look)
		relib_unreserve(look, sizeof *look);
	return window ? look : NULL;
}

/* NULL without memory. */
static struct look *begin(const struct relib_set *set)
{
	struct look *look = __atomic_exchange_n(&kept, NULL, __ATOMIC_ACQUIRE);

	if (!look)
		look = make();
	if (!look)
		return NULL;
	look->self = (int32_t)syscall(SYS_gettid);
	look->seen = look->waiting = 0;
	look->too_many = false;
	look->walk = (struct relib_stack_walk){ &look->code, &look->map, look->walk.window };
	relib_code_of(set, &look->code);
	return look;
}

static void finish(struct look *look)
{
	struct look *none = NULL;

	if (look->seen <= THREADS_KEPT && relib_option_address_space() >= SPACE_PLENTY &&
	    __atomic_compare_exchange_n(&kept, &none, look, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		return;
	relib_window_give(look->walk.window);
	relib_unreserve(look, sizeof *look);
}

size_t relib_threads_look(const struct relib_set *set, struct relib_looked *looked)
{
	int cancel, saved = errno;
	struct look *look;

	if (__libc_single_threaded)
		return 0;
	look = begin(set);
	if (!look) {
		looked->unseen++;
		return 0;
	}
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	look->looked = looked;
	look->tasks = relib_tasks_open();
	pthread_mutex_lock(&look_lock);
	if (look->tasks >= 0)
		look_at_others(look);
	/* Nobody tells what threads there are, or not all could be kept in mind. */
	looked->unseen += look->tasks < 0 || look->too_many;
	pthread_mutex_unlock(&look_lock);
	relib_tasks_close(look->tasks);
	finish(look);
	pthread_setcancelstate(cancel, NULL);
	errno = saved;
	return looked->inside;
}

#ifdef __x86_64__
uintptr_t relib_own_stack_look(const struct relib_set *set)
{
	struct relib_place_inside place = { RELIB_OUTSIDE, 0 };
	struct relib_registers registers;
	ucontext_t context;
	struct look *look;

	if (!relib_unwind_is_ready() || getcontext(&context) || !(look = begin(set)))
		return 0;
	relib_memory_map_read(&look->map);
	relib_registers_of(&registers, &context);
	place = relib_stack_walk(&look->walk, &registers);
	finish(look);
	return place.inside == RELIB_INSIDE || place.inside == RELIB_PERHAPS ? place.address : 0;
}
#else
uintptr_t relib_own_stack_look(const struct relib_set *set)
{
	(void)set;
	return 0;
}
#endif

void relib_threads_look_in_child(void)
{
	pthread_mutex_init(&look_lock, NULL);
	relib_threads_ask_in_child();
}
