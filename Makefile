# SPDX-License-Identifier: GPL-2.0
# What one types to build, try, test and install heapranges; `make help` lists it. How the module itself
# is built stands in Kbuild, which kbuild prefers to this file.

PACKAGE_VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"$$/\1/p' dkms.conf)

KERNELRELEASE ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KERNELRELEASE)/build
# Where the module is built: here, or in a copy elsewhere, for builds that must not share objects.
BUILD ?= .
KO := $(BUILD)/heapranges.ko
DEBUGFS := /sys/kernel/debug

# A kernel built by clang has options that gcc does not know.
ifneq ($(shell grep -s '^CONFIG_CC_IS_CLANG=y' $(KDIR)/include/config/auto.conf),)
LLVM ?= 1
endif

DKMS ?= dkms
SOURCETREE ?= /usr/src
PREFIX ?= /usr/local
MANDIR := $(DESTDIR)$(PREFIX)/share/man
DKMS_NAME := heapranges/$(PACKAGE_VERSION)
DKMS_SOURCE := $(SOURCETREE)/heapranges-$(PACKAGE_VERSION)

# What a build of the module needs, and nothing else.
SOURCES := Kbuild dkms.conf COPYING tools/dkms-keep $(wildcard module/*.[ch])

# Of the module; the viewers install their own.
MAN_PAGE := man4/heapranges.4

# A copy is renewed where it differs: a file that was put back has an old date.
modules: $(KDIR)/Makefile
ifneq ($(BUILD),.)
	@mkdir -p $(BUILD)
	@for file in $(SOURCES); do \
		cmp -s $$file $(BUILD)/$$file || cp --parents $$file $(BUILD) || exit 1; \
	done
endif
	$(MAKE) -C $(KDIR) M=$(abspath $(BUILD)) $(if $(LLVM),LLVM=$(LLVM)) modules
	@echo "$(KO)"

define NO_HEADERS
There are no headers of kernel $(KERNELRELEASE) in $(KDIR). They come with
  Debian, Ubuntu	apt install linux-headers-$(KERNELRELEASE)
  Fedora, RHEL		dnf install kernel-devel-$(KERNELRELEASE)
  openSUSE		zypper install kernel-default-devel
  Arch			pacman -S linux-headers	(linux-lts-headers, ... as the kernel's package)
  Alpine		apk add linux-lts-dev	(linux-virt-dev, ... as the kernel's package)
For another kernel: make KERNELRELEASE=<release>, or KDIR=<its build folder>.
endef
export NO_HEADERS

$(KDIR)/Makefile:
	@echo "$$NO_HEADERS" >&2; exit 1

root = @[ "$$(id -u)" -eq 0 ] || { echo "make $@ needs root: sudo make $@" >&2; exit 1; }

# Does not build, so that a build never leaves files of root's behind.
load:
	$(root)
	@[ -e $(KO) ] || { echo "There is no $(KO) yet: make" >&2; exit 1; }
	insmod $(KO)

show:
	$(root)
	@[ -e $(DEBUGFS)/heapranges ] || { echo "There is no $(DEBUGFS)/heapranges: make load," \
		"or mount -t debugfs none $(DEBUGFS)" >&2; exit 1; }
	@cat $(DEBUGFS)/heapranges

unload:
	$(root)
	rmmod heapranges

define DKMS_NEEDED
	@[ -w $(SOURCETREE) ] || { echo "make $@ needs root: sudo make $@" >&2; exit 1; }
	@command -v $(firstword $(DKMS)) >/dev/null || { echo "make $@ needs DKMS, of the package dkms" >&2; exit 1; }
endef

# The same version again, from changed sources: DKMS would keep the module it has.
install: $(KDIR)/Makefile
	$(DKMS_NEEDED)
	@$(DKMS) status $(DKMS_NAME) -k $(KERNELRELEASE) | grep -q . && \
		$(DKMS) remove $(DKMS_NAME) -k $(KERNELRELEASE) || :
	rm -rf $(DKMS_SOURCE)
	mkdir -p $(DKMS_SOURCE)
	cp --parents $(filter-out kunit/%,$(SOURCES)) $(DKMS_SOURCE)
	@$(DKMS) status $(DKMS_NAME) | grep -q . || $(DKMS) add $(DKMS_NAME)
	$(DKMS) build $(DKMS_NAME) -k $(KERNELRELEASE)
	$(DKMS) install $(DKMS_NAME) -k $(KERNELRELEASE)
	install -D -m 644 docs/man/$(notdir $(MAN_PAGE)) $(MANDIR)/$(MAN_PAGE)

# All versions: an upgrade leaves the one before it registered with DKMS.
uninstall:
	$(DKMS_NEEDED)
	@for src in $(SOURCETREE)/heapranges-*; do \
		[ -e "$$src/dkms.conf" ] || continue; \
		version=$${src##*/heapranges-}; \
		if $(DKMS) status heapranges/$$version | grep -q .; then \
			$(DKMS) remove heapranges/$$version --all || exit 1; fi; \
		rm -rf "$$src"; \
	done
	rm -f $(MANDIR)/$(MAN_PAGE)

# The viewers: programs, for which no kernel is needed.
tools:
	$(MAKE) -C tools/viewer OUT=$(abspath build)

install-tools:
	$(MAKE) -C tools/viewer OUT=$(abspath build) install

# Not our MAKEFLAGS: what is built in there has other variables.
demo exact tracing sweep memory bench check check-matrix style dkms-test viewer-test docs docs-test:
	@env -u MAKEFLAGS KERNEL='$(KERNEL)' DEBUG='$(DEBUG)' BITS='$(BITS)' LONG='$(LONG)' STRESS='$(STRESS)' SUITE='$(SUITE)' tools/$@

clean:
	rm -rf build
	@[ ! -e $(KDIR)/Makefile ] || $(MAKE) -C $(KDIR) M=$(CURDIR) clean

define HELP
make			builds the module for the running kernel: $(KO)
			needs a compiler and the kernel's headers
			KERNELRELEASE=<release> or KDIR=<build folder> picks another kernel
make load		insmod it					needs root
make show		prints /sys/kernel/debug/heapranges		needs root, debugfs
make unload		rmmod it					needs root
make install		builds and installs it through DKMS, for kernel upgrades too, and
			the man page, below PREFIX=/usr/local;
			KERNELRELEASE=<release> picks another kernel	needs root, dkms
make uninstall		removes it from all kernels, without a rest	needs root, dkms
make tools		builds the viewers build/hrtop and build/hrmap	needs ncurses' headers
make install-tools	installs them and their manual pages; PREFIX=/usr/local, DESTDIR
make demo		a stock kernel in QEMU: insmod, use, read, rmmod; KERNEL=6.1 or 6.12
make exact		counts instructions in such a machine, against limits
make memory		fills such a machine, has it run short, loads and unloads 1000 times
make sweep		interrupts the module behind each of its instructions, in such a machine
make bench		measures it beside the kernel's own allocators: there, and in ns under user-mode
			Linux; tables, TSV, SVG in build/bench
			BENCH_ROUNDS=<n>: medians of n; BENCH_SCALES=<exact or native>: one of the two
make tracing		tracepoints and owners in such a machine: what docs/tracing.rst shows
make check		the KUnit tests under user-mode Linux; KERNEL=<series or source tree>
			DEBUG=1: with KASAN, UBSAN, lockdep, kmemleak and others, which must also
			find planted mistakes; BITS=32: on a 32-bit kernel; LONG=1: with
			200,000 random steps more				(all: 6.12)
			STRESS=<seconds>: how long two CPUs are at it, where there are two (60)
			SUITE=<glob>: only the suites with such names
make check-matrix	the same on all these kernels, with each of these, one after the other
make style		checkpatch, sparse, W=1, shellcheck
make viewer-test	the viewers: saved and live input, a terminal, mistakes in the input
make dkms-test		the DKMS round trip, in folders of its own	needs root
make docs		the documents as HTML, and man pages: build/docs; any warning fails
make docs-test		runs every example of the documents		needs root
make clean		removes build/ and what a build left here

Those from make demo on are for Debian 12, but for make clean: as root they install what they lack, else they name it.
endef
export HELP

help:
	@echo "$$HELP"

.PHONY: modules load show unload install uninstall demo exact tracing sweep memory bench check check-matrix style tools install-tools viewer-test dkms-test docs docs-test clean help
