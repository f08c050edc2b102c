# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# A host that does what could end or hang it if the tracker were careless ends as it does without.
. "$TOP_SRCDIR/tests/tap.sh"
host=$PROGRAMS/stress/hazard

for copy in one two three; do cp "$MODULES/hazard.so" $copy.so || exit 99; done

# run OPTIONS HAZARD MODULE ...: what the host says under the tracker; a host that hangs blocks all signals perhaps
run() {
	options=$1; shift
	LD_PRELOAD=$RELIB_TRACKER RELIB_TRACK=quiet,$options timeout -s KILL 120 "$host" "$@" 2>&1
}

is "eight threads open and close the same modules" "$(for round in 1 2 3 4 5; do run leaks=reclaim same ./one.so ./two.so ./three.so; done | uniq)" done
is "and only name what is left" "$(run "report=$PWD/same.json" same ./one.so)" done
is "a thread with a cancellation pending closes" "$(run "report=$PWD/cancel.json" cancel ./one.so)" \
	"$(printf 'dlclose came back\nit is gone\ndone')"
contains "and its report is there" "$(cat cancel.json)" '"outcome":"unloaded"'
is "a callback of dl_iterate_phdr allocates" "$(run leaks=report callback ./one.so)" done
is "a thread frees its creator's pthread_t" "$(run leaks=report jobs ./one.so)" done
is "the report is larger than files may be" \
	"$(ulimit -f 0; LD_PRELOAD=$RELIB_TRACKER RELIB_TRACK=quiet,report=$PWD/full.json "$host" close ./one.so 2>/dev/null | cat)" done
is "a host's own file with the number of stderr" \
	"$(LD_PRELOAD=$RELIB_TRACKER "$host" stderr ./one.so)" "$(printf 'descriptor 2, 0 bytes\ndone')"
done_testing
