# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Debian's own kernels, and DKMS beside the machine's own: for the tests that want what users run.
# Sourced, after lib.sh.
#
#   stock_headers 6.1|6.12		installs the headers, prints the kernel's release
#   stock_image RELEASE			fetches the kernel, prints a folder with boot/ and lib/modules/
#   stock_scripts		fetches what 6.12's source has beside Documentation/, prints its folder
#   stock_make RELEASE ARGUMENT...	our Makefile for that kernel
#   stock_module RELEASE NAME OUT HEAPRANGES	builds the module in tools/NAME in OUT against HEAPRANGES
#   dkms_init DIR RELEASE		folders below DIR that stand for /var/lib/dkms, /usr/src, /usr/local, /lib/modules
#   dkms_run DIR ARGUMENT...		dkms in them
#   dkms_make DIR RELEASE TARGET...	our Makefile, with that dkms

# A user's PATH has no depmod and no modinfo.
export PATH="$PATH:/usr/sbin:/sbin"

hr_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

stock_headers() {
	local meta
	case $1 in
	6.1)	meta=linux-headers-amd64 ;;	# the release's own kernel
	6.12)	meta=linux-headers-6.12-amd64 ;;
	*)	die "$1 is no stock kernel of Debian 12: 6.1 or 6.12" ;;
	esac
	need_packages make "$meta"
	dpkg-query -W -f '${Depends}' "$meta" | sed 's/^linux-headers-//; s/[ ,].*//' | grep "^${1//./\\.}\." ||
		die "$meta is not $1: the stock kernels are those of Debian 12"
}

# Only what a boot and depmod ask for; kernel/lib stands for all the modules. Keyed by the package's
# version too: a release can be rebuilt.
stock_image() {
	local release=$1 version dir tmp deb
	version=$(dpkg-query -W -f '${Version}' "linux-headers-$release")
	# shellcheck disable=SC2154 # hr_cache is lib.sh's
	dir=$hr_cache/stock/$release/$version
	if [ ! -d "$dir" ]; then
		say "fetching linux-image-$release"
		mkdir -p "${dir%/*}"
		tmp=$(mktemp -d "$dir.tmp.XXXXXX")
		deb=$(fetch_deb "linux-image-$release" "$tmp") ||
			{ rm -rf "$tmp"; die "cannot fetch linux-image-$release"; }
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$tmp" --wildcards ./boot \
			'./lib/modules/*/modules.*' './lib/modules/*/kernel/lib'
		rm -f "$deb"
		mv -T "$tmp" "$dir"
	fi
	echo "$dir"
}

# From the kernel's source package: those of its scripts that no other package has.
stock_scripts() {
	local dir=$hr_cache/scripts-6.12 tmp deb
	need_packages perl xz-utils
	if [ ! -d "$dir" ]; then
		mkdir -p "$hr_cache"
		tmp=$(mktemp -d "$dir.tmp.XXXXXX")
		deb=$(fetch_deb linux-source-6.12 "$tmp") || { rm -rf "$tmp"; die "cannot fetch linux-source-6.12"; }
		dpkg-deb --fsys-tarfile "$deb" | tar -xO ./usr/src/linux-source-6.12.tar.xz |
			tar -xJ -C "$tmp" --strip-components=2 --wildcards '*/scripts/checkpatch.pl' \
				'*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch' '*/scripts/get_abi.pl'
		rm -f "$deb"
		mv -T "$tmp" "$dir" 2>/dev/null || rm -rf "$tmp"	# somebody else was quicker
	fi
	echo "$dir"
}

stock_make() {
	local release=$1
	shift
	make -C "$hr_top" --no-print-directory KDIR="/lib/modules/$release/build" "$@"
}

stock_module() {
	local release=$1 name=$2 out=$3 heapranges=$4
	rm -rf "$out"
	mkdir -p "$out"
	cp "$hr_top/tools/$name"/{Kbuild,*.[ch]} "$out"
	make -C "/lib/modules/$release/build" M="$out" HEAPRANGES="$heapranges" modules
}

dkms_init() {
	local dir=$1 release=$2 image
	[ "$(id -u)" -eq 0 ] || die "DKMS installs for root only, wherever to"
	image=$(stock_image "$release")
	mkdir -p "$dir/dkms" "$dir/src" "$dir/lib" "$dir/usr"
	cp -a "$image/lib/modules" "$dir/lib/"
	depmod -b "$dir" "$release"
}

# --no-depmod, since DKMS 3.0 runs it on the machine's own modules whatever the folders.
dkms_command() {
	echo "dkms --dkmstree $1/dkms --sourcetree $1/src --installtree $1/lib/modules --no-depmod"
}

# The signing key belongs to the folders as well.
dkms_run() {
	local dir=$1
	shift
	# shellcheck disable=SC2046 # words
	mok_signing_key="$dir/mok.key" mok_certificate="$dir/mok.pub" $(dkms_command "$dir") "$@"
}

dkms_make() {
	local dir=$1 release=$2
	shift 2
	mok_signing_key="$dir/mok.key" mok_certificate="$dir/mok.pub" \
		stock_make "$release" KERNELRELEASE="$release" SOURCETREE="$dir/src" PREFIX="$dir/usr" \
		DKMS="$(dkms_command "$dir")" "$@" &&
		depmod -b "$dir" "$release"
}
