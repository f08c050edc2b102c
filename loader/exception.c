/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What an exception of C++ or Rust says that has left a module. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unwind.h>

#include "internal.h"
#include "panic.h"

/* The languages' names in exception_class: the last byte of C++'s differs for exceptions that were rethrown elsewhere. */
#define CLASS_GNU_CXX 0x474e5543432b2b00 /* "GNUCC++" */
#define CLASS_LLVM_CXX 0x434c4e47432b2b00 /* "CLNGC++" */
#define CLASS_RUST 0x4d4f5a0052555354    /* "MOZ\0RUST" */

/* The C++ ABI for 64-bit machines (Itanium, 2.2.1): the header begins with a count of references and the type. */
struct cxx_header {
	size_t references;
	const struct { const void *table; const char *name; } *type;
	void *functions[3];
	void *next;
	int counts[2];
	const void *found[4];
};

static bool is_cxx(_Unwind_Exception_Class class)
{
	class &= ~(_Unwind_Exception_Class)0xff;
	return class == CLASS_GNU_CXX || class == CLASS_LLVM_CXX;
}

/* Rust has turned the bytes round since. */
static bool is_rust(_Unwind_Exception_Class class)
{
	return class == CLASS_RUST || class == __builtin_bswap64(CLASS_RUST);
}

/* As in the source, if the C++ library is at hand. A module's own is found by it alone. */
static char *demangle(const char *name)
{
	void *library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
	char *(*function)(const char *, char *, size_t *, int *);
	char *text = NULL;
	int status;

	if (!library)
		return NULL;
	function = (char *(*)(const char *, char *, size_t *, int *))dlsym(library, "__cxa_demangle");
	if (function)
		text = function(name, NULL, NULL, &status);
	dlclose(library);
	return text;
}

static void describe_type(struct _Unwind_Exception *exception, char *text, size_t size)
{
	const struct cxx_header *header = (const struct cxx_header *)exception - 1;
	const char *name;
	char *readable;

	/* Rethrown from an exception_ptr, it stands elsewhere. */
	if (exception->exception_class & 0xff) {
		snprintf(text, size, "a C++ exception");
		return;
	}
	name = header->type->name;
	if (*name == '*')
		name++;
	readable = demangle(name);
	snprintf(text, size, "a C++ exception of type %s", readable ? readable : name);
	free(readable);
}

/*
 * The exception is freed where its own code can do that. A Rust panic is not: Rust ends the process if anybody but Rust does
 * so. Its block is the module's, and is settled with it.
 */
void relib_exception_describe(const struct relib_module *module, void *thrown, char *text, size_t size)
{
	struct _Unwind_Exception *exception = thrown;

	text[0] = '\0';
	if (module && module->describe_exception && is_cxx(exception->exception_class)) {
		module->describe_exception(exception, text, size);
		return;
	}
	if (is_cxx(exception->exception_class))
		describe_type(exception, text, size);
	else if (is_rust(exception->exception_class))
		snprintf(text, size, "a Rust panic (its own message is above)");
	else
		snprintf(text, size, "an exception of a language that is unknown here");
	if (module && !is_rust(exception->exception_class))
		_Unwind_DeleteException(exception);
}
