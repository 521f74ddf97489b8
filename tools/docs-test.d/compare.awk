# SPDX-License-Identifier: GPL-2.0
# Compares what a document says a block prints (first file) with what it has printed (second file), line
# by line, in form: any number stands for a number, an address for an address, a bar of map cells for
# such a bar. A line "..." stands for any lines. Says what differs, and exits non-zero then.

function form(line,	out, word) {
	# Colours, of who writes to a terminal.
	gsub(/\033\[[0-9;]*m/, "", line)
	sub(/^\[ *[0-9]+\.[0-9]+\] /, "", line)
	# In a trace: interrupts off, somebody else to run, and the like.
	sub(/\[[0-9]+\] +[^ ][^ ][^ ][^ ][^ ] /, "[] ", line)
	gsub(/\|[.o#1-9]+\|/, "|cells|", line)
	# What %p says until the kernel has gathered randomness.
	gsub(/\(____ptrval____\)|0x[0-9a-f]+/, "ADDRESS", line)
	while (match(line, /[0-9a-f][0-9a-f]+/)) {
		word = substr(line, RSTART, RLENGTH)
		if (length(word) == 16 || length(word) >= 8 && word ~ /[0-9]/ && word ~ /[a-f]/)
			word = "ADDRESS"
		out = out substr(line, 1, RSTART - 1) word
		line = substr(line, RSTART + RLENGTH)
	}
	line = out line
	gsub(/[0-9]+(\.[0-9]+)?/, "NUMBER", line)
	gsub(/[ \t]+/, " ", line)
	sub(/ $/, "", line)
	return line
}

# Do lines i and on that are wanted of a command stand for lines j and on that were got?
function fits(i, j) {
	for (; i <= nr_want; i++) {
		if (want[i] == "...") {
			for (; j <= nr_got + 1; j++) {
				if (fits(i + 1, j))
					return 1
			}
			return 0
		}
		if (j > nr_got || form(want[i]) != form(got[j])) {
			if (i > far) {
				far = i
				far_got = j > nr_got ? "nothing more" : got[j]
			}
			return 0
		}
		j++
	}
	if (j <= nr_got && nr_want >= far) {
		far = nr_want + 1
		far_got = got[j]
	}
	return j > nr_got
}

function compare(k,	i) {
	nr_want = nr_got = far = 0
	for (i = 1; i <= nr_wants[k]; i++)
		want[++nr_want] = wants[k, i]
	for (i = 1; i <= nr_gots[k]; i++)
		got[++nr_got] = gots[k, i]
	while (nr_got && got[nr_got] ~ /^[ \t]*$/)
		nr_got--
	while (nr_want && want[nr_want] ~ /^[ \t]*$/)
		nr_want--
	if (k in failed_with) {
		print command[k] ": exit status " failed_with[k] (nr_got ? ", after: " got[nr_got] : "")
		return 1
	}
	if (fits(1, 1))
		return 0
	print command[k] ": said \"" (far > nr_want ? "nothing more" : want[far]) "\", printed \"" far_got "\""
	return 1
}

FNR == 1 { second = NR != FNR }
!second && /^@cmd/	{ k++; command[k] = substr($0, 6); next }
!second			{ if (k in command) wants[k, ++nr_wants[k]] = $0; next }
/^@cmd/			{ n++; next }
/^@fail /		{ failed_with[n] = $2; next }
			{ gots[n, ++nr_gots[n]] = $0 }
END {
	if (n != k) {
		print "ran " n + 0 " of " k + 0 " commands"
		exit 1
	}
	for (i = 1; i <= k; i++)
		bad = compare(i) || bad
	exit bad
}
