# SPDX-License-Identifier: GPL-2.0
# Checks a session of tools/sweep.d/init, given after the file cases and the disassembly of heapranges.ko
# (objdump -dr): prints it as tables, then each thing that is wrong with it, and exits non-zero if anything is.
#
# That each boundary between two instructions was hit is seen by two counts that know nothing of each other:
# as many steps as the clock says that there are instructions; and, by the disassembly, each place is where
# the one before leads to, so that none was left out.

BEGIN {
	nr_on = split("kernel clocksource QEMU machine parameters", on_names)
	# Of an allocation and a free that a cache serves.
	nr_quick = split("heapranges_alloc heapranges_free heapranges_free_sized", quick)
	# Steps may differ so much from the clock's count: the code is not always as long.
	tolerance = 0.05
	# Of a shared case: what an interrupt has mended is not mended once more.
	tolerance_shared = 0.15
	tolerance_steps = 4
}

function hex(digits,	i, n) {
	for (i = 1; i <= length(digits); i++)
		n = n * 16 + index("0123456789abcdef", substr(digits, i, 1)) - 1
	return n + 0
}

# name | acts; "all", "basic", or basic, and "shared": interrupts do a part of the work, or "loose": not
# always the same way
function case_line(	part) {
	split($0, part, / *\| */)
	cases[++nr_cases] = part[1]
	acts_of[part[1]] = part[2]
	known_case[part[1]]
}

# <function+0x12> in an instruction or a relocation, as "function offset".
function destination(text,	part) {
	sub(/^[^<]*</, "", text)
	sub(/>.*/, "", text)
	if (split(text, part, /\+0x/) == 1)
		part[2] = "0"
	return part[1] " " hex(part[2])
}

# address <function>: | address: instruction | relocation of the one before
function listing_line(	here) {
	if ($0 ~ /^[0-9a-f]+ <.*>:$/) {
		listed = substr($2, 2, length($2) - 3)
		begin = hex($1)
		last = ""
	} else if (listed != "" && $0 ~ /^ *[0-9a-f]+:[ \t]/ && $0 !~ /R_X86_64_/) {
		here = hex(substr($1, 1, length($1) - 1)) - begin
		sub(/^ *[0-9a-f]+:[ \t]*/, "")
		if (last != "")
			follows[listed, last] = listed " " here
		text[listed, here] = $0
		nr_listed[listed]++
		if ($0 ~ /<.*>/)
			leads[listed, here] = destination($0)
		last = here
	} else if (last != "" && $0 ~ /R_X86_64_/) {
		# Then it says where to, to a function; four bytes before the address.
		leads[listed, last] = $3 ~ /^[a-z_][A-Za-z0-9_.]*-0x4$/ ? substr($3, 1, length($3) - 4) " 0" : "elsewhere 0"
		if ($0 ~ /pv_ops/)
			patched[listed, last]
	}
}

# The kernel puts other instructions in the place of a call by pv_ops.
function is_patched(fn, offset,	back) {
	for (back = 1; back <= 8; back++)
		if ((fn, offset - back) in text)
			return (fn, offset - back) in patched
	return 0
}

function is_ours(fn) { return fn !~ /^\[/ }

# May an interrupt at @from be followed by one at @to, an instruction later?
function may_follow(from, to,	a, b, insn) {
	split(from, a, " ")
	split(to, b, " ")
	if (!is_ours(a[1]))
		return 1
	if (!((a[1], a[2]) in text))
		return is_patched(a[1], a[2])
	insn = text[a[1], a[2]]
	# The kernel has put nothing in its place.
	if (leads[a[1], a[2]] == "__fentry__ 0")
		return to == follows[a[1], a[2]]
	if ((a[1], a[2]) in patched || insn ~ /^(ret|(call|jmp) +\*)/ || leads[a[1], a[2]] ~ /^(__x86_|elsewhere)/)
		return 1
	if (insn ~ /^(call|jmp)/ && !is_ours(b[1]))
		return 1
	# What a static key has turned into a jump, or a jump that it has not.
	if (insn ~ /^(nopl|xchg +%ax,%ax|data16|jmp)/ && a[1] == b[1])
		return 1
	return to == follows[a[1], a[2]] || to == leads[a[1], a[2]] && insn ~ /^(call|j|loop)/
}

function place(fn, offset, nr) {
	nr_places[name]++
	nr_steps[name] += nr
	if (is_ours(fn)) {
		hit[fn, offset]
		nr_ours[name]++
		if (!((fn, offset) in text) && !is_patched(fn, offset))
			bad(name ": a place that is no instruction: " fn "+" offset)
	}
	if (nr > 1 && text[fn, offset] !~ /^rep/)
		nr_late[name] += nr - 1
	if (before != "" && acts_of[name] != "loose" && !may_follow(before, fn " " offset))
		bad(name ": not each instruction: " before " is followed by " fn " " offset)
	before = fn " " offset
}

# sweep: path function offset offset x count | [function] offset
function path_line(	i, part, fn) {
	for (i = 1; i <= NF; i++) {
		if ($i == "|" || $i ~ /^x?[0-9a-f]+(x[0-9]+)?$/ && fn != "" && $(i - 1) != "|") {
			if ($i == "|")
				continue
			split($i, part, "x")
			place(fn, hex(part[1]), part[2] ? part[2] : 1)
		} else
			fn = $i
	}
}

function value(field,	part) { split(field, part, "="); return part[2] + 0 }

function act_line() {
	places[$1, $2] = value($3)
	good[$1, $2] = value($4)
	told[$1, $2] = value($5)
	if (acts_of[$1] != "loose" && value($6) * 100 > value($3))
		bad($1 " " $2 ": " value($6) " of " value($3) " interrupts came elsewhere")
}

function judge_act(name, act) {
	if (!((name, act) in places))
		bad("missing: " name " " act)
	else if (!places[name, act])
		bad("no place: " name " " act)
}

# Who frees what another one has must be both in time and late, where that can be.
function judge_case(name,	i, n, act, off) {
	if (!(name in length_of)) {
		bad("missing: " name)
		return
	}
	n = split(acts_of[name] == "all" ? "pair hold grab steal resize double interior foreign size ask" : "pair hold grab steal", act)
	for (i = 1; i <= n; i++)
		judge_act(name, act[i])
	if (name ~ /^(pair|sized|take)/ && !(good[name, "steal"] && told[name, "steal"]))
		bad(name ": a free of the same run was not good once and double once")
	off = nr_steps[name] - length_of[name]
	off = off < 0 ? -off : off
	if (off > length_of[name] * (acts_of[name] == "shared" ? tolerance_shared : tolerance) + tolerance_steps)
		bad(name ": " nr_steps[name] + 0 " steps, but " length_of[name] " instructions by the clock")
}

function print_on(	i) {
	for (i = 1; i <= nr_on; i++) {
		if (on_names[i] in on)
			printf "%-13s %s\n", on_names[i], on[on_names[i]]
		else
			bad("missing: " on_names[i])
	}
	if (("clocksource" in on) && on["clocksource"] != "tsc")
		bad("clocksource is " on["clocksource"] ", not tsc: steps are no instructions")
}

function print_cases(	i, name) {
	printf "\n%-15s %12s %8s %8s %8s %8s %8s %14s\n", "case", "instructions", "steps", "places", "ours", "late", "acts", "steal: in time"
	for (i = 1; i <= nr_cases; i++) {
		name = cases[i]
		printf "%-15s %12s %8d %8d %8d %8d %8s %14s\n", name, name in length_of ? length_of[name] : "?", nr_steps[name], nr_places[name],
			nr_ours[name], nr_late[name], acts_of[name], (name, "steal") in good ? good[name, "steal"] " of " places[name, "steal"] : "?"
		judge_case(name)
	}
	print "steps: interrupts, each an instruction later; places: different ones in a row; ours: in heapranges, not in the kernel;"
	print "late: steps whose interrupt came behind code that has interrupts off. acts: all 10, or the"
	print "basic 4; shared: those, where an interrupt does a part of the work; loose: where the kernel itself takes"
	print "memory, which it does not always do the same way."
}

function print_functions(	key, part, nr, i, fn, all, all_hit) {
	for (key in hit) {
		split(key, part, SUBSEP)
		nr[part[1]]++
	}
	print ""
	for (fn in nr) {
		all += nr_listed[fn]
		all_hit += nr[fn]
	}
	for (i = 1; i <= nr_quick; i++) {
		fn = quick[i]
		printf "%-20s %3d of %3d instructions interrupted\n", fn, nr[fn], nr_listed[fn]
		if (!nr[fn])
			bad("no interrupt in " fn)
	}
	print all_hit " of " all " in all functions that were seen. The rest is on no path taken: each was followed from one instruction to the next."
}

FNR == 1		{ file++ }
file == 1 && !/^#/	{ case_line() }
file == 1		{ next }
file == 2		{ listing_line(); next }

vm_trouble($0)		{ bad($0) }
/sweep: failed|^@failed|heapranges: .*corrupt/	{ bad($0) }
/^@on /			{ key = $2; sub(/^@on [^ ]+ /, ""); on[key] = $0; next }
/^@/			{ last_mark = $1; name = $2; next }
sub(/^(\[ *[0-9.]+\] )?sweep: act /, "")	{ act_line() }
sub(/^(\[ *[0-9.]+\] )?sweep: case /, "") {
	name = $1
	length_of[name] = value($2)
	before = ""
	if (!(name in known_case))
		bad("a case that the file cases does not have: " name)
}
sub(/^(\[ *[0-9.]+\] )?sweep: path /, "")	{ path_line() }

END {
	if (last_mark != "@end")
		bad("the session ended early, behind " (last_mark ? last_mark : "nothing"))
	print_on()
	print_cases()
	print_functions()
	print ""
	print_wrong()
	if (!nr_wrong)
		print nr_cases " cases swept, sound after each step"
	exit nr_wrong != 0
}
