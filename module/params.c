// SPDX-License-Identifier: GPL-2.0
/*
 * The module's parameters: what they are, and what makes no sense. Read-only
 * once the module is loaded, so nothing here needs a lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/numa.h>

#include "geometry.h"
#include "params.h"

/*
 * The largest arena that growth makes unasked, of so many small ones, or such a part of
 * the machine's memory: so a heap that fills the machine has tens of ranges.
 */
#define HR_PARAMS_GROW_MAX_ARENAS	16
#define HR_PARAMS_GROW_MAX_SHARE	32

static unsigned long arena_kib = 4096;
module_param(arena_kib, ulong, 0444);
MODULE_PARM_DESC(arena_kib, "Size of a heap's arenas while it is small, KiB, rounded up to whole chunks [4096]");

static unsigned long grow_max_kib;
module_param(grow_max_kib, ulong, 0444);
MODULE_PARM_DESC(grow_max_kib, "Largest arena that growth makes unasked, KiB; 0: 16 times arena_kib, or 1/32 of the memory [0]");

static unsigned long max_mib;
module_param(max_mib, ulong, 0444);
MODULE_PARM_DESC(max_mib, "Cap on the default heap, MiB; 0: none [0]");

static unsigned long min_mib = 4;
module_param(min_mib, ulong, 0444);
MODULE_PARM_DESC(min_mib, "What the default heap owns from the start, MiB [4]");

static unsigned long reserve_kib;
module_param(reserve_kib, ulong, 0444);
MODULE_PARM_DESC(reserve_kib, "Free memory of the default heap that only callers which may not block can take, KiB [0]");

static bool track_owners;
module_param(track_owners, bool, 0444);
MODULE_PARM_DESC(track_owners, "Remember the call stack that took each run: 4 bytes more a page, or 8 for the caller where the kernel keeps no stacks [0]");

static bool poison;
module_param(poison, bool, 0444);
MODULE_PARM_DESC(poison, "Fill what is freed with a pattern, and look for writes after free; slow [0]");

/* Compared in the parameter's unit: in pages it may not be a number. */
static int hr_params_check_size(const char *name, unsigned long size,
				unsigned long machine_size)
{
	if (size <= machine_size)
		return 0;
	pr_err("%s=%lu is more than the machine's memory, %lu\n", name, size,
	       machine_size);
	return -EINVAL;
}

static int hr_params_check_limits(void)
{
	if (max_mib && min_mib > max_mib) {
		pr_err("min_mib=%lu is more than max_mib=%lu\n", min_mib, max_mib);
		return -EINVAL;
	}
	if (max_mib && hr_kib_to_pages(arena_kib) > hr_mib_to_pages(max_mib)) {
		pr_err("arena_kib=%lu is more than max_mib=%lu\n", arena_kib, max_mib);
		return -EINVAL;
	}
	if (max_mib && hr_kib_to_pages(reserve_kib) > hr_mib_to_pages(max_mib)) {
		pr_err("reserve_kib=%lu is more than max_mib=%lu\n", reserve_kib, max_mib);
		return -EINVAL;
	}
	if (!arena_kib) {
		pr_err("arena_kib=0: an arena holds something\n");
		return -EINVAL;
	}
	if (grow_max_kib && grow_max_kib < arena_kib) {
		pr_err("grow_max_kib=%lu is less than arena_kib=%lu\n",
		       grow_max_kib, arena_kib);
		return -EINVAL;
	}
	return 0;
}

int hr_params_check(void)
{
	unsigned long machine_mib = totalram_pages() >> (20 - PAGE_SHIFT);
	unsigned long machine_kib = totalram_pages() * (PAGE_SIZE / SZ_1K);

	return hr_params_check_size("arena_kib", arena_kib, machine_kib) ?:
	       hr_params_check_size("grow_max_kib", grow_max_kib, machine_kib) ?:
	       hr_params_check_size("reserve_kib", reserve_kib, machine_kib) ?:
	       hr_params_check_size("max_mib", max_mib, machine_mib) ?:
	       hr_params_check_size("min_mib", min_mib, machine_mib) ?:
	       hr_params_check_limits();
}

bool hr_params_track_owners(void)
{
	return track_owners;
}

bool hr_params_poison(void)
{
	return poison;
}

unsigned long hr_params_arena_pages(void)
{
	return hr_kib_to_pages(arena_kib);
}

unsigned long hr_params_grow_max_pages(void)
{
	if (!grow_max_kib)
		return max(HR_PARAMS_GROW_MAX_ARENAS * hr_params_arena_pages(),
			   totalram_pages() / HR_PARAMS_GROW_MAX_SHARE);
	return hr_kib_to_pages(grow_max_kib);
}

void hr_params_of_default_heap(struct heapranges_params *params)
{
	*params = (struct heapranges_params){
		.name = "default",
		.min_pages = hr_mib_to_pages(min_mib),
		.reserve_pages = hr_kib_to_pages(reserve_kib),
		.max_pages = hr_mib_to_pages(max_mib),
		.node = NUMA_NO_NODE,
	};
}
