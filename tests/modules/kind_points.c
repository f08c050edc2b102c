/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Leaves behind what points back into it and what no ledger knows, or what was registered for somebody else. */
#define _GNU_SOURCE
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <argp.h>
#include <error.h>
#include <obstack.h>
#include <printf.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FUNCTION(name) __attribute__((noinline, visibility("default"))) void name(void)
/* No tail call: that would leave no frame. */
#define STAY __asm__ volatile("" ::: "memory")

__attribute__((visibility("default"))) void on_raw_signal(int number)
{
	(void)number;
}

static void set_raw(int number, void (*handler)(int))
{
	struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} action = { .handler = handler };

	if (syscall(SYS_rt_sigaction, number, &action, NULL, sizeof(action.mask)))
		abort();
}

/* Past the hooks, if they are not where its calls go. */
FUNCTION(signal_hidden)
{
	set_raw(SIGUSR1, on_raw_signal);
	STAY;
}

FUNCTION(signal_plain)
{
	signal(SIGUSR2, on_raw_signal);
	STAY;
}

/* The hooks see the first of them. */
FUNCTION(signal_both)
{
	signal(SIGUSR1, SIG_IGN);
	set_raw(SIGUSR1, on_raw_signal);
	STAY;
}

/* Stacks for signals, on the thread that calls */
#define SIZE 65536
static char in_image[SIZE] __attribute__((aligned(4096)));
static bool at_end;
static stack_t before;

static void set_stack(void *start)
{
	stack_t stack = { .ss_sp = start, .ss_size = SIZE };

	if (start == MAP_FAILED || !start || sigaltstack(&stack, &before)) /* the line of sigaltstack */
		abort();
}

FUNCTION(stack_in_image)
{
	set_stack(in_image);
	STAY;
}

FUNCTION(stack_on_heap)
{
	set_stack(malloc(SIZE));
	STAY;
}

/* Not at the start of it. */
FUNCTION(stack_in_heap)
{
	set_stack((char *)malloc(SIZE + 1024) + 1024);
	STAY;
}

FUNCTION(stack_in_mapping)
{
	set_stack((char *)mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + SIZE);
	STAY;
}

FUNCTION(stack_put_back)
{
	sigaltstack(&before, NULL);
	STAY;
}

/* For the host to set. */
__attribute__((visibility("default"))) void *stack_memory(void);
void *stack_memory(void)
{
	return in_image;
}

FUNCTION(stack_until_end)
{
	stack_in_image();
	at_end = true;
}

/* Its end has what it set until then. */
__attribute__((destructor)) static void end(void)
{
	stack_t now;

	if (at_end && (sigaltstack(NULL, &now) || now.ss_sp != in_image))
		abort();
}

/* What libc calls */
__attribute__((visibility("default"))) int on_conversion(FILE *stream, const struct printf_info *info, const void *const *arguments)
{
	(void)info;
	(void)arguments;
	return fprintf(stream, "module");
}

static int ask_size(const struct printf_info *info, size_t count, int *types, int *sizes)
{
	(void)info;
	(void)count;
	(void)types;
	(void)sizes;
	return 0;
}

static int ask(const struct printf_info *info, size_t count, int *types)
{
	return ask_size(info, count, types, NULL);
}

FUNCTION(printf_new)
{
	register_printf_specifier('Y', on_conversion, ask_size); /* the line of register_printf_specifier */
	STAY;
}

FUNCTION(printf_old)
{
	register_printf_function('Y', on_conversion, ask);
	STAY;
}

FUNCTION(printf_take_back)
{
	register_printf_specifier('Y', NULL, NULL);
	STAY;
}

__attribute__((visibility("default"))) void on_libc(void)
{
	fputs("module", stderr);
}

static void on_version(FILE *stream, struct argp_state *state)
{
	(void)state;
	fputs("module", stream);
}

FUNCTION(libc_variables)
{
	obstack_alloc_failed_handler = on_libc;
	error_print_progname = on_libc;
	argp_program_version_hook = on_version;
}
