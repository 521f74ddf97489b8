# SPDX-License-Identifier: GPL-2.0
# Tables of the figures, and how they stand to the limits of the native ones. With -v dir=... also files:
# figures.tsv, what plot.gp draws, and readme.md.

BEGIN {
	nr_peers = split("heapranges uncached kvmalloc get_free_pages kmem_cache gen_pool iova gpu_buddy vmalloc nothing", peers)
	nr_shown = split("heapranges kvmalloc get_free_pages kmem_cache gen_pool iova gpu_buddy vmalloc", shown)
	nr_sizes = split("1 4 16 64", sizes)
	nr_spaces = split("64M 1G 16G 256G 1T", spaces)
	nr_loads = split("pair batch interleaved alternating fragmented", loads)
	# title | load | pages | CPUs | space; "" as the load: nothing but the title
	for (i = 1; i <= nr_loads; i++)
		for (k = 1; k <= nr_sizes; k++)
			for (n = 1; n <= 2; n++)
				if (n == 1 ? loads[i] !~ /^inter|^alter/ : loads[i] != "fragmented")
					line(loads[i] " " sizes[k] (n == 2 ? ", 2 CPUs" : ""), loads[i], sizes[k], n, "-")
	line("mixed", "mixed", 0, 1, "-")
	line("mixed, 2 CPUs", "mixed", 0, 2, "-")
	for (i = 1; i <= nr_spaces; i++) {
		line("grown to " spaces[i] " 1", "grown", 1, 1, spaces[i])
		line("grown to " spaces[i] " 64", "grown", 64, 1, spaces[i])
	}
	nr_calls = split("alloc-p50 alloc-p99 alloc-max free-p50 free-p99 free-max", calls)
	for (i = 1; i <= nr_sizes; i++)
		for (k = 1; k <= nr_calls; k++)
			line(calls[k] " " sizes[i], calls[k], sizes[i], 1, "-")
}

function line(title, load, pages, cpus, space) {
	titles[++nr_lines] = title
	tails[nr_lines] = pages SUBSEP cpus SUBSEP space
	line_loads[nr_lines] = load
	line_cpus[nr_lines] = cpus
}

function at(scale, load, peer, tail,	key) {
	key = scale SUBSEP load SUBSEP peer SUBSEP tail
	return key in figure ? figure[key] : ""
}

function number(x) { return x == "" ? "-" : x < 99.95 && scale_now == "native" ? sprintf("%.1f", x) : sprintf("%.0f", x) }

function print_on(scale,	i, n, names) {
	n = split("kernel QEMU machine parameters compiler load cpus rounds seed distribution", names)
	for (i = 1; i <= n; i++)
		if ((scale, names[i]) in on)
			printf "%-13s %s\n", names[i], on[scale, names[i]]
	if (!((scale, "kernel") in on) || !((scale, "seed") in on) || !((scale, "distribution") in on))
		bad(scale ": no kernel, no seed or no distribution is named")
}

function print_table(scale,	i, k, any, text) {
	scale_now = scale
	printf "\n%-22s", scale == "exact" ? "instructions" : "ns"
	for (k = 1; k <= nr_peers; k++)
		printf " %*s", length(peers[k]) < 9 ? 9 : length(peers[k]), peers[k]
	print ""
	for (i = 1; i <= nr_lines; i++) {
		if (scale == "exact" && line_cpus[i] > 1)
			continue
		if (at(scale, line_loads[i], "heapranges", tails[i]) == "")
			bad(scale ": missing: " titles[i] " of heapranges")
		printf "%-22s", titles[i]
		for (k = 1; k <= nr_peers; k++)
			printf " %*s", length(peers[k]) < 9 ? 9 : length(peers[k]), number(at(scale, line_loads[i], peers[k], tails[i]))
		print ""
	}
}

# Of heapranges, a page.
function print_costs(scale,	i, n, pages, tail, part, sizes_kept) {
	scale_now = scale
	n = split("1 4 16", sizes_kept)
	printf "\n%-22s %9s %9s %9s  of heapranges, a page\n", scale == "exact" ? "instructions" : "ns", "refill", "flush", "drain"
	for (i = 1; i <= n; i++) {
		pages = sizes_kept[i]
		tail = pages SUBSEP 1 SUBSEP "-"
		split("take give", part)
		if (at(scale, "take-row", "heapranges", tail) == "" || at(scale, "drain", "heapranges", tail) == "")
			bad(scale ": missing: costs of runs of " pages)
		printf "%-22s %9.1f %9.1f %9.1f\n", "runs of " pages, cost(scale, "take", tail, pages),
			cost(scale, "give", tail, pages), at(scale, "drain", "heapranges", tail)
	}
}

# What a row takes more than what a cache serves.
function cost(scale, what, tail, pages) {
	return (at(scale, what "-row", "heapranges", tail) - at(scale, what "-cached", "heapranges", tail)) / pages
}

function ratio(title, load, peer, pages, cpus, of_load, of_peer, of_cpus, limit,	x, y) {
	x = at("native", load, peer, pages SUBSEP cpus SUBSEP "-")
	y = at("native", of_load, of_peer, pages SUBSEP of_cpus SUBSEP "-")
	if (x == "" || y == "" || !y) {
		bad("native: missing: " title)
		return
	}
	printf "%-58s %6.2f %6.2f  %s\n", title, x / y, limit, x / y <= limit ? "yes" : "no"
}

function print_ratios(	i, n, pages, names) {
	printf "\n%-58s %6s %6s\n", "ratio of native figures, medians of " on["native", "rounds"] " rounds", "is", "limit"
	ratio("pair of 1 page / kvmalloc's", "pair", "heapranges", 1, 1, "pair", "kvmalloc", 1, 0.7)
	ratio("pair of 1 page / __get_free_pages'", "pair", "heapranges", 1, 1, "pair", "get_free_pages", 1, 0.2)
	n = split("1 4 16", names)
	for (i = 1; i <= n; i++) {
		pages = names[i]
		ratio("batch of " pages " on 2 CPUs / on 1 CPU", "batch", "heapranges", pages, 2, "batch", "heapranges", 1, 1.2)
		ratio("batch of " pages " on 2 CPUs / gen_pool's", "batch", "heapranges", pages, 2, "batch", "gen_pool", 2, 0.25)
		ratio("batch of " pages " on 2 CPUs / __get_free_pages'", "batch", "heapranges", pages, 2, "batch", "get_free_pages", 2, 0.25)
		ratio("interleaved after refills, of " pages ", on 2 CPUs / batch on 1", "interleaved", "heapranges", pages, 2, "batch", "heapranges", 1, 2.5)
	}
}

function write_figures(	i, file) {
	file = dir "/figures.tsv"
	print "scale", "load", "peer", "pages", "cpus", "space", "figure" >file
	for (i = 1; i <= nr_keys; i++) {
		split(keys[i], part, SUBSEP)
		print part[1], part[2], part[3], part[4], part[5], part[6], sprintf("%.1f", figure[keys[i]]) >file
	}
}

# A file for a plot: a line for each of the @xs, a column for each peer that is shown.
function write_plot(name, scale, load, nr_xs, xs, is_space, cpus,	file, i, k, row_text, value) {
	file = dir "/" name ".tsv"
	row_text = "x"
	for (k = 1; k <= nr_shown; k++)
		row_text = row_text "\t" label(shown[k])
	print row_text >file
	for (i = 1; i <= nr_xs; i++) {
		row_text = xs[i]
		for (k = 1; k <= nr_shown; k++) {
			value = at(scale, load, shown[k], is_space ? 1 SUBSEP cpus SUBSEP xs[i] : xs[i] SUBSEP cpus SUBSEP "-")
			row_text = row_text "\t" (value == "" ? "?" : sprintf("%.1f", value))
		}
		print row_text >file
	}
}

# A line for each peer: 1 CPU, 2 CPUs; or p50, p99, max.
function write_bars(name, scale, nr_columns, bar_loads, bar_cpus, bar_titles,	file, i, k, row_text, value) {
	file = dir "/" name ".tsv"
	row_text = "x"
	for (i = 1; i <= nr_columns; i++)
		row_text = row_text "\t" bar_titles[i]
	print row_text >file
	for (k = 1; k <= nr_shown; k++) {
		row_text = label(shown[k])
		for (i = 1; i <= nr_columns; i++) {
			value = at(scale, bar_loads[i], shown[k], 1 SUBSEP bar_cpus[i] SUBSEP "-")
			row_text = row_text "\t" (value == "" ? "?" : sprintf("%.1f", value))
		}
		print row_text >file
	}
}

function label(peer) { return peer == "get_free_pages" ? "__get_free_pages" : peer == "iova" ? "alloc_iova_fast" : peer }

function write_plots(	l, c, t) {
	write_plot("pairs-exact", "exact", "pair", nr_sizes, sizes, 0, 1)
	write_plot("pairs-native", "native", "pair", nr_sizes, sizes, 0, 1)
	write_plot("batches-native", "native", "batch", nr_sizes, sizes, 0, 2)
	write_plot("growth-exact", "exact", "grown", nr_spaces, spaces, 1, 1)
	write_plot("growth-native", "native", "grown", nr_spaces, spaces, 1, 1)
	l[1] = l[2] = "batch"; c[1] = 1; c[2] = 2; t[1] = "1 CPU"; t[2] = "2 CPUs"
	write_bars("cpus-native", "native", 2, l, c, t)
	l[1] = "alloc-p50"; l[2] = "alloc-p99"; l[3] = "alloc-max"; c[2] = c[3] = 1
	t[1] = "p50"; t[2] = "p99"; t[3] = "max"
	write_bars("calls-native", "native", 3, l, c, t)
	write_bars("calls-exact", "exact", 3, l, c, t)
}

# For README.md: instructions, and ns behind a slash.
function write_readme(	file, i, k, n, row_text, wanted) {
	file = dir "/readme.md"
	n = split("pair 1|pair 16|pair 64|batch 1|batch 16|batch 1, 2 CPUs|batch 16, 2 CPUs|interleaved 1, 2 CPUs|mixed|mixed, 2 CPUs|fragmented 1|fragmented 16|grown to 64M 1|grown to 1T 1|alloc-p50 1|alloc-p99 1|free-p99 1", wanted, "|")
	row_text = "| |"
	for (k = 1; k <= nr_shown; k++)
		row_text = row_text " " label(shown[k]) " |"
	print row_text >file
	row_text = "|---|"
	for (k = 1; k <= nr_shown; k++)
		row_text = row_text "--:|"
	print row_text >file
	for (i = 1; i <= n; i++) {
		row_text = readme_row(wanted[i])
		if (substr(row_text, length(wanted[i]) + 4) ~ /[0-9]/)
			print row_text >file
	}
	readme_notes(file)
}

function readme_row(title,	i, k, row_text, exact, native) {
	for (i = 1; titles[i] != title; i++)
		;
	row_text = "| " title " |"
	for (k = 1; k <= nr_shown; k++) {
		scale_now = "exact"
		exact = at("exact", line_loads[i], shown[k], tails[i])
		exact = exact == "" ? "" : number(exact)
		scale_now = "native"
		native = at("native", line_loads[i], shown[k], tails[i])
		native = native == "" ? "" : number(native)
		row_text = row_text " " (exact == "" ? native == "" ? "" : native " ns" : exact (native == "" ? "" : " / " native)) " |"
	}
	return row_text
}

function readme_notes(file,	i, n, names, tail) {
	print "" >file
	print "Instructions on Linux " on["exact", "kernel"] ", the least of " on["exact", "rounds"] " rounds; seed " on["exact", "seed"] "," >file
	print "sizes of mixed (pages:weight) " on["exact", "distribution"] ". An atomic weighs as much as a nop." >file
	if ("native" in seen) {
		print "Behind the slash ns on Linux " on["native", "kernel"] ", user-mode, on " on["native", "machine"] "," >file
		print "medians of " on["native", "rounds"] " rounds, at a load of " on["native", "load"] ". User-mode Linux inflates vmalloc and whatever turns" >file
		print "interrupts off: alloc_iova_fast, and long runs of heapranges, kvmalloc and __get_free_pages." >file
		print "Compare those by their instructions." >file
	}
	print "" >file
	print "| what caches cost, instructions a page | refill | flush | drain |" >file
	print "|---|--:|--:|--:|" >file
	n = split("1 4 16", names)
	for (i = 1; i <= n; i++) {
		tail = names[i] SUBSEP 1 SUBSEP "-"
		printf "| runs of %d | %.0f | %.0f | %.0f |\n", names[i], cost("exact", "take", tail, names[i]),
			cost("exact", "give", tail, names[i]), at("exact", "drain", "heapranges", tail) >file
	}
}

END {
	end_session()
	make_figures()
	for (s = 1; s <= nr_scales; s++) {
		print_on(scales[s])
		print_table(scales[s])
		print_costs(scales[s])
		print ""
		seen[scales[s]]
	}
	if ("native" in seen)
		print_ratios()
	if (dir) {
		write_figures()
		if (nr_scales > 1)
			write_plots()
		if ("exact" in seen)
			write_readme()
	}
	print ""
	print_wrong()
	if (!nr_scales) {
		print "FAILED no session"
		nr_wrong++
	}
	exit nr_wrong != 0
}
