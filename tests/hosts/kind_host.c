/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * A host of the modules that leave descriptors and streams: `kind_host MODULE SCENARIO`. It says what was wrong, and ends with
 * a status of 1 then. Under leaks=report, what is left is open still; under leaks=reclaim it is not.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hosts/scenario.h"

#define MODULE_OPEN(file) CALL(int, module_open, (const char *), (file))

/* What is open: number and file of each, one for each line. */
static void list(char *text, size_t size, int *count)
{
	DIR *folder = opendir("/proc/self/fd");
	struct stat file;
	size_t used = 0;

	*text = '\0';
	*count = 0;
	for (int number = 0; number < 4096; number++) {
		if (number == dirfd(folder) || fstat(number, &file))
			continue;
		used += (size_t)snprintf(text + used, size - used, "%d %lx %lx\n", number, (long)file.st_dev, (long)file.st_ino);
		++*count;
	}
	closedir(folder);
}

static struct stat identity(int number)
{
	struct stat file = { .st_ino = 0 };

	fstat(number, &file);
	return file;
}

/* Whether it is that file still. */
static bool is_still(int number, struct stat before)
{
	struct stat now;

	return fstat(number, &now) == 0 && now.st_ino == before.st_ino && now.st_dev == before.st_dev;
}

static bool is_open(int number)
{
	return fcntl(number, F_GETFD) >= 0;
}

/* A file of the host's, which is at `number`, or at any if that is -1. */
static int host_open(int number)
{
	static int files;
	char name[32];
	int opened;

	snprintf(name, sizeof(name), "host-%d", ++files);
	opened = open(name, O_RDWR | O_CREAT, 0600);
	CHECK(opened >= 0 && (number < 0 || opened == number));
	return opened;
}

static bool file_is(const char *name, const char *wanted)
{
	char text[4096];
	int number = open(name, O_RDONLY);
	ssize_t length = number < 0 ? -1 : read(number, text, sizeof(text) - 1);

	close(number);
	if (length < 0)
		return false;
	text[length] = '\0';
	if (strcmp(text, wanted))
		fprintf(stderr, "%s is: %s\n", name, text);
	return !strcmp(text, wanted);
}

/* Everything that a module leaks: the table of descriptors is what it was. */
static void same_table(void)
{
	static char before[100000], after[100000];
	int count, now, leaked;

	list(before, sizeof(before), &count);
	load();
	leaked = CALL(int, leak_all, (void), ());
	CHECK(leaked > 0);
	unload();
	list(after, sizeof(after), &now);
	if (reclaim && strcmp(before, after))
		fprintf(stderr, "before:\n%safter:\n%s", before, after);
	CHECK(!reclaim || !strcmp(before, after));
	CHECK(reclaim || now > count);
	if (!reclaim)
		printf("open %d\n", now - count);
	printf("leaked %d\n", leaked);
}

/* Descriptors */

static void onto_host(void)
{
	int number = host_open(-1), own;
	struct stat file;

	load();
	own = MODULE_OPEN("module");
	CHECK(CALL(int, module_dup2, (int, int), (own, number)) == number);
	file = identity(own);
	unload();
	CHECK(is_still(number, file));
	CHECK(is_open(own) == !reclaim);
}

static void onto_free(void)
{
	int own;

	load();
	own = MODULE_OPEN("module");
	CHECK(CALL(int, module_dup2, (int, int), (own, 800)) == 800);
	CHECK(CALL(int, module_dup2, (int, int), (-1, 800)) == -1);
	CHECK(CALL(int, module_dup2, (int, int), (own, 800)) == 800);
	unload();
	CHECK(is_open(800) == !reclaim);
	CHECK(is_open(own) == !reclaim);
}

static void host_opens(void)
{
	int numbers[10];
	struct stat files[10];

	load();
	for (int i = 0; i < 10; i++) {
		numbers[i] = host_open(-1);
		files[i] = identity(numbers[i]);
		CHECK(MODULE_OPEN("module") >= 0);
	}
	unload();
	for (int i = 0; i < 10; i++)
		CHECK(is_still(numbers[i], files[i]));
}

static void host_closes(void)
{
	int number;
	struct stat file;

	load();
	number = MODULE_OPEN("module");
	close(number);
	host_open(number);
	file = identity(number);
	unload();
	CHECK(is_still(number, file));
}

/* The host's own is closed by the module, and the number is used again by the host. */
static void module_closes(void)
{
	int number = host_open(-1);
	struct stat file;

	load();
	CHECK(CALL(int, module_close, (int), (number)) == 0);
	host_open(number);
	file = identity(number);
	unload();
	CHECK(is_still(number, file));
}

static void host_dup2(void)
{
	int number, host = host_open(-1);

	load();
	number = MODULE_OPEN("module");
	CHECK(dup2(host, number) == number);
	unload();
	CHECK(is_still(number, identity(host)));
}

static void failed_dup2(void)
{
	int number;

	load();
	number = MODULE_OPEN("module");
	CHECK(dup2(-1, number) == -1);
	CHECK(dup3(number, number, 0) == -1);
	CHECK(dup2(number, number) == number);
	unload();
	CHECK(is_open(number) == !reclaim);
}

static int receive(int through)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	int number = -1;

	if (recvmsg(through, &message, 0) == 1)
		memcpy(&number, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(number));
	return number;
}

static void messages(void)
{
	int pair[2], file = host_open(-1), by_host, by_module;

	CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	load();
	CHECK(CALL(int, send_number, (int, int), (pair[0], file)) == 0);
	by_host = receive(pair[1]);
	CHECK(CALL(int, send_number, (int, int), (pair[0], file)) == 0);
	by_module = CALL(int, module_receive, (int), (pair[1]));
	CHECK(by_host >= 0 && by_module >= 0 && by_host != by_module);
	unload();
	CHECK(is_still(by_host, identity(file)));
	CHECK(is_open(by_module) == !reclaim);
}

static void ranges(void)
{
	int numbers[3];
	struct stat files[3];

	load();
	for (int i = 0; i < 3; i++)
		numbers[i] = MODULE_OPEN("module");
	CHECK(close_range((unsigned)numbers[0], (unsigned)numbers[0], 0) == 0);
	host_open(numbers[0]);
	CHECK(close_range((unsigned)numbers[1], (unsigned)numbers[1], CLOSE_RANGE_CLOEXEC) == 0);
	closefrom(numbers[2]);
	host_open(numbers[2]);
	for (int i = 0; i < 3; i++)
		files[i] = identity(numbers[i]);
	unload();
	CHECK(is_still(numbers[0], files[0]));
	CHECK(is_open(numbers[1]) == !reclaim);
	CHECK(is_still(numbers[2], files[2]));
}

static void in_vfork(void)
{
	int number, opened;
	struct stat file;

	load();
	number = MODULE_OPEN("module");
	opened = CALL(int, module_vfork, (int), (number));
	CHECK(opened == 100 && is_open(number) && !is_open(opened));
	CHECK(dup2(host_open(-1), opened) == opened);
	file = identity(opened);
	unload();
	CHECK(is_open(number) == !reclaim);
	CHECK(is_still(opened, file));
}

static void in_fork(void)
{
	int number, status;
	pid_t child;

	load();
	number = MODULE_OPEN("module");
	child = fork();
	if (child == 0) {
		unload();
		CHECK(is_open(number) == !reclaim);
		_exit(failed);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK(is_open(number));
	unload();
	CHECK(is_open(number) == !reclaim);
}

/* Closed past all hooks: whoever gets the number by any hook has it. */
static void unseen(void)
{
	int number;
	struct stat file;

	load();
	for (int i = 0; i < 3; i++) {
		FILE *stream = NULL;
		DIR *folder = NULL;

		number = MODULE_OPEN("module");
		CHECK(CALL(int, module_close_unseen, (int), (number)) == 0);
		if (i == 0)
			host_open(number);
		else if (i == 1)
			stream = fopen("host-stream", "w");
		else
			folder = opendir("/");
		CHECK((!stream || fileno(stream) == number) && (!folder || dirfd(folder) == number));
		file = identity(number);
		unload();
		CHECK(is_still(number, file));
		load();
	}
	unload();
}

/* Streams */

static void buffers(void)
{
	static char nothing[100000];
	int before, after;

	list(nothing, sizeof(nothing), &before);
	load();
	CHECK(CALL(int, module_write_in_static, (const char *), ("static")) == 0);
	CHECK(CALL(int, module_write_in_heap, (const char *), ("heap")) == 0);
	CHECK(CALL(int, module_write_in_libc, (const char *), ("libc")) == 0);
	unload();
	CHECK(file_is("static", "from static memory\n"));
	CHECK(file_is("heap", "from the heap\n"));
	CHECK(file_is("libc", "from libc\n"));
	list(nothing, sizeof(nothing), &after);
	CHECK(before == after);
}

/* The module's destructor writes to them, and closes them or not; libc must not look for them when the process ends. */
static void own_code(bool close_at_end)
{
	for (int i = 0; i < 20; i++) {
		unlink("cookie");
		load();
		CHECK(CALL(int, module_use_own, (const char *, int), ("cookie", close_at_end)) == 0);
		unload();
		/* What a destructor wrote and left in a buffer that only the module could empty is lost. */
		CHECK(file_is("cookie", close_at_end ? "before,after\n" : "before,"));
		fflush(NULL);
	}
}

static void own_code_closed(void)
{
	own_code(true);
}

static void own_code_left(void)
{
	own_code(false);
}

static void closed_stream(void)
{
	FILE *stream;
	int number;
	struct stat file;

	load();
	stream = CALL(FILE *, module_fopen, (const char *), ("module"));
	number = fileno(stream);
	CHECK(CALL(int, module_fclose, (FILE *), (stream)) == 0);
	host_open(number);
	file = identity(number);
	stream = CALL(FILE *, module_fopen, (const char *), ("module"));
	CHECK(fclose(stream) == 0);
	unload();
	CHECK(is_still(number, file));
}

/* The descriptor is the stream's: closed once. */
static void taken_over(void)
{
	int number = host_open(-1), again;
	FILE *stream;
	struct stat file;

	load();
	stream = CALL(FILE *, module_fdopen, (int), (number));
	CHECK(stream && fputs("through the module\n", stream) >= 0);
	unload();
	CHECK(is_open(number) == !reclaim);
	CHECK(!reclaim || file_is("host-1", "through the module\n"));
	load();
	again = host_open(-1);
	stream = CALL(FILE *, module_fdopen, (int), (again));
	CHECK(fclose(stream) == 0);
	host_open(again);
	file = identity(again);
	unload();
	CHECK(is_still(again, file));
}

static void standard_output(void)
{
	load();
	CHECK(CALL(FILE *, module_freopen, (const char *, FILE *), ("output", stdout)) == stdout);
	printf("one\n");
	unload();
	printf("two\n");
	CHECK(fflush(stdout) == 0);
	CHECK(file_is("output", "one\ntwo\n"));
}

static void children(void)
{
	FILE *stream;

	load();
	CHECK(CALL(FILE *, module_popen, (const char *, const char *), ("cat >from-module", "w")) != NULL);
	stream = CALL(FILE *, module_popen, (const char *, const char *), ("cat >from-module", "w"));
	CHECK(stream && fputs("for the child\n", stream) >= 0);
	CHECK(CALL(FILE *, module_popen, (const char *, const char *), ("echo read by nobody", "r")) != NULL);
	unload();
	CHECK(file_is("from-module", "for the child\n"));
	CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

/* A child that doesn't end is waited for by nobody: not even the unload. */
static void slow_child(void)
{
	FILE *stream;
	char line[100];
	int child;

	load();
	stream = CALL(FILE *, module_popen, (const char *, const char *), ("echo $$; exec sleep 1000", "r"));
	CHECK(stream && fgets(line, sizeof(line), stream));
	child = atoi(line);
	unload();
	CHECK(child > 0 && kill(child, SIGKILL) == 0);
	CHECK(waitpid(child, NULL, 0) == child);
}

static void read_and_close(void)
{
	int number = open("/dev/null", O_RDONLY);
	struct stat file;

	close(number);
	load();
	CHECK(CALL(int, read_one, (const char *), ("/proc/self/stat")) > 0);
	host_open(number);
	file = identity(number);
	unload();
	CHECK(is_still(number, file));
}

static const struct scenario scenarios[] = {
	SCENARIO(same_table), SCENARIO(onto_host), SCENARIO(onto_free), SCENARIO(host_opens), SCENARIO(host_closes),
	SCENARIO(module_closes), SCENARIO(host_dup2), SCENARIO(failed_dup2), SCENARIO(messages), SCENARIO(ranges),
	SCENARIO(in_vfork), SCENARIO(in_fork), SCENARIO(unseen), SCENARIO(buffers), SCENARIO(own_code_closed),
	SCENARIO(own_code_left), SCENARIO(closed_stream), SCENARIO(taken_over), SCENARIO(standard_output), SCENARIO(children),
	SCENARIO(slow_child), SCENARIO(read_and_close),
};

int main(int argc, char **argv)
{
	return RUN_SCENARIO(argc, argv, scenarios, load_once);
}
