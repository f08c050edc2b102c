/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A host that lets a module call a function first, unloads it, overwrites what was freed, and goes on with that function. */
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cases.h"

/* Where the driver reads what happened, one line each. */
enum { RESULT = 100 };

/* No stream: the module's call must be the first that makes libc allocate for one. */
static __attribute__((format(printf, 1, 2))) void tell(const char *format, ...)
{
	char line[512];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line) - 1, format, arguments);
	va_end(arguments);
	if (length > (int)sizeof(line) - 2)
		length = sizeof(line) - 2;
	line[length++] = '\n';
	if (write(RESULT, line, (size_t)length) != length)
		_exit(99);
}

static const struct retention_case *find_case(const struct retention_case *cases, const char *name)
{
	while (cases && cases->name && strcmp(cases->name, name) != 0)
		cases++;
	return cases && cases->name ? cases : NULL;
}

static const struct retention_case *module_cases(const char *path, void **handle)
{
	*handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	return *handle ? dlsym(*handle, "retention_cases") : NULL;
}

static int is_module(struct dl_phdr_info *info, size_t size __attribute__((unused)), void *path)
{
	return strcmp(info->dlpi_name, path) == 0;
}

/* Takes and fills whatever was freed, so that a block given back by mistake doesn't keep its old contents. */
static void overwrite_free_memory(void)
{
	for (size_t size = 16; size <= 40000; size += size < 1100 ? 16 : size / 4)
		for (int i = 0; i < 12; i++) {
			char *block = malloc(size);

			if (block)
				memset(block, 0x5a, size);
			retention_use(block);
		}
}

static void go_on(const struct retention_case *again, const struct retention_run *before, const char *who)
{
	struct retention_run run = *before;
	const char *wrong;

	run.who = who;
	wrong = again->call(&run);
	if (wrong)
		tell("wrong %s: %s", who, wrong);
	else
		tell("right %s", who);
}

struct thread_call {
	const struct retention_case *again;
	const struct retention_run *before;
};

static void *go_on_in_thread(void *argument)
{
	struct thread_call *call = argument;

	go_on(call->again, call->before, "thread");
	return NULL;
}

static int list_cases(const struct retention_case *row)
{
	for (; row && row->name; row++)
		printf("%s %u\n", row->name, row->flags);
	return fflush(stdout) != 0;
}

/* host MODULE CASE leave|free [MODULE that goes on in the host's stead]; host [MODULE] lists its cases */
int main(int argc, char **argv)
{
	static _Alignas(16) char host_memory[256];
	struct retention_run run = { .who = "module", .host_memory = host_memory };
	const struct retention_case *first, *again;
	struct thread_call call;
	void *handle, *other = NULL;
	const char *wrong;
	pthread_t thread;

	if (argc < 4)
		return list_cases(argc > 1 ? module_cases(argv[1], &handle) : retention_cases);
	run.leave = strcmp(argv[3], "leave") == 0;
	again = argc > 4 ? NULL : find_case(retention_cases, argv[2]);
	if (again && (again->flags & RETENTION_BEFORE))
		go_on(again, &run, "before");
	first = find_case(module_cases(argv[1], &handle), argv[2]);
	if (!first) {
		tell("wrong module: can't be loaded, or has no such case");
		return 1;
	}
	if (!again && (first->flags & RETENTION_BEFORE)) {
		again = find_case(module_cases(argv[4], &other), argv[2]);
		go_on(again, &run, "before");
	}
	wrong = first->call(&run);
	tell("owned %u", run.owned);
	if (wrong) {
		tell("%s %s", strncmp(wrong, "SKIP", 4) == 0 ? "skip" : "wrong module:", wrong);
		return 0;
	}
	tell("right module");
	if (dlclose(handle) != 0)
		tell("wrong host: dlclose failed");
	if (dl_iterate_phdr(is_module, argv[1]))
		tell("mapped");
	overwrite_free_memory();

	if (!again)
		again = find_case(module_cases(argv[4], &other), argv[2]);
	if (!again) {
		tell("wrong host: has no such case");
		return 1;
	}
	go_on(again, &run, "host 1");
	go_on(again, &run, "host 2");
	call = (struct thread_call){ again, &run };
	if (pthread_create(&thread, NULL, go_on_in_thread, &call) == 0)
		pthread_join(thread, NULL);
	tell("end");
	return 0;
}
