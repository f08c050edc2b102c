/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * What several modules set, one over the other: what a signal does, std::set_terminate.
 *
 * A list has the modules that changed it, the latest first, each with what it set and what it found. When one leaves that is
 * not the first, what is above it has found what the one that leaves had found: so what is gone never comes back.
 *
 * All with the threads lock held.
 */
#ifndef RELIB_SETTING_H
#define RELIB_SETTING_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "object.h"
#include "thing.h"

#define RELIB_SETTINGS 8

struct relib_setting {
	uint32_t owner; /* 0: none, nor any after it */
	uintptr_t installed; /* the function */
	struct sigaction found; /* of other things than signals only the function counts */
};

static inline uintptr_t relib_setting_function(const struct sigaction *action)
{
	return (uintptr_t)action->sa_handler;
}

/* The key of the thing in the ledger, of a list by its number. */
static inline uint64_t relib_setting_key(unsigned number, uint32_t owner)
{
	return (uint64_t)number | (uint64_t)owner << 8;
}

struct relib_setting *relib_setting_find(struct relib_setting *list, uint32_t owner);
void relib_setting_take_out(struct relib_setting *list, struct relib_setting *setting);

/* Takes out those of modules that are gone, and whose unload only named what they left. */
void relib_settings_forget_gone(struct relib_setting *list, enum relib_kind kind, unsigned number);

/* A module set `now` where `before` was. NULL: there is no room for it. */
struct relib_setting *relib_setting_change(struct relib_setting *list, uint32_t owner, const struct sigaction *before, uintptr_t now);

/* Whether a function that is set is what this module set, or lies in it. */
bool relib_setting_is_of(const struct relib_setting *setting, uintptr_t function);

/* Nobody has found what lies in this object, which is leaving: `instead` then. */
void relib_settings_forget_found(struct relib_setting *list, const struct relib_object *object, uintptr_t instead);

#endif
