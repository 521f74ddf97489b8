# SPDX-License-Identifier: GPL-2.0
# Every line that the module can say in the log, as a regular expression a line, from the sources.

{ text = text $0 "\n" }

END {
	while (match(text, /pr_(err|warn|info|notice)\(/)) {
		text = substr(text, RSTART + RLENGTH)
		format = ""
		# Literals that stand side by side are one.
		while (match(text, /^[ \t\n]*"([^"\\]|\\.)*"/)) {
			literal = substr(text, RSTART, RLENGTH)
			text = substr(text, RSTART + RLENGTH)
			sub(/^[ \t\n]*"/, "", literal)
			sub(/"$/, "", literal)
			format = format literal
		}
		if (format != "")
			print expression(format)
	}
}

function expression(format) {
	sub(/\\n$/, "", format)
	gsub(/\\"/, "\"", format)
	gsub(/[][()*+?.{}|^$]/, "\\\\&", format)
	gsub(/%\\\*ph/, "[0-9a-f ]+", format)
	gsub(/%(ll|l|z)?[ud]/, "[0-9]+", format)
	gsub(/%pS/, "[^ ]+( [[][^ ]+[]])?", format)
	gsub(/%pe/, "[^ ]+", format)
	gsub(/%p/, "[0-9a-f]+", format)
	gsub(/%s/, ".+", format)
	return "^heapranges: " format "$"
}
