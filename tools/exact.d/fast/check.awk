# SPDX-License-Identifier: GPL-2.0
# Checks a disassembly of heapranges.ko (objdump -dr): what an allocation and a free that a cache serves
# run through disables no interrupts, takes no lock, waits for nobody, and owns its cache by no atomic
# operation. Looks at whole functions, from the entries on into each that is not a slow half, for instructions
# and for calls. Prints each thing that is wrong, and exits non-zero if anything is.

BEGIN {
	nr_entries = split("heapranges_alloc heapranges_free heapranges_free_sized", entries)
	# Where a cache does not do, or something is wrong: the beginnings of their names.
	slow = "^(hr_heap_|hr_reports_|hr_cache_refill|hr_cache_make_room|hr_chunks_find|hr_api_take_dear|hr_api_no_result|hr_api_alloc$|hr_api_alloc_plain|hr_api_give)"
	# Of the kernel's. __SCT__: preemption that has been asked for, and might_alloc().
	harmless = "^(__fentry__|__x86_return_thunk|__stack_chk_fail|memset|__SCT__preempt_schedule|__SCT__might_resched)$"
	forbidden = "^(cli|sti|pushf|popf|pause|hlt)"
	# The only question about interrupts: may this caller block? It reads the flags.
	asks = "hr_api_accept_gfp"
}

function bad(text) { wrong[++nr_wrong] = text }

function base_name(symbol) { sub(/[+.>-].*/, "", symbol); return symbol }

function goes_to(fn, symbol) {
	if (symbol ~ slow || symbol ~ harmless || symbol == fn)
		return
	if (!(symbol in text))
		bad(fn " calls " symbol)
	else if (!(symbol in seen)) {
		seen[symbol]
		queue[++nr_queued] = symbol
	}
}

function look(fn,	line, nr, i, word, nr_asked) {
	nr = split(text[fn], line, "\n")
	for (i = 1; i < nr; i++) {
		nr_looked++
		split(line[i], word, " ")
		if (word[1] == "R")
			nr_looked--
		if (word[1] ~ forbidden)
			bad(fn " has " line[i])
		if (line[i] ~ /^bts/)
			owns[fn]
		if (line[i] ~ /^lock bts/)
			bad(fn " has " line[i])
		if (line[i] ~ /^lock cmpxchg/)
			claims[fn]
		if (word[1] == "R" && word[2] == "pv_ops" && (fn != asks || nr_asked++))
			bad(fn " calls pv_ops")
		else if (word[1] == "R" && word[3] == "call" && word[2] != "pv_ops")
			goes_to(fn, word[2])
		# If a relocation is behind it, it is that which says where it goes.
		else if (word[1] ~ /^(call|j[a-z]+)$/ && line[i] ~ /<.*>/ && line[i + 1] !~ /^R /)
			goes_to(fn, base_name(substr(line[i], index(line[i], "<") + 1)))
	}
}

# name of a function | address: instruction | relocation of the one before
/^[0-9a-f]+ <.*>:$/ {
	fn = base_name(substr($2, 2))
	next
}
/^$/ { fn = ""; next }
fn != "" && /R_X86_64_/ {
	text[fn] = text[fn] "R " base_name($3) " " (last ~ /^(call|jmp)/ ? "call" : "") "\n"
	next
}
fn != "" && /^ *[0-9a-f]+:/ {
	sub(/^ *[0-9a-f]+:[ \t]*/, "")
	last = $0
	text[fn] = text[fn] $0 "\n"
}

END {
	for (i = 1; i <= nr_entries; i++) {
		if (entries[i] in text)
			goes_to("", entries[i])
		else
			bad("no function " entries[i])
	}
	for (i = 1; i <= nr_queued; i++)
		look(queue[i])
	for (fn in owns)
		nr_owns++
	for (fn in claims)
		nr_claims++
	if (nr_owns < 2 || !nr_claims)
		bad("no cache is owned, or no record claimed, where they should be")
	for (i = 1; i <= nr_wrong; i++)
		print "FAILED fast path: " wrong[i]
	if (!nr_wrong)
		print "fast path: " nr_queued " functions, " nr_looked " instructions, none of them takes a lock"
	exit nr_wrong != 0
}
