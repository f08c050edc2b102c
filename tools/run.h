/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* relib-run: what its parts know of each other. */
#ifndef RELIB_RUN_H
#define RELIB_RUN_H

#include "report-print.h"

#define TOOL "relib-run"

/* Exit statuses; a program that was run gives its own. */
enum relib_run_status {
	RELIB_RUN_OK = 0,
	RELIB_RUN_MAIN_FAILED = 1,
	RELIB_RUN_USAGE = 2,
	RELIB_RUN_LOAD_FAILED = 3,
	RELIB_RUN_REFUSED = 4,
	RELIB_RUN_NOT_EXECUTABLE = 126, /* as shells say it */
	RELIB_RUN_NOT_FOUND = 127
};

struct relib_run_options {
	const char *module;     /* NULL: a program is run */
	char **arguments;       /* of the module's main, or the program and its arguments; ends with NULL */
	int argument_count;
	const char *report;
	bool json;
	unsigned stacks;        /* 0: as the tracker does by default */
	unsigned grace_ms;
	enum relib_policy policies[RELIB_KINDS_LIMIT]; /* for a module */
	char *policy_options;   /* the same as RELIB_TRACK says it, for a program; or NULL */
	unsigned before_unload_ms;
	bool private_copy;
	unsigned long repeat;
	bool no_unload;
	const char *call;       /* a function to call instead of main */
};

/* run-module.c */
int relib_run_module(const struct relib_run_options *options, struct relib_printer *printer, char **argv);

/* run-program.c */
int relib_run_program(const struct relib_run_options *options, struct relib_printer *printer);

/* run-target.c */

/* Says why the tracker can't be in this program, if so. */
void relib_run_check_target(const char *program);
/* Whether there is a file of this name where execvp() looks for it. */
bool relib_run_is_there(const char *program);

/* run-track.c: RELIB_TRACK */

/* The user's RELIB_TRACK and more options behind it, which win. The caller frees it. */
char *relib_run_track_options(const char *more, const struct relib_run_options *options);
/* The tracker's file, or NULL. */
const char *relib_run_tracker_path(void);

/* run-crash.c: a module that crashes, or ends the process, is named */

/* After the last one the process is relib-run's own again, and may end. */
enum relib_run_phase { RELIB_RUN_LOADING, RELIB_RUN_CALLING, RELIB_RUN_UNLOADING, RELIB_RUN_DONE };

void relib_run_watch(const char *module);
void relib_run_set_phase(enum relib_run_phase phase);

#endif
