/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* relib-run -- PROGRAM: an unmodified program under the tracker. */
#include "run.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* The file that the tracker writes and this process reads, in a folder of its own. */
struct mailbox {
	char folder[4096];
	char path[4096 + 16];
	int fd;
	int watch;      /* inotify; -1 where there is none: then the file is looked at now and then */
	char *pending;  /* read, but no whole line yet */
	size_t length, size;
};

/* Signals that mean the program, not relib-run. */
static const int forwarded[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH };

/* The mailbox */

static void remove_mailbox(struct mailbox *mailbox)
{
	unlink(mailbox->path);
	rmdir(mailbox->folder);
	if (mailbox->watch >= 0)
		close(mailbox->watch);
	if (mailbox->fd >= 0)
		close(mailbox->fd);
	free(mailbox->pending);
}

static bool make_mailbox(struct mailbox *mailbox)
{
	const char *parent = getenv("TMPDIR");

	*mailbox = (struct mailbox){ .fd = -1, .watch = -1 };
	/* in RELIB_TRACK a comma ends the path, and % stands for something else */
	if (!parent || *parent != '/' || strpbrk(parent, ",%") || strlen(parent) > 2000)
		parent = "/tmp";
	snprintf(mailbox->folder, sizeof(mailbox->folder), "%s/relib-run.XXXXXX", parent);
	if (!mkdtemp(mailbox->folder)) {
		fprintf(stderr, TOOL ": can't make a folder for the program's reports in %s: %s\n", parent, strerror(errno));
		fprintf(stderr, "  set TMPDIR to a folder that you may write to\n");
		return false;
	}
	snprintf(mailbox->path, sizeof(mailbox->path), "%s/reports.jsonl", mailbox->folder);
	mailbox->fd = open(mailbox->path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (mailbox->fd < 0) {
		fprintf(stderr, TOOL ": can't make %s: %s\n", mailbox->path, strerror(errno));
		remove_mailbox(mailbox);
		return false;
	}
	mailbox->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (mailbox->watch >= 0 && inotify_add_watch(mailbox->watch, mailbox->path, IN_MODIFY) < 0) {
		close(mailbox->watch);
		mailbox->watch = -1;
	}
	return true;
}

static void put_line(struct relib_printer *printer, const char *line, size_t length)
{
	char why[256];
	struct relib_read_report *read;

	if (!length)
		return;
	read = relib_read_report(line, length, why, sizeof(why));
	if (!read) {
		fprintf(stderr, TOOL ": a report of the program can't be read, %s:\n%.*s\n", why, (int)length, line);
		return;
	}
	relib_printer_put(printer, read);
	relib_read_report_free(read);
}

/* Prints the whole lines there are. What is left at the end is cut off: the program died while it wrote. */
static void put_lines(struct mailbox *mailbox, struct relib_printer *printer)
{
	char *line = mailbox->pending, *end;

	while ((end = memchr(line, '\n', mailbox->length))) {
		put_line(printer, line, (size_t)(end - line));
		mailbox->length -= (size_t)(end + 1 - line);
		line = end + 1;
	}
	memmove(mailbox->pending, line, mailbox->length);
}

static void read_mailbox(struct mailbox *mailbox, struct relib_printer *printer)
{
	char events[4096];
	ssize_t got;

	while (mailbox->watch >= 0 && read(mailbox->watch, events, sizeof(events)) > 0)
		; /* only a call to look */
	for (;;) {
		if (mailbox->size - mailbox->length < 16384) {
			mailbox->size = 2 * mailbox->size + 65536;
			mailbox->pending = realloc(mailbox->pending, mailbox->size);
			if (!mailbox->pending)
				err(RELIB_RUN_MAIN_FAILED, "no memory for reports");
		}
		got = read(mailbox->fd, mailbox->pending + mailbox->length, mailbox->size - mailbox->length);
		if (got <= 0)
			return;
		mailbox->length += (size_t)got;
		put_lines(mailbox, printer);
	}
}

/* The program */

static bool set_environment(const struct relib_run_options *options, const struct mailbox *mailbox)
{
	const char *tracker = relib_run_tracker_path(), *others = getenv("LD_PRELOAD");
	char *more = NULL, *track, *preload = NULL;

	if (!tracker) {
		fprintf(stderr, TOOL ": the tracker, librelib_track.so, is not in this process; is relib installed whole?\n");
		return false;
	}
	if (asprintf(&more, "report=%s,format=json,quiet", mailbox->path) < 0 ||
	    asprintf(&preload, others && *others ? "%s:%s" : "%s", tracker, others) < 0)
		err(RELIB_RUN_USAGE, "no memory");
	track = relib_run_track_options(more, options);
	setenv("RELIB_TRACK", track, 1);
	setenv("LD_PRELOAD", preload, 1);
	free(more);
	free(track);
	free(preload);
	return true;
}

static void block_signals(sigset_t *blocked, sigset_t *before)
{
	sigemptyset(blocked);
	sigaddset(blocked, SIGCHLD);
	for (size_t i = 0; i < sizeof(forwarded) / sizeof(*forwarded); i++)
		sigaddset(blocked, forwarded[i]);
	sigprocmask(SIG_BLOCK, blocked, before);
}

static _Noreturn void become(char **arguments, const sigset_t *mask, int failure)
{
	int error;

	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(arguments[0], arguments);
	error = errno;
	if (write(failure, &error, sizeof(error)) < 0)
		_exit(RELIB_RUN_NOT_EXECUTABLE);
	_exit(error == ENOENT ? RELIB_RUN_NOT_FOUND : RELIB_RUN_NOT_EXECUTABLE);
}

/* Starts the program, and waits until it is one: `*error` is why it could not be executed, or 0. */
static pid_t start(const struct relib_run_options *options, const struct mailbox *mailbox, const sigset_t *mask, int *error)
{
	int failure[2];
	pid_t child;

	*error = 0;
	if (pipe2(failure, O_CLOEXEC) < 0)
		err(RELIB_RUN_NOT_EXECUTABLE, "can't start a process");
	child = fork();
	if (child < 0)
		err(RELIB_RUN_NOT_EXECUTABLE, "can't start a process");
	if (child == 0) {
		if (!set_environment(options, mailbox))
			_exit(RELIB_RUN_NOT_EXECUTABLE);
		become(options->arguments, mask, failure[1]);
	}
	close(failure[1]);
	while (read(failure[0], error, sizeof(*error)) < 0 && errno == EINTR)
		;
	close(failure[0]);
	return child;
}

/* A ^C at the terminal reaches the program without our help; only what was sent to relib-run alone is passed on. */
static void forward(pid_t child, const struct signalfd_siginfo *info)
{
	if (info->ssi_code != SI_KERNEL)
		kill(child, (int)info->ssi_signo);
}

/* Follows the program to its end. Returns what waitpid() says. */
static int follow(pid_t child, int signals, struct mailbox *mailbox, struct relib_printer *printer)
{
	struct pollfd fds[] = { { .fd = signals, .events = POLLIN }, { .fd = mailbox->watch, .events = POLLIN } };
	const struct timespec now_and_then = { .tv_nsec = 200000000 };
	struct signalfd_siginfo info;
	int status;

	for (;;) {
		if (ppoll(fds, 2, mailbox->watch < 0 ? &now_and_then : NULL, NULL) < 0 && errno != EINTR)
			err(RELIB_RUN_MAIN_FAILED, "can't wait for the program");
		read_mailbox(mailbox, printer);
		while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
			if (info.ssi_signo != SIGCHLD)
				forward(child, &info);
		}
		if (waitpid(child, &status, WNOHANG) == child) {
			read_mailbox(mailbox, printer);
			return status;
		}
	}
}

static void say_not_started(const char *program, int error)
{
	fprintf(stderr, TOOL ": can't run %s: %s\n", program, strerror(error));
	if (error == ENOENT && !strchr(program, '/'))
		fprintf(stderr, "  no folder in PATH has it; for a file of this folder write ./%s\n", program);
	else if (error == EACCES)
		fprintf(stderr, "  it must be a program, and executable: chmod +x\n");
	else if (error == ENOEXEC)
		fprintf(stderr, "  it is no program of this machine; to run a module, leave out the --\n");
}

/* Ends as the program did: who waits for us sees the same signal. */
static int end_like(int status)
{
	int number;
	sigset_t set;

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	number = WTERMSIG(status);
	prctl(PR_SET_DUMPABLE, 0); /* its core is of use, ours is not */
	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	fflush(NULL);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return 128 + number;
}

int relib_run_program(const struct relib_run_options *options, struct relib_printer *printer)
{
	sigset_t blocked, before;
	struct mailbox mailbox;
	int error, signals, status;
	pid_t child;

	if (!relib_printer_open(printer))
		return RELIB_RUN_USAGE;
	if (!make_mailbox(&mailbox))
		return RELIB_RUN_USAGE;
	relib_run_check_target(options->arguments[0]);
	block_signals(&blocked, &before);
	signals = signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		err(RELIB_RUN_NOT_EXECUTABLE, "can't watch signals");
	child = start(options, &mailbox, &before, &error);
	status = follow(child, signals, &mailbox, printer);
	remove_mailbox(&mailbox);
	relib_printer_close(printer);
	close(signals);
	if (error == EACCES && !strchr(options->arguments[0], '/') && !relib_run_is_there(options->arguments[0]))
		error = ENOENT; /* it is only that a folder in PATH may not be searched */
	if (error) {
		say_not_started(options->arguments[0], error);
		return error == ENOENT ? RELIB_RUN_NOT_FOUND : RELIB_RUN_NOT_EXECUTABLE;
	}
	return end_like(status);
}
