/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module that frees what another has allocated. */
#include <stdlib.h>

void *other_free(void *block);
void *other_free(void *block)
{
	free(block); /* other_free */
	return NULL;
}
