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
#include <relib/host.h>
#include <relib/track.h>

#include "interface.h"

struct relib_image;

/* Targets of a module: these, then the exports of each interface, then their imports. */
enum { RELIB_OWN_MAIN, RELIB_OWN_BEFORE_UNLOAD, RELIB_OWN_TARGETS };

struct relib_module_link;
struct relib_library_link;
struct relib_before_unload;
struct relib_private_copy;

struct relib_module {
	struct relib_module *next; /* registry.c */
	dev_t device;
	ino_t inode;
	uint64_t number;     /* never another's */
	atomic_bool closing; /* is being unloaded: no call begins */
	atomic_uint panics;
	bool contain_faults;
	char *path;       /* absolute */
	const char *opened; /* what dlopen was given: the path, or the name of a private copy */
	const char *file; /* its last part: how messages call the module */
	char name[64], version[64];
	void *handle;     /* NULL while a thread is still loading it */
	struct link_map *map;
	const struct relib_module_main *main;
	void (*describe_exception)(void *exception, char *text, size_t size);
	struct relib_target *targets; /* of all that can be called, in one piece: an address tells whose it is */
	size_t target_count;
	struct relib_bindings bindings; /* its interfaces */
	struct relib_private_copy *copy; /* NULL: the file itself is loaded */
	struct relib_before_unload *before_unload; /* on a thread that took too long; of who set `closing` */
	struct relib_library_link *libraries; /* link.c: that came with it, and are linked to the module SDK */
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

/* linker-busy.c: around what this thread does in ld.so; and whether ld.so can be used in this process */
void relib_linker_enter(void);
void relib_linker_leave(void);
enum relib_code relib_linker_check(const char *shown, const char *what, enum relib_code code, struct relib_error *error);

/* registry.c */
/* Enters a module that is about to be loaded; fails if that file is entered already. */
enum relib_code relib_registry_claim(struct relib_module *module, const char *shown, struct relib_error *error);
void relib_registry_publish(struct relib_module *module, void *handle);
void relib_registry_remove(struct relib_module *module);
/* Sets `closing`, if this is a module that is loaded, and that no other thread is about to unload. */
enum relib_code relib_registry_close(struct relib_module *module, struct relib_error *error);

/* join.c: the functions of a module and of the host find each other */
/* Makes the targets, and takes the interfaces for this module. What is in `bindings` is the module's from then on. */
enum relib_code relib_join_prepare(struct relib_module *module, struct relib_bindings *bindings, struct relib_error *error);
/* Connects what lies in the module, once it is mapped: before its constructors run, if it asks for it, and after them. */
enum relib_code relib_join(struct relib_module *module, void *handle, const struct link_map *map, struct relib_error *error);
/* Calls may begin; no more calls begin; may begin again. */
void relib_join_open(struct relib_module *module);
void relib_join_close(struct relib_module *module);
/* The interfaces are free for another module. */
void relib_join_free(struct relib_module *module);

/* Through what its functions are called. */
relib_function relib_stub_of(const struct relib_module *module);

/* link.c: a module reaches the loader */
/* While this thread's dlopen runs: the module whose code may ask to be joined. */
struct relib_module *relib_link_begin(struct relib_module *module); /* gives what relib_link_end() needs */
void relib_link_end(struct relib_module *previous);
void relib_link(struct relib_module *module, struct relib_module_link *link);
/* Libraries that came with the module and stay are nobody's. */
void relib_link_free(struct relib_module *module);

/* process.c: what is mapped in this process, beside what the registry knows */
/* Whether the image, or another file under the path it is about to be loaded from, is mapped. */
bool relib_process_has(const struct relib_image *image, const char *path);
/* Whether an object has this name. */
bool relib_process_has_name(const char *name);
/* Whether the object with this base and dynamic section is still in the link map. */
bool relib_process_has_map(ElfW(Addr) base, const void *dynamic);
/* Copies the name of an object that needs the module; false if there is none. */
bool relib_process_needs(const struct link_map *map, char *name, size_t size);

/* symbol.c: the address if this object itself defines it, else NULL */
void *relib_symbol_in(void *handle, const struct link_map *map, const char *name);
void *relib_own_symbol(const struct relib_module *module, const char *name);

/* report.c: false where it failed, with errno set */
bool relib_write_whole(int fd, const char *text, size_t length);

/* tracker.c: NULL when it is absent or doesn't fit; then `why` says which, in a sentence */
const struct relib_track *relib_tracker(const char **why);

/* unload-message.c */
enum relib_code relib_describe_refusal(struct relib_error *error, const struct relib_module *module,
				       const struct relib_report *report);
void relib_describe_mapped(struct relib_error *error, const struct relib_module *module,
			   const struct relib_report *report);

#endif
