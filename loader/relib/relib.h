/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The loader: load a module into a running program, call it, and take it out again whole. */
#ifndef RELIB_RELIB_H
#define RELIB_RELIB_H

#include <relib/report.h>
#include <relib/type.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RELIB_EXPORTED __attribute__((visibility("default")))

/** A loaded module. Opaque; valid from relib_load() until relib_unload() succeeds. @since 0.1 */
struct relib_module;

/** What went wrong. Values never change. @since 0.1 */
enum relib_code {
	RELIB_OK = 0,
	RELIB_INVALID = 1,            /**< an argument is wrong: a programming error of the host */
	RELIB_NO_MEMORY = 2,
	RELIB_NO_TRACKER = 3,         /**< the program runs without the tracker: no unloading */
	/* load */
	RELIB_NOT_FOUND = 10,         /**< no file there, or not readable */
	RELIB_NOT_ELF = 11,           /**< a directory, empty, text, a program, or another kind of file */
	RELIB_WRONG_MACHINE = 12,     /**< made for another architecture */
	RELIB_DAMAGED = 13,           /**< truncated or inconsistent */
	RELIB_NO_INFORMATION = 14,    /**< a plain shared object, see relib_load_options::allow_plain */
	RELIB_WRONG_ABI = 15,         /**< made for another version of relib */
	RELIB_ALREADY_LOADED = 16,    /**< by relib_load(), by the host's own dlopen, or as a library of something */
	RELIB_UNRESOLVED_SYMBOL = 17,
	RELIB_MISSING_LIBRARY = 18,   /**< a library that the module needs was not found */
	RELIB_LOAD_FAILED = 19,       /**< ld.so refused for another reason; the message has its words */
	RELIB_WRONG_INTERFACE = 20,   /**< a function is missing, or differs: the message says which and how */
	/* call */
	RELIB_NO_SYMBOL = 30,
	RELIB_NO_MAIN = 31,
	RELIB_WRONG_TYPE = 32,        /**< main's result has another type than the host asks for */
	RELIB_PANICKED = 33,          /**< the module failed: see relib_panic_message() */
	RELIB_NOT_LOADED = 34,        /**< the interface belongs to no loaded module */
	RELIB_TOO_DEEP = 35,          /**< more than RELIB_MAX_CALLS calls are nested on this thread */
	/* unload */
	RELIB_BUSY = 50,              /**< a call is in flight, a thread is in a function of it, or is unloading it */
	RELIB_NEEDED = 51,            /**< another loaded object needs it */
	RELIB_THREADS_RUNNING = 52,   /**< threads of the module, or thread-local destructors of other threads */
	RELIB_STILL_MAPPED = 53,      /**< ld.so keeps it mapped; the report says why */
	RELIB_BEFORE_UNLOAD_FAILED = 54, /**< the module's RELIB_BEFORE_UNLOAD() panicked */
	RELIB_TIMED_OUT = 55,         /**< the module's RELIB_BEFORE_UNLOAD() takes longer than it may, and goes on */
	RELIB_REFUSED = 56            /**< it holds what a policy, or a thread's signal stack, doesn't let go: the report says what */
};

/**
 * A failure, for people: what happened, to what, why, and what to do about it.
 * The first line stands alone; more lines may follow, indented. No newline at the end.
 * @since 0.1
 */
struct relib_error {
	enum relib_code code;
	char message[2048];
};

/**
 * How many calls of exports, imports and mains can be nested on one thread. Where coroutines end calls in another order than
 * they began them, those that ended count until the oldest of the others has ended.
 * @since 0.1
 */
#define RELIB_MAX_CALLS 2000

/** How many interfaces one module can have. @since 0.1 */
#define RELIB_MAX_INTERFACES 8

struct relib_interface;

/**
 * Options of relib_load(). Set to zero what you don't need.
 *
 * What relib-bindgen's NAME_interface(&name) gives are the options for that interface and nothing else. With more to say,
 * or for a module with several interfaces, name them in options of your own:
 *
 *     struct relib_load_options options = {
 *             .contain_faults = true,
 *             .interfaces = { game_interface(&game), sound_interface(&sound) },
 *     };
 * @since 0.1
 */
struct relib_load_options {
	/** Load a shared object that has no module information too. */
	bool allow_plain;
	/** Let later modules see its symbols (RTLD_GLOBAL). */
	bool global;
	/**
	 * Load a copy of the file, in which no symbol is unique in the process (STB_GNU_UNIQUE, as g++ makes of inline variables
	 * and static variables of inline functions) and no flag says that it stays (NODELETE). So C++ modules can be
	 * unloaded that were not built with -fno-gnu-unique. The file itself stays as it is, and may be replaced meanwhile;
	 * messages, stacks and reports name the file.
	 *
	 * It is wrong where the host, or another module, and this module must share such a variable: each then has
	 * its own, unless the program itself, or what was loaded with RTLD_GLOBAL, exports it. Exceptions and
	 * dynamic_cast work as without: types are compared by name. It is wrong, too, for a module that is marked NODELETE
	 * because it can't be unloaded, as are some that register what nobody can take back.
	 *
	 * The copy is in memory (a memfd; where there is none, in a file without a name in TMPDIR or /tmp), and takes
	 * a descriptor as long as it is loaded, which a new program (exec) doesn't get. dladdr(), the link map and
	 * /proc/self/maps name the copy: a module that looks for files beside its own doesn't find them so. $ORIGIN in RUNPATH
	 * and RPATH is the file's folder for the libraries that the module itself needs, if they have a soname; it isn't in
	 * paths that the module gives to dlopen, nor where a library of the module would find its own libraries by the
	 * module's RPATH. These libraries are no copies. A host's own dlopen of the file gets another object.
	 */
	bool private_copy;
	/** It is an error if the module exports functions that the host's interface doesn't know. */
	bool refuse_extra_exports;
	/**
	 * Also abort, SIGSEGV, SIGBUS, SIGFPE, SIGILL and stack overflow make an export fail, instead of ending the process.
	 * No cleanup runs: what the module had locked stays locked, also in libc. If that is libc's heap, as after most
	 * double frees while there are several threads, the process ends with a message, for it would hang at its next malloc.
	 *
	 * Handlers for these signals are installed by the first such load, and pass on what happens elsewhere to those that
	 * were there before; a host installs its own before that. Elsewhere is also an import, a signal handler that runs on top
	 * of the module, and a call that was left by longjmp. A thread without an alternate signal stack gets one at its first
	 * such call, and keeps it until it ends.
	 */
	bool contain_faults;
	/** What NAME_interface() gave, of every interface that the module must have. */
	const struct relib_load_options *interfaces[RELIB_MAX_INTERFACES];
	/** Set by NAME_interface(). */
	struct relib_interface *interface_;
};

/**
 * Loads a module: checks the file, runs its constructors.
 *
 * A module is the same one if it is the same file (device and inode), by whatever path. It is loaded at
 * most once at a time; also of many threads that load one file at once, exactly one succeeds.
 *
 * @param path     the file. Relative to the current directory; no search path is used
 * With interfaces, its functions are compared with the host's before any code of it runs; a difference is
 * RELIB_WRONG_INTERFACE. A struct of an interface belongs to one loaded module at a time: it must stay where it is until
 * the module is unloaded, and its imports are taken from it here.
 *
 * @param options  NULL, NAME_interface(&name), or options of your own
 * @param module   receives the module; untouched on failure
 * @param error    receives the failure; may be NULL
 * @return RELIB_OK or the code in `error`. Nothing of the module stays loaded after a failure.
 *
 * Thread-safe; while constructors run no lock is held but ld.so's own. Not async-signal-safe. Works without the tracker.
 * A process that was forked while another thread was in here, or in relib_unload(), can't use ld.so any more: it would hang,
 * and gets RELIB_LOAD_FAILED instead, and RELIB_BUSY from relib_unload().
 * @since 0.1
 */
RELIB_EXPORTED enum relib_code relib_load(const char *path, const struct relib_load_options *options,
					  struct relib_module **module, struct relib_error *error);

/** Name and version from RELIB_MODULE(), "" where the module has no information. @since 0.1 */
RELIB_EXPORTED const char *relib_module_name(const struct relib_module *module);
/** @since 0.1 */
RELIB_EXPORTED const char *relib_module_version(const struct relib_module *module);
/** The absolute path it was loaded from, links in it not resolved. @since 0.1 */
RELIB_EXPORTED const char *relib_module_path(const struct relib_module *module);
/** The dlopen handle, for dlsym() and dlinfo(). Don't dlclose() it. @since 0.1 */
RELIB_EXPORTED void *relib_module_handle(const struct relib_module *module);
/** Whether RELIB_MAIN() is in the module. @since 0.1 */
RELIB_EXPORTED bool relib_has_main(const struct relib_module *module);
/** The type of main's result, or NULL. @since 0.1 */
RELIB_EXPORTED const struct relib_type *relib_main_type(const struct relib_module *module);

/**
 * Looks a symbol up in this module itself, not in the libraries that came with it.
 *
 * @return its address, or NULL with `error` set (RELIB_NO_SYMBOL). Calls through it are not counted:
 *         the host sees to it that none is in flight at unload.
 * @since 0.1
 */
RELIB_EXPORTED void *relib_symbol(struct relib_module *module, const char *name, struct relib_error *error);

/**
 * Calls the function that the module marked with RELIB_MAIN().
 *
 * Use the macro relib_call_main(module, type, &result, argc, argv, &error): it takes the type's description
 * from `type` and checks `&result` against it at compile time. `argv` may be NULL with `argc` 0.
 *
 * @return RELIB_OK; RELIB_NO_MAIN; RELIB_WRONG_TYPE when the module's main gives another type (both are
 *         named in the message; main was not called); RELIB_BUSY when the module is being unloaded; RELIB_PANICKED
 *         when it panicked (relib_panic, a failed assert, a C++ exception). `result` is touched on success only.
 *
 * Thread-safe. The call counts as in flight until main returns or panics.
 * @since 0.1
 */
RELIB_EXPORTED enum relib_code relib_call_main_typed(struct relib_module *module, const struct relib_type *type,
						     void *result, int argc, char **argv,
						     struct relib_error *error);

#define relib_call_main(module, type, result, argc, argv, error)                                           \
	relib_call_main_typed((module), RELIB_TYPE_OF(type), RELIB_CHECK_POINTER(type, (result)), (argc), (argv), (error))

/**
 * How often the module has panicked since it was loaded, on any thread. It can be called and unloaded all the same; whether
 * what it left half done is good enough to go on is for the host to know.
 *
 * Thread-safe and async-signal-safe.
 * @since 0.1
 */
RELIB_EXPORTED unsigned relib_panic_count(const struct relib_module *module);

/**
 * What the module said when a call that this thread made last ended with RELIB_PANICKED: one line, without the module's name.
 *
 * @return NULL if this thread's last panic was not this module's. Valid until the next panic on this thread.
 * @since 0.1
 */
RELIB_EXPORTED const char *relib_panic_message(const struct relib_module *module);

/** The function of the interface (or "main", "before_unload") that this call was of. Else as relib_panic_message(). @since 0.1 */
RELIB_EXPORTED const char *relib_panic_function(const struct relib_module *module);

/**
 * Where it was: a line for each frame, innermost first, with file and line where they are known, as on stderr.
 * Else as relib_panic_message().
 * @since 0.1
 */
RELIB_EXPORTED const char *relib_panic_stack(const struct relib_module *module);

/** Options of relib_unload(). Set to zero what you don't need. @since 0.1 */
struct relib_unload_options {
	/**
	 * How long to wait for what refuses the unload to pass, in milliseconds: threads of the module, others in its functions,
	 * thread-local destructors pending on other threads, and what a policy doesn't let go.
	 */
	unsigned grace_ms;
	/**
	 * Give nothing back that the module left, of kinds whose policy is RELIB_POLICY_DEFAULT: name it only. A signal handler,
	 * say, then leads to where nothing is, unless its kind has RELIB_POLICY_RELEASE.
	 */
	bool keep_leaks;
	/**
	 * By kind (RELIB_KIND_HEAP, ...), what to do with what the module holds. Release is what it is by default (with
	 * keep_leaks: to name it only), but for
	 * thread-local destructors pending on other threads: these are a reason to refuse, unless the policy says that they
	 * are to be run from here. It is RELIB_INVALID where a kind doesn't have a policy, or there is none of that number.
	 *
	 * RELIB_POLICY_RELEASE for thread-local destructors is for a host that knows that its threads use the module's
	 * thread-local objects no more, and that they can be destroyed on another thread than their own: what a destructor looks
	 * up in other thread-local variables is the calling thread's. Each runs once, those of a thread newest first; a thread
	 * that ends meanwhile waits for its own. One that a thread is running already is a reason to refuse, or to wait with
	 * grace_ms.
	 */
	enum relib_policy policies[RELIB_KINDS_LIMIT];
	/**
	 * Don't look at the stacks of all threads: the host knows that none is in a function of the module.
	 *
	 * Else a thread that is in one, however it came there, is a reason to refuse (RELIB_BUSY), and is named with that
	 * function. The stack of a thread that is asleep is read from outside; no call of the host's is interrupted by that. One
	 * that runs is asked by a real-time signal that nobody handles just then. Its calls are restarted after that, also poll
	 * and its like, with their whole timeout (on x86-64; elsewhere those that SA_RESTART restarts). The next answer is not
	 * waited for longer than a second. What runs and blocks signals, or doesn't answer, can't be looked at: it is no reason to refuse, and
	 * the report names it (threads.unseen). The stacks of coroutines and fibres that are suspended can't be found: none may
	 * have a function of the module on it.
	 */
	bool ignore_stacks;
	/**
	 * How long RELIB_BEFORE_UNLOAD() may take, in milliseconds; 0: as long as it wants. With a limit it runs on a thread of
	 * its own, not on the caller's. When the time is over the unload fails with RELIB_TIMED_OUT and the stack where it
	 * is: the thread is sent a signal for that, of SIGRTMAX or below, whose action is the default and which it doesn't
	 * block. The module is loaded and can be called, and an unload of it is RELIB_BUSY until RELIB_BEFORE_UNLOAD()
	 * has returned; then one calls it again. The thread blocks the signals that the caller blocks, but for that one.
	 */
	unsigned before_unload_ms;
	/** Don't call RELIB_BEFORE_UNLOAD(): for a module in which it panics each time. */
	bool skip_before_unload;
};

/**
 * Unloads a module: calls in flight and other objects that need it, its RELIB_BEFORE_UNLOAD(), its threads and others in its
 * functions, policies that refuse, thread-local destructors, dlclose, and the settlement of what it left behind.
 *
 * All or nothing: when it is refused the module stays loaded and usable (its RELIB_BEFORE_UNLOAD() may have
 * run), and a later unload may succeed. After success `module` is invalid and the same file can be loaded again.
 *
 * @param options  may be NULL
 * @param report   receives the ledger, also of a refusal where there is one, else NULL. May be NULL.
 *                 Free it with relib_report_free().
 * @param error    receives the failure; may be NULL
 *
 * Thread-safe: of two threads that unload one module, one gets RELIB_BUSY, and the host must see to it that
 * no thread uses `module` after another's success, nor calls into it by a pointer while it is being unloaded.
 * Called by the module itself, however deep, it is RELIB_BUSY. It is no cancellation point.
 * Without the tracker it fails with RELIB_NO_TRACKER and changes nothing.
 * @since 0.1
 */
RELIB_EXPORTED enum relib_code relib_unload(struct relib_module *module,
					    const struct relib_unload_options *options,
					    struct relib_report **report, struct relib_error *error);

/** Frees a report; NULL is allowed. @since 0.1 */
RELIB_EXPORTED void relib_report_free(struct relib_report *report);

/** Forms of relib_report_write(). @since 0.1 */
enum relib_format { RELIB_FORMAT_TEXT = 0, RELIB_FORMAT_JSON = 1 };

/**
 * Writes a report to a descriptor: as text, in colour if it is a terminal and NO_COLOR is not set, or as one
 * line of JSON; places with file and line where debug information is there. relib-report shows the JSON as text.
 * @return RELIB_OK, or RELIB_INVALID with errno set when writing failed
 * @since 0.1
 */
RELIB_EXPORTED enum relib_code relib_report_write(const struct relib_report *report, enum relib_format format, int fd);

/**
 * Sees to it that the program runs under the tracker: where it doesn't yet, starts it again (execv, with the
 * same arguments) with the tracker in LD_PRELOAD, before what may stand there. Call it first in main, while there
 * is one thread: it changes the environment, and puts it back after the second start, so that children
 * of the program are not tracked.
 *
 * The tracker is librelib_track.so in the folder of librelib.so, else the file that the environment variable
 * RELIB_TRACKER names. A host that is linked to the tracker (pkg-config relib-track) doesn't need any of this.
 *
 * @return RELIB_OK when the tracker is there; it does not return when it started the program again;
 *         RELIB_NO_TRACKER when that is not possible (a set-user-id program, the tracker's file not
 *         found): the program goes on without unloading.
 * @since 0.1
 */
RELIB_EXPORTED enum relib_code relib_init(int argc, char **argv, struct relib_error *error);

/** Whether the tracker is in this process. @since 0.1 */
RELIB_EXPORTED bool relib_has_tracker(void);

/** "0.1.0" @since 0.1 */
RELIB_EXPORTED const char *relib_version(void);

#ifdef __cplusplus
}
#endif
#endif
