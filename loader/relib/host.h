/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the headers that relib-bindgen writes for hosts are made of. Include those; nothing in here is for use by hand. */
#ifndef RELIB_HOST_H
#define RELIB_HOST_H

#include <relib/relib.h>

#ifdef __cplusplus
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
extern "C" {
#endif

/** Raised when anything in this file changes; a loader takes interfaces of its own number only. @since 0.1 */
#define RELIB_HOST_ABI 1

/** Something that can be called and counted: an export, an import, main. The loader's; it lives as long as the module. */
struct relib_target {
	relib_function function;
	struct relib_module *module;
	const char *name;
	uint32_t kind;
	uint32_t flags;
};

/**
 * A call in flight. Slots stay where they are and are never freed, so that an unload may look at those of all
 * threads without stopping them.
 */
struct relib_slot {
	const struct relib_target *target; /**< of a slot that is just being taken: what was there before, or NULL */
	void *stack;                       /**< of the caller, roughly: tells a call that longjmp has skipped. RELIB_SLOT_NO_STACK: free */
	uint32_t state;                    /**< RELIB_SLOT_... */
	uint32_t reserved;
	void *saved[9];        /**< registers, see call-stub.S */
	uint64_t exception[4]; /**< of a panic that is on its way to this call */
} __attribute__((aligned(64)));

/**
 * The stack of a slot that is free. A signal handler that calls an export between the taking of a slot and the rest finds it so,
 * and must not see a call there that longjmp has skipped.
 */
#define RELIB_SLOT_NO_STACK ((void *)UINTPTR_MAX)

/** FREE is also that of a call that goes well. */
enum {
	RELIB_SLOT_FREE = 0,
	RELIB_SLOT_PANICKING = 1, /**< frames are being unwound */
	RELIB_SLOT_FAILED = 2,
	RELIB_SLOT_MISSING = 3, /**< an optional export that the module doesn't have */
	RELIB_SLOT_END = 4      /**< behind the last one */
};

/** The calls of one thread. */
struct relib_calls {
	struct relib_slot *top; /**< the first free one. Before the first of all stands one whose stack is above any other. */
};

/** NULL until the thread's first call. In the loader, in static thread-local storage: two instructions to get at. */
extern RELIB_EXPORTED __thread struct relib_calls *relib_calls_of_thread __attribute__((tls_model("initial-exec")));

/** LOADED_FENCED: the kernel can't make all threads see the state, so that each call has to look again behind a fence. */
enum {
	RELIB_INTERFACE_FREE = 0,
	RELIB_INTERFACE_LOADED = 1,
	RELIB_INTERFACE_LOADED_FENCED = 2,
	RELIB_INTERFACE_LOADING = 3,
	RELIB_INTERFACE_CLOSING = 4
};

/** An interface as the host has it: part of the struct that relib-bindgen writes. */
struct relib_interface {
	uint32_t abi; /**< RELIB_HOST_ABI; 0 until relib_interface_set() */
	uint32_t state;
	struct relib_target *exports; /**< export_count of them while a module is loaded */
	/**
	 * `exports` + RELIB_INTERFACE_LOADED or RELIB_INTERFACE_LOADED_FENCED while calls may begin, else 0. In one word: a call that
	 * has taken its target from a module, and looks again when that is gone and another has come, must see it.
	 */
	uintptr_t open;
	relib_function enter;         /**< the stub through which exports are called */
	struct relib_module *module;
	const char *name;
	const char *description; /**< as in doc/interface-format.md */
	size_t description_size;
	const relib_function *imports;
	uint32_t export_count;
	uint32_t import_count;
	struct relib_load_options options;
};

static inline const struct relib_load_options *
relib_interface_set(struct relib_interface *interface, const char *name, const char *description, size_t description_size,
		    uint32_t export_count, const relib_function *imports, uint32_t import_count)
{
	interface->abi = RELIB_HOST_ABI;
	interface->name = name;
	interface->description = description;
	interface->description_size = description_size;
	interface->export_count = export_count;
	interface->imports = imports;
	interface->import_count = import_count;
	interface->options.interface_ = interface;
	return &interface->options;
}

/** relib_call_enter() where it isn't simple: the thread's first call, too many calls, calls that longjmp has skipped. */
RELIB_EXPORTED struct relib_slot *relib_call_enter_slowly(struct relib_interface *interface, unsigned index);
/** The end of relib_call_enter() where the interface isn't simply loaded: gives the slot, or leaves it and gives NULL. */
RELIB_EXPORTED struct relib_slot *relib_call_check(struct relib_interface *interface, struct relib_slot *slot);
/** relib_call_leave() where it isn't simple: the call failed, or calls end in another order than they began. */
RELIB_EXPORTED enum relib_code relib_call_leave_slowly(struct relib_slot *slot);
/** Why relib_call_enter() gave NULL. */
RELIB_EXPORTED enum relib_code relib_call_refusal(const struct relib_interface *interface, unsigned index);
/** Whether an export with RELIB_OPTIONAL is there; it is not while no module is loaded. */
RELIB_EXPORTED bool relib_has_export(const struct relib_interface *interface, unsigned index);

/** That, and the compiler knows that it is a failure: it would warn of results that are not set. */
static inline enum relib_code relib_call_refused(const struct relib_interface *interface, unsigned index)
{
	enum relib_code code = relib_call_refusal(interface, index);

	if (code == RELIB_OK)
		__builtin_unreachable();
	return code;
}

/** On the functions that call exports: by themselves they would cost as much again as what is in them. */
#define RELIB_ALWAYS_INLINE inline __attribute__((always_inline))

#if defined(__x86_64__)
#define RELIB_STACK_POINTER_(into) __asm__ volatile("movq %%rsp, %0" : "=r"(into))
#else
#define RELIB_STACK_POINTER_(into) __asm__ volatile("mov %0, sp" : "=r"(into))
#endif

/**
 * Begins a call. Between here and relib_call_leave() the host calls interface->enter, cast to the export's type.
 *
 * The slot is taken before it is filled in, so that a signal handler that calls an export in between takes the next one. It is
 * filled in before the state is read: an unload sets the state, makes all threads see it, and then reads the slots.
 *
 * Always in line: `stack` must be that of the function that calls the export, or a call made from within would lie above it.
 */
static RELIB_ALWAYS_INLINE struct relib_slot *relib_call_enter(struct relib_interface *interface, unsigned index)
{
	struct relib_calls *calls = relib_calls_of_thread;
	struct relib_target *exports = __atomic_load_n(&interface->exports, __ATOMIC_RELAXED);
	struct relib_slot *slot;
	void *stack;

	RELIB_STACK_POINTER_(stack);
	if (__builtin_expect(!calls, 0))
		return relib_call_enter_slowly(interface, index);
	slot = calls->top;
	if (__builtin_expect(slot->state != RELIB_SLOT_FREE || (char *)slot[-1].stack <= (char *)stack, 0))
		return relib_call_enter_slowly(interface, index);
	__atomic_store_n(&calls->top, slot + 1, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	slot->stack = stack;
	__atomic_store_n(&slot->target, &exports[index], __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (__builtin_expect(__atomic_load_n(&interface->open, __ATOMIC_ACQUIRE) != (uintptr_t)exports + RELIB_INTERFACE_LOADED, 0))
		return relib_call_check(interface, slot);
	return slot;
}

/** Ends a call. Anything but RELIB_OK: what the export gave back means nothing. */
static RELIB_ALWAYS_INLINE enum relib_code relib_call_leave(struct relib_slot *slot)
{
	struct relib_calls *calls = relib_calls_of_thread;

	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	/* That is so after a failure too. A coroutine may have gone on in a thread that has made no call yet. */
	if (__builtin_expect(!calls || calls->top != slot + 1, 0))
		return relib_call_leave_slowly(slot);
	slot->stack = RELIB_SLOT_NO_STACK;
	__atomic_store_n(&calls->top, slot, __ATOMIC_RELEASE);
	return RELIB_OK;
}

#ifdef __cplusplus
}
#pragma GCC diagnostic pop
#endif
#endif
