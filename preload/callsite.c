/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Call sites: from the return address of a hook to the place that owns what it acquired. */
#include "callsite.h"

#include <errno.h>
#include <string.h>

#include "lock.h"
#include "arena.h"
#include "options.h"
#include "policy.h"
#include "stack-unwind.h"

/* Room for so many, where the address space is not limited. */
#define MOST_SITES (1u << 20)
#define MOST_STACKS (1u << 19)
#define PROBES 16
#define CHAIN_BITS 15
/* The innermost frames that are looked at first, then all that there may be. */
#define FEW_FRAMES 8
#define MANY_FRAMES 128

struct relib_place relib_places[1u << RELIB_PLACE_BITS];
struct relib_site *relib_sites;
bool relib_tracking;
static struct relib_addresses *stacks;
static uint32_t site_limit, site_fresh = 1, site_free, stack_limit, stack_fresh = 1, stack_free;
static uint32_t place_count, chain_count;

/* Chains of frames through runtime libraries, by their hash. */
static struct chain {
	uint64_t hash;
	uint32_t answer;
} chains[1u << CHAIN_BITS];

void relib_callsites_start(void)
{
	/* Of little address space the host should have nearly all. */
	size_t share = relib_option_address_space() / 64;

	site_limit = share / sizeof *relib_sites < MOST_SITES ? (uint32_t)(share / sizeof *relib_sites) : MOST_SITES;
	stack_limit = share / sizeof *stacks < MOST_STACKS ? (uint32_t)(share / sizeof *stacks) : MOST_STACKS;
	relib_sites = relib_reserve(site_limit * sizeof *relib_sites);
	stacks = relib_reserve(stack_limit * sizeof *stacks);
}

uint32_t relib_callsites_count(void)
{
	return __atomic_load_n(&site_fresh, __ATOMIC_RELAXED);
}

void relib_callsites_reset(void)
{
	for (uint32_t i = 0; i < 1u << RELIB_PLACE_BITS; i++)
		if (relib_places[i].address) {
			__atomic_store_n(&relib_places[i].address, 0, __ATOMIC_RELEASE);
			__atomic_store_n(&relib_places[i].answer, 0, __ATOMIC_RELEASE);
		}
	for (uint32_t i = 0; i < 1u << CHAIN_BITS; i++)
		if (chains[i].hash) {
			__atomic_store_n(&chains[i].hash, 0, __ATOMIC_RELEASE);
			__atomic_store_n(&chains[i].answer, 0, __ATOMIC_RELEASE);
		}
	place_count = chain_count = 0;
}

/* Addresses */

static uint32_t take_stack(const uintptr_t *frames, uint32_t count)
{
	uint32_t stack = stack_free;

	if (!stacks || !count)
		return 0;
	if (stack)
		stack_free = stacks[stack].next_free;
	else if (stack_fresh < stack_limit)
		stack = stack_fresh++;
	else
		return 0;
	stacks[stack].count = count < RELIB_STACK_FRAMES ? count : RELIB_STACK_FRAMES;
	memcpy(stacks[stack].frames, frames, stacks[stack].count * sizeof *frames);
	return stack;
}

static void give_stack(uint32_t stack)
{
	if (!stack)
		return;
	stacks[stack].next_free = stack_free;
	stack_free = stack;
}

const struct relib_addresses *relib_addresses_of(uint32_t stack)
{
	return &stacks[stack];
}

void relib_addresses_free(uint32_t stack)
{
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	give_stack(stack);
	relib_unlock(&relib_registry_lock, &saved);
}

/* Sites */

/*
 * Registry lock held. 0 when there are too many: such blocks stay untagged. `through` is the function that
 * is hooked, in front of its caller, or 0.
 */
static uint32_t make_site(struct relib_object *owner, uintptr_t through, const uintptr_t *frames, uint32_t count)
{
	uintptr_t all[RELIB_STACK_FRAMES];
	uint32_t site = site_free, first = through != 0, chain;

	if (count > RELIB_STACK_FRAMES - first)
		count = RELIB_STACK_FRAMES - first;
	/* As if it were a return address in that function. */
	all[0] = through + 1;
	memcpy(all + first, frames, count * sizeof *frames);
	chain = relib_sites ? take_stack(all, first + count) : 0;

	if (!chain)
		return 0;
	if (site) {
		site_free = relib_sites[site].next;
	} else if (site_fresh < site_limit) {
		site = site_fresh++;
	} else {
		give_stack(chain);
		return 0;
	}
	relib_sites[site] = (struct relib_site){ .owner = owner->index, .next = owner->sites, .chain = chain };
	owner->sites = site;
	return site;
}

void relib_callsites_free(struct relib_object *owner)
{
	uint32_t site = owner->sites, next;

	for (; site; site = next) {
		next = relib_sites[site].next;
		give_stack(relib_sites[site].chain);
		for (unsigned i = 0; i < RELIB_SITE_SAMPLES; i++)
			give_stack(relib_sites[site].samples[i]);
		relib_sites[site].next = site_free;
		site_free = site;
	}
	owner->sites = 0;
}

/* Keeps the callers of this allocation if they are others than those kept. Registry lock held. */
static void keep_sample(struct relib_site *site, const uintptr_t *frames, uint32_t count)
{
	for (unsigned i = 0; i < RELIB_SITE_SAMPLES; i++) {
		const struct relib_addresses *sample = &stacks[site->samples[i]];
		uint32_t kept = count < RELIB_STACK_FRAMES ? count : RELIB_STACK_FRAMES;

		if (!site->samples[i]) {
			site->samples[i] = take_stack(frames, count);
			return;
		}
		if (sample->count == kept && !memcmp(sample->frames, frames, kept * sizeof *frames))
			return;
	}
}

/* The table by return address */

/* Where the answer for an address is or would be; NULL when there is no place left. Registry lock held. */
static struct relib_place *find_place(uintptr_t address)
{
	uint32_t index = relib_place_index(address);

	for (uint32_t i = 0; i < PROBES; i++) {
		struct relib_place *place = &relib_places[(index + i) & ((1u << RELIB_PLACE_BITS) - 1)];

		if (place->address == address || !place->address)
			return place;
	}
	return NULL;
}

static void set_place(uintptr_t address, uint32_t answer, uint32_t object)
{
	struct relib_place *place = find_place(address);

	if (!place || place_count > 1u << (RELIB_PLACE_BITS - 1)) {
		relib_callsites_reset();
		place = find_place(address);
	}
	if (!place->address)
		place_count++;
	__atomic_store_n(&place->object, object, __ATOMIC_RELAXED);
	__atomic_store_n(&place->answer, answer, __ATOMIC_RELEASE);
	__atomic_store_n(&place->address, address, __ATOMIC_RELEASE);
}

/* What a return address is. */
struct kind {
	uint32_t answer;
	bool weak;
	struct relib_object *object; /* NULL: in no object, made by a compiler at run time perhaps */
};

/* Without a lock: false when the table has no answer. */
static bool look_up(uintptr_t address, struct kind *kind)
{
	uint32_t index = relib_place_index(address);

	for (uint32_t i = 0; i < PROBES; i++) {
		const struct relib_place *place = &relib_places[(index + i) & ((1u << RELIB_PLACE_BITS) - 1)];
		uintptr_t there = __atomic_load_n(&place->address, __ATOMIC_ACQUIRE);
		uint32_t object;

		if (!there)
			return false;
		if (there != address)
			continue;
		kind->answer = __atomic_load_n(&place->answer, __ATOMIC_ACQUIRE);
		object = __atomic_load_n(&place->object, __ATOMIC_ACQUIRE);
		kind->weak = object & RELIB_PLACE_WEAK;
		kind->object = &relib_objects[object & ~RELIB_PLACE_WEAK];
		return kind->answer != RELIB_PLACE_NEW &&
		       __atomic_load_n(&place->address, __ATOMIC_RELAXED) == address;
	}
	return false;
}

/* Registry lock held. */
static struct kind classify_new(uintptr_t address)
{
	struct kind kind = { .answer = RELIB_PLACE_HOST, .object = relib_object_at_locked(address - 1) };

	if (!kind.object)
		return kind;
	switch (kind.object->kind) {
	case RELIB_OBJECT_HOST:
		break;
	case RELIB_OBJECT_KEEPS:
		kind.answer = RELIB_PLACE_KEPT;
		break;
	case RELIB_OBJECT_MODULE:
		/* What it frees is not seen: a tag of a block of its own would outlive the block. */
		if (kind.object->untracked) {
			kind.answer = RELIB_PLACE_KEPT;
			break;
		}
		kind.weak = relib_policy_is_weak_cxx(kind.object, address);
		kind.answer = kind.weak || relib_options.stacks ? RELIB_PLACE_UNWIND : RELIB_PLACE_MODULE;
		break;
	default:
		kind.answer = RELIB_PLACE_UNWIND;
	}
	set_place(address, kind.answer, kind.object->index | (kind.weak ? RELIB_PLACE_WEAK : 0));
	return kind;
}

static struct kind classify(uintptr_t address)
{
	struct dl_find_object found;
	struct kind kind;
	sigset_t saved;

	if (look_up(address, &kind))
		return kind;
	if (_dl_find_object((void *)(address - 1), &found))
		return (struct kind){ .answer = RELIB_PLACE_HOST };
	relib_lock(&relib_registry_lock, &saved);
	kind = classify_new(address);
	relib_unlock(&relib_registry_lock, &saved);
	return kind;
}

/* Calls through runtime libraries */

/* The frames of a call and where its owner stands among them. */
struct call {
	uintptr_t frames[MANY_FRAMES];
	unsigned count;
	unsigned owner_at; /* frames up to the owner's; 0 when there is none */
	struct relib_object *owner;
	bool careful; /* an object on the way lies where another was */
	uintptr_t through; /* the hooked function, or 0 */
	bool open;    /* runtime libraries only, so far */
};

static void find_owner(struct call *call)
{
	call->owner = NULL;
	call->owner_at = 0;
	call->open = false;
	for (unsigned i = 0; i < call->count; i++) {
		struct kind kind = classify(call->frames[i]);

		if (!kind.object || kind.answer == RELIB_PLACE_HOST) {
			call->owner_at = 0;
			return;
		}
		call->careful |= kind.object->reused_range;
		if (kind.answer == RELIB_PLACE_KEPT) {
			call->owner_at = 0;
			return;
		}
		if (kind.object->kind != RELIB_OBJECT_MODULE)
			continue;
		/* If nothing but weak functions of the C++ library follows, the first one stands. */
		if (!kind.weak || !call->owner) {
			call->owner = kind.object;
			call->owner_at = i + 1;
		}
		if (!kind.weak)
			return;
	}
	call->open = true;
}

/* Looks at few frames first: most calls need no more. */
static void unwind_to_owner(struct call *call, uintptr_t caller)
{
	unsigned want = FEW_FRAMES + relib_options.stacks;

	for (;;) {
		bool careful = call->careful;

		call->count = relib_unwind(caller, call->frames, want, careful);
		find_owner(call);
		if (call->careful && !careful)
			continue;
		if (!call->open || call->count < want || want == MANY_FRAMES)
			return;
		want = MANY_FRAMES;
	}
}

static bool chain_hands_over(const struct call *call)
{
	struct relib_runtime_frame runtime[MANY_FRAMES];

	for (unsigned i = 0; i + 1 < call->owner_at; i++) {
		struct kind kind = classify(call->frames[i]);

		if (!kind.object)
			return false;
		runtime[i] = (struct relib_runtime_frame){ call->frames[i], kind.object };
	}
	return relib_policy_hands_over(runtime, call->owner_at - 1);
}

static uint64_t hash_frames(const uintptr_t *frames, unsigned count)
{
	uint64_t hash = count;

	for (unsigned i = 0; i < count; i++) {
		hash = (hash ^ frames[i]) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	return hash ? hash : 1;
}

static bool look_up_chain(uint64_t hash, uint32_t *answer)
{
	for (uint32_t i = 0; i < PROBES; i++) {
		const struct chain *chain = &chains[(hash + i) & ((1u << CHAIN_BITS) - 1)];
		uint64_t there = __atomic_load_n(&chain->hash, __ATOMIC_ACQUIRE);

		if (!there)
			return false;
		if (there == hash) {
			*answer = __atomic_load_n(&chain->answer, __ATOMIC_ACQUIRE);
			return *answer && __atomic_load_n(&chain->hash, __ATOMIC_RELAXED) == hash;
		}
	}
	return false;
}

/* Registry lock held. */
static void set_chain(uint64_t hash, uint32_t answer)
{
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < PROBES; i++) {
			struct chain *chain = &chains[(hash + i) & ((1u << CHAIN_BITS) - 1)];

			if (chain->hash && chain->hash != hash)
				continue;
			if (!chain->hash && chain_count >= 1u << (CHAIN_BITS - 1))
				break;
			chain_count += !chain->hash;
			__atomic_store_n(&chain->answer, answer, __ATOMIC_RELEASE);
			__atomic_store_n(&chain->hash, hash, __ATOMIC_RELEASE);
			return;
		}
		relib_callsites_reset();
	}
}

/* The frames of a site: from the allocation's caller to the owner's frame, or stacks=N frames from there. */
static unsigned site_length(const struct call *call)
{
	unsigned length = call->owner_at - 1 + (relib_options.stacks ? relib_options.stacks : 1);

	return length < call->count ? length : call->count;
}

static uint32_t make_site_of(const struct call *call, unsigned length)
{
	if (call->owner_at < RELIB_STACK_FRAMES)
		return make_site(call->owner, call->through, call->frames, length);
	return make_site(call->owner, call->through, call->frames + call->owner_at - 1, 1);
}

static uint32_t new_chain(uint64_t hash, const struct call *call, unsigned length)
{
	/* The policy compares names, which takes long: outside the lock. */
	bool handed = chain_hands_over(call);
	uint32_t answer, site;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	if (!look_up_chain(hash, &answer)) {
		site = handed ? make_site_of(call, length) : 0;
		answer = site ? RELIB_PLACE_COLD | site : RELIB_PLACE_KEPT;
		set_chain(hash, answer);
	}
	relib_unlock(&relib_registry_lock, &saved);
	return answer;
}

/* The answer for a call through runtime libraries; *hash is the chain's. */
static uint32_t unwound_answer(uintptr_t caller, uintptr_t through, uint64_t *hash)
{
	struct call call;
	unsigned length;
	uint32_t answer;

	call.careful = false;
	call.through = through;
	unwind_to_owner(&call, caller);
	if (!call.owner_at)
		return RELIB_PLACE_HOST;
	length = site_length(&call);
	*hash = hash_frames(call.frames, length);
	return look_up_chain(*hash, &answer) ? answer : new_chain(*hash, &call, length);
}

/* The first allocation of a module by a direct call. */
static uint32_t first_answer(uintptr_t caller, uintptr_t through, struct relib_object *object)
{
	struct kind kind;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	if (!look_up(caller, &kind) || kind.answer == RELIB_PLACE_MODULE) {
		uint32_t site = make_site(object, through, &caller, 1);

		kind.answer = site ? RELIB_PLACE_COLD | site : RELIB_PLACE_KEPT;
		set_place(caller, kind.answer, object->index);
	}
	relib_unlock(&relib_registry_lock, &saved);
	return kind.answer;
}

/* Sample stacks */

static bool crosses_power_of_two(uint32_t before, uint32_t after)
{
	return after && 1u << (31 - __builtin_clz(after)) > before;
}

/* Counts allocations of a site and takes a sample stack at the 1st, 2nd, 4th, 8th ... */
static void count_site(uint32_t number, uintptr_t caller, uint32_t step)
{
	struct relib_site *site = &relib_sites[number];
	uint32_t before = __atomic_fetch_add(&site->seen, step, __ATOMIC_RELAXED);
	const struct relib_addresses *chain = &stacks[site->chain];
	uintptr_t frames[RELIB_STACK_FRAMES + 16];
	unsigned count, at = 0;
	sigset_t saved;

	/* With stacks=N the site has its callers already. */
	if (relib_options.stacks || !crosses_power_of_two(before, before + step))
		return;
	count = relib_unwind(caller, frames, RELIB_STACK_FRAMES + 16, relib_objects[site->owner].reused_range);
	while (at < count && frames[at] != chain->frames[chain->count - 1])
		at++;
	if (at == count)
		return;
	relib_lock(&relib_registry_lock, &saved);
	keep_sample(site, frames + at, count - at);
	relib_unlock(&relib_registry_lock, &saved);
}

/* After the first allocations a site is not counted one by one: threads would fight for its cache line. */
static void warm_up(uintptr_t caller, uint64_t hash, uint32_t site)
{
	sigset_t saved;

	if (__atomic_load_n(&relib_sites[site].seen, __ATOMIC_RELAXED) < RELIB_SITE_COLD)
		return;
	relib_lock(&relib_registry_lock, &saved);
	if (hash)
		set_chain(hash, site);
	else
		set_place(caller, site, relib_sites[site].owner);
	relib_unlock(&relib_registry_lock, &saved);
}

/* Every so many allocations of a thread one is looked at in place of all. */
static bool is_ticked(void)
{
	if (relib_thread.tick && --relib_thread.tick)
		return false;
	relib_thread.tick = RELIB_SITE_TICK;
	return true;
}

static uint32_t site_of_answer(uint32_t answer, uintptr_t caller, uint64_t hash)
{
	uint32_t site = answer & RELIB_SITE_MASK;

	if ((answer & RELIB_PLACE_COLD) == RELIB_PLACE_COLD) {
		count_site(site, caller, 1);
		warm_up(caller, hash, site);
		return site;
	}
	if (answer & RELIB_PLACE_HOST)
		return 0;
	if (is_ticked())
		count_site(site, caller, RELIB_SITE_TICK);
	return site;
}

uint32_t relib_callsite_slow(uintptr_t caller, uintptr_t through)
{
	int saved = errno;
	struct kind kind;
	uint64_t hash = 0;
	uint32_t site;

	relib_enter();
	kind = classify(caller);
	if (kind.answer == RELIB_PLACE_MODULE)
		kind.answer = first_answer(caller, through, kind.object);
	else if (kind.answer == RELIB_PLACE_UNWIND)
		kind.answer = unwound_answer(caller, through, &hash);
	site = site_of_answer(kind.answer, caller, hash);
	relib_leave();
	errno = saved;
	return site;
}

struct relib_object *relib_callsite_owner(uintptr_t caller, uint32_t *stack)
{
	int error = errno;
	struct call call;
	sigset_t saved;

	*stack = 0;
	if (!relib_tracking || relib_thread.depth)
		return NULL;
	relib_enter();
	call.careful = false;
	unwind_to_owner(&call, caller);
	if (!call.count) {
		/* No libunwind: the direct caller is all that is known. */
		struct kind kind = classify(caller);

		call.frames[0] = caller;
		call.count = 1;
		call.owner = kind.object && kind.object->kind == RELIB_OBJECT_MODULE ? kind.object : NULL;
	} else if (call.owner) {
		call.count = relib_unwind(caller, call.frames, RELIB_STACK_FRAMES, call.careful);
	}
	if (!call.owner_at && call.count > 1)
		call.owner = NULL;
	if (call.owner) {
		relib_lock(&relib_registry_lock, &saved);
		*stack = take_stack(call.frames, call.count);
		relib_unlock(&relib_registry_lock, &saved);
	}
	relib_leave();
	errno = error;
	return call.owner;
}
