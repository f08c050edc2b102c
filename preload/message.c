/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Words of the tracker to people, on stderr. */
#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lock.h"

/* A reader that does not read for so long is treated as gone: the host must not hang on our words. */
#define PATIENCE_MS 1000

/* The one that our write sent, unless one was there before. */
static void drop_signal(int number, const sigset_t *pending)
{
	sigset_t sent;

	if (!number || sigismember(pending, number))
		return;
	sigemptyset(&sent);
	sigaddset(&sent, number);
	sigtimedwait(&sent, NULL, &(struct timespec){ 0 });
}

size_t relib_write(int descriptor, const char *text, size_t length, int *error)
{
	sigset_t fatal, saved, pending;
	size_t done = 0;
	int kept = errno, cancel;
	struct stat status;
	/* Not more at once than a pipe takes that is ready: a blocking write of more would wait. A file takes it whole. */
	size_t most = fstat(descriptor, &status) || !S_ISREG(status.st_mode) ? 4096 : length;

	*error = 0;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	/* What a write may send: no reader, the file size limit, a terminal that background programs may not write to. */
	sigemptyset(&fatal);
	sigaddset(&fatal, SIGPIPE);
	sigaddset(&fatal, SIGXFSZ);
	sigaddset(&fatal, SIGTTOU);
	sigpending(&pending);
	relib_signal_mask(SIG_BLOCK, &fatal, &saved);
	while (done < length) {
		struct pollfd ready = { .fd = descriptor, .events = POLLOUT };
		ssize_t written;

		if (poll(&ready, 1, PATIENCE_MS) == 0) {
			*error = EAGAIN;
			break;
		}
		written = write(descriptor, text + done, length - done < most ? length - done : most);
		if (written > 0) {
			done += (size_t)written;
		} else if (errno != EINTR) {
			*error = errno;
			break;
		}
	}
	drop_signal(*error == EPIPE ? SIGPIPE : *error == EFBIG ? SIGXFSZ : 0, &pending);
	relib_signal_mask(SIG_SETMASK, &saved, NULL);
	pthread_setcancelstate(cancel, NULL);
	errno = kept;
	return done;
}

static struct stat first_stderr;

void relib_stderr_note(void)
{
	if (fstat(STDERR_FILENO, &first_stderr))
		memset(&first_stderr, 0, sizeof first_stderr);
}

bool relib_stderr_is_there(void)
{
	int flags = fcntl(STDERR_FILENO, F_GETFL);
	struct stat now;

	if (flags < 0 || fstat(STDERR_FILENO, &now))
		return false;
	if (now.st_dev == first_stderr.st_dev && now.st_ino == first_stderr.st_ino)
		return true;
	/* Nobody logs to a file to be read, and a connection is somebody else's. */
	return !S_ISSOCK(now.st_mode) && !(S_ISREG(now.st_mode) && (flags & O_ACCMODE) == O_RDWR && !(flags & O_APPEND));
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
	if (relib_stderr_is_there())
		relib_write(STDERR_FILENO, text, (size_t)length, &error);
}
