/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Signal handlers that modules set: entered, described, put back to what was there before. */
#include "handler.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "detach.h"
#include "fork.h"
#include "kind.h"
#include "lock.h"
#include "real.h"
#include "site.h"

/*
 * Of each signal, the modules that changed what it does, the latest first: each with what it set and what it found. When
 * one leaves that is not the first, what is above it has found what the one that leaves had found.
 */
#define DEPTH 8
static struct record {
	uint32_t owner; /* 0: none, nor any after it */
	struct sigaction installed, found;
} records[_NSIG][DEPTH];

static uint64_t key_of(int number, uint32_t owner)
{
	return (uint64_t)number | (uint64_t)owner << 8;
}

static uintptr_t function_of(const struct sigaction *action)
{
	return (uintptr_t)action->sa_handler;
}

static bool is_same(const struct sigaction *one, const struct sigaction *other)
{
	if (function_of(one) != function_of(other))
		return false;
	/* To be ignored has no flags that matter. */
	return function_of(one) <= RELIB_NO_FUNCTION ||
	       (one->sa_flags == other->sa_flags && !memcmp(&one->sa_mask, &other->sa_mask, _NSIG / 8));
}

/* All with the threads lock held. */

static struct record *find(int number, uint32_t owner)
{
	for (unsigned i = 0; i < DEPTH; i++)
		if (records[number][i].owner == owner)
			return &records[number][i];
	return NULL;
}

static void take_out(int number, struct record *record)
{
	unsigned at = (unsigned)(record - records[number]);

	if (at && function_of(&record[-1].found) == function_of(&record->installed))
		record[-1].found = record->found;
	memmove(record, record + 1, (DEPTH - 1 - at) * sizeof(*record));
	records[number][DEPTH - 1].owner = 0;
}

/* Modules that are gone, and whose unload only named what they left. */
static void forget_gone(int number)
{
	for (unsigned i = DEPTH; i-- > 0;) {
		struct record *record = &records[number][i];

		if (record->owner && !relib_objects[record->owner].closers &&
		    !relib_thing_find(RELIB_KIND_SIGNAL_HANDLER, key_of(number, record->owner), NULL))
			take_out(number, record);
	}
}

static void put_in(int number, uint32_t owner, const struct sigaction *installed, const struct sigaction *found)
{
	struct record *first = records[number];

	memmove(first + 1, first, (DEPTH - 1) * sizeof(*first));
	*first = (struct record){ .owner = owner, .installed = *installed, .found = *found };
}

/* Where it stays, if nobody else has changed it since. */
static struct record *change_record(int number, uint32_t owner, const struct sigaction *before, const struct sigaction *now)
{
	struct record *record = find(number, owner);

	if (record == records[number] && function_of(before) == function_of(&record->installed)) {
		record->installed = *now;
		return record;
	}
	if (record)
		take_out(number, record);
	if (records[number][DEPTH - 1].owner)
		return NULL;
	put_in(number, owner, now, before);
	return records[number];
}

/* For the hooks */

void relib_handler_before(struct relib_handler_change *change, int number, uint32_t mark)
{
	int error = errno;

	change->number = number;
	change->mark = 0;
	/* In a child of vfork it is the child's alone. */
	if (number > 0 && number < _NSIG && !relib_fork_is_borrowed() && !relib_real.sigaction(number, NULL, &change->before))
		change->mark = mark;
	errno = error;
}

void relib_handler_after(const struct relib_handler_change *change)
{
	uint32_t owner = relib_site_owner(change->mark & RELIB_SITE_MASK);
	struct relib_thing thing = { .kind = RELIB_KIND_SIGNAL_HANDLER, .key = key_of(change->number, owner), .mark = change->mark,
				     .value = { 0, (uint64_t)change->number } };
	struct sigaction now;
	struct record *record;
	int error = errno;
	sigset_t saved;

	if (!change->mark || relib_real.sigaction(change->number, NULL, &now) || is_same(&change->before, &now)) {
		errno = error;
		return;
	}
	thing.value[0] = function_of(&now);
	relib_lock(&relib_threads_lock, &saved);
	forget_gone(change->number);
	record = change_record(change->number, owner, &change->before, &now);
	if (record && is_same(&record->found, &now)) {
		take_out(change->number, record);
		relib_thing_leave(thing.kind, thing.key, NULL);
	} else if (record) {
		relib_thing_enter(&thing);
	}
	relib_unlock(&relib_threads_lock, &saved);
	errno = error;
}

/* For settlement */

static bool is_of(const struct sigaction *action, const struct record *record)
{
	const struct relib_object *object = &relib_objects[record->owner];
	uintptr_t function = function_of(action);

	return function == function_of(&record->installed) || (function >= object->start && function < object->end);
}

/* Another thread may be setting it just now: what it set stays. */
static bool put_back(int number, const struct record *record)
{
	struct sigaction now;

	if (relib_real.sigaction(number, NULL, &now) || !is_of(&now, record) || relib_real.sigaction(number, &record->found, &now))
		return false;
	if (is_of(&now, record))
		return true;
	relib_real.sigaction(number, &now, NULL);
	return false;
}

bool relib_handler_release(const struct relib_thing *thing)
{
	int number = (int)thing->value[1];
	struct record *record;
	bool done = false;
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	record = find(number, relib_site_owner(thing->mark & RELIB_SITE_MASK));
	if (record) {
		done = put_back(number, record);
		take_out(number, record);
	}
	relib_unlock(&relib_threads_lock, &saved);
	return done;
}

void relib_handler_describe(const struct relib_thing *thing, char *text, size_t size)
{
	int number = (int)thing->value[1];
	const char *name = sigabbrev_np(number), *what = "";

	if (thing->value[0] <= RELIB_NO_FUNCTION)
		what = thing->value[0] == (uintptr_t)SIG_IGN ? "  ignored" : "  as by default";
	if (name)
		snprintf(text, size, "SIG%s%s", name, what);
	else
		snprintf(text, size, "SIGRTMIN+%d%s", number - SIGRTMIN, what);
}
