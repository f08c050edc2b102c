/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The words of dlerror(), sorted into codes and said again with what to do. */
#include <dlfcn.h>
#include <locale.h>
#include <string.h>

#include "internal.h"

#define NOT_OPENED ": cannot open shared object file"

/* dlerror() speaks the language of the locale; what is sorted here must be in English. */
static const char *english_dlerror(void)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	locale_t before = c ? uselocale(c) : (locale_t)0;
	const char *text = dlerror();

	if (before)
		uselocale(before);
	if (c)
		freelocale(c);
	return text ? text : "ld.so gave no reason";
}

static enum relib_code missing_library(struct relib_error *error, const char *shown, const char *text, int length)
{
	return relib_fail(error, RELIB_MISSING_LIBRARY,
			  "%s needs the library %.*s, which was not found\n"
			  "  install it, or name its folder in LD_LIBRARY_PATH or when linking the module (-Wl,-rpath,FOLDER)",
			  shown, length, text);
}

/* libc.so.6: version `GLIBC_2.99' not found (required by libx.so) */
static enum relib_code missing_version(struct relib_error *error, const char *shown, const char *text,
				       const char *version)
{
	const char *end = strchr(version, '\'');

	return relib_fail(error, RELIB_MISSING_LIBRARY,
			  "%s needs version %.*s of %.*s, which is older here\n"
			  "  build the module on this system, or install a newer version of the library",
			  shown, end ? (int)(end - version) : (int)strlen(version), version, (int)strcspn(text, ":"), text);
}

static enum relib_code unresolved(struct relib_error *error, const char *shown, const char *path, const char *text,
				  const char *symbol)
{
	size_t length = strcspn(symbol, ", \n");

	relib_fail(error, RELIB_UNRESOLVED_SYMBOL, "%s needs the symbol %.*s, which nothing here defines\n", shown,
		   (int)length, symbol);
	if (strncmp(text, path, strlen(path)) && strcspn(text, ":"))
		relib_add(error, "  it is needed by %.*s\n", (int)strcspn(text, ":"), text);
	relib_add(error, "  link the module to the library that has it; if the host has it, link the host with -rdynamic");
	return RELIB_UNRESOLVED_SYMBOL;
}

static enum relib_code other(struct relib_error *error, const char *shown, const char *path, const char *text)
{
	size_t length = strlen(path);

	/* The path is said already. */
	if (!strncmp(text, path, length) && !strncmp(text + length, ": ", 2))
		text += length + 2;
	relib_fail(error, RELIB_LOAD_FAILED, "%s can't be loaded: %s", shown, text);
	if (strstr(text, "failed to map segment") && !strncmp(path, "/proc/", 6))
		relib_add(error, "\n  a policy of this system forbids to execute files in memory: load it without private_copy");
	else if (strstr(text, "failed to map segment"))
		relib_add(error, "\n  the file system may be mounted noexec: put the module elsewhere");
	else if (strstr(text, "static TLS"))
		relib_add(error, "\n  build the module without -ftls-model=initial-exec");
	else
		relib_add(error, "\n  LD_DEBUG=all in the environment shows what ld.so does");
	return RELIB_LOAD_FAILED;
}

enum relib_code relib_linker_error(struct relib_error *error, const char *shown, const char *path)
{
	const char *text = english_dlerror(), *part;

	if ((part = strstr(text, NOT_OPENED))) {
		if (strncmp(text, path, strlen(path)))
			return missing_library(error, shown, text, (int)(part - text));
		return relib_fail(error, RELIB_NOT_FOUND, "%s can't be opened any more%s", shown, part + strlen(NOT_OPENED));
	}
	if ((part = strstr(text, "undefined symbol: ")))
		return unresolved(error, shown, path, text, part + strlen("undefined symbol: "));
	if (strstr(text, "not defined in file") && (part = strstr(text, "symbol ")))
		return unresolved(error, shown, path, text, part + strlen("symbol "));
	if (strstr(text, "not found (required by") && (part = strstr(text, "version `")))
		return missing_version(error, shown, text, part + strlen("version `"));
	return other(error, shown, path, text);
}
