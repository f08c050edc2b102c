/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The list of the libc cases: function and what is expected of it. */
#ifndef RETENTION_LIBC_CASES_H
#define RETENTION_LIBC_CASES_H

#include "cases.h"

#define KEPT RETENTION_KEPT
#define OWNED RETENTION_OWNED
#define EITHER RETENTION_EITHER
#define AT_LEAST RETENTION_AT_LEAST
#define OUTPUT RETENTION_OUTPUT
#define LEFT RETENTION_FILE
#define STAYS RETENTION_STAYS

/* stdio.c */
#define RETENTION_STDIO(X) \
	X(printf, KEPT | OUTPUT) X(puts, KEPT | OUTPUT) X(putchar, KEPT | OUTPUT) X(fwrite, KEPT | OUTPUT) \
	X(wprintf, KEPT | OUTPUT) X(putwchar, KEPT | OUTPUT) X(fwprintf_stderr, KEPT) X(fprintf_stderr, KEPT) \
	X(perror, KEPT) X(psignal, KEPT) X(getchar, KEPT) X(scanf, KEPT) X(getwchar, KEPT) X(ungetc, KEPT) \
	X(setvbuf_null, KEPT | OUTPUT) X(setvbuf_line, KEPT | OUTPUT) X(freopen_stdin, KEPT) X(freopen_stdout, KEPT | LEFT) \
	X(malloc_info, KEPT) X(argp_help, KEPT) X(register_printf_specifier, KEPT | OUTPUT) \
	X(fopen_closed, KEPT) X(tmpfile_closed, KEPT) X(popen_closed, KEPT) X(open_memstream_closed, EITHER) \
	X(fopen_read_left, KEPT) X(fopen_write_left, KEPT | LEFT) X(fopen_unused_left, KEPT) X(fopen_ccs_left, KEPT) \
	X(fdopen_left, KEPT | LEFT) X(tmpfile_left, KEPT) X(popen_left, KEPT) X(fmemopen_left, KEPT) \
	X(open_memstream_left, KEPT) X(open_wmemstream_left, KEPT) X(setvbuf_own_left, KEPT | LEFT) \
	X(fopencookie_closed, KEPT) X(vdprintf, KEPT | OUTPUT) X(snprintf_big, KEPT) X(getdelim_stdin, OWNED)

/* locale.c */
#define RETENTION_LOCALE(X) \
	X(setlocale_utf8, KEPT) X(setlocale_env, KEPT) X(setlocale_mixed, KEPT) X(setlocale_toggle, KEPT) \
	X(setlocale_miss, KEPT) X(newlocale, EITHER) X(newlocale_again, EITHER) X(uselocale_left, KEPT) X(duplocale, EITHER) \
	X(strcoll, KEPT) X(mbstowcs, KEPT) X(mbrtowc, KEPT) X(wctype, KEPT) X(localeconv, KEPT) X(textdomain, KEPT) \
	X(bindtextdomain, KEPT) X(bind_textdomain_codeset, KEPT) X(gettext_none, KEPT) X(gettext_catalogue, KEPT) \
	X(ngettext_catalogue, KEPT) X(iconv_closed, KEPT) X(iconv_left, EITHER) X(iconv_miss, KEPT) X(catopen_miss, KEPT) \
	X(regcomp, OWNED | AT_LEAST) X(regcomp_utf8, OWNED | AT_LEAST) X(fnmatch_utf8, KEPT) X(strptime, KEPT) X(strfmon, KEPT)

/* names.c */
#define RETENTION_NAMES(X) \
	X(getpwnam, KEPT) X(getpwuid, KEPT) X(getpwnam_miss, KEPT) X(getpwnam_r, KEPT) X(getpwent, KEPT) X(getpwent_end, KEPT) \
	X(getgrnam, KEPT) X(getgrgid, KEPT) X(getgrent, KEPT) X(getgrouplist, KEPT) X(getspnam, KEPT) X(fgetpwent, KEPT) \
	X(putpwent, KEPT) X(getservbyname, KEPT) X(getservbyport, KEPT) X(getservent, KEPT) X(getprotobyname, KEPT) \
	X(getprotobynumber, KEPT) X(getprotoent, KEPT) X(getrpcbyname, KEPT) X(ether_hostton, KEPT) X(innetgr, KEPT) \
	X(getaliasbyname, KEPT) X(getnetbyname, KEPT) X(gethostbyname, KEPT) X(gethostbyname_number, KEPT) \
	X(gethostbyname2, KEPT) X(gethostbyname_r, KEPT) X(gethostbyaddr, KEPT) X(gethostent, KEPT) X(getlogin, KEPT) \
	X(getaddrinfo_number, OWNED | AT_LEAST) X(getaddrinfo_name, OWNED | AT_LEAST) X(getaddrinfo_service, OWNED | AT_LEAST) \
	X(getaddrinfo_a, KEPT) X(getnameinfo, KEPT) X(resolver_init, KEPT) X(resolver_ninit, KEPT) X(res_query, KEPT) X(gethostid, KEPT) \
	X(getifaddrs, OWNED) X(if_nameindex, OWNED) X(if_nametoindex, KEPT) X(getutxent, KEPT) X(getfsent, KEPT) \
	X(getmntent, KEPT) X(setmntent_left, KEPT) X(getusershell, KEPT)

/* process.c */
#define RETENTION_PROCESS(X) \
	X(setenv, KEPT) X(setenv_overwrite, KEPT) X(setenv_same, KEPT) X(clearenv, KEPT) X(putenv, KEPT) X(tzset, KEPT) \
	X(localtime, KEPT) X(localtime_r, KEPT) X(localtime_tz, KEPT) X(tz_change, KEPT) X(mktime, KEPT) X(strftime, KEPT) \
	X(wcsftime, KEPT) X(ctime, KEPT) X(getdate, KEPT) X(openlog, KEPT) X(syslog, KEPT) X(syslog_perror, KEPT) \
	X(atexit_40, KEPT) X(at_quick_exit_40, KEPT) X(atfork_60, KEPT) X(fork, KEPT) X(system, KEPT) X(posix_spawn, KEPT) \
	X(sem_open, KEPT) X(sem_open_closed, KEPT) X(shm_open, KEPT) X(dlopen_fails, KEPT) X(dlopen_fails_unasked, KEPT) \
	X(dlsym_fails, KEPT) X(dlopen_closed, KEPT) X(dlopen_left, KEPT) X(dlopen_global_left, KEPT) X(dlopen_null, KEPT) \
	X(dlmopen, KEPT) X(backtrace, KEPT) X(strerror, KEPT) X(strerror_l, KEPT) X(strsignal, KEPT) X(hcreate, KEPT) \
	X(addseverity, KEPT) X(qsort_big, KEPT) X(ftw, KEPT) X(nftw, KEPT) X(random, KEPT) \
	X(nothing_left, KEPT)

/* threads.c */
#define RETENTION_THREADS(X) \
	X(pthread_create, KEPT) X(pthread_create_detached, KEPT) X(pthread_create_malloc, KEPT) X(thrd_create, KEPT) \
	X(pthread_exit, KEPT) X(pthread_cancel, KEPT) X(pthread_keys_40, KEPT) X(tss_40, KEPT) X(pthread_setname, KEPT) \
	X(pthread_getattr_np, EITHER) X(pthread_attr_setaffinity, EITHER) X(pthread_setattr_default, KEPT) \
	X(thread_local_big, KEPT) X(thread_local_in_thread, KEPT) X(cxa_thread_atexit, KEPT | STAYS) X(aio_read, KEPT) \
	X(lio_listio, KEPT) X(timer_thread, KEPT) X(timer_thread_unused, KEPT) X(timer_signal, KEPT) X(mq_notify, KEPT)

/* owned.c */
#define RETENTION_OWNED_CASES(X) \
	X(strdup, OWNED) X(strndup, OWNED) X(wcsdup, OWNED) X(asprintf, OWNED) X(vasprintf, OWNED) X(getline, OWNED) \
	X(getdelim, OWNED) X(sscanf_ms, OWNED) X(getcwd, OWNED) X(get_current_dir_name, OWNED) X(realpath, OWNED) \
	X(canonicalize_file_name, OWNED) X(tempnam, OWNED) X(scandir, EITHER) X(glob, OWNED | AT_LEAST) \
	X(glob_tilde, OWNED | AT_LEAST) X(wordexp, OWNED | AT_LEAST) X(wordexp_command, OWNED | AT_LEAST) \
	X(backtrace_symbols, OWNED) X(argz, OWNED) X(envz, OWNED) X(cpu_alloc, OWNED) X(opendir, EITHER) X(fts, EITHER | AT_LEAST) \
	X(tsearch, EITHER) X(hcreate_r, EITHER) X(spawn_file_actions, EITHER) X(obstack, EITHER)

#define RETENTION_LIBC(X) \
	RETENTION_STDIO(X) RETENTION_LOCALE(X) RETENTION_NAMES(X) RETENTION_PROCESS(X) RETENTION_THREADS(X) \
	RETENTION_OWNED_CASES(X)

#define RETENTION_DECLARE(name, flags) CASE(name);
RETENTION_LIBC(RETENTION_DECLARE)
#undef RETENTION_DECLARE

#endif
