/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Alternate signal stacks that modules set: entered, described, taken down.
 *
 * A thread's stack can only be changed by itself. What other threads have in a module's memory keeps that memory: a signal
 * would else be delivered into memory that is another's by then, or ends the process.
 */
#include "signal-stack.h"

#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arena.h"
#include "detach.h"
#include "fork.h"
#include "kind.h"
#include "lent.h"
#include "lock.h"
#include "mapping-cover.h"
#include "real.h"
#include "report-name.h"
#include "tags.h"
#include "thread-ledger.h"

/* Of all threads, what modules set, the latest first: when one leaves, what was set above it has found what that had found. */
struct record {
	struct record *next;
	pid_t thread;
	uint32_t owner;
	stack_t installed, found;
};
static struct record *records;
static struct relib_pool pool = { .size = sizeof(struct record) };
static unsigned count, most = 64;

/* value[0] is where it starts; value[1] the thread, and above that its size. */
#define THREAD_BITS 24

static pid_t thread_of(const struct relib_thing *thing)
{
	return (pid_t)(thing->value[1] & ((1u << THREAD_BITS) - 1));
}

static size_t size_of(const struct relib_thing *thing)
{
	return thing->value[1] >> THREAD_BITS;
}

static uint64_t key_of(pid_t thread, uint32_t owner)
{
	return (uint64_t)thread | (uint64_t)owner << THREAD_BITS;
}

static pid_t this_thread(void)
{
	return (pid_t)syscall(SYS_gettid);
}

static bool is_over(pid_t thread)
{
	return syscall(SYS_tgkill, getpid(), thread, 0) && errno == ESRCH;
}

static bool is_same(const stack_t *one, const stack_t *other)
{
	if ((one->ss_flags | other->ss_flags) & SS_DISABLE)
		return one->ss_flags & other->ss_flags & SS_DISABLE;
	return one->ss_sp == other->ss_sp && one->ss_size == other->ss_size;
}

/* Whose memory it is */

struct range {
	uintptr_t address;
	uint32_t owner; /* or 0: anybody's */
	uint32_t mark;
};

static bool is_around(void *context, const struct relib_thing *thing)
{
	const struct range *range = context;

	return range->address - thing->key < thing->value[0] && (!range->owner || relib_thing_owner(thing) == range->owner);
}

static void note_mark(void *context, const struct relib_thing *thing)
{
	if (is_around(context, thing))
		((struct range *)context)->mark = thing->mark;
}

static uint32_t mark_of_image(struct relib_object *object)
{
	sigset_t saved;
	uint32_t site;

	relib_lock(&relib_registry_lock, &saved);
	site = relib_site_make(object, 0, NULL, 0);
	relib_unlock(&relib_registry_lock, &saved);
	return site ? relib_site_mark(site) : 0;
}

/* Of a module's memory: its mark. What is the host's for certain has none, whoever set it; else it is the caller's. */
static uint32_t mark_of(const stack_t *stack, uint32_t caller)
{
	struct range range = { .address = (uintptr_t)stack->ss_sp };
	struct relib_object *object = relib_object_at(range.address);
	uint32_t owner = caller ? relib_site_owner(caller & RELIB_SITE_MASK) : 0, site;
	void *block;

	if (object && object->kind != RELIB_OBJECT_MODULE)
		return 0;
	if (object)
		return object->index == owner ? caller : mark_of_image(object);
	site = relib_tag_around(range.address, ~(uint64_t)0, &block);
	if (site)
		return relib_site_owner(site) == owner ? caller : relib_site_mark(site);
	if (relib_mapping_is_covered(range.address, range.address + 1))
		relib_things_walk(RELIB_KIND_MAPPING, note_mark, &range);
	return range.mark && relib_site_owner(range.mark & RELIB_SITE_MASK) != owner ? range.mark : caller;
}

/* With the threads lock held. */

static void drop(struct record **link)
{
	struct record *record = *link;

	for (struct record *above = records; above != record; above = above->next)
		if (above->thread == record->thread && is_same(&above->found, &record->installed))
			above->found = record->found;
	*link = record->next;
	relib_thing_leave(RELIB_KIND_SIGNAL_STACK, key_of(record->thread, record->owner), NULL);
	relib_pool_give(&pool, record);
	count--;
}

static struct record **find(pid_t thread, uint32_t owner)
{
	for (struct record **link = &records; *link; link = &(*link)->next)
		if ((*link)->thread == thread && (!owner || (*link)->owner == owner))
			return link;
	return NULL;
}

static void drop_ended(void)
{
	for (struct record **link = &records; *link;)
		if (is_over((*link)->thread))
			drop(link);
		else
			link = &(*link)->next;
	most = 2 * count + 64;
}

/* Those of modules that are gone, and whose unload only named what they left. */
static void drop_gone(pid_t thread)
{
	for (struct record **link = &records; *link;)
		if ((*link)->thread == thread && !relib_objects[(*link)->owner].closers &&
		    !relib_thing_find(RELIB_KIND_SIGNAL_STACK, key_of(thread, (*link)->owner), NULL))
			drop(link);
		else
			link = &(*link)->next;
}

/*
 * The thread has `now` for what was `before`. What a module set is over when what it found is back, or when what is neither
 * its nor another module's is there.
 */
static void change(pid_t thread, uint32_t mark, const stack_t *before, const stack_t *now)
{
	struct relib_thing thing = { .kind = RELIB_KIND_SIGNAL_STACK, .mark = mark };
	uint32_t owner = mark ? relib_thing_owner(&thing) : 0;
	struct record **link, *record;
	bool back = false;

	drop_gone(thread);
	while ((link = find(thread, 0)) && !is_same(&(*link)->installed, now)) {
		back = is_same(&(*link)->found, now);
		if (!back && owner)
			break;
		drop(link);
		if (back)
			break;
	}
	link = find(thread, 0);
	if (!owner || back || (link && is_same(&(*link)->installed, now)))
		return;
	link = find(thread, owner);
	if (link)
		drop(link);
	if (count >= most)
		drop_ended();
	record = relib_pool_take(&pool);
	if (!record)
		return;
	*record = (struct record){ records, thread, owner, *now, *before };
	records = record;
	count++;
	thing.key = key_of(thread, owner);
	thing.value[0] = (uint64_t)(uintptr_t)now->ss_sp;
	thing.value[1] = (uint64_t)now->ss_size << THREAD_BITS | (uint64_t)thread;
	relib_thing_enter(&thing);
}

/* What the kernel saves of AVX-512 registers and what a handler of ours takes have no more than room in this. */
#define LEAST_SIZE 6144
static bool any_small;

bool relib_signal_stack_any_small(void)
{
	return __atomic_load_n(&any_small, __ATOMIC_RELAXED);
}

/* For the hook */

void relib_signal_stack_note_size(void)
{
	int error = errno;
	stack_t now;

	if (!relib_real.sigaltstack(NULL, &now) && !(now.ss_flags & SS_DISABLE) && now.ss_size < LEAST_SIZE)
		__atomic_store_n(&any_small, true, __ATOMIC_RELAXED);
	errno = error;
}

bool relib_signal_stack_before(stack_t *before)
{
	int error = errno;
	bool known = relib_tracking && !relib_fork_is_borrowed() && !relib_real.sigaltstack(NULL, before);

	errno = error;
	return known;
}

void relib_signal_stack_after(const stack_t *before, struct relib_caller caller, uintptr_t through)
{
	int error = errno;
	uint32_t mark = 0;
	sigset_t saved;
	stack_t now;

	if (!relib_real.sigaltstack(NULL, &now) && !is_same(before, &now)) {
		if (!(now.ss_flags & SS_DISABLE))
			mark = mark_of(&now, relib_callsite_thing(caller, through));
		relib_lock(&relib_threads_lock, &saved);
		if (records || mark)
			change(this_thread(), mark, before, &now);
		relib_unlock(&relib_threads_lock, &saved);
	}
	errno = error;
}

void relib_signal_stack_in_child(pid_t in_parent)
{
	for (struct record *record = records; record; record = record->next) {
		struct relib_thing thing;

		if (record->thread != in_parent)
			continue;
		record->thread = this_thread();
		if (!relib_thing_leave(RELIB_KIND_SIGNAL_STACK, key_of(in_parent, record->owner), &thing))
			continue;
		thing.key = key_of(record->thread, record->owner);
		thing.value[1] = (uint64_t)size_of(&thing) << THREAD_BITS | (uint64_t)record->thread;
		relib_thing_enter(&thing);
	}
}

/* For settlement */

static bool has_it(const struct relib_thing *thing, const stack_t *now)
{
	return !(now->ss_flags & SS_DISABLE) && (uintptr_t)now->ss_sp == thing->value[0];
}

/* On another thread, or this one is on it. */
bool relib_signal_stack_waits(const struct relib_thing *thing)
{
	stack_t now;

	return thread_of(thing) != this_thread() ||
	       (!relib_real.sigaltstack(NULL, &now) && has_it(thing, &now) && (now.ss_flags & SS_ONSTACK));
}

/* What else is there by now isn't the module's. */
static bool take_down(const struct relib_thing *thing, const stack_t *found)
{
	stack_t now, before = *found, none = { .ss_flags = SS_DISABLE };

	if (relib_real.sigaltstack(NULL, &now) || !has_it(thing, &now))
		return false;
	before.ss_flags &= ~SS_ONSTACK;
	return !relib_real.sigaltstack(&before, NULL) || !relib_real.sigaltstack(&none, NULL);
}

/* The thing is in no ledger any more, but its record is. */
bool relib_signal_stack_detach(const struct relib_thing *thing)
{
	struct record **link;
	bool done = false;
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	link = find(thread_of(thing), relib_thing_owner(thing));
	if (link) {
		done = take_down(thing, &(*link)->found);
		drop(link);
	}
	relib_unlock(&relib_threads_lock, &saved);
	return done;
}

static void forget(const struct relib_thing *thing)
{
	struct record **link;
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	link = find(thread_of(thing), relib_thing_owner(thing));
	if (link)
		drop(link);
	relib_unlock(&relib_threads_lock, &saved);
}

/* Takes it out of the ledger, so that it is not given back. The module's image has gone: its place gets memory again. */
static void keep_memory(const struct relib_thing *thing)
{
	struct range range = { .address = thing->value[0], .owner = relib_thing_owner(thing) };
	const struct relib_object *object = &relib_objects[range.owner];
	void *block;

	if (object->quarantined && relib_object_has(object, range.address)) {
		relib_open_range((void *)range.address, size_of(thing));
		return;
	}
	block = relib_lent_block(object, range.address);
	if (block)
		relib_tag_take(block);
	else
		relib_things_take(RELIB_KIND_MAPPING, is_around, NULL, &range);
}

bool relib_signal_stack_release(const struct relib_thing *thing)
{
	if (!relib_signal_stack_waits(thing))
		return relib_signal_stack_detach(thing);
	forget(thing);
	keep_memory(thing);
	return false;
}

struct images {
	const struct relib_set *set;
	pid_t self, thread;
};

static void look_for_image(void *context, const struct relib_thing *thing)
{
	struct images *images = context;
	pid_t thread = thread_of(thing);

	if (images->thread || thread == images->self || is_over(thread))
		return;
	for (size_t i = 0; i < images->set->count; i++)
		if (relib_object_has(images->set->objects[i], thing->value[0]))
			images->thread = thread;
}

pid_t relib_signal_stack_in_images(const struct relib_set *set)
{
	struct images images = { .set = set };
	int error = errno;

	if (!relib_things_any(RELIB_KIND_SIGNAL_STACK))
		return 0;
	images.self = this_thread();
	relib_things_walk(RELIB_KIND_SIGNAL_STACK, look_for_image, &images);
	errno = error;
	return images.thread;
}

/* Threads have ended. */
void relib_signal_stack_refresh(const struct relib_set *set, const struct relib_settle_options *options)
{
	sigset_t saved;
	int error = errno;

	(void)set;
	(void)options;
	if (!relib_things_any(RELIB_KIND_SIGNAL_STACK))
		return;
	relib_lock(&relib_threads_lock, &saved);
	drop_ended();
	relib_unlock(&relib_threads_lock, &saved);
	errno = error;
}

/* "64.0 KiB of thread 1234 "worker"", "64.0 KiB in use by thread 1234" */
void relib_signal_stack_describe(const struct relib_thing *thing, char *text, size_t size)
{
	struct field bytes = { 0 };
	const char *unit = relib_field_add_size(&bytes, size_of(thing));
	char name[16];

	relib_thread_name(thread_of(thing), name);
	snprintf(text, size, *name ? "%s %s %s thread %d \"%s\"" : "%s %s %s thread %d%s", bytes.text, unit,
		 !relib_thing_is_detached(thing) && relib_signal_stack_waits(thing) ? "in use by" : "of", (int)thread_of(thing),
		 name);
}
