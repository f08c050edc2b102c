/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The module for tests of calls and panics: its exports, and the scenarios in C. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "module.h"

RELIB_MODULE("probe", "1")

static int unload_panics; /* so many times from now on */
static void *kept[4];

/* -- Failures */

static int32_t panics(struct probe_log *log)
{
	(void)log;
	relib_panic("the answer is %d", 42);
}

static __attribute__((noinline)) int32_t innermost(struct probe_log *log)
{
	MARK(log, "innermost");
	if (log)
		relib_panic("from %s", "deep down");
	return 1;
}

static __attribute__((noinline)) int32_t middle(struct probe_log *log)
{
	MARK(log, "middle");
	return innermost(log) + 1;
}

static void note_pthread(void *log)
{
	note(log, "pthread");
}

static int32_t cleanups(struct probe_log *log)
{
	MARK(log, "outer");
	int32_t result;

	pthread_cleanup_push(note_pthread, log);
	result = middle(log);
	pthread_cleanup_pop(0);
	return result + 1;
}

static void free_block(char **block)
{
	free(*block);
}

/* What unwinding frees, and one block that nobody does. */
static int32_t heap(struct probe_log *log)
{
	__attribute__((cleanup(free_block))) char *block = malloc(1000);

	kept[0] = realloc(kept[0], 77);
	memset(block, 1, 1000);
	kept[1] = block;
	return panics(log);
}

static int32_t long_text(struct probe_log *log)
{
	char text[5000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	(void)log;
	relib_panic("%s", text);
}

static int32_t assert_before(struct probe_log *log)
{
	MARK(log, "caller");
	probe_assert_before(0);
	return 0;
}

static int32_t assert_after(struct probe_log *log)
{
	MARK(log, "caller");
	probe_assert_after(0);
	return 0;
}

static int32_t assert_foreign(struct probe_log *log)
{
	MARK(log, "caller");
	probe_assert_foreign(0);
	return 0;
}

static int32_t assert_none(struct probe_log *log)
{
	MARK(log, "caller");
	probe_assert_none(0);
	return 5;
}

static int32_t assert_number(struct probe_log *log)
{
	MARK(log, "caller");
	probe_assert_perror(ENOENT);
	return 0;
}

/* -- Calls back */

static int32_t back(struct probe_log *log)
{
	MARK(log, "back");
	return probe_back("", log) + 1;
}

static int32_t back_then_panic(struct probe_log *log)
{
	MARK(log, "back");
	return probe_back("", log) ? panics(log) : 0;
}

static void back_from_cleanup(struct mark *mark)
{
	char number[16] = { (char)('0' + probe_back(mark->word, mark->log) % 10) };

	note(mark->log, number);
}

/* Its cleanup calls an import. */
static int32_t cleanup_calls(struct probe_log *log)
{
	__attribute__((cleanup(back_from_cleanup), unused)) struct mark mark = { log, "cleanup" };

	return panics(log);
}

static void panic_in_cleanup(struct mark *mark)
{
	relib_panic("the second, %s", mark->word);
}

static int32_t cleanup_panics(struct probe_log *log)
{
	__attribute__((cleanup(panic_in_cleanup), unused)) struct mark mark = { log, "in a cleanup" };

	return panics(log);
}

/* Reads the log no more once the host has jumped away: it lies in the host. */
static int32_t back_quietly(struct probe_log *log)
{
	return probe_back("", log);
}

/* -- Jumps and ends */

static jmp_buf place;

static __attribute__((noinline)) void jump(void)
{
	longjmp(place, 3);
}

static int32_t longjmp_inside(struct probe_log *log)
{
	volatile int32_t result = 0;

	if (setjmp(place) == 3)
		return result + 10;
	result++;
	note(log, "jump");
	jump();
	return 0;
}

/* From the host's import, and from another export that it called, back into this one; then a panic. */
static int32_t longjmp_over_import(struct probe_log *log)
{
	MARK(log, "end");
	if (setjmp(place) == 3)
		return panics(log);
	return probe_back("", log);
}

static int32_t jump_to_place(struct probe_log *log)
{
	(void)log;
	jump();
	return 0;
}

static int32_t end_thread(struct probe_log *log)
{
	MARK(log, "module");
	pthread_exit(log);
}

static int32_t wait_for_cancel(struct probe_log *log)
{
	MARK(log, "module");
	probe_back("", log);
	pause();
	return 0;
}

static int32_t end_process(struct probe_log *log)
{
	MARK(log, "never");
	exit(23);
}

static int32_t fork_here(struct probe_log *log)
{
	(void)log;
	return fork();
}

static int32_t unload_panics_once(struct probe_log *log)
{
	(void)log;
	unload_panics = 1;
	return 0;
}

static int32_t unload_panics_always(struct probe_log *log)
{
	(void)log;
	unload_panics = 1000;
	return 0;
}

const struct scenario probe_scenarios_c[] = {
	{ "panics", panics },
	{ "cleanups", cleanups },
	{ "heap", heap },
	{ "long text", long_text },
	{ "assert before", assert_before },
	{ "assert after", assert_after },
	{ "assert foreign", assert_foreign },
	{ "assert none", assert_none },
	{ "assert perror", assert_number },
	{ "back", back },
	{ "back quietly", back_quietly },
	{ "back then panic", back_then_panic },
	{ "cleanup calls", cleanup_calls },
	{ "cleanup panics", cleanup_panics },
	{ "longjmp inside", longjmp_inside },
	{ "longjmp over import", longjmp_over_import },
	{ "jump to place", jump_to_place },
	{ "pthread_exit", end_thread },
	{ "wait for cancel", wait_for_cancel },
	{ "exit", end_process },
	{ "fork", fork_here },
	{ "unload panics once", unload_panics_once },
	{ "unload panics", unload_panics_always },
	{ NULL, NULL },
};

/* -- Exports */

static const struct scenario *find(const struct scenario *list, const char *name)
{
	for (; list && list->name; list++)
		if (!strcmp(list->name, name))
			return list;
	return NULL;
}

int32_t probe_scenario(const char *name, struct probe_log *log)
{
	const struct scenario *scenario = find(probe_scenarios_c, name);

	if (!scenario)
		scenario = find(probe_scenarios_thread, name);
	if (!scenario)
		scenario = find(probe_scenarios_cxx, name);
	return NO_TAIL(scenario ? scenario->run(log) : -1);
}

int32_t probe_through_c(int32_t (*function)(struct probe_log *log), struct probe_log *log)
{
	MARK(log, "c");
	return function(log) + 1;
}

int32_t probe_run(const char *name, struct probe_log *log)
{
	return NO_TAIL(probe_scenario(name, log));
}

/* For the host's imports, which call it by its address. */
__attribute__((visibility("default"))) int32_t probe_callback(const char *name, struct probe_log *log);

int32_t probe_callback(const char *name, struct probe_log *log)
{
	MARK(log, "callback");
	return NO_TAIL(probe_scenario(name, log));
}

void probe_nothing(void)
{
}

int32_t probe_down(int32_t depth)
{
	return depth ? probe_host_down(depth - 1) + 1 : 0;
}

char *probe_text(int32_t give)
{
	char *text = strdup("a block of the module's");

	return give ? relib_give(text) : text;
}

/* Ends in no tail call: the descriptor, the stream and the mapping are the module's. */
void probe_things(int32_t *descriptor, void **stream, void **mapping, int32_t give)
{
	*descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
	*stream = fopen("/dev/zero", "re");
	*mapping = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!give)
		return;
	relib_give_descriptor(*descriptor);
	relib_give_stream(*stream);
	relib_give_mapping(*mapping, 4096);
}

struct probe_small probe_turn_small(struct probe_small value)
{
	return probe_host_small(value);
}

struct probe_big probe_turn_big(struct probe_big value, int32_t add)
{
	return probe_host_big(value, add);
}

long double probe_floats(long double a, float b, double c, _Complex double d)
{
	return probe_host_floats(a, b, c, d);
}

_Complex float probe_complex(_Complex float value)
{
	return probe_host_complex(value);
}

double probe_many(int8_t a, double b, uint64_t c, float d, int16_t e, long double f, int32_t g, double h, struct probe_small i,
		  int64_t j, float k, double l, uint8_t m, double n, struct probe_big o, double p, double q, bool r, int64_t s, float t)
{
	return probe_host_many(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t);
}

#ifdef PROBE_EARLY
/* As soon as the module is there. */
__attribute__((constructor)) static void early(void)
{
	probe_back("early", NULL);
}
#endif

/* Each argument is a scenario; the last one's result is main's. */
RELIB_MAIN(int32_t, count, arguments)
{
	struct probe_log log = { .pointer = NULL };
	int32_t result = 0;

	for (int i = 1; i < count; i++)
		result = probe_scenario(arguments[i], &log);
	return result;
}

RELIB_BEFORE_UNLOAD()
{
	if (unload_panics && unload_panics--)
		relib_panic("not ready to go");
}
