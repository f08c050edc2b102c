/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of POSIX timers. */
#include "../timer.h"
#include "../callsite.h"
#include "../real.h"
#include "../start.h"
#include "../thing.h"

#define X(type, name, parameters) type name parameters;
RELIB_TIMER_HOOKS(X)
#undef X

RELIB_HOOK int timer_create(clockid_t clock, struct sigevent *wanted, timer_t *timer)
{
	struct sigevent event;
	unsigned record = 0;
	uint32_t mark;
	int result;

	RELIB_NEED(timer_create);
	mark = relib_callsite_thing(RELIB_CALLER, (uintptr_t)relib_real.timer_create);
	if (mark)
		record = relib_timer_prepare(wanted, &event);
	result = relib_real.timer_create(clock, record ? &event : wanted, timer);
	if (result)
		relib_timer_forget(record);
	else
		relib_timer_enter(*timer, wanted, record, mark);
	return result;
}

/* Before, for after it another thread may get the same one. */
RELIB_HOOK int timer_delete(timer_t timer)
{
	struct relib_thing thing;
	bool held = relib_thing_leave(RELIB_KIND_TIMER, (uint64_t)(uintptr_t)timer, &thing);
	int result;

	RELIB_NEED(timer_delete);
	if (held)
		relib_timer_leave(timer, false);
	result = relib_real.timer_delete(timer);
	if (result && held)
		relib_thing_enter(&thing);
	return result;
}
