/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * The hook of vfork, which returns twice: first in the child, which runs in its parent's memory and on its stack, then in
 * the parent. So nothing of it may lie on the stack; the return address waits in the thread's data. See fork.c. Last comes a
 * jump to a part in C, as if that had been called by vfork's caller: hooks/process.c.
 */
#if defined(__CET__)
#include <cet.h>
#else
#define _CET_ENDBR
#endif

	.text
	.globl	vfork
	.hidden	relib_vfork_begin
	.hidden	relib_vfork_end
	.hidden	relib_vfork_returns

#ifdef __x86_64__

	.type	vfork, @function
	.p2align 4
vfork:
	.cfi_startproc
	_CET_ENDBR
	movq	(%rsp), %rdi
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	call	relib_vfork_begin
	addq	$16, %rsp
	.cfi_adjust_cfa_offset -16
	call	*%rax
	movl	%eax, %edi
	pushq	%rax
	.cfi_adjust_cfa_offset 8
	pushq	%rax
	.cfi_adjust_cfa_offset 8
	call	relib_vfork_end
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	/* The return address, where it was. */
	movq	%rax, (%rsp)
	jmp	relib_vfork_returns
	.cfi_endproc
	.size	vfork, . - vfork

#else /* __aarch64__ */

	.type	vfork, %function
	.p2align 4
vfork:
	.cfi_startproc
	hint	#34 /* bti c */
	mov	x0, x30
	stp	x29, x30, [sp, #-16]!
	bl	relib_vfork_begin
	ldp	x29, x30, [sp], #16
	blr	x0
	stp	x29, x0, [sp, #-16]!
	bl	relib_vfork_end
	mov	x30, x0
	ldp	x29, x0, [sp], #16
	b	relib_vfork_returns
	.cfi_endproc
	.size	vfork, . - vfork

#endif

	.section .note.GNU-stack, "", %progbits
