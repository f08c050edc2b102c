/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of dlopen, dlmopen and dlclose. */
#include <errno.h>

#include "../block.h"
#include "../dlopen-attempt.h"
#include "../dlopen-handle.h"
#include "../fork.h"
#include "../object.h"
#include "../unload.h"
#include "jump.h"

/* The last thing a dlopen hook does is a jump to the next dlopen, since ld.so looks at its caller, which must not be us. */

struct asked {
	const char *file;
	int mode;
	Lmid_t space;
	bool with_space; /* dlmopen */
};

/* In registers: with an address of the hook's frame known elsewhere there would be no jump. */
struct opened {
	void *handle;
	bool done;
};

static void before_open(const struct asked *asked, struct relib_caller caller)
{
	relib_start_tracking();
	relib_object_note_untracked(
		asked->file, asked->with_space && asked->space != LM_ID_BASE
				     ? "it was opened by dlmopen into a namespace of its own"
			     : asked->mode & RTLD_DEEPBIND ? "it was opened with RTLD_DEEPBIND, which binds it past the tracker"
							   : NULL);
	relib_enter();
	relib_unload_pinned(caller);
	relib_leave();
}

static struct opened open_here(const struct asked *asked, struct relib_caller caller)
{
	struct opened opened = { .done = true };
	unsigned begun = relib_attempt_bystander_begins(asked->file);
	uint32_t flags = asked->mode & RTLD_NODELETE ? RELIB_DLOPEN_STAYS : 0;

	opened.handle = asked->with_space ? relib_real.dlmopen(asked->space, asked->file, asked->mode)
					  : relib_real.dlopen(asked->file, asked->mode);
	relib_attempt_bystander_ends(begun, opened.handle);
	if (opened.handle)
		relib_dlopen_enter_opened(opened.handle, flags,
					  relib_callsite_thing(caller, asked->with_space ? (uintptr_t)relib_real.dlmopen
											 : (uintptr_t)relib_real.dlopen));
	return opened;
}

static __attribute__((noinline)) struct opened try_open(struct asked asked, struct relib_caller caller)
{
	struct opened opened = { .done = false };
	int saved = errno;

	relib_need_real();
	if (relib_thread.depth || relib_fork_is_borrowed())
		return opened;
	if (asked.file)
		before_open(&asked, caller);
	if (relib_tracking) {
		relib_attempts_resolve(NULL);
		errno = saved;
		if (!relib_dlopen_needs_caller(asked.file, caller.address))
			return open_here(&asked, caller);
		relib_attempt_note(asked.file, asked.mode, relib_callsite_thing(caller, (uintptr_t)relib_real.dlopen));
	}
	errno = saved;
	return opened;
}

TAIL_CALL RELIB_HOOK void *dlopen(const char *file, int mode)
{
	struct opened opened = try_open((struct asked){ .file = file, .mode = mode }, RELIB_CALLER);

	if (opened.done)
		return opened.handle;
	JUMP(relib_real.dlopen(file, mode));
}

TAIL_CALL RELIB_HOOK void *dlmopen(Lmid_t space, const char *file, int mode)
{
	struct opened opened = try_open((struct asked){ file, mode, space, true }, RELIB_CALLER);

	if (opened.done)
		return opened.handle;
	JUMP(relib_real.dlmopen(space, file, mode));
}

RELIB_HOOK int dlclose(void *handle)
{
	relib_need_real();
	return relib_dlopen_close(handle, RELIB_CALLER);
}
