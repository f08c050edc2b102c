/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Which calls of a thread longjmp has skipped, so that their slots are free. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <unwind.h>

#include "calls.h"

struct search {
	const struct relib_slot *slot;
	bool found;
	uintptr_t address, outermost; /* of the last frame: its instruction, its end */
};

static _Unwind_Reason_Code look_for_call(struct _Unwind_Context *context, void *argument)
{
	struct search *search = argument;

	search->address = _Unwind_GetIP(context);
	search->outermost = _Unwind_GetCFA(context);
	if (!search->slot || !relib_call_is_stub(search->address))
		return _URC_NO_REASON;
	search->found = (const struct relib_slot *)_Unwind_GetGR(context, RELIB_SLOT_REGISTER) == search->slot;
	return search->found ? _URC_NORMAL_STOP : _URC_NO_REASON;
}

/* Code without unwind tables tells nothing. The one place in libc that has none is where makecontext() starts. */
static bool ends_in_unknown_code(const struct search *search)
{
	struct dl_find_object libc, last;

	if (!search->address || _Unwind_FindEnclosingFunction((void *)search->address))
		return false;
	return _dl_find_object((void *)abort, &libc) || _dl_find_object((void *)search->address, &last) ||
	       libc.dlfo_link_map != last.dlfo_link_map;
}

/* It may allocate: so when the record is made, not when a signal handler calls an export. */
void relib_thread_find_stack(struct relib_thread *thread)
{
	struct search search = { 0 };
	pthread_attr_t attributes;
	void *low;
	size_t size;

	_Unwind_Backtrace(look_for_call, &search);
	thread->outermost = search.outermost;
	thread->stack_low = thread->stack_high = 1;
	if (pthread_getattr_np(pthread_self(), &attributes))
		return;
	if (!pthread_attr_getstack(&attributes, &low, &size)) {
		thread->stack_low = (uintptr_t)low;
		thread->stack_high = (uintptr_t)low + size;
	}
	pthread_attr_destroy(&attributes);
}

bool relib_call_on_stack(const struct relib_thread *thread, const void *address)
{
	return (uintptr_t)address >= thread->stack_low && (uintptr_t)address < thread->stack_high;
}

/*
 * An array in a frame of the thread may be the stack of a coroutine or of a signal handler. It lies above calls that are there
 * all the same: the frames lead to them, or don't lead to where the thread began.
 */
static bool is_elsewhere(struct relib_thread *thread, const struct relib_slot *slot)
{
	struct search search = { .slot = slot };

	_Unwind_Backtrace(look_for_call, &search);
	if (search.found)
		return true;
	if (ends_in_unknown_code(&search))
		return false;
	if (search.outermost >= thread->outermost) {
		thread->outermost = search.outermost;
		return false;
	}
	return true;
}

/*
 * Its caller's frame would have to lie below the frame that is here now. Stacks that the host has made itself, for coroutines
 * or signal handlers, tell nothing: calls on those stay.
 */
bool relib_call_is_skipped(struct relib_thread *thread, const struct relib_slot *slot, const void *stack)
{
	return (const char *)slot->stack <= (const char *)stack && relib_call_on_stack(thread, slot->stack) &&
	       relib_call_on_stack(thread, stack) && !is_elsewhere(thread, slot);
}
