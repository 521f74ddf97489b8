# SPDX-License-Identifier: GPL-2.0
# What must not stand in a kernel's log.

function vm_trouble(line) {
	return line ~ /WARNING|BUG|Oops|Call Trace|KASAN|UBSAN|general protection|rcu.*stall|INFO: task|lockup|Kernel panic|Out of memory/
}
