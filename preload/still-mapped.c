/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Why ld.so keeps an object that was closed. */
#include "still-mapped.h"

#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "destructors.h"
#include "dlopen-handle.h"
#include "lock.h"
#include "report-name.h"
#include "site.h"
#include "thread-ledger.h"

/* By whom it was opened again, as far as the ledger knows: the first of them, with the function that did. */
static const char *say_opened(struct relib_builder *builder, const struct relib_object *root)
{
	uint32_t mark;
	struct relib_frame frame = { .function = NULL };
	uintptr_t address = 0;
	char who[256] = "";
	sigset_t saved;

	/* Who it was may be about to leave: under this lock it doesn't. */
	relib_lock(&relib_registry_lock, &saved);
	if (relib_dlopen_holders(root, &mark, 1)) {
		const struct relib_site *site = &relib_sites[mark & RELIB_SITE_MASK];
		const struct relib_addresses *chain = relib_addresses_of(site->chain);

		if (chain->count)
			address = chain->frames[chain->count - 1];
		snprintf(who, sizeof who, "%s",
			 site->owner == root->index ? "itself" : relib_name_of_file(relib_objects[site->owner].path));
	}
	relib_unlock(&relib_registry_lock, &saved);
	if (!*who)
		return "it was opened more than once";
	if (address)
		relib_build_frame(builder, address, &frame);
	if (frame.function)
		return relib_build_text(builder, "it was opened again by %.200s, in %.200s, and not closed", who, frame.function);
	return relib_build_text(builder, "it was opened again by %.200s and not closed", who);
}

struct pending {
	size_t count;
	int32_t thread;
};

static void note_pending(void *context, const struct relib_destructor *destructor)
{
	struct pending *pending = context;

	if (!pending->count++)
		pending->thread = destructor->thread;
}

/* On which thread. Those of the calling one are not visited. */
static const char *say_pending(struct relib_builder *builder, const struct relib_object *root)
{
	struct relib_object *owner = &relib_objects[root->index];
	struct pending pending = { .count = 0 };
	char name[16];

	relib_destructors_visit(&owner, 1, note_pending, &pending);
	if (!pending.count)
		pending.thread = (int32_t)syscall(SYS_gettid);
	relib_thread_name(pending.thread, name);
	if (pending.count > 1)
		return relib_build_text(builder, "a thread-local destructor of it is pending on thread %d \"%s\", and %zu more are",
					(int)pending.thread, name, pending.count - 1);
	return relib_build_text(builder, "a thread-local destructor of it is pending on thread %d \"%s\"", (int)pending.thread, name);
}

static void say_unique(struct relib_builder *builder, const char *unique)
{
	builder->report->reason = relib_build_text(builder, "a symbol of it is unique in the process (STB_GNU_UNIQUE %.400s)", unique);
	builder->report->advice = "build the module with -fno-gnu-unique";
}

void relib_explain_mapped(struct relib_builder *builder, const struct relib_object *root, int before)
{
	int count = relib_object_open_count(root);
	struct relib_report *report = builder->report;
	const char *unique = relib_object_unique_symbol(root), *user = relib_object_user(root);

	if (relib_object_flags_1(root) & DF_1_NODELETE) {
		report->reason = "it is marked as not to be unloaded (NODELETE)";
		report->advice = "link it without -z nodelete";
	} else if (count > 0 && count == before) {
		if (unique) {
			say_unique(builder, unique);
		} else {
			report->reason = "it was opened with RTLD_NODELETE";
			report->advice = "open it without that flag";
		}
	} else if (count > 0) {
		report->reason = say_opened(builder, root);
		report->advice = "close it as often as it was opened";
	} else if (relib_destructors_pending(root)) {
		report->reason = say_pending(builder, root);
		report->advice = "end that thread first; the next dlclose takes the module out";
	} else if (user) {
		report->reason = relib_build_text(builder, "%.400s needs it", user);
		report->advice = "close that first";
	} else if (unique) {
		say_unique(builder, unique);
	} else if (relib_object_exports_cxx(root)) {
		report->reason = "libstdc++ is bound to functions of the C++ library that the module exports";
		report->advice = "link the host to libstdc++, or the module with -Wl,-Bsymbolic and a version script that "
				 "hides std::";
	} else {
		report->reason = "ld.so keeps it for a reason that it does not tell";
		report->advice = "LD_DEBUG=bindings,scopes on the program may show it";
	}
}
