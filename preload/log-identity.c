/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What openlog() was given: libc writes it before each line that goes to the log. */
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "lasting.h"
#include "lent.h"
#include "lock.h"
#include "real.h"

/* So much of it names it in reports. */
#define NAME_LENGTH 64

/* What libc has, under the threads lock. */
static struct {
	const char *identity;
	uint32_t number; /* of its name */
	int options, facility;
	uint32_t turn;
} current;

static bool is_current(const char *text)
{
	return text == current.identity;
}

/* For the hooks */

/* As libc does it: what is 0 stays what it was. */
static void note(const char *identity, uint32_t number, int options, int facility)
{
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	if (identity) {
		current.identity = identity;
		current.number = number;
	}
	current.options = options;
	if (facility && !(facility & ~LOG_FACMASK))
		current.facility = facility;
	current.turn++;
	relib_unlock(&relib_threads_lock, &saved);
}

/* Before the call, in which the thread may be cancelled. */
void relib_log_open(const char *identity, int options, int facility, uint32_t mark)
{
	uint32_t number = identity && mark ? relib_lasting_number(identity, strnlen(identity, NAME_LENGTH), true) : 0;

	/* The one before is libc's no more. */
	if (identity && current.number)
		relib_lent_leave(RELIB_LENT_LOG, current.number);
	note(identity, number, options, facility);
	if (number)
		relib_lent_enter(RELIB_LENT_LOG, number, identity, mark);
}

void relib_log_close(void)
{
	uint32_t number;
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	number = current.number;
	current.identity = NULL;
	current.number = 0;
	current.turn++;
	relib_unlock(&relib_threads_lock, &saved);
	if (number)
		relib_lent_leave(RELIB_LENT_LOG, number);
}

/* At the end of a module */

static void look(struct relib_object *object)
{
	const char *identity = current.identity;

	if (!relib_lent_is_of(object, (uintptr_t)identity))
		return;
	if (!current.number)
		current.number = relib_lasting_number(identity, strnlen(identity, NAME_LENGTH), true);
	if (current.number)
		relib_lent_found(RELIB_LENT_LOG, current.number, (uintptr_t)identity, object);
}

static bool is_lent(const struct relib_object *object, const struct relib_thing *thing)
{
	return thing->value[0] == (uintptr_t)current.identity && relib_lent_is_of(object, thing->value[0]);
}

/* Another thread may have called openlog() or closelog() in between: what it said last stands. */
static bool replace(const struct relib_thing *thing)
{
	struct relib_lasting *lasting = relib_lasting_of((uint32_t)relib_lent_id(thing));
	const char *made = relib_lasting_copy(lasting, (const char *)thing->value[0], is_current);
	int options, facility;
	sigset_t saved;
	uint32_t turn;

	if (!made)
		return false;
	relib_lock(&relib_threads_lock, &saved);
	while ((uintptr_t)current.identity == thing->value[0] || current.identity == made) {
		current.identity = made;
		turn = ++current.turn;
		options = current.options;
		facility = current.facility;
		relib_unlock(&relib_threads_lock, &saved);
		relib_real.openlog(made, options, facility);
		relib_lock(&relib_threads_lock, &saved);
		if (current.turn == turn) {
			relib_unlock(&relib_threads_lock, &saved);
			return true;
		}
	}
	made = current.identity;
	options = current.options;
	facility = current.facility;
	relib_unlock(&relib_threads_lock, &saved);
	if (made)
		relib_real.openlog(made, options, facility);
	else
		relib_real.closelog();
	return true;
}

static void describe(const struct relib_thing *thing, char *text, size_t size)
{
	const struct relib_lasting *lasting = relib_lasting_of((uint32_t)relib_lent_id(thing));

	snprintf(text, size, "openlog identity \"%.*s\"", (int)lasting->length, lasting->name);
}

const struct relib_lent_row relib_log_row = { look, is_lent, replace, describe };
