/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Words of the tracker to people, on stderr. */
#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "lock.h"

/* A reader that does not read for so long is treated as gone: the host must not hang on our words. */
#define PATIENCE_MS 1000

size_t relib_write(int descriptor, const char *text, size_t length, int *error)
{
	sigset_t pipe, saved, pending;
	bool was_pending;
	size_t done = 0;
	int kept = errno;

	*error = 0;
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigpending(&pending);
	was_pending = sigismember(&pending, SIGPIPE);
	relib_signal_mask(SIG_BLOCK, &pipe, &saved);
	while (done < length) {
		struct pollfd ready = { .fd = descriptor, .events = POLLOUT };
		ssize_t written;

		if (poll(&ready, 1, PATIENCE_MS) == 0) {
			*error = EAGAIN;
			break;
		}
		/* Not more at once than a pipe takes that is ready: a blocking write of more would wait. */
		written = write(descriptor, text + done, length - done < 4096 ? length - done : 4096);
		if (written > 0) {
			done += (size_t)written;
		} else if (errno != EINTR) {
			*error = errno;
			break;
		}
	}
	if (*error == EPIPE && !was_pending)
		sigtimedwait(&pipe, NULL, &(struct timespec){ 0 });
	relib_signal_mask(SIG_SETMASK, &saved, NULL);
	errno = kept;
	return done;
}

void relib_warn(const char *format, ...)
{
	char text[1024];
	int length, error;
	va_list arguments;

	va_start(arguments, format);
	length = snprintf(text, sizeof text, "relib: ");
	length += vsnprintf(text + length, sizeof text - (size_t)length - 1, format, arguments);
	va_end(arguments);
	if (length > (int)sizeof text - 2)
		length = (int)sizeof text - 2;
	text[length++] = '\n';
	if (fcntl(STDERR_FILENO, F_GETFL) >= 0)
		relib_write(STDERR_FILENO, text, (size_t)length, &error);
}
