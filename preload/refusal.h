/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Why a module must not be unloaded now. */
#ifndef RELIB_REFUSAL_H
#define RELIB_REFUSAL_H

#include "settle.h"

/* Whether anything keeps these objects here, and, where there is a report, what it is and what to do about it. */
bool relib_must_stay(const struct relib_set *set, const struct relib_settle_options *options, struct relib_builder *builder);

/* The same without saying why. */
bool relib_must_stay_now(const struct relib_set *set, const struct relib_settle_options *options);

/* Names, when the unload is over, the threads whose stacks the last look of this thread's could not see. */
void relib_enter_unseen(struct relib_builder *builder);

/* An entry for a thread that is in a function: the address is in it. */
struct relib_entry *relib_enter_inside(struct relib_builder *builder, int32_t id, uintptr_t address);

#endif
