/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The list of the libstdc++ cases: feature and what is expected of it. */
#ifndef RETENTION_CXX_CASES_H
#define RETENTION_CXX_CASES_H

#include "cases.h"

#define KEPT RETENTION_KEPT
#define OWNED RETENTION_OWNED
#define EITHER RETENTION_EITHER
#define AT_LEAST RETENTION_AT_LEAST
#define OUTPUT RETENTION_OUTPUT
#define STAYS RETENTION_STAYS
#define BEFORE RETENTION_BEFORE

/* cxx-streams.cc */
#define RETENTION_STREAMS(X) \
	X(cout, KEPT | OUTPUT) X(cout_number, KEPT | OUTPUT) X(cerr, KEPT) X(clog, KEPT) X(wcout, KEPT | OUTPUT) X(cin, KEPT) \
	X(wcin, KEPT) X(cout_imbue, KEPT | OUTPUT) X(sync_with_stdio, KEPT | OUTPUT) X(cout_iword, KEPT | OUTPUT) \
	X(cout_pword, KEPT) X(cout_copyfmt, KEPT | OUTPUT) X(cout_callback, KEPT | OUTPUT) X(number_out_held, KEPT | BEFORE) \
	X(number_in_held, KEPT | BEFORE) X(wide_number_held, KEPT | BEFORE) X(money_held, KEPT | BEFORE) \
	X(locale_global, KEPT) X(locale_global_toggle, KEPT) X(locale_gone, KEPT) X(locale_copy, KEPT) X(locale_miss, KEPT) \
	X(locale_left, EITHER | AT_LEAST) X(locale_combined_left, EITHER | AT_LEAST) X(number_imbued, KEPT) X(collate, KEPT) \
	X(put_time, KEPT) X(get_time, KEPT) X(messages_closed, KEPT) X(messages_left, KEPT) X(stringstream, KEPT) \
	X(convert, KEPT) X(fstream_closed, KEPT) X(ofstream_left, EITHER | AT_LEAST) X(ostringstream_left, OWNED) \
	X(stream_callback_left, EITHER | AT_LEAST)

/* cxx-language.cc */
#define RETENTION_LANGUAGE(X) \
	X(throw, KEPT) X(throw_nested, KEPT) X(throw_through_libstdcxx, KEPT) X(uncaught_exceptions, KEPT) \
	X(exception_ptr, KEPT) X(exception_ptr_left, EITHER | AT_LEAST) X(longjmp_from_catch, KEPT) X(typeid, KEPT) \
	X(demangle, OWNED) X(error_message, KEPT) X(statics_40, KEPT) X(thread_local_string, KEPT | STAYS) \
	X(thread_local_in_thread, KEPT) X(thread, KEPT) X(async, KEPT) X(call_once, KEPT) X(promise, KEPT) X(packaged_task, KEPT) \
	X(mutex, KEPT) X(condition_variable, KEPT) X(condition_variable_any, KEPT) X(new_handler, KEPT)

/* cxx-library.cc */
#define RETENTION_LIBRARY(X) \
	X(pool_alloc, KEPT) X(mt_alloc, KEPT) X(bitmap_allocator, KEPT) X(pool_resource_shared, KEPT | BEFORE) \
	X(monotonic_resource, KEPT) X(regex, KEPT) X(random, KEPT) X(filesystem, KEPT) X(numbers, KEPT) X(algorithms, KEPT) \
	X(containers, KEPT) X(new_left, OWNED) X(new_array_left, OWNED) X(new_nothrow_left, OWNED) X(new_aligned_left, OWNED) \
	X(string_left, OWNED) X(string_grown_left, OWNED) X(wstring_left, OWNED) X(string_read_left, OWNED) \
	X(to_string_left, OWNED) X(vector_left, OWNED) X(vector_grown_left, OWNED) X(map_left, OWNED) X(set_left, OWNED) \
	X(unordered_map_left, OWNED) X(list_left, OWNED) X(deque_left, OWNED) X(strings_in_vector_left, OWNED) \
	X(shared_ptr_left, OWNED) X(function_left, OWNED) X(any_left, OWNED) X(optional_left, OWNED) X(regex_left, OWNED | AT_LEAST) \
	X(path_left, OWNED | AT_LEAST) X(directory_left, EITHER | AT_LEAST) X(future_left, OWNED | AT_LEAST) \
	X(condition_variable_any_left, OWNED) X(random_left, OWNED) X(temporary_buffer_left, OWNED) \
	X(pmr_left, EITHER) X(valarray_left, OWNED)

#define RETENTION_CXX(X) RETENTION_STREAMS(X) RETENTION_LANGUAGE(X) RETENTION_LIBRARY(X)

#define RETENTION_DECLARE(name, flags) extern "C" CASE(name);
RETENTION_CXX(RETENTION_DECLARE)
#undef RETENTION_DECLARE

#endif
