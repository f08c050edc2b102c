# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# What else points back into a module's code: named, and given back before that code is gone.
. "$TOP_SRCDIR/tests/cases/kind.sh"
cxx=$MODULES/kind_points_cxx.so
plain=$MODULES/kind_points.so

# handlers TERMINATE UNEXPECTED NEW: as the host prints them
handlers() { printf 'terminate %s\nunexpected %s\nnew %s\n' "$@"; }
all_cxx() { echo "call $1 cxx_terminate call $1 cxx_unexpected call $1 cxx_new"; }
cp "$cxx" second-cxx.so

# What the C++ library calls
for kind in C++ C; do
	host=$PROGRAMS/hosts/points_host
	[ $kind = C++ ] && host=$host-cxx
	# In a C host a second module holds the library.
	others="load hold ./second-cxx.so"
	run reclaim $others load m "$cxx" $(all_cxx m) cxx close m cxx
	is "$kind host: the module's are the library's, then those that were there before" "$status $output" \
		"0 $(handlers kind_points_cxx.so kind_points_cxx.so kind_points_cxx.so; handlers default default none)"
	is "$kind host: the report counts them" "$(things cxx-handler)" "3 3"
	for name in terminate unexpected new_handler; do
		on=on_$name; from=cxx_$name
		[ $name = new_handler ] && on=on_no_memory && from=cxx_new
		contains "$kind host: set_$name with the handler, the function and the line" "$(printf '%s\n' "$report" | tr -s ' ')" \
			" std::set_$name $on std::set_$name < $from kind_points_cxx.cc:$(line_with kind_points_cxx.cc "the line of set_$name")"
	done
	run reclaim $others cxx-take load m "$cxx" $(all_cxx m) close m cxx
	is "$kind host: the host's are back" "$status $output" "0 $(handlers host host host)"
	run reclaim $others load m "$cxx" $(all_cxx m) cxx-take close m cxx
	is "$kind host: what the host set since stays" "$status $output" "0 $(handlers host host host)"
	is "$kind host: and is none of the module's" "$(things cxx-handler)" "0 0"
	run reclaim $others cxx-take load m "$cxx" call m cxx_put_back close m cxx
	is "$kind host: what a module put back itself isn't touched" "$status $output" "0 $(handlers host host host)"
	is "$kind host: nor named" "$(things cxx-handler)" "0 0"
	run report $others cxx-take load m "$cxx" $(all_cxx m) close m cxx
	is "$kind host: leaks=report touches nothing" "$status $output" "0 $(handlers nowhere nowhere nowhere)"
	is "$kind host: leaks=report: but they are named" "$(things cxx-handler)" "3 0"
	contains "$kind host: leaks=report: with the handler" "$(printf '%s\n' "$report" | tr -s ' ')" "std::set_terminate on_terminate"

	run reclaim $others load m "$cxx" call m cxx_resource resource close m resource
	is "$kind host: a default resource of the module's is put back" "$status $output" "0 $(printf 'resource other\nresource default')"
	contains "$kind host: and named with the function and the line" "$(printf '%s\n' "$report" | tr -s ' ')" \
		" std::pmr::set_default_resource std::pmr::set_default_resource < cxx_resource kind_points_cxx.cc:$(line_with kind_points_cxx.cc 'the line of set_default_resource')"

	# Two modules, one above the other
	cp "$cxx" third.so
	run reclaim $others cxx-take load a "$cxx" load b ./third.so $(all_cxx a) $(all_cxx b) close b cxx close a cxx
	is "$kind host: the second of two leaves: the first has them again, then the host" "$status $output" \
		"0 $(handlers kind_points_cxx.so kind_points_cxx.so kind_points_cxx.so; handlers host host host)"
	run reclaim $others cxx-take load a "$cxx" load b ./third.so $(all_cxx a) $(all_cxx b) close a cxx close b cxx
	is "$kind host: the first leaves: the second keeps them, then the host, and not what is gone" "$status $output" \
		"0 $(handlers third.so third.so third.so; handlers host host host)"
done
host=$PROGRAMS/hosts/points_host
run reclaim load m "$cxx" $(all_cxx m) call m cxx_check close m load m "$cxx" $(all_cxx m) call m cxx_check close m
is "the C++ library may come and go with the module" "$status $output" "0 "
is "and they are given back each time" "$(things cxx-handler)" "3 3"

# What a fork calls
user=$MODULES/kind_points_user.so library=$MODULES/kind_points_library.so
run reclaim load m "$user" atfork m on_library_end fork-once close m fork-once
is "a module's function that the host has called at a fork: not when the module has gone" "$status $output" "0 called"
is "the report counts it" "$(things callback)" "1 1"
contains "and names the function" "$(printf '%s\n' "$report" | tr -s ' ')" " pthread_atfork on_library_end"
run reclaim load l "$library" load m "$user" call m at_library_fork fork-once close m fork-once close l
is "so it is with one that a library registered" "$status $output" "0 called"
run reclaim load m "$user" call m at_library_fork fork-once close m fork-once
is "and when the library goes too" "$status $output" "0 called"
run report load m "$user" atfork m on_library_end close m
is "leaks=report: it is named" "$status $(things callback)" "0 1 0"

# By relib-run
for name in terminate unexpected new; do
	report=$("$RELIB_RUN" --call="void cxx_$name" "$cxx" 2>&1); status=$?; report=$(printf "%s\n" "$report" | tr -s " ")
	is "relib-run: $name is given back" "$status" 0
	contains "relib-run: $name with the function and the line" "$report" "cxx_$name kind_points_cxx.cc:$(line_with kind_points_cxx.cc "the line of set_$name")"
done

# Signal handlers set past the hooks
run reclaim load m "$plain" call m signal_hidden signal 10 close m signal 10
is "a handler that no ledger knows is taken back" "$status $output" "0 $(printf '10 module\n10 default')"
is "the report counts it" "$(things signal-handler)" "1 1"
contains "and names it, without a place" "$(printf '%s\n' "$report" | tr -s ' ')" " SIGUSR1 on_raw_signal"
run report load m "$plain" call m signal_hidden close m signal 10
is "leaks=report doesn't touch it" "$status $output" "0 10 nowhere"
run reclaim load m "$plain" call m signal_hidden signal-take 10 close m signal 10
is "what the host set since stays" "$status $output" "0 10 host"
run reclaim signal-take 10 load m "$plain" call m signal_both close m signal 10
is "a handler that was set otherwise before: what was there is there again" "$status $output" "0 10 host"
is "and is named once" "$(things signal-handler)" "1 1"
run reclaim signal-take 12 load-deep m "$plain" call m signal_plain signal 12 close m signal 12
is "a module that binds past the tracker (RTLD_DEEPBIND)" "$status $output" "0 $(printf '12 module\n12 default')"
contains "is named too" "$(printf '%s\n' "$report" | tr -s ' ')" " SIGUSR2 on_raw_signal"
cp "$MODULES/kind_handlers.so" handlers.so
run reclaim load a "$plain" call a signal_hidden load b ./handlers.so call b signal_sigaction close a signal 10 close b signal 10
is "a module that set its own over one unknown doesn't put that back" "$status $output" "0 $(printf '10 module\n10 default')"
report=$("$RELIB_RUN" --call="void signal_hidden" "$plain" 2>&1); status=$?
contains "relib-run: so it does" "$status $(printf '%s\n' "$report" | tr -s ' ')" " SIGUSR1 on_raw_signal"

# What is called at the end of somebody else
user=$MODULES/kind_points_user.so library=$MODULES/kind_points_library.so
run reclaim load m "$user" atexit m on_library_end
is "a module's function that the host has called at its end: it is" "$status $output" "0 called"
run reclaim load m "$user" atexit m on_library_end close m
is "but not when the module has gone" "$status $output" "0 "
is "the report counts it" "$(things exit-handler)" "1 1"
contains "and names the function" "$(printf '%s\n' "$report" | tr -s ' ')" " atexit on_library_end"
run reclaim load m "$user" at-quick-exit m on_library_end quick-exit
is "at a quick end" "$status $output" "0 called"
run reclaim load m "$user" at-quick-exit m on_library_end close m quick-exit
is "but not when the module has gone" "$status $output" "0 "
run reclaim load m "$user" call m at_library_end close m
is "at the end of a library that goes with the module: it is called" "$status $output" "0 called"
is "and nothing is left" "$(things exit-handler)" "0 0"
run reclaim load l "$library" load m "$user" call m at_library_end close l close m
is "so it is when the library was opened before" "$status $output" "0 $(printf 'l is still there\ncalled')"
run reclaim load l "$library" load m "$user" call m at_library_end close m close l
is "not at the end of a library that stays, since the module has gone" "$status $output" "0 "
contains "it is given back" "$(cat report.jsonl)" '"exit-handler":{"held":1,"released":1,'
contains "and named with the library's function" "$(printf '%s\n' "$report" | tr -s ' ')" " atexit on_library_end"
run reclaim load l "$library" load m "$user" call m at_library_end
is "at the end of the process it is called" "$status $output" "0 called"
run report load l "$library" load m "$user" call m at_library_end close m quick-exit
is "leaks=report: it is named" "$(things exit-handler)" "1 0"
report=$("$RELIB_RUN" --call="void at_library_end" "$user" 2>&1); status=$?
is "relib-run: called with the library" "$status $report" "0 called"

# Stacks for signals
for where in in_image on_heap in_heap in_mapping; do
	run reclaim load m "$plain" call m stack_$where stack close m fill stack
	is "$where: a stack for signals is taken down" "$status $output" "0 $(printf 'stack other\nstack none')"
	is "$where: the report counts it" "$(things signal-stack)" "1 1"
	contains "$where: with the function and the line" "$(printf '%s\n' "$report" | tr -s ' ')" \
		" sigaltstack < set_stack kind_points.c:$(line_with kind_points.c 'the line of sigaltstack')"
	contains "$where: and the thread" "$(cat report.jsonl)" '"details":["64.0 KiB of thread '
	run reclaim stack-take load m "$plain" call m stack_$where close m fill stack
	is "$where: the host's is there again" "$status $output" "0 stack host"
	run reclaim load m "$plain" thread-call m stack_$where close m fill thread-stack end-thread
	if [ $where = in_image ]; then
		is "$where: on another thread it keeps the module" "$status $output" "0 $(printf "m is still there\nthread's stack other")"
		contains "$where: it is named" "$(cat report.jsonl)" '"reason":"the signal stack of thread '
		run reclaim load m "$plain" thread-call m stack_in_image call m stack_put_back end-thread close m
		is "$where: until that has ended" "$status $output" "0 "
	else
		is "$where: on another thread it goes on" "$status $output" "0 thread's stack other"
		is "$where: it is named" "$(things signal-stack)" "1 0"
		contains "$where: with the reason" "$(cat report.jsonl)" '"details":["64.0 KiB in use by thread '
	fi
	run reclaim load m "$plain" thread-call m stack_$where end-thread close m fill stack
	is "$where: on a thread that has ended there is none" "$status $output $(things signal-stack)" "0 stack none 0 0"
	run reclaim load m "$plain" call m stack_$where close-on-stack m fill stack
	stays="stack other"; [ $where = in_image ] && stays=$(printf 'm is still there\nstack other')
	is "$where: while the thread is on it, it stays" "$status $output" "0 $stays"
	run report load m "$plain" call m stack_$where close m
	is "$where: leaks=report: it is named" "$status $(things signal-stack)" "0 1 0"
	report=$("$RELIB_RUN" --call="void stack_$where" "$plain" 2>&1); status=$?
	contains "$where: relib-run" "$status $(printf '%s\n' "$report" | tr -s ' ')" "1 signal stack"
done
run reclaim stack-storm 300 "$plain" stack_on_heap
is "a thread has signals on it while the module goes" "$status $output" "0 the storm is over"
run report load m "$plain" call m stack_on_heap close m stack
is "leaks=report doesn't touch it" "$status $output" "0 stack other"
run reclaim load m "$plain" call m stack_in_image stack-take close m stack
is "what the host set since stays" "$status $output $(things signal-stack)" "0 stack host 0 0"
run reclaim stack-take load m "$plain" call m stack_in_image call m stack_put_back close m stack
is "what a module put back itself is not named" "$status $output $(things signal-stack)" "0 stack host 0 0"
run reclaim load m "$plain" stack-of m stack close m stack
is "one in a module's memory is the module's, whoever set it" "$status $output $(things signal-stack)" \
	"0 $(printf 'stack other\nstack none') 1 1"
run reclaim load m "$plain" call m stack_until_end close m stack
is "a module's destructors have it until the end" "$status $output" "0 stack none"
cp "$plain" second.so
run reclaim stack-take load a "$plain" load b ./second.so call a stack_in_image call b stack_in_image close b stack close a stack
is "the second of two leaves: the first has it again, then the host" "$status $output" "0 $(printf 'stack other\nstack host')"
run reclaim stack-take load a "$plain" load b ./second.so call a stack_in_image call b stack_in_image close a stack close b stack
is "the first leaves: the second keeps it, then the host" "$status $output" "0 $(printf 'stack other\nstack host')"
run reclaim load m "$plain" call m stack_in_image fork close m stack
is "in a forked child it is taken down too" "$status $output" "0 stack none"

# What else libc calls
for name in new old; do
	run reclaim load m "$plain" printf call m printf_$name printf close m printf
	is "$name conversion of printf: gone with the module" "$status $output" "0 $(printf 'printf %%Y\nprintf module\nprintf %%Y')"
	is "$name conversion of printf: the report counts it" "$(things callback)" "1 1"
	run reclaim printf-take load m "$plain" call m printf_$name printf close m printf
	is "$name conversion of printf: the host's is there again" "$status $output" "0 $(printf 'printf module\nprintf host')"
	run reclaim load m "$plain" call m printf_$name printf-take close m printf
	is "$name conversion of printf: what the host set since stays" "$status $output $(things callback)" "0 printf host 0 0"
	run reclaim load m "$plain" call m printf_$name call m printf_take_back close m printf
	is "$name conversion of printf: taken back by the module" "$status $output $(things callback)" "0 printf %Y 0 0"
	run report load m "$plain" call m printf_$name close m
	is "$name conversion of printf: leaks=report names it" "$status $(things callback)" "0 1 0"
done
report=$("$RELIB_RUN" --call="void printf_new" "$plain" 2>&1); status=$?
contains "relib-run: with its letter, the function and the line" "$status $(printf '%s\n' "$report" | tr -s ' ')" \
	" printf %Y on_conversion register_printf_specifier < printf_new kind_points.c:$(line_with kind_points.c 'the line of register_printf')"
for kind in host host-cxx; do
	host=$PROGRAMS/hosts/points_$kind
	run reclaim load m "$plain" variables call m libc_variables variables close m variables
	is "$kind: variables of libc are as they were" "$status $output" \
		"0 $(printf 'libc\nnone\nnone\nmodule\nmodule\nmodule\nlibc\nnone\nnone')"
	is "$kind: the report counts them" "$(things callback)" "3 3"
	contains "$kind: and names them" "$(printf '%s\n' "$report" | tr -s ' ')" " error_print_progname on_libc"
done
run report load m "$plain" call m libc_variables close m variables
is "leaks=report doesn't touch them" "$status $output" "0 $(printf 'nowhere\nnowhere\nnowhere')"

# C++ libraries of their own
cat >abi.c <<'END'
#include <stdlib.h>
typedef void (*handler)(void);
handler _ZSt13set_terminatePFvvE(handler), _ZSt13get_terminatev(void);
static void end(void) { abort(); }
void set(void) { _ZSt13set_terminatePFvvE(end); if (_ZSt13get_terminatev() != end) abort(); }
END
$CXX -shared -fPIC -fno-gnu-unique -static-libstdc++ -o static.so "$TOP_SRCDIR/tests/modules/kind_points_cxx.cc" 2>/dev/null || rm -f static.so
library=$($CC -print-file-name=libc++abi.so.1)
[ -f "$library" ] && $CC -shared -fPIC -o abi.so abi.c "$library" || rm -f abi.so
host=$PROGRAMS/hosts/points_host
if [ -f static.so ]; then
	run reclaim load hold ./second-cxx.so load m ./static.so $(all_cxx m) call m cxx_check cxx close m cxx
	is "a module with a C++ library of its own has its own handlers" "$status $output" \
		"0 $(handlers default default none; handlers default default none)"
	host=$host-cxx
	run reclaim cxx-take load m ./static.so $(all_cxx m) close m cxx
	is "and in a host in C++ leaves the host its own" "$status $output" "0 $(handlers host host host)"
else
	skip "a module with a C++ library of its own" "no static libstdc++"
fi
if [ -f abi.so ]; then
	host=$PROGRAMS/hosts/points_host
	run reclaim load hold ./second-cxx.so load m ./abi.so call m set cxx close m cxx
	is "a module with another C++ library has that one's" "$status $output" "0 $(handlers default default none; handlers default default none)"
	is "and it is given back there" "$(things cxx-handler)" "1 1"
else
	skip "a module with another C++ library" "no libc++abi"
fi
done_testing
