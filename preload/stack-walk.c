/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Whether certain code is on the stack of a thread that stands still. */
#include "stack-walk.h"

#include <link.h>
#include <string.h>

#include "arena.h"

/* A stack of the deepest recursion has not so many. */
#define FRAMES_MOST 1000000

char *relib_window_reserve(void)
{
	char *window = relib_reserve_closed(RELIB_WINDOW_ROOM);

	if (window && !relib_open_range(window, RELIB_WINDOW)) {
		relib_unreserve(window, RELIB_WINDOW_ROOM);
		return NULL;
	}
	return window;
}

void relib_window_give(char *window)
{
	relib_unreserve(window, RELIB_WINDOW_ROOM);
}

void relib_registers_of(struct relib_registers *registers, const ucontext_t *context)
{
	memset(registers, 0, sizeof *registers);
	registers->interrupted = true;
#if defined __x86_64__
	static const int others[] = { REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP, REG_R8, REG_R9,
		REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };

	for (unsigned i = 0; i < RELIB_REGISTERS; i++)
		registers->values[i] = (uintptr_t)context->uc_mcontext.gregs[others[i]];
	registers->known = (1u << RELIB_REGISTERS) - 1;
	registers->pc = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
	registers->stack = (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
#elif defined __aarch64__
	registers->pc = context->uc_mcontext.pc;
	registers->stack = context->uc_mcontext.sp;
	registers->link = context->uc_mcontext.regs[30] & 0xffffffffffff; /* without what signs it */
#else
#error "registers of this machine"
#endif
}

struct frames {
	const struct relib_stack_walk *walk;
	struct relib_registers registers;
	struct relib_stack_copy copy;
	bool live; /* more can be read */
	struct relib_place_inside place;
};

/* The copy begins where the frames are now. */
static bool load(struct frames *frames)
{
	uintptr_t start = frames->registers.stack & ~(uintptr_t)15;
	uintptr_t end = relib_memory_map_end(frames->walk->map, start);
	size_t size = end - start < RELIB_WINDOW ? end - start : RELIB_WINDOW;

	frames->copy = (struct relib_stack_copy){ start, start, frames->walk->window };
	if (!frames->live || !end)
		return false;
	frames->copy.end += relib_memory_read(start, frames->walk->window, size);
	return frames->registers.stack < frames->copy.end;
}

/* Where frames reach the last part of the copy, the rest of one of them may be missing. */
static bool is_in_copy(const struct frames *frames)
{
	uintptr_t stack = frames->registers.stack, start = frames->copy.start, end = frames->copy.end;

	if (stack < start || stack >= end)
		return false;
	return !frames->live || end - start < RELIB_WINDOW || stack - start < RELIB_WINDOW / 2;
}

/* Called by dl_iterate_phdr, so that no other thread unmaps what is looked at. */
static int follow(struct dl_phdr_info *info, size_t size, void *context)
{
	struct frames *frames = context;

	(void)info;
	(void)size;
	frames->place.inside = RELIB_UNKNOWN;
	for (unsigned count = 0; count < FRAMES_MOST; count++) {
		struct relib_registers *registers = &frames->registers;
		uintptr_t pc = registers->pc - !registers->interrupted, before = registers->stack;
		int step;

		if (relib_code_has(frames->walk->code, pc)) {
			frames->place = (struct relib_place_inside){ RELIB_INSIDE, pc };
			return 1;
		}
		if (!is_in_copy(frames) && !load(frames))
			return 1;
		step = relib_unwind_step(registers, &frames->copy);
		if (!step || (step > 0 && !registers->pc)) {
			frames->place.inside = RELIB_OUTSIDE;
			return 1;
		}
		if (step < 0 || (registers->stack <= before && !registers->interrupted))
			return 1;
	}
	return 1;
}

/* What the words say of the part that the frames did not reach. */
static struct relib_place_inside judge(const struct relib_scan *scan)
{
	if (scan->word)
		return (struct relib_place_inside){ RELIB_PERHAPS, scan->word - 1 };
	return (struct relib_place_inside){ scan->handler || scan->incomplete ? RELIB_UNKNOWN : RELIB_OUTSIDE, 0 };
}

static struct relib_scan scan_from(const struct relib_stack_walk *walk, uintptr_t stack)
{
	static const struct relib_scan nothing = { .incomplete = true };
	uintptr_t end = relib_memory_map_end(walk->map, stack);

	/* The window's contents are of no use any more. */
	return end ? relib_stack_scan(walk->code, stack, end, (uintptr_t *)(void *)walk->window, 65536 / sizeof(uintptr_t)) : nothing;
}

struct relib_place_inside relib_stack_walk(const struct relib_stack_walk *walk, const struct relib_registers *registers)
{
	struct frames frames = { .walk = walk, .registers = *registers, .live = true };
	uintptr_t pc = registers->pc - !registers->interrupted;
	struct relib_scan scan;

	if (relib_code_has(walk->code, pc))
		return (struct relib_place_inside){ RELIB_INSIDE, pc };
	scan = scan_from(walk, registers->stack);
	if (!scan.word && !scan.handler && !scan.incomplete)
		return (struct relib_place_inside){ RELIB_OUTSIDE, 0 };
	dl_iterate_phdr(follow, &frames);
	if (frames.place.inside != RELIB_UNKNOWN)
		return frames.place;
	scan = scan_from(walk, frames.registers.stack);
	return judge(&scan);
}

struct relib_place_inside relib_stack_walk_copy(const struct relib_stack_walk *walk, const struct relib_registers *registers,
						size_t copied, const struct relib_scan *beyond)
{
	struct frames frames = { .walk = walk, .registers = *registers };
	struct relib_scan rest = *beyond;
	uintptr_t buffer[512];

	frames.copy = (struct relib_stack_copy){ registers->stack & ~(uintptr_t)15, 0, walk->window };
	frames.copy.end = frames.copy.start + copied;
	dl_iterate_phdr(follow, &frames);
	if (frames.place.inside != RELIB_UNKNOWN)
		return frames.place;
	if (copied < RELIB_WINDOW && is_in_copy(&frames))
		rest = relib_stack_scan(walk->code, (uintptr_t)walk->window + frames.registers.stack - frames.copy.start,
					(uintptr_t)walk->window + copied, buffer, sizeof buffer / sizeof *buffer);
	return judge(&rest);
}
