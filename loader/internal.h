/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the files of the loader know of each other. */
#ifndef RELIB_LOADER_INTERNAL_H
#define RELIB_LOADER_INTERNAL_H

#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include <relib/abi.h>
#include <relib/relib.h>
#include <relib/track.h>

struct relib_image;

/* `use`: a bit for "is being unloaded", and below it the number of calls in flight. */
#define RELIB_CLOSING (1u << 31)

struct relib_module {
	struct relib_module *next; /* registry.c */
	dev_t device;
	ino_t inode;
	atomic_uint use;
	char *path;       /* absolute, as it was given to dlopen */
	const char *file; /* its last part: how messages call the module */
	char name[64], version[64];
	void *handle;     /* NULL while a thread is still loading it */
	struct link_map *map;
	const struct relib_module_main *main;
	void (*before_unload)(void);
};

/* module.c */
struct relib_module *relib_module_new(const struct relib_image *image);
void relib_module_free(struct relib_module *module);

/* error.c */
enum relib_code relib_fail(struct relib_error *error, enum relib_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Adds to the message, silently cut off where it is full. */
void relib_add(struct relib_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
void relib_clear(struct relib_error *error);

/* linker-error.c: the words of dlerror(), sorted. `shown` is the path as the user gave it. */
enum relib_code relib_linker_error(struct relib_error *error, const char *shown, const char *path);

/* registry.c */
/* Enters a module that is about to be loaded; fails if that file is entered already. */
enum relib_code relib_registry_claim(struct relib_module *module, const char *shown, struct relib_error *error);
void relib_registry_publish(struct relib_module *module, void *handle);
void relib_registry_remove(struct relib_module *module);
bool relib_registry_has(const struct relib_module *module);

/* process.c: what is mapped in this process, beside what the registry knows */
/* Whether the image, or another file under the path it is about to be loaded from, is mapped. */
bool relib_process_has(const struct relib_image *image, const char *path);
/* Whether the object with this base and dynamic section is still in the link map. */
bool relib_process_has_map(ElfW(Addr) base, const void *dynamic);
/* Copies the name of an object that needs the module; false if there is none. */
bool relib_process_needs(const struct link_map *map, char *name, size_t size);

/* symbol.c: the address if this object itself defines it, else NULL */
void *relib_own_symbol(const struct relib_module *module, const char *name);

/* tracker.c: NULL when it is absent or doesn't fit; then `why` says which, in a sentence */
const struct relib_track *relib_tracker(const char **why);

/* unload-message.c */
void relib_describe_refusal(struct relib_error *error, const struct relib_module *module,
			    const struct relib_report *report);
void relib_describe_mapped(struct relib_error *error, const struct relib_module *module,
			   const struct relib_report *report);

#endif
