/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The start of the tracker. */
#ifndef RELIB_START_H
#define RELIB_START_H

/*
 * At the first call of any hook, which may be ld.so's own first allocation: finds the next definitions and
 * notes which objects are the host's. The environment is read later, in the constructor.
 */
void relib_start(void);

/* At the first dlopen: before, all is the host's and hooks only pass on. */
void relib_start_tracking(void);

#endif
