/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The descriptions in a module's file, by their symbols. */
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "description.h"
#include "image.h"
#include "internal.h"

static bool add_symbol(struct relib_description_list *list, const char *name, const GElf_Sym *symbol)
{
	struct relib_description_symbol *grown;

	if (!(list->count & (list->count - 1))) {
		grown = realloc(list->symbols, (list->count ? 2 * list->count : 1) * sizeof(*grown));
		if (!grown)
			return false;
		list->symbols = grown;
	}
	list->symbols[list->count++] = (struct relib_description_symbol){ name, symbol->st_value, symbol->st_size };
	return true;
}

/* In a damaged file a name may be anything, and messages name them all. */
static bool is_name(const char *name)
{
	while ((unsigned char)*name > ' ' && *name != 0x7f)
		name++;
	return !*name;
}

static bool add_description(void *list, const char *name, const GElf_Sym *symbol)
{
	if (strncmp(name, RELIB_SYMBOL_DESCRIPTION, strlen(RELIB_SYMBOL_DESCRIPTION)) || !is_name(name))
		return true;
	return add_symbol(list, name + strlen(RELIB_SYMBOL_DESCRIPTION), symbol);
}

enum relib_code relib_description_find_all(const struct relib_image *image, struct relib_description_list *list,
					   struct relib_error *error)
{
	Elf_Scn *section = NULL;

	*list = (struct relib_description_list){ 0 };
	while ((section = elf_nextscn(image->elf, section))) {
		GElf_Shdr header;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_DYNSYM ||
		    relib_image_objects(image, section, &header, add_description, list))
			continue;
		free(list->symbols);
		return relib_fail(error, RELIB_NO_MEMORY, "%s can't be loaded: no memory", image->shown);
	}
	return RELIB_OK;
}

enum relib_code relib_description_read(const struct relib_image *image, const struct relib_description_symbol *symbol,
				       char **text, struct relib_error *error)
{
	const char *what = NULL;

	*text = NULL;
	if (!symbol->size || symbol->size > RELIB_DESCRIPTION_MAX)
		what = symbol->size ? "is too long" : "is empty";
	else if (!(*text = malloc(symbol->size)))
		return relib_fail(error, RELIB_NO_MEMORY, "%s can't be loaded: no memory", image->shown);
	else if (!relib_image_read(image, symbol->address, *text, symbol->size))
		what = "can't be read";
	if (!what)
		return RELIB_OK;
	free(*text);
	return relib_fail(error, RELIB_DAMAGED, "%s is damaged: its description of interface %.100s %s\n  build or copy it again",
			  image->shown, symbol->name, what);
}
