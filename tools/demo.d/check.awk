# SPDX-License-Identifier: GPL-2.0
# Checks a session of tools/demo.d/init on stdin: says each thing that is wrong, and exits non-zero if
# anything is. Addresses are counted in pages: 52 bits, which a double holds exactly.

BEGIN {
	heaps_cmd = "cat /sys/kernel/debug/heapranges"
	pages_cmd = "cat /sys/module/heapranges_consumer/parameters/pages"
	header[1] = "# heapranges 1"
	header[2] = "# base limit bytes pages used cached free largest heap"
	split("stats map pinned rejects", files)
	for (f = 1; f in files; f++)
		file_of["cat /sys/kernel/debug/heapranges_heaps/consumer/" files[f]] = files[f]
	verify_cmd = "cat /sys/kernel/debug/heapranges_heaps/consumer/verify"
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
	if ($5)
		used_range[$1] = $4
}

# What the consumer's books say, of a heap that was read just before.
function books_line() {
	expect($1 in used, "no range of heap " $1)
	expect(used[$1] == $2, "the consumer holds " $2 " pages of " $1 ", the file says " used[$1])
	held += $2
}

# A file of the consumer's heap, which was read with all others before.
function file_line(file) {
	if (line == 1)
		expect($0 == "# heapranges " file " 1", "not the header of " file ": " $0)
	else if (file == "stats")
		stats_line()
	else if (file == "map")
		map_line()
	else if ($0 !~ /^#/ && file == "pinned")
		pinned_line()
	else if ($0 !~ /^#/)
		rejects_line()
}

function stats_line() {
	expect(NF == 2 && !($1 in stats), "not a figure, or another time: " $0)
	stats[$1] = $2
}

function map_line(	pages) {
	if (line == 2) {
		expect($3 == "consumer" && $5 == $7 + $9 + $11, "pages is not used + cached + free: " $0)
		map_pages = $5
		map_free = $11
	} else if ($0 ~ /^0x/) {
		pages = address_to_page($2) - address_to_page($1)
		expect($3 == pages, "pages is not limit - base: " $0)
		expect($4 ~ /^\|[.o1-9#]+\|$/ && length($4) == (pages < 64 ? pages : 64) + 2, "not its cells: " $0)
		expect(($4 ~ /[1-9#]/) == (pages == map_used_range_pages($1)), "cells and the range's line differ: " $0)
		map_pages -= pages
	} else if ($0 !~ /^#/) {
		expect(NF == 4 && $1 == orders++ && $4 >= unusable, "not the next order: " $0)
		unusable = $4
		map_free -= $3
	}
}

# The pages of the range with that base, if a page of it is used.
function map_used_range_pages(base) { return base in used_range ? used_range[base] : -1 }

function pinned_line() {
	expect($3 == address_to_page($2) - address_to_page($1) && $4 + $5 <= $3, "does not add up: " $0)
	expect(($4 > 0) == ($6 == "used"), "neither used nor something else: " $0)
	expect($6 ~ /^(kept|used|reserve|recent|none)$/, "no reason: " $0)
	pinned += $4
}

function rejects_line() {
	expect($1 ~ /^[0-9]+\.[0-9][0-9][0-9][0-9][0-9][0-9]$/ && $4 ~ /^(misuse|pages_set)\+0x/, "not a bad free: " $0)
	verdicts = verdicts " " $2
}

function file_end(file) {
	expect(line > 2, file " is empty")
	if (file == "stats") {
		expect(stats["owned_pages"] == stats["used_pages"] + stats["cached_pages"] + stats["free_pages"], "owned is not used + cached + free")
		expect(stats["used_pages"] == used["consumer"], "stats says " stats["used_pages"] " pages are used, the ranges " used["consumer"])
		expect(stats["page_bytes"] == 4096 && !stats["corrupt"], "not the last figures")
	} else if (file == "map") {
		expect(!map_pages, map_pages " pages are in no line")
		expect(!map_free, map_free " free pages are in no order")
	} else if (file == "pinned") {
		expect(pinned == used["consumer"], "arenas have " pinned " pages in use")
	} else {
		expect(verdicts == " foreign interior size double", "rejected:" verdicts)
	}
	files_read++
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
		split("", used_range)
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
	} else if (cmd in file_of) {
		file_end(file_of[cmd])
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
cmd in file_of			{ file_line(file_of[cmd]) }
cmd == verify_cmd		{ expect($0 == "ok", "not sound: " $0); files_read++ }
cmd == "dmesg"			{ log_line() }
cmd == "diff before after"	{ bad("vmalloc areas differ: " $0) }
cmd == "cat left"		{ bad("an unloaded module left " $0) }

END {
	if (cmd != "poweroff")
		bad("the session ended here")
	else {
		cmd = "poweroff"
		expect(reads == 5 && books == 3, "too few reads")
		expect(files_read == 5, "too few files of the heap")
		expect(misused == 1, "expected once: " misuse)
		# The stacks of processes come and go, 16 KiB each.
		expect(vmallocs == 3 && vmalloc_kib[3] <= vmalloc_kib[1] + 128, "VmallocUsed stays at " vmalloc_kib[3] " kB")
		expect(vmalloc_kib[2] > vmalloc_kib[1] + 4096, "VmallocUsed did not rise")
	}
	if (!failed)
		print checks " checks passed"
	exit failed != 0
}
