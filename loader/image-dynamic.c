/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the file exports and needs: the module information and libstdc++. */
#include <gelf.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "image.h"
#include "internal.h"

bool relib_image_read(const struct relib_image *image, uint64_t address, void *into, size_t length)
{
	for (size_t i = 0; i < image->header_count; i++) {
		const ElfW(Phdr) *segment = &image->headers[i];
		uint64_t within = address - segment->p_vaddr;

		if (segment->p_type != PT_LOAD || within >= segment->p_filesz || segment->p_filesz - within < length)
			continue;
		return pread(image->descriptor, into, length, (off_t)(segment->p_offset + within)) == (ssize_t)length;
	}
	return false;
}

static enum relib_code read_information(struct relib_image *image, uint64_t address, struct relib_error *error)
{
	struct relib_module_information *information = &image->information;
	/* Up to here every ABI is the same; what follows may be shorter in another one. */
	size_t fixed = offsetof(struct relib_module_information, architecture);

	if (!relib_image_read(image, address, information, fixed) ||
	    memcmp(information->magic, RELIB_MODULE_MAGIC, sizeof(RELIB_MODULE_MAGIC)) ||
	    (information->abi == RELIB_MODULE_ABI &&
	     (information->size != sizeof(*information) || !relib_image_read(image, address, information, sizeof(*information)))))
		return relib_fail(error, RELIB_DAMAGED,
				  "%s is damaged: its module information can't be read\n  build it again, with RELIB_MODULE()",
				  image->shown);
	information->architecture[sizeof(information->architecture) - 1] = '\0';
	information->name[sizeof(information->name) - 1] = '\0';
	information->version[sizeof(information->version) - 1] = '\0';
	image->has_information = true;
	return RELIB_OK;
}

bool relib_image_objects(const struct relib_image *image, Elf_Scn *section, const GElf_Shdr *header,
			 bool (*visit)(void *context, const char *name, const GElf_Sym *symbol), void *context)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Sym symbol;

	for (int i = 1; data && gelf_getsym(data, i, &symbol); i++) {
		const char *name;

		if (symbol.st_shndx == SHN_UNDEF || GELF_ST_TYPE(symbol.st_info) != STT_OBJECT)
			continue;
		name = elf_strptr(image->elf, header->sh_link, symbol.st_name);
		if (name && !visit(context, name, &symbol))
			return false;
	}
	return true;
}

static bool is_not_information(void *found, const char *name, const GElf_Sym *symbol)
{
	if (strcmp(name, RELIB_SYMBOL_INFORMATION))
		return true;
	*(GElf_Sym *)found = *symbol;
	return false;
}

static enum relib_code find_information(struct relib_image *image, Elf_Scn *section, const GElf_Shdr *header,
					struct relib_error *error)
{
	GElf_Sym symbol;

	if (relib_image_objects(image, section, header, is_not_information, &symbol))
		return RELIB_OK;
	return read_information(image, symbol.st_value, error);
}

static bool is_libstdcxx(const char *name)
{
	return name && !strncmp(name, "libstdc++.so.", strlen("libstdc++.so."));
}

static enum relib_code read_needed(struct relib_image *image, Elf_Scn *section, const GElf_Shdr *header,
				   struct relib_error *error)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Dyn entry;

	for (int i = 0; data && gelf_getdyn(data, i, &entry) && entry.d_tag != DT_NULL; i++) {
		if (entry.d_tag == DT_NEEDED && is_libstdcxx(elf_strptr(image->elf, header->sh_link, entry.d_un.d_val)))
			image->needs_libstdcxx = true;
		if (entry.d_tag == DT_FLAGS_1 && (entry.d_un.d_val & DF_1_PIE))
			return relib_fail(error, RELIB_NOT_ELF,
					  "%s is not a shared object: it is a program\n  link the module with -shared", image->shown);
	}
	return RELIB_OK;
}

enum relib_code relib_image_read_dynamic(struct relib_image *image, struct relib_error *error)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(image->elf, section))) {
		enum relib_code code = RELIB_OK;
		GElf_Shdr header;

		if (!gelf_getshdr(section, &header))
			continue;
		if (header.sh_type == SHT_DYNSYM)
			code = find_information(image, section, &header, error);
		else if (header.sh_type == SHT_DYNAMIC)
			code = read_needed(image, section, &header, error);
		if (code)
			return code;
	}
	return RELIB_OK;
}
