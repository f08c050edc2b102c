/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Settlement of threads, and of thread-local destructors that wait on them. */
#ifndef RELIB_SETTLE_THREADS_H
#define RELIB_SETTLE_THREADS_H

#include "settle.h"

/* How many threads of these owners there are that nobody joined. */
uint64_t relib_settle_count_threads(const struct relib_set *set);

/* Enters the threads that ended without a join, and joins them if that is the policy. Those that run were a reason not to come here. */
void relib_settle_threads(const struct relib_set *set, enum relib_policy policy, struct relib_builder *builder);

/* Enters them as what keeps the module, and touches nothing: how many. Those that run are a reason of their own. */
uint64_t relib_settle_refuse_threads(const struct relib_set *set, struct relib_builder *builder);

/*
 * Enters what makes it unsafe to unload these: threads that run, thread-local destructors pending on other
 * threads. Gives how many; `builder` may be NULL, then they are only counted.
 */
size_t relib_settle_blockers(const struct relib_set *set, const struct relib_settle_options *options,
			     struct relib_builder *builder);

/* An entry for one thing of a thread's; NULL without memory. */
struct relib_entry *relib_settle_enter_of_thread(struct relib_builder *builder, enum relib_kind kind, enum relib_action action,
						 int32_t id, uintptr_t function);

#endif
