/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* relib-run MODULE.so: the host from the box. */
#include "run.h"
#include "report-name.h"

#include <err.h>
#include <limits.h>
#include <relib/relib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Main gets what a program's main gets: its own name first. */
static char **argument_vector(const struct relib_run_options *options, int *count)
{
	char **vector = calloc((size_t)options->argument_count + 2, sizeof(*vector));

	if (!vector)
		err(RELIB_RUN_MAIN_FAILED, "no memory");
	vector[0] = (char *)options->module;
	memcpy(vector + 1, options->arguments, (size_t)options->argument_count * sizeof(*vector));
	*count = options->argument_count + 1;
	return vector;
}

/* What counts as failure: an integer other than 0, and false. Other types say nothing about it. */
static bool is_failure(const struct relib_type *type, const void *result)
{
	static const unsigned char zero[16];
	bool is_zero = type->size <= sizeof(zero) && memcmp(result, zero, type->size) == 0;

	if (type->kind == RELIB_TYPE_BOOL)
		return is_zero;
	return (type->kind == RELIB_TYPE_SIGNED || type->kind == RELIB_TYPE_UNSIGNED) && !is_zero;
}

static void say_failure(const struct relib_run_options *options, const struct relib_type *type, const void *result)
{
	int64_t number = 0;

	if (type->kind == RELIB_TYPE_BOOL) {
		fprintf(stderr, TOOL ": main of %s gave false\n", options->module);
		return;
	}
	if (type->kind == RELIB_TYPE_SIGNED && ((const signed char *)result)[type->size - 1] < 0)
		number = -1; /* the sign goes on; x86-64 and aarch64 are little-endian */
	memcpy(&number, result, type->size < sizeof(number) ? type->size : sizeof(number));
	fprintf(stderr, type->kind == RELIB_TYPE_SIGNED ? TOOL ": main of %s gave %jd\n" : TOOL ": main of %s gave %ju\n",
		options->module, (intmax_t)number);
}

static int call_main(const struct relib_run_options *options, struct relib_module *module)
{
	const struct relib_type *type = relib_main_type(module);
	struct relib_error error;
	enum relib_code code;
	int count, status = RELIB_RUN_OK;
	char **vector;
	void *result;

	if (!relib_has_main(module) || !type)
		return RELIB_RUN_OK;
	vector = argument_vector(options, &count);
	result = calloc(1, type->size + sizeof(max_align_t));
	if (!result)
		err(RELIB_RUN_MAIN_FAILED, "no memory");
	code = relib_call_main_typed(module, type, result, count, vector, &error);
	fflush(stdout); /* what it printed comes before what is said of it */
	if (code != RELIB_OK) {
		/* A panic has been said, with its stack, when it happened. */
		if (code != RELIB_PANICKED)
			fprintf(stderr, TOOL ": %s\n", error.message);
		status = RELIB_RUN_MAIN_FAILED;
	} else if (is_failure(type, result)) {
		say_failure(options, type, result);
		status = RELIB_RUN_MAIN_FAILED;
	}
	free(result);
	free(vector);
	return status;
}

/* "void NAME" and "int NAME" say whether the result counts; else debug information does; else it does not. */
static const char *function_name(const struct relib_run_options *options, bool *counts)
{
	if (strncmp(options->call, "void ", 5) == 0) {
		*counts = false;
		return options->call + 5;
	}
	if (strncmp(options->call, "int ", 4) == 0) {
		*counts = true;
		return options->call + 4;
	}
	*counts = relib_returns_integer(options->module, options->call) == 1;
	return options->call;
}

static int call_function(const struct relib_run_options *options, struct relib_module *module)
{
	struct relib_error error;
	bool counts;
	const char *name = function_name(options, &counts);
	void *symbol = relib_symbol(module, name, &error);
	int (*function)(int, char **), count, result;
	char **vector;

	if (!symbol) {
		fprintf(stderr, TOOL ": %s\n", error.message);
		return RELIB_RUN_MAIN_FAILED;
	}
	memcpy(&function, &symbol, sizeof(function));
	vector = argument_vector(options, &count);
	result = function(count, vector);
	fflush(stdout);
	free(vector);
	if (counts && result) {
		fprintf(stderr, TOOL ": %s of %s gave %d\n", name, options->module, result);
		return RELIB_RUN_MAIN_FAILED;
	}
	return RELIB_RUN_OK;
}

/* What can be done here, in words of this tool. */
static const char *advice_for(const struct relib_run_options *options, const struct relib_report *report)
{
	if (report->outcome == RELIB_OUTCOME_STILL_MAPPED && !options->private_copy && report->reason) {
		if (strstr(report->reason, "STB_GNU_UNIQUE"))
			return "build it with -fno-gnu-unique, or load it with --private-copy";
		if (strstr(report->reason, "(NODELETE)"))
			return "link it without -z nodelete, or load it with --private-copy if it can be unloaded all the same";
	}
	if (report->outcome != RELIB_OUTCOME_REFUSED || !report->threads.running)
		return report->advice;
	if (options->grace_ms)
		return "wait longer with --grace, or join it in RELIB_BEFORE_UNLOAD";
	return report->threads.running == 1 ? "wait for it with --grace 500, or join it in RELIB_BEFORE_UNLOAD" :
					      "wait for them with --grace 500, or join them in RELIB_BEFORE_UNLOAD";
}

/* How relib-run came to call the module is of no interest: stacks end where they leave the module for its host. */
static bool is_own(const struct relib_frame *frame, const char *program)
{
	const char *file = frame->object ? relib_name_of_file(frame->object) : "";

	return (frame->object && strcmp(frame->object, program) == 0) || strncmp(file, "librelib.so", 11) == 0 ||
	       strncmp(file, "ld-linux", 8) == 0;
}

static void cut_stack(struct relib_stack *stack, const char *program)
{
	for (size_t i = 1; i < stack->count; i++)
		if (is_own(&stack->frames[i], program))
			stack->count = i;
}

static void cut_stacks(struct relib_report *report)
{
	char program[PATH_MAX] = "";

	if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0)
		return;
	for (size_t i = 0; i < report->entry_count; i++) {
		struct relib_entry *entry = &report->entries[i];

		cut_stack(&entry->callsite, program);
		for (size_t sample = 0; sample < entry->sample_count; sample++)
			cut_stack(&entry->samples[sample], program);
	}
}

static void put_report(const struct relib_run_options *options, struct relib_printer *printer,
		       const struct relib_report *report)
{
	struct relib_read_report *read = relib_copy_report(report);

	cut_stacks(&read->report);
	read->report.advice = advice_for(options, report);
	relib_printer_put(printer, read);
	relib_read_report_free(read);
}

static int unload(const struct relib_run_options *options, struct relib_printer *printer, struct relib_module *module)
{
	struct relib_unload_options how = { .grace_ms = options->grace_ms, .before_unload_ms = options->before_unload_ms };
	struct relib_report *report = NULL;
	struct relib_error error;
	bool unloaded;

	memcpy(how.policies, options->policies, sizeof(how.policies));
	relib_run_set_phase(RELIB_RUN_UNLOADING);
	unloaded = relib_unload(module, &how, &report, &error) == RELIB_OK;
	fflush(stdout);
	if (report)
		put_report(options, printer, report);
	/* the text says it all; a file or JSON is not what somebody at a terminal sees */
	if (!unloaded && (!report || printer->path || printer->json))
		fprintf(stderr, TOOL ": %s\n", error.message);
	relib_report_free(report);
	return unloaded ? RELIB_RUN_OK : RELIB_RUN_REFUSED;
}

static int run_cycle(const struct relib_run_options *options, struct relib_printer *printer)
{
	struct relib_load_options how = { .allow_plain = true, .private_copy = options->private_copy };
	struct relib_module *module;
	struct relib_error error;
	int status, unload_status;

	relib_run_set_phase(RELIB_RUN_LOADING);
	if (relib_load(options->module, &how, &module, &error) != RELIB_OK) {
		fprintf(stderr, TOOL ": %s\n", error.message);
		return RELIB_RUN_LOAD_FAILED;
	}
	relib_run_set_phase(RELIB_RUN_CALLING);
	status = options->call ? call_function(options, module) : call_main(options, module);
	if (options->no_unload)
		return status;
	unload_status = unload(options, printer, module);
	return unload_status ? unload_status : status;
}

/* The tracker reads its options when the process starts. */
static void start_with_stacks(const struct relib_run_options *options, char **argv)
{
	const char *now = getenv("RELIB_TRACK");
	char *wanted, depth[32];

	if (!options->stacks)
		return;
	snprintf(depth, sizeof(depth), "stacks=%u", options->stacks);
	if (now && strlen(now) >= strlen(depth) && strcmp(now + strlen(now) - strlen(depth), depth) == 0)
		return; /* the second start */
	wanted = relib_run_track_options("", options);
	setenv("RELIB_TRACK", wanted, 1);
	free(wanted);
	execv("/proc/self/exe", argv);
	warn("can't start again with --stacks: stacks are as deep as without");
}

int relib_run_module(const struct relib_run_options *options, struct relib_printer *printer, char **argv)
{
	int status = RELIB_RUN_OK;

	start_with_stacks(options, argv);
	if (!relib_printer_open(printer))
		return RELIB_RUN_USAGE;
	relib_run_watch(options->module);
	for (unsigned long i = 0; i < options->repeat && status == RELIB_RUN_OK; i++)
		status = run_cycle(options, printer);
	relib_run_set_phase(RELIB_RUN_DONE);
	relib_printer_close(printer);
	if (status == RELIB_RUN_REFUSED) {
		/* threads of the module still run: exit() would run its destructors under them */
		fflush(NULL);
		_exit(status);
	}
	return status;
}
