/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Structs and unions whose layout is not simply one field behind the other. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <relib/interface.h>

struct holes { char a; double b; char c; short d; char e; long long f; char g; };
struct __attribute__((packed)) packed { char a; double b; char c; short d; char e; long long f; char g; };
#pragma pack(push, 2)
struct packed_by_two { char a; double b; char c; short d; char e; long long f; char g; };
#pragma pack(pop)
struct aligned { char a; char b __attribute__((aligned(16))); char c; };
struct __attribute__((aligned(128))) aligned_whole { int a; };
struct has_aligned { char a; struct aligned_whole b; char c; };
struct packed_field { char a; int b __attribute__((packed)); int c; };
struct long_doubles { char a; long double b; char c; };
struct wide { char a; __extension__ __int128 b; unsigned char c; };
struct __attribute__((packed, aligned(2))) packed_aligned { char a; int b; };
struct bits { unsigned a : 3; int b : 5; unsigned c : 9; unsigned d : 1; unsigned long e : 40; unsigned char f : 7; };
struct bits_zero { unsigned a : 3; int : 0; unsigned b : 3; char c; unsigned : 5; unsigned d : 3; };
struct bits_mixed { char a; unsigned b : 4; short c; unsigned long d : 33; unsigned e : 31; bool f : 1; };
struct __attribute__((packed)) bits_packed { unsigned a : 3; unsigned b : 31; unsigned c : 17; char d; };
enum __attribute__((packed)) small { SMALL_A, SMALL_B };
enum wide_enum { WIDE = 0x100000000 };
enum negative { NEGATIVE = -1 };
struct enums { enum small a; enum small b; enum wide_enum c; enum negative d; };
union mixed { char a; double b; int c[5]; struct holes d; };
struct nested { char a; struct { char b; struct { char c; union mixed d; } e; } f; char g; };
struct anonymous { char a; struct { char b; union { long c; char d; }; }; char e; };
struct arrays { char a[3]; short b[3][5]; struct holes c[2]; char d[0]; int e[]; };
struct pointers { char a; void *b; char c; int (*d)(void); char e; bool f; };
struct vectors { char a; float b __attribute__((vector_size(16))); char c; };
struct complexes { char a; float _Complex b; char c; double _Complex d; };
struct atomics { char a; _Atomic(int) b; _Atomic(struct { char x[4]; }) c; char d; _Atomic(struct { long x, y; }) e; };
typedef struct { char a; int b; } only_typedef;
struct __attribute__((packed)) holds_all { only_typedef a; struct bits b; union mixed c; struct aligned d; struct timespec e; };

RELIB_EXPORT void layout(struct holes *, struct packed *, struct packed_by_two *, struct aligned *, struct aligned_whole *,
	struct has_aligned *, struct packed_field *, struct long_doubles *, struct wide *, struct packed_aligned *, struct bits *,
	struct bits_zero *, struct bits_mixed *, struct bits_packed *, struct enums *, union mixed *, struct nested *,
	struct anonymous *, struct arrays *, struct pointers *, struct vectors *, struct complexes *, struct atomics *,
	only_typedef *, struct holds_all *, FILE *, struct timespec);
