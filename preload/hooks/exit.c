/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of what is to be called at the end of the process, where dlclose doesn't. */
#include "../callsite.h"
#include "../exit-handler.h"
#include "../real.h"
#include "../start.h"

#define X(type, name, parameters) type name parameters;
RELIB_EXIT_HOOKS(X)
#undef X

/* `call` is for libc to have, with our function in the place of the module's. */
#define REGISTERS(name, how, parameters, arguments, function, argument, object, call)                              \
	RELIB_HOOK int name parameters                                                                             \
	{                                                                                                          \
		struct relib_exit_handler *handler;                                                                \
		int error;                                                                                         \
                                                                                                                   \
		RELIB_NEED(name);                                                                                  \
		handler = relib_exit_enter(how, (uintptr_t)function, argument, (uintptr_t)object, RELIB_CALLER,    \
					   (uintptr_t)relib_real.name);                                            \
		if (!handler)                                                                                      \
			return relib_real.name arguments;                                                          \
		error = relib_real.name call;                                                                      \
		if (error)                                                                                         \
			relib_exit_forget(handler);                                                                \
		return error;                                                                                      \
	}
REGISTERS(on_exit, RELIB_EXIT_STATUS, (void (*function)(int, void *), void *argument), (function, argument), function, argument,
	  NULL, (relib_exit_run_status, handler))
REGISTERS(__cxa_atexit, RELIB_EXIT_PLAIN, (void (*function)(void *), void *argument, void *object), (function, argument, object),
	  function, argument, object, (relib_exit_run_plain, handler, object))
/* Libc doesn't look at the object. */
REGISTERS(__cxa_at_quick_exit, RELIB_EXIT_QUICK, (void (*function)(void *), void *object), (function, object), function, NULL,
	  NULL, (relib_exit_run_quick, object))
