/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What ld.so has mapped in this process, whoever asked for it. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "image.h"
#include "internal.h"
#include "object-name.h"

struct same_file {
	const struct relib_image *image;
	const char *path;
};

static int is_same_file(struct dl_phdr_info *object, size_t size, void *context)
{
	const struct same_file *wanted = context;
	const struct relib_image *image = wanted->image;
	struct stat status;

	(void)size;
	/* ld.so would give out this object again, even if its file was replaced since. */
	if (!strcmp(object->dlpi_name, wanted->path))
		return 1;
	/* The same file has the same segments; asking the kernel about every object would take longer than dlopen. */
	if (object->dlpi_phnum != image->header_count ||
	    memcmp(object->dlpi_phdr, image->headers, image->header_count * sizeof(*image->headers)))
		return 0;
	return !stat(*object->dlpi_name ? object->dlpi_name : "/proc/self/exe", &status) &&
	       status.st_dev == image->status.st_dev && status.st_ino == image->status.st_ino;
}

bool relib_process_has(const struct relib_image *image, const char *path)
{
	struct same_file wanted = { image, path };

	return dl_iterate_phdr(is_same_file, &wanted);
}

static int has_name(struct dl_phdr_info *object, size_t size, void *name)
{
	(void)size;
	return !strcmp(object->dlpi_name, name);
}

bool relib_process_has_name(const char *name)
{
	return dl_iterate_phdr(has_name, (char *)name);
}

struct same_map {
	ElfW(Addr) base;
	const void *dynamic;
};

static const ElfW(Dyn) *dynamic_section(const struct dl_phdr_info *object)
{
	for (size_t i = 0; i < object->dlpi_phnum; i++)
		if (object->dlpi_phdr[i].p_type == PT_DYNAMIC)
			return (const ElfW(Dyn) *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);
	return NULL;
}

static int is_same_map(struct dl_phdr_info *object, size_t size, void *context)
{
	const struct same_map *wanted = context;

	(void)size;
	return object->dlpi_addr == wanted->base && dynamic_section(object) == wanted->dynamic;
}

bool relib_process_has_map(ElfW(Addr) base, const void *dynamic)
{
	struct same_map wanted = { base, dynamic };

	return dl_iterate_phdr(is_same_map, &wanted);
}

/* The names in an object's dynamic section. */
struct names {
	const ElfW(Dyn) *dynamic;
	const char *strings;
	const char *soname;
};

/* Of an object that can't go away meanwhile: inside dl_iterate_phdr, or open. */
static struct names names_of(const ElfW(Dyn) *dynamic, ElfW(Addr) base)
{
	struct names names = { .dynamic = dynamic };
	const ElfW(Dyn) *soname = NULL;

	for (const ElfW(Dyn) *entry = dynamic; entry && entry->d_tag != DT_NULL; entry++) {
		if (entry->d_tag == DT_STRTAB)
			names.strings = (const char *)entry->d_un.d_ptr;
		else if (entry->d_tag == DT_SONAME)
			soname = entry;
	}
	/* ld.so writes addresses back into the section unless it can't, as in the vDSO. */
	if ((ElfW(Addr))names.strings < base)
		names.strings += base;
	if (soname)
		names.soname = names.strings + soname->d_un.d_val;
	return names;
}

static bool names_need(const struct names *names, const char *name)
{
	for (const ElfW(Dyn) *entry = names->dynamic; name && entry && entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == DT_NEEDED && !strcmp(names->strings + entry->d_un.d_val, name))
			return true;
	return false;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

struct search {
	const struct link_map *map;
	struct names module;
	const char *file;
	bool seen; /* the walk is behind the module */
	char *name;
	size_t size;
};

static bool is_name_of_module(const struct search *search, const char *name)
{
	return name && (!strcmp(name, search->file) || (search->module.soname && !strcmp(name, search->module.soname)));
}

/* The list is in the order of loading: only what came after the module can have been bound to it. */
static int needs_module(struct dl_phdr_info *object, size_t size, void *context)
{
	struct names names = names_of(dynamic_section(object), object->dlpi_addr);
	struct search *search = context;

	(void)size;
	if (names.dynamic == search->map->l_ld) {
		search->seen = true;
		return 0;
	}
	/* Of two objects with one name, ld.so gives the first to whoever asks for that name. */
	if (!search->seen)
		return is_name_of_module(search, names.soname);
	if (!names_need(&names, search->module.soname) && !names_need(&names, search->file) &&
	    !names_need(&names, search->map->l_name))
		return 0;
	/* A library that the module itself brought, though it needs the module back, goes with it. */
	if (names_need(&search->module, names.soname) || names_need(&search->module, last_part(object->dlpi_name)))
		return 0;
	snprintf(search->name, search->size, "%s", relib_object_path(object->dlpi_name));
	return 1;
}

bool relib_process_needs(const struct link_map *map, char *name, size_t size)
{
	struct search search = {
		.map = map, .module = names_of(map->l_ld, map->l_addr), .file = last_part(map->l_name),
		.name = name, .size = size,
	};

	*name = '\0';
	dl_iterate_phdr(needs_module, &search);
	return *name;
}
