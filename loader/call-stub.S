/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Calls the function of the innermost slot, with the arguments as they are, and stops what unwinds out of it.
 *
 * The host calls relib_call_stub as if it were the function. Arguments may lie on the stack right above the return
 * address, so this frame has no room on the stack: the return address, and the register that holds the slot meanwhile, are
 * saved in the slot, and the unwind information says so. relib_call_personality() claims every exception; the
 * unwinder then goes on at relib_call_landing with the exception in the first register for results.
 *
 * The offsets are those of struct relib_slot and struct relib_target, asserted in calls.c. relib_call_stub_saving also saves
 * what a signal handler needs to come back here without unwinding (fault.c).
 */
#define SLOT_SIZE 128
#define SLOT_TARGET 0
#define SLOT_STACK 8
#define SLOT_SAVED 24
#define TARGET_FUNCTION 0
#define THREAD_SIGNAL_STACK 8

#if defined(__CET__)
#include <cet.h>
#else
#define _CET_ENDBR
#endif

	.text
	.hidden relib_call_personality
	.hidden relib_call_landed
	.hidden relib_call_landing

#ifdef __x86_64__

#define SAVED_RBX (SLOT_SAVED + 0)
#define SAVED_RETURN (SLOT_SAVED + 8)
#define SAVED_RSP (SLOT_SAVED + 16)
#define SAVED_RBP (SLOT_SAVED + 24)
#define SAVED_R12 (SLOT_SAVED + 32)
#define SAVED_R13 (SLOT_SAVED + 40)
#define SAVED_R14 (SLOT_SAVED + 48)
#define SAVED_R15 (SLOT_SAVED + 56)
#define SAVED_MXCSR (SLOT_SAVED + 64)
#define SAVED_X87 (SLOT_SAVED + 68)

/* DW_CFA_expression: `register` is saved at the address `base` + offset, one byte of SLEB128. */
#define SAVED_AT(register, base, offset) .cfi_escape 0x10, register, 2, 0x70 + base, offset
#define DWARF_RBX 3
#define DWARF_R11 11
#define DWARF_RETURN 16

.macro STUB name, saving, return
	.globl	\name
	.hidden	\name
	.type	\name, @function
	.p2align 4
\name:
	.cfi_startproc
	.cfi_personality 0x1b, relib_call_personality
	_CET_ENDBR
	movq	relib_calls_of_thread@gottpoff(%rip), %r11
	movq	%fs:(%r11), %r11
.if \saving
	cmpq	$0, THREAD_SIGNAL_STACK(%r11)
	jne	1f
	/* All registers for arguments but the vectors; relib_fault_stack_make() doesn't touch those. */
	.irp register, %rdi, %rsi, %rdx, %rcx, %r8, %r9, %rax, %r10, %r11
	pushq	\register
	.cfi_adjust_cfa_offset 8
	.endr
	movq	%r11, %rdi
	call	relib_fault_stack_make
	.irp register, %r11, %r10, %rax, %r9, %r8, %rcx, %rdx, %rsi, %rdi
	popq	\register
	.cfi_adjust_cfa_offset -8
	.endr
1:
.endif
	movq	(%r11), %r11
	subq	$SLOT_SIZE, %r11
	movq	%rbx, SAVED_RBX(%r11)
	popq	SAVED_RETURN(%r11)
	.cfi_def_cfa_offset 0
	SAVED_AT(DWARF_RETURN, DWARF_R11, SAVED_RETURN)
	movq	%r11, %rbx
	SAVED_AT(DWARF_RETURN, DWARF_RBX, SAVED_RETURN)
	SAVED_AT(DWARF_RBX, DWARF_RBX, SAVED_RBX)
.if \saving
	movq	%rbp, SAVED_RBP(%rbx)
	movq	%r12, SAVED_R12(%rbx)
	movq	%r13, SAVED_R13(%rbx)
	movq	%r14, SAVED_R14(%rbx)
	movq	%r15, SAVED_R15(%rbx)
	stmxcsr	SAVED_MXCSR(%rbx)
	fnstcw	SAVED_X87(%rbx)
	/* Last: from here on a fault comes back. */
	movq	%rsp, SAVED_RSP(%rbx)
.endif
	movq	SLOT_TARGET(%rbx), %r11
	call	*TARGET_FUNCTION(%r11)
	.globl	\return
	.hidden	\return
\return:
.if \saving
	movq	$0, SAVED_RSP(%rbx)
.endif
	pushq	SAVED_RETURN(%rbx)
	.cfi_remember_state
	.cfi_def_cfa_offset 8
	.cfi_offset DWARF_RETURN, -8
	movq	SAVED_RBX(%rbx), %rbx
	.cfi_restore DWARF_RBX
	ret
.if \saving == 0
	.globl	relib_call_landing
	.cfi_restore_state
relib_call_landing:
	_CET_ENDBR
	movq	%rbx, %rdi
	movq	%rax, %rsi
	call	relib_call_landed
	xorl	%eax, %eax
	xorl	%edx, %edx
	jmp	relib_call_return
	/* From fault.c, which has put back the registers that functions keep. */
	.globl	relib_fault_landing
	.hidden	relib_fault_landing
relib_fault_landing:
	_CET_ENDBR
	cld
	fninit
	fldcw	SAVED_X87(%rbx)
	ldmxcsr	SAVED_MXCSR(%rbx)
	movq	%rbx, %rdi
	call	relib_fault_landed
	xorl	%eax, %eax
	xorl	%edx, %edx
	jmp	relib_call_return
.endif
	.cfi_endproc
	.size	\name, . - \name
.endm

	STUB	relib_call_stub, 0, relib_call_return
	STUB	relib_call_stub_saving, 1, relib_call_return_saving

/*
 * For imports. What began the call knew its own frame only: that is gone, and where the module SDK was not optimised it lay below
 * the import's, whose first call of an export would then take this call for one that longjmp has skipped.
 */
	.globl	relib_call_stub_import
	.hidden	relib_call_stub_import
	.type	relib_call_stub_import, @function
	.p2align 4
relib_call_stub_import:
	.cfi_startproc
	_CET_ENDBR
	movq	relib_calls_of_thread@gottpoff(%rip), %r11
	movq	%fs:(%r11), %r11
	movq	(%r11), %r11
	movq	%rsp, (SLOT_STACK - SLOT_SIZE)(%r11)
	jmp	relib_call_stub
	.cfi_endproc
	.size	relib_call_stub_import, . - relib_call_stub_import

#else /* __aarch64__ */

#define SAVED_X19 (SLOT_SAVED + 0)
#define SAVED_RETURN (SLOT_SAVED + 8)
#define SAVED_SP (SLOT_SAVED + 16)
#define SAVED_X20 (SLOT_SAVED + 24)
/* There are more than a slot has room for: behind all slots, as far from it for each. */
#define SAVED_MORE 256384
#define MORE_X26 0
#define MORE_D8 32
#define MORE_FPCR 96

#define SAVED_AT(register, base, offset) .cfi_escape 0x10, register, 2, 0x70 + base, offset
#define DWARF_X16 16
#define DWARF_X19 19
#define DWARF_X30 30

.macro FIND_MORE
	mov	x17, #(SAVED_MORE & 0xffff)
	movk	x17, #(SAVED_MORE >> 16), lsl #16
	add	x17, x19, x17
.endm

.macro STUB name, saving, return
	.globl	\name
	.hidden	\name
	.type	\name, %function
	.p2align 4
\name:
	.cfi_startproc
	.cfi_personality 0x1b, relib_call_personality
	hint	#34 /* bti c */
	mrs	x17, tpidr_el0
	adrp	x16, :gottprel:relib_calls_of_thread
	ldr	x16, [x16, #:gottprel_lo12:relib_calls_of_thread]
	ldr	x16, [x17, x16]
.if \saving
	ldr	x17, [x16, #THREAD_SIGNAL_STACK]
	cbnz	x17, 1f
	/* All registers for arguments but the vectors; relib_fault_stack_make() doesn't touch those. */
	stp	x0, x1, [sp, #-96]!
	.cfi_adjust_cfa_offset 96
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x16, [sp, #64]
	str	x30, [sp, #80]
	.cfi_offset DWARF_X30, -16
	mov	x0, x16
	bl	relib_fault_stack_make
	ldr	x30, [sp, #80]
	.cfi_restore DWARF_X30
	ldp	x8, x16, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp], #96
	.cfi_adjust_cfa_offset -96
1:
.endif
	ldr	x16, [x16]
	sub	x16, x16, #SLOT_SIZE
	stp	x19, x30, [x16, #SAVED_X19]
	mov	x19, x16
	SAVED_AT(DWARF_X30, DWARF_X19, SAVED_RETURN)
	SAVED_AT(DWARF_X19, DWARF_X19, SAVED_X19)
.if \saving
	stp	x20, x21, [x19, #SAVED_X20]
	stp	x22, x23, [x19, #SAVED_X20 + 16]
	stp	x24, x25, [x19, #SAVED_X20 + 32]
	FIND_MORE
	stp	x26, x27, [x17, #MORE_X26]
	stp	x28, x29, [x17, #MORE_X26 + 16]
	stp	d8, d9, [x17, #MORE_D8]
	stp	d10, d11, [x17, #MORE_D8 + 16]
	stp	d12, d13, [x17, #MORE_D8 + 32]
	stp	d14, d15, [x17, #MORE_D8 + 48]
	mrs	x16, fpcr
	str	x16, [x17, #MORE_FPCR]
	/* Last: from here on a fault comes back. */
	mov	x17, sp
	str	x17, [x19, #SAVED_SP]
.endif
	ldr	x17, [x19, #SLOT_TARGET]
	ldr	x17, [x17, #TARGET_FUNCTION]
	blr	x17
	.globl	\return
	.hidden	\return
\return:
.if \saving
	str	xzr, [x19, #SAVED_SP]
.endif
	.cfi_remember_state
	ldp	x19, x30, [x19, #SAVED_X19]
	.cfi_restore DWARF_X19
	.cfi_restore DWARF_X30
	ret
	.cfi_restore_state
.if \saving == 0
	.globl	relib_call_landing
relib_call_landing:
	mov	x1, x0
	mov	x0, x19
	bl	relib_call_landed
	mov	x0, xzr
	mov	x1, xzr
	b	relib_call_return
	/* From fault.c, which has put back x19 and sp. */
	.globl	relib_fault_landing
	.hidden	relib_fault_landing
relib_fault_landing:
	ldp	x20, x21, [x19, #SAVED_X20]
	ldp	x22, x23, [x19, #SAVED_X20 + 16]
	ldp	x24, x25, [x19, #SAVED_X20 + 32]
	FIND_MORE
	ldp	x26, x27, [x17, #MORE_X26]
	ldp	x28, x29, [x17, #MORE_X26 + 16]
	ldp	d8, d9, [x17, #MORE_D8]
	ldp	d10, d11, [x17, #MORE_D8 + 16]
	ldp	d12, d13, [x17, #MORE_D8 + 32]
	ldp	d14, d15, [x17, #MORE_D8 + 48]
	ldr	x16, [x17, #MORE_FPCR]
	msr	fpcr, x16
	mov	x0, x19
	bl	relib_fault_landed
	mov	x0, xzr
	mov	x1, xzr
	b	relib_call_return
.endif
	.cfi_endproc
	.size	\name, . - \name
.endm

	STUB	relib_call_stub, 0, relib_call_return
	STUB	relib_call_stub_saving, 1, relib_call_return_saving

	.globl	relib_call_stub_import
	.hidden	relib_call_stub_import
	.type	relib_call_stub_import, %function
	.p2align 4
relib_call_stub_import:
	.cfi_startproc
	hint	#34 /* bti c */
	mrs	x17, tpidr_el0
	adrp	x16, :gottprel:relib_calls_of_thread
	ldr	x16, [x16, #:gottprel_lo12:relib_calls_of_thread]
	ldr	x16, [x17, x16]
	ldr	x16, [x16]
	mov	x17, sp
	str	x17, [x16, #(SLOT_STACK - SLOT_SIZE)]
	b	relib_call_stub
	.cfi_endproc
	.size	relib_call_stub_import, . - relib_call_stub_import

#endif

	.section .note.GNU-stack, "", %progbits
