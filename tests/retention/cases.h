/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The functions whose memory the retention test follows: one case is one call, made by a module and by the host. */
#ifndef RETENTION_CASES_H
#define RETENTION_CASES_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One call of a case. */
struct retention_run {
	const char *who;   /* "before", "module", "host 1", "host 2" or "thread" */
	bool leave;        /* leave what the call handed over, instead of giving it back */
	unsigned owned;    /* out: heap blocks that the caller owns and left */
	void *host_memory; /* 256 bytes of the host's, zeroed before the module's call, for what must outlive it */
};

/* What the driver checks beyond "it survived". */
enum {
	RETENTION_KEPT = 0,     /* what is left belongs to the runtime: none of it may be released */
	RETENTION_OWNED = 1,    /* `owned` blocks are the caller's: exactly these are named, and released */
	RETENTION_EITHER = 2,   /* the caller's, but only its own destructor gives back all of it: none, or at most `owned` */
	RETENTION_AT_LEAST = 4, /* `owned` is a lower bound: the number depends on the machine or on the version of libc */
	RETENTION_OUTPUT = 8,   /* standard output holds a line "NAME WHO" for each caller */
	RETENTION_FILE = 16,    /* the file "left" does */
	RETENTION_STAYS = 32,   /* glibc or libstdc++ may keep the module mapped, which is said and counted as skipped */
	RETENTION_BEFORE = 64   /* the host calls first, as "before": what it makes then is its own */
};

/* NULL when the results were right; else what was not, or "SKIP why" when the machine lacks something. */
typedef const char *retention_call(struct retention_run *run);

struct retention_case {
	const char *name;
	retention_call *call;
	unsigned flags;
};

/* The table ends with a NULL name. Modules export it; the host has its own. */
extern const struct retention_case retention_cases[];

#define CASE(name) const char *case_##name(struct retention_run *run __attribute__((unused)))
#define CHECK(condition) do { if (!(condition)) return #condition; } while (0)

/* The compiler must not drop an allocation whose result nobody looks at. */
static inline void retention_use(const void *block)
{
	__asm__ volatile("" : : "r"(block) : "memory");
}

/* Notes that `blocks` blocks at `block` are left; returns whether the caller has to give them back instead. */
static inline bool retention_give_back(struct retention_run *run, const void *block, unsigned blocks)
{
	retention_use(block);
	if (run->leave)
		run->owned += blocks;
	return !run->leave;
}

#ifdef __cplusplus
}
#endif
#endif
