# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# A process is the same before a module was loaded and after it was unloaded, whatever the module left: line by line.
. "$TOP_SRCDIR/tests/tap.sh"
source=$TOP_SRCDIR/tests/modules/kind_all.cc

# same NAME MODULE FUNCTION [RESULT]
same() {
	output=$(env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK=quiet \
		timeout 120 "$PROGRAMS/hosts/whole_host" 10 "$MODULES/$2.so" "$3" ${4+"$4"} 2>&1 </dev/null)
	is "$1" "$output" "the same after 10 rounds"
}
same "one of every kind at once" kind_all take 1
same "every function that gives a descriptor" kind_descriptor leak_all
same "every function that gives a stream" kind_stream leak_all
same "a little of several kinds" policies hold
same "every function that locks" kind_locks leak_all
for function in leak_mmap leak_mremap leak_shmat leak_executable leak_file; do same "mapping: $function" kind_mapping $function; done
for function in leak_putenv_heap leak_putenv_image leak_openlog leak_initstate; do same "string: $function" kind_strings $function; done
for function in leak_path leak_runpath leak_nested leak_thrice; do same "library: $function" kind_dlopen $function; done
for function in signal_sigaction signal_others key_create timer_signal exit_register fork_register; do
	same "handler: $function" kind_handlers $function
done
for function in signal_plain stack_in_image stack_in_heap stack_in_mapping printf_new libc_variables; do
	same "handler: $function" kind_points $function
done

# line TEXT: of the source
line() { grep -n -F "$1" "$source" | head -n 1 | cut -d: -f1; }
output=$("$RELIB_RUN" --call "void take" "$MODULES/kind_all.so" 2>&1 </dev/null | tr -s ' ')
# named KIND WHAT CALL LINE: a line of the report has what it is, and where it was acquired
named() {
	case $(printf '%s\n' "$output" | grep -F "$2" | grep -F "kind_all.cc:$(line "$3")") in
	"") fail "$1" "wanted: $2 ... kind_all.cc:$(line "$3")" "$output" ;;
	*) pass "$1" ;;
	esac
}
contains "the first line sums it up" "$output" \
	"kind_all.so unloaded, 1 block (1,000 B), 1 thread, 4 descriptors and 17 other things left behind and given back"
named heap "1 block 1,000 B take_memory" "malloc(1000)"
named thread "end_at_once" "end_at_once(void"
named descriptor "/dev/null open < take_files" 'open("/dev/null"'
named sockets "1 more socketpair < take_files" "socketpair("
named stream "/dev/null fopen < take_files" "fopen("
named mapping "64.0 KiB rw-p" "mmap("
named "signal handler" "SIGUSR1 on_signal signal <" "std::signal("
named key "destroy_key pthread_key_create <" "pthread_key_create("
named tss "destroy_key tss_create <" "tss_create("
named timer "timer SIGUSR1" "timer_create("
named "exit handler" "on_exit on_end" "on_exit(on_end"
named "terminate handler" "std::set_terminate on_terminate" "set_terminate("
named "new handler" "std::set_new_handler on_no_memory" "set_new_handler("
named "signal stack" "64.0 KiB of thread" "sigaltstack("
named "environment variable" "environment variable RELIB_KIND_ALL" "putenv("
named "identity of openlog" 'openlog identity "kind_all"' "openlog("
named "buffer" "buffer of stdin" "setvbuf("
named "library" "libanl.so.1 dlopen <" 'dlopen("'
named "child" "ended with status 0" "posix_spawnp("
named "lock" "flock shared on fd" "flock(locked"
named "semaphore" "semaphore /relib-kind-all" "sem_open("
done_testing
