# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# tools/docs-test --selftest: two documents and what the machine has printed for them, in selftest/session, are in
# order, and doctored as selftest/selftest says they are not; an example in C that is wrong does not compile,
# and one on this machine that fails is told. Sourced, by tools/docs-test.
# shellcheck disable=SC2034,SC2154,SC2016 # variables that are docs-test's

# Of stdin: a document, "@@@ sample.4", a manual page, "@@@ log", a session.
selftest_check() {
	local rc=0
	failed=0
	rm -rf "$work"
	mkdir -p "$work/rootfs/blocks"
	awk -v dir="$work" '/^@@@/ { file = $2; next } { print >(dir "/" (file ? file : "sample.rst")) }'
	touch "$work/log" "$work"/sample.{rst,4}
	extract "$blocks" "$work"/sample.{rst,4} || return 1
	awk -f "$checks/formats.awk" "$hr_top"/module/*.c >"$work/formats"
	each_block log run_log
	each_block 'vm|output' prepare_vm
	split_session "$blocks" <"$work/log"
	session_verdict <"$work/log"
	each_block 'vm|output' verdict
	return $failed
}

# selftest_row NAME REASON COMMAND...: it says that and fails; or, without a reason, succeeds.
selftest_row() {
	local name=$1 reason=$2 out
	shift 2
	out=$(failed=0; "$@" 2>&1; echo "failed=$failed")
	if [[ -n $reason && $out == *"$reason"*failed=1 || -z $reason && $out == *failed=0 ]]; then
		echo "ok $name"
	else
		printf 'not ok %s: %s\n' "$name" "$out"
		rc=1
	fi
}

# selftest_c TEXT BODY: an example in C, classified so.
selftest_c() {
	local id=001 kind=c where=sample.rst:1 text=$1
	rm -rf "$work/c"
	mkdir -p "$work/c" "$blocks"
	cp "$checks/"{Kbuild,call.c} "$work/c/"
	echo "$2" >"$blocks/$id"
	printf '%s\t%s\t%s\t%s\n' $id $kind $where "$text" >"$blocks/index"
	write_all_c
	compile "$release" 1
}

selftest_host() {
	local id=001 kind=host where=sample.rst:1 text=host
	rm -rf "${work:?}"/{bin,dkms,tree}
	mkdir -p "$work"/{dkms,tree} "$blocks"
	write_commands "$release" "$work/bin" "$work/dkms"
	echo "$1" >"$blocks/$id"
	run_on_host
}

selftest_steps() {
	local id=001 kind=steps where=sample.rst:1 text=steps
	echo "$1" >"$blocks/$id"
	run_steps
}

# selftest_ci LINE COMMAND: with that line in .ci/run; of both kinds that look there.
selftest_ci() {
	local ci=$work/ci id=001 kind=elsewhere where=sample.rst:1 text="elsewhere $2"
	echo "$1" >"$ci"
	selftest_steps "$2"
	run_elsewhere
}

selftest_names() {
	files=("$work/sample.rst")
	echo "$2" >"${files[0]}"
	no_such "$1" "$("names_of_$1")"
}

selftest_documents() { grep -qxF "$1" < <(documents) || not_ok "$1 is none"; }

selftest() {
	local rc=0
	need_packages dkms git kmod
	work=$hr_top/build/docs-test-self
	blocks=$work/blocks
	release=$(stock_headers 6.12)
	cd "$hr_top" || return
	vm_selftest "$checks/selftest" selftest_check || rc=1
	selftest_row 'a manual page is a document' '' selftest_documents docs/man/hrtop.8
	selftest_row 'a tool is none' 'is none' selftest_documents tools/docs-test
	mkdir -p "$work/tree" "$blocks"
	ln -sfn "$hr_top/module" "$work/tree/module"
	: >"$work/tree/Module.symvers"
	selftest_row 'C that compiles' '' selftest_c 'c run f' 'static int f(void) { return heapranges_default() ? 0 : -EINVAL; }'
	selftest_row 'a function that does not exist' 'heapranges_allocate' selftest_c 'c run f' 'static int f(void) { return !heapranges_allocate(NULL, 1); }'
	selftest_row 'an argument too few' 'too few arguments' selftest_c 'c in (struct heapranges *heap)' 'heapranges_alloc(heap, 1);'
	selftest_row 'a result that must not be ignored' 'unused-result' selftest_c 'c in (struct heapranges *heap)' 'heapranges_destroy(heap);'
	selftest_row 'a target that exists' '' selftest_names targets '`make demo`'
	selftest_row 'a target that does not' 'no target demonstrate' selftest_names targets '`make demonstrate`'
	selftest_row 'a file that does not exist' 'no file docs/none.rst' selftest_names files 'see docs/none.rst'
	selftest_row 'a name that does not exist' 'no HEAPRANGES_MAGIC' selftest_names functions 'HEAPRANGES_MAGIC'
	selftest_row 'a step of CI' '' selftest_steps 'make demo # a comment'
	selftest_row 'none of CI' 'does not run "make all"' selftest_steps 'make all'
	selftest_row 'a step with a name' '' selftest_ci "step 'all, quickly' make all FAST=1" 'make all FAST=1'
	selftest_row 'one that is commented out' 'does not run "make all"' selftest_ci "#step 'make all' make all" 'make all'
	selftest_row 'one that does something else' 'does not run "make all"' selftest_ci "step 'make all' true" 'make all'
	selftest_row 'one that does more' 'does not run "make all"' selftest_ci "step 'make all' make all FAST=1" 'make all'
	selftest_row 'a command that succeeds' '' selftest_host 'uname -r'
	selftest_row 'a command that fails' 'exit status' selftest_host 'ls no-such-file'
	selftest_row 'the first of two fails' 'exit status' selftest_host $'false\ntrue'
	return $rc
}
