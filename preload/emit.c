/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Reports to where the options say. */
#include "emit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "message.h"
#include "options.h"
#include "report-build.h"
#include "report-format.h"
#include "thread-state.h"

/*
 * Opened at the start: a server may lose the right to do so. Which file it was is remembered, since a server
 * may also close all descriptors and open its own in their place: we must not write into those.
 */
static struct {
	int descriptor;
	dev_t device;
	ino_t inode;
	bool warned;
} file = { .descriptor = -1 };

/* Above those that programs count on getting. */
#define HIGH_DESCRIPTOR 200

static void warn_once(const char *what, int error)
{
	if (!file.warned)
		relib_warn("the report file %s can't be %s: %s; reports go to stderr only", relib_options.report, what,
			   strerrordesc_np(error) ? strerrordesc_np(error) : "unknown error");
	file.warned = true;
}

static int open_path(void)
{
	return open(relib_options.report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
}

void relib_emit_open(void)
{
	struct stat status;
	int low, saved = errno, cancel;

	file.descriptor = -1;
	if (!*relib_options.report)
		return;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	low = open_path();
	pthread_setcancelstate(cancel, NULL);
	if (low < 0) {
		/* Who is quiet has nothing to say until there is a report: this may be any child of the program. */
		if (!relib_options.quiet)
			warn_once("opened", errno);
		errno = saved;
		return;
	}
	file.descriptor = fcntl(low, F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR);
	if (file.descriptor < 0)
		file.descriptor = low;
	else
		close(low);
	if (!fstat(file.descriptor, &status)) {
		file.device = status.st_dev;
		file.inode = status.st_ino;
	}
	errno = saved;
}

/* One that was removed is written for nobody: relib-run's when it has ended before its program's children. */
static bool is_ours(void)
{
	struct stat status;

	return file.descriptor >= 0 && !fstat(file.descriptor, &status) && status.st_nlink &&
	       status.st_dev == file.device && status.st_ino == file.inode;
}

void relib_emit_close(void)
{
	struct stat status;

	/* A name with %p is this process's alone: an empty file would only be in the way. */
	if (is_ours() && !fstat(file.descriptor, &status) && S_ISREG(status.st_mode) && !status.st_size &&
	    relib_options.own_report)
		unlink(relib_options.report);
}

/* A report in one piece: one write, so that those of several processes don't mix. */
struct text {
	char *bytes;
	size_t length, room;
};

static void append(void *context, const char *piece, size_t length)
{
	struct text *text = context;

	if (text->length + length > text->room) {
		size_t room = 2 * (text->length + length) + 65536;
		char *bytes = relib_reserve(room);

		if (!bytes)
			return;
		memcpy(bytes, text->bytes, text->length);
		if (text->room)
			relib_unreserve(text->bytes, text->room);
		text->bytes = bytes;
		text->room = room;
	}
	memcpy(text->bytes + text->length, piece, length);
	text->length += length;
}

static void release(struct text *text)
{
	if (text->room)
		relib_unreserve(text->bytes, text->room);
}

static bool write_to_file(const struct text *text)
{
	int descriptor = open_path(), error;
	bool fresh = descriptor >= 0, done;

	if (!fresh && !is_ours()) {
		warn_once("opened", errno);
		return false;
	}
	done = relib_write(fresh ? descriptor : file.descriptor, text->bytes, text->length, &error) == text->length;
	if (!done)
		warn_once("written", error);
	if (fresh)
		close(descriptor);
	return done;
}

static bool emit_to_file(const struct relib_report *report)
{
	struct text text = { 0 };
	bool done;

	if (relib_options.text)
		relib_report_text(report, &(struct relib_text_style){ 0 }, append, &text);
	else
		relib_report_json(report, append, &text);
	done = !text.length || write_to_file(&text);
	release(&text);
	return done;
}

void relib_emit_to_file(const struct relib_report *report)
{
	int saved = errno;

	relib_enter();
	if (report && *relib_options.report)
		emit_to_file(report);
	relib_leave();
	errno = saved;
}

static void emit_to_stderr(const struct relib_report *report)
{
	struct relib_text_style style = { .next = NULL };
	struct text text = { 0 };
	int error;

	if (!relib_stderr_is_there())
		return;
	style.next = relib_options.settle.settle == RELIB_SETTLE_REPORT && report->outcome == RELIB_OUTCOME_UNLOADED &&
				     report->heap.blocks > report->heap.released + report->heap.kept
			     ? "RELIB_TRACK=leaks=reclaim frees this memory at dlclose"
			     : NULL;
	relib_report_text(report, &style, append, &text);
	if (text.length)
		relib_write(STDERR_FILENO, text.bytes, text.length, &error);
	release(&text);
}

void relib_emit(struct relib_report *report)
{
	int saved = errno;
	bool written = true;

	relib_enter();
	if (!report) {
		relib_warn("there was no memory for the report of an unload");
	} else {
		if (*relib_options.report)
			written = emit_to_file(report);
		if (!relib_options.quiet || !written)
			emit_to_stderr(report);
		relib_report_release(report);
	}
	relib_leave();
	errno = saved;
}
