/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Settlement of heap blocks. */
#ifndef RELIB_SETTLE_HEAP_H
#define RELIB_SETTLE_HEAP_H

#include "settle.h"

/* The bits that pages of tags have where these owners have blocks. */
uint64_t relib_settle_tag_bits(const struct relib_set *set);

/* How many blocks these owners hold. */
uint64_t relib_settle_count_blocks(const struct relib_set *set);

/* Takes all of them out of the ledger, frees them if that is the policy, and enters them in the report. */
void relib_settle_heap(const struct relib_set *set, const struct relib_settle_options *options, struct relib_builder *builder);

/* Enters them in the report as what keeps the module, and touches nothing. How many there are. */
uint64_t relib_settle_refuse_heap(const struct relib_set *set, struct relib_builder *builder);

#endif
