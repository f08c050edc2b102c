/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Runs the thread-local destructors that are pending on other threads, and reports them. */
#include "destructor-run.h"

#include "destructors.h"
#include "settle-threads.h"
#include "thread-state.h"

#define NAMED_MOST 1024

bool relib_destructors_can_run(const struct relib_object *root, const struct relib_settle_options *options)
{
	return root->managed && options->policies[RELIB_KIND_THREAD_DESTRUCTOR] == RELIB_POLICY_RELEASE;
}

static void note(void *context, const struct relib_destructor *destructor)
{
	struct relib_ran *ran = context;

	relib_enter();
	if (ran->count++ < NAMED_MOST)
		relib_settle_enter_of_thread(&ran->builder, RELIB_KIND_THREAD_DESTRUCTOR, RELIB_ACTION_RELEASED, destructor->thread,
					     (uintptr_t)destructor->function);
	relib_leave();
}

bool relib_destructors_run_elsewhere(const struct relib_set *set, const struct relib_settle_options *options, struct relib_ran *ran)
{
	bool done;

	if (!relib_destructors_any() || !relib_destructors_can_run(set->objects[0], options))
		return true;
	relib_build_start(&ran->builder, set->objects[0]);
	/* A destructor is not the tracker's code: what it allocates is the module's. */
	relib_leave();
	done = relib_destructors_run_others(set->objects, set->count, note, ran);
	/* They may have added some, to the calling thread. */
	relib_destructors_run_early(set->objects, set->count);
	relib_enter();
	return done;
}

static const char *copy(struct relib_builder *builder, const char *text)
{
	return text ? relib_arena_string(&builder->memory, text) : NULL;
}

void relib_enter_ran(struct relib_builder *builder, const struct relib_ran *ran)
{
	const struct relib_report *from = ran->builder.report;

	if (!builder->report || !ran->count)
		return;
	builder->report->kinds[RELIB_KIND_THREAD_DESTRUCTOR].held += ran->count;
	builder->report->kinds[RELIB_KIND_THREAD_DESTRUCTOR].released += ran->count;
	for (size_t i = 0; from && i < from->entry_count; i++) {
		struct relib_entry *entry = relib_build_entry(builder);

		if (!entry)
			return;
		*entry = from->entries[i];
		entry->thread_name = copy(builder, entry->thread_name);
		entry->function.object = copy(builder, entry->function.object);
		entry->function.build_id = copy(builder, entry->function.build_id);
		entry->function.function = copy(builder, entry->function.function);
	}
}

void relib_forget_ran(struct relib_ran *ran)
{
	relib_build_abandon(&ran->builder);
}
