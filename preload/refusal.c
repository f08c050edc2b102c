/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Why a module must not be unloaded now. */
#include "refusal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/single_threaded.h>

#include "kind-words.h"
#include "settle-threads.h"
#include "signal-stack.h"
#include "thread-ledger.h"
#include "thread-look.h"

/* What relib_settle_blockers() found. Threads that ended since are not counted any more. */
static const char *say_blockers(const struct relib_report *report)
{
	if (report->threads.running > 1)
		return "threads of its own still run";
	if (report->threads.running || !report->threads.destructors)
		return "a thread of its own still runs";
	return "thread-local destructors of it are pending on other threads";
}

static void add(char *text, size_t size, const char *more)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s", more);
}

/* "it holds 12 blocks and 3 descriptors, which ..." */
static const char *say_refused(struct relib_builder *builder)
{
	const struct relib_report *report = builder->report;
	char text[448] = "", number[64];
	uint64_t held[RELIB_KINDS];
	unsigned kinds = 0, done = 0;

	for (enum relib_kind kind = 0; kind < RELIB_KINDS; kind++) {
		held[kind] = kind == RELIB_KIND_HEAP ? report->heap.blocks : kind == RELIB_KIND_THREAD ? report->threads.ended
								   : report->kinds[kind].held;
		kinds += held[kind] != 0;
	}
	for (enum relib_kind kind = 0; kind < RELIB_KINDS; kind++) {
		const struct relib_kind_words *words = relib_kind_words(kind);

		if (!held[kind])
			continue;
		if (done++)
			add(text, sizeof text, done == kinds ? " and " : ", ");
		snprintf(number, sizeof number, "%" PRIu64 " %s", held[kind], held[kind] == 1 ? words->noun : words->nouns);
		add(text, sizeof text, number);
	}
	return relib_build_text(builder, "it holds %s, which by policy must be given back before it goes", text);
}

/* Threads that are in it */

/* Those that could not be looked at before an unload that goes on. NULL, as a rule. */
static __thread struct relib_looked *unseen;

static void forget_unseen(void)
{
	if (unseen)
		relib_unreserve(unseen, sizeof *unseen);
	unseen = NULL;
}

struct relib_entry *relib_enter_inside(struct relib_builder *builder, int32_t id, uintptr_t address)
{
	struct relib_entry *entry = relib_settle_enter_of_thread(builder, RELIB_KIND_THREAD, RELIB_ACTION_BLOCKS, id, address);

	if (entry)
		entry->inside = true;
	return entry;
}

static void enter_unseen(struct relib_builder *builder, const struct relib_looked_thread *thread)
{
	struct relib_entry *entry = relib_build_entry(builder);

	if (!entry)
		return;
	entry->kind = RELIB_KIND_THREAD;
	entry->action = RELIB_ACTION_REPORTED;
	entry->count = 1;
	entry->thread_id = thread->id;
	entry->thread_name = relib_arena_string(&builder->memory, thread->name);
	entry->details[0] = thread->why;
	entry->detail_count = 1;
}

static void enter_looked(struct relib_builder *builder, const struct relib_looked *looked)
{
	if (!builder->report)
		return;
	builder->report->threads.inside = looked->inside;
	builder->report->threads.unseen = looked->unseen;
	for (size_t i = 0; i < looked->count; i++) {
		const struct relib_looked_thread *thread = &looked->threads[i];

		if (thread->address)
			relib_enter_inside(builder, thread->id, thread->address);
		else
			enter_unseen(builder, thread);
	}
}

void relib_enter_unseen(struct relib_builder *builder)
{
	if (unseen)
		enter_looked(builder, unseen);
	forget_unseen();
}

static bool is_entered(const struct relib_set *set, const struct relib_settle_options *options, struct relib_builder *builder)
{
	struct relib_looked *looked;
	size_t inside;

	forget_unseen();
	/* Nobody else: not worth the memory for an answer. */
	if (options->ignore_stacks || __libc_single_threaded || !(looked = relib_reserve(sizeof *looked)))
		return false;
	inside = relib_threads_look(set, looked);
	if (inside)
		enter_looked(builder, looked);
	if (!inside && looked->unseen)
		unseen = looked;
	else
		relib_unreserve(looked, sizeof *looked);
	return inside;
}

static void say_entered(struct relib_builder *builder)
{
	struct relib_report *report = builder->report;

	report->reason = "a thread is in a function of it";
	report->advice = "unload it when that thread has returned, or wait for it with a grace period";
	if (report->threads.inside == 1)
		return;
	report->reason = relib_build_text(builder, "%" PRIu64 " threads are in functions of it", report->threads.inside)
				 ?: "threads are in functions of it";
	report->advice = "unload it when they have returned, or wait for them with a grace period";
}

static bool is_signal_stack(const struct relib_set *set, struct relib_builder *builder)
{
	pid_t thread = relib_signal_stack_in_images(set);
	char name[16];

	if (!thread || !builder->report)
		return thread != 0;
	relib_thread_name(thread, name);
	builder->report->reason = relib_build_text(builder, "the signal stack of thread %d \"%s\" lies in it", (int)thread, name)
					  ?: "the signal stack of a thread lies in it";
	builder->report->advice = "have that thread take it down with sigaltstack, or end it";
	return true;
}

bool relib_must_stay(const struct relib_set *set, const struct relib_settle_options *options, struct relib_builder *builder)
{
	if (relib_settle_blockers(set, options, builder->report ? builder : NULL)) {
		if (builder->report) {
			builder->report->reason = say_blockers(builder->report);
			builder->report->advice = builder->report->threads.running || !builder->report->threads.destructors
							  ? "wait for it with a grace period, or join it in RELIB_BEFORE_UNLOAD"
							  : "end these threads first";
		}
		return true;
	}
	if (relib_settle_refused(set, options, builder)) {
		if (builder->report) {
			builder->report->reason = say_refused(builder);
			builder->report->advice = "have the module give them back, in RELIB_BEFORE_UNLOAD for example, or change the policy";
		}
		return true;
	}
	if (is_signal_stack(set, builder))
		return true;
	/* Last, since it costs most. */
	if (!is_entered(set, options, builder))
		return false;
	if (builder->report)
		say_entered(builder);
	return true;
}

bool relib_must_stay_now(const struct relib_set *set, const struct relib_settle_options *options)
{
	struct relib_builder none = { .report = NULL };

	return relib_must_stay(set, options, &none);
}
