/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Taking an object out: dlclose, look whether it is gone and why not, settle, report. */
#ifndef RELIB_UNLOAD_H
#define RELIB_UNLOAD_H

#include <relib/track.h>
#include "callsite.h"

/*
 * A host's dlclose: the object is kept mapped ("pinned") where unmapping it would crash, and reports go
 * where the options say.
 */
int relib_unload_for_host(void *handle, struct relib_caller caller);

/* Closes pinned objects whose reason has gone; at each dlopen and dlclose of the host. */
void relib_unload_pinned(struct relib_caller caller);

/* The interface of the loader, see relib/track.h. */
struct relib_report *relib_unload_refusal(void *handle, const struct relib_settle_options *options, unsigned grace_ms);
struct relib_report *relib_unload_settled(void *handle, const struct relib_settle_options *options);
void relib_unload_run_destructors(void *handle);
void relib_unload_report_free(struct relib_report *report);

#endif
