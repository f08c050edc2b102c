/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Leaves a descriptor of every function that gives one, each from a function of its own and a line of its own. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <relib/module.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kind.h"

RELIB_MODULE("kind_descriptor", "1.0");

extern int __open_2(const char *, int), __open64_2(const char *, int);
extern int __openat_2(int, const char *, int), __openat64_2(int, const char *, int);

/* Gives it, or -1. */
#define LEAK(name, call) LEAK_AS(int, name, call)
#define LEAK_PAIR(name, call) EXPORT int leak_##name(void) { int pair[2]; int failed = (call); KEEP_FRAME; return failed; }
/* With a path that the function may write to, and whose file is not kept. */
#define LEAK_FILE(name, ending, call) EXPORT int leak_##name(void) { char path[] = "relib-kind-XXXXXX" ending; int number = (call); unlink(path); return number; }

/* Things that functions need: closed by nobody either, but named themselves. */
static sigset_t no_signals;
static int server(void);
static int messages(void);

LEAK(open, open("/dev/null", O_RDONLY))
LEAK(open64, open64("/dev/null", O_RDONLY))
LEAK(openat, openat(AT_FDCWD, "/dev/null", O_RDONLY))
LEAK(openat64, openat64(AT_FDCWD, "/dev/null", O_RDONLY))
LEAK(open_tmpfile, open(".", O_TMPFILE | O_RDWR, 0600))
LEAK(open_2, __open_2("/dev/null", O_RDONLY))
LEAK(open64_2, __open64_2("/dev/null", O_RDONLY))
LEAK(openat_2, __openat_2(AT_FDCWD, "/dev/null", O_RDONLY))
LEAK(openat64_2, __openat64_2(AT_FDCWD, "/dev/null", O_RDONLY))
LEAK(creat, creat("/dev/null", 0600))
LEAK(creat64, creat64("/dev/null", 0600))
LEAK(socket, socket(AF_UNIX, SOCK_STREAM, 0))
LEAK(accept, accept(server(), NULL, NULL))
LEAK(accept4, accept4(server(), NULL, NULL, SOCK_CLOEXEC))
LEAK(dup, dup(0))
LEAK(dup2, dup2(0, 900))
LEAK(dup3, dup3(0, 901, O_CLOEXEC))
LEAK(fcntl, fcntl(0, F_DUPFD, 902))
LEAK(fcntl64, fcntl64(0, F_DUPFD_CLOEXEC, 903))
LEAK(eventfd, eventfd(0, 0))
LEAK(epoll_create, epoll_create(1))
LEAK(epoll_create1, epoll_create1(0))
LEAK(timerfd_create, timerfd_create(CLOCK_MONOTONIC, 0))
LEAK(signalfd, signalfd(-1, &no_signals, 0))
LEAK(inotify_init, inotify_init())
LEAK(inotify_init1, inotify_init1(0))
LEAK(memfd_create, memfd_create("memory", 0))
LEAK_FILE(mkstemp, "", mkstemp(path))
LEAK_FILE(mkstemp64, "", mkstemp64(path))
LEAK_FILE(mkstemps, ".c", mkstemps(path, 2))
LEAK_FILE(mkstemps64, ".c", mkstemps64(path, 2))
LEAK_FILE(mkostemp, "", mkostemp(path, 0))
LEAK_FILE(mkostemp64, "", mkostemp64(path, 0))
LEAK_FILE(mkostemps, ".c", mkostemps(path, 2, 0))
LEAK_FILE(mkostemps64, ".c", mkostemps64(path, 2, 0))
LEAK(posix_openpt, posix_openpt(O_RDWR | O_NOCTTY))
LEAK(getpt, getpt())
LEAK(pidfd_open, pidfd_open(getpid(), 0))
LEAK(fanotify_init, fanotify_init(FAN_CLASS_NOTIF, 0))
LEAK_PAIR(pipe, pipe(pair))
LEAK_PAIR(pipe2, pipe2(pair, 0))
LEAK_PAIR(socketpair, socketpair(AF_UNIX, SOCK_STREAM, 0, pair))

EXPORT int leak_shm_open(void)
{
	char name[64];
	int number;

	snprintf(name, sizeof(name), "/relib-kind-%d", (int)getpid());
	number = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600); /* LEAK(shm_open, */
	shm_unlink(name);
	return number;
}

EXPORT int leak_pidfd_getfd(void)
{
	int process = pidfd_open(getpid(), 0);
	int number = pidfd_getfd(process, 0, 0); /* LEAK(pidfd_getfd, */

	close(process);
	return number;
}

/* May not be allowed. */
EXPORT int leak_open_by_handle_at(void)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} file = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int mount, folder = open("/", O_RDONLY | O_DIRECTORY), number = -1;

	if (!name_to_handle_at(AT_FDCWD, "/", &file.handle, &mount, 0))
		number = open_by_handle_at(folder, &file.handle, O_RDONLY); /* LEAK(open_by_handle_at, */
	close(folder);
	return number;
}

/* A server with a client that waits; both are closed by the next call. */
static int server(void)
{
	static int number, client;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t length = sizeof(address);

	if (number) {
		close(number);
		close(client);
		number = 0;
	}
	number = socket(AF_UNIX, SOCK_STREAM, 0);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(number, (struct sockaddr *)&address, sizeof(sa_family_t)) || listen(number, 1) ||
	    getsockname(number, (struct sockaddr *)&address, &length) || connect(client, (struct sockaddr *)&address, length))
		return -1;
	return number;
}

/* Sends `number` through a socket. */
EXPORT int send_number(int through, int number)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	char byte = 'x';
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.head), &number, sizeof(number));
	return sendmsg(through, &message, 0) == 1 ? 0 : -1;
}

/* A socket where a message waits; closed by the next call. */
static int messages(void)
{
	static int pair[2];

	if (pair[1])
		close(pair[1]);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) || send_number(pair[0], 0))
		return -1;
	close(pair[0]);
	return pair[1];
}

/* Room for a message with a descriptor. */
#define MESSAGE \
	union { \
		struct cmsghdr head; \
		char room[CMSG_SPACE(sizeof(int))]; \
	} control; \
	char byte; \
	struct iovec part = { &byte, 1 }; \
	struct mmsghdr message = { .msg_hdr = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, \
						.msg_controllen = sizeof(control) } }
#define RECEIVED (*(int *)CMSG_DATA(CMSG_FIRSTHDR(&message.msg_hdr)))

EXPORT int leak_recvmsg(void)
{
	MESSAGE;
	ssize_t result = recvmsg(messages(), &message.msg_hdr, 0); /* LEAK(recvmsg, */

	return result == 1 ? RECEIVED : -1;
}

EXPORT int leak_recvmmsg(void)
{
	MESSAGE;
	int result = recvmmsg(messages(), &message, 1, 0, NULL); /* LEAK(recvmmsg, */

	return result == 1 ? RECEIVED : -1;
}

/* Gives how many are left; what this system refuses is named on standard output. */
EXPORT int leak_all(void)
{
	static const struct { const char *name; int (*leak)(void); int count; } all[] = {
#define ONE(name) { #name, leak_##name, 1 },
		ONE(open) ONE(open64) ONE(openat) ONE(openat64) ONE(open_tmpfile) ONE(open_2) ONE(open64_2) ONE(openat_2)
		ONE(openat64_2) ONE(creat) ONE(creat64) ONE(socket) ONE(accept) ONE(dup) ONE(dup2) ONE(dup3) ONE(fcntl)
		ONE(fcntl64) ONE(eventfd) ONE(epoll_create) ONE(epoll_create1) ONE(timerfd_create) ONE(signalfd)
		ONE(inotify_init) ONE(inotify_init1) ONE(memfd_create) ONE(mkstemp) ONE(mkstemp64) ONE(mkstemps)
		ONE(mkstemps64) ONE(mkostemp) ONE(mkostemp64) ONE(mkostemps) ONE(mkostemps64) ONE(posix_openpt) ONE(getpt)
		ONE(pidfd_open) ONE(fanotify_init) ONE(open_by_handle_at) ONE(recvmsg) ONE(shm_open) ONE(pidfd_getfd)
		ONE(accept4) ONE(recvmmsg)
		{ "pipe", leak_pipe, 2 }, { "pipe2", leak_pipe2, 2 }, { "socketpair", leak_socketpair, 2 },
	};
	int count = 3; /* server, its client and the socket with messages */

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (all[i].leak() >= 0)
			count += all[i].count;
		else
			printf("refused %s %s\n", all[i].name, strerrorname_np(errno));
	}
	fflush(stdout);
	return count;
}

/* What the host asks for */

EXPORT int module_open(const char *path)
{
	int number = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	KEEP_FRAME;
	return number;
}

EXPORT int module_dup2(int old, int number)
{
	int result = dup2(old, number);

	KEEP_FRAME;
	return result;
}

EXPORT int module_close(int number)
{
	int result = close(number);

	KEEP_FRAME;
	return result;
}

/* In a way that nobody sees. */
EXPORT int module_close_unseen(int number)
{
	/* libc's own, past the hook */
	long (*close_by)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");

	return (int)close_by(SYS_close, number);
}

EXPORT int module_receive(int through)
{
	MESSAGE;
	ssize_t result = recvmsg(through, &message.msg_hdr, 0);

	return result == 1 ? RECEIVED : -1;
}

/* A child in its parent's memory closes `number` and opens another, which it gives. */
EXPORT int module_vfork(int number)
{
	static volatile int opened;
	int status;
	pid_t child = vfork();

	if (child == 0) {
		close(number);
		opened = open("/dev/null", O_RDONLY);
		opened = dup2(opened, 100);
		_exit(3);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3 ? opened : -1;
}

RELIB_MAIN(int)
{
	return leak_all() < 0;
}
