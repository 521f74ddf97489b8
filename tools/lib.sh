# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the scripts in tools/ share: messages, the cache folder, packages. Sourced, never run.
#
#   say TEXT...			a line on stderr (stdout is for results)
#   die TEXT...			the same, then exit 1
#   need_packages PKG...	installs what is missing (root), or names it and exits
#   suite_apt SUITE TOOL ...	apt-get or apt-cache as if the machine had only that suite
#   suite_version SUITE PKG	its newest version there; empty: there is none
#   fetch_deb PKG DIR [SUITE]	downloads into DIR, prints the path; installs nothing
#   unpack_deb DEB DIR		extracts, as any user
#   um_make CONFIG ARG...	make for user-mode Linux with that configuration
#   release			the machine's own, such as bookworm
#
# SUITE "this" is the machine's own release with its updates and security suites; a suite may be of
# another architecture, as in bookworm:i386.

# Under env -i bash has a PATH of its own but does not export it, and dpkg refuses to run without.
export PATH="${PATH:-/usr/sbin:/usr/bin:/sbin:/bin}" LC_ALL=C.UTF-8

# Nor does it set HOME, which checkpatch asks for.
export HOME="${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}"
# shellcheck disable=SC2034 # for those who source this
hr_cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/heapranges

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

# quietly COMMAND...: shows what it printed only if it fails.
quietly() {
	local log rc=0
	log=$(mktemp)
	"$@" >"$log" 2>&1 </dev/null || rc=$?
	[ $rc -eq 0 ] || { say "failed ($rc): $*"; tail -n 30 "$log" >&2; }
	rm -f "$log"
	return $rc
}

missing_packages() {
	local there
	there=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null | sed -n 's/ installed$//p') || true
	grep -vxF -f <(printf '%s\n' "$there") < <(printf '%s\n' "$@") | tr '\n' ' ' || true
}

# The 32-bit one has another compiler, since gcc-multilib keeps all cross compilers off the machine.
um_make() {
	local flags=(ARCH=um)
	! grep -q '^CONFIG_X86_32=y' "$1" || flags+=(SUBARCH=i386 CROSS_COMPILE=i686-linux-gnu-)
	shift
	make "${flags[@]}" "$@"
}

release() { sed -n 's/^VERSION_CODENAME=//p' /etc/os-release; }

hr_updated=
need_packages() {
	local missing
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	[ "$(id -u)" -eq 0 ] || die "not installed: ${missing% } (apt-get install them as root)"
	say "installing: ${missing% }"
	# Somebody else may be at it. An update that fails for a third party's list does no harm; what matters is the install.
	[ -n "$hr_updated" ] || apt-get -qq -o DPkg::Lock::Timeout=300 update >/dev/null 2>&1 || true
	hr_updated=1
	# shellcheck disable=SC2086 # a list of names
	quietly env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
		install --no-install-recommends $missing ||
		die "cannot install: ${missing% }"
}

# The addresses come from apt's own configuration, so a local mirror stays in use.
suite_sources() {
	local suite=${1%:*} codename keys=/usr/share/keyrings/debian-archive-keyring.gpg
	codename=$(release)
	[ -e $keys ] && keys="[signed-by=$keys]" || keys=
	# shellcheck disable=SC2016 # apt's variables, not the shell's
	apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' 'Component: main' |
		awk -v suite="$suite" -v codename="$codename" -v keys="$keys" '
			function line(release) { print "deb", keys, $2, release, "main" }
			suite == "this" && index($1, codename) == 1 { line($1) }
			suite != "this" && $1 == codename && !done++ { line(suite) }'
}

# Own lists and cache: the machine's stay as they are. APT::Sandbox::User, because the download
# user of apt cannot write below a root-only cache folder.
suite_apt() {
	local suite=$1 tool=$2 dir=$hr_cache/apt/${1/:/-} arch=()
	[[ $suite != *:* ]] || arch=(-o APT::Architecture="${suite#*:}" -o APT::Architectures="${suite#*:}")
	shift 2
	"$tool" -qq "${arch[@]}" -o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::State="$dir/state" -o Dir::State::lists="$dir/state/lists" -o Dir::State::status=/dev/null \
		-o Dir::Cache="$dir/cache" -o APT::Sandbox::User= "$@"
}

# Once a day; with old lists and no network the old lists will do.
suite_update() {
	mkdir -p "$hr_cache/apt/${1/:/-}"
	(flock 9 && suite_update_locked "$1" 9>&-) 9>"$hr_cache/apt/${1/:/-}/lock"
}

suite_update_locked() {
	local suite=$1 dir=$hr_cache/apt/${1/:/-}
	[ -z "$(find "$dir/updated" -mmin -1440 2>/dev/null)" ] || return 0
	mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial"
	suite_sources "$suite" >"$dir/sources.list"
	[ -s "$dir/sources.list" ] || { say "apt's configuration names no mirror of this release"; return 1; }
	if suite_apt "$suite" apt-get -o APT::Update::Error-Mode=any update >"$dir/log" 2>&1; then
		touch "$dir/updated"
	elif [ ! -e "$dir/updated" ]; then
		say "suite $suite cannot be had: $(head -n 1 "$dir/log")"
		return 1
	fi
}

suite_version() {
	suite_update "$1" || return 0
	suite_apt "$1" apt-cache policy "$2" | awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'
}

fetch_deb() {
	local pkg=$1 dir=$2 suite=${3:-this} new file
	suite_update "$suite" || return 1
	mkdir -p "$dir"
	# Into a folder of its own first: the only file there is the one asked for.
	new=$(mktemp -d -p "$dir")
	(cd "$new" && quietly suite_apt "$suite" apt-get download "$pkg") || { rm -rf "$new"; return 1; }
	for file in "$new"/*.deb; do mv -f "$file" "$dir/"; done
	rmdir "$new"
	echo "$dir/${file##*/}"
}

unpack_deb() { mkdir -p "$2" && dpkg-deb -x "$1" "$2"; }
