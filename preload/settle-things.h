/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Settlement of things: by kind, in the order of the table of kinds. */
#ifndef RELIB_SETTLE_THINGS_H
#define RELIB_SETTLE_THINGS_H

#include "settle.h"

/* How many things these owners hold. */
uint64_t relib_settle_count_things(const struct relib_set *set);

/*
 * Takes all of them out of the ledger, gives back those whose policy says so, and enters them in the report. No lock held: closing
 * can take its time.
 */
void relib_settle_things(const struct relib_set *set, const struct relib_settle_options *options, struct relib_builder *builder);

/* Enters in the report, as what keeps the module, those whose policy is to refuse; touches nothing. How many there are. */
uint64_t relib_settle_refuse_things(const struct relib_set *set, const struct relib_settle_options *options,
				    struct relib_builder *builder);

#endif
