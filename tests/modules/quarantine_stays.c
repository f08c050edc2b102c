/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Leaks a block by a direct call, a block through libc, and a descriptor. Built as quarantine_goes.so too, which needs much room. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef ROOM
char room[ROOM];
#endif

void leak(void);

void leak(void)
{
	void *volatile block = malloc(100);
	char *line = NULL;
	size_t size = 0;
	FILE *file = fmemopen((char[]){ "text" }, 4, "r");

	if (file && getline(&line, &size, file) > 0)
		block = line;
	if (file)
		fclose(file);
	if (dup(0) < 0 || !block)
		perror("dup");
}
