# SPDX-License-Identifier: GPL-2.0
# Takes the code blocks out of README.md, docs/*.rst, docs/ABI/testing/* and docs/man/*, into the folder `dir`:
# block 007 into file 007, a line "007 <tab> kind <tab> file:line <tab> arguments" into file index. Says of each
# block that has no known kind where it is, and exits non-zero then.
#
# A comment right before a block says its kind, "<!-- docs-test: KIND ARGUMENTS -->",
# ".. docs-test: KIND ARGUMENTS" or, in a manual page, '.\" docs-test: KIND ARGUMENTS'; see tools/docs-test for the kinds. Without one a block of C is c, and one
# in an ABI file is the output of reading what the file describes.

function bad(where, text) {
	print where ": " text
	failed = 1
}

function expand(line,	tab) {
	while ((tab = index(line, "\t")))
		line = substr(line, 1, tab - 1) substr("        ", 1 + (tab - 1) % 8) substr(line, tab + 1)
	return line
}

function indent_of(line) { match(line, /^ */); return RLENGTH }

function begin(language) {
	in_block = 1
	nr = 0
	block_indent = -1
	block_at = FILENAME ":" FNR
	block_language = language
}

# Empty lines at the end are not the block's, and a block of nothing is none.
function finish(	id, text, kind, i) {
	in_block = 0
	while (nr && body[nr] == "")
		nr--
	if (!nr)
		return
	id = sprintf("%03d", ++blocks)
	text = mark
	if (text == "" && block_language == "c")
		text = "c"
	if (text == "" && what != "")
		text = "output cat " what " after insmod heapranges.ko; insmod heapranges_consumer.ko"
	mark = ""
	kind = text
	if (text ~ /^pending /)
		kind = substr(text, 9)
	sub(/ .*/, "", kind)
	if (kind == "")
		bad(block_at, "a block of no kind: a docs-test comment before it says what it is")
	else if (kind !~ /^(vm|output|host|c|steps|elsewhere|log|modprobe|figure)$/)
		bad(block_at, "a block of an unknown kind: " kind)
	printf "%s\t%s\t%s\t%s\n", id, kind, block_at, text >(dir "/index")
	for (i = 1; i <= nr; i++)
		print body[i] >(dir "/" id)
	close(dir "/" id)
}

function take_mark(text) {
	if (mark != "")
		bad(mark_at, "a docs-test comment without a block")
	sub(/^.*docs-test: */, "", text)
	sub(/ *-->$/, "", text)
	mark = text
	mark_at = FILENAME ":" FNR
}

# A line of a literal display, as it is shown.
function shown(line,	out) {
	if (line ~ /^\./)
		bad(FILENAME ":" FNR, "a macro in a block")
	for (; match(line, /\\./); line = substr(line, RSTART + 2)) {
		out = out substr(line, 1, RSTART - 1)
		if (substr(line, RSTART + 1, 1) == "e")
			out = out "\\"
		else if (substr(line, RSTART + 1, 1) == "-")
			out = out "-"
		else if (substr(line, RSTART + 1, 1) != "&")
			bad(FILENAME ":" FNR, "an escape in a block")
	}
	return out line
}

FNR == 1 {
	if (in_block)
		finish()
	if (mark != "")
		bad(mark_at, "a docs-test comment without a block")
	mark = what = ""
	fenced = 0
	is_md = FILENAME ~ /\.md$/
	is_abi = FILENAME ~ /\/ABI\//
	is_man = FILENAME ~ /\.[1-9]$/
	was_blank = 1
}

{
	line = expand($0)
	indent = indent_of(line)
	blank = line ~ /^ *$/
}

is_man && in_block {
	if (line ~ /^\.Ed/)
		finish()
	else
		body[++nr] = shown(line)
	next
}
is_man && line ~ /^\.\\" docs-test: /	{ take_mark(line); next }
is_man && line ~ /^\.Bd .*-(literal|unfilled)/	{ begin(""); next }
is_man					{ next }

in_block && fenced {
	if (line ~ /^```/) {
		fenced = 0
		finish()
	} else {
		body[++nr] = line
	}
	next
}

in_block && blank { if (nr) body[++nr] = ""; next }

# The first line says how far the block is indented.
in_block {
	if (block_indent < 0 && indent > text_indent)
		block_indent = indent
	if (block_indent >= 0 && indent >= block_indent) {
		if (!nr && line ~ /^ *:[a-z]+:/)
			next
		body[++nr] = substr(line, block_indent + 1)
		next
	}
	finish()
	was_blank = 1
}

is_md && line ~ /^<!-- docs-test: .*-->$/ { take_mark(line); was_blank = 1; next }
is_md && line ~ /^```/			{ begin(substr(line, 4)); fenced = 1; next }
is_md && !blank && indent >= 4 && was_blank {
	begin("")
	block_indent = 4
	body[++nr] = substr(line, 5)
	next
}
is_md					{ was_blank = blank; next }

is_abi && /^What:/ {
	what = $2
	gsub(/<heap>/, "consumer", what)
}
line ~ /^ *\.\. docs-test: /		{ take_mark(line); next }
line ~ /^ *\.\. code-block::/		{ begin($3); text_indent = indent; next }
line ~ /^ *\.\. /			{ next }
line ~ /::$/				{ begin(""); text_indent = indent }

END {
	if (in_block)
		finish()
	if (mark != "")
		bad(mark_at, "a docs-test comment without a block")
	exit failed
}
