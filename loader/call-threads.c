/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The records of threads: made at a thread's first call, given to another thread when it has ended. */
#include <errno.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <unwind.h>

#include "calls.h"

__thread struct relib_calls *relib_calls_of_thread;

/* Grows only. */
static struct relib_thread *_Atomic threads;
static pthread_key_t at_end;
static bool has_key;

/* A call that longjmp skipped, or a fiber that was left alone: its slots may not be anyone else's. */
static bool is_idle(const struct relib_thread *thread)
{
	for (const struct relib_slot *slot = thread->slots; slot < thread->calls.top; slot++)
		if (__atomic_load_n(&slot->target, __ATOMIC_ACQUIRE))
			return false;
	return true;
}

static void end_thread(void *record)
{
	struct relib_thread *thread = record;

	if (thread->calls.top > thread->slots)
		relib_call_trim_stack(thread);
	relib_calls_of_thread = NULL;
	relib_fault_stack_free(thread);
	if (is_idle(thread)) {
		__atomic_store_n(&thread->calls.top, thread->slots, __ATOMIC_RELAXED);
		atomic_store(&thread->id, 0);
	}
}

/* In the child there is one thread: what the others were calling isn't called any more. */
static void after_fork(void)
{
	struct relib_thread *own = relib_thread_known();

	for (struct relib_thread *thread = atomic_load(&threads); thread; thread = thread->next) {
		atomic_store(&thread->id, thread == own ? gettid() : 0);
		if (thread != own) {
			thread->calls.top = thread->slots;
			relib_fault_stack_free(thread);
		}
	}
}

static _Unwind_Reason_Code stop(struct _Unwind_Context *context, void *nothing)
{
	(void)context;
	(void)nothing;
	return _URC_NORMAL_STOP;
}

__attribute__((constructor)) static void start(void)
{
	/*
	 * libgcc learns the sizes of registers when it first unwinds. If the first to throw is a module with a libgcc of its
	 * own, ours gets to see a context before that, in relib_call_personality(), and ends the process.
	 */
	_Unwind_Backtrace(stop, NULL);
	has_key = !pthread_key_create(&at_end, end_thread);
	pthread_atfork(NULL, NULL, after_fork);
}

static struct relib_thread *take_used(int id)
{
	for (struct relib_thread *thread = atomic_load(&threads); thread; thread = thread->next) {
		int none = 0;

		if (atomic_compare_exchange_strong(&thread->id, &none, id))
			return thread;
	}
	return NULL;
}

static struct relib_thread *make(int id)
{
	struct relib_thread *thread = mmap(NULL, sizeof(*thread), PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (thread == MAP_FAILED)
		return NULL;
	atomic_store(&thread->id, id);
	thread->calls.top = thread->slots;
	thread->before.stack = (void *)UINTPTR_MAX;
	thread->slots[RELIB_MAX_CALLS].state = RELIB_SLOT_END;
	thread->next = atomic_load(&threads);
	while (!atomic_compare_exchange_weak(&threads, &thread->next, thread))
		;
	return thread;
}

struct relib_thread *relib_thread_here(void)
{
	struct relib_thread *thread = relib_thread_known();
	int error = errno, id;

	if (thread)
		return thread;
	id = gettid();
	thread = take_used(id);
	if (!thread)
		thread = make(id);
	if (thread) {
		relib_thread_find_stack(thread);
		thread->panic.module = 0;
		thread->panic_slot = NULL;
		relib_calls_of_thread = &thread->calls;
		/* Without it the record stays this thread's for ever, which costs its memory. */
		if (has_key)
			pthread_setspecific(at_end, thread);
	}
	errno = error;
	return thread;
}

struct relib_thread *relib_threads(void)
{
	return atomic_load(&threads);
}

static int membarrier(int command)
{
	return (int)syscall(SYS_membarrier, command, 0, 0);
}

bool relib_threads_can_see(void)
{
	static atomic_int can; /* 0: not asked yet */
	int error = errno;

	if (!atomic_load(&can))
		atomic_store(&can, membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) ? -1 : 1);
	errno = error;
	return atomic_load(&can) > 0;
}

/*
 * A call writes its slot and then reads the state; an unload writes the state and then reads the slots. One of them must see
 * the other, and a fence in each call would cost more than the call.
 */
void relib_threads_see(void)
{
	atomic_thread_fence(memory_order_seq_cst);
	if (relib_threads_can_see())
		membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}
