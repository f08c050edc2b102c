/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Lent: what a module gave to libc and libc goes on using where it is: strings of the environment, the name that
 * syslog writes, buffers of streams, the state of random(), locales, variables of libc. When the module ends, a copy
 * that stays takes its place.
 *
 * Much of that is not seen by a hook, or has been replaced since: so what the ledger holds is put right when the module
 * ends (relib_lent_look), and only then is it certain.
 */
#ifndef RELIB_LENT_H
#define RELIB_LENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "object.h"
#include "settle.h"
#include "thing.h"

enum relib_lent {
	RELIB_LENT_VARIABLE, /* of libc */
	RELIB_LENT_ENVIRONMENT,
	RELIB_LENT_LOG,
	RELIB_LENT_BUFFER,
	RELIB_LENT_RANDOM,
	RELIB_LENT_LOCALE,
	RELIB_LENTS
};

/* `id` tells those of a kind apart. A thing has its address in value[0], its key in value[1]. */
#define RELIB_LENT_ID_BITS 48

static inline uint64_t relib_lent_id(const struct relib_thing *thing)
{
	return thing->value[1] & (((uint64_t)1 << RELIB_LENT_ID_BITS) - 1);
}

/*
 * For hooks: libc has it from the caller of one. A mark of 0, or memory that is not the caller's: what was there is
 * replaced, and this is the host's. errno stays.
 */
void relib_lent_enter(enum relib_lent lent, uint64_t id, const void *address, uint32_t mark);
/* The same for what lies on the caller's stack. */
void relib_lent_enter_on_stack(enum relib_lent lent, uint64_t id, const void *address, uint32_t mark);
/* libc has it no more. */
void relib_lent_leave(enum relib_lent lent, uint64_t id);

/* While looking: libc has this of the module that ends, by a hook or not. */
void relib_lent_found(enum relib_lent lent, uint64_t id, uintptr_t address, struct relib_object *object);

/* Whether an address lies in the image of a module, in a heap block or in a mapping that it holds. */
bool relib_lent_is_of(const struct relib_object *object, uintptr_t address);
/* The heap block of a module in which an address lies, or NULL. */
void *relib_lent_block(const struct relib_object *object, uintptr_t address);

/* The block in which an address lies is the process's from now on, and not freed. */
void relib_lent_keep_block(const struct relib_object *object, uintptr_t address);

/*
 * What a module lent is looked for: when it ends, after its own destructors, whatever the policy is; and before, where
 * it must not leave while there is any.
 */
void relib_lent_look(struct relib_object *object);

/* The same, and all that then is done, for those of a set that have no destructors: before ld.so takes them out. */
void relib_lent_before_close(const struct relib_set *set);

/* What differs by what is lent. */
struct relib_lent_row {
	/* Enters what is found by looking. */
	void (*look)(struct relib_object *object);
	/* Whether libc has it still, where it is. */
	bool (*is_lent)(const struct relib_object *object, const struct relib_thing *thing);
	/* Puts a copy there. False: that was not possible. */
	bool (*replace)(const struct relib_thing *thing);
	/* The module's memory may be gone. */
	void (*describe)(const struct relib_thing *thing, char *text, size_t size);
};
extern const struct relib_lent_row relib_variable_row, relib_environment_row, relib_log_row, relib_buffer_row, relib_random_row,
	relib_locale_row;

/* environment.c */
void relib_environment_put(const char *text, const uintptr_t *stack, uint32_t mark);
void relib_environment_unset(const char *name); /* NULL: all */

/* log-identity.c */
void relib_log_open(const char *identity, int options, int facility, uint32_t mark);
void relib_log_close(void);

/* stream-buffer.c */
void relib_buffer_set(void *stream, const void *buffer, uint32_t mark);
void relib_buffer_leave(void *stream);

/* random-state.c */
void relib_random_set(const void *state, uint32_t mark);

/* thread-locale.c */
/* Whether a change from one to another is to be followed; then it is to be told. */
bool relib_locale_matters(const void *locale, const void *before);
void relib_locale_use(void *locale, void *before, uint32_t mark);
void relib_locale_free(void *locale);

#endif
