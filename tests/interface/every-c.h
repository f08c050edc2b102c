/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What C++ does not have, or has otherwise. */
#ifndef EVERY_C_H
#define EVERY_C_H

#include <stdatomic.h>
#include <complex.h>
#include <relib/interface.h>
struct atomics { _Atomic int a; atomic_bool b; _Atomic(struct { int x; } *) c; };
struct complexes { double _Complex a; float complex b[2]; };
RELIB_EXPORT double _Complex c_complex(double _Complex a, float complex *b, long double _Complex c);
RELIB_EXPORT void c_atomic(struct atomics *a, _Atomic(int) *b, atomic_flag *c, const _Atomic double *d);
RELIB_EXPORT struct complexes c_both(struct complexes a);
RELIB_EXPORT int c_static(int n, int a[static 4], int b[const 2], char *restrict c, char *restrict *restrict d);
RELIB_EXPORT int c_old(int (*a)(), void (*b)(int (*)()));
RELIB_EXPORT _Noreturn void c_never(void);
RELIB_IMPORT _Noreturn void c_import_never(const char *text);
RELIB_IMPORT double _Complex c_import(double _Complex a, int b[static 4], int c[const 2], char *restrict d, char *restrict *e);
RELIB_EXPORT __float128 c_quad(__float128 a);
RELIB_EXPORT int class(int new, int this);
struct flexible { int count; const short items[]; };
RELIB_EXPORT struct flexible *c_flexible(struct flexible *a);
extern RELIB_EXPORT int c_extern(void);

#endif
