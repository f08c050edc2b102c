/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of descriptors: everything that gives one or takes one back, but for streams. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "../descriptor.h"
#include "../file-lock.h"

/* Some of the hooked functions have no prototype in a header of libc. */
#undef fcntl
#define X(type, name, parameters) type name parameters;
RELIB_DESCRIPTOR_HOOKS(X)
#undef X

/* The third argument, where the flags say that there is one. */
#define MODE(flags)                                                                                                \
	({                                                                                                         \
		mode_t relib_mode_ = 0;                                                                            \
		va_list relib_arguments_;                                                                          \
                                                                                                                   \
		if (((flags) & O_CREAT) || ((flags) & O_TMPFILE) == O_TMPFILE) {                                   \
			va_start(relib_arguments_, flags);                                                         \
			relib_mode_ = va_arg(relib_arguments_, mode_t);                                            \
			va_end(relib_arguments_);                                                                  \
		}                                                                                                  \
		relib_mode_;                                                                                       \
	})

#define OPEN(name)                                                                                                 \
	RELIB_HOOK int name(const char *path, int flags, ...)                                                      \
	{                                                                                                          \
		mode_t mode = MODE(flags);                                                                         \
                                                                                                                   \
		return RELIB_DESCRIPTOR(name, relib_real.name(path, flags, mode));                                 \
	}
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                                               \
	RELIB_HOOK int name(int folder, const char *path, int flags, ...)                                          \
	{                                                                                                          \
		mode_t mode = MODE(flags);                                                                         \
                                                                                                                   \
		return RELIB_DESCRIPTOR(name, relib_real.name(folder, path, flags, mode));                         \
	}
OPENAT(openat)
OPENAT(openat64)

/* Functions with a fixed number of arguments that give one descriptor. */
#define GIVES(name, parameters, arguments)                                                                         \
	RELIB_HOOK int name parameters                                                                             \
	{                                                                                                          \
		return RELIB_DESCRIPTOR(name, relib_real.name arguments);                                          \
	}
GIVES(__open_2, (const char *path, int flags), (path, flags))
GIVES(__open64_2, (const char *path, int flags), (path, flags))
GIVES(__openat_2, (int folder, const char *path, int flags), (folder, path, flags))
GIVES(__openat64_2, (int folder, const char *path, int flags), (folder, path, flags))
GIVES(creat, (const char *path, mode_t mode), (path, mode))
GIVES(creat64, (const char *path, mode_t mode), (path, mode))
GIVES(open_by_handle_at, (int mount, struct file_handle *handle, int flags), (mount, handle, flags))
GIVES(socket, (int domain, int type, int protocol), (domain, type, protocol))
GIVES(accept, (int server, struct sockaddr *address, socklen_t *length), (server, address, length))
GIVES(accept4, (int server, struct sockaddr *address, socklen_t *length, int flags), (server, address, length, flags))
GIVES(dup, (int number), (number))
GIVES(eventfd, (unsigned count, int flags), (count, flags))
GIVES(epoll_create, (int size), (size))
GIVES(epoll_create1, (int flags), (flags))
GIVES(timerfd_create, (clockid_t clock, int flags), (clock, flags))
GIVES(inotify_init, (void), ())
GIVES(inotify_init1, (int flags), (flags))
GIVES(fanotify_init, (unsigned flags, unsigned events), (flags, events))
GIVES(memfd_create, (const char *name, unsigned flags), (name, flags))
GIVES(shm_open, (const char *name, int flags, mode_t mode), (name, flags, mode))
GIVES(mkstemp, (char *pattern), (pattern))
GIVES(mkstemp64, (char *pattern), (pattern))
GIVES(mkstemps, (char *pattern, int suffix), (pattern, suffix))
GIVES(mkstemps64, (char *pattern, int suffix), (pattern, suffix))
GIVES(mkostemp, (char *pattern, int flags), (pattern, flags))
GIVES(mkostemp64, (char *pattern, int flags), (pattern, flags))
GIVES(mkostemps, (char *pattern, int suffix, int flags), (pattern, suffix, flags))
GIVES(mkostemps64, (char *pattern, int suffix, int flags), (pattern, suffix, flags))
GIVES(pidfd_open, (pid_t process, unsigned flags), (process, flags))
GIVES(pidfd_getfd, (int process, int number, unsigned flags), (process, number, flags))
GIVES(posix_openpt, (int flags), (flags))
GIVES(getpt, (void), ())

/* With a number of an old one it changes that. */
RELIB_HOOK int signalfd(int number, const sigset_t *mask, int flags)
{
	if (number != -1) {
		RELIB_NEED(signalfd);
		return relib_real.signalfd(number, mask, flags);
	}
	return RELIB_DESCRIPTOR(signalfd, relib_real.signalfd(number, mask, flags));
}

/* Functions that give two. */
#define GIVES_PAIR(name, parameters, arguments)                                                                    \
	RELIB_HOOK int name parameters                                                                             \
	{                                                                                                          \
		int result;                                                                                        \
                                                                                                                   \
		RELIB_NEED(name);                                                                                           \
		result = relib_real.name arguments;                                                                \
		for (int i = 0; !result && i < 2; i++)                                                             \
			relib_descriptor_enter(pair[i], relib_callsite_thing(RELIB_CALLER, (uintptr_t)relib_real.name)); \
		return result;                                                                                     \
	}
GIVES_PAIR(pipe, (int pair[2]), (pair))
GIVES_PAIR(pipe2, (int pair[2], int flags), (pair, flags))
GIVES_PAIR(socketpair, (int domain, int type, int protocol, int pair[2]), (domain, type, protocol, pair))

/*
 * Onto a number that may have been something else, which is closed: it is taken out before, for settlement must not close
 * the number when it is the caller's.
 */
#define GIVES_NUMBER(name, parameters, arguments)                                                                  \
	RELIB_HOOK int name parameters                                                                             \
	{                                                                                                          \
		struct relib_thing before;                                                                         \
		uint32_t mark;                                                                                     \
		int result;                                                                                        \
                                                                                                                   \
		RELIB_NEED(name);                                                                                           \
		if (old == number)                                                                                 \
			return relib_real.name arguments;                                                          \
		mark = relib_callsite_thing(RELIB_CALLER, (uintptr_t)relib_real.name);                             \
		mark = relib_descriptor_replace(number, mark, &before);                                            \
		result = relib_real.name arguments;                                                                \
		return result < 0 ? relib_descriptor_restore(&before) : relib_descriptor_enter(result, mark);      \
	}
GIVES_NUMBER(dup2, (int old, int number), (old, number))
GIVES_NUMBER(dup3, (int old, int number, int flags), (old, number, flags))

#define CONTROL(name)                                                                                              \
	RELIB_HOOK int name(int number, int command, ...)                                                          \
	{                                                                                                          \
		va_list arguments;                                                                                 \
		void *argument;                                                                                    \
		int result;                                                                                        \
                                                                                                                   \
		/* As libc's own does: it is an int or a pointer, and may not be there. */                         \
		va_start(arguments, command);                                                                      \
		argument = va_arg(arguments, void *);                                                              \
		va_end(arguments);                                                                                 \
		if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)                                              \
			return RELIB_DESCRIPTOR(name, relib_real.name(number, command, argument));                 \
		RELIB_NEED(name);                                                                                           \
		result = relib_real.name(number, command, argument);                                               \
		if (!result && relib_file_lock_is(command))                                                        \
			relib_file_lock_set(number, command, argument,                                             \
					    relib_callsite_thing(RELIB_CALLER, (uintptr_t)relib_real.name));        \
		return result;                                                                                     \
	}
CONTROL(fcntl)
CONTROL(fcntl64)

/* What came with a message. */
static void enter_received(const struct msghdr *message, struct relib_caller caller, uintptr_t through)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR((struct msghdr *)message, part)) {
		size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int number;

		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS || part->cmsg_len < CMSG_LEN(0))
			continue;
		for (size_t i = 0; i < count; i++) {
			memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
			relib_descriptor_enter(number, relib_callsite_thing(caller, through));
		}
	}
}

RELIB_HOOK ssize_t recvmsg(int number, struct msghdr *message, int flags)
{
	ssize_t result;

	RELIB_NEED(recvmsg);
	result = relib_real.recvmsg(number, message, flags);
	if (result >= 0 && message->msg_controllen)
		enter_received(message, RELIB_CALLER, (uintptr_t)relib_real.recvmsg);
	return result;
}

RELIB_HOOK int recvmmsg(int number, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout)
{
	int result;

	RELIB_NEED(recvmmsg);
	result = relib_real.recvmmsg(number, messages, count, flags, timeout);
	for (int i = 0; i < result; i++)
		if (messages[i].msg_hdr.msg_controllen)
			enter_received(&messages[i].msg_hdr, RELIB_CALLER, (uintptr_t)relib_real.recvmmsg);
	return result;
}

/* Before, for after it another thread may have the number. */
RELIB_HOOK int close(int number)
{
	RELIB_NEED(close);
	relib_descriptor_leave(number);
	return relib_real.close(number);
}

RELIB_HOOK int close_range(unsigned first, unsigned last, int flags)
{
	RELIB_NEED(close_range);
	if (!(flags & CLOSE_RANGE_CLOEXEC))
		relib_descriptors_leave(first, last);
	return relib_real.close_range(first, last, flags);
}

RELIB_HOOK void closefrom(int first)
{
	RELIB_NEED(closefrom);
	relib_descriptors_leave(first < 0 ? 0 : (unsigned)first, UINT32_MAX);
	relib_real.closefrom(first);
}

/* hooks/syscall.S: before a call of the kernel that closes descriptors, and after one that failed. */
void relib_syscall_closes(long number, long first, long last, long flags) __attribute__((visibility("hidden")));
long relib_syscall_failed(long result) __attribute__((visibility("hidden")));

void relib_syscall_closes(long number, long first, long last, long flags)
{
	if (number == SYS_close)
		relib_descriptor_leave((int)first);
	else if (!(flags & CLOSE_RANGE_CLOEXEC))
		relib_descriptors_leave((unsigned)first, (unsigned)last);
}

long relib_syscall_failed(long result)
{
	errno = (int)-result;
	return -1;
}
