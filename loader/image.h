/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module's file, looked at before any of its code runs. */
#ifndef RELIB_IMAGE_H
#define RELIB_IMAGE_H

#include <gelf.h>
#include <link.h>
#include <stdbool.h>
#include <sys/stat.h>

#include <relib/abi.h>
#include <relib/relib.h>

struct relib_image {
	const char *shown; /* the path as the user gave it */
	int descriptor;
	struct stat status;
	Elf *elf;
	const ElfW(Phdr) *headers;
	size_t header_count;
	bool needs_libstdcxx;
	bool has_information;
	bool is_private; /* the descriptor is that of a copy; `status` is the file's */
	struct relib_module_information information;
};

/* After RELIB_OK only: relib_image_close(). */
enum relib_code relib_image_open(struct relib_image *image, const char *path, struct relib_error *error);
void relib_image_close(struct relib_image *image);

/* image-private.c: goes on with a copy from which nothing stays mapped. On failure: relib_image_close(). */
enum relib_code relib_image_make_private(struct relib_image *image, struct relib_error *error);

/* Whether the module was made for this loader. */
enum relib_code relib_image_check_information(const struct relib_image *image, bool allow_plain,
					      struct relib_error *error);

/* image-header.c: whether ld.so can map it without dying on the way */
enum relib_code relib_image_check_header(struct relib_image *image, struct relib_error *error);
/* image-dynamic.c: fills needs_libstdcxx and the information */
enum relib_code relib_image_read_dynamic(struct relib_image *image, struct relib_error *error);
/*
 * Calls `visit` with each object (not function) that a section of symbols defines, until it says that it has had enough, with
 * false; gives whether it never did.
 */
bool relib_image_objects(const struct relib_image *image, Elf_Scn *section, const GElf_Shdr *header,
			 bool (*visit)(void *context, const char *name, const GElf_Sym *symbol), void *context);
/* Reads what will be at an address of the loaded object; false where the file holds no such bytes. */
bool relib_image_read(const struct relib_image *image, uint64_t address, void *into, size_t length);

#endif
