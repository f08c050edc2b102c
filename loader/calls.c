/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Beginning and ending of calls, where host.h does not do it in line. */
#include <stddef.h>

#include "calls.h"

_Static_assert(sizeof(struct relib_slot) == 128 && offsetof(struct relib_slot, target) == 0 &&
		       offsetof(struct relib_slot, stack) == 8 &&
		       offsetof(struct relib_slot, saved) == 24 && offsetof(struct relib_slot, exception) % 16 == 0 &&
		       offsetof(struct relib_target, function) == 0 && offsetof(struct relib_calls, top) == 0 &&
		       offsetof(struct relib_thread, calls) == 0 && offsetof(struct relib_thread, signal_stack) == 8 &&
		       offsetof(struct relib_thread, slots) ==
			       offsetof(struct relib_thread, before) + sizeof(struct relib_slot),
	       "call-stub.S and host.h count on it");

#ifdef __aarch64__
_Static_assert(offsetof(struct relib_thread, more) - offsetof(struct relib_thread, slots) == 256384, "call-stub.S counts on it");
#endif

/* What a call was that was left out of order. It is nothing any more when its slot is free. */
const struct relib_target relib_call_left;

/*
 * Takes away calls that have ended without anyone saying so: those left out of order before, and those that longjmp has
 * skipped.
 */
static void trim(struct relib_thread *thread, const void *stack)
{
	for (;;) {
		struct relib_slot *top = __atomic_load_n(&thread->calls.top, __ATOMIC_RELAXED);

		if (top == thread->slots ||
		    (top[-1].target != &relib_call_left && !relib_call_is_skipped(thread, &top[-1], stack)))
			return;
		/* As slots are that nobody has: before anybody can take it. */
		top[-1].stack = RELIB_SLOT_NO_STACK;
		__atomic_store_n(&top[-1].target, NULL, __ATOMIC_RELAXED);
		/* A signal handler has taken it away meanwhile, and what lies above, and has made calls there. */
		if (!__atomic_compare_exchange_n(&thread->calls.top, &top, top - 1, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
			continue;
		if (top[-1].state != RELIB_SLOT_END)
			top[-1].state = RELIB_SLOT_FREE;
	}
}

static struct relib_slot *take(struct relib_thread *thread, const struct relib_target *target, const void *stack)
{
	struct relib_slot *slot;

	do {
		slot = __atomic_load_n(&thread->calls.top, __ATOMIC_RELAXED);
		if (slot->state != RELIB_SLOT_FREE || (char *)slot[-1].stack <= (const char *)stack) {
			/*
			 * On a stack that the host has made, for want of room only: in a signal handler there, the thread may stand
			 * between looking at the top and setting it, and must find it as it was.
			 */
			if (slot->state == RELIB_SLOT_END || relib_call_on_stack(thread, stack))
				trim(thread, stack);
			slot = __atomic_load_n(&thread->calls.top, __ATOMIC_RELAXED);
			if (slot->state == RELIB_SLOT_END)
				return NULL;
		}
	} while (!__atomic_compare_exchange_n(&thread->calls.top, &slot, slot + 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	slot->state = RELIB_SLOT_FREE;
	atomic_signal_fence(memory_order_seq_cst);
	slot->stack = (void *)stack;
	__atomic_store_n(&slot->target, target, __ATOMIC_RELAXED);
	if (!relib_threads_can_see())
		atomic_thread_fence(memory_order_seq_cst);
	atomic_signal_fence(memory_order_seq_cst);
	return slot;
}

struct relib_slot *relib_call_begin(const struct relib_target *target, const void *stack)
{
	struct relib_thread *thread = relib_thread_here();

	return thread ? take(thread, target, stack) : NULL;
}

struct relib_slot *relib_call_enter_slowly(struct relib_interface *interface, unsigned index)
{
	struct relib_target *exports = __atomic_load_n(&interface->exports, __ATOMIC_RELAXED);
	struct relib_slot *slot = relib_call_begin(&exports[index], RELIB_CALLERS_STACK);

	return slot ? relib_call_check(interface, slot) : NULL;
}

struct relib_slot *relib_call_check(struct relib_interface *interface, struct relib_slot *slot)
{
	uintptr_t open, first, target = (uintptr_t)slot->target;

	if (!relib_threads_can_see())
		atomic_thread_fence(memory_order_seq_cst);
	open = __atomic_load_n(&interface->open, __ATOMIC_ACQUIRE);
	/* The last two bits say how it is loaded. */
	first = open & ~(uintptr_t)3;
	if (open && target >= first && target < first + interface->export_count * sizeof(struct relib_target))
		return slot;
	relib_call_end(slot);
	return NULL;
}

enum relib_code relib_call_refusal(const struct relib_interface *interface, unsigned index)
{
	const struct relib_calls *calls = relib_calls_of_thread;

	(void)index;
	if (!calls)
		return RELIB_NO_MEMORY;
	switch (__atomic_load_n(&interface->state, __ATOMIC_ACQUIRE)) {
	case RELIB_INTERFACE_LOADED:
	case RELIB_INTERFACE_LOADED_FENCED:
		/* It may be loaded by now, and have been on its way out when the call looked. */
		return calls->top->state == RELIB_SLOT_END ? RELIB_TOO_DEEP : RELIB_BUSY;
	case RELIB_INTERFACE_CLOSING:
		return RELIB_BUSY;
	default:
		return RELIB_NOT_LOADED;
	}
}

/* As if it were called, so that the module doesn't go meanwhile. */
bool relib_has_export(const struct relib_interface *interface, unsigned index)
{
	struct relib_slot *slot;
	bool has;

	if (index >= interface->export_count)
		return false;
	slot = relib_call_enter((struct relib_interface *)interface, index);
	if (!slot)
		return false;
	has = slot->target->function != relib_call_missing;
	relib_call_leave(slot);
	return has;
}

/* What stands above a call that failed. */
static const struct relib_target failure;

/*
 * Another slot above it makes the end look unusual, also to host.h; a signal handler that calls an export takes that after next, and
 * must not take this one away before the host has seen it.
 */
void relib_call_fail(struct relib_slot *slot, uint32_t state)
{
	struct relib_calls *calls = relib_calls_of_thread;

	slot->state = state;
	/* A call that isn't the innermost looks unusual as it is. */
	if (calls->top != slot + 1)
		return;
	/* A handler's call in between takes that slot, and leaves another target there; from then on it would take the one above. */
	do {
		slot[1].stack = slot->stack;
		__atomic_store_n(&slot[1].target, &failure, __ATOMIC_RELAXED);
		__atomic_store_n(&calls->top, slot + 2, __ATOMIC_RELEASE);
		atomic_signal_fence(memory_order_seq_cst);
	} while (slot[1].target != &failure || calls->top != slot + 2);
}

void relib_call_missing(void)
{
	relib_call_fail(relib_calls_of_thread->top - 1, RELIB_SLOT_MISSING);
}

/* The end of a call that isn't the innermost: it is forgotten where it stands. */
static void forget(struct relib_slot *slot)
{
	struct relib_thread *thread = relib_thread_known();
	const void *stack = slot->stack;

	__atomic_store_n(&slot->target, &relib_call_left, __ATOMIC_RELEASE);
	/* A coroutine may have gone on in another thread, whose record this isn't. */
	if (thread && slot >= thread->slots && slot < thread->calls.top)
		trim(thread, stack);
}

enum relib_code relib_call_leave_slowly(struct relib_slot *slot)
{
	struct relib_thread *thread = relib_thread_known();
	bool failed = slot[1].target == &failure;
	uint32_t state = slot->state;

	if (failed) {
		slot[1].stack = RELIB_SLOT_NO_STACK;
		__atomic_store_n(&slot[1].target, &relib_call_left, __ATOMIC_RELAXED);
	}
	slot->state = RELIB_SLOT_FREE;
	if (thread && thread->calls.top == slot + 1) {
		slot->stack = RELIB_SLOT_NO_STACK;
		__atomic_store_n(&thread->calls.top, slot, __ATOMIC_RELEASE);
	} else {
		forget(slot);
	}
	return state == RELIB_SLOT_FAILED ? RELIB_PANICKED : state == RELIB_SLOT_MISSING ? RELIB_NO_SYMBOL : RELIB_OK;
}

enum relib_code relib_call_end(struct relib_slot *slot)
{
	return relib_call_leave_slowly(slot);
}

void relib_call_trim(const void *stack)
{
	if (relib_calls_of_thread)
		trim(relib_thread_known(), stack);
}

void relib_call_trim_stack(struct relib_thread *thread)
{
	trim(thread, (const void *)(thread->stack_high - 1));
}

struct relib_slot *relib_call_innermost(void)
{
	struct relib_thread *thread = relib_thread_known();
	struct relib_slot *slot;

	if (!thread)
		return NULL;
	for (slot = thread->calls.top; slot > thread->slots; slot--) {
		const struct relib_target *target = __atomic_load_n(&slot[-1].target, __ATOMIC_RELAXED);

		if (target && target != &failure && target != &relib_call_left)
			return slot - 1;
	}
	return NULL;
}
