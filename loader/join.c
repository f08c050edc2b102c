/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The functions of a module and of the host find each other, once their interfaces are known to fit. */
#include <stdio.h>
#include <stdlib.h>

#include "calls.h"
#include "internal.h"

static struct relib_target *exports_of(const struct relib_module *module, const struct relib_binding *binding)
{
	struct relib_target *targets = module->targets + RELIB_OWN_TARGETS;

	for (const struct relib_binding *before = module->bindings.list; before < binding; before++)
		targets += before->interface->export_count;
	return targets;
}

static struct relib_target *imports_of(const struct relib_module *module, const struct relib_binding *binding)
{
	const struct relib_bindings *all = &module->bindings;
	struct relib_target *targets = exports_of(module, all->list + all->count);

	for (const struct relib_binding *before = all->list; before < binding; before++)
		targets += before->module_imports;
	return targets;
}

relib_function relib_stub_of(const struct relib_module *module)
{
	return module->contain_faults ? relib_call_stub_saving : relib_call_stub;
}

static struct relib_target target(struct relib_module *module, const char *name, enum relib_target_kind kind, relib_function function)
{
	return (struct relib_target){ .function = function, .module = module, .name = name, .kind = kind };
}

static void fill(struct relib_module *module, const struct relib_binding *binding)
{
	struct relib_target *exports = exports_of(module, binding), *imports = imports_of(module, binding);

	for (uint32_t i = 0; i < binding->interface->export_count; i++)
		exports[i] = target(module, binding->export_names[i], RELIB_TARGET_EXPORT, relib_call_missing);
	for (uint32_t i = 0; i < binding->module_imports; i++)
		imports[i] = target(module, binding->import_names[i], RELIB_TARGET_IMPORT,
				    binding->interface->imports[binding->import_of[i]]);
}

/* Only one of several threads that load with one struct gets it. */
static enum relib_code take(const struct relib_module *module, struct relib_interface *interface, struct relib_error *error)
{
	uint32_t free_state = RELIB_INTERFACE_FREE;

	if (__atomic_compare_exchange_n(&interface->state, &free_state, RELIB_INTERFACE_LOADING, false, __ATOMIC_ACQ_REL,
					__ATOMIC_RELAXED))
		return RELIB_OK;
	return relib_fail(error, RELIB_INVALID,
			  "%s was not loaded: this struct %s belongs to another module\n  each module needs one of its own",
			  module->file, interface->name);
}

static enum relib_code take_all(struct relib_module *module, struct relib_error *error)
{
	enum relib_code code;

	for (uint32_t i = 0; i < module->bindings.count; i++) {
		struct relib_interface *interface = module->bindings.list[i].interface;

		code = take(module, interface, error);
		if (code)
			return code;
		interface->module = module;
		__atomic_store_n(&interface->exports, exports_of(module, &module->bindings.list[i]), __ATOMIC_RELAXED);
		interface->enter = relib_stub_of(module);
		fill(module, &module->bindings.list[i]);
	}
	return RELIB_OK;
}

enum relib_code relib_join_prepare(struct relib_module *module, struct relib_bindings *bindings, struct relib_error *error)
{
	size_t count = RELIB_OWN_TARGETS, imports = 0;

	for (uint32_t i = 0; i < bindings->count; i++) {
		count += bindings->list[i].interface->export_count;
		imports += bindings->list[i].module_imports;
	}
	module->bindings = *bindings;
	bindings->count = 0;
	module->targets = calloc(count + imports, sizeof(*module->targets));
	if (!module->targets)
		return relib_fail(error, RELIB_NO_MEMORY, "%s can't be loaded: no memory", module->file);
	module->target_count = count + imports;
	module->targets[RELIB_OWN_MAIN] = target(module, "main", RELIB_TARGET_MAIN, NULL);
	module->targets[RELIB_OWN_BEFORE_UNLOAD] = target(module, "before_unload", RELIB_TARGET_BEFORE_UNLOAD, NULL);
	return take_all(module, error);
}

static enum relib_code damaged(const struct relib_module *module, const struct relib_binding *binding, struct relib_error *error)
{
	return relib_fail(error, RELIB_DAMAGED,
			  "%s is damaged: the functions of its interface %s are not those that it describes\n"
			  "  build it again; a version script must keep relib_module_* global",
			  module->file, binding->interface->name);
}

static enum relib_code join_table(struct relib_module *module, const struct relib_binding *binding,
				  const struct relib_module_table *table, struct relib_error *error)
{
	struct relib_target *exports = exports_of(module, binding), *imports = imports_of(module, binding);

	if (!table || table->size != sizeof(*table) || table->export_count != binding->module_exports ||
	    table->import_count != binding->module_imports)
		return damaged(module, binding, error);
	for (uint32_t i = 0; i < binding->interface->export_count; i++)
		if (binding->export_of[i] != RELIB_NO_INDEX && table->exports[binding->export_of[i]])
			exports[i].function = table->exports[binding->export_of[i]];
	for (uint32_t i = 0; i < binding->module_imports; i++)
		table->imports[i] = &imports[i];
	return RELIB_OK;
}

enum relib_code relib_join(struct relib_module *module, void *handle, const struct link_map *map, struct relib_error *error)
{
	const struct relib_module_main *main = relib_symbol_in(handle, map, RELIB_SYMBOL_MAIN);
	struct relib_module_link *link = relib_symbol_in(handle, map, RELIB_SYMBOL_LINK);
	char symbol[256];

	if (main)
		module->targets[RELIB_OWN_MAIN].function = (relib_function)main->call;
	module->targets[RELIB_OWN_BEFORE_UNLOAD].function =
		(relib_function)relib_symbol_in(handle, map, RELIB_SYMBOL_BEFORE_UNLOAD);
	module->describe_exception =
		(void (*)(void *, char *, size_t))relib_symbol_in(handle, map, RELIB_SYMBOL_DESCRIBE_EXCEPTION);
	if (link && link->size == sizeof(*link))
		relib_link(module, link);
	for (uint32_t i = 0; i < module->bindings.count; i++) {
		const struct relib_binding *binding = &module->bindings.list[i];
		enum relib_code code;

		snprintf(symbol, sizeof(symbol), RELIB_SYMBOL_TABLE "%s", binding->interface->name);
		code = join_table(module, binding, relib_symbol_in(handle, map, symbol), error);
		if (code)
			return code;
	}
	return RELIB_OK;
}

static void set_one_state(struct relib_interface *interface, uint32_t state)
{
	bool is_open = state == RELIB_INTERFACE_LOADED || state == RELIB_INTERFACE_LOADED_FENCED;

	__atomic_store_n(&interface->open, is_open ? (uintptr_t)interface->exports + state : 0, __ATOMIC_RELEASE);
	__atomic_store_n(&interface->state, state, __ATOMIC_RELEASE);
}

static void set_state(struct relib_module *module, uint32_t state)
{
	for (uint32_t i = 0; i < module->bindings.count; i++)
		set_one_state(module->bindings.list[i].interface, state);
}

void relib_join_open(struct relib_module *module)
{
	atomic_store(&module->closing, false);
	set_state(module, relib_threads_can_see() ? RELIB_INTERFACE_LOADED : RELIB_INTERFACE_LOADED_FENCED);
}

void relib_join_close(struct relib_module *module)
{
	set_state(module, RELIB_INTERFACE_CLOSING);
	relib_threads_see();
}

/* Also after a failure halfway: what belongs to another module stays as it is. */
void relib_join_free(struct relib_module *module)
{
	for (uint32_t i = 0; i < module->bindings.count; i++) {
		struct relib_interface *interface = module->bindings.list[i].interface;

		if (interface->module != module)
			continue;
		interface->module = NULL;
		__atomic_store_n(&interface->exports, NULL, __ATOMIC_RELAXED);
		set_one_state(interface, RELIB_INTERFACE_FREE);
	}
	relib_bindings_free(&module->bindings);
	free(module->targets);
}
