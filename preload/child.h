/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Child processes that modules started and that nobody waited for. */
#ifndef RELIB_CHILD_H
#define RELIB_CHILD_H

#include <stdint.h>
#include <sys/types.h>

/* A process was started by the caller of a hook, or that failed, or this is the process; gives it. errno stays. */
pid_t relib_child_enter(pid_t process, uint32_t mark);

/* A wait gave this. What has stopped or goes on again is to be waited for still. errno stays. */
pid_t relib_child_waited(pid_t process, int status);

/* In a forked child, which has no children. */
void relib_children_in_child(void);

#endif
