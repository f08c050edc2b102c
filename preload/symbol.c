/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Names of functions: from an object in memory, or from its file. */
#include "symbol.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The GNU hash table doesn't say how many symbols there are: the highest chain does. */
static size_t count_by_gnu_hash(const uint32_t *table)
{
	uint32_t buckets = table[0], first = table[1], bloom = table[2], last = 0;
	const uint32_t *bucket = table + 4 + bloom * (sizeof(ElfW(Addr)) / sizeof *table);
	const uint32_t *chain = bucket + buckets;

	for (uint32_t i = 0; i < buckets; i++)
		if (bucket[i] > last)
			last = bucket[i];
	if (last < first)
		return first;
	while (!(chain[last - first] & 1))
		last++;
	return last + 1;
}

struct relib_symbols relib_symbols_of_map(const struct link_map *map)
{
	struct relib_symbols table = { 0 };

	for (const ElfW(Dyn) *entry = map->l_ld; entry && entry->d_tag != DT_NULL; entry++) {
		/* glibc has added the load address already, but for objects with a read-only dynamic section. */
		uintptr_t address = entry->d_un.d_ptr < map->l_addr ? map->l_addr + entry->d_un.d_ptr
								    : entry->d_un.d_ptr;

		if (entry->d_tag == DT_SYMTAB)
			table.symbols = (const ElfW(Sym) *)address;
		else if (entry->d_tag == DT_STRTAB)
			table.strings = (const char *)address;
		else if (entry->d_tag == DT_STRSZ)
			table.strings_size = entry->d_un.d_val;
		else if (entry->d_tag == DT_HASH && !table.count)
			table.count = ((const uint32_t *)address)[1];
		else if (entry->d_tag == DT_GNU_HASH)
			table.count = count_by_gnu_hash((const uint32_t *)address);
	}
	if (!table.symbols || !table.strings)
		table.count = 0;
	return table;
}

const ElfW(Sym) *relib_symbol_next(const struct relib_symbols *table, uintptr_t offset, size_t *at)
{
	while (*at < table->count) {
		const ElfW(Sym) *symbol = &table->symbols[(*at)++];
		unsigned type = ELF64_ST_TYPE(symbol->st_info);

		if ((type == STT_FUNC || type == STT_GNU_IFUNC) && symbol->st_shndx != SHN_UNDEF &&
		    offset - symbol->st_value < symbol->st_size)
			return symbol;
	}
	return NULL;
}

const char *relib_symbol_name(const struct relib_symbols *table, const ElfW(Sym) *symbol)
{
	return symbol->st_name < table->strings_size ? table->strings + symbol->st_name : "";
}

const ElfW(Sym) *relib_symbol_defined(const struct relib_symbols *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->symbols[i].st_shndx != SHN_UNDEF && !strcmp(relib_symbol_name(table, &table->symbols[i]), name))
			return &table->symbols[i];
	return NULL;
}

/* Of two names of one function: the public one, and the one that is as people write it ("mmap", not "mmap64"; not "ssignal"). */
static bool is_plainer(const char *name, const char *than)
{
	size_t length = strlen(name), other = strlen(than);

	if (than[0] == '_' && name[0] != '_')
		return true;
	if (name[0] == '_' || length >= other)
		return false;
	return (!strncmp(name, than, length) && !strcmp(than + length, "64")) || !strcmp(than + other - length, name);
}

const char *relib_symbol_find(const struct relib_symbols *table, uintptr_t offset)
{
	const char *best = NULL;
	const ElfW(Sym) *symbol;

	for (size_t at = 0; (symbol = relib_symbol_next(table, offset, &at));) {
		const char *name = relib_symbol_name(table, symbol);

		if (*name && (!best || is_plainer(name, best)))
			best = name;
	}
	return best;
}

bool relib_build_id(const void *notes, size_t size, char id[RELIB_BUILD_ID_SIZE])
{
	const unsigned char *at = notes, *end = at + size;

	while ((size_t)(end - at) >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *note = (const void *)at;
		size_t name = (note->n_namesz + 3) & ~3u, value = (note->n_descsz + 3) & ~3u;

		if ((size_t)(end - at) - sizeof *note < name || (size_t)(end - at) - sizeof *note - name < value)
			return false;
		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && !memcmp(note + 1, "GNU", 4)) {
			const unsigned char *bytes = (const unsigned char *)(note + 1) + name;

			for (size_t i = 0; i < note->n_descsz && i < RELIB_BUILD_ID_SIZE / 2; i++) {
				id[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
				id[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
				id[2 * i + 2] = 0;
			}
			return true;
		}
		at += sizeof *note + name + value;
	}
	return false;
}

/* A symbol table that is larger is not read: names would cost the host too much memory. */
#define MOST_BYTES ((uint64_t)256 << 20)

/*
 * Read, not mapped: a file that someone truncates while it is mapped would end the host by SIGBUS.
 * The sizes come from the file, so they may be anything.
 */
static void *read_part(struct relib_file *file, int descriptor, uint64_t offset, uint64_t size)
{
	struct stat status;
	char *part;
	uint64_t done = 0;

	if (!size || size > MOST_BYTES || fstat(descriptor, &status) || size > (uint64_t)status.st_size)
		return NULL;
	part = relib_arena_allocate(&file->memory, size);
	while (part && done < size) {
		ssize_t got = pread(descriptor, part + done, size - done, (off_t)(offset + done));

		if (got <= 0)
			return NULL;
		done += (uint64_t)got;
	}
	return part;
}

static bool is_build(struct relib_file *file, int descriptor, const ElfW(Ehdr) *header, const char *build_id)
{
	const ElfW(Phdr) *segment =
		read_part(file, descriptor, header->e_phoff, (uint64_t)header->e_phnum * sizeof *segment);
	char id[RELIB_BUILD_ID_SIZE];

	for (unsigned i = 0; segment && i < header->e_phnum; i++) {
		const void *notes;

		if (segment[i].p_type != PT_NOTE || segment[i].p_filesz > 65536)
			continue;
		notes = read_part(file, descriptor, segment[i].p_offset, segment[i].p_filesz);
		if (notes && relib_build_id(notes, segment[i].p_filesz, id))
			return !strcmp(id, build_id);
	}
	return false;
}

static bool read_table(struct relib_file *file, int descriptor, const ElfW(Shdr) *table, const ElfW(Shdr) *strings)
{
	const ElfW(Sym) *symbols = read_part(file, descriptor, table->sh_offset, table->sh_size);
	const char *text = symbols ? read_part(file, descriptor, strings->sh_offset, strings->sh_size) : NULL;

	if (!text || text[strings->sh_size - 1])
		return false;
	file->symbols.symbols = symbols;
	file->symbols.count = table->sh_size / sizeof *symbols;
	file->symbols.strings = text;
	file->symbols.strings_size = strings->sh_size;
	return true;
}

static void find_table(struct relib_file *file, int descriptor, const ElfW(Ehdr) *header)
{
	static const unsigned wanted[] = { SHT_SYMTAB, SHT_DYNSYM };
	const ElfW(Shdr) *section =
		read_part(file, descriptor, header->e_shoff, (uint64_t)header->e_shnum * sizeof *section);

	for (unsigned want = 0; section && want < 2; want++)
		for (unsigned i = 0; i < header->e_shnum; i++)
			if (section[i].sh_type == wanted[want] && section[i].sh_link < header->e_shnum &&
			    read_table(file, descriptor, &section[i], &section[section[i].sh_link]))
				return;
}

bool relib_file_open(struct relib_file *file, const char *path, const char *build_id)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const ElfW(Ehdr) *header;
	bool right;

	memset(file, 0, sizeof *file);
	if (descriptor < 0)
		return false;
	header = read_part(file, descriptor, 0, sizeof *header);
	right = header && !memcmp(header->e_ident, ELFMAG, SELFMAG) && header->e_ident[EI_CLASS] == ELFCLASS64 &&
		header->e_phentsize == sizeof(ElfW(Phdr)) && header->e_shentsize == sizeof(ElfW(Shdr)) &&
		(!build_id || is_build(file, descriptor, header, build_id));
	if (right)
		find_table(file, descriptor, header);
	close(descriptor);
	if (!right)
		relib_file_close(file);
	return right;
}

void relib_file_close(struct relib_file *file)
{
	relib_arena_free(&file->memory);
	memset(file, 0, sizeof *file);
}
