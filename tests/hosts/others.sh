#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Other real hosts, each of which loads and unloads one small module under the tracker.
. "$TOP_SRCDIR/tests/tap.sh"

module=$MODULES/host_any.so

# host NAME WANTED COMMAND ...: it says the same as without the tracker, and the leak is the module's
host()
{
	name=$1 wanted=$2; shift 2
	command -v "$1" >/dev/null || { skip "$name" "no $1 here"; return; }
	alone=$("$@" </dev/null 2>&1)
	if [ "$alone" != "$wanted" ]; then
		skip "$name" "it does not work without the tracker either: $(printf %s "$alone" | head -n 1)"
		return
	fi
	for leaks in report reclaim; do
		rm -f report.jsonl
		output=$(env LD_PRELOAD="$RELIB_TRACKER" RELIB_TRACK="report=$PWD/report.jsonl,leaks=$leaks,quiet" \
			"$@" </dev/null 2>&1)
		is "$name, leaks=$leaks: works as ever" "$output; status $?" "$wanted; status 0"
		released=0
		[ $leaks = report ] || released=3
		found=$("$PYTHON3" "$TOP_SRCDIR/tests/hosts/ledger" report.jsonl host_any.so 2>&1)
		contains "$name, leaks=$leaks: the ledger's sums" "$found" "unloaded 3 300 $released 0"
		contains "$name, leaks=$leaks: the function" "$found" '3 300 leak_three'
	done
}

cat >any.tcl <<END
load $module any
unload $module any
puts [string repeat abc 3]
END
cat >any.pl <<END
use DynaLoader;
my \$module = DynaLoader::dl_load_file("$module", 0) or die DynaLoader::dl_error();
DynaLoader::dl_unload_file(\$module) or die DynaLoader::dl_error();
print join(",", map { \$_ * 2 } 1 .. 5), "\n";
END
cat >any.py <<END
import ctypes, _ctypes
module = ctypes.CDLL("$module")
print(module.any_answer())
_ctypes.dlclose(module._handle)
print(sum(range(10)))
END
cat >any.sql <<END
.load $module
select 6 * 7;
END

host bash 7 bash --norc -c "enable -f $module any; any; echo \$?; enable -d any"
host tclsh abcabcabc tclsh any.tcl
host perl 2,4,6,8,10 perl any.pl
host sqlite3 42 sqlite3 -batch :memory: '.read any.sql'
host python3 '42
45' "$PYTHON3" any.py
done_testing
