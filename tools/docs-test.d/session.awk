# SPDX-License-Identifier: GPL-2.0
# Makes of a block what runs it, in `script`, and what that should print, in `want`. A block whose first
# line is a command behind "# " is a session: commands, each with its output behind it. Any other is
# commands throughout, with any output, which are written to `commands` and run by `shell`. With `cmd`, the
# block is the output of that.

BEGIN { prompt = "^# (insmod|rmmod|modprobe|cd|cat|echo|grep|dmesg|mount|umount|ls|make|sysctl|head|tail|sort|modinfo|mokutil|dkms|uname|trace-cmd|perf|bpftrace|hrtop|hrmap|tools/[a-z]+)( |$)" }

function run(text) {
	print "echo @cmd" >script
	print "{ " text "\n} 2>&1 || printf '\\n@fail %s\\n' $?" >script
	print "@cmd " text >want
}

NR == 1 && cmd != ""	{ run(cmd) }
cmd != ""		{ print >want; next }
NR == 1			{ is_session = $0 ~ prompt }
is_session && $0 ~ prompt { run(substr($0, 3)); next }
is_session		{ print >want; next }
			{ print >commands; nr++ }
END {
	if (nr) {
		run(shell " -e " commands)
		print "..." >want
	}
}
