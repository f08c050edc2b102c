/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What runtime functions do with memory they allocate: hand it over to their caller, or keep it. */
#ifndef RELIB_POLICY_H
#define RELIB_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "object.h"

/* A frame of a runtime library between the allocation and its owner. */
struct relib_runtime_frame {
	uintptr_t address; /* return address */
	const struct relib_object *object;
};

/*
 * Whether a block that was allocated through these frames, innermost first, is the caller's.
 * A function on no list keeps: a leak is better than a crash.
 */
bool relib_policy_hands_over(const struct relib_runtime_frame *frames, unsigned count);

/*
 * Whether the code at `address` in a module is an exported weak function of the C++ library. In a C host
 * the first module's copy serves libstdc++ and all later modules, so it counts as runtime.
 */
bool relib_policy_is_weak_cxx(const struct relib_object *object, uintptr_t address);

#endif
