/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of what says how a signal is handled. Async-signal-safe, as these functions are. */
#include "../callsite.h"
#include "../handler.h"
#include "../real.h"
#include "../signal-stack.h"
#include "../start.h"

#define X(type, name, parameters) type name parameters;
RELIB_SIGNAL_HOOKS(X)
#undef X

/* A call that only asks has no action. */
#define HANDLES(type, name, parameters, arguments, action)                                                         \
	RELIB_HOOK type name parameters                                                                            \
	{                                                                                                          \
		struct relib_handler_change change;                                                                \
		uint32_t mark;                                                                                     \
		type result;                                                                                       \
                                                                                                                   \
		RELIB_NEED(name);                                                                                           \
		mark = action ? relib_callsite_thing(RELIB_CALLER, (uintptr_t)relib_real.name) : 0;                \
		if (!mark)                                                                                         \
			return relib_real.name arguments;                                                          \
		relib_handler_before(&change, number, mark);                                                       \
		result = relib_real.name arguments;                                                                \
		relib_handler_after(&change);                                                                      \
		return result;                                                                                     \
	}
#define ACTS(name)                                                                                                 \
	HANDLES(int, name, (int number, const struct sigaction *action, struct sigaction *before), (number, action, before), action)
ACTS(sigaction)
ACTS(__sigaction)

#define SETS(name) HANDLES(sighandler_t, name, (int number, sighandler_t handler), (number, handler), true)
SETS(signal)
SETS(ssignal)
SETS(bsd_signal)
SETS(sysv_signal)
SETS(__sysv_signal)
SETS(sigset)
HANDLES(int, sigignore, (int number), (number), true)

/* What was asked for is looked at afterwards: the memory at `stack` may not be there. */
RELIB_HOOK int sigaltstack(const stack_t *stack, stack_t *old)
{
	stack_t before;
	bool known;
	int result;

	RELIB_NEED(sigaltstack);
	known = stack && relib_signal_stack_before(&before);
	result = relib_real.sigaltstack(stack, old);
	if (!result && stack)
		relib_signal_stack_note_size();
	if (known && !result)
		relib_signal_stack_after(&before, RELIB_CALLER, (uintptr_t)relib_real.sigaltstack);
	return result;
}
