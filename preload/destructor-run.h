/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Runs the thread-local destructors that are pending on other threads, where the host says so, and reports them. */
#ifndef RELIB_DESTRUCTOR_RUN_H
#define RELIB_DESTRUCTOR_RUN_H

#include "settle.h"

/*
 * Whether they are to be run. Only for what the loader opened: for all else libc counts them, and ld.so keeps the object
 * mapped until their threads have ended.
 */
bool relib_destructors_can_run(const struct relib_object *root, const struct relib_settle_options *options);

/* Those that were run, with names that are read while the module is there. */
struct relib_ran {
	uint64_t count;
	struct relib_builder builder;
};

/* `ran` is zeroed. False: one is run by a thread that ends just now, and takes too long. Called inside the tracker. */
bool relib_destructors_run_elsewhere(const struct relib_set *set, const struct relib_settle_options *options, struct relib_ran *ran);
/* Into the report of the unload. */
void relib_enter_ran(struct relib_builder *builder, const struct relib_ran *ran);
void relib_forget_ran(struct relib_ran *ran);

#endif
