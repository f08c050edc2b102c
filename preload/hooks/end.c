/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The hook of what the last destructor of an object calls. */
#include "../detach.h"
#include "../real.h"

#define X(type, name, parameters) type name parameters;
RELIB_END_HOOKS(X)
#undef X

RELIB_HOOK void __cxa_finalize(void *handle)
{
	relib_detach_prepare((uintptr_t)handle);
	if (relib_real.__cxa_finalize)
		relib_real.__cxa_finalize(handle);
	relib_detach_of((uintptr_t)handle);
}
