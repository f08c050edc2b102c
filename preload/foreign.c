/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Blocks of a module that another owner frees. */
#include "foreign.h"

#include <errno.h>
#include <string.h>

#include "lock.h"
#include "message.h"
#include "real.h"
#include "settle.h"

/*
 * Two tables that are read without locks: of places that free, and of pairs of an allocation's site and such a place. Records are used
 * again only when no thread is in between: who has looked one up may count in it still.
 */
#define PLACES 4096u /* 12 bits of a pair's key */
#define PAIRS 16384u
#define PROBES 32u
#define PLACE_FRAMES 12
#define MOST_FRAMES 64

/* In place of a hash or a key. */
#define FREE 0u
#define BUSY 1u
#define GONE 2u /* not to be found any more */
#define TAKEN (1ull << 63)

struct place {
	uint64_t hash;
	uint32_t owner; /* of an object */
	bool is_weak;   /* a weak function, which acts for its caller: no place */
	bool in_use;
	uint32_t count;
	uintptr_t frames[PLACE_FRAMES]; /* from the caller of free to the owner's frame */
	/* When the owner has left. */
	struct relib_stack kept;
	struct relib_arena memory;
};

/* The key: TAKEN, place, version of the site, site. */
struct pair {
	uint64_t key, count, bytes;
};
#define VERSION_SHIFT 24
#define PLACE_SHIFT 40
_Static_assert(RELIB_SITE_MASK < 1u << VERSION_SHIFT, "a site's number fits");

bool relib_foreign;
static struct place *places;
static struct pair *pairs;
static uint32_t counting; /* so many threads are in the tables */

void relib_foreign_start(void)
{
	if (relib_foreign || !relib_real.free)
		return;
	places = relib_reserve(PLACES * sizeof *places);
	pairs = relib_reserve(PAIRS * sizeof *pairs);
	if (!places || !pairs || !relib_tags_hide()) {
		relib_warn("there is no memory to count blocks that others free: the option foreign has no effect");
		return;
	}
	relib_foreign = true;
	relib_real.cxx_is_quick = false;
	__atomic_store_n(&relib_real.quick_free, NULL, __ATOMIC_RELAXED);
}

void relib_foreign_in_child(void)
{
	counting = 0;
}

/* Counting */

static uint64_t pair_key(uint32_t site, uint32_t version, uint32_t place)
{
	return TAKEN | (uint64_t)place << PLACE_SHIFT | (uint64_t)(version & 0xffff) << VERSION_SHIFT | site;
}

static struct pair *pair_at(uint64_t key, unsigned probe)
{
	return &pairs[((key * 0x9e3779b97f4a7c15u >> 32) + probe) & (PAIRS - 1)];
}

/* A record that was left in front of one that is there must not hide it: looked for first, then made. */
static struct pair *pair_of(uint64_t key)
{
	for (unsigned probe = 0; probe < PROBES; probe++)
		if (__atomic_load_n(&pair_at(key, probe)->key, __ATOMIC_ACQUIRE) == key)
			return pair_at(key, probe);
	for (unsigned probe = 0; probe < PROBES; probe++) {
		uint64_t before = FREE;

		if (__atomic_compare_exchange_n(&pair_at(key, probe)->key, &before, key, false, __ATOMIC_ACQ_REL,
						__ATOMIC_ACQUIRE) || before == key)
			return pair_at(key, probe);
	}
	return NULL;
}

static struct place *place_at(uint64_t hash, unsigned probe)
{
	return &places[((hash >> 32) + probe) & (PLACES - 1)];
}

static struct place *find_place(uint64_t hash)
{
	for (unsigned probe = 0; probe < PROBES; probe++)
		if (__atomic_load_n(&place_at(hash, probe)->hash, __ATOMIC_ACQUIRE) == hash)
			return place_at(hash, probe);
	return NULL;
}

/* NULL when there are too many. Registry lock held: of two threads that need the same one makes it. */
static struct place *make_place(uint64_t hash, const uintptr_t *frames, unsigned count, uint32_t owner, bool is_weak)
{
	struct place *made = find_place(hash);

	if (made)
		return made;
	for (unsigned probe = 0; probe < PROBES; probe++) {
		struct place *place = place_at(hash, probe);
		uint64_t before = FREE;

		if (!__atomic_compare_exchange_n(&place->hash, &before, BUSY, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			continue;
		/* Of one too long the owner's frame is what counts. */
		if (count > PLACE_FRAMES) {
			frames += count - 1;
			count = 1;
		}
		place->owner = owner;
		place->is_weak = is_weak;
		place->count = count;
		memcpy(place->frames, frames, count * sizeof *frames);
		__atomic_store_n(&place->hash, hash, __ATOMIC_RELEASE);
		return place;
	}
	return NULL;
}

static bool is_weak_function(const struct relib_object *object, uintptr_t address)
{
	const ElfW(Sym) *symbol;

	for (size_t at = 0; (symbol = relib_symbol_next(&object->symbols, address - 1 - object->base, &at));)
		if (ELF64_ST_BIND(symbol->st_info) == STB_WEAK)
			return true;
	return false;
}

static struct place *place_of_frames(uint64_t hash, const uintptr_t *frames, unsigned count, const struct relib_object *object)
{
	struct place *place = find_place(hash);
	sigset_t saved;
	bool is_weak;

	if (place)
		return place;
	is_weak = is_weak_function(object, frames[count - 1]);
	relib_lock(&relib_registry_lock, &saved);
	place = make_place(hash, frames, count, object->index, is_weak);
	relib_unlock(&relib_registry_lock, &saved);
	return place;
}

/*
 * The place of the first frame that is neither a runtime library's nor a weak function's (a module's own inline functions may be
 * bound to those of the host). NULL when it is the block's owner after all, or nobody can be named: a wrong one is worse than none.
 */
static struct place *search_frames(const uintptr_t *frames, unsigned count, uint32_t owner)
{
	uint64_t hash = 0;

	for (unsigned i = 0; i < count; i++) {
		struct relib_meaning meaning = relib_place_meaning(frames[i]);
		struct place *place;

		hash = (hash ^ frames[i]) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
		if (!meaning.object || meaning.object->kind == RELIB_OBJECT_KEEPS || meaning.object->index == owner)
			return NULL;
		if (meaning.object->kind != RELIB_OBJECT_HOST && meaning.object->kind != RELIB_OBJECT_MODULE)
			continue;
		place = place_of_frames(hash | TAKEN, frames, i + 1, meaning.object);
		if (!place || !place->is_weak)
			return place;
	}
	return NULL;
}

static bool any_reused(const uintptr_t *frames, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct relib_meaning meaning = relib_place_meaning(frames[i]);

		if (meaning.object && meaning.object->reused_range)
			return true;
	}
	return false;
}

/* Most are freed by a direct call, of which the address is enough. */
static struct place *freeing_place(struct relib_caller caller, uint32_t owner)
{
	uintptr_t frames[MOST_FRAMES];
	struct relib_meaning meaning = relib_place_meaning(caller.address);
	struct place *place;
	unsigned count;

	if (!meaning.object || meaning.object->index == owner)
		return NULL;
	if (meaning.object->kind == RELIB_OBJECT_HOST || meaning.object->kind == RELIB_OBJECT_MODULE) {
		place = search_frames(&caller.address, 1, owner);
		if (place)
			return place;
	}
	count = relib_callsite_stack(caller, frames, MOST_FRAMES, false);
	if (any_reused(frames, count))
		count = relib_callsite_stack(caller, frames, MOST_FRAMES, true);
	return search_frames(frames, count, owner);
}

static void add(const struct relib_foreign_block *seen, const struct place *place)
{
	struct pair *pair = pair_of(pair_key(seen->site, seen->version, (uint32_t)(place - places)));

	if (!pair)
		return;
	__atomic_fetch_add(&pair->bytes, seen->size, __ATOMIC_RELAXED);
	__atomic_fetch_add(&pair->count, 1, __ATOMIC_RELAXED);
}

void relib_foreign_count(const struct relib_foreign_block *seen, struct relib_caller caller)
{
	int error = errno;
	const struct place *place;

	if (relib_thread.depth)
		return;
	relib_enter();
	__atomic_fetch_add(&counting, 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	place = freeing_place(caller, relib_site_owner(seen->site));
	if (place)
		add(seen, place);
	__atomic_fetch_sub(&counting, 1, __ATOMIC_RELEASE);
	relib_leave();
	errno = error;
}

/*
 * Before the tag goes: as long as it is on, the site is the owner's. After it the owner may be settled, and the number be
 * another site's: the version tells.
 */
void relib_foreign_look_closely(const void *block, struct relib_foreign_block *seen)
{
	seen->site = relib_tag_of(block);
	if (!seen->site)
		return;
	seen->version = __atomic_load_n(&relib_sites[seen->site].version, __ATOMIC_ACQUIRE);
	seen->size = relib_tag_size(block);
	if (seen->size == RELIB_SIZE_UNKNOWN)
		seen->size = (uint32_t)relib_real.malloc_usable_size((void *)(uintptr_t)block);
}

void relib_foreign_free(const void *block, struct relib_caller caller)
{
	struct relib_foreign_block seen;

	relib_foreign_look(block, &seen);
	if (seen.site && relib_tag_take(block) == seen.site)
		relib_foreign_count(&seen, caller);
}

/* Settlement */

static struct place *place_of(uint64_t key)
{
	return &places[key >> PLACE_SHIFT & (PLACES - 1)];
}

static struct relib_stack copy_kept(struct relib_arena *memory, const struct relib_stack *from)
{
	struct relib_stack stack = { .frames = relib_arena_allocate(memory, from->count * sizeof *from->frames) };

	for (; stack.frames && stack.count < from->count; stack.count++) {
		struct relib_frame *frame = &stack.frames[stack.count];

		*frame = from->frames[stack.count];
		frame->object = frame->object ? relib_arena_string(memory, frame->object) : NULL;
		frame->build_id = frame->build_id ? relib_arena_string(memory, frame->build_id) : NULL;
		frame->function = frame->function ? relib_arena_string(memory, frame->function) : NULL;
	}
	return stack;
}

static void enter(struct relib_builder *builder, const struct pair *pair, uint64_t key)
{
	const struct relib_site *site = &relib_sites[key & RELIB_SITE_MASK];
	const struct relib_addresses *chain = relib_addresses_of(site->chain);
	const struct place *place = place_of(key);
	struct relib_entry *entry = relib_build_entry(builder);

	if (!entry)
		return;
	entry->kind = RELIB_KIND_HEAP;
	entry->action = RELIB_ACTION_FOREIGN;
	entry->count = __atomic_load_n(&pair->count, __ATOMIC_RELAXED);
	entry->bytes = __atomic_load_n(&pair->bytes, __ATOMIC_RELAXED);
	entry->callsite = relib_build_stack(builder, chain->frames, chain->count);
	relib_build_samples(builder, entry, site);
	entry->freed = place->hash == GONE ? copy_kept(&builder->memory, &place->kept)
					   : relib_build_stack(builder, place->frames, place->count);
	builder->report->heap.foreign += entry->count;
}

static bool is_current(uint64_t key)
{
	return (key & TAKEN) && (key >> VERSION_SHIFT & 0xffff) == (relib_sites[key & RELIB_SITE_MASK].version & 0xffff);
}

bool relib_foreign_any(const struct relib_set *set)
{
	for (unsigned i = 0; relib_foreign && i < PAIRS; i++) {
		uint64_t key = __atomic_load_n(&pairs[i].key, __ATOMIC_ACQUIRE);

		if (is_current(key) && relib_set_has(set, relib_site_owner(key & RELIB_SITE_MASK)))
			return true;
	}
	for (unsigned i = 0; relib_foreign && i < PLACES; i++)
		if ((__atomic_load_n(&places[i].hash, __ATOMIC_ACQUIRE) & TAKEN) && relib_set_has(set, places[i].owner))
			return true;
	return false;
}

/* Out of the table with what is of these; and with what came too late for a settlement before. */
static void settle_pair(const struct relib_set *set, struct relib_builder *builder, struct pair *pair)
{
	uint64_t key = __atomic_load_n(&pair->key, __ATOMIC_ACQUIRE);
	bool current = is_current(key);
	const struct place *place;

	if (!(key & TAKEN) || (current && !relib_set_has(set, relib_site_owner(key & RELIB_SITE_MASK))))
		return;
	__atomic_store_n(&pair->key, GONE, __ATOMIC_RELAXED);
	place = place_of(key);
	/* Libraries that come and go with a module are its own. */
	if (current && (place->hash == GONE || !relib_set_has(set, place->owner)))
		enter(builder, pair, key);
}

/* It leaves, with its names. */
static void keep_place(const struct relib_set *set, struct relib_builder *builder, struct place *place)
{
	struct relib_stack stack;

	if (!(__atomic_load_n(&place->hash, __ATOMIC_ACQUIRE) & TAKEN) || !relib_set_has(set, place->owner))
		return;
	if (!place->is_weak) {
		stack = relib_build_stack(builder, place->frames, place->count);
		place->kept = copy_kept(&place->memory, &stack);
	}
	__atomic_store_n(&place->hash, GONE, __ATOMIC_RELEASE);
}

/* No thread is in the tables, and none finds these any more. */
static void reuse(void)
{
	for (unsigned i = 0; i < PLACES; i++)
		places[i].in_use = false;
	for (unsigned i = 0; i < PAIRS; i++) {
		struct pair *pair = &pairs[i];
		uint64_t key = __atomic_load_n(&pair->key, __ATOMIC_ACQUIRE);

		if (key & TAKEN)
			place_of(key)->in_use = true;
		if (key != GONE)
			continue;
		pair->count = pair->bytes = 0;
		__atomic_store_n(&pair->key, FREE, __ATOMIC_RELEASE);
	}
	for (unsigned i = 0; i < PLACES; i++) {
		struct place *place = &places[i];

		if (place->hash != GONE || place->in_use)
			continue;
		relib_arena_free(&place->memory);
		place->memory = (struct relib_arena){ 0 };
		place->kept = (struct relib_stack){ 0 };
		__atomic_store_n(&place->hash, FREE, __ATOMIC_RELEASE);
	}
}

void relib_foreign_settle(const struct relib_set *set, struct relib_builder *builder)
{
	sigset_t saved;

	if (!relib_foreign)
		return;
	relib_lock(&relib_settle_lock, &saved);
	for (unsigned i = 0; i < PAIRS; i++)
		settle_pair(set, builder, &pairs[i]);
	for (unsigned i = 0; i < PLACES; i++)
		keep_place(set, builder, &places[i]);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&counting, __ATOMIC_ACQUIRE))
		reuse();
	relib_unlock(&relib_settle_lock, &saved);
}
