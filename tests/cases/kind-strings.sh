# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# What libc goes on using where a module has it: named, and replaced by copies that stay, so that the host may use it.
. "$TOP_SRCDIR/tests/cases/kind.sh"
kind_host=strings_host

# reclaimed SCENARIO NAME; reported SCENARIO NAME
reclaimed() { scenario reclaim kind_strings "$1" "$2"; }
reported() { scenario report kind_strings "$1" "$2"; }

# The environment
texts="image:IMAGE heap:HEAP mapping:MAPPING"
run_module kind_strings
is "the module runs" "$status" 0
for text in $texts; do
	name=leak_putenv_${text%:*}
	entry "putenv, ${text%:*}" "string released 1 $name kind_strings.c:$(line_of kind_strings.c "putenv_${text%:*}")"
	contains "and the variable is named" "$(printf '%s\n' "$report" | grep "^string.*$name ")" " environment variable KIND_${text#*:}"
done
entry "putenv, stack" "string released 1 leak_putenv_stack kind_strings.c:$(line_with kind_strings.c 'the line of the stack')"
entry "openlog" "string released 1 leak_openlog kind_strings.c:$(line_of kind_strings.c openlog)"
entry "initstate" "string released 1 leak_initstate kind_strings.c:$(line_of kind_strings.c initstate)"
entry "setvbuf" "string released 1 module_setvbuf kind_strings.c:$(line_with kind_strings.c 'the line of setvbuf')"
entry "uselocale" "string reported 1 module_uselocale kind_strings.c:$(line_with kind_strings.c 'the line of uselocale')"
contains "the stream is named" "$report" "buffer of stdout"
contains "the state is named" "$report" "state of random()"
contains "and all are replaced but the locale, which is kept" "$report" "total string 8 7"
contains "what was written into the buffer is not lost" "$output" "from the module"

reclaimed environment "getenv finds what putenv was given"
contains "all that was given" "$report" "total string 4 4"
reported environment_reported "the environment is not touched"
contains "but named" "$report" "string reported 1 leak_putenv_image"
contains "with the log's" "$report" "string reported 1 leak_openlog"
contains "and nothing is replaced" "$report" "total string 2 0"
reclaimed written "a string that was written into environ"
contains "is named, without a call" "$report" "environment variable KIND_WRITTEN"
reclaimed own_array "an array of the module's"
contains "is named" "$report" "array of the environment"
reclaimed read_only_array "an array that can't be written into"
reclaimed by_host "a string of the module's that the host put there"
contains "is named too" "$report" "environment variable KIND_IMAGE"
for leaks in reclaim report; do
	scenario $leaks kind_strings not_lent "what is the host's stays where it is"
	contains "and is not named, leaks=$leaks" "$report" "total string 0 0"
done
scenario reclaim kind_strings_bare bare "a module without destructors"
entry "is no exception" "string released 1 leak_putenv"
reclaimed bounded "thousands of values of one variable take no more memory"
reclaimed writers "ten thousand reloads while another thread changes the environment"
"$RELIB_RUN" --policy string=refuse "$MODULES/kind_strings.so" -- environ >output 2>&1
contains "a module that must leave none behind stays" "$(cat output)" "was not unloaded: it holds 3 strings"
contains "also for what no hook saw" "$(cat output)" ", 2 more   found there, by no call that was seen"

# The log
reclaimed log_identity "the log after the module"
contains "has its identity, and its options" "$output" "kind identity["
contains "until it is closed" "$output" "]: after the module"
contains "and is named" "$report" 'openlog identity "kind identity"'
reclaimed log_closed "the log, closed by the module"
is "is the host's" "$output" "host: the host's own"
contains "and is not named" "$report" "total string 0 0"

# Streams
reclaimed buffers_of_output "what is in a buffer for output stays there"
reclaimed buffers_of_input "what is in a buffer for input stays there"
for name in setvbuf setbuf setbuffer; do
	contains "$name is named" "$report" "string released 1 module_$name "
done
reclaimed standard_output "standard output"
is "is written in order" "$output" "before, after"
reclaimed closed_stream "streams that have been closed or reopened"
contains "are not named" "$report" "total string 0 0"
reclaimed waiting_reader "a thread that waits for input"
contains "keeps the buffer" "$report" "string reported 1 module_setvbuf"
reclaimed writer_of_stream "ten thousand reloads while another thread writes"

# random()
reclaimed random_state "random() goes on as it would have"

# Locales
for scenario in locale locale_of_thread; do
	reclaimed $scenario "a locale in use is kept ($scenario)"
	contains "and named" "$(printf '%s\n' "$report" | grep '^string reported 1 module_uselocale ')" " locale that a thread uses"
	lacks "not freed" "$report" "heap released"
done
reclaimed locale_given_back "a locale that is not in use any more"
contains "is freed" "$report" "heap released 1 module_uselocale"
contains "as a block" "$report" "total string 0 0"

# Variables of libc
reclaimed variables "variables of libc"
is "stand for something" "$output" "still printed
/name/of/module: said by the host"
contains "all are replaced" "$report" "total string 4 4"
contains "and the one that names a function" "$report" "callback released 1 - -:0 error_print_progname"
done_testing
