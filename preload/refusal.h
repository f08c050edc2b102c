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

#endif
