/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Calls a module's RELIB_BEFORE_UNLOAD(): on the caller's thread, or with a limit of time on one of its own. */
#include "before-unload.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "internal.h"
#include "stack-other.h"

#define STACK_TEXT 1300 /* of it in a message, beside the rest */
#define ENDING_MS 1000  /* a thread whose call has returned is about to end */

/* A call on a thread of its own. The module has it until that thread is joined. */
struct relib_before_unload {
	struct relib_module *module;
	pthread_t thread;
	pid_t process;        /* a child of it has no such thread */
	enum relib_code code; /* and what follows: written before the thread ends, read when it has ended */
	struct relib_panic panic;
	struct relib_stack_other other;
};

static enum relib_code too_deep(const struct relib_module *module, struct relib_error *error)
{
	return relib_fail(error, RELIB_TOO_DEEP,
			  "%s was not unloaded: too many calls are nested on this thread, or there is no memory", module->file);
}

static enum relib_code no_memory(const struct relib_module *module, struct relib_error *error)
{
	return relib_fail(error, RELIB_NO_MEMORY,
			  "%s was not unloaded: no thread could be started for its RELIB_BEFORE_UNLOAD\n"
			  "  without before_unload_ms it needs none",
			  module->file);
}

static enum relib_code panicked(const struct relib_module *module, const char *message, struct relib_error *error)
{
	return relib_fail(error, RELIB_BEFORE_UNLOAD_FAILED,
			  "%s was not unloaded: its RELIB_BEFORE_UNLOAD panicked: %s\n"
			  "  it is still loaded; to unload it without that, set skip_before_unload in relib_unload's options",
			  module->file, message);
}

static enum relib_code call_here(struct relib_module *module, const void *stack, struct relib_slot **slot)
{
	*slot = relib_call_begin(&module->targets[RELIB_OWN_BEFORE_UNLOAD], stack);
	if (!*slot)
		return RELIB_TOO_DEEP;
	relib_stub_of(module)();
	return relib_call_end(*slot) == RELIB_OK ? RELIB_OK : RELIB_BEFORE_UNLOAD_FAILED;
}

static void *run(void *argument)
{
	struct relib_before_unload *call = argument;
	struct relib_slot *slot;

	pthread_setname_np(pthread_self(), "before_unload");
	relib_stack_other_begin(&call->other);
	call->code = call_here(call->module, RELIB_CALLERS_STACK, &slot);
	if (call->code == RELIB_BEFORE_UNLOAD_FAILED)
		call->panic = relib_thread_known()->panic;
	return NULL;
}

/* As if it had happened on this thread. Gives what it said. */
static const char *take_panic(const struct relib_before_unload *call)
{
	struct relib_thread *thread = relib_thread_here();

	if (thread) {
		thread->panic = call->panic;
		thread->panic_slot = NULL;
	}
	return call->panic.message;
}

/* The thread is gone, with all its thread-local destructors. */
static enum relib_code end(struct relib_module *module, struct relib_error *error)
{
	struct relib_before_unload *call = module->before_unload;
	enum relib_code code = call->code;

	module->before_unload = NULL;
	if (code == RELIB_BEFORE_UNLOAD_FAILED)
		panicked(module, take_panic(call), error);
	else if (code)
		too_deep(module, error);
	free(call);
	return code;
}

/* The message says where it is, if that can be found out. */
static enum relib_code timed_out(struct relib_module *module, unsigned limit_ms, struct relib_error *error)
{
	struct relib_before_unload *call = module->before_unload;
	char text[STACK_TEXT];
	const char *why;

	relib_fail(error, RELIB_TIMED_OUT, "%s was not unloaded: its RELIB_BEFORE_UNLOAD did not return within %u ms", module->file,
		   limit_ms);
	why = relib_stack_other(&call->other, call->thread, text, sizeof(text));
	if (why)
		relib_add(error, "\n  where it is could not be looked at: %s\n", why);
	else
		relib_add(error, "; it is in\n%s", text);
	relib_add(error, "  it goes on, and the module stays loaded: unload it when that has returned, or give it more time");
	return RELIB_TIMED_OUT;
}

/* A cancelled host thread must not leave here. */
static bool join(const struct relib_before_unload *call, unsigned limit_ms)
{
	struct timespec until;
	bool joined;
	int cancel;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += limit_ms / 1000;
	until.tv_nsec += (long)(limit_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	joined = !pthread_clockjoin_np(call->thread, NULL, CLOCK_MONOTONIC, &until);
	pthread_setcancelstate(cancel, NULL);
	return joined;
}

static enum relib_code call_limited(struct relib_module *module, unsigned limit_ms, struct relib_error *error)
{
	struct relib_before_unload *call = calloc(1, sizeof(*call));

	if (!call)
		return no_memory(module, error);
	call->module = module;
	call->process = getpid();
	if (pthread_create(&call->thread, NULL, run, call)) {
		free(call);
		return no_memory(module, error);
	}
	module->before_unload = call;
	return join(call, limit_ms) ? end(module, error) : timed_out(module, limit_ms, error);
}

enum relib_code relib_before_unload_ended(struct relib_module *module, struct relib_error *error)
{
	struct relib_before_unload *call = module->before_unload;

	if (!call)
		return RELIB_OK;
	if (call->process == getpid() && !join(call, ENDING_MS))
		return relib_fail(error, RELIB_BUSY,
				  "%s was not unloaded: the thread of its RELIB_BEFORE_UNLOAD, which an earlier unload started, has not ended\n"
				  "  it is in its thread-local destructors; unload it when they have run",
				  module->file);
	/* What it said was said when it happened; this unload calls it again. */
	module->before_unload = NULL;
	free(call);
	return RELIB_OK;
}

enum relib_code relib_before_unload(struct relib_module *module, unsigned limit_ms, struct relib_error *error)
{
	struct relib_slot *slot;
	enum relib_code code;

	if (!module->targets[RELIB_OWN_BEFORE_UNLOAD].function)
		return RELIB_OK;
	if (limit_ms)
		return call_limited(module, limit_ms, error);
	code = call_here(module, RELIB_CALLERS_STACK, &slot);
	if (code == RELIB_TOO_DEEP)
		return too_deep(module, error);
	return code ? panicked(module, relib_panic_message(module), error) : RELIB_OK;
}
