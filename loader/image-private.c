/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A copy of a module's file without what keeps an object mapped: unique symbols, the flag NODELETE. */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "image.h"
#include "internal.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x10 /* Linux 6.3 */
#endif

static int create_in_memory(const char *shown)
{
	const char *slash = strrchr(shown, '/');
	char name[200]; /* the kernel takes 249 bytes */
	int descriptor;

	snprintf(name, sizeof(name), "%s", slash ? slash + 1 : shown);
	descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	if (descriptor < 0 && errno == EINVAL)
		descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return descriptor;
}

/* Where the system doesn't have files in memory, or doesn't allow to execute what is in them. Nobody else finds it. */
static int create_temporary(void)
{
	const char *folder = secure_getenv("TMPDIR");
	char path[4096];
	int descriptor;

	snprintf(path, sizeof(path), "%s/relib-XXXXXX", folder && *folder ? folder : "/tmp");
	descriptor = mkostemp(path, O_CLOEXEC);
	if (descriptor >= 0)
		unlink(path);
	return descriptor;
}

static bool copy_all(int from, int to, off_t size)
{
	off_t at = 0;

	while (at < size) {
		ssize_t count = sendfile(to, from, &at, (size_t)(size - at));

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			break;
	}
	return at == size;
}

/* What symbols there are, and the flags, lies where the section says. */
static char *read_section(const struct relib_image *image, const GElf_Shdr *header, size_t size_of_one)
{
	uint64_t size = (uint64_t)image->status.st_size;
	char *bytes;

	if (header->sh_offset > size || header->sh_size > size - header->sh_offset || header->sh_size < size_of_one)
		return NULL;
	bytes = malloc(header->sh_size);
	if (bytes && pread(image->descriptor, bytes, header->sh_size, (off_t)header->sh_offset) == (ssize_t)header->sh_size)
		return bytes;
	free(bytes);
	return NULL;
}

static bool write_section(const struct relib_image *image, const GElf_Shdr *header, char *bytes)
{
	bool written = pwrite(image->descriptor, bytes, header->sh_size, (off_t)header->sh_offset) == (ssize_t)header->sh_size;

	free(bytes);
	return written;
}

/* How ld.so finds a symbol, by its hash and version, doesn't depend on its binding. */
static bool make_symbols_global(const struct relib_image *image, const GElf_Shdr *header)
{
	char *bytes = read_section(image, header, sizeof(ElfW(Sym)));
	ElfW(Sym) *symbols = (ElfW(Sym) *)(void *)bytes;

	for (size_t i = 0; bytes && i < header->sh_size / sizeof(*symbols); i++)
		if (ELF64_ST_BIND(symbols[i].st_info) == STB_GNU_UNIQUE)
			symbols[i].st_info = ELF64_ST_INFO(STB_GLOBAL, ELF64_ST_TYPE(symbols[i].st_info));
	return bytes && write_section(image, header, bytes);
}

static bool clear_flag(const struct relib_image *image, const GElf_Shdr *header)
{
	char *bytes = read_section(image, header, sizeof(ElfW(Dyn)));
	ElfW(Dyn) *entries = (ElfW(Dyn) *)(void *)bytes;

	for (size_t i = 0; bytes && i < header->sh_size / sizeof(*entries); i++)
		if (entries[i].d_tag == DT_FLAGS_1)
			entries[i].d_un.d_val &= ~(ElfW(Xword))DF_1_NODELETE;
	return bytes && write_section(image, header, bytes);
}

static enum relib_code change(const struct relib_image *image, struct relib_error *error)
{
	Elf_Scn *section = NULL;
	bool has_symbols = false, done = true;
	GElf_Shdr header;

	while (done && (section = elf_nextscn(image->elf, section))) {
		if (!gelf_getshdr(section, &header))
			continue;
		if (header.sh_type == SHT_DYNAMIC)
			done = clear_flag(image, &header);
		if (header.sh_type != SHT_DYNSYM)
			continue;
		has_symbols = true;
		done = make_symbols_global(image, &header);
	}
	if (done && has_symbols)
		return RELIB_OK;
	return relib_fail(error, RELIB_LOAD_FAILED,
			  "%s can't be loaded as a private copy: its table of symbols can't be %s\n"
			  "  load it without private_copy, or build it anew with its section headers",
			  image->shown, has_symbols ? "changed" : "found");
}

static enum relib_code cannot_copy(const struct relib_image *image, const char *why, struct relib_error *error)
{
	return relib_fail(error, RELIB_LOAD_FAILED,
			  "%s can't be loaded as a private copy: %s\n"
			  "  it needs a file in memory (memfd_create), or room in the folder TMPDIR or /tmp",
			  image->shown, why);
}

enum relib_code relib_image_make_private(struct relib_image *image, struct relib_error *error)
{
	int copy = create_in_memory(image->shown);
	enum relib_code code;

	if (copy < 0)
		copy = create_temporary();
	if (copy < 0)
		return cannot_copy(image, strerrordesc_np(errno), error);
	errno = EIO; /* of a file that became shorter */
	if (!copy_all(image->descriptor, copy, image->status.st_size)) {
		code = cannot_copy(image, strerrordesc_np(errno), error);
		close(copy);
		return code;
	}
	/* From here on only the copy is read: what is checked is what will be loaded. */
	elf_end(image->elf);
	close(image->descriptor);
	image->elf = NULL;
	image->descriptor = copy;
	image->is_private = true;
	code = relib_image_check_header(image, error);
	if (!code)
		code = change(image, error);
	if (!code)
		code = relib_image_read_dynamic(image, error);
	fcntl(copy, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	return code;
}
