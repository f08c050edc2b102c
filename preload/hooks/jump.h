/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* For hooks that end in a jump: what they jump to is called by their caller. At -O0 compilers make calls of it. */
#ifndef RELIB_JUMP_H
#define RELIB_JUMP_H

#ifdef __clang__
#define TAIL_CALL
#define JUMP(call) __attribute__((musttail)) return call
#else
#define TAIL_CALL __attribute__((optimize("O2")))
#define JUMP(call) return call
#endif

#endif
