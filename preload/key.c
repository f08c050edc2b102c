/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Keys of thread-specific data that modules made: entered, described, deleted. */
#include "key.h"

#include <errno.h>
#include <stdio.h>

#include "key-value.h"
#include "kind.h"
#include "real.h"

/* A runtime library makes one for all of the process, whoever was the first to need it. */
static bool is_of_runtime(uintptr_t caller)
{
	struct relib_meaning meaning = relib_place_meaning(caller);

	return !meaning.object || meaning.object->kind != RELIB_OBJECT_MODULE;
}

void relib_key_enter(unsigned key, void (*destructor)(void *), struct relib_caller caller, uintptr_t through)
{
	int error = errno;
	struct relib_thing thing = { .kind = RELIB_KIND_KEY, .key = key, .value = { (uint64_t)(uintptr_t)destructor, key } };

	thing.mark = relib_callsite_thing(caller, through);
	if (thing.mark && is_of_runtime(caller.address))
		thing.mark = 0;
	if (thing.mark)
		relib_key_own(key);
	errno = error;
	relib_thing_acquired(&thing);
}

/* For settlement */

/* As at the end of a thread: a destructor may set the value again, but not for ever. */
void relib_key_destroy_value(const struct relib_thing *thing)
{
	void (*destructor)(void *) = (void (*)(void *))(uintptr_t)thing->value[0];
	pthread_key_t key = (pthread_key_t)thing->value[1];

	for (int times = 0; destructor && times < 4; times++) {
		void *value = pthread_getspecific(key);

		if (!value)
			return;
		pthread_setspecific(key, NULL);
		destructor(value);
	}
}

bool relib_key_release(const struct relib_thing *thing)
{
	relib_key_disown((unsigned)thing->value[1]);
	return !relib_real.pthread_key_delete((pthread_key_t)thing->value[1]);
}

void relib_key_describe(const struct relib_thing *thing, char *text, size_t size)
{
	char values[256];

	relib_key_say_values((unsigned)thing->value[1], values, sizeof(values));
	snprintf(text, size, "key %u%s%s%s", (unsigned)thing->value[1], thing->value[0] ? "" : "  without a destructor",
		 *values ? "  " : "", values);
}
