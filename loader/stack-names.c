/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Where an address of this process lies, and what is there, for stacks. */
#include "config.h"
#include "object-name.h"
#include "stack-names.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <link.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* In hexadecimal, from the notes of an object; false: none there. */
static bool find_build_id(const char *notes, size_t size, char *text)
{
	static const char digits[] = "0123456789abcdef";
	ElfW(Nhdr) note;

	while (size >= sizeof(note)) {
		size_t name, whole;

		memcpy(&note, notes, sizeof(note));
		name = sizeof(note) + ((note.n_namesz + 3UL) & ~3UL);
		whole = name + ((note.n_descsz + 3UL) & ~3UL);
		if (whole > size)
			return false;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && !memcmp(notes + sizeof(note), "GNU", 4) &&
		    note.n_descsz && note.n_descsz <= RELIB_BUILD_ID_MOST) {
			for (size_t i = 0; i < note.n_descsz; i++) {
				*text++ = digits[(unsigned char)notes[name + i] >> 4];
				*text++ = digits[notes[name + i] & 15];
			}
			*text = '\0';
			return true;
		}
		notes += whole;
		size -= whole;
	}
	return false;
}

/* From the headers, which ld.so maps with the first segment. */
static void read_build_id(struct relib_stack_place *place, const struct dl_find_object *object)
{
	const ElfW(Ehdr) *header = object->dlfo_map_start;
	uintptr_t start = (uintptr_t)object->dlfo_map_start, end = (uintptr_t)object->dlfo_map_end;
	const ElfW(Phdr) *segment = (const void *)(start + header->e_phoff);

	if (memcmp(header->e_ident, ELFMAG, SELFMAG) || header->e_phoff + header->e_phnum * sizeof(*segment) > 4096)
		return;
	for (unsigned i = 0; i < header->e_phnum; i++) {
		uintptr_t notes = object->dlfo_link_map->l_addr + segment[i].p_vaddr;

		if (segment[i].p_type == PT_NOTE && notes >= start && notes + segment[i].p_memsz <= end &&
		    find_build_id((const char *)notes, segment[i].p_memsz, place->build_id)) {
			place->frame.build_id = place->build_id;
			return;
		}
	}
}

/* Whether the mapping at an address is of the file that is under this path now: what a linker writes anew is another. */
static bool is_mapped_file(uintptr_t address, const char *path)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end, inode = 0;
	struct stat status;
	char line[512];
	bool whole = true;

	while (maps && !inode && fgets(line, sizeof(line), maps)) {
		if (whole && (sscanf(line, "%lx-%lx %*s %*s %*s %lu", &start, &end, &inode) != 3 || address < start ||
			      address >= end))
			inode = 0;
		whole = strchr(line, '\n');
	}
	if (maps)
		fclose(maps);
	return inode && !stat(path, &status) && status.st_ino == inode;
}

void relib_stack_place(struct relib_stack_place *place, uintptr_t address)
{
	struct dl_find_object object;
	ssize_t length;

	memset(&place->frame, 0, sizeof(place->frame));
	place->frame.offset = address;
	if (_dl_find_object((void *)address, &object))
		return;
	place->name = object.dlfo_link_map->l_name;
	place->frame.object = relib_object_path(place->name);
	place->frame.offset = address - object.dlfo_link_map->l_addr;
	if (!*place->frame.object) {
		length = readlink("/proc/self/exe", place->program, sizeof(place->program) - 1);
		place->program[length > 0 ? length : 0] = '\0';
		place->frame.object = length > 0 ? place->program : "the program";
	}
	read_build_id(place, &object);
}

bool relib_stack_has_file(const struct relib_stack_place *place, uintptr_t address)
{
	bool unchanged;

	if (!place->frame.object)
		return false;
	if (place->frame.build_id)
		return true;
	return relib_object_is_copy(place->name, &unchanged) ? unchanged : is_mapped_file(address, place->frame.object);
}

/* The function at an offset: the smallest one, since a part of a function has a symbol of its own. */
static bool look_into(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, uint64_t offset, char *name, size_t size)
{
	Elf_Data *data = elf_getdata(section, NULL);
	uint64_t smallest = UINT64_MAX;
	GElf_Sym symbol;

	for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
		const char *text;

		if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF ||
		    offset < symbol.st_value || offset - symbol.st_value >= symbol.st_size || symbol.st_size >= smallest)
			continue;
		text = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (text && *text) {
			snprintf(name, size, "%s", text);
			smallest = symbol.st_size;
		}
	}
	return smallest != UINT64_MAX;
}

static bool is_build(Elf *elf, const char *build_id)
{
	char found[2 * RELIB_BUILD_ID_MOST + 1];
	size_t count;
	GElf_Phdr segment;

	if (!build_id)
		return true;
	if (elf_getphdrnum(elf, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		Elf_Data *notes;

		if (!gelf_getphdr(elf, (int)i, &segment) || segment.p_type != PT_NOTE)
			continue;
		notes = elf_getdata_rawchunk(elf, (int64_t)segment.p_offset, segment.p_filesz, ELF_T_BYTE);
		if (notes && find_build_id(notes->d_buf, notes->d_size, found))
			return !strcmp(found, build_id);
	}
	return false;
}

/* The whole symbol table knows static functions too; a stripped object has the other only. */
static bool find_function(Elf *elf, const struct relib_frame *place, char *name, size_t size)
{
	static const GElf_Word types[] = { SHT_SYMTAB, SHT_DYNSYM };
	GElf_Shdr header;

	if (!elf || elf_kind(elf) != ELF_K_ELF || !is_build(elf, place->build_id))
		return false;
	for (unsigned type = 0; type < 2; type++)
		for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));)
			if (gelf_getshdr(section, &header) && header.sh_type == types[type] &&
			    look_into(elf, section, &header, place->offset, name, size))
				return true;
	return false;
}

static void functions_only(const struct relib_frame *places, size_t count, relib_symbols_found *found, void *context)
{
	elf_version(EV_CURRENT);
	for (size_t i = 0; i < count; i++) {
		struct relib_frame frame = places[i];
		int fd = frame.object ? open(frame.object, O_RDONLY | O_CLOEXEC) : -1;
		Elf *elf = fd >= 0 ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
		char name[1024];

		if (find_function(elf, &places[i], name, sizeof(name)))
			frame.function = name;
		found(context, i, &frame);
		elf_end(elf);
		if (fd >= 0)
			close(fd);
	}
}

static void *open_beside(const char *own, const char *folder)
{
	const char *slash = strrchr(own, '/');
	void *handle = NULL;
	char *path;

	if (slash && asprintf(&path, "%.*s%s" RELIB_SYMBOLS_FILE, (int)(slash + 1 - own), own, folder) > 0) {
		handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
		free(path);
	}
	return handle;
}

/* In the folder of installed libraries' parts; in a build tree beside librelib.so. */
static relib_symbols_function *open_namer(void)
{
	static const char own;
	struct dl_find_object object;
	void *handle = NULL;

	if (!_dl_find_object((void *)&own, &object)) {
		handle = open_beside(object.dlfo_link_map->l_name, PACKAGE_TARNAME "/");
		if (!handle)
			handle = open_beside(object.dlfo_link_map->l_name, "");
		dlerror(); /* the host need not know */
	}
	return handle ? (relib_symbols_function *)dlsym(handle, RELIB_SYMBOLS_FUNCTION) : NULL;
}

relib_symbols_function *relib_stack_namer(void)
{
	static relib_symbols_function *_Atomic namer;
	relib_symbols_function *function = atomic_load(&namer);

	/* Two threads may both open it: it is the same. */
	if (!function) {
		function = open_namer();
		atomic_store(&namer, function ? function : functions_only);
	}
	return function ? function : functions_only;
}
