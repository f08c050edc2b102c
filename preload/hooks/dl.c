/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of dlopen and dlclose. */
#include <errno.h>

#include "../block.h"
#include "../object.h"
#include "../unload.h"

/*
 * The last thing a dlopen hook does is a jump to the next dlopen: ld.so searches the RUNPATH of its caller,
 * which must be the host, not us. At -O0 compilers make calls of it.
 */
#ifdef __clang__
#define TAIL_CALL
#define JUMP(call) __attribute__((musttail)) return call
#else
#define TAIL_CALL __attribute__((optimize("O2")))
#define JUMP(call) return call
#endif

static __attribute__((noinline)) void before_open(const char *file, int mode, bool other_namespace, struct relib_caller caller)
{
	int saved = errno;

	relib_need_real();
	if (!file || relib_thread.depth)
		return;
	relib_start_tracking();
	relib_object_note_untracked(
		file, other_namespace         ? "it was opened by dlmopen into a namespace of its own"
		      : mode & RTLD_DEEPBIND ? "it was opened with RTLD_DEEPBIND, which binds it past the tracker"
					     : NULL);
	relib_enter();
	relib_unload_pinned(caller);
	relib_leave();
	errno = saved;
}

TAIL_CALL RELIB_HOOK void *dlopen(const char *file, int mode)
{
	before_open(file, mode, false, RELIB_CALLER);
	JUMP(relib_real.dlopen(file, mode));
}

TAIL_CALL RELIB_HOOK void *dlmopen(Lmid_t space, const char *file, int mode)
{
	before_open(file, mode, space != LM_ID_BASE, RELIB_CALLER);
	JUMP(relib_real.dlmopen(space, file, mode));
}

RELIB_HOOK int dlclose(void *handle)
{
	relib_need_real();
	return relib_unload_for_host(handle, RELIB_CALLER);
}
