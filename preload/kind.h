/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * The table of kinds of things: a new kind is one row here, one file of hooks, and what the hooks need.
 */
#ifndef RELIB_KIND_H
#define RELIB_KIND_H

#include <stddef.h>

#include "object.h"
#include "thing.h"

struct relib_set;
struct relib_settle_options;

struct relib_kind_row {
	enum relib_kind kind;
	/*
	 * For what may be gone, or there, without a hook knowing it, or NULL: before things of it are counted (without options)
	 * or settled, it enters or takes out what these objects hold.
	 */
	void (*refresh)(const struct relib_set *set, const struct relib_settle_options *options);
	/*
	 * Gives it back; the thing is in no ledger any more. False: it is not given back, since it is another's by now or
	 * that failed. After the module is gone: nothing of it may be called.
	 */
	bool (*release)(const struct relib_thing *thing);
	/*
	 * For what points back into the module's code, or NULL: gives it back while that is there still, see detach.h. False: it
	 * is another's by now, and not the module's to give back.
	 */
	bool (*detach)(const struct relib_thing *thing);
	/* Which of these can't be given back yet: they are released when the module is gone. Or NULL. */
	bool (*waits)(const struct relib_thing *thing);
	/* Which of these lead into the module: given back where a policy keeps the others, too. Or NULL. */
	bool (*leads_in)(const struct relib_thing *thing);
	/*
	 * For what may point into a module's code and no ledger knows, or NULL: looks for it while the module ends, and gives it
	 * back; see relib_detach_found().
	 */
	void (*sweep)(const struct relib_object *object);
	/* For what calls back when it is given back: before the module's static objects are destroyed. Or NULL. */
	void (*prepare)(const struct relib_thing *thing);
	/* For such kinds: value[0] is the function that is called, value[1] what the key was before it was given back. */
	bool calls;
	/* What it is, in a few words: "fd 12  /etc/passwd". Called while it is still there. */
	void (*describe)(const struct relib_thing *thing, char *text, size_t size);
	bool sized; /* value[0] is its size in bytes */
};

/* In the order of release, which is also that of reports; ends with a row that has no release. */
extern const struct relib_kind_row relib_kinds[];

/* descriptor.c */
bool relib_descriptor_release(const struct relib_thing *thing);
void relib_descriptor_describe(const struct relib_thing *thing, char *text, size_t size);

/* stream.c */
bool relib_stream_release(const struct relib_thing *thing);
bool relib_stream_leads_in(const struct relib_thing *thing);
void relib_stream_describe(const struct relib_thing *thing, char *text, size_t size);

/* mapping-settle.c */
bool relib_mapping_release(const struct relib_thing *thing);
void relib_mapping_describe(const struct relib_thing *thing, char *text, size_t size);

/* handler.c */
bool relib_handler_release(const struct relib_thing *thing);
void relib_handler_sweep(const struct relib_object *object);
void relib_handler_describe(const struct relib_thing *thing, char *text, size_t size);

/* cxx-handler.c */
bool relib_cxx_handler_detach(const struct relib_thing *thing);
bool relib_cxx_handler_release(const struct relib_thing *thing);
void relib_cxx_handler_describe(const struct relib_thing *thing, char *text, size_t size);

/* key.c */
bool relib_key_release(const struct relib_thing *thing);
void relib_key_destroy_value(const struct relib_thing *thing);
void relib_key_describe(const struct relib_thing *thing, char *text, size_t size);

/* signal-stack.c */
bool relib_signal_stack_release(const struct relib_thing *thing);
bool relib_signal_stack_detach(const struct relib_thing *thing);
bool relib_signal_stack_waits(const struct relib_thing *thing);
void relib_signal_stack_refresh(const struct relib_set *set, const struct relib_settle_options *options);
void relib_signal_stack_describe(const struct relib_thing *thing, char *text, size_t size);

/* callback.c */
bool relib_callback_release(const struct relib_thing *thing);
void relib_callback_sweep(const struct relib_object *object);
void relib_callback_describe(const struct relib_thing *thing, char *text, size_t size);

/* timer.c */
bool relib_timer_release(const struct relib_thing *thing);
void relib_timer_describe(const struct relib_thing *thing, char *text, size_t size);

/* dlopen-handle.c */
bool relib_dlopen_release(const struct relib_thing *thing);
void relib_dlopen_describe(const struct relib_thing *thing, char *text, size_t size);

/* exit-handler.c */
bool relib_exit_release(const struct relib_thing *thing);
bool relib_exit_waits(const struct relib_thing *thing);
void relib_exit_describe(const struct relib_thing *thing, char *text, size_t size);

/* lent.c */
bool relib_lent_detach(const struct relib_thing *thing);
bool relib_lent_release(const struct relib_thing *thing);
void relib_lent_describe(const struct relib_thing *thing, char *text, size_t size);

/* lock-kind.c */
void relib_lock_refresh(const struct relib_set *set, const struct relib_settle_options *options);
bool relib_lock_release(const struct relib_thing *thing);
void relib_lock_describe(const struct relib_thing *thing, char *text, size_t size);

/* named-semaphore.c */
bool relib_semaphore_release(const struct relib_thing *thing);
void relib_semaphore_describe(const struct relib_thing *thing, char *text, size_t size);

/* child.c */
void relib_child_refresh(const struct relib_set *set, const struct relib_settle_options *options);
bool relib_child_release(const struct relib_thing *thing);
void relib_child_describe(const struct relib_thing *thing, char *text, size_t size);

#endif
