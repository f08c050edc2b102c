/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What several modules set, one over the other. */
#include "setting.h"

#include <string.h>

struct relib_setting *relib_setting_find(struct relib_setting *list, uint32_t owner)
{
	for (unsigned i = 0; i < RELIB_SETTINGS; i++)
		if (list[i].owner == owner)
			return &list[i];
	return NULL;
}

void relib_setting_take_out(struct relib_setting *list, struct relib_setting *setting)
{
	unsigned at = (unsigned)(setting - list);

	if (at && relib_setting_function(&setting[-1].found) == setting->installed)
		setting[-1].found = setting->found;
	memmove(setting, setting + 1, (RELIB_SETTINGS - 1 - at) * sizeof(*setting));
	list[RELIB_SETTINGS - 1].owner = 0;
}

void relib_settings_forget_gone(struct relib_setting *list, enum relib_kind kind, unsigned number)
{
	for (unsigned i = RELIB_SETTINGS; i-- > 0;)
		if (list[i].owner && !relib_objects[list[i].owner].closers &&
		    !relib_thing_find(kind, relib_setting_key(number, list[i].owner), NULL))
			relib_setting_take_out(list, &list[i]);
}

/* It stays where it is, if nobody else has changed it since. */
struct relib_setting *relib_setting_change(struct relib_setting *list, uint32_t owner, const struct sigaction *before, uintptr_t now)
{
	struct relib_setting *setting = relib_setting_find(list, owner);

	if (setting == list && relib_setting_function(before) == setting->installed) {
		setting->installed = now;
		return setting;
	}
	if (setting)
		relib_setting_take_out(list, setting);
	if (list[RELIB_SETTINGS - 1].owner)
		return NULL;
	memmove(list + 1, list, (RELIB_SETTINGS - 1) * sizeof(*list));
	*list = (struct relib_setting){ .owner = owner, .installed = now, .found = *before };
	return list;
}

bool relib_setting_is_of(const struct relib_setting *setting, uintptr_t function)
{
	return function == setting->installed || relib_object_has(&relib_objects[setting->owner], function);
}

void relib_settings_forget_found(struct relib_setting *list, const struct relib_object *object, uintptr_t instead)
{
	for (unsigned i = 0; i < RELIB_SETTINGS && list[i].owner; i++)
		if (relib_object_has(object, relib_setting_function(&list[i].found)))
			list[i].found = (struct sigaction){ .sa_handler = (void (*)(int))instead };
}
