/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The environment: strings that putenv() left where they are, what a module wrote into `environ`, and an array of its own. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/single_threaded.h>
#include <unistd.h>

#include "lasting.h"
#include "lent.h"
#include "real.h"
#include "thread-state.h"

/* What a thread's stack may be, to tell a string on it. */
#define STACK_REACH ((size_t)8 << 20)
/* Others may change it as often as they like, and must not keep us here. */
#define MOST_WALKS 1000
/* An id of its own; the others are numbers of names. */
#define ARRAY 0

/* In no header, but in every glibc: above it are the arguments and what the program was started with. */
extern void *__libc_stack_end __attribute__((weak));

static char **array(void)
{
	return __atomic_load_n(&environ, __ATOMIC_ACQUIRE);
}

static char *load(char **entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

/* When this has had libc's lock, no thread is moving what was in the array before. Not where nothing is known to be lent. */
static void wait_for_writers(void)
{
	if (!__libc_single_threaded && relib_things_any(RELIB_KIND_STRING))
		relib_real.unsetenv("RELIB_NO_SUCH_VARIABLE");
}

/*
 * Calls `visit` with each entry. Others may change the environment meanwhile: unsetenv() moves entries down, so that to go up
 * could miss one; and setenv() may have copied all to another array.
 */
static void walk(void (*visit)(void *context, char **entry, char *text), void *context)
{
	char **now;
	int times = 0;

	do {
		size_t count = 0;

		now = array();
		while (now && load(&now[count]))
			count++;
		while (count--) {
			char *text = load(&now[count]);

			if (text)
				visit(context, &now[count], text);
		}
		wait_for_writers();
	} while (now != array() && ++times < MOST_WALKS);
}

struct search {
	const char *text;
	bool found;
};

static void compare(void *context, char **entry, char *text)
{
	struct search *search = context;

	(void)entry;
	search->found |= text == search->text;
}

static bool is_entry(const char *text)
{
	struct search search = { text, false };

	walk(compare, &search);
	return search.found;
}

/* Of the copies of one name: while another thread changes the environment it may miss one, which then reads as a later one. */
static bool may_be_used(const char *copy)
{
	for (char **entry = array(); entry && load(entry); entry++)
		if (load(entry) == copy)
			return true;
	return false;
}

static uint32_t number_of(const char *text, bool make)
{
	return relib_lasting_number(text, strcspn(text, "="), make);
}

/* For the hooks */

/* Whether it lies on the calling thread's stack, of which `stack` is a part. */
static bool is_on_stack(const char *text, const uintptr_t *stack)
{
	pthread_attr_t attributes;
	bool is = false;
	void *start;
	size_t size;

	if ((uintptr_t)text - (uintptr_t)stack >= STACK_REACH)
		return false;
	if (getpid() == gettid())
		return &__libc_stack_end && text < (char *)__libc_stack_end;
	relib_enter();
	if (!pthread_getattr_np(pthread_self(), &attributes)) {
		is = !pthread_attr_getstack(&attributes, &start, &size) && (uintptr_t)text - (uintptr_t)start < size;
		pthread_attr_destroy(&attributes);
	}
	relib_leave();
	return is;
}

/* A string on the stack will be something else by the time the module ends. */
static void put_on_stack(const char *text, uint32_t number, uint32_t mark)
{
	relib_lasting_copy_early(relib_lasting_of(number), text, may_be_used);
	relib_lent_enter_on_stack(RELIB_LENT_ENVIRONMENT, number, text, mark);
}

void relib_environment_put(const char *text, const uintptr_t *stack, uint32_t mark)
{
	int error = errno;
	uint32_t number;

	if (!strchr(text, '=')) {
		relib_environment_unset(text);
		return;
	}
	number = number_of(text, mark != 0);
	if (number && mark && is_on_stack(text, stack)) {
		put_on_stack(text, number, mark);
	} else if (number) {
		relib_lasting_copy_early(relib_lasting_of(number), NULL, may_be_used);
		relib_lent_enter(RELIB_LENT_ENVIRONMENT, number, text, mark);
	}
	errno = error;
}

static void leave(void *context, const struct relib_thing *thing)
{
	(void)context;
	if (thing->key >> RELIB_LENT_ID_BITS == RELIB_LENT_ENVIRONMENT)
		relib_thing_leave(thing->kind, thing->key, NULL);
}

void relib_environment_unset(const char *name)
{
	uint32_t number;

	if (!relib_things_any(RELIB_KIND_STRING))
		return;
	if (!name) {
		relib_things_walk(RELIB_KIND_STRING, leave, NULL);
		return;
	}
	number = number_of(name, false);
	if (number)
		relib_lent_leave(RELIB_LENT_ENVIRONMENT, number);
}

/* Looking */

static void look_at_entry(void *object, char **entry, char *text)
{
	uint32_t number;

	(void)entry;
	/* Nearly all: what the program was started with. */
	if ((&__libc_stack_end && text > (char *)__libc_stack_end) || !relib_lent_is_of(object, (uintptr_t)text))
		return;
	number = number_of(text, true);
	if (number)
		relib_lent_found(RELIB_LENT_ENVIRONMENT, number, (uintptr_t)text, object);
}

static void look(struct relib_object *object)
{
	if (relib_lent_is_of(object, (uintptr_t)array()))
		relib_lent_found(RELIB_LENT_ENVIRONMENT, ARRAY, (uintptr_t)array(), object);
	walk(look_at_entry, object);
}

static bool is_lent(const struct relib_object *object, const struct relib_thing *thing)
{
	uint64_t id = relib_lent_id(thing);

	if (id == ARRAY)
		return (uintptr_t)array() == thing->value[0];
	return is_entry((const char *)thing->value[0]) &&
	       (relib_lasting_of((uint32_t)id)->early || relib_lent_is_of(object, thing->value[0]));
}

/* Replacing */

/* libc makes a new array when it adds to this one, and doesn't free it. */
static char **lasting_array(char **old)
{
	static char **arrays[2];
	static size_t rooms[2];
	size_t count = 0;
	unsigned at = arrays[0] == old;

	while (load(&old[count]))
		count++;
	if (rooms[at] < count + 1) {
		size_t room = count + 1 < 64 ? 64 : 2 * (count + 1);
		char **made = relib_lasting_allocate(room * sizeof(*made));

		if (!made)
			return NULL;
		arrays[at] = made;
		rooms[at] = room;
	}
	memcpy(arrays[at], old, (count + 1) * sizeof(*old));
	return arrays[at];
}

static bool replace_array(const struct relib_object *object)
{
	char **old = array(), **made;

	if (!relib_lent_is_of(object, (uintptr_t)old))
		return true;
	made = lasting_array(old);
	if (made)
		__atomic_compare_exchange_n(&environ, &old, made, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
	return made;
}

struct exchange {
	char *old, *made;
	unsigned done;
};

/* Only where the old string is: another thread may have put one of its own there just now. */
static void replace_entry(void *context, char **entry, char *text)
{
	struct exchange *exchange = context;

	if (text == exchange->old)
		exchange->done += __atomic_compare_exchange_n(entry, &text, exchange->made, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* Until it is seen nowhere: a thread that was moving it may have put the old one back. */
static void replace_entries(char *old, char *made)
{
	struct exchange exchange = { .old = old, .made = made };

	for (int times = 0; times < MOST_WALKS; times++) {
		exchange.done = 0;
		walk(replace_entry, &exchange);
		if (!exchange.done)
			return;
	}
}

static bool replace(const struct relib_thing *thing)
{
	const struct relib_object *object = &relib_objects[relib_thing_owner(thing)];
	uint64_t id = relib_lent_id(thing);
	struct relib_lasting *lasting;
	char *made;

	/* First, since it may be one that can't be written into. */
	if (!replace_array(object))
		return false;
	if (id == ARRAY)
		return true;
	lasting = relib_lasting_of((uint32_t)id);
	made = relib_lasting_copy(lasting, lasting->early ? lasting->early : (const char *)thing->value[0], may_be_used);
	lasting->early = NULL;
	if (!made)
		return false;
	replace_entries((char *)thing->value[0], made);
	return true;
}

static void describe(const struct relib_thing *thing, char *text, size_t size)
{
	uint64_t id = relib_lent_id(thing);

	if (id == ARRAY)
		snprintf(text, size, "array of the environment (environ)");
	else
		snprintf(text, size, "environment variable %.*s", (int)relib_lasting_of((uint32_t)id)->length,
			 relib_lasting_of((uint32_t)id)->name);
}

const struct relib_lent_row relib_environment_row = { look, is_lent, replace, describe };
