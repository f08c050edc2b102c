/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* stack_host LIBSTACK MODULE FUNCTION [SIZE]: calls FUNCTION of a module, which calls back or faults, and prints the stack then. */
#include <dlfcn.h>
#include <err.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <relib/host.h>

#include "stack.h"

static __typeof__(relib_stack_capture) *capture;
static __typeof__(relib_stack_capture_context) *capture_context;
static __typeof__(relib_stack_write) *write_stack;

static struct relib_trace trace;
static const void *until;
static sigjmp_buf behind;

static void *must_find(void *handle, const char *name)
{
	void *address = dlsym(handle, name);

	if (!address)
		errx(2, "%s", dlerror());
	return address;
}

static __attribute__((noinline)) void called_back(void)
{
	capture(&trace, 1, until);
	__asm__ volatile(""); /* no tail call */
}

static void faulted(int number, siginfo_t *information, void *context)
{
	(void)number;
	(void)information;
	capture_context(&trace, context, until, NULL);
	siglongjmp(behind, 1);
}

static void prepare_signals(void)
{
	static char stack[256 * 1024];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_sigaction = faulted, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	sigaltstack(&alternate, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGABRT, &action, NULL);
}

static __attribute__((noinline)) void call(void (*function)(void (*)(void)))
{
	void *stack;

	RELIB_STACK_POINTER_(stack);
	if (!getenv("TO_THE_END"))
		until = stack;
	function(called_back);
	__asm__ volatile("");
}

int main(int argc, char **argv)
{
	void *library, *module;
	void (*function)(void (*)(void));
	size_t size = argc > 4 ? strtoul(argv[4], NULL, 10) : 16384;
	char *text = malloc(size);

	library = dlopen(argv[1], RTLD_NOW);
	module = argc > 3 ? dlopen(argv[2], RTLD_NOW) : NULL;
	if (!library || !module)
		errx(2, "%s", dlerror());
	capture = (__typeof__(capture))must_find(library, "relib_stack_capture");
	capture_context = (__typeof__(capture_context))must_find(library, "relib_stack_capture_context");
	write_stack = (__typeof__(write_stack))must_find(library, "relib_stack_write");
	function = (__typeof__(function))must_find(module, argv[3]);
	prepare_signals();
	if (!sigsetjmp(behind, 1))
		call(function);
	write_stack(&trace, text, size);
	fputs(text, stdout);
	return 0;
}
