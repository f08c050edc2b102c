/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Every kind of function and type that an interface can have, in what C and C++ have in common. */
#ifndef EVERY_H
#define EVERY_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <pthread.h>
#include <relib/interface.h>


struct opaque;
union opaque_union;
typedef struct opaque *handle;
typedef struct { int a, b; } pair;
typedef const struct constant { const int fixed; const char *const name; } constant_t;
struct const_inside { struct constant inner; int x; };
struct const_array { const int fixed[3]; };
enum color { RED, GREEN = 7, BLUE };
typedef enum { SMALL = -1, LARGE = 0x7fffffff } size_kind;
enum __attribute__((packed)) tiny { TINY_A, TINY_B };
struct bits { unsigned a : 3, b : 5; int : 0; signed c : 9; bool d : 1; unsigned long e : 40; };
struct __attribute__((packed)) packed_one { char a; int b; double c; };
struct __attribute__((aligned(64))) aligned_one { char a; };
struct node { struct node *next, *previous; struct tree *tree; };
struct tree { struct node *nodes[4]; struct tree *(*grow)(struct tree *, struct node); };
struct anonymous {
	int kind;
	__extension__ union { int i; float f; __extension__ struct { short low, high; }; };
	struct { int x, y; } point;
};
union number { int64_t i; double d; char bytes[8]; };
typedef int callback(void *context, const char *text, int (*nested)(struct node *, ...));
typedef int (*callback_pointer)(pair, union number);
typedef float vec4 __attribute__((vector_size(16)));
__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 uwide;
typedef int matrix[3][4];
typedef const int readonly_int;
struct callbacks { callback *one; callback_pointer two[2]; void (*const three)(void); };

/* values */
RELIB_EXPORT void v_void(void);
RELIB_EXPORT bool v_bool(bool, bool x);
RELIB_EXPORT char v_char(char a, signed char b, unsigned char c, wchar_t d);
RELIB_EXPORT unsigned long long v_int(short a, unsigned short b, int c, unsigned d, long e, unsigned long f, long long g);
RELIB_EXPORT float v_float(float a, double b, long double c);
RELIB_EXPORT wide v_wide(wide a, uwide b);
RELIB_EXPORT pair v_pair(pair a, const pair b);
RELIB_EXPORT struct constant v_constant(constant_t a, const struct constant *b);
RELIB_EXPORT struct const_inside v_const_inside(struct const_inside a);
RELIB_EXPORT struct const_array v_const_array(void);
RELIB_EXPORT enum color v_color(enum color a, size_kind b, enum tiny c);
RELIB_EXPORT struct bits v_bits(struct bits *a, struct packed_one b, struct aligned_one *c);
RELIB_EXPORT struct anonymous v_anonymous(struct anonymous a);
RELIB_EXPORT union number v_number(union number a);
RELIB_EXPORT vec4 v_vector(vec4 a, vec4 *b);
RELIB_EXPORT struct callbacks *v_callbacks(struct callbacks *a);
RELIB_EXPORT intptr_t v_stdint(uint8_t a, int16_t b, uint_least32_t c, int64_t d, size_t e, ptrdiff_t f);

/* pointers */
RELIB_EXPORT handle p_opaque(handle a, struct opaque *b, union opaque_union *c, struct tree *d);
RELIB_EXPORT const char *const *p_const(const char *const *a, volatile int *b, const volatile int *const c);
RELIB_EXPORT void *p_deep(void ***a, void *(*(*b)(int))[3], void *const *const *c);
RELIB_EXPORT int p_arrays(int a[3], const int b[], int c[][4], matrix d, matrix *e, char *(*f)[2], readonly_int g[2]);
RELIB_EXPORT void p_restrict(char *__restrict a, const char *__restrict *b);
RELIB_EXPORT FILE *p_file(FILE *a, pthread_mutex_t *b);
RELIB_EXPORT int p_list(const char *format, va_list list);

/* functions */
RELIB_EXPORT int f_callback(callback *a, callback b, callback_pointer c, void (*d)(void), int (*e)(int (*)(char), ...));
RELIB_EXPORT void (*f_result(int a))(char);
RELIB_EXPORT callback *f_typedef_result(void);
RELIB_EXPORT int (*(*f_deep(void (*a)(int)))(void))[5];
typedef int whole_function(int a, pair *b);
RELIB_EXPORT whole_function f_whole;
RELIB_IMPORT whole_function i_whole;

/* names */
RELIB_EXPORT int n_missing(int, char *, void (*)(int), double[2]);
RELIB_EXPORT int n_clash(int every, int result, int call, int code, int returned, int relib_x);
RELIB_EXPORT void n_clash_void(int result, int result_, int call);
RELIB_EXPORT pair *n_type(pair *pair, handle handle, int argument4, int);
RELIB_EXPORT struct node *n_tag(struct node *node);

/* the rest */
RELIB_EXPORT RELIB_OPTIONAL int o_optional(int a);
RELIB_EXPORT RELIB_OPTIONAL void o_optional_void(void);
RELIB_EXPORT __attribute__((deprecated)) int o_deprecated(int a);
RELIB_EXPORT __attribute__((noreturn)) void o_never(void);

RELIB_IMPORT void i_void(void);
RELIB_IMPORT int i_int(const int a, int *const b, int);
RELIB_IMPORT pair i_pair(pair a, const pair *b);
RELIB_IMPORT struct const_inside i_const(struct const_inside a);
RELIB_IMPORT void (*i_result(int a, int call, int returned))(char);
RELIB_IMPORT int i_arrays(int a[3], int b[][4], const matrix c, readonly_int d[2]);
RELIB_IMPORT int i_list(const char *format, va_list list) __attribute__((format(printf, 1, 0), nonnull(1)));
RELIB_IMPORT __attribute__((noreturn)) void i_never(int status);
RELIB_IMPORT void i_type(pair *pair, struct node *exports, int imports, int every);
RELIB_IMPORT void *i_memory(size_t size) __attribute__((malloc, alloc_size(1), warn_unused_result));
RELIB_IMPORT void i_restrict(char *__restrict a, const char *__restrict *b);
RELIB_IMPORT handle i_handle(handle, struct opaque *, callback, callback *const);
RELIB_IMPORT vec4 i_vec(vec4 a);

RELIB_MAIN_RESULT(pair);
#endif
