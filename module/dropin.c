// SPDX-License-Identifier: GPL-2.0
/*
 * The default heap behind the names that vmalloc's callers know: sizes in bytes, a
 * heap that nobody has to make, frees that return nothing. The contracts stand in
 * heapranges.h.
 */
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/instruction_pointer.h>
#include <linux/mm.h>

#include "api.h"
#include "geometry.h"

static void *hr_dropin_alloc(size_t bytes, gfp_t gfp, unsigned long caller)
{
	/* Not by rounding the bytes up, which may wrap. */
	unsigned long nr_pages = hr_bytes_to_pages(bytes) + !PAGE_ALIGNED(bytes);

	return hr_api_alloc(heapranges_default(), nr_pages, gfp, caller);
}

void *heapranges_vmalloc(size_t bytes)
{
	return hr_dropin_alloc(bytes, GFP_KERNEL, _RET_IP_);
}
EXPORT_SYMBOL_GPL(heapranges_vmalloc);

void *heapranges_vzalloc(size_t bytes)
{
	return hr_dropin_alloc(bytes, GFP_KERNEL | __GFP_ZERO, _RET_IP_);
}
EXPORT_SYMBOL_GPL(heapranges_vzalloc);

void heapranges_vfree(const void *addr)
{
	hr_api_give(heapranges_default(), addr, 0, _RET_IP_);
}
EXPORT_SYMBOL_GPL(heapranges_vfree);
