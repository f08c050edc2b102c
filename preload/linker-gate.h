/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Around what may hold ld.so's lock of its list of objects where a host doesn't expect it, as libunwind does in a hook of malloc:
 * a child that was forked meanwhile would find it locked, and hang at its first dlopen. Libc, too, opens libraries in children.
 */
#ifndef RELIB_LINKER_GATE_H
#define RELIB_LINKER_GATE_H

/* Waits for a fork that is going on, but not long. Async-signal-safe, and can be nested. */
void relib_gate_enter(void);
void relib_gate_leave(void);

/* Around a fork: waits, not long either, until no other thread is inside. */
void relib_gate_close(void);
void relib_gate_open_in_parent(void);
void relib_gate_open_in_child(void);

#endif
