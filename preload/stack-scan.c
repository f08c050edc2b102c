/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Looks for return addresses into certain code in the words of a stack. */
#include "stack-scan.h"

#include <link.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memory-map.h"

/* Most stacks are some kilobytes; one that a host cut out of a huge mapping has no end that could be told. */
#define SCAN_MOST ((size_t)16 << 20)

static void add_range(struct relib_code *code, uintptr_t start, uintptr_t end, bool readable)
{
	if (code->count == RELIB_CODE_LIMIT) { /* the last stands for all that are too many */
		code->count--;
		start = start < code->ranges[code->count].start ? start : code->ranges[code->count].start;
		end = end > code->ranges[code->count].end ? end : code->ranges[code->count].end;
		readable = false;
	}
	code->ranges[code->count].start = start;
	code->ranges[code->count].end = end;
	code->ranges[code->count++].readable = readable;
	if (!code->low || start < code->low)
		code->low = start;
	if (end > code->high)
		code->high = end;
}

struct finding {
	const struct relib_object *object;
	struct relib_code *code;
	bool found;
};

static int find_segments(struct dl_phdr_info *info, size_t size, void *context)
{
	struct finding *finding = context;

	(void)size;
	if (info->dlpi_addr != finding->object->base)
		return 0;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + segment->p_vaddr;

		if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X) || start < finding->object->start ||
		    start >= finding->object->end)
			continue;
		add_range(finding->code, start, start + segment->p_memsz, segment->p_flags & PF_R);
		finding->found = true;
	}
	return finding->found;
}

#ifdef SA_RESTORER
#define RESTORES SA_RESTORER
#else
#define RESTORES 0x04000000
#endif

/* As the kernel has it. */
struct kernel_action {
	uintptr_t handler;
	unsigned long flags;
	uintptr_t restorer;
	unsigned long mask[_NSIG / 8 / sizeof(long)];
};

static void find_restorers(struct relib_code *code)
{
#ifdef __x86_64__
	for (int number = 1; number < _NSIG; number++) {
		struct kernel_action action = { 0 };
		unsigned at = 0;

		if (syscall(SYS_rt_sigaction, number, NULL, &action, (size_t)_NSIG / 8) || !(action.flags & RESTORES))
			continue;
		while (at < code->restorer_count && code->restorers[at] != action.restorer)
			at++;
		if (at == code->restorer_count && at < RELIB_RESTORERS)
			code->restorers[code->restorer_count++] = action.restorer;
	}
#else
	(void)code;
#endif
}

void relib_code_of(const struct relib_set *set, struct relib_code *code)
{
	code->count = code->restorer_count = 0;
	code->low = code->high = 0;
	for (size_t i = 0; i < set->count; i++) {
		struct finding finding = { set->objects[i], code, false };

		dl_iterate_phdr(find_segments, &finding);
		/* In a namespace of its own it is not listed. */
		if (!finding.found)
			add_range(code, set->objects[i]->start, set->objects[i]->end, false);
	}
	find_restorers(code);
}

static int range_of(const struct relib_code *code, uintptr_t address)
{
	if (address - code->low < code->high - code->low)
		for (unsigned i = 0; i < code->count; i++)
			if (address - code->ranges[i].start < code->ranges[i].end - code->ranges[i].start)
				return (int)i;
	return -1;
}

bool relib_code_has(const struct relib_code *code, uintptr_t address)
{
	return range_of(code, address) >= 0;
}

#ifdef __x86_64__
/* E8 and a distance; or FF with /2 and what it addresses by. */
static bool is_behind_call(uintptr_t address, uintptr_t start)
{
	static const unsigned char lengths[] = { 2, 3, 4, 6, 7 };
	const unsigned char *code = (const unsigned char *)address;
	size_t before = address - start;

	if (before >= 5 && code[-5] == 0xe8)
		return true;
	for (unsigned i = 0; i < sizeof lengths && lengths[i] <= before; i++)
		if (code[-lengths[i]] == 0xff && (code[1 - lengths[i]] & 0x38) == 0x10)
			return true;
	return false;
}
#else
static bool is_behind_call(uintptr_t address, uintptr_t start)
{
	(void)address;
	(void)start;
	return true;
}
#endif

/* Behind a call that never returns may be the end of the code. */
static bool is_return_address(const struct relib_code *code, uintptr_t word)
{
	int at = range_of(code, word - 1);

	return at >= 0 && (!code->ranges[at].readable || is_behind_call(word, code->ranges[at].start));
}

static bool look_at(const struct relib_code *code, const uintptr_t *words, size_t count, struct relib_scan *scan)
{
	for (size_t i = 0; i < count; i++) {
		for (unsigned j = 0; j < code->restorer_count; j++)
			scan->handler |= words[i] == code->restorers[j];
		if (words[i] - code->low <= code->high - code->low && is_return_address(code, words[i])) {
			scan->word = words[i];
			return true;
		}
	}
	return false;
}

struct relib_scan relib_stack_scan(const struct relib_code *code, uintptr_t stack, uintptr_t end, uintptr_t *buffer,
				   size_t words)
{
	struct relib_scan scan = { 0 };
	uintptr_t at = (stack + sizeof *buffer - 1) & ~(sizeof *buffer - 1);

	if (at < end && end - at > SCAN_MOST) {
		end = at + SCAN_MOST;
		scan.incomplete = true;
	}
	while (at < end) {
		size_t size = end - at < words * sizeof *buffer ? end - at : words * sizeof *buffer;
		size_t got = relib_memory_read(at, buffer, size);

		if (look_at(code, buffer, got / sizeof *buffer, &scan))
			return scan;
		if (got < size) {
			scan.incomplete = true;
			return scan;
		}
		at += got;
	}
	return scan;
}
