/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* relib-bindgen: what a host and a module need to call each other, out of the header that they agree on. */
#include <config.h>

#include "bindgen/bindgen.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *argp_program_version = RELIB_TOOL " " PACKAGE_VERSION;

enum { KEY_HOST = 256, KEY_MODULE, KEY_NAME, KEY_INCLUDE, KEY_STD, KEY_ISYSTEM, KEY_MD, KEY_MMD, KEY_MF, KEY_MT, KEY_MP };

struct input {
	struct relib_arena arena;
	struct relib_bindgen_options options;
	const char *folder;
	bool depend;
	int argc; /* of what stands before "--" */
};

/* Compilers' options have one dash: that is ARGP_LONG_ONLY. */
static const struct argp_option option_table[] = {
	{ "host", KEY_HOST, "FILE", 0, "Write the host's header here", 1 },
	{ "module", KEY_MODULE, "FILE", 0, "Write the module's source here", 1 },
	{ "output-dir", 'o', "FOLDER", 0, "Write NAME.host.h and NAME.module.c into this folder (default: .)", 1 },
	{ "name", KEY_NAME, "NAME", 0, "The interface's name (default: HEADER's, without folder and .h)", 2 },
	{ "include", KEY_INCLUDE, "SPELLING", 0,
	  "How the written files include HEADER, with \"\" or <> or without (default: its name without folder)", 2 },
	{ NULL, 'I', "FOLDER", 0, "As in a compiler, like -D, -U, -isystem and -std; others come after --", 3 },
	{ NULL, 'D', "MACRO[=TEXT]", OPTION_HIDDEN, NULL, 3 },
	{ NULL, 'U', "MACRO", OPTION_HIDDEN, NULL, 3 },
	{ "isystem", KEY_ISYSTEM, "FOLDER", OPTION_HIDDEN, NULL, 3 },
	{ "std", KEY_STD, "STANDARD", OPTION_HIDDEN, NULL, 3 },
	{ "-MMD", 0, NULL, OPTION_DOC | OPTION_NO_USAGE, "Write the dependencies for make, as compilers do, to NAME.d", 4 },
	{ "-MD", 0, NULL, OPTION_DOC | OPTION_NO_USAGE, "... and of the system's headers, too", 5 },
	{ "-MF FILE", 0, NULL, OPTION_DOC | OPTION_NO_USAGE, "... to this file", 5 },
	{ "-MT TARGET", 0, NULL, OPTION_DOC | OPTION_NO_USAGE, "... of this target instead of the written files", 5 },
	{ "-MP", 0, NULL, OPTION_DOC | OPTION_NO_USAGE, "... with an empty rule for each header", 5 },
	{ "MMD", KEY_MMD, NULL, OPTION_HIDDEN, NULL, 4 },
	{ "MD", KEY_MD, NULL, OPTION_HIDDEN, NULL, 4 },
	{ "MF", KEY_MF, "FILE", OPTION_HIDDEN, NULL, 4 },
	{ "MT", KEY_MT, "TARGET", OPTION_HIDDEN, NULL, 4 },
	{ "MP", KEY_MP, NULL, OPTION_HIDDEN, NULL, 4 },
	{ 0 },
};

static void add_flag(struct input *input, const char *flag, const char *argument)
{
	relib_words_add(&input->arena, &input->options.flags, relib_format(&input->arena, "%s%s", flag, argument));
}

static error_t parse_depend(int key, char *argument, struct input *input)
{
	struct relib_bindgen_options *options = &input->options;

	switch (key) {
	case KEY_MD:
		options->depend_system = true;
		/* fall through */
	case KEY_MMD:
		input->depend = true;
		break;
	case KEY_MF:
		options->depend = argument;
		break;
	case KEY_MT:
		relib_words_add(&input->arena, &options->targets, argument);
		break;
	case KEY_MP:
		options->depend_phony = true;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct input *input = state->input;
	struct relib_bindgen_options *options = &input->options;

	switch (key) {
	case KEY_HOST:
		options->host = argument;
		break;
	case KEY_MODULE:
		options->module = argument;
		break;
	case 'o':
		input->folder = argument;
		break;
	case KEY_NAME:
		options->name = argument;
		break;
	case KEY_INCLUDE:
		options->include = argument;
		break;
	case 'I':
	case 'D':
	case 'U':
		add_flag(input, (char[]){ '-', (char)key, 0 }, argument);
		break;
	case KEY_STD:
		add_flag(input, "-std=", argument);
		break;
	case KEY_ISYSTEM:
		add_flag(input, "-isystem", argument);
		break;
	case ARGP_KEY_ARG:
		if (options->header)
			argp_error(state, "one header at a time: %s or %s; flags of a compiler come after --", options->header,
				   argument);
		options->header = argument;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "give a header that has functions marked RELIB_EXPORT or RELIB_IMPORT");
		break;
	default:
		return parse_depend(key, argument, input);
	}
	return 0;
}

static const struct argp argp = {
	option_table, parse, "HEADER [-- COMPILER-FLAG...]",
	"Writes what a host and a module need to call each other: NAME.host.h, which the host includes, and NAME.module.c, "
	"which is compiled into the module. HEADER is a header in C, whose functions are marked by <relib/interface.h>.\v"
	"Of the flags after -- those that change what a header means are used: macros, folders, the language, what sizes and "
	"layouts depend on.\n\n"
	"Exit status: 0; 1 the header can't be used, or a file not be written; 2 wrong usage.",
	NULL, NULL, NULL,
};

static const char *without_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void usage(const char *format, const char *what)
{
	fprintf(stderr, RELIB_TOOL ": ");
	fprintf(stderr, format, what);
	fprintf(stderr, "\nTry '" RELIB_TOOL " --help' for more.\n");
	exit(2);
}

static void choose_name(struct input *input)
{
	struct relib_bindgen_options *options = &input->options;
	const char *base = without_folder(options->header);
	size_t length = strlen(base);
	bool given = options->name != NULL;

	options->base = base;
	if (length > 2 && strcmp(base + length - 2, ".h") == 0)
		length -= 2;
	if (!given)
		options->name = relib_format(&input->arena, "%.*s", (int)length, base);
	if (!relib_is_identifier(options->name) || relib_is_keyword(options->name))
		usage(given ? "'%s' can't be an interface's name: it must be a name in C and C++" :
		      "'%s', the header's name, can't be an interface's: give it one with --name", options->name);
	if (strncmp(options->name, "relib", 5) == 0 && (!options->name[5] || options->name[5] == '_'))
		usage("'%s' can't be an interface's name: these are relib's own; give it another one with --name",
		      options->name);
	if (!options->include)
		options->include = base;
	if (*options->include != '"' && *options->include != '<')
		options->include = relib_format(&input->arena, "\"%s\"", options->include);
}

static void choose_files(struct input *input)
{
	struct relib_bindgen_options *options = &input->options;
	const char *folder = input->folder ? relib_format(&input->arena, "%s/", input->folder) : "";

	if (input->folder && (options->host || options->module))
		usage("%s", "--output-dir names a folder for both files: not together with --host or --module");
	if (!input->depend && (options->depend || options->targets.count || options->depend_phony))
		usage("%s", "-MF, -MT and -MP go with -MMD or -MD");
	if (!options->host && !options->module) {
		options->host = relib_format(&input->arena, "%s%s.host.h", folder, options->name);
		options->module = relib_format(&input->arena, "%s%s.module.c", folder, options->name);
	}
	if (input->depend && !options->depend) {
		const char *beside = options->host ? options->host : options->module;

		options->depend = relib_format(&input->arena, "%.*s%s.d", (int)(without_folder(beside) - beside), beside,
					       options->name);
	}
}

/* A special file takes anything, any number of times. */
static bool is_same_file(const char *one, const char *other)
{
	struct stat first, second;

	if (!one || !other)
		return false;
	if (stat(one, &first) || stat(other, &second))
		return strcmp(one, other) == 0;
	return S_ISREG(first.st_mode) && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* A slip in a makefile must not cost the header, which was written by hand. */
static void check_files(const struct relib_bindgen_options *options)
{
	const char *written[] = { options->host, options->module, options->depend };

	for (size_t i = 0; i < 3; i++) {
		if (is_same_file(written[i], options->header))
			usage("%s is the header itself, and would be overwritten: name another file", written[i]);
		for (size_t j = 0; j < i; j++)
			if (is_same_file(written[i], written[j]))
				usage("%s can't be two of the written files: name another one", written[i]);
	}
}

static bool run(struct relib_unit *unit)
{
	const struct relib_bindgen_options *options = unit->options;
	struct relib_output files[3];
	size_t count = 0;

	if (!relib_parse(unit))
		return false;
	relib_find_marked(unit);
	relib_check_names(unit);
	relib_describe_types(unit);
	if (unit->errors)
		return false;
	for (size_t i = 0; i < 3; i++)
		files[i] = (struct relib_output){ .text = { .arena = &unit->arena } };
	if (options->host) {
		relib_write_host(unit, &files[count].text);
		files[count++].path = options->host;
	}
	if (options->module) {
		relib_write_module(unit, &files[count].text);
		files[count++].path = options->module;
	}
	if (options->depend) {
		relib_write_depend(unit, &files[count].text);
		files[count++].path = options->depend;
	}
	return relib_write_files(files, count);
}

int main(int argc, char **argv)
{
	struct input input = { .argc = argc };
	struct relib_unit unit = { .options = &input.options };
	bool whole;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			input.argc = i;
			break;
		}
		if (strcmp(argv[i], "-include") == 0)
			usage("%s", "-include is a compiler's flag, and comes after --; --include is another thing");
	}
	argp_err_exit_status = 2;
	argp_parse(&argp, input.argc, argv, ARGP_LONG_ONLY, NULL, &input);
	if (input.argc < argc)
		relib_flags_add(&input.arena, &input.options.flags, argv + input.argc + 1, argc - input.argc - 1);
	choose_name(&input);
	choose_files(&input);
	check_files(&input.options);
	whole = run(&unit);
	if (unit.clang)
		clang_disposeTranslationUnit(unit.clang);
	if (unit.index)
		clang_disposeIndex(unit.index);
	relib_arena_free(&unit.arena);
	relib_arena_free(&input.arena);
	return whole ? 0 : 1;
}
