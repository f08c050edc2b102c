/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Call stacks of the calling thread, by libunwind. */
#include "stack-unwind.h"

#define UNW_LOCAL_ONLY
#include <libunwind.h>
#include <string.h>

#include "linker-gate.h"
#include "lock.h"
#include "message.h"
#include "object.h"
#include "real.h"
#include "thread-state.h"

/* The tracker's own frames above the hook's caller: at most so many. */
#define OWN_FRAMES 8
#define LIMIT (RELIB_UNWIND_LIMIT + OWN_FRAMES)

#define NAME(name) #name
#define NAME_OF(name) NAME(name)

static struct {
	int (*backtrace)(void **, int);
	int (*getcontext)(unw_context_t *);
	int (*init_local)(unw_cursor_t *, unw_context_t *);
	int (*init_local2)(unw_cursor_t *, unw_context_t *, int);
	int (*step)(unw_cursor_t *);
	int (*is_signal_frame)(unw_cursor_t *);
	int (*get_reg)(unw_cursor_t *, unw_regnum_t, unw_word_t *);
	void (*flush)(unw_addr_space_t, unw_word_t, unw_word_t);
	int (*set_caching)(unw_addr_space_t, unw_caching_policy_t);
	unw_addr_space_t *space;
	bool ready;
} libunwind;

#define LIBRARY "libunwind.so.8"

void relib_unwind_open(void)
{
	static bool tried;
	void *handle;

	if (__atomic_exchange_n(&tried, true, __ATOMIC_RELAXED))
		return;
	relib_enter();
	relib_objects_are_ours(true);
	handle = relib_real.dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	relib_objects_are_ours(false);
	if (handle) {
		libunwind.backtrace = (__typeof__(libunwind.backtrace))dlsym(handle, NAME_OF(unw_backtrace));
		libunwind.getcontext = (__typeof__(libunwind.getcontext))dlsym(handle, NAME_OF(unw_tdep_getcontext));
		libunwind.init_local = (__typeof__(libunwind.init_local))dlsym(handle, NAME_OF(unw_init_local));
		libunwind.init_local2 = (__typeof__(libunwind.init_local2))dlsym(handle, NAME_OF(unw_init_local2));
		libunwind.step = (__typeof__(libunwind.step))dlsym(handle, NAME_OF(unw_step));
		libunwind.is_signal_frame =
			(__typeof__(libunwind.is_signal_frame))dlsym(handle, NAME_OF(unw_is_signal_frame));
		libunwind.get_reg = (__typeof__(libunwind.get_reg))dlsym(handle, NAME_OF(unw_get_reg));
		libunwind.flush = (__typeof__(libunwind.flush))dlsym(handle, NAME_OF(unw_flush_cache));
		libunwind.set_caching = (__typeof__(libunwind.set_caching))dlsym(handle, NAME_OF(unw_set_caching_policy));
		libunwind.space = dlsym(handle, NAME_OF(unw_local_addr_space));
		/*
		 * It holds the lock of this cache while it waits in dl_iterate_phdr for who is in there, whose callback
		 * may allocate and then wait for that lock. What matters is the cache of each thread behind unw_backtrace.
		 */
		if (libunwind.set_caching && libunwind.space)
			libunwind.set_caching(*libunwind.space, UNW_CACHE_NONE);
		relib_object_calibrate(handle, LIBRARY);
		__atomic_store_n(&libunwind.ready, libunwind.backtrace && libunwind.init_local && libunwind.step &&
				 libunwind.is_signal_frame && libunwind.get_reg && libunwind.flush && libunwind.space, __ATOMIC_RELEASE);
	}
	dlerror();
	relib_leave();
	if (!libunwind.ready)
		relib_warn(LIBRARY " is not there: memory that libraries allocate for a module can't be told from the "
			   "host's; install the package libunwind8");
}

void relib_unwind_disable(void)
{
	libunwind.ready = false;
}

static __attribute__((noinline)) int backtrace_carefully(void **frames, int limit)
{
	unw_context_t context;
	unw_cursor_t cursor;
	unw_word_t address;
	int count = 0;

	libunwind.flush(*libunwind.space, 0, 0);
	/* On machines where it isn't a function it is code in place (aarch64). */
#ifdef __x86_64__
	libunwind.getcontext(&context);
#else
	unw_getcontext(&context);
#endif
	if (libunwind.init_local(&cursor, &context))
		return 0;
	while (count < limit && libunwind.step(&cursor) > 0 && !libunwind.get_reg(&cursor, UNW_REG_IP, &address) &&
	       address)
		frames[count++] = (void *)(uintptr_t)address;
	return count;
}

/*
 * Where libunwind's caches have no answer it takes a lock with signals blocked by sigprocmask, which leaves
 * libc's own two signals out and so unblocks them when it restores the mask. Libc's helper threads (for
 * timers, say) have them blocked, and the signal that they wait for would end the process. There is no
 * module's code on the stacks of these.
 */
static bool is_allowed(void)
{
	sigset_t mask;

	if (likely(relib_thread.unwind != RELIB_UNWIND_UNKNOWN))
		return relib_thread.unwind == RELIB_UNWIND_ALLOWED;
	memset(&mask, 0, sizeof mask);
	relib_signal_mask(SIG_BLOCK, NULL, &mask);
	/* SIGCANCEL, which is SIGTIMER too, and SIGSETXID */
	relib_thread.unwind = mask.__val[0] >> 31 & 3 ? RELIB_UNWIND_FORBIDDEN : RELIB_UNWIND_ALLOWED;
	return relib_thread.unwind == RELIB_UNWIND_ALLOWED;
}

bool relib_unwind_is_ready(void)
{
	return __atomic_load_n(&libunwind.ready, __ATOMIC_ACQUIRE) && libunwind.init_local2 && is_allowed();
}

/* Around calls of libunwind; gives what the end must have. */
static bool begin(void)
{
	bool outer = relib_thread.unwinding;

	relib_gate_enter();
	relib_enter();
	relib_thread.unwinding = true;
	return outer;
}

static void end(bool outer)
{
	relib_thread.unwinding = outer;
	relib_leave();
	relib_gate_leave();
}

__attribute__((noinline)) unsigned relib_unwind(uintptr_t caller, uintptr_t *frames, unsigned limit, bool careful)
{
	bool outer;
	void *all[LIMIT];
	int count, first = 0;
	unsigned found = 0;

	if (!__atomic_load_n(&libunwind.ready, __ATOMIC_ACQUIRE) || !is_allowed())
		return 0;
	if (limit > LIMIT - OWN_FRAMES)
		limit = LIMIT - OWN_FRAMES;
	outer = begin();
	count = careful ? backtrace_carefully(all, (int)limit + OWN_FRAMES)
			: libunwind.backtrace(all, (int)limit + OWN_FRAMES);
	end(outer);
	while (first < count && first < OWN_FRAMES && (uintptr_t)all[first] != caller)
		first++;
	if (first == OWN_FRAMES)
		return 0;
	for (; first < count && found < limit; first++)
		frames[found++] = (uintptr_t)all[first];
	return found;
}

#ifdef __x86_64__
/*
 * Two worlds for registers to point into. A rule that goes by another register than the stack pointer, directly or
 * through memory, leads to different places in the two, and to readable memory in both: libunwind looks at it.
 */
#define WORLD 4096
static uintptr_t worlds[2][WORLD];

static void make_worlds(void)
{
	for (unsigned i = 0; i < 2 && !worlds[1][WORLD - 1]; i++)
		for (unsigned j = 0; j < WORLD; j++)
			worlds[i][j] = (uintptr_t)&worlds[i][WORLD / 2];
}

static const int others[] = { REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP, REG_R8, REG_R9,
	REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };
_Static_assert(sizeof others / sizeof *others == RELIB_REGISTERS, "all but the stack pointer");

/* As unw_step: above 0 there is a caller, 0 there is none, below it is not to be known. */
static int step_from(uintptr_t address, const uintptr_t *stack, unsigned world, unw_word_t *next_stack,
		     unw_word_t *next_address)
{
	unw_context_t context;
	unw_cursor_t cursor;
	int step;

	memset(&context, 0, sizeof context);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		context.uc_mcontext.gregs[others[i]] = (greg_t)worlds[world][0];
	context.uc_mcontext.gregs[REG_RIP] = (greg_t)address;
	context.uc_mcontext.gregs[REG_RSP] = (greg_t)(uintptr_t)stack;
	/* Behind a signal's frame goes the code that it interrupted: its rule reads the stack. */
	if (libunwind.init_local(&cursor, &context) || libunwind.is_signal_frame(&cursor) > 0)
		return -1;
	step = libunwind.step(&cursor);
	if (step > 0 && (libunwind.get_reg(&cursor, UNW_REG_SP, next_stack) ||
			 libunwind.get_reg(&cursor, UNW_REG_IP, next_address)))
		return -1;
	return step;
}

uint32_t relib_unwind_frame_size(uintptr_t address, const uintptr_t *stack, bool careful)
{
	unw_word_t next[2], from[2];
	uint32_t size;
	bool outer;
	int step[2];

	if (!__atomic_load_n(&libunwind.ready, __ATOMIC_ACQUIRE) || !is_allowed())
		return RELIB_FRAME_VARIES;
	make_worlds();
	outer = begin();
	if (careful)
		libunwind.flush(*libunwind.space, 0, 0);
	for (unsigned i = 0; i < 2; i++)
		step[i] = step_from(address, stack, i, &next[i], &from[i]);
	end(outer);
	if (!step[0] && !step[1])
		return RELIB_FRAME_LAST;
	if (step[0] <= 0 || step[1] <= 0 || next[0] != next[1] || from[0] != from[1] ||
	    next[0] <= (uintptr_t)stack || (next[0] & 7))
		return RELIB_FRAME_VARIES;
	size = (uint32_t)((next[0] - (uintptr_t)stack) / sizeof *stack);
	return size < RELIB_FRAME_LAST && stack[size - 1] == from[0] ? size : RELIB_FRAME_VARIES;
}

static uintptr_t into_copy(const struct relib_stack_copy *copy, uintptr_t value)
{
	return value - copy->start + (uintptr_t)copy->memory;
}

static uintptr_t out_of_copy(const struct relib_stack_copy *copy, uintptr_t value)
{
	return value - (uintptr_t)copy->memory < copy->end - copy->start ? value - (uintptr_t)copy->memory + copy->start : value;
}

struct step {
	int result;
	bool signal;
	unw_word_t pc, stack, values[RELIB_REGISTERS];
};

/* What isn't known, or points elsewhere than into the copy, points into one of the worlds. */
static void step_in_world(const struct relib_registers *registers, const struct relib_stack_copy *copy, unsigned world,
			  struct step *step)
{
	static const unw_regnum_t numbers[RELIB_REGISTERS] = { UNW_X86_64_RAX, UNW_X86_64_RBX, UNW_X86_64_RCX, UNW_X86_64_RDX,
		UNW_X86_64_RSI, UNW_X86_64_RDI, UNW_X86_64_RBP, UNW_X86_64_R8, UNW_X86_64_R9, UNW_X86_64_R10, UNW_X86_64_R11,
		UNW_X86_64_R12, UNW_X86_64_R13, UNW_X86_64_R14, UNW_X86_64_R15 };
	unw_context_t context;
	unw_cursor_t cursor;

	memset(&context, 0, sizeof context);
	for (unsigned i = 0; i < RELIB_REGISTERS; i++) {
		bool inside = registers->known >> i & 1 && registers->values[i] - copy->start < copy->end - copy->start;

		context.uc_mcontext.gregs[others[i]] =
			(greg_t)(inside ? into_copy(copy, registers->values[i]) : worlds[world][0]);
	}
	context.uc_mcontext.gregs[REG_RIP] = (greg_t)registers->pc;
	context.uc_mcontext.gregs[REG_RSP] = (greg_t)into_copy(copy, registers->stack);
	step->result = -1;
	if (libunwind.init_local2(&cursor, &context, registers->interrupted ? UNW_INIT_SIGNAL_FRAME : 0))
		return;
	step->signal = libunwind.is_signal_frame(&cursor) > 0;
	step->result = libunwind.step(&cursor);
	if (step->result <= 0)
		return;
	if (libunwind.get_reg(&cursor, UNW_X86_64_RSP, &step->stack) || libunwind.get_reg(&cursor, UNW_REG_IP, &step->pc))
		step->result = -1;
	for (unsigned i = 0; i < RELIB_REGISTERS; i++)
		if (libunwind.get_reg(&cursor, numbers[i], &step->values[i]))
			step->values[i] = worlds[world][0];
}

static void take_step(struct relib_registers *registers, const struct relib_stack_copy *copy, const struct step steps[2])
{
	for (unsigned i = 0; i < RELIB_REGISTERS; i++) {
		/* As it was: unknown, or what is of no use here. */
		if (steps[0].values[i] == worlds[0][0] && steps[1].values[i] == worlds[1][0])
			continue;
		registers->known &= ~((uint32_t)1 << i);
		registers->known |= (uint32_t)(steps[0].values[i] == steps[1].values[i]) << i;
		registers->values[i] = out_of_copy(copy, steps[0].values[i]);
	}
	registers->pc = steps[0].pc;
	registers->stack = out_of_copy(copy, steps[0].stack);
	registers->interrupted = steps[0].signal;
}

int relib_unwind_step(struct relib_registers *registers, const struct relib_stack_copy *copy)
{
	struct dl_find_object found;
	struct step steps[2];
	bool outer;

	if (!relib_unwind_is_ready() || registers->stack - copy->start >= copy->end - copy->start ||
	    _dl_find_object((void *)(registers->pc - !registers->interrupted), &found))
		return -1;
	make_worlds();
	outer = begin();
	for (unsigned world = 0; world < 2; world++)
		step_in_world(registers, copy, world, &steps[world]);
	end(outer);
	if (!steps[0].result && !steps[1].result)
		return 0;
	if (steps[0].result <= 0 || steps[1].result <= 0 || steps[0].pc != steps[1].pc || steps[0].stack != steps[1].stack)
		return -1;
	take_step(registers, copy, steps);
	return 1;
}
#else
int relib_unwind_step(struct relib_registers *registers, const struct relib_stack_copy *copy)
{
	(void)registers;
	(void)copy;
	return -1;
}

/* Where a call leaves its return address in a register, a frame need not have it at its end. */
uint32_t relib_unwind_frame_size(uintptr_t address, const uintptr_t *stack, bool careful)
{
	(void)address;
	(void)stack;
	(void)careful;
	return RELIB_FRAME_VARIES;
}
#endif
