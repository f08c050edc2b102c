/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The retention driver: what the cases find in their folder, and one run of a host. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "driver.h"

/* As in host.c. */
enum { RESULT = 100, HANGS_AFTER_MS = 60000 };

static bool write_file(const char *path, const void *content, size_t size)
{
	FILE *stream = fopen(path, "w");

	return stream && fwrite(content, 1, size, stream) == size && fclose(stream) == 0;
}

static void append(char *catalogue, size_t *at, const void *data, size_t size)
{
	memcpy(catalogue + *at, data, size);
	*at += size;
}

/* A message catalogue as msgfmt writes it: header, two tables of length and offset, the strings. */
static bool write_catalogue(const char *path)
{
	static const struct { const char *text; size_t size; } texts[] = {
		{ "", 0 }, { "%d file\0%d files", 16 }, { "hello", 5 },
		{ "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n", 83 },
		{ "%d datei\0%d dateien", 19 }, { "hallo", 5 }
	};
	const unsigned header[] = { 0x950412de, 0, 3, 28, 28 + 24, 0, 28 + 48 };
	char catalogue[1024];
	size_t at = 0, text_at = 28 + 48;

	append(catalogue, &at, header, sizeof(header));
	for (int i = 0; i < 6; i++) {
		const unsigned place[] = { (unsigned)texts[i].size, (unsigned)text_at };

		append(catalogue, &at, place, sizeof(place));
		text_at += texts[i].size + 1;
	}
	for (int i = 0; i < 6; i++)
		append(catalogue, &at, texts[i].text, texts[i].size + 1);
	return write_file(path, catalogue, at);
}

bool driver_prepare(void)
{
	char letters[26 * 40 + 1];

	/* No end of line but every 26 * 40 letters: neighbours are letters wherever a case reads. */
	for (size_t i = 0; i < sizeof(letters) - 1; i++)
		letters[i] = (char)('a' + i % 26);
	letters[sizeof(letters) - 1] = '\n';
	mkdir("folder", 0700);
	mkdir("locale", 0700);
	mkdir("locale/xx", 0700);
	mkdir("locale/xx/LC_MESSAGES", 0700);
	return write_file("input", letters, sizeof(letters)) && write_file("folder/one", "1", 1) &&
	       write_file("folder/two", "2", 1) && write_file("folder/three", "3", 1) &&
	       write_file("datemsk", "%Y-%m-%d\n", 9) && write_catalogue("locale/xx/LC_MESSAGES/relib.mo");
}

void driver_read(const char *path, char *text, size_t size)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = 0, length = 0;

	while (descriptor >= 0 && (size_t)length < size - 1 && (got = read(descriptor, text + length, size - 1 - length)) > 0)
		length += got;
	text[length] = 0;
	if (descriptor >= 0)
		close(descriptor);
}

static void set_environment(const struct driver_options *options)
{
	char track[128];

	setenv("LANGUAGE", "xx", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("MALLOC_PERTURB_", "165", 1);
	if (options->tunables)
		setenv("GLIBC_TUNABLES", options->tunables, 1);
	if (!options->tracker)
		return;
	snprintf(track, sizeof(track), "leaks=%s,report=report", options->leaks);
	setenv("RELIB_TRACK", track, 1);
	setenv("LD_PRELOAD", options->tracker, 1);
}

static void redirect(const char *path, int flags, int as)
{
	int descriptor = open(path, flags, 0600);

	if (descriptor < 0 || dup2(descriptor, as) < 0)
		_exit(98);
	close(descriptor);
}

static _Noreturn void become_host(const struct driver_options *options, const char *name, bool leave)
{
	redirect("input", O_RDONLY, STDIN_FILENO);
	redirect("output", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, STDOUT_FILENO);
	redirect("error", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, STDERR_FILENO);
	redirect("told", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, RESULT);
	set_environment(options);
	execl(options->host, options->host, options->module, name, leave ? "leave" : "free", options->again, NULL);
	_exit(97);
}

/* Waits without a signal handler: a descriptor of the process becomes readable at its end. */
static int wait_for(pid_t child)
{
	struct pollfd ended = { .fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN };
	int status, ready = poll(&ended, 1, HANGS_AFTER_MS);

	if (ready == 0)
		kill(child, SIGKILL);
	if (ended.fd >= 0)
		close(ended.fd);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return ready == 0 ? -1 : status;
}

void driver_run(const struct driver_options *options, const char *name, bool leave, struct driver_result *result)
{
	pid_t child;

	unlink("left");
	unlink("report");
	unlink("told");
	fflush(NULL);
	child = fork();
	if (child == 0)
		become_host(options, name, leave);
	result->status = child < 0 ? 96 << 8 : wait_for(child);
	driver_read("told", result->told, sizeof(result->told));
	driver_read("error", result->error, sizeof(result->error));
}
