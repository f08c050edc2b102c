/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * The hook of syscall, by which libuv, say, closes descriptors. It ends in a jump with all arguments where they were: what it
 * is called for may return twice, or on another stack. Before the next definition is known, as when our own memory is
 * mapped first, it is that function itself.
 */
#include <asm/unistd.h>
#if defined(__CET__)
#include <cet.h>
#else
#define _CET_ENDBR
#endif

	.text
	.globl	syscall
	.hidden	relib_syscall_next
	.hidden	relib_syscall_closes
	.hidden	relib_syscall_failed

#ifdef __x86_64__

	.type	syscall, @function
	.p2align 4
syscall:
	.cfi_startproc
	_CET_ENDBR
	cmpl	$__NR_close, %edi
	je	2f
	cmpl	$__NR_close_range, %edi
	je	2f
1:	movq	relib_syscall_next(%rip), %r11
	testq	%r11, %r11
	je	3f
	jmp	*%r11
2:	pushq	%rdi
	.cfi_adjust_cfa_offset 8
	pushq	%rsi
	.cfi_adjust_cfa_offset 8
	pushq	%rdx
	.cfi_adjust_cfa_offset 8
	pushq	%rcx
	.cfi_adjust_cfa_offset 8
	pushq	%r8
	.cfi_adjust_cfa_offset 8
	pushq	%r9
	.cfi_adjust_cfa_offset 8
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	call	relib_syscall_closes
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	popq	%r9
	.cfi_adjust_cfa_offset -8
	popq	%r8
	.cfi_adjust_cfa_offset -8
	popq	%rcx
	.cfi_adjust_cfa_offset -8
	popq	%rdx
	.cfi_adjust_cfa_offset -8
	popq	%rsi
	.cfi_adjust_cfa_offset -8
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	jmp	1b
3:	movq	%rdi, %rax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	movq	%r8, %r10
	movq	%r9, %r8
	movq	8(%rsp), %r9
	syscall
	cmpq	$-4095, %rax
	jae	4f
	ret
4:	movq	%rax, %rdi
	jmp	relib_syscall_failed
	.cfi_endproc
	.size	syscall, . - syscall

#else /* __aarch64__ */

	.type	syscall, %function
	.p2align 4
syscall:
	.cfi_startproc
	hint	#34 /* bti c */
	cmp	w0, #__NR_close
	b.eq	2f
	cmp	w0, #__NR_close_range
	b.eq	2f
1:	adrp	x16, relib_syscall_next
	ldr	x16, [x16, #:lo12:relib_syscall_next]
	cbz	x16, 3f
	br	x16
2:	stp	x29, x30, [sp, #-80]!
	.cfi_def_cfa_offset 80
	.cfi_offset 29, -80
	.cfi_offset 30, -72
	stp	x0, x1, [sp, #16]
	stp	x2, x3, [sp, #32]
	stp	x4, x5, [sp, #48]
	str	x6, [sp, #64]
	bl	relib_syscall_closes
	ldp	x0, x1, [sp, #16]
	ldp	x2, x3, [sp, #32]
	ldp	x4, x5, [sp, #48]
	ldr	x6, [sp, #64]
	ldp	x29, x30, [sp], #80
	.cfi_restore 29
	.cfi_restore 30
	.cfi_def_cfa_offset 0
	b	1b
3:	uxtw	x8, w0
	mov	x0, x1
	mov	x1, x2
	mov	x2, x3
	mov	x3, x4
	mov	x4, x5
	mov	x5, x6
	svc	#0
	cmn	x0, #4095
	b.cs	relib_syscall_failed
	ret
	.cfi_endproc
	.size	syscall, . - syscall

#endif

	.section .note.GNU-stack, "", %progbits
