/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What modules have the C++ library call: entered, described, put back to what was there before. */
#include "cxx-handler.h"

#include <errno.h>
#include <stdio.h>

#include "cxx-library.h"
#include "fork.h"
#include "kind.h"
#include "lock.h"
#include "real.h"
#include "setting.h"

/* Of each function that sets one, what modules have set by it. One that none has set is free for another function. */
#define LISTS 16
static struct list {
	enum relib_cxx_which which;
	relib_cxx_setter *setter;
	struct relib_setting settings[RELIB_SETTINGS];
} lists[LISTS];

static struct sigaction as_action(relib_cxx_handler handler)
{
	return (struct sigaction){ .sa_handler = (void (*)(int))(uintptr_t)handler };
}

/* Both with the threads lock held. */

static struct list *find_list(relib_cxx_setter *setter)
{
	struct list *empty = NULL;

	for (struct list *list = lists; list < lists + LISTS; list++) {
		relib_settings_forget_gone(list->settings, RELIB_KIND_CXX_HANDLER, (unsigned)(list - lists));
		if (list->setter == setter)
			return list;
		if (!empty && !list->settings->owner)
			empty = list;
	}
	return empty;
}

static void change(enum relib_cxx_which which, relib_cxx_setter *setter, uint32_t mark, relib_cxx_handler before, relib_cxx_handler now)
{
	struct relib_thing thing = { .kind = RELIB_KIND_CXX_HANDLER, .mark = mark };
	uint32_t owner = relib_thing_owner(&thing);
	struct sigaction found = as_action(before);
	struct list *list = find_list(setter);
	struct relib_setting *setting;

	if (!list)
		return;
	list->which = which;
	list->setter = setter;
	if (which != RELIB_CXX_RESOURCE)
		thing.value[0] = (uint64_t)(uintptr_t)now;
	thing.value[1] = (uint64_t)(list - lists);
	thing.key = relib_setting_key((unsigned)(list - lists), owner);
	setting = relib_setting_change(list->settings, owner, &found, (uintptr_t)now);
	if (setting && relib_setting_function(&setting->found) == (uintptr_t)now) {
		relib_setting_take_out(list->settings, setting);
		relib_thing_leave(thing.kind, thing.key, NULL);
	} else if (setting) {
		relib_thing_enter(&thing);
	}
}

void relib_cxx_handler_set(enum relib_cxx_which which, relib_cxx_setter *setter, uint32_t mark, relib_cxx_handler before,
			   relib_cxx_handler now)
{
	int error = errno;
	sigset_t saved;

	/* In a child of vfork it is the parent's too, but who can say for how long. */
	if (!relib_fork_is_borrowed()) {
		relib_lock(&relib_threads_lock, &saved);
		change(which, setter, mark, before, now);
		relib_unlock(&relib_threads_lock, &saved);
	}
	errno = error;
}

/* For settlement */

typedef relib_cxx_handler getter(void);

/* NULL: an old library lacks it. */
static getter *getter_of(const struct list *list)
{
	static const char *const names[] = { "_ZSt13get_terminatev", "_ZSt14get_unexpectedv", "_ZSt15get_new_handlerv",
					     "_ZNSt3pmr20get_default_resourceEv" };

	return (getter *)(uintptr_t)relib_cxx_find_beside(names[list->which], (const void *)(uintptr_t)list->setter);
}

/* What somebody else has set since stays. */
static bool put_back(const struct list *list, const struct relib_setting *setting, getter *get)
{
	relib_cxx_handler now;

	if (get && !relib_setting_is_of(setting, (uintptr_t)get()))
		return false;
	now = list->setter((relib_cxx_handler)relib_setting_function(&setting->found));
	if (relib_setting_is_of(setting, (uintptr_t)now))
		return true;
	list->setter(now);
	return false;
}

/* The module is there, and so is the library that it called. */
bool relib_cxx_handler_detach(const struct relib_thing *thing)
{
	struct list *list = &lists[thing->value[1]];
	getter *get = getter_of(list);
	struct relib_setting *setting;
	bool done = false;
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	setting = relib_setting_find(list->settings, relib_thing_owner(thing));
	if (setting) {
		done = put_back(list, setting, get);
		relib_setting_take_out(list->settings, setting);
	}
	relib_unlock(&relib_threads_lock, &saved);
	return done;
}

/* In a C host the library may have left with the module, and what was set in it too. Else it stays meanwhile. */
bool relib_cxx_handler_release(const struct relib_thing *thing)
{
	const struct list *list = &lists[thing->value[1]];
	struct dl_find_object found;
	void *library;
	bool done;

	if (_dl_find_object((void *)(uintptr_t)list->setter, &found))
		return true;
	library = relib_real.dlopen(found.dlfo_link_map->l_name, RTLD_LAZY | RTLD_NOLOAD);
	if (!library)
		return true;
	done = relib_cxx_handler_detach(thing);
	relib_real.dlclose(library);
	return done;
}

void relib_cxx_handler_describe(const struct relib_thing *thing, char *text, size_t size)
{
	static const char *const names[] = { "std::set_terminate", "std::set_unexpected", "std::set_new_handler",
					     "std::pmr::set_default_resource" };
	enum relib_cxx_which which = lists[thing->value[1]].which;

	snprintf(text, size, "%s%s", names[which], thing->value[0] || which == RELIB_CXX_RESOURCE ? "" : "  none");
}
