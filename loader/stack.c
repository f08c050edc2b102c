/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Captures stacks, also in signal handlers. */
#include "stack.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>
#include <ucontext.h>
#include <unwind.h>

#include "calls.h"

/* A stack that goes in circles, or is deeper than any: 64 MiB of small frames. */
#define MOST_FRAMES 4000000

struct walk {
	struct relib_trace *trace;
	unsigned skip;
	const void *until;
	const void *slot;
	bool to_interrupted; /* not at the interrupted frame yet */
	uintptr_t pointer;   /* the stack pointer there; libgcc gives another for it on aarch64 */
	enum relib_stack_end end;
	uintptr_t own_start, own_end;
	unsigned seen; /* frames so far */
	uintptr_t last[RELIB_STACK_OUTER]; /* of those behind the inner ones, in a ring */
};

static bool lies_in_an_object(uintptr_t address)
{
	struct dl_find_object found;

	return _dl_find_object((void *)address, &found) == 0;
}

static bool is_own(const struct walk *walk, uintptr_t address)
{
	return address - 1 >= walk->own_start && address - 1 < walk->own_end;
}

static void start_walk(struct walk *walk, struct relib_trace *trace, const void *until)
{
	static const char own;
	struct dl_find_object found;

	memset(walk, 0, sizeof(*walk));
	memset(trace, 0, sizeof(*trace));
	walk->trace = trace;
	walk->until = until;
	if (_dl_find_object((void *)&own, &found) == 0) {
		walk->own_start = (uintptr_t)found.dlfo_map_start;
		walk->own_end = (uintptr_t)found.dlfo_map_end;
	}
}

static void add(struct walk *walk, uintptr_t address)
{
	struct relib_trace *trace = walk->trace;

	if (walk->skip) {
		walk->skip--;
		return;
	}
	if (trace->count < RELIB_STACK_INNER)
		trace->frames[trace->count++] = address;
	else
		walk->last[(walk->seen - RELIB_STACK_INNER) % RELIB_STACK_OUTER] = address;
	walk->seen++;
}

/* Of what was called through a stub: its own frames end the stack; others of ours are left out. */
static _Unwind_Reason_Code step_own(struct walk *walk, struct _Unwind_Context *context)
{
	if (walk->slot) {
		if (_Unwind_GetGR(context, RELIB_SLOT_REGISTER) != (uintptr_t)walk->slot)
			return _URC_NO_REASON;
		walk->end = RELIB_STACK_REACHED;
		return _URC_NORMAL_STOP;
	}
	return walk->until && walk->seen ? _URC_NORMAL_STOP : _URC_NO_REASON;
}

static _Unwind_Reason_Code step(struct _Unwind_Context *context, void *argument)
{
	struct walk *walk = argument;
	int exact = 0;
	uintptr_t address = _Unwind_GetIPInfo(context, &exact), stack; /* the stack pointer in this frame */

	/* Of a frame that was interrupted it is the instruction itself, of others the one behind the call. */
	if (walk->to_interrupted && !exact)
		return _URC_NO_REASON;
	if (walk->slot && exact && !walk->to_interrupted) {
		walk->end = RELIB_STACK_ELSEWHERE;
		return _URC_NORMAL_STOP;
	}
	stack = walk->to_interrupted ? walk->pointer : _Unwind_GetCFA(context);
	walk->to_interrupted = false;
	address += exact ? 1 : 0;
	if (walk->until && stack >= (uintptr_t)walk->until && !is_own(walk, address)) {
		walk->end = RELIB_STACK_ELSEWHERE;
		return _URC_NORMAL_STOP;
	}
	if (is_own(walk, address))
		return step_own(walk, context);
	if (walk->seen == MOST_FRAMES)
		return _URC_NORMAL_STOP;
	if (address <= 1)
		return _URC_NO_REASON;
	add(walk, address);
	return _URC_NO_REASON;
}

/* Puts the outermost frames behind the inner ones. */
static void end_walk(struct walk *walk)
{
	unsigned behind = walk->seen - walk->trace->count;
	struct relib_trace *trace = walk->trace;

	trace->outer = behind < RELIB_STACK_OUTER ? behind : RELIB_STACK_OUTER;
	trace->cut = behind - trace->outer;
	for (unsigned i = behind - trace->outer; i < behind; i++)
		trace->frames[trace->count++] = walk->last[i % RELIB_STACK_OUTER];
}

__attribute__((noinline)) void relib_stack_capture(struct relib_trace *trace, unsigned skip, const void *until)
{
	struct walk walk;

	start_walk(&walk, trace, until);
	walk.skip = skip;
	_Unwind_Backtrace(step, &walk);
	end_walk(&walk);
}

#if defined(__x86_64__)
#define PROGRAM_COUNTER(context) ((context)->uc_mcontext.gregs[REG_RIP])
#define STACK_POINTER(context) ((context)->uc_mcontext.gregs[REG_RSP])
#else
#define PROGRAM_COUNTER(context) ((context)->uc_mcontext.pc)
#define STACK_POINTER(context) ((context)->uc_mcontext.sp)
#endif

/*
 * A call of something that is no code has changed nothing but what the call instruction does. Undoing that, so that the
 * unwinder finds the caller: it reads the same memory.
 */
static void undo_call(ucontext_t *context)
{
#if defined(__x86_64__)
	greg_t *registers = context->uc_mcontext.gregs;

	registers[REG_RIP] = *(greg_t *)registers[REG_RSP] - 1;
	registers[REG_RSP] += 8;
#else
	context->uc_mcontext.pc = context->uc_mcontext.regs[30] - 4;
#endif
}

__attribute__((noinline)) enum relib_stack_end relib_stack_capture_context(struct relib_trace *trace, void *ucontext,
									   const void *until, const void *slot)
{
	ucontext_t *context = ucontext;
	__typeof__(PROGRAM_COUNTER(context)) counter = PROGRAM_COUNTER(context);
	__typeof__(STACK_POINTER(context)) pointer = STACK_POINTER(context);
	struct walk walk;

	start_walk(&walk, trace, until);
	if (!lies_in_an_object((uintptr_t)counter))
		undo_call(context);
	walk.to_interrupted = true;
	walk.pointer = (uintptr_t)pointer;
	walk.slot = slot;
	_Unwind_Backtrace(step, &walk);
	PROGRAM_COUNTER(context) = counter;
	STACK_POINTER(context) = pointer;
	end_walk(&walk);
	return walk.end;
}
