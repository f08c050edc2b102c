/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * The one list of every hooked function. From it come the pointers to the next definitions, their lookup
 * and (by a test) the export list in track.map: a name that stands here is hooked, and no other is.
 *
 * X(return type, name, parameters)
 */
#ifndef RELIB_HOOKS_H
#define RELIB_HOOKS_H

#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <netdb.h>
#include <printf.h>
#include <pthread.h>
#include <pty.h>
#include <semaphore.h>
#include <spawn.h>
#include <stdarg.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <wchar.h>

#include "cxx-handler.h"

/* Looked up first: what dlsym itself may call must be there before anything else. hooks/heap.c */
#define RELIB_HEAP_HOOKS(X)                                                   \
	X(void *, malloc, (size_t))                                           \
	X(void, free, (void *))                                               \
	X(void *, calloc, (size_t, size_t))                                   \
	X(void *, realloc, (void *, size_t))                                  \
	X(void *, reallocarray, (void *, size_t, size_t))                     \
	X(int, posix_memalign, (void **, size_t, size_t))                     \
	X(void *, aligned_alloc, (size_t, size_t))                            \
	X(void *, memalign, (size_t, size_t))                                 \
	X(void *, valloc, (size_t))                                           \
	X(void *, pvalloc, (size_t))                                          \
	X(size_t, malloc_usable_size, (void *))

/*
 * hooks/mapping.c. Before the heap: an allocator that is first called while we look for the others maps memory, and libc has
 * all of these.
 */
#define RELIB_MAPPING_HOOKS(X)                                                \
	X(void *, mmap, (void *, size_t, int, int, int, off_t))               \
	X(void *, mmap64, (void *, size_t, int, int, int, off64_t))           \
	X(void *, mremap, (void *, size_t, size_t, int, ...))                 \
	X(int, munmap, (void *, size_t))                                      \
	X(void *, shmat, (int, const void *, int))                            \
	X(int, shmdt, (const void *))

/* Functions of libc that hand over memory. hooks/string.c, hooks/list.c */
#define RELIB_STRING_HOOKS(X)                                                 \
	X(char *, strdup, (const char *))                                     \
	X(char *, strndup, (const char *, size_t))                            \
	X(char *, __strdup, (const char *))                                   \
	X(char *, __strndup, (const char *, size_t))                          \
	X(int, asprintf, (char **, const char *, ...))                        \
	X(int, vasprintf, (char **, const char *, va_list))                   \
	X(int, __asprintf_chk, (char **, int, const char *, ...))             \
	X(int, __vasprintf_chk, (char **, int, const char *, va_list))        \
	X(int, scandir, (const char *, struct dirent ***, int (*)(const struct dirent *),      \
			 int (*)(const struct dirent **, const struct dirent **)))             \
	X(int, scandir64, (const char *, struct dirent64 ***, int (*)(const struct dirent64 *), \
			   int (*)(const struct dirent64 **, const struct dirent64 **)))       \
	X(int, scandirat, (int, const char *, struct dirent ***, int (*)(const struct dirent *), \
			   int (*)(const struct dirent **, const struct dirent **)))           \
	X(int, scandirat64, (int, const char *, struct dirent64 ***, int (*)(const struct dirent64 *), \
			     int (*)(const struct dirent64 **, const struct dirent64 **)))     \
	X(int, getaddrinfo, (const char *, const char *, const struct addrinfo *, struct addrinfo **))

/* operator new and delete, by their mangled names. hooks/cxx.c */
#define RELIB_CXX_HOOKS(X)                                                    \
	X(void *, _Znwm, (size_t))                                            \
	X(void *, _Znam, (size_t))                                            \
	X(void *, _ZnwmRKSt9nothrow_t, (size_t, const void *))                \
	X(void *, _ZnamRKSt9nothrow_t, (size_t, const void *))                \
	X(void *, _ZnwmSt11align_val_t, (size_t, size_t))                     \
	X(void *, _ZnamSt11align_val_t, (size_t, size_t))                     \
	X(void *, _ZnwmSt11align_val_tRKSt9nothrow_t, (size_t, size_t, const void *)) \
	X(void *, _ZnamSt11align_val_tRKSt9nothrow_t, (size_t, size_t, const void *)) \
	X(void, _ZdlPv, (void *))                                             \
	X(void, _ZdaPv, (void *))                                             \
	X(void, _ZdlPvm, (void *, size_t))                                    \
	X(void, _ZdaPvm, (void *, size_t))                                    \
	X(void, _ZdlPvRKSt9nothrow_t, (void *, const void *))                 \
	X(void, _ZdaPvRKSt9nothrow_t, (void *, const void *))                 \
	X(void, _ZdlPvSt11align_val_t, (void *, size_t))                      \
	X(void, _ZdaPvSt11align_val_t, (void *, size_t))                      \
	X(void, _ZdlPvmSt11align_val_t, (void *, size_t, size_t))             \
	X(void, _ZdaPvmSt11align_val_t, (void *, size_t, size_t))             \
	X(void, _ZdlPvSt11align_val_tRKSt9nothrow_t, (void *, size_t, const void *)) \
	X(void, _ZdaPvSt11align_val_tRKSt9nothrow_t, (void *, size_t, const void *))

/* hooks/thread.c; pthread_exit and cancellation are seen by a cleanup handler of the thread. */
#define RELIB_THREAD_HOOKS(X)                                                 \
	X(int, pthread_create, (pthread_t *, const pthread_attr_t *, void *(*)(void *), void *)) \
	X(int, pthread_join, (pthread_t, void **))                            \
	X(int, pthread_tryjoin_np, (pthread_t, void **))                      \
	X(int, pthread_timedjoin_np, (pthread_t, void **, const struct timespec *)) \
	X(int, pthread_clockjoin_np, (pthread_t, void **, clockid_t, const struct timespec *)) \
	X(int, pthread_detach, (pthread_t))                                   \
	X(int, thrd_create, (thrd_t *, thrd_start_t, void *))                 \
	X(int, thrd_join, (thrd_t, int *))                                    \
	X(int, thrd_detach, (thrd_t))                                         \
	X(int, __cxa_thread_atexit_impl, (void (*)(void *), void *, void *))

/* hooks/dl.c */
#define RELIB_DL_HOOKS(X)                                                     \
	X(void *, dlopen, (const char *, int))                                \
	X(void *, dlmopen, (Lmid_t, const char *, int))                       \
	X(int, dlclose, (void *))

/*
 * hooks/descriptor.c. Before all that dlsym may not find: it allocates to say so, and an allocator may open and close files when
 * it is first called. The last ones are those that an older libc lacks.
 */
#define RELIB_DESCRIPTOR_HOOKS(X)                                             \
	X(int, close, (int))                                                  \
	X(long, syscall, (long, ...))                                         \
	X(int, open, (const char *, int, ...))                                \
	X(int, open64, (const char *, int, ...))                              \
	X(int, openat, (int, const char *, int, ...))                         \
	X(int, openat64, (int, const char *, int, ...))                       \
	X(int, __open_2, (const char *, int))                                 \
	X(int, __open64_2, (const char *, int))                               \
	X(int, __openat_2, (int, const char *, int))                          \
	X(int, __openat64_2, (int, const char *, int))                        \
	X(int, creat, (const char *, mode_t))                                 \
	X(int, creat64, (const char *, mode_t))                               \
	X(int, open_by_handle_at, (int, struct file_handle *, int))           \
	X(int, socket, (int, int, int))                                       \
	X(int, accept, (int, struct sockaddr *, socklen_t *))                 \
	X(int, accept4, (int, struct sockaddr *, socklen_t *, int))           \
	X(int, dup, (int))                                                    \
	X(int, eventfd, (unsigned, int))                                      \
	X(int, epoll_create, (int))                                           \
	X(int, epoll_create1, (int))                                          \
	X(int, timerfd_create, (clockid_t, int))                              \
	X(int, signalfd, (int, const sigset_t *, int))                        \
	X(int, inotify_init, (void))                                          \
	X(int, inotify_init1, (int))                                          \
	X(int, fanotify_init, (unsigned, unsigned))                           \
	X(int, memfd_create, (const char *, unsigned))                        \
	X(int, shm_open, (const char *, int, mode_t))                         \
	X(int, mkstemp, (char *))                                             \
	X(int, mkstemp64, (char *))                                           \
	X(int, mkstemps, (char *, int))                                       \
	X(int, mkstemps64, (char *, int))                                     \
	X(int, mkostemp, (char *, int))                                       \
	X(int, mkostemp64, (char *, int))                                     \
	X(int, mkostemps, (char *, int, int))                                 \
	X(int, mkostemps64, (char *, int, int))                               \
	X(int, posix_openpt, (int))                                           \
	X(int, getpt, (void))                                                 \
	X(int, pipe, (int[2]))                                                \
	X(int, pipe2, (int[2], int))                                          \
	X(int, socketpair, (int, int, int, int[2]))                           \
	X(int, dup2, (int, int))                                              \
	X(int, dup3, (int, int, int))                                         \
	X(int, fcntl, (int, int, ...))                                        \
	X(int, fcntl64, (int, int, ...))                                      \
	X(ssize_t, recvmsg, (int, struct msghdr *, int))                      \
	X(int, recvmmsg, (int, struct mmsghdr *, unsigned, int, struct timespec *)) \
	X(int, close_range, (unsigned, unsigned, int))                        \
	X(void, closefrom, (int))                                             \
	X(int, pidfd_open, (pid_t, unsigned))                                 \
	X(int, pidfd_getfd, (int, int, unsigned))

/* hooks/mutex.c. Before all that dlsym may not find, as descriptors: an allocator that is first called locks. */
#define RELIB_MUTEX_HOOKS(X)                                                  \
	X(int, pthread_mutex_lock, (pthread_mutex_t *))                       \
	X(int, pthread_mutex_trylock, (pthread_mutex_t *))                    \
	X(int, pthread_mutex_timedlock, (pthread_mutex_t *, const struct timespec *)) \
	X(int, pthread_mutex_clocklock, (pthread_mutex_t *, clockid_t, const struct timespec *)) \
	X(int, pthread_mutex_unlock, (pthread_mutex_t *))                     \
	X(int, mtx_lock, (mtx_t *))                                           \
	X(int, mtx_trylock, (mtx_t *))                                        \
	X(int, mtx_timedlock, (mtx_t *, const struct timespec *))             \
	X(int, mtx_unlock, (mtx_t *))                                         \
	X(int, pthread_rwlock_rdlock, (pthread_rwlock_t *))                   \
	X(int, pthread_rwlock_tryrdlock, (pthread_rwlock_t *))                \
	X(int, pthread_rwlock_timedrdlock, (pthread_rwlock_t *, const struct timespec *)) \
	X(int, pthread_rwlock_clockrdlock, (pthread_rwlock_t *, clockid_t, const struct timespec *)) \
	X(int, pthread_rwlock_wrlock, (pthread_rwlock_t *))                   \
	X(int, pthread_rwlock_trywrlock, (pthread_rwlock_t *))                \
	X(int, pthread_rwlock_timedwrlock, (pthread_rwlock_t *, const struct timespec *)) \
	X(int, pthread_rwlock_clockwrlock, (pthread_rwlock_t *, clockid_t, const struct timespec *)) \
	X(int, pthread_rwlock_unlock, (pthread_rwlock_t *))

/* hooks/stream.c */
#define RELIB_STREAM_HOOKS(X)                                                 \
	X(FILE *, fopen, (const char *, const char *))                        \
	X(FILE *, fopen64, (const char *, const char *))                      \
	X(FILE *, tmpfile, (void))                                            \
	X(FILE *, tmpfile64, (void))                                          \
	X(FILE *, popen, (const char *, const char *))                        \
	X(FILE *, fmemopen, (void *, size_t, const char *))                   \
	X(FILE *, open_memstream, (char **, size_t *))                        \
	X(FILE *, open_wmemstream, (wchar_t **, size_t *))                    \
	X(FILE *, fopencookie, (void *, const char *, cookie_io_functions_t)) \
	X(FILE *, fdopen, (int, const char *))                                \
	X(FILE *, freopen, (const char *, const char *, FILE *))              \
	X(FILE *, freopen64, (const char *, const char *, FILE *))            \
	X(int, fclose, (FILE *))                                              \
	X(int, pclose, (FILE *))                                              \
	X(DIR *, opendir, (const char *))                                     \
	X(DIR *, fdopendir, (int))                                            \
	X(int, closedir, (DIR *))

/* hooks/signal.c */
#define RELIB_SIGNAL_HOOKS(X)                                                 \
	X(int, sigaction, (int, const struct sigaction *, struct sigaction *)) \
	X(int, __sigaction, (int, const struct sigaction *, struct sigaction *)) \
	X(sighandler_t, signal, (int, sighandler_t))                          \
	X(sighandler_t, ssignal, (int, sighandler_t))                         \
	X(sighandler_t, bsd_signal, (int, sighandler_t))                      \
	X(sighandler_t, sysv_signal, (int, sighandler_t))                     \
	X(sighandler_t, __sysv_signal, (int, sighandler_t))                   \
	X(sighandler_t, sigset, (int, sighandler_t))                          \
	X(int, sigignore, (int))                                              \
	X(int, sigaltstack, (const stack_t *, stack_t *))

/* What the C++ library calls, by mangled names. hooks/cxx-handler.c */
#define RELIB_CXX_HANDLER_HOOKS(X)                                            \
	X(relib_cxx_handler, _ZSt13set_terminatePFvvE, (relib_cxx_handler))   \
	X(relib_cxx_handler, _ZSt14set_unexpectedPFvvE, (relib_cxx_handler))  \
	X(relib_cxx_handler, _ZSt15set_new_handlerPFvvE, (relib_cxx_handler)) \
	X(relib_cxx_handler, _ZNSt3pmr20set_default_resourceEPNS_15memory_resourceE, (relib_cxx_handler))

/* hooks/callback.c */
#define RELIB_CALLBACK_HOOKS(X)                                               \
	X(int, register_printf_specifier, (int, printf_function *, printf_arginfo_size_function *)) \
	X(int, register_printf_function, (int, printf_function *, printf_arginfo_function *)) \
	X(int, __register_atfork, (void (*)(void), void (*)(void), void (*)(void), void *))

/* hooks/key.c */
#define RELIB_KEY_HOOKS(X)                                                    \
	X(int, pthread_key_create, (pthread_key_t *, void (*)(void *)))       \
	X(int, __pthread_key_create, (pthread_key_t *, void (*)(void *)))     \
	X(int, pthread_key_delete, (pthread_key_t))                           \
	X(int, pthread_setspecific, (pthread_key_t, const void *))            \
	X(int, tss_set, (tss_t, void *))                                      \
	X(int, tss_create, (tss_t *, tss_dtor_t))                             \
	X(void, tss_delete, (tss_t))

/* hooks/timer.c */
#define RELIB_TIMER_HOOKS(X)                                                  \
	X(int, timer_create, (clockid_t, struct sigevent *, timer_t *))       \
	X(int, timer_delete, (timer_t))

/* hooks/exit.c */
#define RELIB_EXIT_HOOKS(X)                                                   \
	X(int, on_exit, (void (*)(int, void *), void *))                      \
	X(int, __cxa_atexit, (void (*)(void *), void *, void *))              \
	X(int, __cxa_at_quick_exit, (void (*)(void *), void *))

/* hooks/lent.c */
#define RELIB_LENT_HOOKS(X)                                                   \
	X(int, putenv, (char *))                                              \
	X(int, setenv, (const char *, const char *, int))                     \
	X(int, unsetenv, (const char *))                                      \
	X(int, clearenv, (void))                                              \
	X(void, openlog, (const char *, int, int))                            \
	X(void, closelog, (void))                                             \
	X(int, setvbuf, (FILE *, char *, int, size_t))                        \
	X(void, setbuf, (FILE *, char *))                                     \
	X(void, setbuffer, (FILE *, char *, size_t))                          \
	X(char *, initstate, (unsigned, char *, size_t))                      \
	X(char *, setstate, (char *))                                         \
	X(locale_t, uselocale, (locale_t))                                    \
	X(void, freelocale, (locale_t))

/* hooks/end.c */
#define RELIB_END_HOOKS(X)                                                    \
	X(void, __cxa_finalize, (void *))

/* hooks/lock.c */
#define RELIB_LOCK_HOOKS(X)                                                   \
	X(int, flock, (int, int))                                             \
	X(int, lockf, (int, int, off_t))                                      \
	X(int, lockf64, (int, int, off64_t))

/* hooks/semaphore.c */
#define RELIB_SEMAPHORE_HOOKS(X)                                              \
	X(sem_t *, sem_open, (const char *, int, ...))                        \
	X(int, sem_close, (sem_t *))

/* hooks/process.c, hooks/vfork.S. A fork itself is followed by pthread_atfork, see fork.c: daemon, say, calls libc's own. */
#define RELIB_PROCESS_HOOKS(X)                                                \
	X(pid_t, vfork, (void))                                               \
	X(pid_t, fork, (void))                                                \
	X(pid_t, _Fork, (void))                                               \
	X(pid_t, forkpty, (int *, char *, const struct termios *, const struct winsize *)) \
	X(int, clone, (int (*)(void *), void *, int, void *, ...))            \
	X(int, posix_spawn, (pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, \
			     char *const[], char *const[]))                           \
	X(int, posix_spawnp, (pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, \
			      char *const[], char *const[]))                          \
	X(pid_t, wait, (int *))                                               \
	X(pid_t, waitpid, (pid_t, int *, int))                                \
	X(pid_t, wait3, (int *, int, struct rusage *))                        \
	X(pid_t, wait4, (pid_t, int *, int, struct rusage *))                 \
	X(int, waitid, (idtype_t, id_t, siginfo_t *, int))

#define RELIB_HOOKS(X)                                                        \
	RELIB_MAPPING_HOOKS(X)                                                \
	RELIB_HEAP_HOOKS(X)                                                   \
	RELIB_MUTEX_HOOKS(X)                                                  \
	RELIB_DESCRIPTOR_HOOKS(X)                                             \
	RELIB_STREAM_HOOKS(X)                                                 \
	RELIB_SIGNAL_HOOKS(X)                                                 \
	RELIB_KEY_HOOKS(X)                                                    \
	RELIB_TIMER_HOOKS(X)                                                  \
	RELIB_EXIT_HOOKS(X)                                                   \
	RELIB_LENT_HOOKS(X)                                                   \
	RELIB_END_HOOKS(X)                                                    \
	RELIB_STRING_HOOKS(X)                                                 \
	RELIB_CXX_HOOKS(X)                                                    \
	RELIB_CXX_HANDLER_HOOKS(X)                                            \
	RELIB_CALLBACK_HOOKS(X)                                               \
	RELIB_THREAD_HOOKS(X)                                                 \
	RELIB_DL_HOOKS(X)                                                     \
	RELIB_PROCESS_HOOKS(X)                                                \
	RELIB_LOCK_HOOKS(X)                                                   \
	RELIB_SEMAPHORE_HOOKS(X)

#endif
