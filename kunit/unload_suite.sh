#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The suite heapranges_unload: what of heapranges can go while somebody holds its pages. The holder is a
# module that does not keep it loaded; see holder.c.
#
# Runs as params_suite.sh does, with heapranges_holder.ko beside $KO.
set -euo pipefail
suite=heapranges_unload
# shellcheck source=shell_helpers.sh
. "${BASH_SOURCE[0]%/*}/shell_helpers.sh"

show=/sys/kernel/debug/heapranges
holder=/sys/module/heapranges_holder/parameters
page=$(getconf PAGESIZE)

# As the value of a command substitution: what failed, or nothing.
try() { "$@" 2>&1 || echo "exit status $?"; }
hold() { insmod "${KO%/*}/heapranges_holder.ko" "$@"; }
tell() { echo "$2" >"$holder/$1"; }
is_loaded() { if loaded; then echo loaded; else echo gone; fi; }

# Areas of more than 1 MiB by size, guard page included; nobody else here has any that come and go.
areas() { awk '!/unpurged/ && $2 > 1048576 { print $2 }' /proc/vmallocinfo | sort; }

# The areas since $1, after some waiting for those that are going.
new_areas() {
	local now
	for _ in {1..20}; do
		now=$(areas | awk 'NR == FNR { before[$0]++; next } before[$0]-- <= 0' <(echo "$1") -)
		[ "$now" != "$2" ] || break
		sleep 0.2
	done
	echo "$now"
}

# Of the default heap's arenas, which are its ranges: those that are in use, or those that are not.
arenas() { awk -v used="$1" -v print_as="$2" -v page="$page" '!/^#/ && $9 == "default" && !$5 == !used {
	print print_as == "size" ? $3 + page : $1 }' "$show"; }

idle_case() {
	load ''
	unload
	expect an_idle_heap_goes_without_a_word '' "$(new_log)" ''
}

# 600 pages take an arena, as does each larger run that then has no room; what a run alone was in is
# free when it is.
held_cases() {
	local memory before busy idle addrs addr
	memory=$(memory_in_use)
	before=$(areas)
	load min_mib=0
	hold pages=600,3000,1,1024
	tell free 1
	busy=$(arenas 1 size | sort)
	idle=$(arenas 0 size | sort)
	addrs=$(arenas 1 addr)
	expect held_pages_are_used 'pages=600,3000,1,1024 free=1' \
		"$(awk '!/^#/ { used += $5 } END { print used }' "$show")" 1625
	mark_log
	expect pages_of_the_default_heap_do_not_keep_it '' "$(try rmmod heapranges) $(is_loaded)" ' gone'
	expect what_is_held_is_reported_in_one_line "busy: $busy, idle: $idle" "$(new_log)" \
		"heapranges: leak: heap=default runs=3 pages=1625 arenas=$(wc -l <<<"$busy") live at unload; these arenas stay allocated"
	expect arenas_in_use_stay_and_others_go "idle: $idle" "$(new_areas "$before" "$busy")" "$busy"
	expect what_is_held_stays_as_it_is '' "$(cat "$holder/intact")" Y

	load ''
	expect it_loads_again_beside_them '' "$(is_loaded) $(awk '!/^#/ { print $5 }' "$show")" 'loaded 0'
	mark_log
	unload
	expect it_goes_again_without_a_word '' "$(new_log)" ''
	expect what_is_held_stays_as_it_was '' "$(cat "$holder/intact")" Y

	for addr in $addrs; do tell vfree "$addr"; done
	rmmod heapranges_holder
	expect nothing_stays_but_those_arenas '' "$(memory_change "$memory")" ''
}

created_cases() {
	load ''
	hold pages=3,700 heap=held
	expect a_created_heap_keeps_it_loaded '' "$(rmmod heapranges 2>/dev/null || echo refused) $(is_loaded)" 'refused loaded'
	expect what_it_has_stays_as_it_is '' "$(cat "$holder/intact")" Y
	expect a_created_heap_can_be_destroyed '' "$(try tell destroy 1)" ''
	mark_log
	expect then_it_goes '' "$(try rmmod heapranges) $(is_loaded)" ' gone'
	expect then_it_goes_without_a_word '' "$(new_log)" ''
	rmmod heapranges_holder
}

unload
idle_case
held_cases
created_cases
