/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* relib-run: runs a module, or a program that loads modules, and says what is left behind. */
#include <config.h>

#include "run.h"
#include "kind-words.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1000000000ul /* more than anybody waits for */

const char *argp_program_version = TOOL " " PACKAGE_VERSION;

enum key { KEY_REPORT = 0x100, KEY_FORMAT, KEY_STACKS, KEY_GRACE, KEY_REPEAT, KEY_NO_UNLOAD, KEY_CALL, KEY_POLICY,
	   KEY_BEFORE_UNLOAD_LIMIT, KEY_PRIVATE_COPY };

static const struct argp_option option_table[] = {
	{ "report", KEY_REPORT, "FILE", 0, "Write the reports to FILE instead of standard error", 1 },
	{ "format", KEY_FORMAT, "text|json", 0, "Text for people (the default), or one line of JSON for each unload", 1 },
	{ "stacks", KEY_STACKS, "N", 0, "Record N frames for every block, not only where it was allocated", 1 },
	{ "policy", KEY_POLICY, "KIND=WHAT", 0,
	  "What to do with what is left of a kind: release it, keep it (name it and leave it), or refuse to unload while there is any. "
	  "Kinds are those of the report's JSON, or all; several go between commas", 1 },
	{ NULL, 0, NULL, 0, "For a module:", 2 },
	{ "call", KEY_CALL, "NAME", 0,
	  "Call the exported function NAME(int argc, char **argv) instead of main. What it gives back counts as main's does "
	  "where debug information says that it is an int; 'int NAME' and 'void NAME' say it without", 2 },
	{ "grace", KEY_GRACE, "MS", 0, "Wait up to MS milliseconds for the module's threads to end", 2 },
	{ "before-unload-limit", KEY_BEFORE_UNLOAD_LIMIT, "MS", 0,
	  "Give up when the module's RELIB_BEFORE_UNLOAD takes longer than MS milliseconds, and say where it is", 2 },
	{ "private-copy", KEY_PRIVATE_COPY, NULL, 0,
	  "Load a copy of the module without unique symbols and the NODELETE flag, which keep it mapped", 2 },
	{ "repeat", KEY_REPEAT, "N", 0, "Load, call and unload N times", 2 },
	{ "no-unload", KEY_NO_UNLOAD, NULL, 0, "Leave the module loaded", 2 },
	{ 0 },
};

static const char usage_table[] = "MODULE.so [-- ARGUMENTS...]\n-- PROGRAM [ARGUMENTS...]";

static const char documentation[] =
	"Runs a module, or a program that loads modules, and says what is left behind when a module is unloaded.\v"
	"A module is any shared object: its constructors run, then the function that it marked with RELIB_MAIN, if any; "
	"then it is unloaded. What it leaked is freed and named.\n\n"
	"A program runs as it is, under the tracker. What its modules leave is named and not touched, unless "
	"RELIB_TRACK=leaks=reclaim is in the environment.\n\n"
	"Exit status: 0; 1 the module's main failed; 2 wrong usage; 3 the module could not be loaded; "
	"4 it was not unloaded. A program that was run gives its own.";

/* A number from 1 to `most`, or a usage error. */
static unsigned long number_of(const char *option, const char *text, unsigned long most, struct argp_state *state)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || number == 0 || number > most)
		argp_error(state, "%s takes a number from 1 to %lu, not '%s'", option, most, text);
	return number;
}

static void wrong_policy(enum relib_policy_error error, const char *item, size_t length, struct argp_state *state)
{
	char kinds[512] = "all";

	for (enum relib_kind kind = 0; kind < RELIB_KINDS; kind++)
		snprintf(kinds + strlen(kinds), sizeof(kinds) - strlen(kinds), ", %s", relib_kind_words(kind)->name);
	if (error == RELIB_POLICY_NO_KIND)
		argp_error(state, "--policy '%.*s': there is no such kind; kinds are %s", (int)length, item, kinds);
	else if (error == RELIB_POLICY_NO_KEEP)
		argp_error(state, "--policy '%.*s': what leads into a module can't be kept when the module is gone: release or refuse",
			   (int)length, item);
	else
		argp_error(state, "--policy takes KIND=release, KIND=keep or KIND=refuse, not '%.*s'", (int)length, item);
}

static void set_policies(struct relib_run_options *options, const char *list, struct argp_state *state)
{
	char *all;

	for (const char *item = list; *item;) {
		size_t length = strcspn(item, ","), kind = strcspn(item, "=,");
		enum relib_policy_error error = RELIB_POLICY_NO_POLICY;

		if (kind < length)
			error = relib_policy_read(item, kind, item + kind + 1, length - kind - 1, options->policies);
		if (error)
			wrong_policy(error, item, length, state);
		item += length + (item[length] == ',');
	}
	if (!*list)
		wrong_policy(RELIB_POLICY_NO_POLICY, list, 0, state);
	if (asprintf(&all, "%s%s%s", options->policy_options ? options->policy_options : "", options->policy_options ? "," : "", list) < 0)
		argp_failure(state, RELIB_RUN_USAGE, 0, "no memory");
	free(options->policy_options);
	options->policy_options = all;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct relib_run_options *options = state->input;

	switch ((int)key) {
	case KEY_REPORT:
		if (!*argument)
			argp_error(state, "--report takes the name of a file, and this one is empty");
		options->report = argument;
		break;
	case KEY_FORMAT:
		options->json = strcmp(argument, "json") == 0;
		if (!options->json && strcmp(argument, "text") != 0)
			argp_error(state, "--format takes text or json, not '%s'", argument);
		break;
	case KEY_STACKS:
		options->stacks = (unsigned)number_of("--stacks", argument, 64, state);
		break;
	case KEY_GRACE:
		options->grace_ms = (unsigned)number_of("--grace", argument, MOST, state);
		break;
	case KEY_POLICY:
		set_policies(options, argument, state);
		break;
	case KEY_BEFORE_UNLOAD_LIMIT:
		options->before_unload_ms = (unsigned)number_of("--before-unload-limit", argument, MOST, state);
		break;
	case KEY_PRIVATE_COPY:
		options->private_copy = true;
		break;
	case KEY_REPEAT:
		options->repeat = number_of("--repeat", argument, MOST, state);
		break;
	case KEY_NO_UNLOAD:
		options->no_unload = true;
		break;
	case KEY_CALL:
		if (!*argument)
			argp_error(state, "--call takes the name of a function, and this one is empty");
		options->call = argument;
		break;
	case ARGP_KEY_ARG:
		if (options->module)
			argp_error(state, "one module at a time, not '%s' too; the module's own arguments go behind --", argument);
		options->module = argument;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = { option_table, parse, usage_table, documentation, NULL, NULL, NULL };

/* argp forgets where the -- was, and that is what tells a module's arguments from a program's. */
static int options_end(int argc, char **argv)
{
	int i = 1;

	while (i < argc && strcmp(argv[i], "--") != 0)
		i++;
	return i;
}

static void check(const struct relib_run_options *options, char *name)
{
	struct argp_state state = { .root_argp = &argp, .name = name, .err_stream = stderr, .out_stream = stdout };

	if (!options->module && !options->argument_count)
		argp_error(&state, "give a module, or -- and a program");
	if (!options->module && (options->call || options->grace_ms || options->repeat || options->no_unload))
		argp_error(&state, "--call, --grace, --repeat and --no-unload are for a module, not for a program");
	if (!options->module && (options->before_unload_ms || options->private_copy))
		argp_error(&state, "--before-unload-limit and --private-copy are for a module, not for a program");
	if (options->no_unload && (options->repeat > 1 || options->grace_ms))
		argp_error(&state, "--repeat and --grace are about unloading: leave out --no-unload");
	if (options->no_unload && options->before_unload_ms)
		argp_error(&state, "--before-unload-limit is about unloading: leave out --no-unload");
	if (options->module && !*options->module)
		argp_error(&state, "the module's name is empty");
	if (!options->module && !**options->arguments)
		argp_error(&state, "the program's name is empty");
}

/* The same with stacks, to be pasted; NULL where it would say nothing new. */
static const char *next_command(const struct relib_run_options *options)
{
	static char command[PATH_MAX + 64];

	if (options->stacks)
		return NULL;
	snprintf(command, sizeof(command), TOOL " --stacks 8 %s", options->module);
	return command;
}

int main(int argc, char **argv)
{
	struct relib_run_options options = { 0 };
	struct relib_printer printer = { .tool = TOOL };
	int end = options_end(argc, argv);
	char *separator = argv[end], *name = argv[0];

	argp_err_exit_status = RELIB_RUN_USAGE;
	argv[end] = NULL;
	if (end < argc) {
		options.arguments = argv + end + 1;
		options.argument_count = argc - end - 1;
	} else {
		options.arguments = argv + end;
	}
	argv[0] = program_invocation_short_name; /* as in all other messages */
	argp_parse(&argp, end, argv, 0, NULL, &options);
	argv[0] = name;
	argv[end] = separator;
	check(&options, program_invocation_short_name);
	if (!options.repeat)
		options.repeat = 1;
	printer.path = options.report;
	printer.json = options.json;
	if (options.module) {
		printer.next = next_command(&options);
		return relib_run_module(&options, &printer, argv);
	}
	printer.next = "RELIB_TRACK=leaks=reclaim in the environment frees it at dlclose";
	printer.next_if_left = true;
	return relib_run_program(&options, &printer);
}
