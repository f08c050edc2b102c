/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The environment variable RELIB_TRACK. */
#ifndef RELIB_OPTIONS_H
#define RELIB_OPTIONS_H

#include <relib/track.h>
#include <stdbool.h>
#include <stddef.h>

#define RELIB_STACKS_LIMIT 28

struct relib_options {
	struct relib_settle_options settle; /* at dlclose */
	bool quiet;       /* no reports on stderr */
	bool locks;       /* mutexes are followed, see held.h */
	bool text;        /* format=text: of the file */
	bool foreign;     /* frees by another than who allocated are counted */
	unsigned stacks;  /* frames for every block; 0 is the site only */
	char report[4096]; /* the path, absolute, %p replaced; "" is none */
	bool own_report;   /* %p was in it: no other process has this file */
	char runtime[1024]; /* names between colons */
};
extern struct relib_options relib_options;

/* Reads the environment; warns once of what it doesn't know and keeps the rest. */
void relib_options_read(void);
/* Puts the process id into the report's path, again in a forked child. */
void relib_options_set_process(void);

bool relib_option_is_runtime(const char *name);

/* The limit of the address space in bytes. */
size_t relib_option_address_space(void);

#endif
