/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The registry of loaded objects. */
#include "object.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "callsite.h"
#include "lock.h"
#include "options.h"
#include "report-name.h"
#include "thread-state.h"

struct relib_object *relib_objects;
uint32_t relib_object_count = 1;
pthread_mutex_t relib_registry_lock = PTHREAD_MUTEX_INITIALIZER;
static bool starting;
/* Of a thread: what others open meanwhile are modules. */
static __thread bool ours;

static bool starts(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

static enum relib_object_kind kind_of(const char *path)
{
	static const char *const libc[] = { "libc.so.", "libc-2", "libm.so.", "libm-2", "libpthread.so.",
		"libpthread-2", "libdl.so.", "libdl-2", "librt.so.", "librt-2", "libutil.so.", "libresolv.so.",
		"libresolv-2", "libanl.so.", NULL };
	static const char *const cxx[] = { "libstdc++.so", "libc++.so", "libc++abi.so", NULL };
	static const char *const keeps[] = { "ld-linux", "ld-2", "ld64", "libgcc_s", "libnss_", "librelib_track.so",
		"linux-vdso", NULL };
	const char *name = relib_name_of_file(path);

	if (relib_starts_with_one_of(name, libc))
		return RELIB_OBJECT_LIBC;
	if (relib_starts_with_one_of(name, cxx))
		return RELIB_OBJECT_CXX;
	if (relib_starts_with_one_of(name, keeps) || strstr(path, "/gconv/"))
		return RELIB_OBJECT_KEEPS;
	if (relib_option_is_runtime(name))
		return RELIB_OBJECT_RUNTIME;
	/* Another thread may be the first to meet it. */
	return starting || ours || starts(name, "libunwind") ? RELIB_OBJECT_HOST : RELIB_OBJECT_MODULE;
}

/* dlopen was given a relative path in the folder of then: look at once, while that is the folder still. */
static const char *absolute_path(struct relib_object *object, const char *name)
{
	char buffer[PATH_MAX];

	if (!*name) {
		ssize_t length = readlink("/proc/self/exe", buffer, sizeof buffer - 1);

		if (length <= 0)
			return "the program";
		buffer[length] = 0;
		name = buffer;
	} else if (*name != '/' && strchr(name, '/') && strlen(name) < 256) {
		/* Of a longer name realpath() would allocate, and a lock is held. */
		name = realpath(name, buffer) ? buffer : name;
	}
	return relib_arena_string(&object->memory, name);
}

/* Copies of files that are being loaded. Any thread may be the first to meet them. */
static struct {
	char name[64];
	const char *path; /* NULL: free */
} renamed[64];

void relib_object_name_as(const char *name, const char *path)
{
	unsigned at = 0, end = sizeof renamed / sizeof *renamed;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	while (at < end && (path ? renamed[at].path != NULL : !renamed[at].path || strcmp(renamed[at].name, name)))
		at++;
	if (at < end && strlen(name) < sizeof renamed[at].name) {
		strcpy(renamed[at].name, name);
		renamed[at].path = path;
	}
	relib_unlock(&relib_registry_lock, &saved);
}

static const char *file_name(const char *name)
{
	for (unsigned i = 0; i < sizeof renamed / sizeof *renamed; i++)
		if (renamed[i].path && !strcmp(renamed[i].name, name))
			return renamed[i].path;
	return name;
}

static void read_build_id(struct relib_object *object)
{
	const ElfW(Ehdr) *header = (const void *)object->start;
	const ElfW(Phdr) *segment;

	if (object->end - object->start < 4096 || memcmp(header->e_ident, ELFMAG, SELFMAG) ||
	    header->e_phoff + (size_t)header->e_phnum * sizeof *segment > 4096)
		return;
	segment = (const void *)(object->start + header->e_phoff);
	for (unsigned i = 0; i < header->e_phnum; i++)
		if (segment[i].p_type == PT_NOTE && object->base + segment[i].p_vaddr >= object->start &&
		    object->base + segment[i].p_vaddr + segment[i].p_memsz <= object->end &&
		    relib_build_id((const void *)(object->base + segment[i].p_vaddr), segment[i].p_memsz,
				   object->build_id))
			return;
}

/* Names that were opened in a way that hides their allocations. */
static struct {
	char file[256];
	const char *why;
} untracked[64];
static unsigned untracked_count;

void relib_object_note_untracked(const char *file, const char *why)
{
	const char *name = file ? relib_name_of_file(file) : NULL;
	sigset_t saved;
	unsigned at = 0;

	if (!name)
		return;
	relib_lock(&relib_registry_lock, &saved);
	while (at < untracked_count && strcmp(untracked[at].file, name))
		at++;
	if (!why && at < untracked_count) {
		untracked[at] = untracked[--untracked_count];
	} else if (why && at < sizeof untracked / sizeof *untracked && strlen(name) < sizeof untracked[at].file) {
		strcpy(untracked[at].file, name);
		untracked[at].why = why;
		if (at == untracked_count)
			untracked_count++;
	}
	relib_unlock(&relib_registry_lock, &saved);
}

/* A module's own malloc serves it where its references are bound to itself first. */
static bool has_own_malloc(const struct relib_object *object)
{
	bool symbolic = false;

	for (const ElfW(Dyn) *entry = object->map->l_ld; entry && entry->d_tag != DT_NULL; entry++)
		symbolic |= entry->d_tag == DT_SYMBOLIC ||
			    (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_SYMBOLIC));
	return symbolic && relib_symbol_defined(&object->symbols, "malloc");
}

static const char *find_untracked(const struct relib_object *object)
{
	for (unsigned i = 0; i < untracked_count; i++)
		if (!strcmp(untracked[i].file, relib_name_of_file(object->path)))
			return untracked[i].why;
	return has_own_malloc(object) ? "it is linked to its own malloc" : NULL;
}

/*
 * The ranges that gone objects left and that are not in quarantine. Few: where quarantine fails at all, the
 * list grows to its end and then every new object counts as reused.
 */
static struct {
	uintptr_t start, end;
} abandoned[256];
static unsigned abandoned_count;

static bool is_reused(uintptr_t start, uintptr_t end)
{
	for (unsigned i = 0; i < abandoned_count; i++)
		if (start < abandoned[i].end && abandoned[i].start < end)
			return true;
	return abandoned_count == sizeof abandoned / sizeof *abandoned;
}

static void abandon(struct relib_object *object)
{
	/* The tables must not know the addresses when another object comes to lie there. */
	if (object->kind == RELIB_OBJECT_MODULE)
		relib_callsites_forget(object);
	else /* chains of others lead through it */
		relib_callsites_reset();
	if (is_reused(object->start, object->end))
		return;
	abandoned[abandoned_count].start = object->start;
	abandoned[abandoned_count++].end = object->end;
}

static struct relib_object *take_record(void)
{
	for (uint32_t i = 1; i < relib_object_count; i++)
		if (relib_objects[i].kind == RELIB_OBJECT_NONE)
			return &relib_objects[i];
	if (relib_object_count == RELIB_OBJECT_LIMIT ||
	    !relib_open_range(&relib_objects[relib_object_count], sizeof *relib_objects))
		return NULL;
	return &relib_objects[relib_object_count];
}

static struct relib_object *register_object(const struct dl_find_object *found)
{
	struct relib_object *object = take_record();
	int saved = errno;

	if (!object)
		return NULL;
	memset(object, 0, sizeof *object);
	object->index = (uint32_t)(object - relib_objects);
	object->start = (uintptr_t)found->dlfo_map_start;
	object->end = (uintptr_t)found->dlfo_map_end;
	object->map = found->dlfo_link_map;
	object->base = object->map->l_addr;
	object->path = absolute_path(object, file_name(object->map->l_name));
	if (!object->path)
		object->path = "an object that the tracker had no memory to name";
	object->symbols = relib_symbols_of_map(object->map);
	relib_object_read_needed(object);
	read_build_id(object);
	object->reused_range = is_reused(object->start, object->end);
	object->kind = kind_of(object->path);
	if (object->kind == RELIB_OBJECT_MODULE) {
		object->managed = relib_thread.managed_load > 0;
		object->untracked = find_untracked(object);
		if (object->untracked && !relib_bypassed) {
			relib_bypassed = true;
			relib_callsites_reset();
		}
	}
	if (object->index == relib_object_count)
		relib_object_count++;
	errno = saved;
	return object;
}

static struct relib_object *find_registered(const struct dl_find_object *found)
{
	for (uint32_t i = 1; i < relib_object_count; i++) {
		struct relib_object *object = &relib_objects[i];

		if (object->kind == RELIB_OBJECT_NONE || object->map != found->dlfo_link_map)
			continue;
		if (object->start == (uintptr_t)found->dlfo_map_start)
			return object;
	}
	return NULL;
}

/*
 * An object can go without our dlclose (libc unloads gconv modules by itself): what lies in the range of a
 * new one is gone. Its sites stay, for the blocks that bear them.
 */
static void drop_overlapped(const struct dl_find_object *found)
{
	for (uint32_t i = 1; i < relib_object_count; i++) {
		struct relib_object *object = &relib_objects[i];

		if (object->kind != RELIB_OBJECT_NONE && (object->map || object->closers) &&
		    object->start < (uintptr_t)found->dlfo_map_end && (uintptr_t)found->dlfo_map_start < object->end) {
			abandon(object);
			if (object->closers) /* its settlement is under way */
				continue;
			object->map = NULL;
			object->start = object->end = 0;
			if (relib_object_is_runtime(object)) /* nothing bears its name */
				relib_object_forget(object);
		}
	}
}

struct relib_object *relib_object_at_locked(uintptr_t address)
{
	struct dl_find_object found;
	struct relib_object *object;

	if (!relib_objects || _dl_find_object((void *)address, &found))
		return NULL;
	object = find_registered(&found);
	if (object)
		return object;
	drop_overlapped(&found);
	return register_object(&found);
}

struct relib_object *relib_object_at(uintptr_t address)
{
	struct relib_object *object;
	sigset_t saved;

	relib_enter();
	relib_lock(&relib_registry_lock, &saved);
	object = relib_object_at_locked(address);
	relib_unlock(&relib_registry_lock, &saved);
	relib_leave();
	return object;
}

/*
 * Without the lock: most objects are registered, and for these it need not be taken. It can't be held around
 * dl_iterate_phdr, since a host's own callback of that may allocate and then wait for us.
 */
static int refresh_one(struct dl_phdr_info *info, size_t size, void *context)
{
	struct dl_find_object found;
	uintptr_t address = 0;

	(void)size;
	(void)context;
	for (unsigned i = 0; i < info->dlpi_phnum && !address; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD)
			address = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
	if (address && !_dl_find_object((void *)address, &found) && !find_registered(&found))
		relib_object_at(address);
	return 0;
}

void relib_objects_refresh(void)
{
	relib_enter();
	dl_iterate_phdr(refresh_one, NULL);
	relib_leave();
}

void relib_objects_start(void)
{
	relib_objects = relib_reserve_closed(RELIB_OBJECT_LIMIT * sizeof *relib_objects);
	starting = true;
	if (relib_objects)
		relib_objects_refresh();
	starting = false;
}

void relib_objects_are_ours(bool are)
{
	if (!are)
		relib_objects_refresh();
	ours = are;
}

struct relib_object *relib_object_of_map(const struct link_map *map)
{
	struct relib_object *found = NULL;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	for (uint32_t i = 1; map && !found && i < relib_object_count; i++)
		if (relib_objects[i].map == map && relib_object_is_loaded(&relib_objects[i]))
			found = &relib_objects[i];
	relib_unlock(&relib_registry_lock, &saved);
	return found;
}

bool relib_object_is_runtime(const struct relib_object *object)
{
	return object->kind != RELIB_OBJECT_NONE && object->kind != RELIB_OBJECT_HOST && object->kind != RELIB_OBJECT_MODULE;
}

bool relib_object_is_loaded(const struct relib_object *object)
{
	struct dl_find_object found;

	return object->map && !_dl_find_object((void *)object->start, &found) && found.dlfo_link_map == object->map &&
	       (uintptr_t)found.dlfo_map_start == object->start;
}

void relib_object_forget(struct relib_object *object)
{
	struct relib_arena memory = object->memory;

	memset(object, 0, sizeof *object);
	relib_arena_free(&memory);
}

/* Address space is plenty, unless the host has limited its own. */
static bool may_reserve(size_t size)
{
	static size_t reserved;
	size_t limit = relib_option_address_space() / 16;

	return __atomic_add_fetch(&reserved, size, __ATOMIC_RELAXED) <= limit;
}

/*
 * Ranges that touch are one mapping to the kernel, which allows a process 65,530: so many of them are counted, by
 * the ends of the last ones. Registry lock held. Keeps the new one in mind.
 */
#define MOST_PIECES 8192
#define LAST_PIECES 256
static bool is_piece_too_many(uintptr_t start, uintptr_t end)
{
	static struct {
		uintptr_t start, end;
	} last[LAST_PIECES];
	static unsigned pieces, next;
	unsigned joined = LAST_PIECES;

	for (unsigned i = 0; i < LAST_PIECES; i++) {
		if (end != last[i].start && start != last[i].end)
			continue;
		start = start < last[i].start ? start : last[i].start;
		end = end > last[i].end ? end : last[i].end;
		/* Between two, it makes one of them. */
		if (joined < LAST_PIECES) {
			last[joined].start = last[joined].end = 0;
			pieces--;
		}
		joined = i;
	}
	if (joined == LAST_PIECES) {
		if (pieces == MOST_PIECES)
			return true;
		pieces++;
		joined = next;
		next = (next + 1) % LAST_PIECES;
	}
	last[joined].start = start;
	last[joined].end = end;
	return false;
}

void relib_object_quarantine(struct relib_object *object)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (object->end - object->start + page - 1) & ~(page - 1);
	sigset_t signals;

	relib_lock(&relib_registry_lock, &signals);
	/* Whole pages: an object ends within one, and the next that is there touches it all the same. */
	if (!may_reserve(size) || is_piece_too_many(object->start, object->start + size) ||
	    !relib_reserve_range((void *)object->start, size))
		abandon(object);
	else
		object->quarantined = true;
	relib_unlock(&relib_registry_lock, &signals);
}

void relib_objects_apply_options(void)
{
	for (uint32_t i = 1; relib_objects && i < relib_object_count; i++)
		if (relib_objects[i].kind == RELIB_OBJECT_HOST &&
		    relib_option_is_runtime(relib_name_of_file(relib_objects[i].path)))
			relib_objects[i].kind = RELIB_OBJECT_RUNTIME;
}
