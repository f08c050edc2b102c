/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The tracker's versioned interface, for the loader and for tools. */
#ifndef RELIB_TRACK_H
#define RELIB_TRACK_H

#include <relib/report.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Raised when struct relib_track changes in a way that old callers can't cope with. @since 0.1 */
#define RELIB_TRACK_ABI 2

/**
 * The symbol to look up, by `dlsym(dlopen(NULL, RTLD_LAZY), RELIB_TRACK_SYMBOL)`, for a `const struct relib_track`.
 * RTLD_DEFAULT may find a tracker that was opened after the program started, and tracks nothing.
 */
#define RELIB_TRACK_SYMBOL "relib_track"

/** What to do with what is left of a module. @since 0.1 */
enum relib_settle {
	/** Name it and leave it. */
	RELIB_SETTLE_REPORT = 0,
	/** Name it and give it back. */
	RELIB_SETTLE_RELEASE = 1
};

/** How to unload. All zero is: name everything, give nothing back. @since 0.1 */
struct relib_settle_options {
	/** What RELIB_POLICY_DEFAULT means. */
	enum relib_settle settle;
	/**
	 * By kind; those of numbers that are no kind are not looked at. RELIB_POLICY_KEEP counts as RELIB_POLICY_DEFAULT where a
	 * kind doesn't have it.
	 */
	enum relib_policy policies[RELIB_KINDS_LIMIT];
	/** Don't look at the stacks of all threads: the caller knows that none is in a function of the module. */
	bool ignore_stacks;
};

/**
 * The tracker, as it is in this process. All functions are thread-safe; none is async-signal-safe.
 * A `handle` is what `dlopen` returned and is open.
 *
 * @since 0.1
 */
struct relib_track {
	uint32_t abi;  /**< RELIB_TRACK_ABI */
	uint32_t size; /**< sizeof of this struct, for members that come later */
	const char *version;

	/**
	 * The calling thread is about to `dlopen` a module that will be taken out by `unload`.
	 * Until load_end() on this thread, what it opens is managed: its thread-local destructors
	 * don't pin it, because unload() runs or names them.
	 */
	void (*load_begin)(void);
	/** Ends load_begin(). `handle` may be NULL when the dlopen failed. */
	void (*load_end)(void *handle);

	/**
	 * What makes unloading now unsafe: threads of the module that the kernel has not let go, thread-local destructors pending
	 * on other threads than the calling one (unless they are to be run), threads that are in a function of the module, and
	 * things of a kind whose policy is RELIB_POLICY_REFUSE.
	 *
	 * @param grace_ms  how long to wait until there are none, in milliseconds
	 * @return NULL when it is safe; else a report with outcome RELIB_OUTCOME_REFUSED whose entries
	 *         have the action RELIB_ACTION_BLOCKS
	 */
	struct relib_report *(*refusal)(void *handle, const struct relib_settle_options *options, unsigned grace_ms);

	/** Runs the calling thread's pending thread-local destructors of the module, in reverse order. */
	void (*run_thread_destructors)(void *handle);

	/**
	 * Runs the thread-local destructors of other threads, if the policy says so, then `dlclose`, then settlement. Does not look
	 * for reasons to refuse; see refusal().
	 *
	 * @return the report, never NULL unless memory ran out. When its outcome is
	 *         RELIB_OUTCOME_STILL_MAPPED the reference has been taken again: `handle` stays open,
	 *         and nothing was settled.
	 */
	struct relib_report *(*unload)(void *handle, const struct relib_settle_options *options);

	/** Frees a report; NULL is allowed. */
	void (*report_free)(struct relib_report *report);

	/** Makes a heap block the host's: it is in no module's ledger any more. Any other pointer is left alone. */
	void (*give)(void *block);

	/** The same for other things: a descriptor, a FILE or DIR. */
	void (*give_descriptor)(int descriptor);
	void (*give_stream)(void *stream);
	/** All that is mapped in a range. */
	void (*give_mapping)(void *start, size_t length);

	/**
	 * The calling thread was taken out of its functions by a signal handler, maybe out of a hook of the tracker: it is
	 * outside of the tracker again.
	 */
	void (*left_by_jump)(void);

	/**
	 * Between load_begin() and the dlopen: the object that ld.so will call `name` is a copy of the file `path`, and is so
	 * called in reports. With NULL for a path after load_end(): no more objects of that name will come.
	 */
	void (*name_object)(const char *name, const char *path);

	/** `dlclose` of a library that was opened for a module and is needed by that: it stays, and is not the host's. */
	void (*close_needed)(void *handle);
};

#ifdef __cplusplus
}
#endif
#endif
