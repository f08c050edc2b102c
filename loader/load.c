/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Loads a module. */
#include <dlfcn.h>
#include <link.h>

#include "fault.h"
#include "image.h"
#include "internal.h"
#include "private-copy.h"

/*
 * In a host without libstdc++, the first C++ module would bring it along, ld.so would bind its weak symbols to
 * that module's, and the module could never be unmapped. By itself libstdc++ is bound to itself, and stays.
 */
static void load_libstdcxx_alone(void)
{
	static atomic_bool done;

	/*
	 * Of threads that load at once each waits until it is there: the module of one that went ahead would bring it along.
	 * Failing is no harm here: loading the module will say what is missing.
	 */
	if (!atomic_load(&done) && dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL))
		atomic_store(&done, true);
}

/* What dlopen() said must be asked for at once: the tracker may call into ld.so itself. */
static enum relib_code open_named(struct relib_module *module, const struct relib_image *image, void **handle,
				  const struct relib_load_options *options, struct relib_error *error)
{
	int flags = RTLD_NOW | (options->global ? RTLD_GLOBAL : RTLD_LOCAL);
	struct relib_origin *origin = image->is_private ? relib_origin_open(module, image) : NULL;
	enum relib_code code = RELIB_OK;

	*handle = dlopen(module->opened, flags);
	if (!*handle)
		code = relib_linker_error(error, image->shown, module->opened);
	if (code == RELIB_MISSING_LIBRARY && image->is_private && relib_origin_is_used(image))
		relib_add(error, "\n  a private copy finds libraries by $ORIGIN only if they have a soname, and not those of its libraries");
	relib_origin_close(origin, *handle);
	return code;
}

static enum relib_code open_object(struct relib_module *module, const struct relib_image *image, void **handle,
				   const struct relib_load_options *options, struct relib_error *error)
{
	const struct relib_track *track;
	struct relib_module *previous;
	enum relib_code code;
	const char *why;

	track = relib_tracker(&why);
	previous = relib_link_begin(module);
	if (track)
		track->load_begin();
	if (track && track->name_object && image->is_private)
		track->name_object(module->opened, module->path);
	code = open_named(module, image, handle, options, error);
	if (track)
		track->load_end(*handle);
	if (track && track->name_object && image->is_private)
		track->name_object(module->opened, NULL);
	relib_link_end(previous);
	return code;
}

/* A module whose tables don't fit has run its constructors: it is taken out as it came, without settlement. */
static enum relib_code join(struct relib_module *module, const struct relib_image *image, void *handle, struct relib_error *error)
{
	enum relib_code code = RELIB_OK;

	dlinfo(handle, RTLD_DI_LINKMAP, &module->map);
	if (image->has_information) {
		module->main = relib_symbol_in(handle, module->map, RELIB_SYMBOL_MAIN);
		code = relib_join(module, handle, module->map, error);
	}
	if (code) {
		dlclose(handle);
		return code;
	}
	relib_registry_publish(module, handle);
	relib_join_open(module);
	return RELIB_OK;
}

static enum relib_code load_claimed(struct relib_module *module, const struct relib_image *image,
				    const struct relib_load_options *options, struct relib_bindings *bindings,
				    struct relib_error *error)
{
	enum relib_code code;
	void *handle;

	/* A copy is another object than all that are there. */
	if (!image->is_private && relib_process_has(image, module->path))
		return relib_fail(error, RELIB_ALREADY_LOADED,
				  "%s is in this process already: the host opened it by other means, or something needs it as a library\n"
				  "  a module must come in by relib_load alone; load a copy of the file",
				  image->shown);
	if (image->needs_libstdcxx)
		load_libstdcxx_alone();
	module->contain_faults = options->contain_faults;
	if (module->contain_faults)
		relib_fault_install();
	code = relib_join_prepare(module, bindings, error);
	if (!code && image->is_private)
		code = relib_private_copy_take(module, image, error);
	if (!code)
		code = open_object(module, image, &handle, options, error);
	return code ? code : join(module, image, handle, error);
}

static enum relib_code load_image(const struct relib_image *image, const struct relib_load_options *options,
				  struct relib_bindings *bindings, struct relib_module **result, struct relib_error *error)
{
	struct relib_module *module = relib_module_new(image);
	enum relib_code code;

	if (!module)
		return relib_fail(error, RELIB_NO_MEMORY, "%s can't be loaded: no memory", image->shown);
	code = relib_linker_check(image->shown, "loaded", RELIB_LOAD_FAILED, error);
	if (!code)
		code = relib_registry_claim(module, image->shown, error);
	if (!code) {
		relib_linker_enter();
		code = load_claimed(module, image, options, bindings, error);
		relib_linker_leave();
		if (code)
			relib_registry_remove(module);
	}
	if (code)
		relib_module_free(module);
	else
		*result = module;
	return code;
}

enum relib_code relib_load(const char *path, const struct relib_load_options *options, struct relib_module **module,
			   struct relib_error *error)
{
	static const struct relib_load_options none;
	struct relib_bindings bindings = { 0 };
	struct relib_image image;
	enum relib_code code;

	relib_clear(error);
	if (!path || !*path || !module)
		return relib_fail(error, RELIB_INVALID, "relib_load needs a path and a place for the module");
	if (!options)
		options = &none;
	code = relib_image_open(&image, path, error);
	if (code)
		return code;
	code = options->private_copy ? relib_image_make_private(&image, error) : RELIB_OK;
	if (!code)
		code = relib_image_check_information(&image, options->allow_plain, error);
	if (!code)
		code = relib_interface_check(&image, options, &bindings, error);
	if (!code)
		code = load_image(&image, options, &bindings, module, error);
	relib_bindings_free(&bindings);
	relib_image_close(&image);
	return code;
}
