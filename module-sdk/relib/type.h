/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A type as the module and the host can compare it at run time. */
#ifndef RELIB_TYPE_H
#define RELIB_TYPE_H

#include <stddef.h>
#include <stdint.h>

/** What a type is. Integers compare by signedness and size: `int` and `int32_t` are one type. @since 0.1 */
enum relib_type_kind {
	RELIB_TYPE_OTHER = 0, /**< structs, pointers, enums of C++: compared by spelling and size */
	RELIB_TYPE_BOOL = 1,
	RELIB_TYPE_SIGNED = 2,
	RELIB_TYPE_UNSIGNED = 3,
	RELIB_TYPE_FLOAT = 4
};

/** @since 0.1 */
struct relib_type {
	uint32_t kind;
	uint32_t size;
	char name[56]; /**< as the source spells it, cut off where longer */
};

#endif
