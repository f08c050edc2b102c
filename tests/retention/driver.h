/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The retention driver: runs a host once per case, and judges what came of it. */
#ifndef RETENTION_DRIVER_H
#define RETENTION_DRIVER_H

#include <jansson.h>
#include <stdio.h>
#include "cases.h"

/* How the cases are run. */
struct driver_options {
	const char *host, *module;
	const char *again;    /* a module that goes on in the host's stead, or NULL */
	const char *tracker;  /* NULL: the control run, without the tracker */
	const char *leaks;    /* "report" or "reclaim" */
	const char *tunables; /* of glibc's malloc, or NULL */
	const char *only;     /* one case, or NULL */
	const char *label;    /* at the head of each test's name */
};

/* What a run of the host left. */
struct driver_result {
	int status;           /* as waitpid gives it; -1: it hung and was killed */
	char told[4096];      /* what the host told, in lines */
	char error[2048];     /* the beginning of its standard error */
};

/* run.c */
/* Makes what the cases read: input, folder, locale and datemsk in the current folder. */
bool driver_prepare(void);
void driver_run(const struct driver_options *options, const char *name, bool leave, struct driver_result *result);
/* A file's beginning as text, "" when there is none. */
void driver_read(const char *path, char *text, size_t size);

/* judge.c */
/* Writes one TAP line, with the reasons below it; returns whether the test failed. */
bool driver_judge(const struct driver_options *options, int number, const char *name, unsigned flags, bool leave,
		  const struct driver_result *result);

#endif
