/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Reports made by hand, for the tests of what shows them. */
#ifndef SAMPLE_REPORTS_H
#define SAMPLE_REPORTS_H

#include <relib/report.h>

#define MODULE "/opt/modules/libleaky.so"
#define HOST "/usr/bin/redis-server"
#define LIBC "/lib/x86_64-linux-gnu/libc.so.6"
#define STACK(frames_) { .frames = (frames_), .count = sizeof(frames_) / sizeof(*(frames_)) }

static struct relib_frame fill_frames[] = {
	{ .object = MODULE, .build_id = "ab12", .function = "cache_fill", .offset = 0x1139, .file = "/src/leaky.c", .line = 41 },
};
static struct relib_frame fill_sample[] = {
	{ .object = MODULE, .function = "cache_fill", .offset = 0x1139, .file = "/src/leaky.c", .line = 41 },
	{ .object = MODULE, .function = "on_command", .offset = 0x1200, .file = "/src/leaky.c", .line = 88 },
	{ .object = HOST, .function = "call", .offset = 0x51234 },
	{ .object = HOST, .function = "main", .offset = 0x41234 },
	{ .object = LIBC, .function = "__libc_start_call_main", .offset = 0x27249 },
};
static struct relib_frame parse_frames[] = {
	{ .object = LIBC, .function = "strdup", .offset = 0x9d0aa },
	{ .object = MODULE, .function = "parse_name", .offset = 0x1188, .file = "/src/leaky.c", .line = 60 },
};
static struct relib_stack fill_samples[] = { STACK(fill_sample) };

static struct relib_entry leaky_entries[] = {
	{ .kind = RELIB_KIND_HEAP, .action = RELIB_ACTION_RELEASED, .count = 1000, .bytes = 1258291,
	  .callsite = STACK(fill_frames), .samples = fill_samples, .sample_count = 1 },
	{ .kind = RELIB_KIND_HEAP, .action = RELIB_ACTION_RELEASED, .count = 3, .bytes = 96, .callsite = STACK(parse_frames) },
};

static const struct relib_report leaky_report = {
	.time = { .tv_sec = 1709208000, .tv_nsec = 7000000 }, /* 2024-02-29T12:00:00.007Z */
	.pid = 4711,
	.module = { .path = MODULE, .build_id = "ab12", .base = 0x7f1200000000 },
	.outcome = RELIB_OUTCOME_UNLOADED,
	.heap = { .blocks = 1003, .bytes = 1258387, .released = 1003 },
	.entries = leaky_entries, .entry_count = 2,
};

static const struct relib_report clean_report = {
	.pid = 1, .module = { .path = MODULE, .base = 0x1000 }, .outcome = RELIB_OUTCOME_UNLOADED,
};

#define WORKER "/opt/modules/libworker.so"

static struct relib_frame started_frames[] = {
	{ .object = LIBC, .function = "pthread_create", .offset = 0x89000 },
	{ .object = WORKER, .function = "worker_start", .offset = 0x1180, .file = "/src/worker.c", .line = 80 },
	{ .object = HOST, .function = "main", .offset = 0x41234 },
};

static struct relib_entry worker_entries[] = {
	{ .kind = RELIB_KIND_THREAD, .action = RELIB_ACTION_BLOCKS, .count = 1, .thread_id = 5012, .thread_name = "pool-0",
	  .callsite = STACK(started_frames),
	  .function = { .object = WORKER, .function = "pool_main", .offset = 0x1155, .file = "/src/worker.c", .line = 55 } },
};

static const struct relib_report refused_report = {
	.time = { .tv_sec = 1709208000 }, .pid = 5010,
	.module = { .path = WORKER, .base = 0x7f1200000000 },
	.outcome = RELIB_OUTCOME_REFUSED,
	.reason = "a thread of its own still runs",
	.advice = "wait for it with --grace 500, or join it in RELIB_BEFORE_UNLOAD",
	.threads = { .running = 1 },
	.entries = worker_entries, .entry_count = 1,
};

#define CXX "/opt/modules/libcxx.so"
#define LIBSTDCXX "/usr/lib/x86_64-linux-gnu/libstdc++.so.6"

static struct relib_frame vector_frames[] = {
	{ .object = LIBSTDCXX, .function = "operator new(unsigned long)", .offset = 0xaaaa },
	{ .object = CXX, .offset = 0x2222,
	  .function = "void std::vector<std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >, "
		      "std::allocator<std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> > > >::"
		      "_M_realloc_insert<std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> > const&>"
		      "(__gnu_cxx::__normal_iterator<int*, int>, int const&)" },
};
static struct relib_frame map_frames[] = {
	{ .object = LIBSTDCXX, .function = "operator new(unsigned long)", .offset = 0xaaaa },
	{ .object = LIBSTDCXX, .function = "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::"
					   "_M_create(unsigned long&, unsigned long)", .offset = 0xbbbb },
	{ .object = CXX, .function = "(anonymous namespace)::registry::add(std::string const&) const", .offset = 0x3333,
	  .file = "/src/registry_of_everything.cc", .line = 1234 },
};
static struct relib_frame static_frames[] = { { .object = CXX, .offset = 0x4444 } };
static struct relib_frame destructor_frames[] = {
	{ .object = CXX, .function = "use_cache(int)", .offset = 0x5555, .file = "cache.cc", .line = 9 },
};

static struct relib_entry cxx_entries[] = {
	{ .kind = RELIB_KIND_HEAP, .count = 123456, .bytes = 9876543210, .callsite = STACK(vector_frames) },
	{ .kind = RELIB_KIND_HEAP, .count = 17, .bytes = 2048, .callsite = STACK(map_frames) },
	{ .kind = RELIB_KIND_HEAP, .count = 1, .bytes = 1, .callsite = STACK(static_frames) },
	{ .kind = RELIB_KIND_THREAD, .count = 1, .thread_id = 77, .thread_name = "t\033[2J", .callsite = STACK(started_frames),
	  .function = { .object = CXX, .function = "run(void*)", .offset = 1 } },
	{ .kind = RELIB_KIND_THREAD_DESTRUCTOR, .count = 1, .thread_id = 78, .thread_name = "x",
	  .callsite = STACK(destructor_frames), .function = { .object = CXX, .function = "cache::~cache()", .offset = 0x10 } },
};

static const struct relib_report cxx_report = {
	.time = { .tv_sec = -1 }, .pid = 1,
	.module = { .path = CXX, .base = 0x7f1200000000 },
	.outcome = RELIB_OUTCOME_UNLOADED,
	.heap = { .blocks = 123474, .bytes = 9876545259 },
	.threads = { .ended = 1, .destructors = 1 },
	.entries = cxx_entries, .entry_count = 5,
};

#define FILES "/opt/modules/libfiles.so"

static struct relib_frame opened_frames[] = {
	{ .object = LIBC, .function = "open", .offset = 0xf0000 },
	{ .object = FILES, .function = "load_configuration", .offset = 0x1139, .file = "/src/files.c", .line = 21 },
};
static struct relib_frame socket_frames[] = {
	{ .object = LIBC, .function = "socket", .offset = 0xf1000 },
	{ .object = FILES, .function = "connect_to_the_server_of_everything", .offset = 0x1180, .file = "/src/files.c", .line = 40 },
};
static struct relib_frame log_frames[] = {
	{ .object = LIBC, .function = "fopen", .offset = 0x72000 },
	{ .object = FILES, .function = "log_open", .offset = 0x1200, .file = "/src/files.c", .line = 61 },
};

static struct relib_entry files_entries[] = {
	{ .kind = RELIB_KIND_DESCRIPTOR, .action = RELIB_ACTION_RELEASED, .count = 1200, .callsite = STACK(opened_frames),
	  .details = { "fd 12  /etc/hosts", "fd 13  /etc/hosts", "fd 14  /etc/hosts", "fd 15  /etc/hosts" }, .detail_count = 4 },
	{ .kind = RELIB_KIND_DESCRIPTOR, .action = RELIB_ACTION_REPORTED, .count = 1, .callsite = STACK(socket_frames),
	  .details = { "fd 9  socket [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:51234 to [2001:db8:1111:2222:3333:4444:5555:6666]:443" },
	  .detail_count = 1 },
	{ .kind = RELIB_KIND_STREAM, .action = RELIB_ACTION_RELEASED, .count = 2, .callsite = STACK(log_frames),
	  .details = { "fd 7  /var/log/\033[2J\xff.log", "in memory" }, .detail_count = 2 },
	{ .kind = RELIB_KIND_STREAM, .action = RELIB_ACTION_RELEASED, .count = 3, .callsite = STACK(log_frames) },
};

static const struct relib_report files_report = {
	.time = { .tv_sec = 1709208000 }, .pid = 1,
	.module = { .path = FILES, .base = 0x7f1200000000 },
	.outcome = RELIB_OUTCOME_UNLOADED,
	.kinds = { [RELIB_KIND_DESCRIPTOR] = { .held = 1201, .released = 1200 },
		   [RELIB_KIND_STREAM] = { .held = 5, .released = 5 } },
	.entries = files_entries, .entry_count = 4,
};

/* Bytes that are not UTF-8, controls, and what JSON has to escape. */
static const struct relib_report odd_report = {
	.pid = 1,
	.module = { .path = "/tmp/\xff\"\\\x01\x1b[31m-\xc3\xa4-\xe2\x82\xac-\xed\xa0\x80.so", .base = 0 },
	.outcome = RELIB_OUTCOME_STILL_MAPPED,
	.reason = "a symbol of it is unique in the process (STB_GNU_UNIQUE: _ZNSt19_Sp_make_shared_tag5_S_tiEvE3__tag), and so "
		  "ld.so never unmaps it",
	.advice = "build it with -fno-gnu-unique",
	.untracked = "it was opened with RTLD_DEEPBIND",
};

static struct relib_frame item_frames[] = {
	{ .object = MODULE, .function = "make_item", .offset = 0x1139, .file = "/src/item.c", .line = 30 },
};
static struct relib_frame item_freed[] = {
	{ .object = LIBC, .function = "freeaddrinfo", .offset = 0x10a2f0 },
	{ .object = HOST, .function = "host_free", .offset = 0x51234, .file = "/src/host.c", .line = 12 },
	{ .object = HOST, .function = "main", .offset = 0x51234, .file = "/src/host.c", .line = 40 },
};
static struct relib_frame gone_freed[] = { { .object = "/opt/modules/libgone.so", .offset = 0x1188 } };

static struct relib_entry foreign_entries[] = {
	{ .kind = RELIB_KIND_HEAP, .action = RELIB_ACTION_FOREIGN, .count = 12, .bytes = 480, .callsite = STACK(item_frames),
	  .freed = STACK(item_freed) },
	{ .kind = RELIB_KIND_HEAP, .action = RELIB_ACTION_REPORTED, .count = 1, .bytes = 90, .callsite = STACK(parse_frames) },
	{ .kind = RELIB_KIND_HEAP, .action = RELIB_ACTION_FOREIGN, .count = 1, .bytes = 40, .callsite = STACK(item_frames),
	  .freed = STACK(gone_freed) },
};

static const struct relib_report foreign_report = {
	.pid = 4711, .module = { .path = MODULE, .base = 0x7f1200000000 }, .outcome = RELIB_OUTCOME_UNLOADED,
	.heap = { .blocks = 1, .bytes = 90, .foreign = 13 },
	.entries = foreign_entries, .entry_count = 3,
};

#endif
