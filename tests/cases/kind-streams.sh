# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Streams: whatever a module opens is named and closed as what it is; nothing that was written is lost.
. "$TOP_SRCDIR/tests/cases/kind.sh"

# check SOURCE ACTION LINES_KNOWN: every function once
check() {
	for name in $(sed -n 's/^LEAK(\([a-zA-Z0-9_]*\),.*/\1/p' "$TOP_SRCDIR/tests/modules/$1"); do
		where="leak_$name"
		[ "$3" = yes ] && where="$where $1:$(line_of "$1" "$name")"
		entry "$1, $2: $name" "stream $2 1 $where"
	done
}
run_module kind_stream
is "the module runs" "$status" 0
check kind_stream.c released yes
contains "what a file is" "$(printf '%s\n' "$report" | grep ' leak_fopen ')" "  /dev/null"
contains "a folder" "$(printf '%s\n' "$report" | grep ' leak_opendir ')" "  /"
contains "memory" "$(printf '%s\n' "$report" | grep ' leak_fmemopen ')" "in memory"
lacks "a stream's descriptor is the stream's" "$report" "descriptor released"

for module in kind_stream:c kind_stream_cxx:cc; do
	source=${module%:*}.${module#*:}; module=${module%:*}
	scenario reclaim $module same_table "$module: the table of descriptors is what it was"
	check $source released no
	leaked=$(printf '%s\n' "$output" | sed -n 's/^leaked //p')
	contains "$module: as many as it left" "$report" "total stream $leaked $leaked"
	scenario report $module same_table "$module: nothing is closed"
	check $source reported no
	contains "$module: as many as it left are open" "$report" "total stream $leaked 0"
done
scenario reclaim kind_stream buffers "what is in buffers of any kind is written"
scenario reclaim kind_stream own_code_left "streams over the module's code and memory, left"
for leaks in reclaim report; do
	scenario $leaks kind_stream own_code_closed "streams over the module's code and memory, closed by a destructor"
	scenario $leaks kind_stream closed_stream "what was closed is forgotten"
	scenario $leaks kind_stream taken_over "fdopen takes the descriptor over"
	scenario $leaks kind_stream standard_output "the host's standard output, reopened by the module"
	scenario $leaks kind_stream slow_child "a child that does not end"
	scenario $leaks kind_stream_cxx read_and_close "std::ifstream, closed"
done
scenario reclaim kind_stream children "children of popen are waited for"
done_testing
