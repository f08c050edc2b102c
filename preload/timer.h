/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* POSIX timers that modules made. */
#ifndef RELIB_TIMER_H
#define RELIB_TIMER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * What a module asks for, as libc is to be asked: for a timer that calls a function in a thread of libc's, that is one of the
 * tracker's, so that no thread that libc started before the timer was deleted comes into the module after that.
 * @return the number of its record, or 0
 */
unsigned relib_timer_prepare(const struct sigevent *wanted, struct sigevent *event);
void relib_timer_forget(unsigned record);

/* It was made. errno stays. */
void relib_timer_enter(timer_t timer, const struct sigevent *wanted, unsigned record, uint32_t mark);
/* It is deleted: no thread that libc has started for it calls its function any more; those that do now are waited for, or not. */
void relib_timer_leave(timer_t timer, bool wait);

#endif
