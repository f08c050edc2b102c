/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Whether a module has the interfaces that a host asks for. */
#include <stdlib.h>
#include <string.h>

#include "description.h"
#include "image.h"
#include "interface.h"
#include "internal.h"

/* What is known while one interface is looked at. */
struct check {
	const struct relib_image *image;
	const struct relib_load_options *options;
	const struct relib_description_list *list;
	struct relib_error *error;
	struct relib_interface *interface;
};

/* What the host asks for */

static enum relib_code check_state(const struct relib_interface *interface, struct relib_error *error)
{
	/* Of another ABI, nothing behind this number is where we would look for it. */
	if (interface->abi != RELIB_HOST_ABI)
		return relib_fail(error, RELIB_WRONG_ABI,
				  "an interface of the host was made for another relib ABI\n"
				  "    interface  ABI %u\n"
				  "    loader     ABI %u, relib %s\n"
				  "  build the host against this loader's relib/host.h, or set the interface by its NAME_interface()",
				  interface->abi, RELIB_HOST_ABI, relib_version());
	if (!interface->name || !interface->description || !interface->description_size)
		return relib_fail(error, RELIB_INVALID,
				  "an interface of the host has no description\n  give relib_load what NAME_interface() gave");
	if (__atomic_load_n(&interface->state, __ATOMIC_ACQUIRE) != RELIB_INTERFACE_FREE)
		return relib_fail(error, RELIB_INVALID,
				  "the interface %s belongs to a loaded module already\n"
				  "  give each module a struct %s of its own, or unload the other one first",
				  interface->name, interface->name);
	return RELIB_OK;
}

static enum relib_code add_interface(struct relib_bindings *bindings, struct relib_interface *interface,
				     struct relib_error *error)
{
	enum relib_code code = check_state(interface, error);

	for (uint32_t i = 0; !code && i < bindings->count; i++)
		if (bindings->list[i].interface == interface || !strcmp(bindings->list[i].interface->name, interface->name))
			code = relib_fail(error, RELIB_INVALID,
					  "the interface %s is named twice\n  a module has each of its interfaces once", interface->name);
	if (code)
		return code;
	if (bindings->count == RELIB_MAX_INTERFACES)
		return relib_fail(error, RELIB_INVALID, "there are too many interfaces: a module can have %d", RELIB_MAX_INTERFACES);
	bindings->list[bindings->count++].interface = interface;
	return RELIB_OK;
}

static enum relib_code add_interfaces(struct relib_bindings *bindings, const struct relib_load_options *options,
				      struct relib_error *error)
{
	enum relib_code code = options->interface_ ? add_interface(bindings, options->interface_, error) : RELIB_OK;

	for (size_t i = 0; !code && i < RELIB_MAX_INTERFACES; i++) {
		if (!options->interfaces[i])
			continue;
		if (!options->interfaces[i]->interface_)
			return relib_fail(error, RELIB_INVALID,
					  "options.interfaces has an entry that is no interface\n  put there what NAME_interface() gave");
		code = add_interface(bindings, options->interfaces[i]->interface_, error);
	}
	return code;
}

static enum relib_code check_imports(const struct check *check, const struct relib_description *host)
{
	const struct relib_interface *interface = check->interface;

	for (uint32_t i = 0; i < host->function_count; i++) {
		const struct relib_described_function *function = &host->functions[i];

		if (function->direction != RELIB_IS_IMPORT || (interface->imports && interface->imports[function->index]))
			continue;
		return relib_fail(check->error, RELIB_INVALID,
				  "the import %.*s is not set\n  set %s.%.*s before %s_interface() and relib_load",
				  RELIB_SPAN(function->name), interface->name, RELIB_SPAN(function->name), interface->name);
	}
	return RELIB_OK;
}

/* Descriptions */

static enum relib_code host_damaged(const struct check *check, const char *what, uint32_t line)
{
	relib_fail(check->error, RELIB_INVALID, "the host's description of interface %s is damaged: %s", check->interface->name, what);
	if (line)
		relib_add(check->error, " (line %u of the description)", line);
	relib_add(check->error, "\n  write the header again with relib-bindgen, and build the host");
	return RELIB_INVALID;
}

static enum relib_code module_damaged(const struct check *check, const char *what, uint32_t line)
{
	relib_fail(check->error, RELIB_DAMAGED, "%s is damaged: in its description of interface %s, %s", check->image->shown,
		   check->interface->name, what);
	if (line)
		relib_add(check->error, " (line %u of the description)", line);
	relib_add(check->error, "\n  build or copy it again");
	return RELIB_DAMAGED;
}

static enum relib_code no_memory(const struct check *check)
{
	return relib_fail(check->error, RELIB_NO_MEMORY, "%s can't be loaded: no memory", check->image->shown);
}

static enum relib_code wrong_version(const struct check *check, const char *whose)
{
	return relib_fail(check->error, RELIB_WRONG_ABI,
			  "%s describes interface %s in a way that this loader doesn't know\n"
			  "  it comes from another version of relib-bindgen: use that of relib %s",
			  whose, check->interface->name, relib_version());
}

static bool is_named(const struct relib_description *description, const char *name)
{
	return description->name.length == strlen(name) && !memcmp(description->name.at, name, description->name.length);
}

static enum relib_code parse_host(const struct check *check, bool functions_only, struct relib_description *host)
{
	const struct relib_interface *interface = check->interface;
	struct relib_damage damage;
	const char *what = NULL;

	switch (relib_description_parse(host, interface->description, interface->description_size, functions_only, &damage)) {
	case RELIB_PARSED:
		break;
	case RELIB_PARSE_DAMAGED:
		return host_damaged(check, damage.what, damage.line);
	case RELIB_PARSE_VERSION:
		return wrong_version(check, "the host");
	case RELIB_PARSE_MEMORY:
		return no_memory(check);
	}
	if (!is_named(host, interface->name))
		what = "it is of another interface";
	else if (host->export_count != interface->export_count || host->import_count != interface->import_count)
		what = "it has other functions than the host";
	if (!what)
		return RELIB_OK;
	relib_description_free(host);
	return host_damaged(check, what, 0);
}

static enum relib_code parse_module(const struct check *check, const char *text, size_t size,
				    struct relib_description *module)
{
	struct relib_damage damage;

	switch (relib_description_parse(module, text, size, false, &damage)) {
	case RELIB_PARSED:
		break;
	case RELIB_PARSE_DAMAGED:
		return module_damaged(check, damage.what, damage.line);
	case RELIB_PARSE_VERSION:
		return wrong_version(check, check->image->shown);
	case RELIB_PARSE_MEMORY:
		return no_memory(check);
	}
	if (is_named(module, check->interface->name))
		return RELIB_OK;
	relib_description_free(module);
	return module_damaged(check, "another interface is described", 1);
}

/* One interface */

static enum relib_code not_there(const struct check *check)
{
	const char *name = check->interface->name;

	relib_fail(check->error, RELIB_WRONG_INTERFACE, "%s does not have the interface %s", check->image->shown, name);
	for (size_t i = 0; i < check->list->count && i < RELIB_MAX_INTERFACES; i++)
		relib_add(check->error, "%s%.100s", i ? ", " : "\n  it has ", check->list->symbols[i].name);
	if (!check->list->count)
		relib_add(check->error, "\n  it has none");
	relib_add(check->error,
		  "\n  build %s.module.c, which relib-bindgen makes of %s.h, into the module;\n"
		  "  a version script must keep relib_module_* global",
		  name, name);
	return RELIB_WRONG_INTERFACE;
}

static enum relib_code bind_parsed(const struct check *check, struct relib_binding *binding,
				   const struct relib_description *host, const struct relib_description *module)
{
	enum relib_code code = check_imports(check, host);

	if (!code && host != module)
		code = relib_interface_match(host, module, check->options->refuse_extra_exports, check->image->shown, check->error);
	if (!code && !relib_interface_bind(binding, host, module))
		code = no_memory(check);
	return code;
}

/* Equal texts fit: what their types are needs no looking at. */
static enum relib_code bind_equal(const struct check *check, struct relib_binding *binding)
{
	struct relib_description both;
	enum relib_code code = parse_host(check, true, &both);

	if (code)
		return code;
	code = bind_parsed(check, binding, &both, &both);
	relib_description_free(&both);
	return code;
}

static enum relib_code bind_text(const struct check *check, struct relib_binding *binding, const char *text, size_t size)
{
	struct relib_description host, module;
	enum relib_code code;

	if (size == check->interface->description_size && !memcmp(text, check->interface->description, size))
		return bind_equal(check, binding);
	code = parse_host(check, false, &host);
	if (code)
		return code;
	code = parse_module(check, text, size, &module);
	if (!code) {
		code = bind_parsed(check, binding, &host, &module);
		relib_description_free(&module);
	}
	relib_description_free(&host);
	return code;
}

static enum relib_code bind_interface(const struct check *check, struct relib_binding *binding)
{
	for (size_t i = 0; i < check->list->count; i++) {
		const struct relib_description_symbol *symbol = &check->list->symbols[i];
		enum relib_code code;
		char *text;

		if (strcmp(symbol->name, check->interface->name))
			continue;
		code = relib_description_read(check->image, symbol, &text, check->error);
		if (code)
			return code;
		code = bind_text(check, binding, text, symbol->size);
		free(text);
		return code;
	}
	return not_there(check);
}

enum relib_code relib_interface_check(const struct relib_image *image, const struct relib_load_options *options,
				      struct relib_bindings *bindings, struct relib_error *error)
{
	struct relib_error ignored;
	struct relib_description_list list = { 0 };
	enum relib_code code;

	if (!error)
		error = &ignored;
	*bindings = (struct relib_bindings){ 0 };
	code = add_interfaces(bindings, options, error);
	if (!code && bindings->count)
		code = relib_description_find_all(image, &list, error);
	for (uint32_t i = 0; !code && i < bindings->count; i++) {
		struct check check = { image, options, &list, error, bindings->list[i].interface };

		code = bind_interface(&check, &bindings->list[i]);
	}
	free(list.symbols);
	if (code)
		relib_bindings_free(bindings);
	return code;
}

void relib_bindings_free(struct relib_bindings *bindings)
{
	for (uint32_t i = 0; i < bindings->count; i++) {
		struct relib_binding *binding = &bindings->list[i];

		free(binding->export_of);
		free(binding->import_of);
		free(binding->export_names);
		free(binding->import_names);
		free(binding->text);
	}
	*bindings = (struct relib_bindings){ 0 };
}
