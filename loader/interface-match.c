/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Whether the functions of an interface are there on both sides, and the same. */
#include "description.h"
#include "internal.h"

struct match {
	const struct relib_description *host, *module;
	struct relib_comparison comparison;
	struct relib_misfits misfits;
};

static void compare(struct match *match, const struct relib_described_function *host,
		    const struct relib_described_function *module)
{
	struct relib_words words = { 0 }, path = { 0 };
	struct relib_difference difference;

	if (host->hash == module->hash)
		return;
	if (relib_misfits_has_room(&match->misfits)) {
		relib_comparison_run(&match->comparison, host, module, &difference);
		relib_words_difference(&words, &match->comparison, &difference);
		relib_words_path(&path, &match->comparison, &difference);
	}
	relib_misfits_add(&match->misfits, host->name, words.text, path.text, host, module);
}

static void match_function_of_host(struct match *match, const struct relib_described_function *host)
{
	const struct relib_described_function *module = relib_description_find(match->module, host->name);

	if (!module) {
		if (host->direction == RELIB_IS_EXPORT && !host->optional)
			relib_misfits_add(&match->misfits, host->name, "the host calls it, and the module doesn't have it", "", host, NULL);
	} else if (module->direction != host->direction) {
		relib_misfits_add(&match->misfits, host->name,
				  host->direction == RELIB_IS_EXPORT ? "it is an export of the module in the host, an import in the module"
								     : "it is an import of the module in the host, an export in the module",
				  "", host, module);
	} else {
		compare(match, host, module);
	}
}

static void match_function_of_module(struct match *match, const struct relib_described_function *module, bool refuse_extra)
{
	if (relib_description_find(match->host, module->name))
		return;
	if (module->direction == RELIB_IS_IMPORT) {
		relib_misfits_add(&match->misfits, module->name, "the module calls it, and the host doesn't have it", "", NULL, module);
	} else if (refuse_extra) {
		match->misfits.extra_count++;
		relib_misfits_add(&match->misfits, module->name, "the module exports it, and the host doesn't know it", "", NULL,
				  module);
	}
}

enum relib_code relib_interface_match(const struct relib_description *host, const struct relib_description *module,
				      bool refuse_extra_exports, const char *shown, struct relib_error *error)
{
	struct match match = { .host = host, .module = module, .misfits = { .shown = shown, .error = error } };

	if (!relib_comparison_begin(&match.comparison, host, module))
		return relib_fail(error, RELIB_NO_MEMORY, "%s can't be loaded: no memory", shown);
	for (uint32_t i = 0; i < host->function_count; i++)
		if (host->functions[i].direction != RELIB_IS_MAIN)
			match_function_of_host(&match, &host->functions[i]);
	if (host->main && module->main)
		compare(&match, host->main, module->main);
	for (uint32_t i = 0; i < module->function_count; i++)
		if (module->functions[i].direction != RELIB_IS_MAIN)
			match_function_of_module(&match, &module->functions[i], refuse_extra_exports);
	relib_comparison_end(&match.comparison);
	return relib_misfits_finish(&match.misfits, host->name);
}
