/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Settlement of threads, and of thread-local destructors that wait on them. */
#include "settle-threads.h"

#include "callsite.h"
#include "destructor-run.h"
#include "destructors.h"
#include "thread-ledger.h"

static void count_thread(void *context, const struct relib_thread_record *record, enum relib_thread_fate fate)
{
	(void)record;
	(void)fate;
	++*(uint64_t *)context;
}

uint64_t relib_settle_count_threads(const struct relib_set *set)
{
	uint64_t threads = 0;

	if (relib_threads_any())
		relib_threads_visit(set->objects, set->count, count_thread, &threads);
	return threads;
}

#define THREADS_NAMED 64

struct thread_walk {
	size_t count, running; /* may be more than are named */
	struct named_thread {
		int32_t id;
		uintptr_t function;
		enum relib_thread_fate fate;
		struct relib_addresses created;
	} threads[THREADS_NAMED];
};

static void visit_thread(void *context, const struct relib_thread_record *record, enum relib_thread_fate fate)
{
	struct thread_walk *walk = context;
	struct named_thread *thread = &walk->threads[walk->count];

	walk->running += fate == RELIB_THREAD_RUNS;
	if (walk->count++ >= THREADS_NAMED)
		return;
	thread->id = record->id;
	thread->fate = fate;
	thread->function = (uintptr_t)record->start.posix;
	thread->created = *relib_addresses_of(record->stack);
}

struct relib_entry *relib_settle_enter_of_thread(struct relib_builder *builder, enum relib_kind kind, enum relib_action action,
						 int32_t id, uintptr_t function)
{
	struct relib_entry *entry = relib_build_entry(builder);
	char name[16];

	if (!entry)
		return NULL;
	entry->kind = kind;
	entry->action = action;
	entry->count = 1;
	entry->thread_id = id;
	relib_thread_name(id, name);
	entry->thread_name = *name ? relib_arena_string(&builder->memory, name) : NULL;
	relib_build_frame(builder, function, &entry->function);
	return entry;
}

static void enter_thread(struct relib_builder *builder, const struct named_thread *thread, enum relib_action action)
{
	struct relib_entry *entry = relib_settle_enter_of_thread(builder, RELIB_KIND_THREAD, action, thread->id, thread->function);

	if (entry)
		entry->callsite = relib_build_stack(builder, thread->created.frames, thread->created.count);
}

void relib_settle_threads(const struct relib_set *set, enum relib_policy policy, struct relib_builder *builder)
{
	struct relib_report *report = builder->report;
	struct thread_walk *walk;

	if (!relib_threads_any() || !(walk = relib_reserve(sizeof *walk)))
		return;
	/* Their names are gone with them, but not what they ran. */
	relib_threads_visit(set->objects, set->count, visit_thread, walk);
	for (size_t i = 0; i < walk->count && i < THREADS_NAMED && report; i++)
		enter_thread(builder, &walk->threads[i], walk->threads[i].fate == RELIB_THREAD_RUNS ? RELIB_ACTION_REPORTED
									: relib_settle_action(policy));
	if (report) {
		report->threads.running = walk->running;
		report->threads.ended = walk->count - walk->running;
	}
	relib_unreserve(walk, sizeof *walk);
	if (policy == RELIB_POLICY_RELEASE) {
		unsigned released = relib_threads_release(set->objects, set->count);

		if (report)
			report->threads.released = released;
	}
}

struct destructor_walk {
	size_t count;
	bool can_run; /* from here: only those that run now are a reason to refuse */
	struct {
		int32_t thread;
		uintptr_t function;
	} destructors[THREADS_NAMED];
};

static void visit_destructor(void *context, const struct relib_destructor *destructor)
{
	struct destructor_walk *walk = context;

	if (walk->can_run && destructor->state == RELIB_DESTRUCTOR_PENDING)
		return;
	if (walk->count < THREADS_NAMED) {
		walk->destructors[walk->count].thread = destructor->thread;
		walk->destructors[walk->count].function = (uintptr_t)destructor->function;
	}
	walk->count++;
}

static void enter_destructors(struct relib_builder *builder, const struct destructor_walk *walk)
{
	for (size_t i = 0; i < walk->count && i < THREADS_NAMED; i++)
		relib_settle_enter_of_thread(builder, RELIB_KIND_THREAD_DESTRUCTOR, RELIB_ACTION_BLOCKS,
					     walk->destructors[i].thread, walk->destructors[i].function);
}

struct blockers {
	struct thread_walk threads;
	struct destructor_walk destructors;
};

size_t relib_settle_blockers(const struct relib_set *set, const struct relib_settle_options *options,
			     struct relib_builder *builder)
{
	struct blockers *found;
	size_t running, pending;

	if (!relib_threads_any() && !relib_destructors_any())
		return 0;
	found = relib_reserve(sizeof *found);
	/* Without memory to look: as if something ran, since unloading then could crash. */
	if (!found)
		return 1;
	if (builder)
		relib_threads_wait_begun(set->objects, set->count);
	relib_threads_visit(set->objects, set->count, visit_thread, &found->threads);
	found->destructors.can_run = relib_destructors_can_run(set->objects[0], options);
	relib_destructors_visit(set->objects, set->count, visit_destructor, &found->destructors);
	pending = found->destructors.count;
	running = found->threads.running;
	for (size_t i = 0; i < found->threads.count && i < THREADS_NAMED && builder; i++)
		if (found->threads.threads[i].fate == RELIB_THREAD_RUNS)
			enter_thread(builder, &found->threads.threads[i], RELIB_ACTION_BLOCKS);
	if (builder && builder->report) {
		builder->report->threads.running = running;
		builder->report->threads.destructors = pending;
		enter_destructors(builder, &found->destructors);
	}
	relib_unreserve(found, sizeof *found);
	return running + pending;
}

uint64_t relib_settle_refuse_threads(const struct relib_set *set, struct relib_builder *builder)
{
	struct thread_walk *walk = relib_threads_any() ? relib_reserve(sizeof *walk) : NULL;
	uint64_t count = 0;

	if (!walk)
		return 0;
	relib_threads_visit(set->objects, set->count, visit_thread, walk);
	count = walk->count - walk->running;
	for (size_t i = 0; i < walk->count && i < THREADS_NAMED; i++)
		if (walk->threads[i].fate != RELIB_THREAD_RUNS)
			enter_thread(builder, &walk->threads[i], RELIB_ACTION_BLOCKS);
	if (builder->report)
		builder->report->threads.ended = count;
	relib_unreserve(walk, sizeof *walk);
	return count;
}
