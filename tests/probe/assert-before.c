/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* <assert.h> before relib's header. */
#include <assert.h>

#include <relib/module.h>

#include "module.h"

void probe_assert_before(int value)
{
	assert(value == 1 && "included before");
}
