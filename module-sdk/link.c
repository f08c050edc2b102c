/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The module's side of panics, imports and gifts: all of it is the loader's, reached by the module's link. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <relib/module.h>
#include <relib/track.h>

struct relib_module_link relib_module_link = { .size = sizeof(relib_module_link) };

/* What is visible under that name may be the link of a module that was loaded before, with RTLD_GLOBAL. */
extern struct relib_module_link own_link __attribute__((alias("relib_module_link"), visibility("hidden")));

/* The loader's and the tracker's. Both may be absent: then nobody unloads the module. */
extern void relib_module_attach(struct relib_module_link *link) __attribute__((weak));
extern const struct relib_track relib_track __attribute__((weak));

/* First of all constructors, so that the others may call imports. */
__attribute__((constructor(101))) static void attach(void)
{
	if (relib_module_attach)
		relib_module_attach(&own_link);
}

static const struct relib_module_services *services(void)
{
	return __atomic_load_n(&own_link.services, __ATOMIC_ACQUIRE);
}

/* There is no host that could go on. */
static void die(const char *what, const char *detail, const char *why)
{
	char text[1400];
	int length = snprintf(text, sizeof(text), "relib: %s%s%s\n", what, detail, why);

	if (length > (int)sizeof(text) - 1)
		length = sizeof(text) - 1;
	if (write(STDERR_FILENO, text, (size_t)length) < 0)
		abort();
	abort();
}

/* No cleanup of this frame is needed, and the ones above it must see the panic come from a call. */
static void panic(const char *file, unsigned line, const char *function, const char *message)
{
	const struct relib_module_services *relib = services();

	if (relib)
		relib->panic(own_link.module, file, line, function, message);
	die("panic: ", message, "; the process ends: the module was not loaded by relib");
}

void relib_panic_at_(const char *file, unsigned line, const char *function, const char *format, ...)
{
	char message[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	panic(file, line, function, message);
	abort();
}

void relib_assert_failed_(const char *file, unsigned line, const char *function, const char *expression)
{
	relib_panic_at_(file, line, function, "assertion failed: %s", expression);
}

bool relib_contain(void (*function)(void *argument), void *argument)
{
	const struct relib_module_services *relib = services();

	if (relib)
		return relib->contain(own_link.module, function, argument);
	function(argument);
	return true;
}

/* A tracker of before has no such member. */
#define TRACKER_HAS(member) \
	(&relib_track && relib_track.size >= offsetof(struct relib_track, member) + sizeof(relib_track.member))

void *relib_give(void *block)
{
	if (block && TRACKER_HAS(give))
		relib_track.give(block);
	return block;
}

int relib_give_descriptor(int descriptor)
{
	if (descriptor >= 0 && TRACKER_HAS(give_descriptor))
		relib_track.give_descriptor(descriptor);
	return descriptor;
}

void *relib_give_stream(void *stream)
{
	if (stream && TRACKER_HAS(give_stream))
		relib_track.give_stream(stream);
	return stream;
}

void *relib_give_mapping(void *start, size_t length)
{
	if (length && TRACKER_HAS(give_mapping))
		relib_track.give_mapping(start, length);
	return start;
}

struct relib_slot *relib_import_enter_(const struct relib_target *target, const char *name)
{
	const struct relib_module_services *relib = services();

	if (!relib) {
		die("the import ", name, " was called, and the process ends: the module was not loaded by relib, or not yet");
		abort();
	}
	return relib->import_enter(own_link.module, target, name);
}

relib_function relib_import_call_(void)
{
	return services()->import_call;
}

void relib_import_leave_(struct relib_slot *call)
{
	services()->import_leave(call);
}
