# SPDX-License-Identifier: GPL-2.0
# Checks sessions of tools/memory.d/init on stdin: shows their figures, says each thing that is wrong, and
# exits non-zero if anything is. figure[step, name] is what stands behind name in a step.

function bad(text) {
	print "# " session ": " text
	failed++
}

function expect(ok, text) { if (!ok) bad(text); checks++ }

function begin(name) {
	session = name
	step = ""
	split("", figure)
	split("", area)
	split("", slab)
	split("", names)
	split("", book)
	nr_books = nr_programs = nr_killed = nr_leaks = nr_invoked = 0
	told = ""
	nr_sessions++
}

function mib(kib) { return int(kib / 1024) }

# For people.
function show(at) {
	printf "%s: %s: MemAvailable %d MiB, MemFree %d; heap: owned %d, used %d, in %d arenas; released %d, %d by the shrinker\n",
		session, at, mib(figure[at, "MemAvailable"]), mib(figure[at, "MemFree"]),
		mib(figure[at, "owned"] * 4), mib(figure[at, "used"] * 4), figure[at, "arenas"],
		figure[at, "releases"], figure[at, "releases_shrinker"]
}

# What holds whenever a heap's figures are read.
function judge_heap(at) {
	if (!((at, "owned") in figure)) {
		bad(at ": no figures")
		return
	}
	show(at)
	expect(figure[at, "verify"] == 0, at ": verify finds " verify[at])
	expect(figure[at, "spoilt"] == 0, at ": " figure[at, "spoilt"] " pages are not as they were")
	expect(figure[at, "used"] == figure[at, "held"], at ": " figure[at, "held"] " pages are held, used are " figure[at, "used"])
	expect(figure[at, "owned"] == figure[at, "used"] + figure[at, "cached"] + figure[at, "free"], at ": owned is not used, cached and free")
	expect(figure[at, "ranges"] == figure[at, "arenas"] && figure[at, "arenas"] < 100, at ": " figure[at, "ranges"] " ranges, " figure[at, "arenas"] " arenas")
}

# The machine counts what could be released, min_mib aside, as memory that can be had.
function judge_reclaimable(at) {
	expect(figure[at, "nr_kernel_misc_reclaimable"] == figure[at, "owned"] - 1024,
	       at ": " figure[at, "owned"] " pages are owned, none used, but " figure[at, "nr_kernel_misc_reclaimable"] " reclaimable")
}

# What the heap said of itself before the kernel killed; -1: nothing.
function told_pages(name) {
	return match(told, " " name "_pages=[0-9]+") ? substr(told, RSTART + length(name) + 8) + 0 : -1
}

# First all that can be released, then the kill.
function judge_kill(	owned) {
	expect(told != "", "killed: the heap has not said before what it has")
	owned = told_pages("owned")
	expect(owned < figure["live", "owned"], "killed: before, the heap had given nothing back: " owned " pages")
	expect(owned == figure["killed", "owned"], "killed: the heap had " owned " pages before, " figure["killed", "owned"] " after")
	expect(told_pages("used") == figure["live", "used"], "killed: before, " told_pages("used") " pages were in use")
	expect(told_pages("reclaimable") == 0, "killed: there was more to be released: " told_pages("reclaimable") " pages")
	expect(figure["killed", "releases_shrinker"] > figure["live", "releases_shrinker"], "killed: the shrinker has released nothing")
	printf "%s: killed: by then the shrinker had released %d arenas, %d MiB; %d pages could still be released\n", session,
		figure["killed", "releases_shrinker"] - figure["live", "releases_shrinker"],
		mib((figure["live", "owned"] - owned) * 4), told_pages("reclaimable")
}

function judge_pressure(	total, half) {
	judge_heap("before")
	judge_heap("during")
	judge_heap("freed")
	judge_heap("after")
	judge_heap("glut")
	judge_heap("idle")
	judge_heap("live")
	judge_heap("killed")
	judge_heap("survived")
	total = figure["before", "MemTotal"]
	half = int(total / 2048)
	expect(total > 900000 && total < 1048576, "no machine of 1 GiB: " total " kB")

	expect(figure["during", "held"] == half * 256, "during: not half of the memory: " figure["during", "held"] " pages")
	expect(figure["during", "MemAvailable"] < figure["before", "MemAvailable"] - half * 1024 + 8192, "during: MemAvailable does not see what is used")
	expect(figure["freed", "held"] == 0 && figure["freed", "owned"] >= figure["during", "owned"], "freed: the heap has not kept it")
	expect(figure["freed", "MemAvailable"] > figure["before", "MemAvailable"] - total / 10, "freed: MemAvailable does not see what is free")
	judge_reclaimable("freed")
	expect(figure["freed", "MemFree"] < program[1] * 1024, "program: it needs no more than is free")
	expect(status[1] == 0, "program: exit status " status[1])
	expect(figure["after", "releases_shrinker"] > 0, "after: the shrinker has released nothing")
	expect(figure["after", "owned"] < figure["freed", "owned"], "after: the heap has given nothing back")
	judge_reclaimable("after")

	expect(figure["glut", "glut_used"] * 4 > figure["before", "MemAvailable"] * 0.9, "glut: only " figure["glut", "glut_used"] " pages")
	expect(figure["glut", "glut_arenas"] < 100, "glut: " figure["glut", "glut_arenas"] " arenas")
	printf "%s: glut: %d MiB in %d arenas\n", session, mib(figure["glut", "glut_used"] * 4), figure["glut", "glut_arenas"]
	expect(figure["idle", "owned"] == 1024 && figure["idle", "arenas"] == 1, "idle: not back to min_mib: " figure["idle", "owned"] " pages")

	expect(figure["live", "held"] == int(half / 4) * 256, "live: " figure["live", "held"] " pages")
	judge_kill()
	expect(status[2] == 137, "killed: the program's exit status is " status[2])
	expect(nr_invoked == 1 && nr_killed == 1, "killed: expected once, for and of a program: " nr_invoked " invocations, " nr_killed " kills")
	expect(figure["killed", "held"] == figure["live", "held"], "killed: held are " figure["killed", "held"] " pages")
	expect(figure["killed", "nr_kernel_misc_reclaimable"] == 0, "killed: there was more to be released")
	expect(figure["survived", "held"] == 0, "survived: held are " figure["survived", "held"] " pages")
}

# What a load takes for good is seen in any of these; a cache's objects come and go by a few.
function judge_cycle(	loads, name, more) {
	if (nr_books != 2) {
		bad(nr_books " books, expected 2")
		return
	}
	loads = book[2] - book[1]
	expect(loads > 0 && book[2] == 2 * book[1], "books at loads " book[1] " and " book[2])
	expect((2, "kmalloc-64") in slab && (1, "kmalloc-64") in slab, "no objects of kmalloc-64")
	for (name in names) {
		more = slab[2, name] - slab[1, name]
		if (more)
			printf "%s: loads %d to %d: %s: %+d objects\n", session, book[1], book[2], name, more
		expect(more * 10 < loads, more " objects of " name " are left of " loads " loads")
	}
	judge_book("Percpu", 0)
	judge_book("VmallocUsed", 0)
	judge_book("areas", 0)
}

function judge_book(name,	was, is) {
	was = figure["books " book[1], name]
	is = figure["books " book[2], name]
	printf "%s: %s at loads %d and %d: %s, %s\n", session, name, book[1], book[2], was, is
	expect(was > 0 && was == is, name ": " was " at load " book[1] ", " is " at load " book[2])
}

# at: "node N cpu C"; N is -1 where any will do.
function judge_node(at, node,	i, nr, line, pages, on) {
	for (i = 1; i <= area[at]; i++) {
		line = area[at, i]
		if (index(of_default, line))
			continue
		pages = match(line, / pages=[0-9]+/) ? substr(line, RSTART + 7, RLENGTH - 7) : 0
		on = match(line, / N[0-9]+=[0-9]+( N[0-9]+=[0-9]+)*$/) ? substr(line, RSTART + 1) : "no node"
		print session ": " at ": " pages " pages, " on
		expect(pages > 0, at ": no pages: " line)
		expect(node == -1 || on == "N" node "=" pages, at ": " pages " pages are on " on)
		nr += pages
	}
	expect(nr >= 24 * 256, at ": only " nr + 0 " pages")
}

function judge_nodes(	i, node, cpu) {
	for (i = 1; i <= area["default"]; i++)
		of_default = of_default area["default", i] "\n"
	expect(of_default != "", "no arena of the default heap")
	for (node = -1; node <= 1; node++)
		for (cpu = 0; cpu <= 1; cpu++)
			judge_node("node " node " cpu " cpu, node)
	judge_parked("here", 1)
	judge_parked("gone", 0)
	judge_parked("back", 1)
}

# Pages in caches, where CPU 1 alone has any.
function judge_parked(when, any,	at, nr) {
	at = "cpu 1 " when
	nr = (at, "cached_pages") in figure ? figure[at, "cached_pages"] : "nobody knows how many"
	print session ": " at ": " nr " pages are parked"
	expect(any ? nr + 0 > 0 : nr == "0", at ": " nr " pages are parked")
}

function judge_left(	i, nr) {
	expect(nr_leaks == 1, "what is left was told " nr_leaks " times")
	nr = area["arenas held"]
	expect(nr > 1 && area["arenas left"] == nr, nr " arenas in use, " area["arenas left"] " left")
	for (i = 1; i <= nr; i++) {
		print session ": left: " area["arenas left", i]
		expect(area["arenas left", i] == area["arenas held", i], "not left: " area["arenas held", i])
	}
	expect(leak ~ " pages=1536 arenas=" nr " live at unload", "not what is left: " leak)
	judge_heap("again")
	expect(figure["again", "grows"] > 0 && figure["again", "held"] == 0, "again: the heap is not as new")
}

# The kernel says much when it kills: that is between two of these lines.
function log_line(	quiet) {
	if (/heapranges: out of memory: heap=default / && !nr_invoked)
		told = $0
	if (session == "pressure" && / invoked oom-killer/) {
		killing = 1
		nr_invoked += / dd invoked oom-killer/
	}
	quiet = killing
	if (/Out of memory: Killed process/) {
		killing = 0
		quiet = session == "pressure"
		nr_killed += /Killed process [0-9]+ \(dd\)/
		expect(/\(dd\)/, $0)
	}
	if (killing)
		expect(!/ hr_| heapranges/, "the heap was killing: " $0)
	else if (!quiet)
		expect(!vm_trouble($0), $0)
	if (/heapranges: leak: /) {
		nr_leaks++
		leak = $0
		expect(session == "left", $0)
	} else {
		expect(!/heapranges: (leak|corruption|bad free|misuse|shortage)|could not give everything back/, $0)
	}
}

function judge() {
	if (session == "pressure")
		judge_pressure()
	else if (session == "cycle")
		judge_cycle()
	else if (session == "nodes")
		judge_nodes()
	else if (session == "left")
		judge_left()
	else
		bad("no such session")
}

function end_session() {
	if (session != "" && !ended)
		bad("the session ended here: " (step == "" ? "at its begin" : step))
	ended = 0
	killing = 0
}

/^@session /		{ end_session(); begin($2); next }
/^@failed /		{ bad("failed: " substr($0, 9)); next }
/^@log$/		{ step = "log"; next }
/^@end$/		{ ended = 1; judge(); step = "end"; next }
/^@step program /	{ step = substr($0, 7); program[++nr_programs] = $3 + 0; next }
/^@step books /		{ book[++nr_books] = $3; step = substr($0, 7); next }
/^@step /		{ step = substr($0, 7); next }
/^@$/			{ step = "-"; next }
session == ""		{ next }	# the boot
step == "log"		{ log_line(); next }
$1 == "slab"		{ slab[nr_books, $2] = $3; names[$2]; next }
$1 == "status"		{ status[nr_programs] = $2; next }
$1 == "verify"		{ verify[step] = substr($0, 8) }
/^0x/			{ area[step, ++area[step]] = $0; next }
NF >= 2			{ figure[step, $1] = $2 }

END {
	end_session()
	if (!nr_sessions) {
		session = "all"
		bad("no session")
	}
	if (!failed)
		print checks " checks passed"
	exit failed != 0
}
