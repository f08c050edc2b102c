/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What real_host knows of a library that it loads as a module. */
#ifndef REAL_HOST_H
#define REAL_HOST_H

#include <stdbool.h>

/* All are called while the library is loaded; what isn't needed is NULL. They end the program if something doesn't work. */
struct real_library {
	const char *name, *file;
	void (*start)(void); /* uses it; its threads, sockets, timers are left running */
	void (*use)(void);   /* shows that it works, started */
	void (*stop)(void);  /* ends its threads by its own functions; the rest is left */
	bool threads;        /* it has some, from start to stop */
};

extern const struct real_library real_libraries[];

/* The function of the library that is loaded. */
void *real_symbol(const char *name);

/* Calls a function of the library, whose type is said with its name: no header of it is needed. */
#define CALL(type, name, parameters, ...) \
	({ type result_ = ((type (*) parameters)real_symbol(#name))(__VA_ARGS__); result_; })
#define DO(name, parameters, ...) ((void (*) parameters)real_symbol(#name))(__VA_ARGS__)

/* It has to be so; else the program ends and says where. */
#define MUST(condition) ((condition) ? (void)0 : real_failed(__FILE__, __LINE__, #condition))
__attribute__((noreturn)) void real_failed(const char *file, int line, const char *what);

#endif
