/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Handles that modules got by dlopen: entered, taken out, described, closed. */
#include "dlopen-handle.h"

#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "detach.h"
#include "dlopen-attempt.h"
#include "fork.h"
#include "kind.h"
#include "lock.h"
#include "real.h"
#include "unload.h"

#define FLAGS ((uint64_t)(RELIB_DLOPEN_STAYS | RELIB_DLOPEN_UNSURE))

static void *handle_of(const struct relib_thing *thing)
{
	return (void *)(uintptr_t)thing->value[0];
}

/* Whose search it is */

static uint64_t dynamic_value(const ElfW(Dyn) *entry, ElfW(Sxword) tag)
{
	for (; entry && entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == tag)
			return entry->d_un.d_val;
	return 0;
}

static bool has_paths(const struct link_map *map)
{
	return dynamic_value(map->l_ld, DT_RUNPATH) || dynamic_value(map->l_ld, DT_RPATH) ||
	       (dynamic_value(map->l_ld, DT_FLAGS_1) & DF_1_NODEFLIB);
}

struct rpath_walk {
	unsigned long long adds; /* for which the answer is known */
	bool is_first, any;
};

static int look_for_rpath(struct dl_phdr_info *info, size_t size, void *context)
{
	struct rpath_walk *walk = context;

	(void)size;
	if (walk->is_first) {
		/* The program's own counts for all: it is not looked at. Nothing new: the answer is known. */
		walk->is_first = false;
		if (walk->adds == info->dlpi_adds)
			return 1;
		walk->adds = info->dlpi_adds;
		walk->any = false;
		return 0;
	}
	for (unsigned i = 0; i < info->dlpi_phnum && !walk->any; i++)
		if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
			walk->any = dynamic_value((const ElfW(Dyn) *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr), DT_RPATH);
	return walk->any;
}

/* RPATH, unlike RUNPATH, is searched for all that an object needs, and for what that opens. Nobody says who needed it first. */
static bool any_rpath(void)
{
	static __thread struct rpath_walk known;

	known.is_first = true;
	dl_iterate_phdr(look_for_rpath, &known);
	return known.any;
}

/*
 * ld.so takes the object of the caller to expand $ORIGIN, and to search the RUNPATH of it, or the RPATH of it and of what needs
 * it, for a name without a slash.
 */
bool relib_dlopen_needs_caller(const char *file, uintptr_t caller)
{
	struct dl_find_object found, own;

	if (!file || !*file)
		return false;
	if (strchr(file, '$') || _dl_find_object((void *)caller, &found))
		return true;
	if (strchr(file, '/'))
		return false;
	return any_rpath() || has_paths(found.dlfo_link_map) || _dl_find_object((void *)(uintptr_t)relib_dlopen_needs_caller, &own) ||
	       has_paths(own.dlfo_link_map);
}

/* The ledger */

void relib_dlopen_enter(void *handle, uintptr_t start, uint32_t flags, uint32_t mark)
{
	static uint64_t sequence;
	struct relib_thing thing = { .kind = RELIB_KIND_DLOPEN_HANDLE, .mark = mark };

	if (!mark)
		return;
	thing.key = __atomic_fetch_add(&sequence, 1, __ATOMIC_RELAXED) & (RELIB_DETACHED - 1);
	thing.value[0] = (uint64_t)(uintptr_t)handle;
	thing.value[1] = start | flags;
	relib_thing_acquired(&thing);
}

void relib_dlopen_enter_opened(void *handle, uint32_t flags, uint32_t mark)
{
	int error = errno;
	const struct relib_object *object = mark ? relib_object_at((uintptr_t)((struct link_map *)handle)->l_ld) : NULL;

	if (object)
		relib_dlopen_enter(handle, object->start, flags, mark);
	errno = error;
}

/* What the ledger and ld.so say of a handle, as `owner` asks. */
struct search {
	const void *handle;
	uint32_t owner;
	int total, sure;
	int count; /* of opens; the higher one where that changed meanwhile; -1: not known */
	bool has_own, has_any, has_detached;
	uint64_t own, any, detached; /* keys */
};

static void look_at(void *context, const struct relib_thing *thing)
{
	struct search *search = context;
	bool is_own = relib_thing_owner(thing) == search->owner;

	if (handle_of(thing) != search->handle)
		return;
	if (relib_thing_is_detached(thing)) {
		search->has_detached |= is_own;
		if (is_own)
			search->detached = thing->key;
		return;
	}
	search->total++;
	search->sure += !(thing->value[1] & RELIB_DLOPEN_UNSURE);
	search->has_any = true;
	search->any = thing->key;
	search->has_own |= is_own;
	if (is_own)
		search->own = thing->key;
}

static void search_for(struct search *search)
{
	const struct relib_object *object = relib_object_of_map(search->handle);
	int count;

	search->count = object ? relib_object_open_count(object) : -1;
	relib_things_walk(RELIB_KIND_DLOPEN_HANDLE, look_at, search);
	count = object ? relib_object_open_count(object) : -1;
	if (count > search->count)
		search->count = count;
}

/*
 * Whose open ends with this close: the caller's own; or, where the program passes handles on, any that is known, if none is
 * known by nobody. False: nobody's. A handle is the same pointer for all who opened the object.
 */
static bool take_out(void *handle, uint32_t owner, struct relib_thing *thing)
{
	struct search search = { .handle = handle, .owner = owner };

	search_for(&search);
	if (search.has_own)
		return relib_thing_leave(RELIB_KIND_DLOPEN_HANDLE, search.own, thing);
	if (search.has_detached)
		return relib_thing_leave(RELIB_KIND_DLOPEN_HANDLE, search.detached, thing);
	return search.has_any && search.count <= search.total && relib_thing_leave(RELIB_KIND_DLOPEN_HANDLE, search.any, thing);
}

int relib_dlopen_close(void *handle, struct relib_caller caller)
{
	struct relib_thing thing = { .mark = 0 };
	uint32_t mark;
	int result, before, error = errno;

	if (!relib_tracking || relib_thread.depth || relib_fork_is_borrowed())
		return relib_unload_for_host(handle, caller);
	relib_attempts_resolve(NULL);
	if (handle && relib_things_any(RELIB_KIND_DLOPEN_HANDLE)) {
		mark = relib_callsite_thing(caller, 0);
		if (!take_out(handle, mark ? relib_site_owner(mark & RELIB_SITE_MASK) : 0, &thing))
			thing.mark = 0;
	}
	before = relib_attempt_close_begins(handle);
	errno = error;
	/* Closed already, so that the module could leave: see relib_dlopen_close_own(). */
	if (thing.mark && relib_thing_is_detached(&thing))
		return 0;
	result = relib_unload_for_host(handle, caller);
	relib_attempt_close_ends(handle, before);
	if (result && thing.mark)
		relib_thing_acquired(&thing);
	return result;
}

/* Opens of a module by itself */

struct own_walk {
	const struct relib_set *set;
	int count;
};

static bool is_own(const struct relib_set *set, const struct relib_thing *thing)
{
	return !relib_thing_is_detached(thing) && handle_of(thing) == set->objects[0]->map &&
	       (thing->value[1] & ~FLAGS) == set->objects[0]->start && relib_set_has(set, relib_thing_owner(thing));
}

static bool can_close_own(void *context, const struct relib_thing *thing)
{
	return is_own(((struct own_walk *)context)->set, thing) && !(thing->value[1] & FLAGS);
}

static void count_closable(void *context, const struct relib_thing *thing)
{
	((struct own_walk *)context)->count += can_close_own(context, thing);
}

static void count_own(void *context, const struct relib_thing *thing)
{
	struct own_walk *walk = context;

	walk->count += is_own(walk->set, thing);
}

int relib_dlopen_count_own(const struct relib_set *set)
{
	struct own_walk walk = { .set = set };

	relib_things_walk(RELIB_KIND_DLOPEN_HANDLE, count_own, &walk);
	return walk.count;
}

static void close_own(void *context, const struct relib_thing *taken)
{
	const struct own_walk *walk = context;
	struct relib_thing thing = *taken;

	/* Never the last: that is who asked for the unload. */
	if (relib_object_open_count(walk->set->objects[0]) > 1 && !relib_real.dlclose(handle_of(&thing)))
		thing.key |= RELIB_DETACHED;
	relib_thing_acquired(&thing);
}

void relib_dlopen_close_own(const struct relib_set *set, const struct relib_settle_options *options)
{
	struct own_walk walk = { .set = set };

	if (!relib_things_any(RELIB_KIND_DLOPEN_HANDLE) || !relib_settle_releases(options, RELIB_KIND_DLOPEN_HANDLE))
		return;
	relib_things_walk(RELIB_KIND_DLOPEN_HANDLE, count_closable, &walk);
	if (walk.count && relib_object_open_count(set->objects[0]) == walk.count + 1)
		relib_things_take(RELIB_KIND_DLOPEN_HANDLE, can_close_own, close_own, &walk);
}

struct holders {
	const struct relib_object *object;
	uint32_t *marks;
	size_t count, limit;
};

static void note_holder(void *context, const struct relib_thing *thing)
{
	struct holders *holders = context;

	if (relib_thing_is_detached(thing) || handle_of(thing) != holders->object->map ||
	    (thing->value[1] & ~FLAGS) != holders->object->start)
		return;
	if (holders->count < holders->limit)
		holders->marks[holders->count] = thing->mark;
	holders->count++;
}

size_t relib_dlopen_holders(const struct relib_object *object, uint32_t *marks, size_t limit)
{
	struct holders holders = { object, marks, 0, limit };

	relib_things_walk(RELIB_KIND_DLOPEN_HANDLE, note_holder, &holders);
	return holders.count;
}

/* For settlement */

static bool has_word_in(const uintptr_t *from, const uintptr_t *to, const struct relib_object *target)
{
	for (; from < to; from++)
		if (relib_object_has(target, *from))
			return true;
	return false;
}

/*
 * Whether the library's data points into the module that opened it and is gone: a callback, say, which its destructors may call.
 * Nobody else would have them run before the process ends.
 */
static bool points_back(const struct relib_thing *thing, const struct relib_object *library)
{
	const struct relib_object *module = &relib_objects[relib_thing_owner(thing)];
	const ElfW(Ehdr) *header = (const void *)library->start;
	const ElfW(Phdr) *segment;

	if (module == library || library->end - library->start < 4096 || memcmp(header->e_ident, ELFMAG, SELFMAG) ||
	    header->e_phoff + (size_t)header->e_phnum * sizeof *segment > 4096)
		return false;
	segment = (const void *)(library->start + header->e_phoff);
	for (unsigned i = 0; i < header->e_phnum; i++) {
		uintptr_t from = library->base + segment[i].p_vaddr;

		if (segment[i].p_type == PT_LOAD && (segment[i].p_flags & PF_W) && from >= library->start &&
		    from + segment[i].p_memsz <= library->end &&
		    has_word_in((const uintptr_t *)((from + 7) & ~(uintptr_t)7), (const uintptr_t *)((from + segment[i].p_memsz) & ~(uintptr_t)7),
				module))
			return true;
	}
	return false;
}

/* One close too many would take the library from somebody else: what can't be certain is left. */
static bool may_close(const struct relib_thing *thing)
{
	const struct relib_object *object = relib_object_of_map(handle_of(thing));
	struct search search = { .handle = handle_of(thing) };

	if ((thing->value[1] & FLAGS) || !object || object->start != thing->value[1] ||
	    (relib_object_flags_1(object) & DF_1_NODELETE))
		return false;
	search_for(&search);
	return search.count > search.sure && !points_back(thing, object);
}

/* As if the host had closed it: the library leaves as an owner of its own, or stays where that is not safe. */
bool relib_dlopen_release(const struct relib_thing *thing)
{
	unsigned depth;
	int result, before;

	if (!may_close(thing))
		return false;
	before = relib_attempt_close_begins(handle_of(thing));
	for (depth = 0; relib_thread.depth; depth++)
		relib_leave();
	result = relib_unload_for_host(handle_of(thing), RELIB_CALLER);
	while (depth--)
		relib_enter();
	relib_attempt_close_ends(handle_of(thing), before);
	return !result;
}

void relib_dlopen_describe(const struct relib_thing *thing, char *text, size_t size)
{
	const struct relib_object *library = relib_object_of_map(handle_of(thing));
	const char *more = "";
	sigset_t saved;

	if (thing->value[1] & RELIB_DLOPEN_UNSURE)
		more = "  not certain: whether its dlopen worked could not be told";
	else if (thing->value[1] & RELIB_DLOPEN_STAYS)
		more = "  with RTLD_NODELETE: it stays";
	else if (library && library->start == thing->value[1] && relib_object_open_count(library) > 0 && points_back(thing, library))
		more = "  its data points into the module";
	relib_lock(&relib_registry_lock, &saved);
	for (uint32_t i = 1; i < relib_object_count; i++)
		if (relib_objects[i].kind != RELIB_OBJECT_NONE && relib_objects[i].start == (thing->value[1] & ~FLAGS))
			snprintf(text, size, "%s%s", relib_objects[i].path, more);
	relib_unlock(&relib_registry_lock, &saved);
}
