# SPDX-License-Identifier: GPL-2.0
# Checks a session of tools/demo.d/init on stdin: says each thing that is wrong, and exits non-zero if
# anything is. Addresses are counted in pages: 52 bits, which a double holds exactly.

BEGIN {
	heaps_cmd = "cat /sys/kernel/debug/heapranges"
	pages_cmd = "cat /sys/module/heapranges_consumer/parameters/pages"
	header[1] = "# heapranges 1"
	header[2] = "# base limit bytes pages used cached free largest heap"
	misuse = "refused foreign=-EFAULT interior=-EINVAL size=-ERANGE double=-EALREADY"
}

function bad(text) {
	print "# " cmd ": " text
	failed++
}

function expect(ok, text) { if (!ok) bad(text); checks++ }

function address_to_page(hex,	i, page) {
	if (hex !~ /^0x[0-9a-f]+000$/) {
		bad("no page-aligned address: " hex)
		return -1
	}
	for (i = 3; i <= length(hex) - 3; i++)
		page = page * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
	return page
}

# Fields: base limit bytes pages used cached free largest heap
function range_line(	base, limit) {
	base = address_to_page($1)
	limit = address_to_page($2)
	expect(NF >= 9, "9 fields expected: " $0)
	expect($4 > 0 && limit - base == $4, "pages is not limit - base: " $0)
	expect($3 == $4 * 4096, "bytes is not pages * 4096: " $0)
	expect($4 == $5 + $6 + $7, "pages is not used + cached + free: " $0)
	expect($8 <= $7, "largest is more than free: " $0)
	expect($9 == "default" || ($9 == "consumer" && consumer), "a heap that should not be: " $0)
	if ($9 == heap)
		expect(base > heap_limit, "not sorted, or not coalesced: " $0)
	else
		expect(!($9 in used), "the lines of a heap stand apart: " $0)
	heap = $9
	heap_limit = limit
	used[heap] += $5
}

# What the consumer's books say, of a heap that was read just before.
function books_line() {
	expect($1 in used, "no range of heap " $1)
	expect(used[$1] == $2, "the consumer holds " $2 " pages of " $1 ", the file says " used[$1])
	held += $2
}

function log_line() {
	expect(!vm_trouble($0), $0)
	if ($0 ~ /overwritten|could not give everything back/)
		bad($0)
	if (index($0, misuse))
		misused++
}

function begin() {
	line = 0
	if (cmd == heaps_cmd) {
		heap = ""
		split("", used)
		reads++
	} else if (cmd == pages_cmd) {
		held_before = held
		held = 0
		books++
	} else if (cmd ~ /^insmod heapranges_consumer/) {
		consumer = 1
	} else if (cmd ~ /^rmmod heapranges_consumer/) {
		consumer = 0
	}
}

function finish(	name) {
	if (cmd == heaps_cmd) {
		expect(line >= 3 && ("default" in used), "no range of the default heap")
		for (name in used)
			expect(consumer || !used[name], used[name] " pages used, by nobody")
	} else if (cmd == pages_cmd) {
		expect(line == 2, "books of two heaps expected")
		if (books == 1)
			expect(held > 0, "the consumer holds nothing")
		else if (books == 2)
			expect(held > 0 && held < held_before, "half did not free a part")
		else
			expect(held == held_before, "misuse changed the books")
	} else if (cmd ~ /VmallocUsed/) {
		vmalloc_kib[++vmallocs] = last + 0
	}
}

/^@(show|hide) / {
	finish()
	cmd = substr($0, 7)
	begin()
	next
}
/^@fail /			{ bad("exit status " $2); next }
cmd == "" || $0 == ""		{ next }	# the boot; the empty line before an exit status
				{ line++; last = $2 }
cmd == heaps_cmd && line <= 2	{ expect($0 == header[line], "not the header line " line ": " $0); next }
cmd == heaps_cmd		{ range_line() }
cmd == pages_cmd		{ books_line() }
cmd == "dmesg"			{ log_line() }
cmd == "diff before after"	{ bad("vmalloc areas differ: " $0) }
cmd == "cat left"		{ bad("an unloaded module left " $0) }

END {
	if (cmd != "poweroff")
		bad("the session ended here")
	else {
		cmd = "poweroff"
		expect(reads == 5 && books == 3, "too few reads")
		expect(misused == 1, "expected once: " misuse)
		# The stacks of processes come and go, 16 KiB each.
		expect(vmallocs == 3 && vmalloc_kib[3] <= vmalloc_kib[1] + 128, "VmallocUsed stays at " vmalloc_kib[3] " kB")
		expect(vmalloc_kib[2] > vmalloc_kib[1] + 4096, "VmallocUsed did not rise")
	}
	if (!failed)
		print checks " checks passed"
	exit failed != 0
}
