/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of streams: FILE and DIR. */
#include "../stream.h"
#include "../descriptor.h"
#include "../lent.h"

#define X(type, name, parameters) type name parameters;
RELIB_STREAM_HOOKS(X)
#undef X

#define MARK(name) relib_callsite_thing(RELIB_CALLER, (uintptr_t)relib_real.name)

/* Functions that open a stream. */
#define OPENS(type, name, how, parameters, arguments)                                                              \
	RELIB_HOOK type *name parameters                                                                           \
	{                                                                                                          \
		type *stream;                                                                                      \
                                                                                                                   \
		RELIB_NEED(name);                                                                                           \
		stream = relib_real.name arguments;                                                                \
		relib_stream_enter(stream, how, stream ? MARK(name) : 0);                                          \
		return stream;                                                                                     \
	}
OPENS(FILE, fopen, RELIB_STREAM_FILE, (const char *path, const char *mode), (path, mode))
OPENS(FILE, fopen64, RELIB_STREAM_FILE, (const char *path, const char *mode), (path, mode))
OPENS(FILE, tmpfile, RELIB_STREAM_FILE, (void), ())
OPENS(FILE, tmpfile64, RELIB_STREAM_FILE, (void), ())
OPENS(FILE, popen, RELIB_STREAM_PROCESS, (const char *command, const char *mode), (command, mode))
OPENS(FILE, fmemopen, RELIB_STREAM_CODE, (void *memory, size_t size, const char *mode), (memory, size, mode))
OPENS(FILE, open_memstream, RELIB_STREAM_CODE, (char **text, size_t *size), (text, size))
OPENS(FILE, open_wmemstream, RELIB_STREAM_CODE, (wchar_t **text, size_t *size), (text, size))
OPENS(FILE, fopencookie, RELIB_STREAM_CODE, (void *cookie, const char *mode, cookie_io_functions_t functions),
      (cookie, mode, functions))
OPENS(DIR, opendir, RELIB_STREAM_FOLDER, (const char *path), (path))

/* With a descriptor, which is the stream's from then on. */
#define TAKES(type, name, how, parameters, arguments)                                                              \
	RELIB_HOOK type *name parameters                                                                           \
	{                                                                                                          \
		type *stream;                                                                                      \
                                                                                                                   \
		RELIB_NEED(name);                                                                                           \
		stream = relib_real.name arguments;                                                                \
		if (!stream)                                                                                       \
			return NULL;                                                                               \
		relib_descriptor_leave(number);                                                                    \
		relib_stream_enter(stream, how, MARK(name));                                                       \
		return stream;                                                                                     \
	}
TAKES(FILE, fdopen, RELIB_STREAM_FILE, (int number, const char *mode), (number, mode))
TAKES(DIR, fdopendir, RELIB_STREAM_FOLDER, (int number), (number))

/* The same stream with another file. Who reopens the host's doesn't own it; it is closed where that fails. */
#define REOPENS(name)                                                                                              \
	RELIB_HOOK FILE *name(const char *path, const char *mode, FILE *stream)                                    \
	{                                                                                                          \
		struct relib_thing thing;                                                                          \
		bool held;                                                                                         \
                                                                                                                   \
		RELIB_NEED(name);                                                                                           \
		held = relib_thing_leave(RELIB_KIND_STREAM, (uint64_t)(uintptr_t)stream, &thing);                  \
		relib_buffer_leave(stream);                                                                        \
		stream = relib_real.name(path, mode, stream);                                                      \
		if (held && stream)                                                                                \
			relib_stream_enter(stream, RELIB_STREAM_FILE, thing.mark);                                 \
		return stream;                                                                                     \
	}
REOPENS(freopen)
REOPENS(freopen64)

/* Before, for after it another thread may get the same address. */
#define CLOSES(type, name)                                                                                         \
	RELIB_HOOK int name(type *stream)                                                                          \
	{                                                                                                          \
		RELIB_NEED(name);                                                                                           \
		relib_stream_leave(stream);                                                                        \
		relib_buffer_leave(stream);                                                                        \
		return relib_real.name(stream);                                                                    \
	}
CLOSES(FILE, fclose)
CLOSES(FILE, pclose)
CLOSES(DIR, closedir)
