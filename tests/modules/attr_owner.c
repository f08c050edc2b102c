/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Blocks that pass between host and modules. */
#include <stdlib.h>
#include <string.h>
#include "attr.h"

/* The host reallocates the first and frees the second: neither is this module's afterwards. */
ATTR_FUNCTION(give_to_host)
{
	host->slot[0] = host->grow(malloc(1000), 2000);
	host->slot[1] = malloc(3000);
	host->release(host->slot[1]);
	host->slot[1] = NULL;
	attr_forget(NULL);
}

/* The host allocated it; whoever reallocates it owns it from then on. */
ATTR_FUNCTION(take_from_host)
{
	host->slot[2] = realloc(host->allocate(100), 4321);
	attr_forget(host->slot[2]);
}

/* This module is on the stack, but the host asks for the memory. */
ATTR_FUNCTION(let_host_allocate)
{
	host->slot[3] = host->allocate(500);
	host->slot[4] = host->copy("the host's");
	attr_forget(NULL);
}

ATTR_FUNCTION(leave_in_slot)
{
	host->slot[5] = malloc(600);
	attr_forget(host->slot[5]);
}

ATTR_FUNCTION(free_from_slot)
{
	free(host->slot[5]);
	host->slot[5] = NULL;
}

ATTR_FUNCTION(grow_from_slot)
{
	host->slot[5] = realloc(host->slot[5], 700);
	attr_forget(host->slot[5]);
}

/* A failed realloc leaves the block with its owner. */
ATTR_FUNCTION(fail_to_grow)
{
	void *block = malloc(123);
	volatile size_t size = (size_t)-1 / 2 - 4096;
	void *grown;

	attr_forget(block);
	grown = realloc(block, size);
	host->say(grown ? "grown" : "not grown");
	attr_forget(grown);
}

ATTR_FUNCTION(shrink_to_nothing)
{
	void *block = malloc(100);

	attr_forget(block);
	block = realloc(block, 0);
	host->say(block ? "a block of nothing" : "no block");
	attr_forget(block);
}
