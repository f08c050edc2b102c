/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Which function of the host is which of the module, once they are known to fit. */
#include <stdlib.h>
#include <string.h>

#include "description.h"
#include "interface.h"

/* The names that calls are reported by: the exports as the host knows them, the imports as the module does. */
static bool is_named(const struct relib_described_function *function, bool of_host)
{
	return function->direction == (of_host ? RELIB_IS_EXPORT : RELIB_IS_IMPORT);
}

static size_t names_size(const struct relib_description *description, bool of_host)
{
	size_t size = 0;

	for (uint32_t i = 0; i < description->function_count; i++)
		if (is_named(&description->functions[i], of_host))
			size += description->functions[i].name.length + 1;
	return size;
}

static char *copy_names(const struct relib_description *description, bool of_host, const char **names, char *into)
{
	for (uint32_t i = 0; i < description->function_count; i++) {
		const struct relib_described_function *function = &description->functions[i];

		if (!is_named(function, of_host))
			continue;
		names[function->index] = into;
		into = (char *)mempcpy(into, function->name.at, function->name.length) + 1;
	}
	return into;
}

static void copy_indices(const struct relib_description *from, const struct relib_description *to, bool of_host,
			 uint32_t *indices)
{
	for (uint32_t i = 0; i < from->function_count; i++) {
		const struct relib_described_function *function = &from->functions[i], *found;

		if (!is_named(function, of_host))
			continue;
		found = relib_description_find(to, function->name);
		indices[function->index] = found ? found->index : RELIB_NO_INDEX;
	}
}

bool relib_interface_bind(struct relib_binding *binding, const struct relib_description *host,
			  const struct relib_description *module)
{
	size_t exports = host->export_count + (size_t)1, imports = module->import_count + (size_t)1;

	binding->module_exports = module->export_count;
	binding->module_imports = module->import_count;
	binding->export_of = calloc(exports, sizeof(*binding->export_of));
	binding->import_of = calloc(imports, sizeof(*binding->import_of));
	binding->export_names = calloc(exports, sizeof(*binding->export_names));
	binding->import_names = calloc(imports, sizeof(*binding->import_names));
	binding->text = calloc(names_size(host, true) + names_size(module, false) + 1, 1);
	if (!binding->export_of || !binding->import_of || !binding->export_names || !binding->import_names || !binding->text)
		return false;
	copy_names(module, false, binding->import_names, copy_names(host, true, binding->export_names, binding->text));
	copy_indices(host, module, true, binding->export_of);
	copy_indices(module, host, false, binding->import_of);
	return true;
}
