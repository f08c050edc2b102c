# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# What points back into a module's code: named, and given back before that code is gone.
. "$TOP_SRCDIR/tests/cases/kind.sh"
host=$PROGRAMS/hosts/handlers_host
module=$MODULES/kind_handlers.so

# clean NAME: it ended well, and nothing missed
clean() { if [ "$status" = 0 ]; then pass "$1"; else fail "$1" "exit status $status" "$output" "$report"; fi; }

# Signals
"$host" take signals >wanted
contains "the host handles signals" "$(cat wanted)" "10 host 40000000"
run reclaim take load m "$module" call m signal_sigaction call m signal_others close m signals raise
clean "signals come after the module has gone"
is "to the handlers that were there before" "$output" "$(cat wanted; echo "raised, 0 missed")"
is "the report counts them" "$(things signal-handler)" "10 10"
contains "with the signal, the handler, the function and the line" "$(printf '%s\n' "$report" | grep SIGUSR1 | tr -s ' ')" \
	" SIGUSR1 on_signal sigaction < signal_sigaction kind_handlers.c:$(line_with kind_handlers.c 'the line of sigaction')"
contains "one that is ignored" "$(printf '%s\n' "$report" | grep SIGPIPE | tr -s ' ')" "SIGPIPE ignored"
contains "one of those in real time" "$report" "SIGRTMIN+3  on_other_signal"
contains "the JSON names the handler" "$(cat report.jsonl)" '"details":["SIGUSR1"]'

run reclaim load m "$module" call m signal_sigaction call m signal_others close m signals raise
is "those that were by default are so again" "$output" "raised, 0 missed"
run report take load m "$module" call m signal_sigaction call m signal_others close m signals
contains "leaks=report touches nothing" "$output" "10 other"
is "leaks=report: but they are named" "$(things signal-handler)" "10 0"
contains "leaks=report: with the handler" "$report" "SIGUSR1  on_signal"

run reclaim take load m "$module" call m signal_put_back close m signals
is "what a module put back itself is not touched" "$output" "$(cat wanted)"
is "and not named" "$(things signal-handler)" "0 0"
run reclaim take load m "$module" call m signal_until_end close m signals
is "a module's destructors have its handlers until the end, and may put them back" "$output" "$(cat wanted)"
is "only what is left is named" "$(things signal-handler)" "1 1"

run reclaim load m "$module" call m signal_sigaction take-one 10 close m signals raise
is "what the host set since stays" "$output" "10 host 40000000
raised, 0 missed"
is "and is none of the module's" "$(things signal-handler)" "0 0"

( exec 2>/dev/null; ulimit -c 0; timeout 60 "$host" take storm 3 "$module" signal_sigaction >/dev/null ) 2>/dev/null
is "without the tracker a signal finds what is gone" "$?" 139
run reclaim take storm "${STRESS_ROUNDS:-10000}" "$module" signal_sigaction signals
is "signals that come during the unload find one handler or the other" "$output" "$(echo "the storm is over"; cat wanted)"

# Two modules, one above the other
cp "$module" second.so
run reclaim take load a "$module" load b ./second.so call a signal_sigaction call b signal_sigaction close b raise close a signals raise
contains "the second of two modules leaves: the first has it again" "$output" "raised, 1 missed"
is "then the host" "$(printf '%s\n' "$output" | tail -n +2)" "$(cat wanted; echo "raised, 0 missed")"
run reclaim take load a "$module" load b ./second.so call a signal_sigaction call b signal_sigaction close a raise close b signals raise
contains "the first leaves: the second keeps it" "$output" "raised, 1 missed"
is "then the host, and not what is gone" "$(printf '%s\n' "$output" | tail -n +2)" "$(cat wanted; echo "raised, 0 missed")"

# Keys of thread-specific data
run reclaim keys load m "$module" call m key_create call m key_set close m keys
clean "a module leaves keys"
is "the caller's values are destroyed, and all keys are free again" "$(printf '%s\n' "$output" | sort -u)" "$(printf '%s\n' "$output" | head -n 1; echo s; echo v)"
is "keys: the report counts them" "$(things key)" "3 3"
contains "keys: with the destructor, the function and the line" "$(printf '%s\n' "$report" | grep 'on_value *pthread_key_create' | tr -s ' ' | sed 's/key [0-9]*/key N/')" \
	" key N on_value pthread_key_create < key_create kind_handlers.c:$(line_with kind_handlers.c 'the line of pthread_key_create')"
contains "keys: one without a destructor" "$report" "without a destructor"
run reclaim load m "$module" call m key_create thread-call m key_set close m end-thread
clean "a thread that ends later doesn't call what is gone"
is "nor is its value destroyed" "$output" ""
contains "that it has one is reported" "$(printf '%s\n' "$report" | grep "on_value.*pthread_key_create" | tr -s ' ')" "1 other thr"
contains "in full in the JSON" "$(cat report.jsonl)" '  1 other thread has a value: '
run reclaim load m "$module" call m key_create thread-call m key_set end-thread close m
lacks "one that has ended is not" "$(cat report.jsonl)" "has a value"
run reclaim keys load m "$module" call m key_create call m key_delete close m keys
is "keys that the module deleted are none of its" "$(things key)" "0 0"
run report load m "$module" call m key_create call m key_set close m
is "leaks=report: keys are named and left" "$(things key)$output" "3 0"

# Timers
run reclaim timers load m "$module" call m timer_thread close m timers wait-timer
clean "a module leaves a timer that calls a function"
is "it is deleted, and calls nothing that is gone" "$output" "$(printf '0 timers\n0 timers\nwaited')"
is "timers: the report counts it" "$(things timer)" "1 1"
contains "timers: with the function, and the function and line that made it" "$(printf '%s\n' "$report" | grep timer_create | tr -s ' ')" \
	" timer on_expiry timer_create < timer_thread kind_handlers.c:$(line_with kind_handlers.c 'the line of timer_create')"
run reclaim take load m "$module" call m timer_signal close m timers signals wait-timer
clean "one that sends a signal"
contains "timers: it is deleted too" "$output" "0 timers"
contains "timers: the signal is named" "$report" "timer  SIGRTMIN+4"
run reclaim load m "$module" call m timer_thread call m timer_stop close m wait-timer
is "one that the module deleted is none of its" "$(things timer)" "0 0"
steps=
for i in 1 2 3 4 5 6 7 8 9 10; do steps="$steps load m $module call m timer_thread close m"; done
run reclaim $steps wait-timer timers
is "threads that libc has started for one come too late to call it" "$output" "$(printf 'waited\n0 timers')"
# The end of the process
run reclaim load m "$module" call m exit_register exit
is "while the module is there, the end of the process calls it, the last one first" "$status $output" "$(printf '7 a\ne')"
run reclaim load m "$module" call m exit_register quick-exit
is "so it does when the end is quick" "$status $output" "7 q"
run reclaim load m "$module" call m exit_register close m exit
is "when the module has gone it is not called" "$status $output" "7 "
is "exit handlers: the report counts them" "$(things exit-handler)" "3 3"
contains "exit handlers: with the function, and the function and line that set it" "$(printf '%s\n' "$report" | grep on_end | tr -s ' ')" \
	" on_exit on_end on_exit < exit_register kind_handlers.c:$(line_with kind_handlers.c 'the line of on_exit')"
contains "exit handlers: one for the quick end" "$report" "at_quick_exit  on_quick_end"
run reclaim load m "$module" load n ./second.so call m exit_register close m close n quick-exit
is "nor at a quick end" "$status $output" "7 "
run reclaim load m "$module" call m fork_register fork close m fork
is "what a fork calls is given back by libc" "$status $output" "0 f"
done_testing
