/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* For modules that leave one thing of every function, each from a function of its own and a line of its own. */
#ifndef MODULES_KIND_H
#define MODULES_KIND_H

#define EXPORT __attribute__((noinline, visibility("default")))
#define KEEP_FRAME __asm__ volatile("" ::: "memory") /* no tail call: that would leave no frame */
#define LEAK_AS(type, name, call) EXPORT type leak_##name(void) { type it = (call); KEEP_FRAME; return it; }

#endif
