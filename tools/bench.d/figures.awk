# SPDX-License-Identifier: GPL-2.0
# Reads the sessions of tools/bench.d/init, one behind the other, each after a line "@scale exact" or
# "@scale native": fills figure[scale, load, peer, pages, cpus, space], in instructions or nanoseconds, and
# on[scale, what]. What is wrong with them: see wrong.awk.

# Of the rounds of one figure: on the exact scale the least, since a timer tick falls into one or another;
# else the median.
function add_row(key, value) {
	if (!(key in nr_values))
		keys[++nr_keys] = key
	values[key, ++nr_values[key]] = value
}

function median(key,	i, k, n, v, sorted) {
	n = nr_values[key]
	for (i = 1; i <= n; i++) {
		v = values[key, i]
		for (k = i - 1; k >= 1 && sorted[k] > v; k--)
			sorted[k + 1] = sorted[k]
		sorted[k + 1] = v
	}
	return sorted[1] == sorted[n] || key ~ "^exact" ? sorted[1] : n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}

function make_figures(	i, want) {
	for (i = 1; i <= nr_scales; i++) {
		if ((scales[i], "passes") in on)
			on[scales[i], "rounds"] *= on[scales[i], "passes"]
	}
	for (i = 1; i <= nr_keys; i++) {
		figure[keys[i]] = median(keys[i])
		split(keys[i], part, SUBSEP)
		want = on[part[1], "rounds"]
		# A warm-up and so many rounds.
		if (part[2] ~ /^(take|give)-|^drain|^warm-up/)
			continue
		if (nr_values[keys[i]] != want)
			bad("rounds: " nr_values[keys[i]] " of " want ": " spelled(keys[i]))
	}
}

function spelled(key,	part) {
	split(key, part, SUBSEP)
	return part[1] ": " part[2] " of " part[3] ", pages " part[4] ", CPUs " part[5] ", space " part[6]
}

# bench: row <load> <peer> <pages> <CPUs> <space> <ticks> <operations>
function row(	key) {
	if (NF != 9 || $9 <= 0) {
		bad("no row: " $0)
		return
	}
	key = scale SUBSEP $3 SUBSEP $4 SUBSEP $5 SUBSEP $6 SUBSEP $7
	add_row(key, $8 / $9 * (scale == "exact" ? 1 : 1000000 / khz))
	if (dir)
		print scale, $3, $4, $5, $6, $7, $8, $9 >(dir "/rows.tsv")
}

function end_session() {
	if (scale && last != "@end")
		bad(scale ": the session ended early, behind " (last ? last : "nothing"))
	if (scale == "exact" && (khz < 999000 || khz > 1001000))
		bad("exact: a tick is no instruction: " khz + 0 " of them in a millisecond")
}

BEGIN {
	OFS = "\t"
	if (dir)
		print "scale", "load", "peer", "pages", "cpus", "space", "ticks", "operations" >(dir "/rows.tsv")
}

vm_trouble($0)		{ bad(scale ": " $0) }
/heapranges: bad free|heapranges: .*corrupt|bench: failed|^@failed/	{ bad(scale ": " $0) }

/^@scale /		{ end_session(); scale = $2; last = ""; khz = 0; scales[++nr_scales] = scale; next }
/^@on /			{ key = $2; sub(/^@on [^ ]+ /, ""); on[scale, key] = $0; next }
/^@/			{ last = $1; next }
# What the log says of time stands before it.
sub(/^(\[ *[0-9.]+\] )?bench: /, "bench: ") {
	if ($2 == "row")
		row()
	else if ($2 == "khz")
		khz = $3
	else if ($2 ~ /^(rounds|seed|cpus|distribution)$/) {
		key = $2
		sub(/^bench: [a-z]+ /, "")
		on[scale, key] = $0
	}
}
