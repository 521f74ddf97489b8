# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A session in a virtual machine: what starts one, and what tests the checks of its output. Sourced,
# after lib.sh.
#
#   vm_pack ROOT INIT			prints an initramfs: what is in ROOT, busybox, INIT
#   vm_boot SECONDS KERNEL INITRD PARAMETERS QEMU-OPTION...	prints what the machine prints
#   vm_selftest DIR CHECK		DIR/session is good for CHECK, which reads stdin; doctored as each
#					line of DIR/selftest says, it is not, for the reason that stands there

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
