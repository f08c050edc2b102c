/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Which addresses are covered by mappings that modules hold. */
#include "mapping-cover.h"

#include <stddef.h>

#include "arena.h"

#define PAGE_SHIFT 12 /* the least that there is */
#define UNIT_SHIFT 21
#define GIB_SHIFT 30
#define ADDRESS_BITS 47
#define UNITS (1u << (GIB_SHIFT - UNIT_SHIFT))
#define PAGE_WORDS ((1u << (GIB_SHIFT - PAGE_SHIFT)) / 64)
#define NODES 1024u

/* For a GiB of which a part is covered. */
struct node {
	uint64_t gib;
	uint64_t units[UNITS / 64]; /* covered whole */
	uint64_t used[UNITS / 64];  /* some of their pages have been covered: these bits stay */
	uint64_t pages[PAGE_WORDS];
};

static struct node *nodes[NODES];
static uint64_t gibs[(1u << (ADDRESS_BITS - GIB_SHIFT)) / 64]; /* covered whole */
/* Something has no place here: from now on everything may be covered. */
static bool incomplete;

static struct node *find_node(uint64_t gib)
{
	struct node *node = __atomic_load_n(&nodes[gib % NODES], __ATOMIC_ACQUIRE);

	return node && node->gib == gib ? node : NULL;
}

static struct node *make_node(uint64_t gib)
{
	struct node *none = NULL, *node;

	if (__atomic_load_n(&nodes[gib % NODES], __ATOMIC_ACQUIRE))
		return find_node(gib);
	node = relib_reserve(sizeof *node);
	if (!node)
		return NULL;
	node->gib = gib;
	if (__atomic_compare_exchange_n(&nodes[gib % NODES], &none, node, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return node;
	relib_unreserve(node, sizeof *node);
	return find_node(gib);
}

/* The bits of a word of 64 that lie in [from, to), the word being number `word`; from < to, and some do. */
static uint64_t bits_in(uint64_t word, uint64_t from, uint64_t to)
{
	uint64_t bits = ~0ull;

	if (from > word * 64)
		bits <<= from - word * 64;
	if (to < word * 64 + 64)
		bits &= ~0ull >> (word * 64 + 64 - to);
	return bits;
}

static bool has(const uint64_t *word, uint64_t bits)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE) & bits;
}

static void change_word(uint64_t *word, uint64_t bits, bool set)
{
	if (set)
		__atomic_fetch_or(word, bits, __ATOMIC_RELEASE);
	else
		__atomic_fetch_and(word, ~bits, __ATOMIC_RELEASE);
}

/* Of each level [from, to) counts in its own unit. */

static void change_pages(uint64_t from, uint64_t to, bool set)
{
	for (uint64_t word = from / 64; from < to && word <= (to - 1) / 64; word++) {
		uint64_t unit = word * 64 >> (UNIT_SHIFT - PAGE_SHIFT), bit = 1ull << unit % 64;
		struct node *node = set ? make_node(unit / UNITS) : find_node(unit / UNITS);

		if (!node) {
			if (set)
				__atomic_store_n(&incomplete, true, __ATOMIC_RELEASE);
			continue;
		}
		change_word(&node->pages[word % PAGE_WORDS], bits_in(word, from, to), set);
		if (set && !has(&node->used[unit % UNITS / 64], bit))
			change_word(&node->used[unit % UNITS / 64], bit, true);
	}
}

static void change_units(uint64_t from, uint64_t to, bool set)
{
	for (uint64_t word = from / 64; from < to && word <= (to - 1) / 64; word++) {
		struct node *node = set ? make_node(word * 64 / UNITS) : find_node(word * 64 / UNITS);

		if (node)
			change_word(&node->units[word % (UNITS / 64)], bits_in(word, from, to), set);
		else if (set)
			__atomic_store_n(&incomplete, true, __ATOMIC_RELEASE);
	}
}

static void change_gibs(uint64_t from, uint64_t to, bool set)
{
	for (uint64_t word = from / 64; from < to && word <= (to - 1) / 64; word++)
		change_word(&gibs[word], bits_in(word, from, to), set);
}

/* What is whole of the greater `shift` goes to `greater`, what is left at both ends to `lesser`. */
static void split(uint64_t from, uint64_t to, unsigned shift, void (*greater)(uint64_t, uint64_t, bool),
		  void (*lesser)(uint64_t, uint64_t, bool), bool set)
{
	uint64_t first = (from + (1ull << shift) - 1) >> shift, last = to >> shift;

	if (first >= last) {
		lesser(from, to, set);
		return;
	}
	greater(first, last, set);
	lesser(from, first << shift, set);
	lesser(last << shift, to, set);
}

static void change_small(uint64_t from, uint64_t to, bool set)
{
	if (from < to)
		split(from, to, UNIT_SHIFT - PAGE_SHIFT, change_units, change_pages, set);
}

static void change(uintptr_t start, uintptr_t end, bool set)
{
	if (start >= end || end > 1ull << ADDRESS_BITS) {
		if (set)
			__atomic_store_n(&incomplete, true, __ATOMIC_RELEASE);
		return;
	}
	split(start >> PAGE_SHIFT, (end + (1u << PAGE_SHIFT) - 1) >> PAGE_SHIFT, GIB_SHIFT - PAGE_SHIFT, change_gibs,
	      change_small, set);
}

void relib_mapping_cover(uintptr_t start, uintptr_t end)
{
	change(start, end, true);
}

void relib_mapping_uncover(uintptr_t start, uintptr_t end)
{
	change(start, end, false);
}

/* Pages [from, to) of one GiB. */
static bool is_node_covered(const struct node *node, uint64_t from, uint64_t to)
{
	const unsigned pages = UNIT_SHIFT - PAGE_SHIFT;

	for (uint64_t unit = from >> pages; unit <= (to - 1) >> pages; unit++) {
		uint64_t bit = 1ull << unit % 64, end = (unit + 1) << pages;

		if (has(&node->units[unit % UNITS / 64], bit))
			return true;
		if (!has(&node->used[unit % UNITS / 64], bit))
			continue;
		if (end > to)
			end = to;
		if (from < unit << pages)
			from = unit << pages;
		for (uint64_t word = from / 64; word <= (end - 1) / 64; word++)
			if (has(&node->pages[word % PAGE_WORDS], bits_in(word, from, end)))
				return true;
	}
	return false;
}

bool relib_mapping_is_covered(uintptr_t start, uintptr_t end)
{
	const unsigned pages = GIB_SHIFT - PAGE_SHIFT;
	uint64_t from = start >> PAGE_SHIFT, to = ((uint64_t)end + (1u << PAGE_SHIFT) - 1) >> PAGE_SHIFT;

	if (start >= end)
		return false;
	if (__atomic_load_n(&incomplete, __ATOMIC_ACQUIRE) || end > 1ull << ADDRESS_BITS)
		return true;
	for (uint64_t gib = from >> pages; gib <= (to - 1) >> pages; gib++) {
		uint64_t first = gib << pages, last = (gib + 1) << pages;
		const struct node *node = find_node(gib);

		if (has(&gibs[gib / 64], 1ull << gib % 64) ||
		    (node && is_node_covered(node, first > from ? first : from, last < to ? last : to)))
			return true;
	}
	return false;
}
