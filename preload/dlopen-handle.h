/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Handles that modules got by dlopen. Each open is a thing of its own: value[0] is the handle, value[1] where the object
 * starts, which tells it from another that has the same handle later, with the flags below.
 */
#ifndef RELIB_DLOPEN_HANDLE_H
#define RELIB_DLOPEN_HANDLE_H

#include <stddef.h>

#include "callsite.h"
#include "settle.h"
#include "thing.h"

#define RELIB_DLOPEN_STAYS 1u  /* opened with RTLD_NODELETE */
#define RELIB_DLOPEN_UNSURE 2u /* it may be that the call failed */

/*
 * Whether ld.so would answer otherwise if the tracker called dlopen in its caller's stead: then the hook must jump, and
 * never sees the result (dlopen-attempt.h).
 */
bool relib_dlopen_needs_caller(const char *file, uintptr_t caller);

/* The object that starts there was opened by who has this mark; 0 is the host. errno stays. */
void relib_dlopen_enter(void *handle, uintptr_t start, uint32_t flags, uint32_t mark);

/* The same for a handle that was just opened. */
void relib_dlopen_enter_opened(void *handle, uint32_t flags, uint32_t mark);

/* What the hook of dlclose does. */
int relib_dlopen_close(void *handle, struct relib_caller caller);

/* How many opens of the first of these are their own: so long it never leaves. */
int relib_dlopen_count_own(const struct relib_set *set);
/* Closes these, if they are to be released and but one other is left, which is about to be closed. */
void relib_dlopen_close_own(const struct relib_set *set, const struct relib_settle_options *options);

/* Who holds an object open, from the ledger: up to `limit` marks. Gives how many there are. */
size_t relib_dlopen_holders(const struct relib_object *object, uint32_t *marks, size_t limit);

#endif
