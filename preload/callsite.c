/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Call sites: from the return address of a hook to the module that owns what it acquired. */
#include "callsite.h"

#include <errno.h>
#include <string.h>

#include "chain.h"
#include "lock.h"
#include "options.h"
#include "policy.h"
#include "stack-unwind.h"

bool relib_tracking;

/* The frames of a call and where its owner stands among them. */
#define MOST_FRAMES 64
struct call {
	uintptr_t frames[MOST_FRAMES];
	unsigned count;
	unsigned owner_at; /* frames up to the owner's; 0 when there is none */
	struct relib_object *owner;
	uintptr_t through; /* the hooked function, or 0 */
	bool careful;      /* an object on the way lies where another was */
	bool open;         /* runtime libraries only, so far */
	bool thing;        /* not memory: it is the owner's, whichever functions are on the way */
};

void relib_callsites_reset(void)
{
	relib_places_reset();
	relib_chains_reset();
}

void relib_callsites_forget(struct relib_object *object)
{
	relib_places_forget(object);
	relib_chains_forget(object);
}

/* Looking for the owner */

/* What one more frame tells: true when the search is over. */
static bool meet_frame(struct call *call, const struct relib_meaning *meaning, unsigned at)
{
	/* A module with a malloc of its own keeps its blocks from us, and nothing else. */
	bool kept = meaning->answer == RELIB_PLACE_KEPT &&
		    !(call->thing && meaning->object && meaning->object->kind == RELIB_OBJECT_MODULE);

	if (!meaning->object || meaning->object->kind == RELIB_OBJECT_HOST || kept) {
		call->owner_at = 0;
		return true;
	}
	if (meaning->object->kind != RELIB_OBJECT_MODULE)
		return false;
	/* If nothing but weak functions of the C++ library follows, the first one stands. */
	if (!meaning->weak || !call->owner) {
		call->owner = meaning->object;
		call->owner_at = at + 1;
	}
	return !meaning->weak;
}

static void begin_search(struct call *call)
{
	call->owner = NULL;
	call->owner_at = 0;
	call->open = true;
}

/*
 * The size of a frame, learnt at the first time. False where it is not constant, or where there is no object and
 * so no rule.
 */
static bool frame_size(const struct relib_meaning *meaning, uintptr_t address, const uintptr_t *stack, uint32_t *size)
{
	*size = meaning->frame;
	if (!meaning->object)
		return false;
	if (*size == RELIB_FRAME_NEW) {
		*size = relib_unwind_frame_size(address, stack, meaning->object->reused_range);
		relib_place_set_frame(address, *size);
	}
	return *size != RELIB_FRAME_VARIES;
}

/*
 * By the sizes of frames, which are constant for nearly all code: no more than a look at the table and at the
 * stack for each. False where a frame has no constant size.
 */
static bool walk_to_owner(struct call *call, struct relib_caller caller)
{
	const uintptr_t *stack = caller.stack;
	uintptr_t address = caller.address;
	uint32_t size;

	begin_search(call);
	for (call->count = 0; call->count < MOST_FRAMES; address = stack[-1]) {
		struct relib_meaning meaning = relib_place_meaning(address);

		call->frames[call->count++] = address;
		if (meet_frame(call, &meaning, call->count - 1)) {
			call->open = false;
			return true;
		}
		if (!frame_size(&meaning, address, stack, &size))
			return false;
		if (size == RELIB_FRAME_LAST)
			return true;
		stack += size;
	}
	return false;
}

/*
 * In the same way, since what libunwind remembers of each address on behalf of unw_backtrace it never forgets, and
 * a module that is loaded again lies at new addresses.
 */
unsigned relib_callsite_stack(struct relib_caller caller, uintptr_t *frames, unsigned limit, bool careful)
{
	const uintptr_t *stack = caller.stack;
	uintptr_t address = caller.address;
	unsigned count = 0;
	uint32_t size;

	while (count < limit) {
		struct relib_meaning meaning = relib_place_meaning(address);

		frames[count++] = address;
		if (!frame_size(&meaning, address, stack, &size))
			return relib_unwind(caller.address, frames, limit, careful);
		if (size == RELIB_FRAME_LAST)
			break;
		stack += size;
		address = stack[-1];
	}
	return count;
}

static void search_frames(struct call *call)
{
	begin_search(call);
	for (unsigned i = 0; i < call->count; i++) {
		struct relib_meaning meaning = relib_place_meaning(call->frames[i]);

		call->careful |= meaning.object && meaning.object->reused_range;
		if (meet_frame(call, &meaning, i)) {
			call->open = false;
			return;
		}
	}
}

/* By libunwind. Looks at few frames first: most calls need no more. */
static void unwind_to_owner(struct call *call, uintptr_t caller)
{
	unsigned want = 8 + relib_options.stacks;

	call->careful = false;
	for (;;) {
		bool careful = call->careful;

		call->count = relib_unwind(caller, call->frames, want, careful);
		search_frames(call);
		if (call->careful && !careful)
			continue;
		if (!call->open || call->count < want || want == MOST_FRAMES)
			return;
		want = MOST_FRAMES;
	}
}

/* Answers */

static uint64_t hash_frames(const uintptr_t *frames, unsigned count)
{
	uint64_t hash = 0;

	for (unsigned i = 0; i < count; i++)
		hash = relib_chain_hash(hash, frames[i]);
	return hash + !hash;
}

/* The frames of a site: from the allocation's caller to the owner's frame, or stacks=N frames from there. */
static unsigned site_length(const struct call *call)
{
	unsigned length = call->owner_at - 1 + (relib_options.stacks ? relib_options.stacks : 1);

	return length < call->count ? length : call->count;
}

static uint32_t cold_answer(uint32_t site)
{
	return site ? RELIB_PLACE_COLD | relib_site_mark(site) : RELIB_PLACE_KEPT;
}

static bool chain_hands_over(const struct call *call)
{
	struct relib_runtime_frame runtime[MOST_FRAMES];

	for (unsigned i = 0; i + 1 < call->owner_at; i++) {
		struct relib_meaning meaning = relib_place_meaning(call->frames[i]);

		if (!meaning.object)
			return false;
		runtime[i] = (struct relib_runtime_frame){ call->frames[i], meaning.object };
	}
	return relib_policy_hands_over(runtime, call->owner_at - 1);
}

/* A chain too long to be kept whole is kept from the owner's frame on. */
static uint32_t make_site(const struct call *call, unsigned length)
{
	if (call->owner_at < RELIB_STACK_FRAMES)
		return relib_site_make(call->owner, call->through, call->frames, length);
	return relib_site_make(call->owner, call->through, call->frames + call->owner_at - 1, 1);
}

static uint32_t new_chain(uint64_t hash, const struct call *call, unsigned length)
{
	/* The policy compares names, which takes long: outside the lock. */
	bool handed = call->thing || chain_hands_over(call);
	uint32_t answer;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	if (!relib_chain_find(hash, &answer)) {
		answer = handed ? cold_answer(make_site(call, length)) : RELIB_PLACE_KEPT;
		relib_chain_set(hash, answer);
	}
	relib_unlock(&relib_registry_lock, &saved);
	return answer;
}

/* The answer for a call through runtime libraries; *hash is the chain's. */
static uint32_t chain_answer(struct relib_caller caller, uintptr_t through, bool thing, uint64_t *hash)
{
	struct call call;
	unsigned length;
	uint32_t answer;

	call.through = through;
	call.thing = thing;
	if (relib_options.stacks || !walk_to_owner(&call, caller))
		unwind_to_owner(&call, caller.address);
	if (!call.owner_at)
		return RELIB_PLACE_HOST;
	length = site_length(&call);
	*hash = hash_frames(call.frames, length);
	/* Memory from the same place may be kept. */
	if (thing)
		*hash = relib_chain_hash(*hash, through);
	return relib_chain_find(*hash, &answer) ? answer : new_chain(*hash, &call, length);
}

/* The first allocation of a module by a direct call. */
static uint32_t first_answer(uintptr_t caller, uintptr_t through, struct relib_object *object)
{
	struct relib_meaning meaning;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	if (!relib_place_find(caller, &meaning) || meaning.answer == RELIB_PLACE_MODULE) {
		meaning.answer = cold_answer(relib_site_make(object, through, &caller, 1));
		relib_place_set(caller, meaning.answer, object->index);
	}
	relib_unlock(&relib_registry_lock, &saved);
	return meaning.answer;
}

/* Sample stacks */

static bool crosses_power_of_two(uint32_t before, uint32_t after)
{
	return after && 1u << (31 - __builtin_clz(after)) > before;
}

/* Counts allocations of a site and takes a sample stack at the 1st, 2nd, 4th, 8th ... */
static void count_site(uint32_t number, struct relib_caller caller, uint32_t step)
{
	struct relib_site *site = &relib_sites[number];
	uint32_t before = __atomic_fetch_add(&site->seen, step, __ATOMIC_RELAXED);
	const struct relib_addresses *chain = relib_addresses_of(site->chain);
	uintptr_t frames[RELIB_STACK_FRAMES + 16];
	unsigned count, at = 0;
	sigset_t saved;

	/* With stacks=N the site has its callers already. */
	if (relib_options.stacks || !crosses_power_of_two(before, before + step))
		return;
	count = relib_callsite_stack(caller, frames, RELIB_STACK_FRAMES + 16, relib_objects[site->owner].reused_range);
	while (at < count && frames[at] != chain->frames[chain->count - 1])
		at++;
	if (at == count)
		return;
	relib_lock(&relib_registry_lock, &saved);
	relib_site_sample(site, frames + at, count - at);
	relib_unlock(&relib_registry_lock, &saved);
}

/* After the first allocations a site is not counted one by one: threads would fight for its cache line. */
static void warm_up(uintptr_t caller, uint64_t hash, uint32_t mark)
{
	const struct relib_site *site = &relib_sites[mark & RELIB_SITE_MASK];
	sigset_t saved;

	if (__atomic_load_n(&site->seen, __ATOMIC_RELAXED) < RELIB_SITE_COLD)
		return;
	relib_lock(&relib_registry_lock, &saved);
	if (hash)
		relib_chain_set(hash, mark);
	else
		relib_place_set(caller, mark, site->owner);
	relib_unlock(&relib_registry_lock, &saved);
}

/* Every so many allocations of a thread one is looked at in place of all. Inside the tracker. */
static bool is_ticked(void)
{
	if (relib_thread.kept_tick && --relib_thread.kept_tick)
		return false;
	relib_thread.kept_tick = RELIB_SITE_TICK;
	return true;
}

static uint32_t mark_of_answer(uint32_t answer, struct relib_caller caller, uint64_t hash)
{
	uint32_t mark = answer & (RELIB_MARK_LIMIT - 1);

	if ((answer & RELIB_PLACE_COLD) == RELIB_PLACE_COLD) {
		count_site(mark & RELIB_SITE_MASK, caller, 1);
		warm_up(caller.address, hash, mark);
		return mark;
	}
	if (answer & RELIB_PLACE_HOST)
		return 0;
	if (is_ticked())
		count_site(mark & RELIB_SITE_MASK, caller, RELIB_SITE_TICK);
	return mark;
}

/*
 * A call through runtime libraries that has been met before: nothing is looked at but the tables and the stack.
 * False when they don't know all of it.
 */
static inline bool known_chain(struct relib_caller caller, uint32_t *mark)
{
	const uintptr_t *stack = caller.stack;
	uintptr_t address = caller.address;
	uint64_t hash = 0;

	for (;;) {
		const struct relib_place *place = &relib_places[relib_place_index(address)];
		uintptr_t there = __atomic_load_n(&place->address, __ATOMIC_ACQUIRE);
		uint32_t answer = __atomic_load_n(&place->answer, __ATOMIC_ACQUIRE);
		uint32_t frame = __atomic_load_n(&place->details, __ATOMIC_ACQUIRE) >> RELIB_PLACE_FRAME_SHIFT;

		/* Once more: a reset in between would have made the size another's. */
		if (there != address || __atomic_load_n(&place->address, __ATOMIC_RELAXED) != address)
			return false;
		hash = relib_chain_hash(hash, address);
		if (answer != RELIB_PLACE_UNWIND) {
			*mark = 0;
			if (answer == RELIB_PLACE_HOST || answer == RELIB_PLACE_KEPT)
				return true;
			/* The caller itself is in a module: no chain. */
			if (address == caller.address)
				return false;
			return relib_chain_find(hash, mark) && *mark < RELIB_MARK_LIMIT && relib_thread.tick > 1 &&
			       --relib_thread.tick;
		}
		if (frame == RELIB_FRAME_NEW || frame >= RELIB_FRAME_LAST)
			return false;
		stack += frame;
		address = stack[-1];
	}
}

__attribute__((noinline)) static uint32_t find_mark(struct relib_caller caller, uintptr_t through, bool thing)
{
	int saved = errno;
	struct relib_meaning meaning;
	uint64_t hash = 0;
	uint32_t mark;

	relib_enter();
	meaning = relib_place_meaning(caller.address);
	if (meaning.answer == RELIB_PLACE_MODULE)
		meaning.answer = first_answer(caller.address, through, meaning.object);
	else if (meaning.answer == RELIB_PLACE_UNWIND || (thing && meaning.answer == RELIB_PLACE_KEPT))
		meaning.answer = chain_answer(caller, through, thing, &hash);
	mark = mark_of_answer(meaning.answer, caller, hash);
	relib_leave();
	errno = saved;
	return mark;
}

uint32_t relib_callsite_through(struct relib_caller caller, uintptr_t through)
{
	uint32_t mark;

	if (!relib_tracking || relib_thread.depth)
		return 0;
	/* With stacks=N module frames answer as runtime libraries do, and the chain is longer. */
	return !relib_options.stacks && known_chain(caller, &mark) ? mark : find_mark(caller, through, false);
}

uint32_t relib_callsite_thing_through(struct relib_caller caller, uintptr_t through)
{
	if (!relib_tracking || relib_thread.depth)
		return 0;
	return find_mark(caller, through, true);
}

/* Where module frames answer as runtime libraries do: with stacks=N, and of a module with a malloc of its own. */
static uint32_t direct_chain(uintptr_t caller, uintptr_t through, struct relib_object *object)
{
	struct call call = { .frames = { caller }, .count = 1, .owner_at = 1, .owner = object, .through = through, .thing = true };
	uint64_t hash = relib_chain_hash(hash_frames(&caller, 1), through);
	uint32_t answer;

	return relib_chain_find(hash, &answer) ? answer : new_chain(hash, &call, 1);
}

uint32_t relib_callsite_direct(uintptr_t caller, uintptr_t through)
{
	struct relib_meaning meaning;

	if (!relib_tracking || relib_thread.depth)
		return 0;
	relib_enter();
	meaning = relib_place_meaning(caller);
	if (!meaning.object || meaning.object->kind != RELIB_OBJECT_MODULE)
		meaning.answer = RELIB_PLACE_HOST;
	else if (meaning.answer == RELIB_PLACE_MODULE)
		meaning.answer = first_answer(caller, through, meaning.object);
	else if (meaning.answer == RELIB_PLACE_UNWIND || meaning.answer == RELIB_PLACE_KEPT)
		meaning.answer = direct_chain(caller, through, meaning.object);
	relib_leave();
	if ((meaning.answer & RELIB_PLACE_COLD) == RELIB_PLACE_HOST)
		return 0;
	return meaning.answer & (RELIB_MARK_LIMIT - 1);
}

/* Rare things */

/* Without libunwind the direct caller is all that is known. */
static void only_caller(struct call *call, uintptr_t caller)
{
	struct relib_meaning meaning = relib_place_meaning(caller);

	begin_search(call);
	call->frames[0] = caller;
	call->count = 1;
	meet_frame(call, &meaning, 0);
}

struct relib_object *relib_callsite_owner(struct relib_caller caller, uint32_t *stack)
{
	int error = errno;
	struct call call;
	sigset_t saved;

	*stack = 0;
	if (!relib_tracking || relib_thread.depth)
		return NULL;
	relib_enter();
	call.careful = false;
	call.thing = true;
	if (!walk_to_owner(&call, caller)) {
		unwind_to_owner(&call, caller.address);
		if (!call.count)
			only_caller(&call, caller.address);
	}
	if (call.owner_at) {
		call.count = relib_callsite_stack(caller, call.frames, RELIB_STACK_FRAMES, call.careful);
		call.count += !call.count; /* without libunwind the caller alone */
		relib_lock(&relib_registry_lock, &saved);
		*stack = relib_addresses_make(call.frames, call.count);
		relib_unlock(&relib_registry_lock, &saved);
	}
	relib_leave();
	errno = error;
	return call.owner_at ? call.owner : NULL;
}
