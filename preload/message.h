/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Words of the tracker to people, on stderr. */
#ifndef RELIB_MESSAGE_H
#define RELIB_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

/* "relib: " and the text and a newline. For what can't be said in a report; keep these few. */
void relib_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Writes to a descriptor without harm to the host: no SIGPIPE, no endless wait for a full pipe, errno kept.
 * Gives how many bytes were written; less than `length` after a failure, whose errno is in *error.
 */
size_t relib_write(int descriptor, const char *text, size_t length, int *error);

/*
 * Whether what is open as stderr is that of the start, or what a program sends its messages to in its place: one that
 * closed it may have got the number for a file of its own.
 */
void relib_stderr_note(void); /* at the start */
bool relib_stderr_is_there(void);

#endif
