/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of what gives libc functions to call, which it keeps in tables of its own. */
#include "../callback.h"
#include "../callsite.h"
#include "../real.h"
#include "../start.h"

#define X(type, name, parameters) type name parameters;
RELIB_CALLBACK_HOOKS(X)
#undef X

#define REGISTERS(name, asking)                                                                            \
	RELIB_HOOK int name(int letter, printf_function *convert, asking *ask)                             \
	{                                                                                                  \
		int error;                                                                                 \
                                                                                                           \
		RELIB_NEED(name);                                                                          \
		error = relib_real.name(letter, convert, ask);                                             \
		if (!error)                                                                                \
			relib_callback_conversion(letter, convert, (printf_arginfo_size_function *)(void (*)(void))ask, \
						  relib_callsite_thing(RELIB_CALLER, (uintptr_t)relib_real.name)); \
		return error;                                                                              \
	}
REGISTERS(register_printf_specifier, printf_arginfo_size_function)
/* Libc, too, has this one's in the place of the other's. */
REGISTERS(register_printf_function, printf_arginfo_function)

RELIB_HOOK int __register_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void), void *handle)
{
	void (*const functions[])(void) = { before, in_parent, in_child };
	void *own;
	int error;

	RELIB_NEED(__register_atfork);
	own = relib_callback_fork(functions, handle, RELIB_CALLER, (uintptr_t)relib_real.__register_atfork);
	error = relib_real.__register_atfork(before, in_parent, in_child, own);
	if (error && own != handle)
		relib_callback_fork_forget(own);
	return error;
}
