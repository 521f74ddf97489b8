# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the documents name is what the sources have: files, targets, functions, parameters, versions, what the
# module says. Sourced, by tools/docs-test; run in the top folder, with the documents in `files`.
# shellcheck disable=SC2154 # files, work, blocks, hr_top: docs-test's

# Words of the documents that match, each once, with the first place.
words_of_docs() { grep -nHoE "$1" "${files[@]}" | awk -F: '!seen[$3]++' || true; }

no_such() {
	if [ -z "$2" ]; then ok "names: $1"; else not_ok "names: $1: $(head -n 10 <<<"$2")"; fi
}

names_of_files() {
	words_of_docs '(^|[^A-Za-z0-9_/.])(docs|module|kunit|tools)/[A-Za-z0-9_./-]*[A-Za-z0-9_-]' | while IFS=: read -r file line path; do
		path=${path#[!dmkt]}
		[ -e "$path" ] || echo "$file:$line: no file $path"
	done
	words_of_docs '\]\([^)]*\)' | while IFS=: read -r file line link; do
		link=${link#](}
		[ -e "${file%/*}/${link%)}" ] || [ -e "${link%)}" ] || echo "$file:$line: no file ${link%)}"
	done
}

names_of_targets() {
	words_of_docs '`(sudo )?make [a-z_-]+' | while IFS=: read -r file line target; do
		grep -qE "^\.PHONY:.* ${target##* }( |\$)" Makefile || echo "$file:$line: no target ${target##* }"
	done
}

names_of_functions() {
	words_of_docs '\b(heapranges_[a-z_]+\(|HEAPRANGES_[A-Z_]+)' | while IFS=: read -r file line name; do
		grep -qE "\b${name%(}\b" module/heapranges.h || echo "$file:$line: no ${name%(} in module/heapranges.h"
	done
}

# "name default", as modinfo tells both.
parameters() {
	sed -n 's/^MODULE_PARM_DESC(\([a-z_]*\),.*\[\([^]]*\)\]");/\1 \2/p' module/params.c | sort
}

parameters_of_tuning() { sed -n 's/^\([a-z_]*_[a-z]*\|poison\)  *\([0-9][0-9]*\)  *[a-z].*/\1 \2/p' docs/tuning.rst | sort; }
parameters_of_man() { sed -n 's/^\.It Va \([a-z_]*\) Pq default \([0-9]*\).*/\1 \2/p' docs/man/heapranges.4 | sort; }

# The ABI form has the default in words, at the end.
parameters_of_abi() {
	awk -F/ '/^What:/ { name = $NF } /^\t\tDefault: / { sub(/.*Default: */, ""); sub(/\..*/, ""); print name, $0 }' \
		docs/ABI/testing/sysfs-module-heapranges | sort
}

names_of_parameters() {
	local from
	[ -n "$(parameters)" ] || echo "no parameter found in module/params.c"
	for from in parameters_of_tuning parameters_of_man parameters_of_abi; do
		diff <(parameters) <("$from") | sed -n "s/^[<>]/$from: &/p"
	done
}

# What a caller is told that he got wrong.
reasons() {
	grep -v '^#include' -h module/api.c module/api_heaps.c module/api.h | grep -oE '"[^"]*"' | tr -d '"' | grep ' ' |
		sort -u
}

names_of_reasons() {
	local reason
	reasons | while read -r reason; do
		grep -qF "\`\`$reason\`\`" docs/troubleshooting.rst || echo "docs/troubleshooting.rst does not tell of \"$reason\""
	done
	# shellcheck disable=SC2016 # no command
	sed -n 's/^``\([^`]*\)``   *[a-z_0-9A-Z].*/\1/p' docs/troubleshooting.rst | while read -r reason; do
		reasons | grep -qxF "$reason" || echo "docs/troubleshooting.rst: no reason \"$reason\" in module/api*"
	done
}

names_of_lines() {
	local format number kind rest
	while IFS= read -r format; do
		while IFS=$'\t' read -r number kind rest; do
			[ "$kind" != log ] || cat "$blocks/$number"
		done <"$blocks/index" | FORMAT=$format awk '$0 ~ ENVIRON["FORMAT"] { found = 1 } END { exit !found }' ||
			echo "docs/troubleshooting.rst does not tell of $format"
	done <"$work/formats"
}

names_of_versions() {
	local version api
	version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' dkms.conf)
	[ "$(sed -n 's/^heapranges \([0-9.]*\).*/\1/p' docs/NEWS.rst | head -n 1)" = "$version" ] ||
		echo "docs/NEWS.rst does not begin with version $version"
	api=$(sed -n 's/^#define HEAPRANGES_API[^0-9]*//p' module/heapranges.h)
	grep -qF "\`\`HEAPRANGES_API\`\` $api" docs/NEWS.rst || echo "docs/NEWS.rst does not tell of HEAPRANGES_API $api"
}

# The ABI files tell of each file that the module makes, and of no other. In $1: those that there are.
whats() { sed -n 's/^What:[[:space:]]*//p' docs/ABI/testing/*; }

pending_paths() {
	sed -n 's/.*\tpending output cat \([^ ]*\).*/\1/p' "$blocks/index" | sed 's|_heaps/[^/]*/|_heaps/consumer/|'
}

names_of_abi() {
	local found=$1
	diff <(whats | sed 's/<heap>/consumer/' | grep -vxF -f <(pending_paths) | sort -u) \
		<(sort -u "$found") | sed -n 's/^< /does not exist: /p; s/^> /not in docs\/ABI: /p'
}

names_verdict() {
	local what
	for what in files targets functions parameters reasons lines versions; do
		no_such "$what" "$("names_of_$what")"
	done
}
