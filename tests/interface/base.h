/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the host is built against in cases/interface-differences.sh, which changes it for the module: a declaration a line. */
#ifndef BASE_H
#define BASE_H

#include <stdbool.h>
#include <stdint.h>
#include <relib/interface.h>

struct point { float x, y, z; };
enum mode { SLOW, FAST = 4, BOTH };
union number { int64_t whole; double real; };
struct flags { unsigned low : 3; unsigned high : 5; unsigned char rest; };
struct level5 { int leaf; };
struct level4 { int before; struct level5 five; };
struct level3 { struct level4 four[2]; };
struct level2 { struct level3 three; };
struct level1 { struct level2 *two; };
struct node { struct node *next; struct branch *branch; };
struct branch { struct node node; short weight; };
struct opaque;
struct event { int kind; void *data; };
typedef int on_event(struct event *event, int code);
struct part {
	struct point place;
	enum mode mode;
	union number number;
	struct flags flags;
	struct level1 level;
	struct node *list;
	struct opaque *opaque;
	on_event *hook;
	int32_t sizes[4];
	const char *name;
	float real;
	double _Complex wave;
	_Atomic(int) *counter;
	struct { int low, high; } range;
	union { int one; float other; };
	int32_t tail[];
};

RELIB_EXPORT int32_t game_update(struct part *part, double seconds);
RELIB_EXPORT struct point game_place(const char *name, unsigned index);
RELIB_EXPORT RELIB_OPTIONAL bool game_new(void);
RELIB_IMPORT void game_log(const char *text);
RELIB_IMPORT int game_ask(int question, void *context);
RELIB_MAIN_RESULT(int);

#endif
