/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The first difference of two functions. */
#include <stdlib.h>
#include <string.h>

#include "description.h"

struct search {
	struct relib_comparison *comparison;
	struct relib_difference *difference;
	uint32_t pair, part; /* where we are: what the types met here hang on */
};

bool relib_comparison_begin(struct relib_comparison *comparison, const struct relib_description *host,
			    const struct relib_description *module)
{
	*comparison = (struct relib_comparison){ .host = host, .module = module };
	comparison->pairs = calloc((size_t)host->type_count + 1, sizeof(*comparison->pairs));
	comparison->module_of = calloc((size_t)host->type_count + 1, sizeof(*comparison->module_of));
	comparison->host_of = calloc((size_t)module->type_count + 1, sizeof(*comparison->host_of));
	if (comparison->pairs && comparison->module_of && comparison->host_of)
		return true;
	relib_comparison_end(comparison);
	return false;
}

void relib_comparison_end(struct relib_comparison *comparison)
{
	free(comparison->pairs);
	free(comparison->module_of);
	free(comparison->host_of);
}

static void forget_pairs(struct relib_comparison *comparison)
{
	for (uint32_t i = 0; i < comparison->pair_count; i++) {
		comparison->module_of[comparison->pairs[i].host] = 0;
		comparison->host_of[comparison->pairs[i].module] = 0;
	}
	comparison->pair_count = 0;
}

static bool differs(struct search *search, enum relib_difference_kind kind)
{
	search->difference->kind = kind;
	search->difference->pair = search->pair;
	return true;
}

/* TYPEs. All of these give true where they differ; `at` is then anywhere. */

static bool meet_types(struct search *search, uint32_t host, uint32_t module)
{
	struct relib_comparison *comparison = search->comparison;
	const struct relib_described_type *here = &comparison->host->types[host - 1];
	const struct relib_described_type *there = &comparison->module->types[module - 1];

	if (here->kind != there->kind || !relib_span_same(here->tag, there->tag))
		return differs(search, RELIB_DIFFERENT_TYPE);
	if (comparison->module_of[host] == module && comparison->host_of[module] == host)
		return false;
	/* Two types without a tag may look the same, and be one type on one side only. */
	if (comparison->module_of[host] || comparison->host_of[module])
		return differs(search, RELIB_DIFFERENT_TYPE);
	comparison->module_of[host] = module;
	comparison->host_of[module] = host;
	comparison->pairs[comparison->pair_count++] = (struct relib_type_pair){ host, module, search->pair, search->part };
	return false;
}

static bool types_differ(struct search *search, const char *host, const char *module);

/* One type within a function type: its result, or a parameter. */
static bool steps_differ(struct search *search, uint32_t step, const char **host, const char **module)
{
	struct relib_difference *difference = search->difference;

	difference->steps[difference->depth++] = step;
	if (types_differ(search, *host, *module))
		return true;
	difference->depth--;
	relib_type_skip(host);
	relib_type_skip(module);
	return false;
}

static bool functions_differ(struct search *search, const char *host, const char *module)
{
	struct relib_difference *difference = search->difference;
	uint32_t host_count, module_count;
	char host_ending, module_ending;

	if (steps_differ(search, RELIB_STEP_RESULT, &host, &module))
		return true;
	host_count = relib_type_count_parameters(host, &host_ending);
	module_count = relib_type_count_parameters(module, &module_ending);
	if (host_count != module_count || host_ending != module_ending) {
		difference->host_count = host_count;
		difference->module_count = module_count;
		difference->host_ending = host_ending;
		difference->module_ending = module_ending;
		return differs(search, RELIB_DIFFERENT_COUNT);
	}
	for (uint32_t i = 1; i <= host_count; i++) {
		host++;
		module++;
		if (steps_differ(search, i, &host, &module))
			return true;
	}
	return false;
}

static bool types_differ(struct search *search, const char *host, const char *module)
{
	const char *whole_host = host, *whole_module = module;

	for (;;) {
		struct relib_token here = relib_type_next(&host), there = relib_type_next(&module);
		bool differ;

		if (here.kind == RELIB_TOKEN_FUNCTION && there.kind == RELIB_TOKEN_FUNCTION)
			return functions_differ(search, host, module);
		if (here.kind == RELIB_TOKEN_TYPE && there.kind == RELIB_TOKEN_TYPE)
			differ = meet_types(search, (uint32_t)here.number, (uint32_t)there.number);
		else
			differ = !relib_span_same(here.text, there.text) && differs(search, RELIB_DIFFERENT_TYPE);
		if (differ) {
			search->difference->host_at = whole_host;
			search->difference->module_at = whole_module;
			return true;
		}
		if (here.kind == RELIB_TOKEN_TYPE || here.kind == RELIB_TOKEN_BASE)
			return false;
	}
}

/* Fields and values */

static bool parts_differ(struct search *search, enum relib_difference_kind kind, uint32_t host, uint32_t module)
{
	search->difference->host_part = host;
	search->difference->module_part = module;
	return differs(search, kind);
}

static bool has_part(const struct relib_description *description, const struct relib_described_type *type,
		     struct relib_span name)
{
	for (uint32_t i = 0; i < type->count; i++)
		if (relib_span_same(description->parts[type->first + i].name, name))
			return true;
	return false;
}

/* Two parts in the same place whose names differ: what has become of them? */
static bool names_differ(struct search *search, const struct relib_described_type *here,
			 const struct relib_described_type *there, uint32_t place)
{
	const struct relib_comparison *comparison = search->comparison;
	uint32_t host = here->first + place, module = there->first + place;
	const struct relib_described_part *mine = &comparison->host->parts[host];
	const struct relib_described_part *its = &comparison->module->parts[module];
	bool mine_there = has_part(comparison->module, there, mine->name), its_here = has_part(comparison->host, here, its->name);

	search->difference->host_count = search->difference->module_count = place + 1;
	if (mine_there && its_here)
		return parts_differ(search, RELIB_DIFFERENT_ORDER, host, module);
	/* As many fields as before: renamed. Else one was added or taken away. */
	if (!mine_there && !its_here && here->count == there->count && mine->offset == its->offset)
		return parts_differ(search, RELIB_DIFFERENT_NAME, host, module);
	return parts_differ(search, mine_there ? RELIB_MISSING_IN_HOST : RELIB_MISSING_IN_MODULE, host, module);
}

/* The layout of a type follows from the types of its fields: goes on looking for one of these that differs. */
struct layout {
	struct relib_difference first;
	bool found;
};

static bool fields_differ(struct search *search, uint32_t host, uint32_t module, struct layout *layout)
{
	const struct relib_described_part *here = &search->comparison->host->parts[host];
	const struct relib_described_part *there = &search->comparison->module->parts[module];

	search->difference->host_part = host;
	search->difference->module_part = module;
	search->difference->depth = 0;
	search->part = host;
	if (types_differ(search, here->type.at, there->type.at))
		return true;
	if (here->width != there->width)
		return differs(search, RELIB_DIFFERENT_WIDTH);
	if (here->offset != there->offset && !layout->found) {
		differs(search, RELIB_DIFFERENT_OFFSET);
		layout->first = *search->difference;
		layout->found = true;
	}
	return false;
}

static bool values_differ(struct search *search, uint32_t host, uint32_t module)
{
	return !relib_span_same(search->comparison->host->parts[host].number, search->comparison->module->parts[module].number) &&
	       parts_differ(search, RELIB_DIFFERENT_NUMBER, host, module);
}

static bool all_parts_differ(struct search *search, const struct relib_described_type *here,
			     const struct relib_described_type *there, struct layout *layout)
{
	const struct relib_comparison *comparison = search->comparison;
	uint32_t i;

	for (i = 0; i < here->count && i < there->count; i++) {
		uint32_t host = here->first + i, module = there->first + i;

		if (!relib_span_same(comparison->host->parts[host].name, comparison->module->parts[module].name))
			return names_differ(search, here, there, i);
		if (here->kind == RELIB_IS_ENUM ? values_differ(search, host, module) : fields_differ(search, host, module, layout))
			return true;
	}
	if (i < here->count)
		return parts_differ(search, RELIB_MISSING_IN_MODULE, here->first + i, 0);
	if (i < there->count)
		return parts_differ(search, RELIB_MISSING_IN_HOST, 0, there->first + i);
	return false;
}

static bool pair_differs(struct search *search, struct layout *layout)
{
	const struct relib_type_pair *pair = &search->comparison->pairs[search->pair];
	const struct relib_described_type *here = &search->comparison->host->types[pair->host - 1];
	const struct relib_described_type *there = &search->comparison->module->types[pair->module - 1];
	struct layout own = { .found = false };

	search->difference->depth = 0;
	if (!here->align != !there->align)
		return differs(search, RELIB_DIFFERENT_OPAQUE);
	if (all_parts_differ(search, here, there, &own))
		return true;
	if (here->base.at && !relib_span_same(here->base, there->base)) {
		search->difference->host_at = here->base.at;
		search->difference->module_at = there->base.at;
		return differs(search, RELIB_DIFFERENT_BASE);
	}
	if (!own.found && (here->size != there->size || here->align != there->align)) {
		differs(search, here->size != there->size ? RELIB_DIFFERENT_SIZE : RELIB_DIFFERENT_ALIGN);
		own.first = *search->difference;
		own.found = true;
	}
	/* The last one found is the innermost: others have got theirs from it. */
	if (own.found)
		*layout = own;
	return false;
}

void relib_comparison_run(struct relib_comparison *comparison, const struct relib_described_function *host,
			  const struct relib_described_function *module, struct relib_difference *difference)
{
	struct search search = { comparison, difference, RELIB_NO_PAIR, 0 };
	struct layout layout = { .found = false };

	forget_pairs(comparison);
	*difference = (struct relib_difference){ .kind = RELIB_SAME, .pair = RELIB_NO_PAIR };
	if (types_differ(&search, host->type.at, module->type.at))
		return;
	/* Types met on the way come behind: each pair once, so that types that contain themselves end. */
	for (search.pair = 0; search.pair < comparison->pair_count; search.pair++)
		if (pair_differs(&search, &layout))
			return;
	if (layout.found)
		*difference = layout.first;
	else
		*difference = (struct relib_difference){ .kind = RELIB_SAME, .pair = RELIB_NO_PAIR };
}
