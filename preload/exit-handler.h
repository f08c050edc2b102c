/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * What modules have called at the end of the process and dlclose doesn't call. It can't be taken back from libc, so libc has a
 * function of the tracker's in its place.
 */
#ifndef RELIB_EXIT_HANDLER_H
#define RELIB_EXIT_HANDLER_H

#include <stdint.h>

#include "callsite.h"

enum relib_exit_how { RELIB_EXIT_STATUS, RELIB_EXIT_PLAIN, RELIB_EXIT_QUICK };
struct relib_exit_handler;

/*
 * The mark for a function that somebody registers with the handle of an object, at whose end libc forgets it or calls it, or with
 * none. 0: it goes with the object that it lies in, or it is the host's alone.
 */
uint32_t relib_exit_mark(uintptr_t function, uintptr_t handle, struct relib_caller caller, uintptr_t through);

/*
 * Registered with the handle of an object, at whose end libc calls it, or with none. NULL: libc may have it as it is, which is so
 * where it goes with the object that it lies in, where it is the host's alone, and without memory. Entered before libc has it:
 * what ends the process meanwhile finds it. errno stays.
 */
struct relib_exit_handler *relib_exit_enter(enum relib_exit_how how, uintptr_t function, void *argument, uintptr_t handle,
					    struct relib_caller caller, uintptr_t through);
/* Libc has not taken it. */
void relib_exit_forget(struct relib_exit_handler *handler);

/* What libc calls. */
void relib_exit_run_status(int status, void *handler);
void relib_exit_run_plain(void *handler);
void relib_exit_run_quick(void *none);

#endif
