/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* <assert.h> after relib's header, and more than once. */
#define NDEBUG
#include <assert.h>

#include <relib/module.h>

#undef NDEBUG
#include <assert.h>

#include "module.h"

void probe_assert_after(int value)
{
	assert(value == 2);
}
