/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Locales that a module made and that threads use: uselocale(). Such a one is not freed as a block of the module's, for as long
 * as it may be in use; a thread that has ended without another one counts as using it still.
 */
#include <errno.h>
#include <stdio.h>

#include "lent.h"
#include "lock.h"
#include "site.h"
#include "tags.h"
#include "thread-state.h"

/* Under the threads lock; `locale` may be looked at without it. */
#define LOCALES 64
static struct {
	const void *locale;
	unsigned uses;
} locales[LOCALES];
static unsigned count;

static unsigned find(const void *locale)
{
	unsigned at = 0;

	while (at < LOCALES && __atomic_load_n(&locales[at].locale, __ATOMIC_RELAXED) != locale)
		at++;
	return at;
}

static void set(unsigned at, const void *locale, unsigned uses)
{
	count += (uses != 0) - (locales[at].uses != 0);
	locales[at].uses = uses;
	__atomic_store_n(&locales[at].locale, uses ? locale : NULL, __ATOMIC_RELAXED);
}

/* For the hooks */

/* Only what lies in a block of a module's may go. */
static struct relib_object *maker_of(const void *locale)
{
	uint32_t site = relib_tag_of(locale);

	return site ? &relib_objects[relib_site_owner(site)] : NULL;
}

bool relib_locale_matters(const void *locale, const void *before)
{
	if (locale == before)
		return false;
	return maker_of(locale) || (__atomic_load_n(&count, __ATOMIC_RELAXED) && find(before) < LOCALES);
}

/* One use less; whether it was the last. Threads lock held. */
static bool leave(const void *locale)
{
	unsigned at = find(locale);

	if (at == LOCALES)
		return false;
	set(at, locale, locales[at].uses - 1);
	return !locales[at].uses;
}

void relib_locale_use(void *locale, void *before, uint32_t mark)
{
	struct relib_object *maker = maker_of(locale);
	bool first = false, last;
	sigset_t saved;
	unsigned at;

	relib_lock(&relib_threads_lock, &saved);
	last = leave(before);
	at = find(locale);
	if (maker && at == LOCALES) {
		at = find(NULL);
		first = true;
	}
	if (maker && at < LOCALES)
		set(at, locale, first ? 1 : locales[at].uses + 1);
	relib_unlock(&relib_threads_lock, &saved);
	if (last)
		relib_lent_leave(RELIB_LENT_LOCALE, (uintptr_t)before);
	/* No room to follow it: it is the process's. */
	if (maker && at == LOCALES)
		relib_tag_take(locale);
	else if (first)
		relib_lent_enter(RELIB_LENT_LOCALE, (uintptr_t)locale, locale, mark);
}

void relib_locale_free(void *locale)
{
	sigset_t saved;
	unsigned at;

	if (!locale || find(locale) == LOCALES)
		return;
	relib_lock(&relib_threads_lock, &saved);
	at = find(locale);
	if (at < LOCALES)
		set(at, NULL, 0);
	relib_unlock(&relib_threads_lock, &saved);
	relib_lent_leave(RELIB_LENT_LOCALE, (uintptr_t)locale);
}

/* At the end of a module: what is freed is decided by the policy of the heap, so it is kept whatever that of strings is. */

static void look(struct relib_object *object)
{
	for (unsigned at = 0; at < LOCALES; at++) {
		uintptr_t locale = (uintptr_t)__atomic_load_n(&locales[at].locale, __ATOMIC_RELAXED);

		if (!locale || !relib_lent_block(object, locale))
			continue;
		relib_lent_found(RELIB_LENT_LOCALE, locale, locale, object);
		if (relib_thread.closes_with && relib_settle_releases(relib_thread.closes_with, RELIB_KIND_HEAP))
			relib_lent_keep_block(object, locale);
	}
}

static bool is_lent(const struct relib_object *object, const struct relib_thing *thing)
{
	(void)object;
	return find((const void *)thing->value[0]) < LOCALES;
}

/* It stays as it is. Who uses it needs not be followed any more. */
static bool keep(const struct relib_thing *thing)
{
	sigset_t saved;
	unsigned at;

	relib_lock(&relib_threads_lock, &saved);
	at = find((const void *)thing->value[0]);
	if (at < LOCALES)
		set(at, NULL, 0);
	relib_unlock(&relib_threads_lock, &saved);
	return false;
}

static void describe(const struct relib_thing *thing, char *text, size_t size)
{
	(void)thing;
	snprintf(text, size, "locale that a thread uses");
}

const struct relib_lent_row relib_locale_row = { look, is_lent, keep, describe };
