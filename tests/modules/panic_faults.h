/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The ways to fail that modules/panic_faults.c knows. game_update() gets one as its `seconds`. */
#ifndef PANIC_FAULTS_H
#define PANIC_FAULTS_H

enum fault {
	FAULT_NONE, FAULT_READ, FAULT_WRITE, FAULT_WILD, FAULT_CALL, FAULT_DIVIDE, FAULT_TRAP, FAULT_BUS, FAULT_ABORT,
	FAULT_RAISE_SEGV, FAULT_RAISE_FPE, FAULT_BAD_FREE, FAULT_DOUBLE_FREE, FAULT_STACK, FAULT_BROKEN_STACK,
	FAULT_IN_HOOK, FAULT_REGISTERS, FAULT_KINDS,
	/* no faults of its own */
	FAULT_IMPORT = 100, /* calls game_log, of the host */
	FAULT_CLEANUP,      /* panics, and the cleanup faults */
	FAULT_PANIC,        /* panics */
	FAULT_LEAK,         /* allocates a block and keeps it */
	FAULT_FORK,         /* the child faults */
	FAULT_JUMP,         /* longjmp to the jmp_buf that the first argument points to */
	FAULT_SIGNAL,       /* a signal, for which the host has a handler */
	FAULT_SMASH,        /* overwrites its stack with zeroes, and returns */
	FAULT_LOCKED_HEAP,  /* libc finds a double free while it holds the lock of its heap */
	FAULT_BEFORE_UNLOAD = 200 /* and more: which one before_unload has to do from now on */
};

#endif
