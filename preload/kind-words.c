/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What reports and options call the kinds of a ledger. */
#include "kind-words.h"

#include <string.h>

static const struct relib_kind_words words[RELIB_KINDS] = {
	[RELIB_KIND_HEAP] = { "heap", "heap", "block", "blocks", "freed", true },
	[RELIB_KIND_THREAD] = { "thread", "threads", "thread", "threads", "given back", true },
	[RELIB_KIND_THREAD_DESTRUCTOR] = { "thread-destructor", "thread-local destructors", "thread-local destructor",
					   "thread-local destructors", "run", false },
	[RELIB_KIND_DESCRIPTOR] = { "descriptor", "descriptors", "descriptor", "descriptors", "closed", true },
	[RELIB_KIND_STREAM] = { "stream", "streams", "stream", "streams", "closed", true },
	[RELIB_KIND_MAPPING] = { "mapping", "mappings", "mapping", "mappings", "unmapped", true },
	[RELIB_KIND_SIGNAL_HANDLER] = { "signal-handler", "signal handlers", "signal handler", "signal handlers", "given back", false },
	[RELIB_KIND_KEY] = { "key", "thread-specific keys", "thread-specific key", "thread-specific keys", "given back", false },
	[RELIB_KIND_TIMER] = { "timer", "timers", "timer", "timers", "given back", false },
	[RELIB_KIND_EXIT_HANDLER] = { "exit-handler", "exit handlers", "exit handler", "exit handlers", "given back", false },
	[RELIB_KIND_CXX_HANDLER] = { "cxx-handler", "C++ handlers", "C++ handler", "C++ handlers", "given back", false },
	[RELIB_KIND_SIGNAL_STACK] = { "signal-stack", "signal stacks", "signal stack", "signal stacks", "given back", false },
	[RELIB_KIND_STRING] = { "string", "strings", "string", "strings", "replaced by copies", false },
	[RELIB_KIND_DLOPEN_HANDLE] = { "dlopen-handle", "dlopen handles", "dlopen handle", "dlopen handles", "closed", true },
	[RELIB_KIND_CHILD] = { "child", "child processes", "child process", "child processes", "waited for", true },
	[RELIB_KIND_LOCK] = { "lock", "locks", "lock", "locks", "unlocked", true },
	[RELIB_KIND_SEMAPHORE] = { "semaphore", "semaphores", "semaphore", "semaphores", "closed", true },
	[RELIB_KIND_CALLBACK] = { "callback", "callbacks", "callback", "callbacks", "given back", false },
};

const struct relib_kind_words *relib_kind_words(enum relib_kind kind)
{
	static const struct relib_kind_words unknown = { "unknown", "things", "thing", "things", "given back", false };

	return (unsigned)kind < RELIB_KINDS && words[kind].name ? &words[kind] : &unknown;
}

bool relib_policy_fits(enum relib_kind kind, enum relib_policy policy)
{
	switch (policy) {
	case RELIB_POLICY_DEFAULT:
	case RELIB_POLICY_RELEASE:
	case RELIB_POLICY_REFUSE:
		return true;
	case RELIB_POLICY_KEEP:
		return relib_kind_words(kind)->can_stay;
	}
	return false;
}

static bool is(const char *word, const char *text, size_t length)
{
	return strlen(word) == length && !memcmp(word, text, length);
}

static enum relib_policy policy_of(const char *text, size_t length)
{
	static const char *const names[] = { [RELIB_POLICY_RELEASE] = "release", [RELIB_POLICY_KEEP] = "keep",
					     [RELIB_POLICY_REFUSE] = "refuse" };

	for (enum relib_policy policy = RELIB_POLICY_RELEASE; policy <= RELIB_POLICY_REFUSE; policy++)
		if (is(names[policy], text, length))
			return policy;
	return RELIB_POLICY_DEFAULT;
}

enum relib_policy_error relib_policy_read(const char *kind, size_t kind_length, const char *policy, size_t policy_length,
					  enum relib_policy *policies)
{
	enum relib_policy wanted = policy_of(policy, policy_length);
	bool all = is("all", kind, kind_length);

	for (enum relib_kind i = 0; i < RELIB_KINDS; i++) {
		if (all && relib_policy_fits(i, wanted))
			policies[i] = wanted;
		if (all || !is(words[i].name, kind, kind_length))
			continue;
		if (!wanted || !relib_policy_fits(i, wanted))
			return wanted ? RELIB_POLICY_NO_KEEP : RELIB_POLICY_NO_POLICY;
		policies[i] = wanted;
		return RELIB_POLICY_READ;
	}
	if (all)
		return wanted ? RELIB_POLICY_READ : RELIB_POLICY_NO_POLICY;
	return RELIB_POLICY_NO_KIND;
}
