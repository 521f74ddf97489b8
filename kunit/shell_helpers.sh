# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the suites in shell share. Sourced by one that has set $suite to its name and $KO to heapranges.ko;
# its cases call result or expect, and what they found is printed as KTAP when the script ends.

output=''	# what insmod, rmmod and cat printed
count=0 cases=''

# result VERDICT NAME [LINE...]: the lines explain what failed.
result() {
	local verdict=$1 name=$2
	shift 2
	count=$((count + 1))
	[ $# -eq 0 ] || cases+=$(printf '    # %s\n' "$@")$'\n'
	cases+="    $verdict $count $name"$'\n'
}

# expect NAME INPUT GOT WANT: one case.
expect() {
	if [ "$3" = "$4" ]; then
		result ok "$1"
	else
		result 'not ok' "$1" "input: ${2:-no parameters}" "got: ${3//$'\n'/ | }" "want: ${4//$'\n'/ | }"
	fi
}

loaded() { grep -q '^heapranges ' /proc/modules; }
unload() { ! loaded || rmmod heapranges; }

# Lines of the module's since the mark, one a line and without the time.
mark_log() { log_mark=$(dmesg | wc -l); }
new_log() { dmesg | tail -n "+$((log_mark + 1))" | sed 's/^\[ *[0-9.]*\] //' | grep -F 'heapranges:' |
	grep -v 'taints kernel' || true; }

load() {
	local words
	read -ra words <<<"$1"
	mark_log
	# shellcheck disable=SC2034 # for those who source this
	output=$(insmod "$KO" "${words[@]}" 2>&1)
}

# What a module can keep after it is gone, in figures that nothing else moves: vmalloc areas but for
# the stacks of tasks that come and go, per-CPU memory, objects of its own caches. What it took with
# kmalloc drowns in the kernel's own use; finding that is kmemleak's job.
memory_in_use() {
	grep '^Percpu:' /proc/meminfo
	grep -vE 'unpurged|kernel_clone|copy_process|dup_task_struct' /proc/vmallocinfo |
		awk '{ print "vmalloc:", $3, $2 }' | sort
	awk '/^heapranges/ { print $1, $2 }' /proc/slabinfo
}

# What is different from $1. The kernel frees in the background, so that is waited for; what leaks stays.
memory_change() {
	local after
	for _ in {1..20}; do
		after=$(memory_in_use)
		[ "$1" != "$after" ] || break
		sleep 0.2
	done
	diff <(echo "$1") <(echo "$after") | grep '^[<>]' || true
}

# The plan stands before the cases: kunit.py does not end on one that comes last.
print_ktap() {
	# shellcheck disable=SC2154 # theirs
	printf '%s\n' 'KTAP version 1' '1..1' '    KTAP version 1' "    # Subtest: $suite" "    1..$count"
	printf '%s' "$cases"
	if [[ $cases == *'    not ok'* ]]; then echo "not ok 1 $suite"; else echo "ok 1 $suite"; fi
}

trap print_ktap EXIT
