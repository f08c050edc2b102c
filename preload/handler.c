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
#include "setting.h"
#include "site.h"

/* Of each signal, the modules that changed what it does. */
static struct relib_setting settings[_NSIG][RELIB_SETTINGS];

static bool is_same(const struct sigaction *one, const struct sigaction *other)
{
	uintptr_t function = relib_setting_function(one);

	if (function != relib_setting_function(other))
		return false;
	/* To be ignored has no flags that matter. */
	return function <= RELIB_NO_FUNCTION ||
	       (one->sa_flags == other->sa_flags && !memcmp(&one->sa_mask, &other->sa_mask, _NSIG / 8));
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
	struct relib_thing thing = { .kind = RELIB_KIND_SIGNAL_HANDLER, .key = relib_setting_key((unsigned)change->number, owner),
				     .mark = change->mark, .value = { 0, (uint64_t)change->number } };
	struct relib_setting *list = settings[change->number], *setting;
	struct sigaction now;
	int error = errno;
	sigset_t saved;

	if (!change->mark || relib_real.sigaction(change->number, NULL, &now) || is_same(&change->before, &now)) {
		errno = error;
		return;
	}
	thing.value[0] = relib_setting_function(&now);
	relib_lock(&relib_threads_lock, &saved);
	relib_settings_forget_gone(list, thing.kind, (unsigned)change->number);
	setting = relib_setting_change(list, owner, &change->before, relib_setting_function(&now));
	if (setting && is_same(&setting->found, &now)) {
		relib_setting_take_out(list, setting);
		relib_thing_leave(thing.kind, thing.key, NULL);
	} else if (setting) {
		relib_thing_enter(&thing);
	}
	relib_unlock(&relib_threads_lock, &saved);
	errno = error;
}

/* For settlement */

/* Another thread may be setting it just now: what it set stays. */
static bool put_back(int number, const struct relib_setting *setting)
{
	struct sigaction now;

	if (relib_real.sigaction(number, NULL, &now) || !relib_setting_is_of(setting, relib_setting_function(&now)) ||
	    relib_real.sigaction(number, &setting->found, &now))
		return false;
	if (relib_setting_is_of(setting, relib_setting_function(&now)))
		return true;
	relib_real.sigaction(number, &now, NULL);
	return false;
}

bool relib_handler_release(const struct relib_thing *thing)
{
	int number = (int)thing->value[1];
	struct relib_setting *list = settings[number], *setting;
	bool done = false;
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	setting = relib_setting_find(list, relib_thing_owner(thing));
	if (setting) {
		done = put_back(number, setting);
		relib_setting_take_out(list, setting);
	}
	relib_unlock(&relib_threads_lock, &saved);
	return done;
}

/*
 * What the object set past the hooks: by the system call, or with RTLD_DEEPBIND. Nobody knows what was there before, so it is
 * as by default then. What the ledger knows has been put back.
 */
void relib_handler_sweep(const struct relib_object *object)
{
	static const struct sigaction by_default = { .sa_handler = SIG_DFL };

	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	for (int number = 1; number < _NSIG; number++)
		relib_settings_forget_found(settings[number], object, (uintptr_t)SIG_DFL);
	relib_unlock(&relib_threads_lock, &saved);
	for (int number = 1; number < _NSIG; number++) {
		struct sigaction now;
		uintptr_t function;

		if (relib_real.sigaction(number, NULL, &now) || !relib_object_has(object, relib_setting_function(&now)))
			continue;
		function = relib_setting_function(&now);
		if (relib_real.sigaction(number, &by_default, &now))
			continue;
		if (relib_object_has(object, relib_setting_function(&now)))
			relib_detach_found(RELIB_KIND_SIGNAL_HANDLER, object, function, (uint64_t)number);
		else /* another thread has set it just now */
			relib_real.sigaction(number, &now, NULL);
	}
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
