/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The tracker around a fork. */
#ifndef RELIB_FORK_H
#define RELIB_FORK_H

/* From now on forks are followed. */
void relib_fork_follow(void);

#endif
