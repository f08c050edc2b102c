/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What reports and options call the kinds of a ledger. */
#include "kind-words.h"

static const struct relib_kind_words words[RELIB_KINDS] = {
	[RELIB_KIND_HEAP] = { "heap", "heap", "block", "blocks", "freed" },
	[RELIB_KIND_THREAD] = { "thread", "threads", "thread", "threads", "given back" },
	[RELIB_KIND_THREAD_DESTRUCTOR] = { "thread-destructor", "thread-local destructors", "thread-local destructor",
					   "thread-local destructors", "run" },
	[RELIB_KIND_DESCRIPTOR] = { "descriptor", "descriptors", "descriptor", "descriptors", "closed" },
	[RELIB_KIND_STREAM] = { "stream", "streams", "stream", "streams", "closed" },
	[RELIB_KIND_MAPPING] = { "mapping", "mappings", "mapping", "mappings", "unmapped" },
	[RELIB_KIND_SIGNAL_HANDLER] = { "signal-handler", "signal handlers", "signal handler", "signal handlers", "given back" },
	[RELIB_KIND_KEY] = { "key", "thread-specific keys", "thread-specific key", "thread-specific keys", "given back" },
	[RELIB_KIND_TIMER] = { "timer", "timers", "timer", "timers", "given back" },
	[RELIB_KIND_EXIT_HANDLER] = { "exit-handler", "exit handlers", "exit handler", "exit handlers", "given back" },
	[RELIB_KIND_CXX_HANDLER] = { "cxx-handler", "C++ handlers", "C++ handler", "C++ handlers", "given back" },
	[RELIB_KIND_SIGNAL_STACK] = { "signal-stack", "signal stacks", "signal stack", "signal stacks", "given back" },
	[RELIB_KIND_STRING] = { "string", "strings", "string", "strings", "replaced by copies" },
	[RELIB_KIND_DLOPEN_HANDLE] = { "dlopen-handle", "dlopen handles", "dlopen handle", "dlopen handles", "closed" },
	[RELIB_KIND_CHILD] = { "child", "child processes", "child process", "child processes", "given back" },
	[RELIB_KIND_LOCK] = { "lock", "locks", "lock", "locks", "unlocked" },
	[RELIB_KIND_SEMAPHORE] = { "semaphore", "semaphores", "semaphore", "semaphores", "closed" },
};

const struct relib_kind_words *relib_kind_words(enum relib_kind kind)
{
	static const struct relib_kind_words unknown = { "unknown", "things", "thing", "things", "given back" };

	return (unsigned)kind < RELIB_KINDS && words[kind].name ? &words[kind] : &unknown;
}
