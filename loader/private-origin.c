/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* $ORIGIN of a private copy: the libraries that the module finds by it are opened where its file is. */
#include <dlfcn.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image.h"
#include "internal.h"
#include "private-copy.h"

#define NEEDED_MOST 256

struct relib_origin {
	size_t count;
	void *handles[NEEDED_MOST];
};

/* What the dynamic section says about libraries. Strings are libelf's. */
struct libraries {
	const char *path; /* RUNPATH, or RPATH if there is none */
	bool is_runpath;
	size_t count;
	const char *needed[NEEDED_MOST];
};

static void read_entry(struct libraries *libraries, int64_t tag, const char *text)
{
	if (!text)
		return;
	if (tag == DT_NEEDED && libraries->count < NEEDED_MOST)
		libraries->needed[libraries->count++] = text;
	if (tag == DT_RUNPATH || (tag == DT_RPATH && !libraries->path)) {
		libraries->path = text;
		libraries->is_runpath = tag == DT_RUNPATH;
	}
}

static void read_libraries(const struct relib_image *image, struct libraries *libraries)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	GElf_Dyn entry;

	memset(libraries, 0, sizeof(*libraries));
	while ((section = elf_nextscn(image->elf, section))) {
		Elf_Data *data;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_DYNAMIC)
			continue;
		data = elf_getdata(section, NULL);
		for (int i = 0; data && gelf_getdyn(data, i, &entry) && entry.d_tag != DT_NULL; i++)
			if (entry.d_tag == DT_NEEDED || entry.d_tag == DT_RUNPATH || entry.d_tag == DT_RPATH)
				read_entry(libraries, entry.d_tag, elf_strptr(image->elf, header.sh_link, entry.d_un.d_val));
	}
	if (libraries->path && !strstr(libraries->path, "$ORIGIN") && !strstr(libraries->path, "${ORIGIN}"))
		libraries->path = NULL;
}

/* Appends a folder of a search path with $ORIGIN put in; false where it has no room or is empty. */
static bool expand(char *out, size_t size, const char *entry, size_t length, const char *origin)
{
	size_t used = 0;

	for (size_t i = 0; i < length;) {
		size_t name = !strncmp(entry + i, "$ORIGIN", 7) ? 7 : !strncmp(entry + i, "${ORIGIN}", 9) ? 9 : 0;
		int count = name ? snprintf(out + used, size - used, "%s", origin)
				 : snprintf(out + used, size - used, "%c", entry[i]);

		used += (size_t)count;
		if (used >= size)
			return false;
		i += name ? name : 1;
	}
	return used;
}

/* The first folder of a search path that has the file; whether that is one of $ORIGIN. */
static bool find(const char *path, const char *file, const char *origin, char *found, size_t size, bool *by_origin)
{
	for (const char *entry = path; entry; entry = strchr(entry, ':') ? strchr(entry, ':') + 1 : NULL) {
		size_t length = strcspn(entry, ":"), used;

		if (!expand(found, size, entry, length, origin))
			continue;
		used = strlen(found);
		snprintf(found + used, size - used, "/%s", file);
		*by_origin = memmem(entry, length, "ORIGIN", 6);
		if (!access(found, R_OK))
			return true;
	}
	return false;
}

/* As ld.so would find it; what it finds without $ORIGIN, or has already, is not ours to open. */
static void *open_library(const struct libraries *libraries, const char *file, const char *origin)
{
	const char *before = libraries->is_runpath ? getenv("LD_LIBRARY_PATH") : NULL;
	bool by_origin = false;
	char path[4096];
	void *there;

	if (strchr(file, '/'))
		return NULL;
	there = dlopen(file, RTLD_LAZY | RTLD_NOLOAD);
	if (there) {
		dlclose(there);
		return NULL;
	}
	if (before && find(before, file, origin, path, sizeof(path), &by_origin))
		return NULL;
	if (!find(libraries->path, file, origin, path, sizeof(path), &by_origin) || !by_origin)
		return NULL;
	return dlopen(path, RTLD_LAZY | RTLD_LOCAL);
}

bool relib_origin_is_used(const struct relib_image *image)
{
	struct libraries libraries;

	read_libraries(image, &libraries);
	return libraries.path;
}

struct relib_origin *relib_origin_open(const struct relib_module *module, const struct relib_image *image)
{
	struct relib_origin *origin;
	struct libraries libraries;
	char *folder;

	read_libraries(image, &libraries);
	if (!libraries.path)
		return NULL;
	folder = strndup(module->path, (size_t)(module->file - module->path));
	origin = calloc(1, sizeof(*origin));
	for (size_t i = 0; folder && origin && i < libraries.count; i++) {
		void *handle = open_library(&libraries, libraries.needed[i], folder);

		if (handle)
			origin->handles[origin->count++] = handle;
	}
	free(folder);
	return origin;
}

void relib_origin_close(struct relib_origin *origin, bool has_them)
{
	const struct relib_track *track;
	const char *why;

	if (!origin)
		return;
	track = relib_tracker(&why);
	while (origin->count) {
		void *handle = origin->handles[--origin->count];

		/* To the tracker it would look like a library that should go and doesn't. */
		if (has_them && track && track->close_needed)
			track->close_needed(handle);
		else
			dlclose(handle);
	}
	free(origin);
}
