/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Reports as text, as JSON and back. With `--json` it prints its sample reports instead, for the schema's test. */
#include "demangle.h"
#include "report-format.h"
#include "report-name.h"
#include "report-read.h"
#include "report-stack.h"
#include "sample-reports.h"
#include "unit/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct relib_report *const samples[] = { &leaky_report, &clean_report, &refused_report, &cxx_report, &odd_report, &files_report,
	&foreign_report };
#define SAMPLES (sizeof(samples) / sizeof(*samples))

static void append(void *context, const char *text, size_t length)
{
	fwrite(text, 1, length, context);
}

static char *text_of(const struct relib_report *report, struct relib_text_style style)
{
	char *text;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	relib_report_text(report, &style, append, stream);
	fclose(stream);
	return text;
}

static char *json_of(const struct relib_report *report)
{
	char *text;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	relib_report_json(report, append, stream);
	fclose(stream);
	return text;
}

static void check_text(const struct relib_report *report, unsigned width, const char *wanted)
{
	char *text = text_of(report, (struct relib_text_style){ .width = width });

	ck_assert_str_eq(text, wanted);
	free(text);
}

START_TEST(leaks_are_a_table)
{
	check_text(&leaky_report, 80,
		   "relib: libleaky.so unloaded, 1,003 blocks (1.2 MiB) left behind and freed\n"
		   "\n"
		   "  heap      2 call sites   1,003 blocks   1.2 MiB\n"
		   "      1,000 blocks   1.2 MiB   cache_fill            leaky.c:41\n"
		   "                   seen from   on_command            leaky.c:88  < call < main\n"
		   "          3 blocks    96 B     strdup < parse_name   leaky.c:60\n");
}
END_TEST

START_TEST(leaks_are_one_line_each_where_there_is_room)
{
	check_text(&leaky_report, 0,
		   "relib: libleaky.so unloaded, 1,003 blocks (1.2 MiB) left behind and freed\n"
		   "\n"
		   "  heap      2 call sites   1,003 blocks   1.2 MiB\n"
		   "      1,000 blocks   1.2 MiB   cache_fill            leaky.c:41   seen from on_command leaky.c:88 < call < main\n"
		   "          3 blocks    96 B     strdup < parse_name   leaky.c:60\n");
}
END_TEST

START_TEST(a_clean_unload_says_nothing)
{
	check_text(&clean_report, 80, "");
}
END_TEST

START_TEST(a_refusal_names_the_thread_and_what_to_do)
{
	check_text(&refused_report, 80,
		   "relib: libworker.so was not unloaded: a thread of its own still runs\n"
		   "  thread 5012 \"pool-0\"   pool_main      worker.c:55\n"
		   "            started by   worker_start   worker.c:80  < main\n"
		   "  wait for it with --grace 500, or join it in RELIB_BEFORE_UNLOAD\n");
}
END_TEST

START_TEST(descriptors_and_streams_say_what_they_are)
{
	struct relib_report report = files_report;

	check_text(&files_report, 80,
		   "relib: libfiles.so unloaded, 1,201 descriptors and 5 streams left behind, 1,205\n"
		   "       of them closed\n"
		   "\n"
		   "  descriptors   1,201   1,200 of them closed\n"
		   "      fd 12  /etc/hosts, 1,199 more      open < load_configuration   files.c:21\n"
		   "      fd 9  socket [2..:5555:6666]:443   socket < connec..rything    files.c:40\n"
		   "\n"
		   "  streams   5   closed\n"
		   "      fd 7  /var/log/?[2J?.log, 1 more   fopen < log_open   files.c:61\n"
		   "      3 streams                          fopen < log_open   files.c:61\n");
	/* nothing but descriptors, all of them closed */
	report.entry_count = 1;
	check_text(&report, 80,
		   "relib: libfiles.so unloaded, 1,200 descriptors left behind and closed\n"
		   "\n"
		   "  descriptors   1,200\n"
		   "      fd 12  /etc/hosts, 1,199 more   open < load_configuration   files.c:21\n");
}
END_TEST

/* More than any process has. */
START_TEST(a_file_can_say_any_number)
{
	static const uint64_t counts[] = { 1000000000001, 9999999999999, 1000000000000000000, INT64_MAX };
	static struct relib_entry entry = { .kind = RELIB_KIND_DESCRIPTOR, .action = RELIB_ACTION_REPORTED, .detail_count = 1,
		.details = { "fd 12  /a/path/that/is/longer/than/any/column/is/wide/and/is/therefore/cut" } };
	struct relib_report report = files_report;

	report.entries = &entry;
	report.entry_count = 1;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		entry.count = counts[i];
		for (unsigned width = 1; width < 130; width++) {
			char *text = text_of(&report, (struct relib_text_style){ .width = width });

			ck_assert_msg(strstr(text, " more"), "width %u: %s", width, text);
			free(text);
		}
	}
}
END_TEST

START_TEST(what_others_freed_is_not_left_behind)
{
	struct relib_report only = foreign_report;

	check_text(&foreign_report, 0,
		   "relib: libleaky.so unloaded, 1 block (90 B) left behind (reported, not touched)\n"
		   "\n"
		   "  heap      1 call site   1 block   90 B\n"
		   "      1 block    90 B   strdup < parse_name   leaky.c:60\n"
		   "\n"
		   "  freed by others   2 call sites   13 blocks   520 B\n"
		   "      12 blocks   480 B   make_item   item.c:30   freed by freeaddrinfo < host_free host.c:12\n"
		   "       1 block     40 B   make_item   item.c:30   freed by libgone.so+0x1188\n");
	only.entry_count = 1;
	only.heap.blocks = 0;
	check_text(&only, 0,
		   "relib: libleaky.so unloaded\n"
		   "\n"
		   "  freed by others   1 call site   12 blocks   480 B\n"
		   "      12 blocks   480 B   make_item   item.c:30   freed by freeaddrinfo < host_free host.c:12\n");
}
END_TEST

START_TEST(mappings_have_a_size)
{
	static struct relib_frame frames[] = {
		{ .object = LIBC, .function = "mmap", .offset = 0xf2000 },
		{ .object = FILES, .function = "index_open", .offset = 0x1300, .file = "/src/files.c", .line = 80 },
	};
	static struct relib_entry entries[] = {
		{ .kind = RELIB_KIND_MAPPING, .action = RELIB_ACTION_RELEASED, .count = 3, .bytes = 3 << 20,
		  .callsite = STACK(frames), .details = { "1.0 MiB r--p /srv/index" }, .detail_count = 1 },
	};
	struct relib_report report = files_report;

	report.entries = entries;
	report.entry_count = 1;
	check_text(&report, 80,
		   "relib: libfiles.so unloaded, 3 mappings (3.0 MiB) left behind and unmapped\n"
		   "\n"
		   "  mappings   3   3.0 MiB\n"
		   "      1.0 MiB r--p /srv/index, 2 more   mmap < index_open   files.c:80\n");
}
END_TEST

START_TEST(templates_of_libraries_act_for_their_caller)
{
	static struct relib_frame site[] = {
		{ .object = LIBSTDCXX, .function = "operator new(unsigned long)", .offset = 1 },
		{ .object = CXX, .function = "std::__new_allocator<int>::allocate(unsigned long)", .offset = 2, .file = "a.h", .line = 2 },
	};
	static struct relib_frame sample[] = {
		{ .object = CXX, .function = "std::__new_allocator<int>::allocate(unsigned long)", .offset = 2, .file = "a.h", .line = 2 },
		{ .object = CXX, .function = "void std::vector<int>::push_back(int)", .offset = 3, .file = "v.h", .line = 3 },
		{ .object = CXX, .function = "registry::add(int)", .offset = 4, .file = "r.cc", .line = 4 },
		{ .object = HOST, .function = "on_command", .offset = 5, .file = "h.c", .line = 5 },
	};
	static struct relib_frame other[] = {
		{ .object = CXX, .function = "std::__new_allocator<int>::allocate(unsigned long)", .offset = 2, .file = "a.h", .line = 2 },
		{ .object = CXX, .function = "other(int)", .offset = 6, .file = "o.cc", .line = 6 },
	};
	struct relib_stack seen[] = { STACK(sample), STACK(other) };
	struct relib_entry entry = { .count = 1, .bytes = 8, .callsite = STACK(site), .samples = seen, .sample_count = 1 };
	struct relib_report report = { .module = { .path = CXX }, .heap = { .blocks = 1, .bytes = 8 }, .entries = &entry,
				       .entry_count = 1 };

	check_text(&report, 80,
		   "relib: libcxx.so unloaded, 1 block (8 B) left behind (reported, not touched)\n"
		   "\n"
		   "  heap      1 call site   1 block   8 B\n"
		   "      1 block    8 B   std::vector<int>::push_back < registry::add   r.cc:4\n"
		   "           seen from   on_command                                    h.c:5\n");
	/* samples that don't agree: the site stands, and each of them is a place to look at */
	entry.sample_count = 2;
	check_text(&report, 80,
		   "relib: libcxx.so unloaded, 1 block (8 B) left behind (reported, not touched)\n"
		   "\n"
		   "  heap      1 call site   1 block   8 B\n"
		   "      1 block    8 B   new < std::__new_allocator<int>::allocate   a.h:2\n"
		   "           seen from   registry::add                               r.cc:4\n"
		   "           seen from   other                                       o.cc:6\n");
}
END_TEST

/* What calls itself is named once; code of which nothing is known is left out; of two names that are long both show. */
START_TEST(rows_say_what_is_of_use)
{
	struct relib_frame deep[] = {
		{ .object = MODULE, .function = "fill", .offset = 1 },
		{ .object = MODULE, .function = "sort", .offset = 2 }, { .object = MODULE, .function = "sort", .offset = 3 },
		{ .object = MODULE, .function = "sort", .offset = 4 }, { .object = MODULE, .function = "work", .offset = 5 },
	};
	struct relib_frame lost[] = { { .object = MODULE, .function = "fill", .offset = 1 }, { .offset = 9 } };
	struct relib_frame wide[] = {
		{ .object = MODULE, .function = "std::map<int, m::x>::operator[](int const&)", .offset = 1 },
		{ .object = MODULE, .function = "a_company_name::registry_of_everything<m::x, m::y>::add(int)", .offset = 2 },
	};
	struct relib_stack seen[] = { { deep, 5 }, { lost, 2 } };
	struct relib_entry entry = { .count = 1, .bytes = 5, .callsite = { deep, 1 }, .samples = seen, .sample_count = 2 };
	struct relib_report report = leaky_report;
	struct field field = { 0 };
	char *text;

	report.entries = &entry;
	report.entry_count = 1;
	text = text_of(&report, (struct relib_text_style){ 0 });
	ck_assert_msg(strstr(text, "seen from sort libleaky.so+0x2 < work\n"), "%s", text);
	ck_assert_msg(!strstr(text, "unknown code"), "%s", text);
	free(text);
	relib_field_add_chain(&field, wide, 2, 33);
	ck_assert_str_eq(field.text, "std::..::operator[] < ..::add");
}
END_TEST

START_TEST(the_next_command_comes_last)
{
	char *text = text_of(&leaky_report, (struct relib_text_style){ .width = 80, .next = "relib-report x" });

	ck_assert_str_eq(text + strlen(text) - strlen("\n  next: relib-report x\n"), "\n  next: relib-report x\n");
	free(text);
}
END_TEST

/* The width of the longest line, and nothing in it that moves a cursor. */
static unsigned widest(const char *text)
{
	unsigned columns = 0, most = 0;

	for (; *text; text++) {
		ck_assert_msg((unsigned char)*text >= 0x20 || *text == '\n', "control character %d", *text);
		columns = *text == '\n' ? 0 : columns + (((unsigned char)*text & 0xc0) != 0x80);
		most = columns > most ? columns : most;
	}
	return most;
}

START_TEST(lines_fit_the_terminal)
{
	static const unsigned widths[] = { 72, 80, 81, 100, 132, 200 };

	for (size_t i = 0; i < SAMPLES; i++) {
		for (size_t j = 0; j < sizeof(widths) / sizeof(*widths); j++) {
			char *text = text_of(samples[i], (struct relib_text_style){ .width = widths[j] });

			ck_assert_msg(widest(text) <= widths[j], "wider than %u:\n%s", widths[j], text);
			free(text);
		}
	}
}
END_TEST

START_TEST(color_only_on_request)
{
	char *without = text_of(&leaky_report, (struct relib_text_style){ .width = 80 });
	char *with = text_of(&leaky_report, (struct relib_text_style){ .width = 80, .color = true });

	ck_assert_ptr_null(strchr(without, '\033'));
	ck_assert_ptr_nonnull(strchr(with, '\033'));
	free(without);
	free(with);
}
END_TEST

START_TEST(many_call_sites_are_summed_up)
{
	struct relib_entry entries[30];
	struct relib_report report = leaky_report;
	char *text;

	for (unsigned i = 0; i < 30; i++) {
		entries[i] = leaky_entries[1];
		entries[i].count = 40 - i;
		entries[i].bytes = 1024 * (40 - i);
	}
	report.entries = entries;
	report.entry_count = 30;
	text = text_of(&report, (struct relib_text_style){ .width = 80 });
	ck_assert_ptr_nonnull(strstr(text, "      21 blocks   21.0 KiB   strdup < parse_name   leaky.c:60\n"
					   "      and 10 more call sites with 155 blocks (155.0 KiB)\n"));
	free(text);
	text = text_of(&report, (struct relib_text_style){ .width = 80, .rows = 1000 });
	ck_assert_ptr_null(strstr(text, "more call sites"));
	free(text);
}
END_TEST

START_TEST(sizes_have_binary_units)
{
	static const struct { uint64_t bytes; const char *text; } sizes[] = {
		{ 0, "(0 B)" }, { 1023, "(1,023 B)" }, { 1024, "(1.0 KiB)" }, { 1536, "(1.5 KiB)" }, { 1048524, "(1,023.9 KiB)" },
		{ 1048575, "(1.0 MiB)" }, { 1ull << 40, "(1.0 TiB)" }, { UINT64_MAX, "(16.0 EiB)" },
	};
	struct relib_entry entry = leaky_entries[1];
	struct relib_report report = leaky_report;

	report.entries = &entry;
	report.entry_count = 1;
	report.heap.blocks = entry.count;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		char *text;

		entry.bytes = sizes[i].bytes;
		text = text_of(&report, (struct relib_text_style){ .width = 80 });
		ck_assert_msg(strstr(text, sizes[i].text), "wanted %s in: %s", sizes[i].text, text);
		free(text);
	}
}
END_TEST

START_TEST(names_are_short)
{
	static const struct { const char *name; unsigned columns; const char *wanted; } names[] = {
		{ "cache_fill", 0, "cache_fill" },
		{ "fill(int, char const*)", 0, "fill" },
		{ "cache::fill(int) const", 0, "cache::fill" },
		{ "(anonymous namespace)::cache::fill()", 0, "cache::fill" },
		{ "void fill<int>(int)", 0, "fill<int>" },
		{ "std::vector<int, std::allocator<int> >::push_back(int const&)", 0,
		  "std::vector<int, std::allocator<int> >::push_back" },
		{ "std::vector<int, std::allocator<int> >::push_back(int const&)", 30, "std::vector<..>::push_back" },
		{ "std::vector<int, std::allocator<int> >::push_back(int const&)", 20, "std::..::push_back" },
		{ "std::vector<int, std::allocator<int> >::push_back(int const&)", 14, "..::push_back" },
		{ "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::_M_create(unsigned long&)", 40,
		  "std::string::_M_create" },
		{ "std::ostream& operator<< <char>(std::ostream&, char)", 0, "operator<<" },
		{ "std::__cxx11::basic_string<char> std::operator+<char, std::char_traits<char> >(std::string&&, char)", 0,
		  "std::operator+" },
		{ "bool operator< <m::x>(m::x, m::x)", 0, "operator<" },
		{ "bool m::operator<=><m::x>(m::x, m::x)", 0, "m::operator<=>" },
		{ "m::p::operator->() const", 0, "m::p::operator->" },
		{ "m::v::operator+=(m::v)", 0, "m::v::operator+=" },
		{ "operator", 0, "operator" },
		{ "functor::operator()(int) const", 0, "functor::operator()" },
		{ "operator new(unsigned long)", 0, "operator new" },
		{ "operator new[](unsigned long, std::nothrow_t const&)", 0, "operator new[]" },
		{ "main::{lambda(int)#1}::operator()(int) const", 0, "main::{lambda(int)#1}::operator()" },
		{ "core::ptr::drop_in_place::h0123456789abcdef", 0, "core::ptr::drop_in_place" },
		{ "a_function_with_a_very_long_name_of_c", 20, "a_functio..name_of_c" },
		{ "my_operator(int)", 0, "my_operator" },
		{ "parse.cold", 0, "parse" },
		{ "fill.constprop.0.isra.0", 0, "fill" },
		{ "", 0, "" },
		{ "(", 0, "(" },
		{ "<<<<", 10, "<<<<" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct field field = { 0 };

		relib_field_add_function(&field, names[i].name, names[i].columns);
		ck_assert_msg(strcmp(field.text, names[i].wanted) == 0, "%s at %u: %s, not %s", names[i].name, names[i].columns,
			      field.text, names[i].wanted);
	}
}
END_TEST

START_TEST(libraries_are_told_from_the_module)
{
	static const char *const of_libraries[] = {
		"std::vector<int>::push_back(int)", "void std::swap<m::x>(m::x&)", "_ZNSt6vectorIiE9push_backEi",
		"alloc::vec::Vec<T,A>::push", "<alloc::vec::Vec<T> as core::clone::Clone>::clone",
		"<T as alloc::slice::hack::ConvertVec>::to_vec", "__gnu_cxx::new_allocator<int>::allocate(unsigned long)",
	};
	static const char *const of_modules[] = {
		"standard::fill()", "m::std::fill()", "fill", "allocate", "core_dump", "_ZN8standard4fillEv", "_ZN1m4fillEv",
		"<m::Cache as core::fmt::Display>::fmt", "<alloc::vec::Vec<u8> as m::deep::Fill>::fill",
		"std_like<int>::fill()", "x<std::string>::fill()",
	};

	for (size_t i = 0; i < sizeof(of_libraries) / sizeof(*of_libraries); i++)
		ck_assert_msg(relib_name_is_library(of_libraries[i]), "%s", of_libraries[i]);
	for (size_t i = 0; i < sizeof(of_modules) / sizeof(*of_modules); i++)
		ck_assert_msg(!relib_name_is_library(of_modules[i]), "%s", of_modules[i]);
	ck_assert(relib_file_is_library("/usr/include/c++/12/bits/stl_vector.h"));
	ck_assert(relib_file_is_library("/opt/gcc/include/c++/14/bits/stl_vector.h"));
	ck_assert(!relib_file_is_library("/src/include/registry.h"));
}
END_TEST

/* Any length, any columns: nothing is written past the end. */
START_TEST(names_of_any_length)
{
	static char name[5000];
	static const char pattern[] = "std::a<b, c>::operator<<(d)::e ";

	for (size_t length = 1; length < sizeof(name); length += length / 3 + 1) {
		for (size_t i = 0; i < length; i++)
			name[i] = pattern[i % (sizeof(pattern) - 1)];
		name[length] = '\0';
		for (unsigned columns = 0; columns < 100; columns += 7) {
			struct field field = { 0 };

			relib_field_add_function(&field, name, columns);
			ck_assert_uint_lt(field.used, sizeof(field.text));
			ck_assert_uint_eq(field.used, strlen(field.text));
			ck_assert(!columns || field.columns <= (columns < 8 ? 8 : columns));
		}
	}
}
END_TEST

START_TEST(json_keeps_everything)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		char *json = json_of(samples[i]), *again, why[200];
		struct relib_read_report *read = relib_read_report(json, strlen(json), why, sizeof(why));

		ck_assert_msg(read, "%s\n%s", why, json);
		again = json_of(&read->report);
		ck_assert_str_eq(again, json);
		free(again);
		free(json);
		relib_read_report_free(read);
	}
}
END_TEST

START_TEST(json_is_one_line_of_utf8)
{
	char *json = json_of(&odd_report);

	ck_assert_ptr_eq(strchr(json, '\n'), json + strlen(json) - 1);
	ck_assert_ptr_nonnull(strstr(json, "\"path\":\"/tmp/\xef\xbf\xbd\\\"\\\\\\u0001\\u001b[31m-\xc3\xa4-\xe2\x82\xac-"
					   "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd.so\""));
	free(json);
}
END_TEST

START_TEST(json_times)
{
	static const struct { struct timespec time; const char *wanted; } times[] = {
		{ { 0, 0 }, "\"1970-01-01T00:00:00.000Z\"" },
		{ { -1, 999999999 }, "\"1969-12-31T23:59:59.999Z\"" },
		{ { 951782399, 1000000 }, "\"2000-02-28T23:59:59.001Z\"" },
		{ { 951782400, 0 }, "\"2000-02-29T00:00:00.000Z\"" },
		{ { 1709208000, 7000000 }, "\"2024-02-29T12:00:00.007Z\"" },
		{ { 4107542400, 0 }, "\"2100-03-01T00:00:00.000Z\"" },
		{ { 253402300799, 0 }, "\"9999-12-31T23:59:59.000Z\"" },
	};
	struct relib_report report = clean_report;

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		char *json;

		report.time = times[i].time;
		json = json_of(&report);
		ck_assert_msg(strstr(json, times[i].wanted), "wanted %s in: %s", times[i].wanted, json);
		free(json);
	}
}
END_TEST

START_TEST(what_is_no_report_is_not_read)
{
	static const char *const lines[] = {
		"", "x", "{}", "[]", "null", "{\"type\":\"load\"}", "{\"type\":\"unload\",\"time\":\"yesterday\"}",
		"{\"type\":\"unload\",\"time\":\"2024-02-29T12:00:00.007Z\",\"outcome\":\"vanished\"}",
		"{\"type\":\"unload\",\"time\":\"2024-02-29T12:00:00.007Z\",\"outcome\":\"unloaded\",\"pid\":\"1\"}",
		"{\"type\":\"unload\",\"time\":\"2024-02-29T12:00:00.007Z\",\"outcome\":\"unloaded\",\"pid\":-1}",
	};
	char *json = json_of(&cxx_report), why[200];

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		*why = '\0';
		ck_assert_msg(!relib_read_report(lines[i], strlen(lines[i]), why, sizeof(why)), "%s", lines[i]);
		ck_assert_msg(*why, "%s", lines[i]);
	}
	/* a line that was cut off anywhere, as by a program that died while it wrote */
	for (size_t length = 0; length + 1 < strlen(json); length++)
		ck_assert_ptr_null(relib_read_report(json, length, why, sizeof(why)));
	free(json);
}
END_TEST

START_TEST(names_are_demangled)
{
	static const struct { const char *name, *wanted; } names[] = {
		{ "main", "main" },
		{ "_Znwm", "operator new(unsigned long)" },
		{ "_ZN5cache4fillEi", "cache::fill(int)" },
		{ "_Zsomething", "_Zsomething" },
		{ "clock_nanosleep@GLIBC_2.2.5", "clock_nanosleep" },
		{ "_Znwm@@GLIBCXX_3.4", "operator new(unsigned long)" },
		{ "@", "@" },
		{ "_ZN4core3ptr13drop_in_place17h0123456789abcdefE", "core::ptr::drop_in_place" },
		{ "_ZN63_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..clone..Clone$GT$5clone17h0123456789abcdefE",
		  "<alloc::vec::Vec<T> as core::clone::Clone>::clone" },
		{ "_RNvNtCslNYArtu3iFV_5alloc5alloc7realloc", "alloc::alloc::realloc" },
		{ "_RNvMNtCslNYArtu3iFV_5alloc5allocNtB2_6Global10alloc_impl", "<alloc::alloc::Global>::alloc_impl" },
		{ "_RNvXs_NtCslNYArtu3iFV_5alloc5allocNtB4_6GlobalNtNtCs1_4core5alloc9Allocator8allocate",
		  "<alloc::alloc::Global as core::alloc::Allocator>::allocate" },
		{ "_RINvNtC3std3mem8align_ofjdE", "std::mem::align_of::<usize, f64>" },
		{ "_RNCNvC1m3run0B3_", "m::run::{closure#0}" },
		{ "_RNvYRShNtC1m4Fill4fill", "<&[u8] as m::Fill>::fill" },
		{ "_RIC1mAhj8_E", "m::<[u8; 8]>" },
	};
	struct relib_arena arena = { 0 };
	char name[200];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		ck_assert_str_eq(relib_demangle(&arena, names[i].name), names[i].wanted);
		/* cut off, or with a letter changed: any answer, but an answer */
		for (size_t j = 0; names[i].name[j]; j++) {
			snprintf(name, sizeof(name), "%.*s", (int)j, names[i].name);
			ck_assert_ptr_nonnull(relib_demangle(&arena, name));
			for (const char *letter = "B_EIKNXs9zG"; *letter; letter++) {
				snprintf(name, sizeof(name), "%s", names[i].name);
				name[j] = *letter;
				ck_assert_ptr_nonnull(relib_demangle(&arena, name));
			}
		}
	}
	relib_arena_free(&arena);
}
END_TEST

static Suite *suite(void)
{
	const TTest *const tests[] = {
		leaks_are_a_table, leaks_are_one_line_each_where_there_is_room, a_clean_unload_says_nothing,
		a_refusal_names_the_thread_and_what_to_do, descriptors_and_streams_say_what_they_are, mappings_have_a_size,
		what_others_freed_is_not_left_behind, a_file_can_say_any_number,
		templates_of_libraries_act_for_their_caller, rows_say_what_is_of_use,
		the_next_command_comes_last, lines_fit_the_terminal,
		color_only_on_request, many_call_sites_are_summed_up, sizes_have_binary_units, names_are_short,
		names_of_any_length,
		libraries_are_told_from_the_module, json_keeps_everything, json_is_one_line_of_utf8, json_times,
		what_is_no_report_is_not_read, names_are_demangled,
	};
	Suite *all = suite_create("report");

	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		TCase *one = tcase_create(tests[i]->name);

		tcase_add_test(one, tests[i]);
		suite_add_tcase(all, one);
	}
	return all;
}

static void print(void *context, const char *text, size_t length)
{
	fwrite(text, 1, length, context);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--json") == 0) {
		for (size_t i = 0; i < SAMPLES; i++)
			relib_report_json(samples[i], print, stdout);
		return fflush(stdout) ? 1 : 0;
	}
	return run_suite(suite());
}
