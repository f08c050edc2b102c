/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Panics: raised by the module, stopped by the stub of the call that they end. */
#include <dlfcn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <unwind.h>

#include "internal.h"
#include "panic.h"
#include "stack.h"

/* "RELIB\0\0\0": what is ours among all that is thrown */
#define EXCEPTION_CLASS 0x52454c4942000000

__thread bool relib_panic_dying __attribute__((tls_model("initial-exec")));

/* There is one, as the thread is in a call; but a coroutine may have changed threads in it. */
static struct relib_thread *own_thread(void)
{
	struct relib_thread *thread = relib_thread_here();

	if (!thread)
		abort();
	return thread;
}

/* In one piece, so that the messages of several threads don't mix. Too long a stack is cut off, the message is not. */
static void say(const char *first, const char *stack)
{
	char text[RELIB_PANIC_MESSAGE + RELIB_PANIC_STACK + 512];
	int length = snprintf(text, sizeof(text), "relib: %s\n%s", first, stack);

	relib_write_whole(STDERR_FILENO, text, length < (int)sizeof(text) ? (size_t)length : sizeof(text) - 1);
}

static const char *file_of(const struct relib_module *module)
{
	return module ? module->file : "a module that relib did not load";
}

void relib_panic_die(const struct relib_module *module, const struct relib_trace *stack, const char *why, const char *format, ...)
{
	char what[RELIB_PANIC_MESSAGE], first[RELIB_PANIC_MESSAGE + 256], rest[RELIB_PANIC_STACK];
	va_list arguments;
	size_t length;

	relib_panic_dying = true;
	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	snprintf(first, sizeof(first), "%s%s%s", module ? file_of(module) : "", module ? " " : "", what);
	relib_stack_write(stack, rest, sizeof(rest) - 512);
	length = strlen(rest);
	snprintf(rest + length, sizeof(rest) - length, "  the process ends: %s\n", why);
	say(first, rest);
	abort();
}

bool relib_panic_can_end(const struct relib_slot *slot)
{
	return slot && slot->target->kind != RELIB_TARGET_IMPORT;
}

static void drop_kept(struct relib_thread *thread, const struct relib_slot *slot)
{
	for (int i = 0; i < RELIB_KEPT_PANICS; i++)
		if (thread->kept_for[i] == slot)
			thread->kept_for[i] = NULL;
}

/* The host will ask about the call whose unwinding this one interrupts when that has come to its end. Too many are forgotten. */
static void keep_panic(struct relib_thread *thread, const struct relib_slot *slot)
{
	const struct relib_slot *before = thread->panic_slot;

	drop_kept(thread, slot);
	if (!before || before == slot || before->state != RELIB_SLOT_PANICKING)
		return;
	for (int i = 0; i < RELIB_KEPT_PANICS; i++) {
		const struct relib_slot *kept = thread->kept_for[i];

		if (!kept || kept == before || kept->state != RELIB_SLOT_PANICKING) {
			thread->kept_for[i] = before;
			thread->kept[i] = thread->panic;
			return;
		}
	}
}

static void restore_panic(struct relib_thread *thread, struct relib_slot *slot)
{
	for (int i = 0; i < RELIB_KEPT_PANICS; i++)
		if (thread->kept_for[i] == slot)
			thread->panic = thread->kept[i];
	drop_kept(thread, slot);
	thread->panic_slot = slot;
}

void relib_panic_report(struct relib_slot *slot, const struct relib_module *module, const char *place, const char *message,
			const struct relib_trace *stack)
{
	struct relib_panic *panic = &own_thread()->panic;
	struct relib_module *called = slot->target->module;
	char first[RELIB_PANIC_MESSAGE + 512];

	keep_panic(own_thread(), slot);
	own_thread()->panic_slot = slot;
	panic->module = called->number;
	snprintf(panic->function, sizeof(panic->function), "%s", slot->target->name);
	snprintf(panic->message, sizeof(panic->message), "%s", message);
	relib_stack_write(stack, panic->stack, sizeof(panic->stack));
	atomic_fetch_add(&called->panics, 1);
	/* The stack begins there, if it could be read. */
	if (place && strstr(panic->stack, place))
		place = NULL;
	snprintf(first, sizeof(first), "%s panicked in %s: %s%s%s%s", file_of(module ? module : called), panic->function,
		 panic->message, place ? " (" : "", place ? place : "", place ? ")" : "");
	say(first, panic->stack);
}

/* The slot is a panic's no longer: the module's own code caught it, as `catch (...)` does. */
static void caught(_Unwind_Reason_Code reason, struct _Unwind_Exception *exception)
{
	struct relib_slot *slot = (struct relib_slot *)(void *)((char *)exception - offsetof(struct relib_slot, exception));

	(void)reason;
	if (slot->reserved)
		slot->reserved--;
	else if (slot->state == RELIB_SLOT_PANICKING)
		slot->state = RELIB_SLOT_FREE;
}

static void unwind(struct relib_slot *slot)
{
	struct _Unwind_Exception *exception = (struct _Unwind_Exception *)(void *)slot->exception;

	_Static_assert(sizeof(*exception) <= sizeof(slot->exception), "a slot has room for an exception");
	memset(exception, 0, sizeof(*exception));
	exception->exception_class = EXCEPTION_CLASS;
	exception->exception_cleanup = caught;
	slot->state = RELIB_SLOT_PANICKING;
	_Unwind_RaiseException(exception);
}

static _Unwind_Reason_Code look_for_stub(struct _Unwind_Context *context, void *found)
{
	if (!relib_call_is_stub(_Unwind_GetIP(context)))
		return _URC_NO_REASON;
	*(struct relib_slot **)found = (struct relib_slot *)_Unwind_GetGR(context, RELIB_SLOT_REGISTER);
	return _URC_NORMAL_STOP;
}

/* The call that a panic here will meet first. The stack knows it also where the host jumps: by longjmp or in coroutines. */
static struct relib_slot *call_around(void)
{
	struct relib_slot *slot = NULL;

	_Unwind_Backtrace(look_for_stub, &slot);
	return slot;
}

/*
 * Whether the panic that is this call's has ended in a handler, catch (...), from which another one may start. Then the C++
 * runtime of the module has it as the innermost exception caught: its header, of the C++ ABI, ends with the exception.
 */
static bool is_caught(const struct relib_slot *slot)
{
	struct globals { const char *caught; } *(*get_globals)(void);
	const char *end = (const char *)slot->exception + sizeof(struct _Unwind_Exception), *caught;
	void *handle = slot->target->module->handle;

	get_globals = handle ? (struct globals *(*)(void))dlsym(handle, "__cxa_get_globals") : NULL;
	caught = get_globals ? get_globals()->caught : NULL;
	return caught && caught < (const char *)slot->exception && caught + sizeof(*slot) >= end;
}

/* Why no call can be ended by a panic here, perhaps in `text`; NULL if one can. */
static const char *why_not(struct relib_slot *slot, char *text, size_t size)
{
	if (!slot)
		return "this thread is in no call of the host; let what such a thread does be called by relib_contain";
	if (!relib_panic_can_end(slot)) {
		snprintf(text, size, "that was inside the host's import %s, which can't be unwound", slot->target->name);
		return text;
	}
	if (slot->state != RELIB_SLOT_PANICKING)
		return NULL;
	if (!is_caught(slot)) {
		snprintf(text, size, "another panic in %s was being unwound", slot->target->name);
		return text;
	}
	/* The handler ends on the way, and lets go of the one that it caught. */
	slot->reserved++;
	return NULL;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

void relib_panic_raise(void *token, const char *file, unsigned line, const char *function, const char *message)
{
	const struct relib_module *module = token;
	struct relib_slot *slot = call_around();
	struct relib_trace stack;
	char text[256], place[256] = "?";
	const char *why = why_not(slot, text, sizeof(text));

	if (file)
		snprintf(place, sizeof(place), "%s:%u", last_part(file), line);
	relib_stack_capture(&stack, 0, relib_panic_can_end(slot) ? slot->stack : NULL);
	if (why)
		relib_panic_die(module, &stack, why, "panicked in %s: %s (%s)", function, message, place);
	relib_panic_report(slot, module, file ? place : NULL, message, &stack);
	unwind(slot);
	relib_panic_die(module, &stack,
			"a function on the stack was compiled without unwind tables (-fno-asynchronous-unwind-tables?)",
			"panicked in %s, which can't be unwound", slot->target->name);
}

/* An exception of the host's, or of a module called by it: nobody between here and there can cope with it. */
static void die_in_import(const struct relib_slot *slot, struct _Unwind_Exception *exception)
{
	struct relib_trace stack;
	char text[RELIB_PANIC_MESSAGE];

	/* The whole of it: it is the module's frames that say what the host was asked for. */
	relib_stack_capture(&stack, 0, NULL);
	relib_exception_describe(NULL, exception, text, sizeof(text));
	relib_panic_die(NULL, &stack, "nothing can go on where a function of the host was left halfway",
			"the host's import %s, called by %s, failed: %s", slot->target->name, file_of(slot->target->module), text);
}

/*
 * Of the stub. What unwinds out of a function that was called through it ends here; pthread_exit and cancellation,
 * which are unwinding that no one may stop, go through.
 */
_Unwind_Reason_Code relib_call_personality(int version, _Unwind_Action actions, _Unwind_Exception_Class class,
					   struct _Unwind_Exception *exception, struct _Unwind_Context *context)
	__attribute__((visibility("hidden")));

_Unwind_Reason_Code relib_call_personality(int version, _Unwind_Action actions, _Unwind_Exception_Class class,
					   struct _Unwind_Exception *exception, struct _Unwind_Context *context)
{
	struct relib_slot *slot = (struct relib_slot *)_Unwind_GetGR(context, RELIB_SLOT_REGISTER);

	if (version != 1)
		return _URC_FATAL_PHASE1_ERROR;
	if (actions & _UA_FORCE_UNWIND) {
		relib_call_end(slot);
		return _URC_CONTINUE_UNWIND;
	}
	if (!relib_panic_can_end(slot))
		die_in_import(slot, exception);
	if (actions & _UA_SEARCH_PHASE) {
		/* The stack is still whole, and we don't know yet what this is. */
		if (class != EXCEPTION_CLASS)
			relib_stack_capture(&own_thread()->thrown_from, 0, slot->stack);
		slot->state = RELIB_SLOT_PANICKING;
		return _URC_HANDLER_FOUND;
	}
	_Unwind_SetGR(context, __builtin_eh_return_data_regno(0), (_Unwind_Word)(uintptr_t)exception);
	_Unwind_SetIP(context, (_Unwind_Ptr)relib_call_landing);
	return _URC_INSTALL_CONTEXT;
}

/* The stub's failure path; all frames of the module are gone. */
void relib_call_landed(struct relib_slot *slot, struct _Unwind_Exception *exception) __attribute__((visibility("hidden")));

void relib_call_landed(struct relib_slot *slot, struct _Unwind_Exception *exception)
{
	char text[RELIB_PANIC_MESSAGE];

	if (exception->exception_class != EXCEPTION_CLASS) {
		relib_exception_describe(slot->target->module, exception, text, sizeof(text));
		relib_panic_report(slot, NULL, NULL, text, &own_thread()->thrown_from);
	}
	restore_panic(own_thread(), slot);
	slot->reserved = 0;
	relib_call_fail(slot, RELIB_SLOT_FAILED);
}

static const struct relib_panic *panic_of(const struct relib_module *module)
{
	const struct relib_thread *thread = relib_thread_known();

	return module && thread && thread->panic.module == module->number ? &thread->panic : NULL;
}

unsigned relib_panic_count(const struct relib_module *module)
{
	return atomic_load(&module->panics);
}

const char *relib_panic_message(const struct relib_module *module)
{
	const struct relib_panic *panic = panic_of(module);

	return panic ? panic->message : NULL;
}

const char *relib_panic_function(const struct relib_module *module)
{
	const struct relib_panic *panic = panic_of(module);

	return panic ? panic->function : NULL;
}

const char *relib_panic_stack(const struct relib_module *module)
{
	const struct relib_panic *panic = panic_of(module);

	return panic ? panic->stack : NULL;
}
