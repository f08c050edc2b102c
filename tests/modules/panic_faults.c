/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module that fails in each way there is, by order of the host. */
#include <fenv.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <relib/module.h>

#include "interface/game.h"
#include "panic_faults.h"

RELIB_MODULE("faults", "1.0");

#define KEPT __attribute__((noinline))
#define NO_TAIL_CALL __asm__ volatile("" ::: "memory")
#pragma GCC diagnostic ignored "-Wfree-nonheap-object"
#pragma GCC diagnostic ignored "-Winfinite-recursion"

static int *volatile nowhere;
static void (*volatile no_function)(void);
static volatile int zero, hundred = 100;
static int before_unload;

static KEPT void fault_bus(void)
{
	FILE *file = tmpfile();
	volatile char *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fileno(file), 0);

	fclose(file);
	zero = page[10];
}

static KEPT int fault_stack(volatile char *before)
{
	volatile char big[200];

	big[0] = before ? before[0] : 0;
	return fault_stack(big) + big[0];
}

static KEPT void fault_double_free(void)
{
	void *volatile block = malloc(24);

	free(block);
	free(block);
	NO_TAIL_CALL;
}

static KEPT void fault_bad_free(void)
{
	char *volatile block = calloc(200, 1);

	free(block + 8);
	NO_TAIL_CALL;
}

/* Nothing above it can be found. */
static KEPT void fault_broken_stack(void)
{
#ifdef __x86_64__
	__asm__ volatile("movq $16, %rsp\n\tmovq $16, %rbp\n\tpushq $1");
#else
	__asm__ volatile("mov x9, #16\n\tmov sp, x9\n\tstr x9, [sp, #-16]!");
#endif
}

/* In a function of libc that the tracker hooks, and enters. */
static KEPT void fault_in_hook(void)
{
	char *text;

	if (asprintf(&text, "%s", (char *)(uintptr_t)16) >= 0)
		free(text);
}

/* What a function must leave as it was. */
static KEPT void fault_registers(void)
{
#ifdef __x86_64__
	__asm__ volatile("xorl %%ebx, %%ebx; xorl %%ebp, %%ebp; xorl %%r12d, %%r12d; xorl %%r13d, %%r13d\n\t"
			 "xorl %%r14d, %%r14d; xorl %%r15d, %%r15d; std; fld1; fld1\n\t"
			 "movl $0x7f80, -4(%%rsp); ldmxcsr -4(%%rsp); movw $0x0c7f, -4(%%rsp); fldcw -4(%%rsp)\n\t"
			 "movq 16, %%rax" ::: "rax");
#else
	fesetround(FE_UPWARD);
	zero = *(volatile int *)(uintptr_t)16;
#endif
}

static KEPT void fault_now(int fault)
{
	switch (fault) {
	case FAULT_READ: zero = nowhere[4]; break;
	case FAULT_WRITE: nowhere[5] = 1; break;
	case FAULT_WILD: zero = *(volatile int *)(uintptr_t)0xdead000000000000; break;
	case FAULT_CALL: no_function(); break;
	case FAULT_DIVIDE: zero = hundred / zero; break;
#ifdef __aarch64__
	case FAULT_TRAP: __asm__ volatile(".inst 0"); break;
#else
	case FAULT_TRAP: __builtin_trap(); break;
#endif
	case FAULT_BUS: fault_bus(); break;
	case FAULT_ABORT: abort(); break;
	case FAULT_RAISE_SEGV: raise(SIGSEGV); break;
	case FAULT_RAISE_FPE: raise(SIGFPE); break;
	case FAULT_BAD_FREE: fault_bad_free(); break;
	case FAULT_DOUBLE_FREE: fault_double_free(); break;
	case FAULT_STACK: zero = fault_stack(NULL); break;
	case FAULT_BROKEN_STACK: fault_broken_stack(); break;
	case FAULT_IN_HOOK: fault_in_hook(); break;
	case FAULT_REGISTERS: fault_registers(); break;
	}
	NO_TAIL_CALL;
}

static void cleanup(int *fault)
{
	fault_now(*fault);
}

static KEPT void panic_with_cleanup(void)
{
	int fault __attribute__((cleanup(cleanup), unused)) = FAULT_READ;

	relib_panic("on purpose");
}

static KEPT void leak(void)
{
	static void *volatile kept;

	kept = malloc(kept ? 1 : 1234);
}

static KEPT int fault_in_child(void)
{
	pid_t child = fork();
	int status;

	if (!child)
		fault_now(FAULT_READ);
	return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static KEPT void lock_heap(void)
{
	void *volatile block = malloc(50000), *volatile behind = malloc(100);

	free(block);
	free(block);
	free(behind);
}

static KEPT void smash(void)
{
	volatile char small[16];
	char *volatile place = (char *)small;

	memset(place, 0, 48);
	NO_TAIL_CALL;
}

/* So that it is the module's stack only. */
static KEPT void smash_own(void)
{
	volatile char room[128];

	room[0] = 1;
	smash();
	zero = room[0];
	NO_TAIL_CALL;
}

int32_t game_update(struct vec3 *position, double seconds)
{
	int fault = (int)seconds;

	if (fault == FAULT_JUMP)
		siglongjmp(*(sigjmp_buf *)(void *)position, 1);
	if (position)
		position->x += 1;
	if (fault >= FAULT_BEFORE_UNLOAD)
		before_unload = fault - FAULT_BEFORE_UNLOAD;
	else if (fault == FAULT_IMPORT)
		game_log("from the module");
	else if (fault == FAULT_CLEANUP)
		panic_with_cleanup();
	else if (fault == FAULT_PANIC)
		relib_panic("on purpose");
	else if (fault == FAULT_LEAK)
		leak();
	else if (fault == FAULT_SIGNAL)
		raise(SIGUSR1);
	else if (fault == FAULT_SMASH)
		smash_own();
	else if (fault == FAULT_LOCKED_HEAP)
		lock_heap();
	else if (fault == FAULT_FORK)
		return fault_in_child();
	else
		fault_now(fault);
	return 42;
}

static void contained(void *argument)
{
	fault_now(*(int *)argument);
}

/* By relib_contain(), on a thread of the module. */
static void *run_thread(void *argument)
{
	return (void *)(uintptr_t)!relib_contain(contained, argument);
}

void game_reset(void)
{
	int fault = before_unload;
	pthread_t thread;
	void *failed = NULL;

	before_unload = 0;
	pthread_create(&thread, NULL, run_thread, &fault);
	pthread_join(thread, &failed);
	if (!failed)
		relib_panic("the fault was not contained");
}

RELIB_MAIN(int, argc, argv)
{
	fault_now(argc > 1 ? atoi(argv[1]) : 0);
	return 42;
}

RELIB_BEFORE_UNLOAD()
{
	fault_now(before_unload);
}
