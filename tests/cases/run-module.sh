# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# relib-run MODULE.so: what it calls, what it prints, how it ends.
. "$TOP_SRCDIR/tests/tap.sh"

# run ARGUMENT ...: leaves $status, $out and $err
run() {
	"$RELIB_RUN" "$@" >out 2>err </dev/null; status=$?
	out=$(cat out); err=$(cat err)
}

# A module that is clean
run "$MODULES/run_result.so"
is "main is called" "$out" "called with 0:"
is "a clean module: exit status 0" "$status" 0
is "a clean module: nothing is said" "$err" ""
run "$MODULES/run_result.so" -- 0 "two words" --report
is "the module's arguments are behind --" "$out" "called with 3: <0> <two words> <--report>"
run "$MODULES/run_result.so" --repeat 3
is "options may follow the module; --repeat calls again" "$out" "called with 0:
called with 0:
called with 0:"

# What main gives
run "$MODULES/run_result.so" -- -7
is "main gave an error: exit status 1" "$status" 1
contains "main gave an error: it is said" "$err" "gave -7"
"$RELIB_RUN" "$MODULES/run_result.so" -- -7 >both 2>&1
is "what it printed comes before what is said of it" "$(head -n 1 both)" "called with 1: <-7>"
run "$MODULES/run_result.so" --repeat 3 -- 1
is "a failed main ends --repeat" "$out" "called with 1: <1>"
run "$MODULES/run_result_bool.so" -- 1
is "true is success" "$status" 0
run "$MODULES/run_result_bool.so" -- 0
is "false is failure" "$status" 1
run "$MODULES/run_result_double.so" -- 3
is "a double is neither" "$status" 0
run "$MODULES/run_result_u64.so" -- 4294967296
is "all of a wide integer counts" "$status" 1
contains "and it is shown whole" "$err" "gave 4294967296"

# Plain shared objects
run "$MODULES/run_plain.so"
is "a plain shared object: constructors and destructors run" "$out" "constructor
destructor"
is "a plain shared object: exit status 0" "$status" 0
run --no-unload "$MODULES/run_plain.so"
is "--no-unload: exit status 0" "$status" 0
run --no-unload "$MODULES/run_worker.so"
is "--no-unload: a running thread does not matter" "$status $err" "0 "
run --no-unload "$MODULES/run_leaks.so"
is "--no-unload: nothing is settled" "$status $err" "0 "
run --call run_plain_int "$MODULES/run_plain.so"
contains "--call calls by name" "$out" "int with nothing"
is "--call: 0 is success" "$status" 0
run --call run_plain_int "$MODULES/run_plain.so" -- x
contains "--call passes arguments" "$out" "int with x"
is "--call: what an int function gives counts" "$status" 1
run --call run_plain_void "$MODULES/run_plain.so"
contains "--call takes a void function" "$out" "void"
is "--call: what a void function leaves in a register does not count" "$status" 0
run --call "int run_plain_int" "$MODULES/run_plain.so" -- x
is "--call 'int NAME': it counts" "$status" 1
run --call "void run_plain_int" "$MODULES/run_plain.so" -- x
is "--call 'void NAME': it does not count" "$status" 0
run --call run_plain_missing "$MODULES/run_plain.so"
is "--call of a name that is not there: exit status 1" "$status" 1
contains "--call of a name that is not there: it is named" "$err" run_plain_missing

# Loading fails
for file in no-such-file.so . empty.so text.so; do
	: >empty.so; echo "not a module" >text.so
	run "./$file"
	is "$file is not loaded: exit status 3" "$status" 3
	contains "$file is not loaded: it is named" "$err" "relib-run: "
done

# Unloading is refused
run "$MODULES/run_worker.so"
is "a running thread: exit status 4" "$status" 4
contains "a running thread: refused" "$err" "relib: run_worker.so was not unloaded"
contains "a running thread: its function is named" "$err" run_worker_main
unnumbered=
for round in 1 2 3 4 5 6 7 8 9 10; do
	run "$MODULES/run_worker.so"
	case $err in *"thread "[1-9]*) ;; *) unnumbered=$err ;; esac
done
is "a running thread: its number is told, also of one that has just been created" "$unnumbered" ""
contains "a running thread: what to do" "$err" "--grace 500"
run --grace 20000 "$MODULES/run_worker.so" -- 100
is "--grace waits for the thread" "$status" 0
is "--grace: nothing is left to say" "$err" ""
ok "a module that stops its thread in RELIB_BEFORE_UNLOAD is built" $CC -g -fPIC -shared -pthread -D_GNU_SOURCE \
	-DSTOP_WORKER "-I$TOP_SRCDIR/module-sdk" -o stopped.so "$TOP_SRCDIR/examples/worker.c"
run ./stopped.so --repeat 3
is "it is unloaded, and again" "$status $err" "0 "
run "$MODULES/run_worker.so" --repeat 100
is "a refusal ends --repeat" "$status" 4

# Wrong usage
wrong() {
	wrong_name=$1; shift
	run "$@"
	is "$wrong_name: exit status 2" "$status" 2
	contains "$wrong_name: where to find help" "$err" "relib-run --help"
}
wrong "no arguments"
wrong "an unknown option" --no-such-option x.so
wrong "two modules" a.so b.so
wrong "a format that is none" --format xml x.so
wrong "stacks that are no number" --stacks many x.so
wrong "no stacks" --stacks 0 x.so
wrong "a negative repeat" --repeat -1 x.so
wrong "a report file without a name" --report "" x.so
wrong "a function without a name" --call "" x.so
wrong "-- without a program" --
wrong "--call with a program" --call f -- true
wrong "--no-unload with --repeat" --no-unload --repeat 2 x.so
run --help
is "--help: exit status 0" "$status" 0
contains "--help: exit statuses are in it" "$out" "4 it was not unloaded"
run --version
contains "--version" "$out" "relib-run "

done_testing
