/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the files of the module for tests of calls and panics share. */
#ifndef PROBE_MODULE_H
#define PROBE_MODULE_H

#include <string.h>

#include <relib/module.h>

#include "probe.h"

#ifdef __cplusplus
extern "C" {
#endif

struct scenario {
	const char *name;
	int32_t (*run)(struct probe_log *log);
};

/* Ends with one that has no name. Those in C++ are there in the modules that have the file. */
extern const struct scenario probe_scenarios_c[] __attribute__((visibility("hidden")));
extern const struct scenario probe_scenarios_thread[] __attribute__((visibility("hidden")));
extern const struct scenario probe_scenarios_cxx[] __attribute__((weak, visibility("hidden")));

int32_t probe_scenario(const char *name, struct probe_log *log);
/* A frame of C with a cleanup, which notes "c", around a call. */
int32_t probe_through_c(int32_t (*function)(struct probe_log *log), struct probe_log *log);

/* assert-*.c: assert(false), by the ways to get at <assert.h>. */
void probe_assert_before(int value);
void probe_assert_after(int value);
void probe_assert_foreign(int value);
void probe_assert_none(int value);
void probe_assert_perror(int value);
void probe_assert_cxx(int value);

static inline void note(struct probe_log *log, const char *word)
{
	size_t length = log ? strlen(log->text) : 0;

	if (log && length + strlen(word) + 2 < sizeof(log->text)) {
		if (length)
			log->text[length++] = ' ';
		strcpy(log->text + length, word);
	}
}

/* A call with its caller on the stack, whatever the compiler could do. */
#define NO_TAIL(call) __extension__({ int32_t result_ = (call); __asm__ volatile("" : "+r"(result_)); result_; })

/* Notes its word when its frame is left. */
struct mark {
	struct probe_log *log;
	const char *word;
};

static inline void leave_mark(struct mark *mark)
{
	note(mark->log, mark->word);
}
#define MARK(log, word) __attribute__((cleanup(leave_mark), unused)) struct mark mark_ = { log, word }

#ifdef __cplusplus
}
#endif
#endif
