# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A session in a virtual machine: what starts one, and what tests the checks of its output. Sourced,
# after lib.sh.
#
#   vm_pack ROOT INIT			prints an initramfs: what is in ROOT, busybox, INIT
#   vm_boot SECONDS KERNEL INITRD PARAMETERS QEMU-OPTION...	prints what the machine prints
#   vm_counter, vm_counter_parameters	options of QEMU, and of the kernel, with which the clock is the
#					instruction counter
#   vm_counter_says MODULE		what figures depend on there
#   vm_selftest DIR CHECK		DIR/session is good for CHECK, which reads stdin; doctored as each
#					line of DIR/selftest says, it is not, for the reason that stands there

# The CPU's name too: it decides how the kernel clears a page. slab_nomerge: a cache's own line in slabinfo.
vm_counter=(-cpu 'qemu64,+smap,+smep' -m 2048 -smp 1 -accel tcg -icount 'shift=0,sleep=off')
vm_counter_parameters='init_on_alloc=0 mitigations=off slab_nomerge'

vm_counter_says() {
	local module=$1
	echo "@on QEMU $(qemu-system-x86_64 --version | sed -n '1s/.*version //p')"
	echo "@on machine ${vm_counter[*]}"
	echo "@on parameters $vm_counter_parameters"
	echo "@on compiler $(readelf -p .comment "$module" | sed -n 's/.*GCC: //p' | head -n 1)"
}

vm_pack() {
	local root=$1 init=$2
	mkdir -p "$root"/{bin,proc,sys}
	cp "$(command -v busybox)" "$root/bin/"
	cp "$init" "$root/init"
	chmod 755 "$root/init"
	(cd "$root" && find . | busybox cpio -o -H newc) | gzip -1
}

# loglevel=1: the session prints the log itself, whole.
vm_boot() {
	local time_limit=$1 kernel=$2 initrd=$3 parameters=$4
	shift 4
	timeout --foreground "$time_limit" qemu-system-x86_64 "$@" -nodefaults -no-reboot -display none -serial stdio \
		-kernel "$kernel" -initrd "$initrd" </dev/null \
		-append "console=ttyS0 rdinit=/init quiet loglevel=1 panic=-1 $parameters" | tr -d '\r'
}

# A line: name | what sed does to the session | a part of the reason that must be given.
vm_selftest() {
	local dir=$1 check=$2 name edit reason out rc failed=0
	while IFS='|' read -r name edit reason; do
		rc=0
		out=$(sed "$edit" "$dir/session" | "$check") || rc=$?
		if [[ $rc -eq 0 && -z $reason || $rc -ne 0 && -n $reason && $out == *"$reason"* ]]; then
			echo "ok $name"
		else
			failed=1
			printf 'not ok %s: exit status %s, expected "%s", got:\n%s\n' "$name" $rc "$reason" "$out"
		fi
	done < <(grep -v '^#' "$dir/selftest")
	return $failed
}
