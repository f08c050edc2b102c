/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Keys of thread-specific data that modules made. */
#ifndef RELIB_KEY_H
#define RELIB_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "callsite.h"
#include "thing.h"

/* It was made by the caller of a hook, which is `caller`. errno stays. */
void relib_key_enter(unsigned key, void (*destructor)(void *), struct relib_caller caller, uintptr_t through);

#endif
