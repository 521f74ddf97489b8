#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The suite heapranges_params: module parameters, as insmod takes and refuses them, and loading when
# memory runs out.
#
# Runs as root inside a machine that nobody else uses, with KO pointing at heapranges.ko and no
# heapranges loaded. Prints KTAP; exits 0 when it came to its end, whatever the results.
# On x86-64 one page is 4 KiB.
set -euo pipefail
suite=heapranges_params
# shellcheck source=shell_helpers.sh
. "${BASH_SOURCE[0]%/*}/shell_helpers.sh"

show=/sys/kernel/debug/heapranges
trim=/sys/kernel/debug/heapranges_heaps/default/trim
page_kib=$(($(getconf PAGESIZE) / 1024))
ram_mib=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 1024))

# The ranges of the default heap: how many, and their size in MiB.
heap_size() {
	awk '!/^#/ && $9 == "default" { n++; bytes += $3 } END { print n + 0, bytes / 1048576 }' "$show"
}

# accepted NAME PARAMETERS "RANGES MIB"
accepted() {
	local got
	if load "$2"; then got=$(heap_size); else got="refused: $output $(new_log)"; fi
	expect "$1" "$2" "$got" "$3"
	unload
}

# refused NAME PARAMETERS PARAMETER: insmod fails, nothing stays, and one line says which parameter.
refused() {
	local got='' lines
	load "$2" && got='loaded; '
	loaded && got+='in /proc/modules; '
	[ ! -e "$show" ] || got+="$show exists; "
	lines=$(new_log)
	case $lines in
	*$'\n'*)	got+="lines: $lines" ;;
	*"$3"*)		;;
	*)		got+="line: ${lines:-none}" ;;
	esac
	expect "$1" "$2" "${got:-refused}" refused
	unload
}

# The kernel itself refuses what does not parse, and names the parameter in its own line.
unparsable() { refused "$1" "$2" "${2%%=*}"; }

header_of() { grep '^#' "$show" | tr '\n' '|'; }

header='# heapranges 1|# base limit bytes pages used cached free largest heap|'

load_cases() {
	accepted default_heap_is_one_range_of_4_mib '' '1 4'
	accepted min_mib_8_gives_8_mib min_mib=8 '1 8'
	accepted min_mib_0_gives_an_empty_heap min_mib=0 '0 0'
	accepted max_mib_equal_to_min_mib 'min_mib=4 max_mib=4' '1 4'
	accepted arena_kib_of_one_chunk "arena_kib=$((512 * page_kib))" '1 4'
	accepted arena_kib_over_min_mib 'arena_kib=8192 grow_max_kib=8192' '1 4'
	accepted reserve_kib_over_min_mib_is_there_at_once reserve_kib=8192 '1 8'
	accepted reserve_kib_below_min_mib_is_inside_it reserve_kib=1024 '1 4'
	accepted reserve_kib_of_a_page "min_mib=0 reserve_kib=$page_kib" "1 $(awk "BEGIN { print $page_kib / 1024 }")"
	accepted reserve_kib_is_whole_pages 'min_mib=0 reserve_kib=1' "1 $(awk "BEGIN { print $page_kib / 1024 }")"
	accepted reserve_kib_equal_to_max_mib 'max_mib=8 reserve_kib=8192' '1 8'
	accepted parameters_that_are_off 'reserve_kib=0 track_owners=0 poison=0' '1 4'
	accepted numbers_in_hexadecimal min_mib=0x8 '1 8'
}

refuse_cases() {
	local name huge=99999999999999999999999
	for name in arena_kib grow_max_kib max_mib min_mib reserve_kib; do
		unparsable "${name}_not_a_number" "$name=many"
		unparsable "${name}_empty" "$name="
		unparsable "${name}_negative" "$name=-1"
		unparsable "${name}_over_64_bits" "$name=$huge"
		# Whole in 64 bits, not in bytes: the factor of KiB or MiB wraps to nothing.
		refused "${name}_overflows_in_bytes" "$name=18014398509481984" "$name"
	done
	refused min_mib_over_max_mib 'min_mib=8 max_mib=4' min_mib
	refused min_mib_over_memory "min_mib=$((ram_mib * 2))" min_mib
	refused reserve_kib_over_max_mib 'reserve_kib=8193 max_mib=8' reserve_kib
	refused reserve_kib_over_memory "reserve_kib=$((ram_mib * 2048))" reserve_kib
	refused arena_kib_0 arena_kib=0 arena_kib
	refused arena_kib_over_memory "arena_kib=$((ram_mib * 2048)) grow_max_kib=$((ram_mib * 2048))" arena_kib
	refused arena_kib_over_max_mib 'arena_kib=16384 max_mib=8' arena_kib
	refused arena_kib_over_grow_max_kib 'arena_kib=8192 grow_max_kib=4096' grow_max_kib
	unparsable track_owners_not_a_truth_value track_owners=maybe
	unparsable poison_not_a_truth_value poison=maybe
}

# What a write to the default heap's file gives: its exit status, and what is there afterwards.
write_trim() {
	local rc=0
	echo "$1" 2>/dev/null >"$trim" || rc=$?
	echo "$rc $(heap_size)"
}

trim_cases() {
	load '' || true
	expect trim_mode_is_0200 '' "$(stat -c '%a %U' "$trim")" '200 root'
	expect trim_leaves_min_mib 1 "$(write_trim 1)" '0 1 4'
	expect trim_takes_nothing_but_1 2 "$(write_trim 2)" '1 1 4'
	unload
	expect trim_goes_with_the_module '' "$(ls "${trim%/*/*}" 2>/dev/null)" ''
}

file_cases() {
	load '' || true
	expect file_mode_is_0400 '' "$(stat -c '%a %U' "$show")" '400 root'
	expect file_has_two_header_lines '' "$(header_of)" "$header"
	expect file_range_line_adds_up '' "$(awk '!/^#/ {
		size = ($4 == $5 + $6 + $7 && $3 == $4 * '$((page_kib * 1024))' && $8 <= $7)
		hex = ($1 ~ /^0x[0-9a-f]+$/ && $2 ~ /^0x[0-9a-f]+$/ && $1 < $2)
		print NF, size, hex }' "$show")" '9 1 1'
	expect file_is_the_same_read_by_bytes '' "$(dd if="$show" bs=1 status=none)" "$(cat "$show")"
	unload
	load min_mib=0 || true
	expect file_of_an_empty_heap_is_two_lines min_mib=0 "$(tr '\n' '|' <"$show")" "$header"
	expect parameters_can_be_read_back min_mib=0 \
		"$(cat /sys/module/heapranges/parameters/min_mib)" 0
	unload
	expect file_goes_with_the_module '' "$(ls "$show" /sys/module/heapranges 2>/dev/null)" ''
	if load '' && ! insmod "$KO" 2>/dev/null; then result ok second_load_is_refused
	else result 'not ok' second_load_is_refused "got: $output"; fi
	unload
	accepted loads_again_after_unload min_mib=8 '1 8'
}

reload() {
	local i
	for ((i = 0; i < $1; i++)); do
		load '' || return 0
		unload
	done
}

leak_case() {
	local before
	reload 10
	sleep 1
	before=$(memory_in_use)
	reload 10
	expect ten_loads_and_unloads_give_everything_back '' "$(memory_change "$before")" ''
}

# In a test build mem_fail=N makes the Nth allocation fail: the first, the second, and so on until there
# is none left. At least 14 are two slab caches, the workqueue, the shrinker, and what the default heap
# takes: itself, its caches, an arena, its area, a range block, two of a chunk table, 2 chunks, a node.
memory_case() {
	local nth=1 wrong=''
	while ! load "mem_fail=$nth" && [ $nth -lt 100 ]; do
		[[ $output == *'annot allocate memory'* ]] || wrong+="$nth: $output; "
		! loaded || wrong+="$nth: in /proc/modules; "
		[ ! -e "$show" ] || wrong+="$show exists; "
		! grep -q '^heapranges' /proc/slabinfo || wrong+="$nth: $(grep '^heapranges' /proc/slabinfo); "
		[ -z "$(new_log)" ] || wrong+="$nth: $(new_log); "
		nth=$((nth + 1))
	done
	expect load_fails_without_a_trace "mem_fail=1 to $((nth - 1))" "$wrong" ''
	expect load_asks_for_memory_14_times_or_more '' "$((nth > 14)) ($((nth - 1)))" "1 ($((nth - 1)))"
	expect load_works_when_nothing_fails "mem_fail=$nth" "$(heap_size)" '1 4'
	unload
}

unload
load_cases
refuse_cases
file_cases
memory_case
trim_cases
leak_case
