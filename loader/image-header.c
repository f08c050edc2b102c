/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The ELF header and the segments: whether ld.so can map the file here, and lives to tell. */
#include <endian.h>
#include <errno.h>
#include <gelf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "image.h"
#include "internal.h"

#if __BYTE_ORDER == __LITTLE_ENDIAN
#define OWN_ENCODING ELFDATA2LSB
#else
#define OWN_ENCODING ELFDATA2MSB
#endif
#define OWN_CLASS (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)
#ifdef __x86_64__
#define OWN_MACHINE EM_X86_64
#else
#define OWN_MACHINE EM_AARCH64
#endif

static const char *machine_name(unsigned machine)
{
	static const struct { unsigned machine; const char *name; } names[] = {
		{ EM_X86_64, "x86-64" }, { EM_AARCH64, "aarch64" }, { EM_386, "i386" }, { EM_ARM, "arm" },
		{ EM_RISCV, "riscv" }, { EM_PPC64, "ppc64" }, { EM_PPC, "ppc" }, { EM_S390, "s390x" },
		{ EM_MIPS, "mips" }, { EM_SPARCV9, "sparc64" }, { EM_LOONGARCH, "loongarch" }, { EM_IA_64, "ia64" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].machine == machine)
			return names[i].name;
	return "a machine unknown here";
}

static enum relib_code damaged(const struct relib_image *image, const char *why, struct relib_error *error)
{
	/* libelf fails in the same way then. */
	if (errno == ENOMEM)
		return relib_fail(error, RELIB_NO_MEMORY, "%s can't be loaded: no memory", image->shown);
	return relib_fail(error, RELIB_DAMAGED, "%s is damaged: %s\n  build or copy it again", image->shown, why);
}

/* What a file is that doesn't start as ELF does. */
static const char *other_kind(const char *start, size_t length)
{
	static const struct { const char *start, *what; } kinds[] = {
		{ "!<arch>", "a static library; link its objects with -shared" },
		{ "#!", "a script" },
		{ "/* GNU ld script", "a script for the linker; give the shared object that it names" },
		{ "PK", "an archive" }, { "\x1f\x8b", "compressed" }, { "MZ", "a program or library for Windows" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (length >= strlen(kinds[i].start) && !memcmp(start, kinds[i].start, strlen(kinds[i].start)))
			return kinds[i].what;
	return "another kind of file";
}

static enum relib_code check_magic(const struct relib_image *image, struct relib_error *error)
{
	char start[64] = { 0 };
	ssize_t length = pread(image->descriptor, start, sizeof(start), 0);

	if (length < 0)
		return relib_fail(error, RELIB_NOT_FOUND, "%s can't be read: %m", image->shown);
	if (length < SELFMAG || memcmp(start, ELFMAG, SELFMAG))
		return relib_fail(error, RELIB_NOT_ELF, "%s is not an ELF shared object: it is %s", image->shown,
				  other_kind(start, (size_t)length));
	if ((size_t)length < sizeof(ElfW(Ehdr)))
		return damaged(image, "it ends within its header", error);
	return RELIB_OK;
}

static enum relib_code check_machine(const struct relib_image *image, const GElf_Ehdr *header,
				     struct relib_error *error)
{
	const unsigned char *ident = header->e_ident;

	if (ident[EI_CLASS] == OWN_CLASS && ident[EI_DATA] == OWN_ENCODING && header->e_machine == OWN_MACHINE)
		return RELIB_OK;
	return relib_fail(error, RELIB_WRONG_MACHINE,
			  "%s was made for another machine\n"
			  "    module  %s, %s-bit, %s-endian\n"
			  "    host    %s, %zu-bit, %s-endian\n"
			  "  build the module for the host's machine",
			  image->shown, machine_name(header->e_machine), ident[EI_CLASS] == ELFCLASS64 ? "64" : "32",
			  ident[EI_DATA] == ELFDATA2LSB ? "little" : "big", machine_name(OWN_MACHINE),
			  sizeof(void *) * 8, OWN_ENCODING == ELFDATA2LSB ? "little" : "big");
}

static enum relib_code check_type(const struct relib_image *image, const GElf_Ehdr *header,
				  struct relib_error *error)
{
	const char *what = header->e_type == ET_DYN    ? NULL
			   : header->e_type == ET_REL  ? "an object file (.o)"
			   : header->e_type == ET_EXEC ? "a program"
			   : header->e_type == ET_CORE ? "a core dump"
						       : "of a type unknown here";

	if (!what)
		return RELIB_OK;
	return relib_fail(error, RELIB_NOT_ELF, "%s is not a shared object: it is %s\n  link the module with -shared",
			  image->shown, what);
}

static bool lies_inside(const struct relib_image *image, uint64_t offset, uint64_t length)
{
	uint64_t size = (uint64_t)image->status.st_size;

	return offset <= size && length <= size - offset;
}

static enum relib_code check_segments(struct relib_image *image, const GElf_Ehdr *header, struct relib_error *error)
{
	bool has_load = false, has_dynamic = false;

	for (size_t i = 0; i < image->header_count; i++) {
		const ElfW(Phdr) *segment = &image->headers[i];

		if (segment->p_type != PT_LOAD && segment->p_type != PT_DYNAMIC)
			continue;
		/* ld.so maps what the header says, and dies by SIGBUS where the file is shorter. */
		if (!lies_inside(image, segment->p_offset, segment->p_filesz))
			return damaged(image, "it is shorter than its segments say (truncated?)", error);
		if (segment->p_filesz > segment->p_memsz)
			return damaged(image, "a segment is larger in the file than in memory", error);
		has_load |= segment->p_type == PT_LOAD;
		has_dynamic |= segment->p_type == PT_DYNAMIC;
	}
	if (!has_load || !has_dynamic)
		return damaged(image, "it has no segments to load (a file of debug information only?)", error);
	/* Section headers come last: a file without its end has lost them, though ld.so wouldn't notice. */
	if (header->e_shoff && !lies_inside(image, header->e_shoff, (uint64_t)header->e_shnum * header->e_shentsize))
		return damaged(image, "it is shorter than its header says (truncated?)", error);
	return RELIB_OK;
}

static enum relib_code read_segments(struct relib_image *image, const GElf_Ehdr *header, struct relib_error *error)
{
	if (header->e_phentsize != sizeof(ElfW(Phdr)) || header->e_phnum == 0)
		return damaged(image, "its header describes no segments", error);
	if (!lies_inside(image, header->e_phoff, (uint64_t)header->e_phnum * sizeof(ElfW(Phdr))))
		return damaged(image, "it ends within its table of segments (truncated?)", error);
	/* The class was checked: these are the structs of this machine, and compare with those in memory. */
	image->headers = elf64_getphdr(image->elf);
	if (!image->headers || elf_getphdrnum(image->elf, &image->header_count))
		return damaged(image, elf_errmsg(-1), error);
	return check_segments(image, header, error);
}

enum relib_code relib_image_check_header(struct relib_image *image, struct relib_error *error)
{
	enum relib_code code;
	GElf_Ehdr header;

	errno = 0;
	code = check_magic(image, error);
	if (code)
		return code;
	elf_version(EV_CURRENT);
	/* Not the mapping kind: a file that is cut while we look at it must not kill the host. */
	image->elf = elf_begin(image->descriptor, ELF_C_READ, NULL);
	if (!image->elf || elf_kind(image->elf) != ELF_K_ELF || !gelf_getehdr(image->elf, &header))
		return damaged(image, "its ELF header makes no sense", error);
	code = check_machine(image, &header, error);
	if (!code)
		code = check_type(image, &header, error);
	if (!code)
		code = read_segments(image, &header, error);
	return code;
}
