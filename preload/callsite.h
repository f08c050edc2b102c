/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Call sites: from the return address of a hook to the module that owns what it acquired, and the place in it.
 *
 * A caller in a module or in the host is the answer. A caller in a runtime library acts for somebody: the
 * stack is looked through, and what was found is remembered by a hash of the frames up to the owner's.
 */
#ifndef RELIB_CALLSITE_H
#define RELIB_CALLSITE_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

#include "place.h"
#include "site.h"
#include "thread-state.h"

#define RELIB_SITE_COLD 16   /* so many allocations of a site are counted one by one */
#define RELIB_SITE_TICK 1024 /* then one of so many allocations of a thread stands for all */

/* From the first dlopen on: before, all is the host's. */
RELIB_INTERNAL extern bool relib_tracking;

/*
 * The caller of a hook: the return address, and the stack pointer after the return. To be taken in the exported
 * function itself, never in a helper.
 */
struct relib_caller {
	uintptr_t address;
	const uintptr_t *stack;
};
#define RELIB_CALLER                                                                                       \
	((struct relib_caller){ (uintptr_t)__builtin_return_address(0), (const uintptr_t *)__builtin_dwarf_cfa() })

/*
 * The mark for an allocation by the caller of a hook, or 0 when it is not a module's. `through` is the hooked
 * function where a report should name it, or 0 for malloc and its kin.
 * Async-signal-safe as far as the tables know the answer.
 */
uint32_t relib_callsite_through(struct relib_caller caller, uintptr_t through);

/*
 * The part of it that malloc and its kin have inline: what one look at the table tells. A mark,
 * RELIB_PLACE_HOST when nothing at all is to be done, or RELIB_PLACE_NEW for all else.
 *
 * Before the first dlopen the table is empty. A reset of the table while it is read can only make a block pass as
 * the host's: the address is looked at again after the answer.
 */
static inline __attribute__((always_inline)) uint32_t relib_callsite_quick(uintptr_t caller)
{
	const struct relib_place *place = &relib_places[relib_place_index(caller)];
	uint32_t answer;

	if (__builtin_expect(__atomic_load_n(&place->address, __ATOMIC_ACQUIRE) != caller, 0))
		return RELIB_PLACE_NEW;
	answer = __atomic_load_n(&place->answer, __ATOMIC_ACQUIRE);
	if (answer == RELIB_PLACE_HOST)
		return answer;
	if (answer - 1 < RELIB_MARK_LIMIT - 1 && __builtin_expect(relib_thread.tick > 1, 1) &&
	    __atomic_load_n(&place->address, __ATOMIC_RELAXED) == caller) {
		relib_thread.tick--;
		return answer;
	}
	return RELIB_PLACE_NEW;
}

/* Both parts. */
static inline uint32_t relib_callsite(struct relib_caller caller, uintptr_t through)
{
	uint32_t answer = relib_callsite_quick(caller.address);

	if (answer == RELIB_PLACE_HOST)
		return 0;
	return answer ? answer : relib_callsite_through(caller, through);
}

/*
 * The same for what is not memory: no function of a runtime library keeps it for the process, so what a module asked for
 * through one is the module's.
 */
uint32_t relib_callsite_thing_through(struct relib_caller caller, uintptr_t through);

static inline uint32_t relib_callsite_thing(struct relib_caller caller, uintptr_t through)
{
	uint32_t answer = relib_callsite_quick(caller.address);

	if (answer == RELIB_PLACE_HOST)
		return 0;
	return answer ? answer : relib_callsite_thing_through(caller, through);
}

/*
 * The same by the direct caller alone: for what is called where nothing may be called in turn, and the stack not looked
 * through. Takes no sample.
 */
uint32_t relib_callsite_direct(uintptr_t caller, uintptr_t through);

/*
 * The owner of a rare thing (a thread, say) with the whole stack of who asked for it.
 * @return the owner's object, or NULL for the host; *stack is the number of the addresses, or 0
 */
struct relib_object *relib_callsite_owner(struct relib_caller caller, uint32_t *stack);

/*
 * The return addresses on the stack from `caller` on, at most `limit`. 0 where libunwind is needed and not there;
 * frames[0] is the caller's all the same.
 */
unsigned relib_callsite_stack(struct relib_caller caller, uintptr_t *frames, unsigned limit, bool careful);

/* Empties the tables of places and of chains; registry lock held. */
void relib_callsites_reset(void);
/* Takes out of them what belongs to an object. While it is being closed nothing of it is entered. Registry lock held. */
void relib_callsites_forget(struct relib_object *object);

#endif
