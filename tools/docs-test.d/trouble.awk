# SPDX-License-Identifier: GPL-2.0
# After vm.awk: what is wrong with the session as a whole.

vm_trouble($0)	{ print; bad = 1 }
/^@poweroff/	{ done = 1 }
END {
	if (!done)
		print "the session ended early, with: " $0
	exit bad || !done
}
