/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * What points back into a module's code is given back while the module ends: after its own destructors, which may do so
 * themselves and may need it until then, and before ld.so unmaps it, since a signal may come at any time.
 *
 * The last of the destructors of an object calls __cxa_finalize, which is hooked: so ld.so has decided by then that the object
 * goes. What has no such destructor is settled when it is gone. Destructors with a priority come after that one: they find
 * what was given back given back.
 */
#ifndef RELIB_DETACH_H
#define RELIB_DETACH_H

#include <relib/track.h>
#include <stdbool.h>
#include <stdint.h>

#include "object.h"
#include "thing.h"

/* Up to here value[0] is no function: SIG_DFL, SIG_IGN. */
#define RELIB_NO_FUNCTION 4095

/* In the key of what has been given back, until it is reported: that key is free for others. */
#define RELIB_DETACHED ((uint64_t)1 << 55)

static inline bool relib_thing_is_detached(const struct relib_thing *thing)
{
	return thing->key & RELIB_DETACHED;
}

/* An object that ends had set this past the hooks, and it has been given back: `function` and the number of what called it. */
void relib_detach_found(enum relib_kind kind, const struct relib_object *object, uintptr_t function, uint64_t number);

/*
 * The object with this __dso_handle ends, on the calling thread: before its static objects are destroyed, and after that.
 * errno stays.
 */
void relib_detach_prepare(uintptr_t handle);
void relib_detach_of(uintptr_t handle);

/* An object is gone. What points into it is looked for now, if it ended without a call of ours: with RTLD_DEEPBIND, say. */
void relib_detach_gone(const struct relib_object *object, const struct relib_settle_options *options);
/* What it lent to libc (lent.h) alone, of an object that has no destructors and is about to leave. */
struct relib_object;
void relib_detach_strings(struct relib_object *object);

#endif
