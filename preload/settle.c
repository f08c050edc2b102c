/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Settlement: through the ledger of what has left, release or name it, and report. */
#include "settle.h"

#include "foreign.h"
#include "lent.h"
#include "lock.h"
#include "settle-heap.h"
#include "settle-things.h"
#include "settle-threads.h"
#include "tags.h"
#include "thread-ledger.h"

uint64_t relib_settle_count(const struct relib_set *set)
{
	return relib_settle_count_blocks(set) + relib_settle_count_threads(set) + relib_settle_count_things(set);
}

uint64_t relib_settle_refused(const struct relib_set *set, const struct relib_settle_options *options, struct relib_builder *builder)
{
	uint64_t count = 0;

	for (size_t i = 0; i < set->count && options->policies[RELIB_KIND_STRING] == RELIB_POLICY_REFUSE; i++)
		relib_lent_look(set->objects[i]);
	if (options->policies[RELIB_KIND_HEAP] == RELIB_POLICY_REFUSE)
		count += relib_settle_refuse_heap(set, builder);
	if (options->policies[RELIB_KIND_THREAD] == RELIB_POLICY_REFUSE)
		count += relib_settle_refuse_threads(set, builder);
	return count + relib_settle_refuse_things(set, options, builder);
}

/* Where these had blocks is forgotten, unless another module shares their bits. Registry lock held. */
static void forget_blocks(const struct relib_set *set)
{
	uint64_t bits = relib_settle_tag_bits(set);

	for (uint32_t i = 1; bits && i < relib_object_count; i++)
		if (relib_objects[i].sites && !relib_set_has(set, i))
			bits &= ~((uint64_t)1 << (i & 63));
	if (bits)
		relib_tags_forget(bits);
}

/* These two have figures of their own, too. */
static void total_up(struct relib_report *report)
{
	report->kinds[RELIB_KIND_HEAP] = (struct relib_kind_total){ report->heap.blocks, report->heap.released, report->heap.kept };
	report->kinds[RELIB_KIND_THREAD] = (struct relib_kind_total){ .held = report->threads.ended, .released = report->threads.released };
}

void relib_settle(const struct relib_set *set, const struct relib_settle_options *options, struct relib_builder *builder)
{
	sigset_t saved;

	relib_settle_threads(set, relib_settle_policy(options, RELIB_KIND_THREAD), builder);
	relib_threads_disown(set->objects, set->count);
	/* Before the heap, where buffers of streams may lie. */
	relib_settle_things(set, options, builder);
	relib_settle_heap(set, options, builder);
	if (builder->report)
		total_up(builder->report);
	relib_foreign_settle(set, builder);
	relib_lock(&relib_registry_lock, &saved);
	forget_blocks(set);
	for (size_t i = 0; i < set->count; i++) {
		relib_sites_free(set->objects[i]);
		relib_object_forget(set->objects[i]);
	}
	relib_unlock(&relib_registry_lock, &saved);
}
