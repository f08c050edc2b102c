/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* <cassert>, before and after relib's header. */
#include <cassert>

#include "module.h"

#include <cassert>

void probe_assert_cxx(int value)
{
	assert((value == 5 && std::is_same<int, int>::value));
}
