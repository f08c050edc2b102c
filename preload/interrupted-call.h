/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* System calls that the tracker's own signal has interrupted. */
#ifndef RELIB_INTERRUPTED_CALL_H
#define RELIB_INTERRUPTED_CALL_H

#include <ucontext.h>

/*
 * In a handler: poll, epoll_wait, nanosleep and their like end with EINTR whatever SA_RESTART says. The host didn't ask for the
 * signal and may not expect that: such a call is made to begin again, as the kernel does it for others, with its whole timeout.
 * Not where another signal is pending, nor for calls that a host makes to wait for a signal. Async-signal-safe.
 */
void relib_restart_call(ucontext_t *context);

#endif
