/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Settlement: through the ledger of what has left, release or name it, and report. */
#ifndef RELIB_SETTLE_H
#define RELIB_SETTLE_H

#include <relib/track.h>

#include "report-build.h"

/* The objects that leave together; the first was asked to. */
#define RELIB_SET_LIMIT 32
struct relib_set {
	struct relib_object *objects[RELIB_SET_LIMIT];
	size_t count;
};

static inline bool relib_set_has(const struct relib_set *set, uint32_t owner)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->objects[i]->index == owner)
			return true;
	return false;
}

/* What to do about one kind: release, keep, or (default) name and leave. What could have been refused has not been. */
static inline enum relib_policy relib_settle_policy(const struct relib_settle_options *options, enum relib_kind kind)
{
	enum relib_policy policy = options->policies[kind];

	if (policy == RELIB_POLICY_RELEASE || policy == RELIB_POLICY_KEEP)
		return policy;
	return options->settle == RELIB_SETTLE_RELEASE ? RELIB_POLICY_RELEASE : RELIB_POLICY_DEFAULT;
}

/* What became of what was settled so. */
static inline enum relib_action relib_settle_action(enum relib_policy policy)
{
	switch (policy) {
	case RELIB_POLICY_RELEASE:
		return RELIB_ACTION_RELEASED;
	case RELIB_POLICY_KEEP:
		return RELIB_ACTION_KEPT;
	default:
		return RELIB_ACTION_REPORTED;
	}
}

static inline bool relib_settle_releases(const struct relib_settle_options *options, enum relib_kind kind)
{
	return relib_settle_policy(options, kind) == RELIB_POLICY_RELEASE;
}

/* How many heap blocks, and threads that nobody joined, these owners hold now. */
uint64_t relib_settle_count(const struct relib_set *set);

/*
 * What these owners hold of kinds whose policy is to refuse: how much, and entered in the report as what keeps the module. As
 * long as there is anything the module is not to go.
 */
uint64_t relib_settle_refused(const struct relib_set *set, const struct relib_settle_options *options, struct relib_builder *builder);

/* Settles objects that are gone, and forgets them. */
void relib_settle(const struct relib_set *set, const struct relib_settle_options *options, struct relib_builder *builder);

#endif
