# SPDX-License-Identifier: GPL-2.0
# Checks a session of tools/tracing.d/init on stdin: says each thing that is wrong, and exits non-zero if
# anything is.

BEGIN {
	trace_cmd = "cat trace"
	report_cmd = "trace-cmd report"
	nr_kinds = split("hr_alloc hr_free hr_reject hr_refill hr_flush hr_grow hr_release", kinds)
	nr_verdicts = split("foreign interior size double", verdicts)
	# Of the consumer: sizes of its runs, and of those that stay after "half".
	all_pages = 1234
	half_pages = 530
}

function bad(text) {
	print "# " cmd ": " text
	failed++
}

function expect(ok, text) { if (!ok) bad(text); checks++ }

# task [cpu] flags seconds: event: key=value ...
function event_line(	kind, i, part) {
	for (i = 1; i <= NF && $i !~ /^hr_[a-z]+:$/; i++)
		;
	if (i > NF) {
		bad("no event of ours: " $0)
		return
	}
	kind = $i
	sub(":", "", kind)
	split("", value)
	for (i++; i <= NF; i++) {
		if (split($i, part, "=") == 2)
			value[part[1]] = part[2]
	}
	seen[cmd, kind]++
	if ("bytes" in value)
		expect(value["bytes"] == value["pages"] * 4096 || value["addr"] == "0x0", "bytes is not pages * 4096: " $0)
	if ("addr" in value && kind != "hr_reject")
		expect(value["addr"] ~ /^0x[0-9a-f]+000$/, "no page-aligned address: " $0)
	if ("caller" in value)
		expect(caller_is_known(), "not the consumer's: " $0)
	if (kind == "hr_alloc")
		alloc_event()
	else if (kind == "hr_free")
		free_event()
	else if (kind == "hr_reject")
		verdict[cmd, value["verdict"]]++
	else if (kind == "hr_grow")
		arenas[value["heap"], value["base"]] = value["pages"]
	else if (kind == "hr_release") {
		expect(arenas[value["heap"], value["base"]] == value["pages"], "no such arena came: " $0)
		delete arenas[value["heap"], value["base"]]
	}
}

# Symbols are those of the moment of reading: the consumer's have gone before the second read of the
# trace. trace-cmd names no modules.
function caller_is_known() {
	if (cmd != trace_cmd)
		return $0 ~ /caller=books_fill\+0x[0-9a-f]+$/
	return $0 ~ /caller=[a-z_0-9]+\+0x[0-9a-f]+.* \[heapranges_consumer\]$/ || (traces && $0 ~ /caller=0x[0-9a-f]+$/)
}

function alloc_event(	key) {
	key = value["heap"] " " value["addr"]
	expect(!(key in live), "handed out twice: " $0)
	expect(value["gfp"] ~ /^0x[0-9a-f]+$/, "no gfp: " $0)
	live[key] = value["pages"]
	alloc_bytes[value["heap"]] += value["bytes"]
}

function free_event(	key) {
	key = value["heap"] " " value["addr"]
	expect(live[key] == value["pages"], "freed what was not handed out so: " $0)
	delete live[key]
	free_bytes[value["heap"]] += value["bytes"]
}

# { heap:          1 } hitcount:          7  bytes:    5054464
# { heap:          1, caller: [ffffffffc0] books_free+0x... [heapranges_consumer] } hitcount: ...
function hist_line(sums,	heap, bytes) {
	heap = $0
	sub(/^{ heap: */, "", heap)
	sub(/[ ,}].*/, "", heap)
	bytes = $0
	sub(/.*bytes: */, "", bytes)
	sums[heap] += bytes
}

function compare(got, want, what,	heap) {
	for (heap in want)
		expect(got[heap] == want[heap], what " of heap " heap ": " got[heap] ", events say " want[heap])
	for (heap in got)
		expect(heap in want, what " of heap " heap ", which has no event")
}

# pages in runs: / frames / an empty line
function owners_line() {
	if ($0 ~ /^[0-9]+ pages in [0-9]+ runs:$/) {
		expect(!nr_groups++ || $1 <= last_pages, "not the largest first: " $0)
		last_pages = $1
		sum_pages += $1
		nr_frames = 0
	} else if ($0 ~ /^ [^ ]/) {
		# One is of a function that is called once, when the consumer is loaded, and is gone.
		expect($0 ~ /^ ([A-Za-z_0-9.]+\+0x[0-9a-f]+\/)?0x[0-9a-f]+( \[[a-z_]+\])?$/, "no frame: " $0)
		if (!nr_frames++)
			expect($0 ~ /\[heapranges_consumer\]$/, "the innermost frame is not the consumer's: " $0)
	} else
		expect($0 == "" && nr_frames > 3, "a stack of " nr_frames " frames")
}

function begin() {
	line = 0
	nr_groups = 0
	sum_pages = 0
	if (cmd ~ /^insmod .*track_owners/)
		tracked = 1
	if (cmd ~ /^insmod .*consumer/)
		held = all_pages
	else if (cmd ~ /^echo half/)
		held = half_pages
	else if (cmd ~ /^rmmod heapranges_consumer/)
		held = 0
}

# Of both reads.
function finish_trace(	i, key) {
	for (i = 1; i <= nr_kinds; i++)
		expect(seen[cmd, kinds[i]], "no " kinds[i])
	for (i = 1; i <= nr_verdicts; i++)
		expect(verdict[cmd, verdicts[i]] == 1, "expected once: verdict=" verdicts[i])
	for (key in live)
		bad("never freed: " key)
	compare(free_bytes, alloc_bytes, "bytes freed")
}

function finish() {
	if (cmd == trace_cmd && ++traces < 3) {
		expect(line > 1, "no events")
		if (traces == 2)
			finish_trace()
	} else if (cmd == trace_cmd)
		expect(!seen[cmd " off"], "events though they are off")
	else if (index(cmd, report_cmd) == 1) {
		expect(seen[cmd, "hr_alloc"] == 14, "14 runs taken, the report has " seen[cmd, "hr_alloc"] + 0)
		expect(seen[cmd, "hr_grow"], "the report has no hr_grow")
	} else if (cmd ~ /hr_alloc\/hist$/) {
		compare(alloc_hist, alloc_bytes, "the histogram")
		hists++
	} else if (cmd ~ /hr_free\/hist$/) {
		compare(free_hist, free_bytes, "the histogram by caller")
		hists++
	} else if (cmd ~ /owners$/) {
		expect(line >= 1, "no owners")
		expect(sum_pages == (tracked ? held : 0), "owners hold " sum_pages " pages, not " (tracked ? held : 0))
		owners++
	}
}

/^@(show|hide) / {
	finish()
	cmd = substr($0, 7)
	begin()
	next
}
/^@fail /			{ bad("exit status " $2); next }
cmd == ""			{ next }
				{ line++ }
cmd == trace_cmd && traces > 1	{ if ($0 !~ /^#/ && $0 != "") seen[cmd " off"]++; next }
cmd == trace_cmd || index(cmd, report_cmd) == 1 {
	if ($0 !~ /^#/ && $0 != "")
		event_line()
	next
}
cmd ~ /hr_alloc\/hist$/ && /^[{]/	{ hist_line(alloc_hist) }
cmd ~ /hr_free\/hist$/ && /^[{]/	{ hist_line(free_hist) }
cmd ~ /owners$/ && line == 1	{ expect($0 == "# heapranges owners 1", "not the version line: " $0); next }
cmd ~ /owners$/ && !tracked	{ expect($0 == "# track_owners=0", "owners of a heap that does not look: " $0); next }
cmd ~ /owners$/			{ owners_line() }
cmd == "cat /sys/kernel/tracing/set_event" { bad("left on: " $0) }
cmd == "dmesg"			{ expect(!vm_trouble($0), $0) }

END {
	if (cmd != "poweroff")
		bad("the session ended here")
	else {
		cmd = "poweroff"
		expect(traces == 3 && hists == 2 && owners == 5, "too few reads")
	}
	if (!failed)
		print checks " checks passed"
	exit failed != 0
}
