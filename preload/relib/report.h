/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What an unload found: the ledger of a module, as data. */
#ifndef RELIB_REPORT_H
#define RELIB_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How an unload ended. @since 0.1 */
enum relib_outcome {
	/** The module is gone from the link map and from the address space. */
	RELIB_OUTCOME_UNLOADED = 0,
	/** The loader did not try: `reason` says why; the module is loaded and usable. */
	RELIB_OUTCOME_REFUSED = 1,
	/** The host closed it; the tracker keeps it mapped because unmapping it now would crash. */
	RELIB_OUTCOME_PINNED = 2,
	/** `dlclose` was called and succeeded, but ld.so keeps the object mapped. */
	RELIB_OUTCOME_STILL_MAPPED = 3
};

/** The kinds of things a ledger holds; doc/ledger.md has what becomes of each. More may come, at the end. @since 0.1 */
enum relib_kind {
	RELIB_KIND_HEAP = 0,
	RELIB_KIND_THREAD = 1,
	RELIB_KIND_THREAD_DESTRUCTOR = 2,
	RELIB_KIND_DESCRIPTOR = 3, /**< files, sockets, pipes and all else that has a number */
	RELIB_KIND_STREAM = 4,     /**< FILE and DIR, with the descriptor that is theirs */
	RELIB_KIND_MAPPING = 5,    /**< memory by mmap and mremap, and shared memory by shmat */
	RELIB_KIND_SIGNAL_HANDLER = 6, /**< what a signal does: a handler, or that it is ignored */
	RELIB_KIND_KEY = 7,            /**< keys of thread-specific data: pthread_key_create, tss_create */
	RELIB_KIND_TIMER = 8,          /**< timer_create */
	RELIB_KIND_EXIT_HANDLER = 9,   /**< what the end of the process calls and dlclose doesn't: on_exit, at_quick_exit */
	RELIB_KIND_CXX_HANDLER = 10,   /**< std::set_terminate, set_unexpected, set_new_handler, pmr::set_default_resource */
	RELIB_KIND_SIGNAL_STACK = 11,  /**< alternate signal stacks of threads: sigaltstack */
	RELIB_KIND_STRING = 12,        /**< memory that libc goes on using: by putenv, openlog, setvbuf, initstate, uselocale */
	RELIB_KIND_DLOPEN_HANDLE = 13, /**< libraries opened and not closed */
	RELIB_KIND_CHILD = 14,         /**< processes that nobody waited for */
	RELIB_KIND_LOCK = 15,          /**< held: locks of files, and with RELIB_TRACK=locks mutexes */
	RELIB_KIND_SEMAPHORE = 16,     /**< named ones: sem_open */
	RELIB_KIND_CALLBACK = 17       /**< what else libc calls: conversions of printf, pthread_atfork, hooks of obstack, argp and error */
};

/** How many kinds there are. @since 0.1 */
#define RELIB_KINDS 18

/** How many there will ever be: the size of tables by kind. @since 0.1 */
#define RELIB_KINDS_LIMIT 32

/** What to do with what a module holds of one kind when it is unloaded. @since 0.1 */
enum relib_policy {
	/**
	 * As for all kinds: RELIB_POLICY_RELEASE, or what else the unload says. Of thread-local destructors: those pending on
	 * other threads are a reason to refuse.
	 */
	RELIB_POLICY_DEFAULT = 0,
	/** It is given back. Of thread-local destructors: those pending on other threads are run by the thread that unloads. */
	RELIB_POLICY_RELEASE = 1,
	/**
	 * It is named and left. Not for what would call into the module, or into memory of it, when it is gone: thread-local
	 * destructors, handlers of signals, of C++ and of the process's end, callbacks, keys, timers, signal stacks and strings.
	 */
	RELIB_POLICY_KEEP = 2,
	/** The unload is refused. What the module's own destructors would give back counts too: they run too late to know. */
	RELIB_POLICY_REFUSE = 3
};

/** What a report says of each of the things of one call site, for so many of them. @since 0.1 */
#define RELIB_DETAILS 4

/** What was done about an entry. @since 0.1 */
enum relib_action {
	/** Nothing: it is named here and left as it was. */
	RELIB_ACTION_REPORTED = 0,
	/** Given back: memory freed, a descriptor closed, a finished thread joined or detached, a destructor run. */
	RELIB_ACTION_RELEASED = 1,
	/** Left alone on purpose. */
	RELIB_ACTION_KEPT = 2,
	/** It is the reason why the module was not unloaded. */
	RELIB_ACTION_BLOCKS = 3,
	/** Nothing is left: blocks that another owner than the one that allocated them has freed. */
	RELIB_ACTION_FOREIGN = 4
};

/**
 * One place in the program. Strings live as long as the report; those not known are NULL.
 * @since 0.1
 */
struct relib_frame {
	/** Absolute path of the object the code is in. */
	const char *object;
	/** Build id of that object in hexadecimal. */
	const char *build_id;
	/** The function as the symbol table spells it (C++ and Rust: mangled). */
	const char *function;
	/** Offset in the object, as `addr2line -e OBJECT` takes it. It lies inside the call, not behind it. */
	uint64_t offset;
	/** Source file; the tracker never fills it, the tools do from debug information. */
	const char *file;
	/** Line in it, from 1; 0 when not known. */
	uint32_t line;
};

/** A call stack, innermost frame first. @since 0.1 */
struct relib_stack {
	struct relib_frame *frames;
	size_t count;
};

/** Things of one kind from one call site. @since 0.1 */
struct relib_entry {
	enum relib_kind kind;
	enum relib_action action;
	/** How many, and how many bytes: those asked for on the heap, those of mappings; else 0. */
	uint64_t count, bytes;
	/**
	 * From the runtime function that allocated ("strdup") to the frame in the module. Its last
	 * frame is the module's; with `stacks=N` its callers follow up to N frames.
	 * For a thread: the stack that created it.
	 */
	struct relib_stack callsite;
	/** Sample stacks: from the module's frame to its callers. */
	struct relib_stack *samples;
	size_t sample_count;
	/** Threads and thread-local destructors: kernel thread id and name. Else 0 and NULL. */
	int32_t thread_id;
	const char *thread_name;
	/**
	 * Threads: the start function, or, where it is `inside`, the innermost function of the module on its stack.
	 * Thread-local destructors: the destructor. What calls back: what it calls.
	 */
	struct relib_frame function;
	/**
	 * What the first of them are ("fd 12  /etc/passwd"), in words that may change; none for heap and destructors. Of a thread whose stack could not be
	 * looked at, why: its action is RELIB_ACTION_REPORTED.
	 */
	const char *details[RELIB_DETAILS];
	size_t detail_count;
	/** A thread that isn't the module's own and is in a function of it. */
	bool inside;
	/** Of RELIB_ACTION_FOREIGN: where it was freed, as `callsite`. */
	struct relib_stack freed;
};

/**
 * The ledger of one unload.
 *
 * All of it is read-only for its user, lies in memory of the tracker's own, and is freed whole by
 * relib_report_free().
 * @since 0.1
 */
struct relib_report {
	struct timespec time; /**< CLOCK_REALTIME */
	int32_t pid;
	struct {
		const char *path;     /**< absolute */
		const char *build_id; /**< hexadecimal, or NULL */
		uint64_t base;        /**< load address */
	} module;
	enum relib_outcome outcome;
	/** One sentence without a full stop, or NULL when all went well. */
	const char *reason;
	/** What the user can do about `reason`, or NULL. */
	const char *advice;
	/** Why allocations of this module were not seen, or NULL when they were. */
	const char *untracked;
	struct {
		uint64_t blocks, bytes;  /**< held at the unload */
		uint64_t released, kept; /**< blocks freed; blocks left alone on purpose */
		uint64_t foreign;        /**< blocks that another owner freed before; 0 unless that is asked for */
	} heap;
	struct {
		uint64_t running;  /**< threads of the module that still run */
		uint64_t ended;    /**< ended, but neither joined nor detached */
		uint64_t released; /**< of these, joined or detached now */
		uint64_t destructors; /**< thread-local destructors pending on other threads */
		uint64_t inside;      /**< threads that are not the module's own and are in a function of it */
		uint64_t unseen;      /**< threads whose stacks could not be looked at */
	} threads;
	/** Of each kind, also of heap and threads: held at the unload, given back, left alone on purpose. */
	struct relib_kind_total {
		uint64_t held, released, kept;
	} kinds[RELIB_KINDS_LIMIT];
	/** Grouped by call site, largest first within a kind. */
	struct relib_entry *entries;
	size_t entry_count;
};

#ifdef __cplusplus
}
#endif
#endif
