/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A header is parsed, and what clang has to say about it is passed on. */
#include "bindgen.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INTERFACE_H "relib/interface.h"

/* Beside the tool: where it is built, include/ is a link to the module SDK; installed, it is beside bin/. */
static const char *const own_include[] = { "include", "../include", "../../include" };

static const char *find_own_include(struct relib_unit *unit)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	const char *folder, *slash;

	if (length < 0)
		return INCLUDEDIR;
	path[length] = 0;
	slash = strrchr(path, '/');
	for (size_t i = 0; i < sizeof(own_include) / sizeof(*own_include); i++) {
		folder = relib_format(&unit->arena, "%.*s/%s", (int)(slash - path), path, own_include[i]);
		if (access(relib_format(&unit->arena, "%s/" INTERFACE_H, folder), R_OK) == 0)
			return folder;
	}
	return INCLUDEDIR;
}

static void begin_flags(struct relib_unit *unit, struct relib_words *flags)
{
	static const char *const first[] = { "-xc", "-std=gnu17" };
	static const char *const last[] = {
		"-DRELIB_BINDGEN=1", "-Werror=visibility", "-Wno-pragma-once-outside-header", "-Qunused-arguments",
		"-idirafter",
	};

	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++)
		relib_words_add(&unit->arena, flags, first[i]);
	for (size_t i = 0; i < unit->options->flags.count; i++)
		relib_words_add(&unit->arena, flags, unit->options->flags.words[i]);
	for (size_t i = 0; i < sizeof(last) / sizeof(*last); i++)
		relib_words_add(&unit->arena, flags, last[i]);
	relib_words_add(&unit->arena, flags, find_own_include(unit));
}

static bool parse_once(struct relib_unit *unit, const struct relib_words *flags, unsigned how)
{
	enum CXErrorCode code;

	if (unit->clang)
		clang_disposeTranslationUnit(unit->clang);
	unit->clang = NULL;
	code = clang_parseTranslationUnit2(unit->index, unit->options->header, flags->words, (int)flags->count, NULL, 0,
					   how, &unit->clang);
	if (code == CXError_Success)
		return true;
	fprintf(stderr, "%s: error: libclang can't parse it%s\n", unit->options->header,
		code == CXError_Crashed ? ": it crashed" : ": is there a compiler flag that clang doesn't know?");
	return false;
}

/* Whether an error has `part` in it. */
static bool has_error(struct relib_unit *unit, const char *part)
{
	bool found = false;

	for (unsigned i = 0; i < clang_getNumDiagnostics(unit->clang) && !found; i++) {
		CXDiagnostic diagnostic = clang_getDiagnostic(unit->clang, i);

		found = clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error &&
			strstr(relib_take(unit, clang_getDiagnosticSpelling(diagnostic)), part);
		clang_disposeDiagnostic(diagnostic);
	}
	return found;
}

/* Where the C compiler has stddef.h and the like; clang's own are in a package that libclang doesn't need. */
static const char *compiler_include(struct relib_unit *unit)
{
	FILE *pipe = popen("${CC:-cc} -print-file-name=include 2>/dev/null", "re");
	char path[PATH_MAX] = "";

	if (!pipe)
		return NULL;
	if (!fgets(path, sizeof(path), pipe))
		path[0] = 0;
	pclose(pipe);
	path[strcspn(path, "\n")] = 0;
	return path[0] == '/' ? relib_arena_string(&unit->arena, path) : NULL;
}

/* gcc knows these types by itself, clang from glibc's headers only. */
static void add_float_types(struct relib_unit *unit, struct relib_words *flags)
{
	static const struct {
		const char *name, *flag;
	} types[] = {
		{ "'_Float128'", "-D_Float128=__float128" }, { "'_Float64x'", "-D_Float64x=long double" },
		{ "'_Float64'", "-D_Float64=double" }, { "'_Float32x'", "-D_Float32x=double" },
		{ "'_Float32'", "-D_Float32=float" },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (has_error(unit, types[i].name))
			relib_words_add(&unit->arena, flags, types[i].flag);
}

static void try_harder(struct relib_unit *unit, struct relib_words *flags)
{
	const char *folder;

	add_float_types(unit, flags);
	if (has_error(unit, "file not found") && (folder = compiler_include(unit))) {
		relib_words_add(&unit->arena, flags, "-isystem");
		relib_words_add(&unit->arena, flags, folder);
	}
}

/* A mark before `struct foo { ... };` goes nowhere, and clang's words for that are about annotations. */
static bool is_lost_mark(const char *text)
{
	return strstr(text, "attribute 'annotate' is ignored") || strstr(text, "'annotate' attribute only applies") ||
	       strstr(text, "'annotate' attribute cannot");
}

static void show_diagnostic(struct relib_unit *unit, CXDiagnostic diagnostic)
{
	enum CXDiagnosticSeverity severity = clang_getDiagnosticSeverity(diagnostic);
	const char *text = relib_take(unit, clang_getDiagnosticSpelling(diagnostic));

	if (is_lost_mark(text)) {
		fprintf(stderr, "%s: error: this marks no function: RELIB_EXPORT and its like stand before one\n",
			relib_place(unit, clang_getDiagnosticLocation(diagnostic)));
		unit->errors++;
		return;
	}
	text = relib_take(unit, clang_formatDiagnostic(diagnostic, CXDiagnostic_DisplaySourceLocation |
						       CXDiagnostic_DisplayColumn | CXDiagnostic_DisplayOption));
	fprintf(stderr, "%s\n", text);
	if (severity >= CXDiagnostic_Error)
		unit->errors++;
}

static void show_diagnostics(struct relib_unit *unit)
{
	for (unsigned i = 0; i < clang_getNumDiagnostics(unit->clang); i++) {
		CXDiagnostic diagnostic = clang_getDiagnostic(unit->clang, i);

		show_diagnostic(unit, diagnostic);
		clang_disposeDiagnostic(diagnostic);
	}
}

bool relib_parse(struct relib_unit *unit)
{
	struct relib_words flags = { 0 };
	struct stat status;

	if (access(unit->options->header, R_OK) || stat(unit->options->header, &status)) {
		fprintf(stderr, RELIB_TOOL ": can't read %s: %s\n", unit->options->header, strerror(errno));
		return false;
	}
	if (!S_ISREG(status.st_mode)) {
		fprintf(stderr, RELIB_TOOL ": can't read %s: it is no file\n", unit->options->header);
		return false;
	}
	unit->index = clang_createIndex(0, 0);
	begin_flags(unit, &flags);
	if (!parse_once(unit, &flags, CXTranslationUnit_None))
		return false;
	/* What stands in inline functions doesn't matter: it may be for gcc only. */
	if (has_error(unit, "")) {
		try_harder(unit, &flags);
		if (!parse_once(unit, &flags, CXTranslationUnit_SkipFunctionBodies))
			return false;
	}
	unit->file = clang_getFile(unit->clang, unit->options->header);
	if (relib_refuse_second_main(unit))
		return false;
	show_diagnostics(unit);
	return !unit->errors;
}
