/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Which objects need which, and what keeps one loaded. */
#include "object.h"

#include <dlfcn.h>
#include <string.h>

#include "lock.h"
#include "real.h"
#include "report-name.h"

static const char *dynamic_string(const struct relib_object *object, uint64_t offset)
{
	return offset < object->symbols.strings_size ? object->symbols.strings + offset : "";
}

void relib_object_read_needed(struct relib_object *object)
{
	size_t count = 0;

	object->soname = relib_name_of_file(object->path);
	for (const ElfW(Dyn) *entry = object->map->l_ld; entry && entry->d_tag != DT_NULL; entry++)
		count += entry->d_tag == DT_NEEDED;
	object->needed = relib_arena_allocate(&object->memory, (count + 1) * sizeof *object->needed);
	count = 0;
	for (const ElfW(Dyn) *entry = object->map->l_ld; entry && entry->d_tag != DT_NULL; entry++) {
		const char *name;

		if (entry->d_tag != DT_NEEDED && entry->d_tag != DT_SONAME)
			continue;
		name = relib_arena_string(&object->memory, relib_name_of_file(dynamic_string(object, entry->d_un.d_val)));
		if (!name)
			continue;
		if (entry->d_tag == DT_SONAME)
			object->soname = name;
		else if (object->needed)
			object->needed[count++] = name;
	}
}

bool relib_object_needs(const struct relib_object *object, const struct relib_object *other)
{
	const char *file = relib_name_of_file(other->path);

	for (const char **needed = object->needed; needed && *needed; needed++)
		if (!strcmp(*needed, other->soname) || !strcmp(*needed, file))
			return true;
	return false;
}

/* Adds what an object needs to a list that doesn't have it. */
static unsigned add_needed(const struct relib_object *object, const struct relib_object **list, unsigned count, unsigned room)
{
	for (uint32_t i = 1; i < relib_object_count && count < room; i++) {
		const struct relib_object *other = &relib_objects[i];
		unsigned at = 0;

		if (other->kind == RELIB_OBJECT_NONE || !other->map || !relib_object_needs(object, other))
			continue;
		while (at < count && list[at] != other)
			at++;
		if (at == count)
			list[count++] = other;
	}
	return count;
}

void *relib_object_find_for(uintptr_t caller, const char *name)
{
	const struct relib_object *list[64];
	void *found = NULL;
	unsigned count = 0;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	list[0] = relib_object_at_locked(caller);
	count = list[0] != NULL;
	for (unsigned i = 0; i < count && !found; i++) {
		const ElfW(Sym) *symbol = NULL;

		/* The tracker's would be the hook. */
		if (list[i]->kind != RELIB_OBJECT_KEEPS && relib_object_is_loaded(list[i]))
			symbol = relib_symbol_defined(&list[i]->symbols, name);
		if (symbol)
			found = (void *)(list[i]->base + symbol->st_value);
		count = add_needed(list[i], list, count, sizeof(list) / sizeof(*list));
	}
	relib_unlock(&relib_registry_lock, &saved);
	return found;
}

uint64_t relib_object_flags_1(const struct relib_object *object)
{
	for (const ElfW(Dyn) *entry = object->map->l_ld; entry && entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == DT_FLAGS_1)
			return entry->d_un.d_val;
	return 0;
}

const char *relib_object_unique_symbol(const struct relib_object *object)
{
	for (size_t i = 0; i < object->symbols.count; i++) {
		const ElfW(Sym) *symbol = &object->symbols.symbols[i];

		if (ELF64_ST_BIND(symbol->st_info) == STB_GNU_UNIQUE && symbol->st_shndx != SHN_UNDEF)
			return relib_symbol_name(&object->symbols, symbol);
	}
	return NULL;
}

const char *relib_object_user(const struct relib_object *object)
{
	const char *name = NULL;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	for (uint32_t i = 1; !name && i < relib_object_count; i++) {
		const struct relib_object *other = &relib_objects[i];

		if (other->kind != RELIB_OBJECT_NONE && other != object && relib_object_needs(other, object) &&
		    relib_object_is_loaded(other))
			name = relib_name_of_file(other->path);
	}
	relib_unlock(&relib_registry_lock, &saved);
	return name;
}

bool relib_object_exports_cxx(const struct relib_object *object)
{
	for (size_t i = 0; i < object->symbols.count; i++) {
		const ElfW(Sym) *symbol = &object->symbols.symbols[i];

		if (symbol->st_shndx != SHN_UNDEF && ELF64_ST_BIND(symbol->st_info) == STB_WEAK &&
		    !strncmp(relib_symbol_name(&object->symbols, symbol), "_ZNSt", 5))
			return true;
	}
	return false;
}

static bool contains(struct relib_object *const *set, size_t count, const struct relib_object *object)
{
	for (size_t i = 0; i < count; i++)
		if (set[i] == object)
			return true;
	return false;
}

static bool is_module(const struct relib_object *object)
{
	return object->kind == RELIB_OBJECT_MODULE && object->map;
}

/* Whether something that stays needs set[at]. */
static bool is_held(struct relib_object *const *set, size_t count, size_t at)
{
	if (relib_object_open_count(set[at]) > 0)
		return true;
	for (uint32_t i = 1; i < relib_object_count; i++) {
		const struct relib_object *object = &relib_objects[i];

		if (object->kind != RELIB_OBJECT_NONE && object->map && !contains(set, count, object) &&
		    relib_object_needs(object, set[at]))
			return true;
	}
	return false;
}

size_t relib_object_closure(struct relib_object *root, struct relib_object **set, size_t limit)
{
	size_t count = 1, at;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	set[0] = root;
	for (at = 0; at < count; at++)
		for (uint32_t i = 1; i < relib_object_count && count < limit; i++)
			if (is_module(&relib_objects[i]) && !contains(set, count, &relib_objects[i]) &&
			    relib_object_needs(set[at], &relib_objects[i]))
				set[count++] = &relib_objects[i];
	/* Each one taken out may hold others: begin again until nothing changes. */
	for (at = 1; at < count; at++)
		if (is_held(set, count, at)) {
			set[at] = set[--count];
			at = 0;
		}
	relib_unlock(&relib_registry_lock, &saved);
	return count;
}

#define MAP_WORDS 280 /* of ld.so's private part of a link_map, which is at least 1,150 bytes long */
static int count_word = -1;

int relib_object_open_count(const struct relib_object *object)
{
	return count_word < 0 || !relib_object_is_loaded(object) ? -1 : ((const int *)object->map)[count_word];
}

void relib_object_calibrate(void *handle, const char *name)
{
	const int *words = handle;
	int before[MAP_WORDS], once[MAP_WORDS], found = -1, matches = 0;

	memcpy(before, words, sizeof before);
	if (!relib_real.dlopen(name, RTLD_LAZY | RTLD_NOLOAD))
		return;
	memcpy(once, words, sizeof once);
	if (relib_real.dlopen(name, RTLD_LAZY | RTLD_NOLOAD)) {
		for (int i = 0; i < MAP_WORDS; i++)
			if (before[i] == 1 && once[i] == 2 && words[i] == 3) {
				found = i;
				matches++;
			}
		relib_real.dlclose(handle);
	}
	relib_real.dlclose(handle);
	if (matches == 1 && words[found] == 1)
		count_word = found;
}
