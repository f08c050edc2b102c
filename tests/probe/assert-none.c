/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* With NDEBUG an assertion is nothing. */
#define NDEBUG
#include <relib/module.h>

#include <assert.h>

#include "module.h"

void probe_assert_none(int value)
{
	(void)value;
	assert(value == 3);
}
