/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of what says which functions the C++ library calls, by their mangled names. */
#include "../block.h"
#include "../cxx-handler.h"
#include "../cxx-library.h"
#include "../real.h"
#include "../start.h"

#define X(type, name, parameters) type name parameters;
RELIB_CXX_HANDLER_HOOKS(X)
#undef X

#define SETS(name, which)                                                                                  \
	RELIB_HOOK relib_cxx_handler name(relib_cxx_handler handler)                                       \
	{                                                                                                  \
		relib_cxx_setter *set;                                                                     \
		relib_cxx_handler before;                                                                  \
		uint32_t mark;                                                                             \
                                                                                                           \
		relib_need_real();                                                                         \
		set = relib_real.name;                                                                     \
		if (!set)                                                                                  \
			set = (relib_cxx_setter *)(uintptr_t)relib_cxx_find(#name, RELIB_CALLER.address);  \
		if (!set)                                                                                  \
			return NULL;                                                                       \
		mark = relib_callsite_thing(RELIB_CALLER, (uintptr_t)set);                                 \
		before = set(handler);                                                                     \
		if (mark)                                                                                  \
			relib_cxx_handler_set(which, set, mark, before, handler);                          \
		return before;                                                                             \
	}
SETS(_ZSt13set_terminatePFvvE, RELIB_CXX_TERMINATE)
SETS(_ZSt14set_unexpectedPFvvE, RELIB_CXX_UNEXPECTED)
SETS(_ZSt15set_new_handlerPFvvE, RELIB_CXX_NEW)
SETS(_ZNSt3pmr20set_default_resourceEPNS_15memory_resourceE, RELIB_CXX_RESOURCE)
