/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * What runtime functions do with memory they allocate.
 *
 * The lists were found by experiment with glibc 2.36 and GCC 12's libstdc++: each function was called, what
 * stayed allocated was looked at, and whose it is was decided by a second call, by another thread and by
 * __libc_freeres.
 */
#include "policy.h"

#include <string.h>

#include "report-name.h"

/*
 * Functions of libc all of whose blocks are their caller's, or part of an object of the caller's. (fclose: it
 * gives the buffer of an open_memstream its last size.) Sorted.
 */
static const char *const hands_over[] = {
	"_IO_vasprintf", "___asprintf", "__asprintf", "__asprintf_chk", "__getcwd_chk", "__getdelim", "__isoc23_fscanf",
	"__isoc23_scanf", "__isoc23_sscanf", "__isoc23_vfscanf", "__isoc23_vscanf", "__isoc23_vsscanf",
	"__isoc99_fscanf", "__isoc99_fwscanf", "__isoc99_scanf", "__isoc99_sscanf", "__isoc99_swscanf",
	"__isoc99_vfscanf", "__isoc99_vscanf", "__isoc99_vsscanf", "__isoc99_wscanf", "__realpath_chk", "__strdup",
	"__strndup", "__vasprintf_chk", "_obstack_begin", "_obstack_begin_1", "_obstack_newchunk", "argz_add",
	"argz_add_sep", "argz_append", "argz_create", "argz_create_sep", "argz_insert", "argz_replace", "asprintf",
	"backtrace_symbols", "canonicalize_file_name", "duplocale", "envz_add", "envz_merge", "fclose", "fscanf", "fts64_children",
	"fts64_open", "fts64_read", "fts_children", "fts_open", "fts_read", "fwscanf", "get_current_dir_name", "getcwd",
	"getdelim", "getifaddrs", "getline", "glob", "glob64", "if_nameindex",
	"posix_spawn_file_actions_addchdir_np", "posix_spawn_file_actions_addclose",
	"posix_spawn_file_actions_addclosefrom_np", "posix_spawn_file_actions_adddup2",
	"posix_spawn_file_actions_addfchdir_np", "posix_spawn_file_actions_addopen",
	"pthread_attr_setaffinity_np", "pthread_attr_setsigmask_np", "pthread_getattr_np", "re_compile_fastmap",
	"re_compile_pattern", "re_match", "re_match_2", "re_search", "re_search_2", "realpath", "regcomp", "regexec",
	"scandir", "scandir64", "scandirat", "scandirat64", "scanf", "sscanf", "strdup", "strndup", "swscanf",
	"tempnam", "tsearch", "vasprintf", "vfscanf", "vscanf", "vsscanf", "wcsdup", "wordexp", "wscanf",
};

/*
 * Functions of libc that keep wherever they are called from, also by a function that hands over: the buffers
 * of streams, character conversion, locales, catalogues. Parts of names.
 */
static const char *const libc_keeps[] = { "doallocate", "pbackfail", "_nl_", "gconv", "mbrtowc", "wcrtomb", "btowc",
	"srtowcs", "srtombs", "nrtowcs", "nrtombs", "gettext", "setlocale", "newlocale", "tzset", "dlopen", "nss_", "getpw", "getgr",
	"allocate_once", NULL };

/*
 * Functions of libstdc++ whose blocks are not the caller's although it called: locales and facet caches,
 * state of streams that outlive the call, allocators that never give back, exceptions that another may hold.
 * Beginnings of mangled names: what follows are parameters, and many a function has a locale among these.
 */
static const char *const cxx_keeps[] = {
	"_ZNSt6locale", "_ZNKSt6locale", "_ZNKSt9money_put", "_ZNKSt9money_get", "_ZNKSt7__cxx119money_put",
	"_ZNKSt7__cxx119money_get", "_ZNKSt7num_put", "_ZNKSt7num_get", "_ZNSt16__numpunct_cache",
	"_ZNSt18__moneypunct_cache", "_ZNSt8ios_base13_M_grow_words", "_ZNSt8ios_base17register_callback",
	"_ZNSt8ios_base15sync_with_stdio", "_ZNSt9basic_iosI", "_ZNKSt7__cxx118messages", "_ZNKSt8messages",
	"_ZN9__gnu_cxx12__pool_alloc", "_ZN9__gnu_cxx17__pool_alloc_base", "_ZN9__gnu_cxx6__poolI",
	"_ZN9__gnu_cxx9free_list", "_ZN9__gnu_cxx16bitmap_allocator", "_ZSt25notify_all_at_thread_exit",
	"_ZNSt3pmr26synchronized_pool_resource", "_ZNSt3pmr28unsynchronized_pool_resource",
	"_ZNSt3pmr25monotonic_buffer_resource", "_ZNSt3pmr15__pool_resource", "__cxa_allocate_exception",
	"__cxa_allocate_dependent_exception", "_ZNSt13runtime_errorC", "_ZNSt11logic_errorC",
	"_ZNSt12__cow_stringC", "__cxa_get_globals", "__cxa_thread_atexit", NULL,
};

/* The buffer of a string stream is the stream's, also when a number is put into it by a facet. */
static const char *const cxx_hands_over[] = {
	"_ZNSt7__cxx1115basic_stringbuf", "_ZNSt15basic_stringbuf", NULL,
};

static bool is_handed_over_by(const char *name)
{
	size_t low = 0, high = sizeof hands_over / sizeof *hands_over;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, hands_over[middle]);

		if (!order)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

/* Return addresses lie behind the call: the byte before is inside. */
static uintptr_t offset_of(const struct relib_runtime_frame *frame)
{
	return frame->address - 1 - frame->object->base;
}

/* A function has several names: one that is on the list is enough. */
static bool has_name(const struct relib_runtime_frame *frame, bool (*is_listed)(const char *))
{
	const struct relib_symbols *table = &frame->object->symbols;
	const ElfW(Sym) *symbol;

	for (size_t at = 0; (symbol = relib_symbol_next(table, offset_of(frame), &at));)
		if (is_listed(relib_symbol_name(table, symbol)))
			return true;
	return false;
}

static bool is_kept_by_libc(const char *name)
{
	for (const char *const *part = libc_keeps; *part; part++)
		if (strstr(name, *part))
			return true;
	return false;
}

static bool is_kept_by_cxx(const char *name)
{
	return relib_starts_with_one_of(name, cxx_keeps);
}

static bool is_handed_over_by_cxx(const char *name)
{
	return relib_starts_with_one_of(name, cxx_hands_over);
}

bool relib_policy_hands_over(const struct relib_runtime_frame *frames, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		switch (frames[i].object->kind) {
		case RELIB_OBJECT_LIBC:
			if (has_name(&frames[i], is_kept_by_libc))
				return false;
			/* The function that libc's caller called decides, not its helpers. */
			if (i + 1 < count && frames[i + 1].object->kind == RELIB_OBJECT_LIBC)
				continue;
			if (!has_name(&frames[i], is_handed_over_by))
				return false;
			break;
		case RELIB_OBJECT_CXX:
		case RELIB_OBJECT_MODULE: /* a weak function of the C++ library */
			if (has_name(&frames[i], is_handed_over_by_cxx))
				return true;
			if (has_name(&frames[i], is_kept_by_cxx))
				return false;
			break;
		case RELIB_OBJECT_RUNTIME:
			break;
		default:
			return false;
		}
	}
	return true;
}

static bool is_cxx_library_name(const char *name)
{
	/* std:: and __gnu_cxx::, also of const member functions */
	static const char *const library[] = { "_ZSt", "_ZNSt", "_ZNKSt", "_ZNSa", "_ZNSs", "_ZNKSs", "_ZNSi", "_ZNSo",
		"_ZN9__gnu_cxx", "_ZNK9__gnu_cxx", NULL };

	return relib_starts_with_one_of(name, library);
}

bool relib_policy_is_weak_cxx(const struct relib_object *object, uintptr_t address)
{
	const ElfW(Sym) *symbol;

	for (size_t at = 0; (symbol = relib_symbol_next(&object->symbols, address - 1 - object->base, &at));)
		if (ELF64_ST_BIND(symbol->st_info) == STB_WEAK &&
		    is_cxx_library_name(relib_symbol_name(&object->symbols, symbol)))
			return true;
	return false;
}
