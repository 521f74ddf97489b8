# SPDX-License-Identifier: GPL-2.0
# Checks a session of tools/exact.d/init, given after the file cases: prints it as tables, then each thing
# that is wrong with it, and exits non-zero if anything is.

BEGIN {
	nr_heaps = split("1G 64G 1T", heaps)
	split("1 GiB|64 GiB|1 TiB", title, "|")
	split("1 64", run_pages)
	nr_on = split("kernel clocksource QEMU machine parameters compiler seed", on_names)
	# What the kernel's books may differ by from metadata_bytes: sizes are rounded up there, to
	# slabs and to powers of two, and the rest of the kernel lives on meanwhile.
	tolerance = 0.10
	tolerance_kib = 64
}

function missing(name, heap) { bad("missing: " name (heap == "-" ? "" : " of " heap)) }

# From a file of cases: name | limit | text
function case_line(	part) {
	split($0, part, / *\| */)
	names[++nr_cases] = part[1]
	limits[part[1]] = part[2]
	texts[part[1]] = part[3]
}

# In KiB, from a line of /proc/meminfo, zoneinfo or slabinfo.
function memory_line() {
	if ($1 ~ /^(MemFree|SReclaimable|SUnreclaim|VmallocUsed):$/)
		books[section, $1] = $2
	else if ($1 == "count:")
		books[section, "lists"] += $2 * 4
	else if ($1 ~ /^heapranges_/)
		books[section, "caches"] += $15 * $6 * 4
}

function grown(heap, what) { return books[heap " after", what] - books[heap " before", what] }

function round_up(x) { return int(x) + (x > int(x)) }

function derive(	i, heap, lines, bytes) {
	for (i = 1; i <= nr_heaps; i++) {
		heap = heaps[i]
		if ((lines = figure["read-lines", heap]) && ("read-empty", heap) in figure)
			figure["read-line", heap] = round_up((figure["read-heapranges", heap] - figure["read-empty", heap]) / lines)
		# 16 KiB, and 256 bytes for the one CPU.
		bytes = figure["owned-pages", heap] * 4096
		if (("metadata", heap) in figure && bytes)
			figure["metadata-ppm", heap] = round_up((figure["metadata", heap] - 16384 - 256) / bytes * 1000000)
	}
}

function shown(name, heap) { return (name, heap) in figure ? figure[name, heap] : "?" }

function print_on(	i) {
	for (i = 1; i <= nr_on; i++) {
		if (on_names[i] in on)
			printf "%-13s %s\n", on_names[i], on[on_names[i]]
		else
			missing(on_names[i], "-")
	}
	if (("clocksource" in on) && on["clocksource"] != "tsc")
		bad("clocksource is " on["clocksource"] ", not tsc: figures are no instructions")
}

# As a number, or "-"; "" if it is that of a case without a figure.
function limit_of(name, heap,	part) {
	if (split(limits[name], part, /[+*]/) < 2)
		return limits[name]
	if (!((part[1], heap) in figure))
		return ""
	return limits[name] ~ /\*/ ? int(figure[part[1], heap] * part[2]) : figure[part[1], heap] + part[2]
}

function judge(name, heap,	limit) {
	limit = limit_of(name, heap)
	if (!((name, heap) in figure))
		missing(name, heap)
	else if (figure[name, heap] <= 0)
		bad("no figure: " name " of " heap " is " figure[name, heap])
	else if (limit != "-" && figure[name, heap] > limit + 0)
		bad("over the limit: " name " of " heap " is " figure[name, heap] ", limit " limit)
}

function print_cases(	i, k, name) {
	printf "\n%-14s %9s %9s %9s %14s\n", "instructions", title[1], title[2], title[3], "limit"
	for (i = 1; i <= nr_cases; i++) {
		name = names[i]
		printf "%-14s", name
		for (k = 1; k <= nr_heaps; k++) {
			printf " %9s", shown(name, heaps[k])
			judge(name, heaps[k])
		}
		printf " %14s  %s\n", limits[name], texts[name]
	}
}

function print_yardsticks(	i, k, name, peer, nr_peers) {
	nr_peers = split("kvmalloc pages vmalloc", peer)
	printf "\n%-13s %10s %9s %9s %9s\n", "pair, pages", "heapranges", "kvmalloc", "get_pages", "vmalloc"
	for (i = 1; i <= 2; i++) {
		printf "%-13s %10s", run_pages[i], shown("empty-" run_pages[i], "1G")
		for (k = 1; k <= nr_peers; k++) {
			name = peer[k] "-" run_pages[i]
			printf " %9s", shown(name, "-")
			if (!((name, "-") in figure))
				missing(name, "-")
		}
		print ""
	}
}

function agree(heap, what, own_kib, kib) {
	if (kib - own_kib > kib * tolerance + tolerance_kib || own_kib - kib > kib * tolerance + tolerance_kib)
		bad("metadata_bytes of " heap " is " own_kib " KiB, " what " say " kib " KiB")
}

function print_memory(	i, heap, own_kib, slabs, areas, gone) {
	printf "\n%-13s %9s %9s %9s %9s\n", "KiB", "stats", "caches", "slab, vm", "free"
	for (i = 1; i <= nr_heaps; i++) {
		heap = heaps[i]
		if (!((heap " before", "MemFree:") in books) || !((heap " after", "caches") in books)) {
			missing("memory", heap)
			continue
		}
		own_kib = int(figure["metadata", heap] / 1024)
		slabs = grown(heap, "caches")
		areas = grown(heap, "SUnreclaim:") + grown(heap, "VmallocUsed:")
		gone = -grown(heap, "MemFree:") - grown(heap, "lists") - grown(heap, "SReclaimable:")
		printf "%-13s %9d %9d %9d %9d\n", title[i], own_kib, slabs, areas, gone
		agree(heap, "SUnreclaim and VmallocUsed", own_kib, areas)
		agree(heap, "MemFree and others", own_kib, gone)
	}
	print "stats: metadata_bytes. What the kernel says has been taken meanwhile: caches: slabs of heapranges_chunk"
	print "and heapranges_node; slab, vm: SUnreclaim and VmallocUsed; free: MemFree, the lists of CPUs, SReclaimable. The latter two"
	printf "may differ from the first by %d %% and %d KiB.\n", tolerance * 100, tolerance_kib
}

FNR == 1		{ file++ }
file == 1 && !/^#/	{ case_line() }
file == 1		{ next }

vm_trouble($0)		{ bad($0) }
/heapranges: bad free|heapranges: .*corrupt|exact: failed|^@failed/	{ bad($0) }

/^@on /			{ key = $2; sub(/^@on [^ ]+ /, ""); on[key] = $0; next }
/^@memory /		{ section = $2 " " $3; next }
/^@/			{ section = ""; last = $1; next }
section != ""		{ memory_line(); next }
sub(/^(\[ *[0-9.]+\] )?exact: /, "") && NF == 3 {
	figure[$1, $2] = $3 + 0
	if ($1 == "seed")
		on["seed"] = $3
}

END {
	if (last != "@end")
		bad("the session ended early, behind " (last ? last : "nothing"))
	derive()
	print_on()
	print_cases()
	print_yardsticks()
	print_memory()
	print ""
	print_wrong()
	if (!nr_wrong)
		print nr_cases " cases measured, none over its limit"
	exit nr_wrong != 0
}
