/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Descriptors that modules hold: what the hooks of all functions that give one, or take one back, have in common. */
#ifndef RELIB_DESCRIPTOR_H
#define RELIB_DESCRIPTOR_H

#include "callsite.h"
#include "real.h"
#include "start.h"
#include "thing.h"

/* `number` was acquired by the caller of a hook, or the call failed; gives it. errno stays. */
int relib_descriptor_enter(int number, uint32_t mark);

/* It is about to be closed. */
void relib_descriptor_leave(int number);

/* All from first to last are. */
void relib_descriptors_leave(unsigned first, unsigned last);

/*
 * dup2() onto `number` is about to close what that was, `*before`. Gives the mark of what it becomes: the caller's, but not if
 * it is open and no module's. Who redirects the host's standard output doesn't own it.
 */
uint32_t relib_descriptor_replace(int number, uint32_t mark, struct relib_thing *before);
/* That failed: it is what it was. Gives -1. errno stays. */
int relib_descriptor_restore(const struct relib_thing *before);

/* In the hook itself: the result of the call, entered. */
#define RELIB_DESCRIPTOR(name, call)                                                                                \
	({                                                                                                         \
		int relib_number_;                                                                                 \
                                                                                                                   \
		RELIB_NEED(name);                                                                                  \
		relib_number_ = (call);                                                                            \
		relib_number_ < 0 ? relib_number_                                                                  \
				  : relib_descriptor_enter(relib_number_, relib_callsite_thing(RELIB_CALLER,        \
							       (uintptr_t)relib_real.name));                       \
	})

#endif
