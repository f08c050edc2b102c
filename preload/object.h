/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The registry of loaded objects: which is the host's, which is a module, which is a runtime library. */
#ifndef RELIB_OBJECT_H
#define RELIB_OBJECT_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "symbol.h"

enum relib_object_kind {
	RELIB_OBJECT_NONE = 0,
	RELIB_OBJECT_HOST,    /* there when the program started, and what it links to */
	RELIB_OBJECT_MODULE,  /* came later by dlopen: an owner */
	RELIB_OBJECT_LIBC,    /* runtime libraries: act for their caller, each by rules of its own */
	RELIB_OBJECT_CXX,
	RELIB_OBJECT_RUNTIME, /* named by the option runtime=: hands over all it allocates */
	RELIB_OBJECT_KEEPS    /* ld.so, libgcc_s, NSS and gconv modules: all that they allocate is their own */
};

#define RELIB_OBJECT_LIMIT 8192

struct relib_object {
	enum relib_object_kind kind;
	uint32_t index; /* the owner's number; 0 is the host */
	uintptr_t start, end;
	struct link_map *map;
	uintptr_t base;
	const char *path; /* absolute */
	char build_id[RELIB_BUILD_ID_SIZE];
	struct relib_symbols symbols; /* in memory: only while it is certain to be loaded */
	/* Copies, since another thread may be unloading it. */
	const char *soname;
	const char **needed; /* base names of DT_NEEDED, NULL at the end */
	/* Opened by the loader, which runs or names its thread-local destructors at unload. */
	bool managed;
	/* Why allocations of it aren't seen, or NULL. */
	const char *untracked;
	/* So many threads are closing it; the last of these settles it when it is gone. Registry lock. */
	unsigned closers;
	/* It lies where another was before: libunwind may remember that one. */
	bool reused_range;
	/* It has called __cxa_finalize while it was closed, and what points into it was looked for. */
	bool swept;
	/* It is gone, and its range is kept from others. */
	bool quarantined;
	/* Said already: it stays mapped. */
	bool reported;
	/* While a dlopen is under way whose result nobody sees: see dlopen-attempt.c. */
	int explained;
	/* Sites that belong to it, see site.h. */
	uint32_t sites;
	/* Groups of 64 places and of 64 chains where some lead to it: see place.c, chain.c. Registry lock. */
	uint64_t places[16], chains[8];
	/* Names that reports have asked for, see report-build.c. Registry lock. */
	struct relib_known_name *names;
	struct relib_arena memory;
};

RELIB_INTERNAL extern struct relib_object *relib_objects; /* [RELIB_OBJECT_LIMIT]; NULL before the start */
extern uint32_t relib_object_count;        /* one past the highest in use */

static inline bool relib_object_has(const struct relib_object *object, uintptr_t address)
{
	return address >= object->start && address < object->end;
}

/* At the first allocation of the process: what is loaded now is the host's or runtime libraries. */
void relib_objects_start(void);

/* When the environment is there: the libraries that the option runtime= names. */
void relib_objects_apply_options(void);

/*
 * The object at an address, registered if it is new; NULL when no object is there. Takes the registry lock;
 * may be called with a thread's signals in any state. Lock-free in ld.so (_dl_find_object).
 */
struct relib_object *relib_object_at(uintptr_t address);
/* The same under the registry lock. */
struct relib_object *relib_object_at_locked(uintptr_t address);

/* Registers all that is loaded and new. Uses dl_iterate_phdr: not for allocation hooks. */
void relib_objects_refresh(void);

/* The registered object that is loaded with this handle, or NULL. */
struct relib_object *relib_object_of_map(const struct link_map *map);

/* Whether it is loaded still. */
bool relib_object_is_loaded(const struct relib_object *object);

/* Whether it acts for its callers: no host, no owner. */
bool relib_object_is_runtime(const struct relib_object *object);

/* Copies the names of what it needs; part of its registration. */
void relib_object_read_needed(struct relib_object *object);

/* Forgets an object that is gone; its number may be used again. Registry lock held. */
void relib_object_forget(struct relib_object *object);

/* From now on objects that appear are the tracker's own, until called with false: for opening libunwind. */
void relib_objects_are_ours(bool ours);

/* Notes that `file` was asked for in a way that hides its allocations from the hooks; NULL: in the usual way. */
void relib_object_note_untracked(const char *file, const char *why);

/* An object that will be called `name` by ld.so is the file `path`, until that is NULL. */
void relib_object_name_as(const char *name, const char *path);

/* Keeps the address range of a gone object from being used again (place.h says why). */
void relib_object_quarantine(struct relib_object *object);

/*
 * Fills `set` with `root` and the modules that leave with it when its last reference goes: those it needs,
 * directly or not, that no other loaded object needs and nobody opened by itself.
 */
size_t relib_object_closure(struct relib_object *root, struct relib_object **set, size_t limit);

/* Whether `object` needs `other` (DT_NEEDED names its soname or file). */
bool relib_object_needs(const struct relib_object *object, const struct relib_object *other);

/*
 * What a caller's own object defines by this name, or else the first of those that it needs, directly or not: as in a scope of
 * its own. NULL: none. Nothing of ld.so's is asked, and nothing waited for.
 */
void *relib_object_find_for(uintptr_t caller, const char *name);

/* DT_FLAGS_1 of an object, and whether it defines a unique symbol (its name) */
uint64_t relib_object_flags_1(const struct relib_object *object);
const char *relib_object_unique_symbol(const struct relib_object *object);

/* The file name of another loaded object that needs it, or NULL. Valid while that is loaded. */
const char *relib_object_user(const struct relib_object *object);
/* Whether it exports weak functions of the C++ library, to which libstdc++ may be bound. */
bool relib_object_exports_cxx(const struct relib_object *object);

/*
 * How many dlopens of an object are not closed yet: from ld.so's own record, at an offset that was found
 * by trying. -1 where that did not work.
 */
int relib_object_open_count(const struct relib_object *object);
/* Finds the offset with a handle that can be opened and closed at will. */
void relib_object_calibrate(void *handle, const char *name);

#endif
