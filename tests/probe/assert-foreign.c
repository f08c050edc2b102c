/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* As in a library that knows nothing of relib: compiled without the folder that has relib's <assert.h>. */
#include <assert.h>

void probe_assert_foreign(int value);
void probe_assert_perror(int value);

void probe_assert_foreign(int value)
{
	assert(value == 4);
}

void probe_assert_perror(int value)
{
	assert_perror(value);
}
