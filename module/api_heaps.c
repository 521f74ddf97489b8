// SPDX-License-Identifier: GPL-2.0
/*
 * The public interface to heaps as such: their lives, and what they own. What callers may
 * get wrong is found here, and said. The contracts stand in heapranges.h.
 */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/string.h>

#include "api.h"
#include "debugfs.h"
#include "heaps.h"
#include "idle.h"
#include "own.h"
#include "owners.h"
#include "params.h"
#include "tend.h"
#include "verify.h"

#define HR_API_FLAGS		(HEAPRANGES_FIXED | HEAPRANGES_ADDRESS_ONLY | \
				 HEAPRANGES_NO_CACHE)

static struct heapranges *hr_api_default;

static bool hr_api_name_is_sane(const char *name)
{
	const char *c;

	if (!name || !*name || !strcmp(name, ".") || !strcmp(name, "..") ||
	    strnlen(name, HR_HEAP_NAME_MAX + 1) > HR_HEAP_NAME_MAX)
		return false;
	for (c = name; *c; c++) {
		if (!isascii(*c) || !isgraph(*c) || *c == '/' || *c == '#')
			return false;
	}
	return true;
}

/* What is wrong with @params, in words; NULL: nothing. */
static const char *hr_api_params_mistake(const struct heapranges_params *params)
{
	bool fixed;

	if (!params)
		return "no parameters";
	if (!hr_api_name_is_sane(params->name))
		return "a bad name";
	if (params->flags & ~HR_API_FLAGS)
		return "unknown flags";
	if (params->max_pages && params->min_pages > params->max_pages)
		return "min_pages over max_pages";
	if (params->max_pages && params->reserve_pages > params->max_pages)
		return "reserve_pages over max_pages";
	if (params->node != NUMA_NO_NODE &&
	    (params->node < 0 || params->node >= MAX_NUMNODES ||
	     !node_online(params->node)))
		return "no such node";
	fixed = params->flags & (HEAPRANGES_FIXED | HEAPRANGES_ADDRESS_ONLY);
	if (fixed && (params->arena_pages || params->grow_max_pages ||
		      params->min_pages || params->reserve_pages))
		return "arenas for a heap that never has any";
	return NULL;
}

static struct heapranges *hr_api_create(const struct heapranges_params *params)
{
	struct heapranges_params filled = *params;
	struct heapranges *heap;

	if (filled.flags & HEAPRANGES_ADDRESS_ONLY)
		filled.flags |= HEAPRANGES_FIXED;
	if (hr_params_poison() && !(filled.flags & HEAPRANGES_ADDRESS_ONLY))
		filled.flags |= HR_HEAP_POISONS | HEAPRANGES_NO_CACHE;
	/* What is looked at more closely goes by no cache. */
	if (hr_params_track_owners())
		filled.flags |= HR_HEAP_TRACKS_OWNERS | HEAPRANGES_NO_CACHE;
	if (!filled.arena_pages)
		filled.arena_pages = hr_params_arena_pages();
	/* Sizes beyond the machine's memory are all alike, and stay far from wrapping. */
	filled.arena_pages = min(filled.arena_pages, totalram_pages());
	filled.arena_pages = ALIGN(filled.arena_pages, HR_CHUNK_PAGES);
	filled.grow_max_pages = max(filled.grow_max_pages ?: hr_params_grow_max_pages(),
				    filled.arena_pages);
	heap = hr_heaps_create(&filled);
	if (!IS_ERR(heap))
		hr_debugfs_add_heap(heap);
	return heap;
}

struct heapranges *heapranges_create(const struct heapranges_params *params)
{
	const char *mistake = hr_api_params_mistake(params);
	struct heapranges *heap;

	if (mistake) {
		hr_reports_mistake(NULL, "?", mistake, _RET_IP_);
		return ERR_PTR(-EINVAL);
	}
	heap = hr_api_create(params);
	if (!IS_ERR(heap))
		__module_get(THIS_MODULE);
	else if (PTR_ERR(heap) == -EEXIST)
		hr_reports_mistake(NULL, params->name, "the name is taken", _RET_IP_);
	return heap;
}
EXPORT_SYMBOL_GPL(heapranges_create);

/* The default heap is not the callers' to change. */
static bool hr_api_is_callers(struct heapranges *heap, unsigned long caller)
{
	if (heap != hr_api_default)
		return true;
	hr_reports_mistake(&heap->reports, heap->name, "the default heap", caller);
	return false;
}

int heapranges_destroy(struct heapranges *heap)
{
	struct heapranges_stats stats;

	if (IS_ERR_OR_NULL(heap))
		return 0;
	if (!hr_api_is_callers(heap, _RET_IP_))
		return -EPERM;
	if (!hr_heaps_is_idle(heap)) {
		heapranges_get_stats(heap, &stats);
		if (hr_reports_busy(&heap->reports, heap->name, &stats, _RET_IP_))
			hr_owners_report(heap);
		return -EBUSY;
	}
	hr_debugfs_remove_heap(heap);
	hr_heaps_abandon(heap);
	module_put(THIS_MODULE);
	return 0;
}
EXPORT_SYMBOL_GPL(heapranges_destroy);

struct heapranges *heapranges_default(void)
{
	return hr_api_default;
}
EXPORT_SYMBOL_GPL(heapranges_default);

const char *heapranges_name(const struct heapranges *heap)
{
	return IS_ERR_OR_NULL(heap) ? "" : heap->name;
}
EXPORT_SYMBOL_GPL(heapranges_name);

/* Says what a caller did to get @err, if it was a mistake. */
static int hr_api_region_result(struct heapranges *heap, int err,
				unsigned long caller)
{
	const char *why = err == -EINVAL ? "a bad span" :
			  err == -EEXIST ? "an overlap" :
			  err == -ENOENT ? "not a region of the heap" : NULL;

	if (why)
		hr_reports_mistake(&heap->reports, heap->name, why, caller);
	return err;
}

int heapranges_add(struct heapranges *heap, unsigned long base,
		   unsigned long nr_pages)
{
	if (!hr_api_is_heap(heap, _RET_IP_))
		return -EINVAL;
	if (!hr_api_is_callers(heap, _RET_IP_))
		return -EPERM;
	return hr_api_region_result(heap, hr_heaps_add_region(heap, base, nr_pages),
				    _RET_IP_);
}
EXPORT_SYMBOL_GPL(heapranges_add);

int heapranges_remove(struct heapranges *heap, unsigned long base,
		      unsigned long nr_pages)
{
	if (!hr_api_is_heap(heap, _RET_IP_))
		return -EINVAL;
	if (!hr_api_is_callers(heap, _RET_IP_))
		return -EPERM;
	return hr_api_region_result(heap, hr_own_remove_region(heap, base, nr_pages),
				    _RET_IP_);
}
EXPORT_SYMBOL_GPL(heapranges_remove);

bool heapranges_contains(struct heapranges *heap, unsigned long addr,
			 unsigned long nr_pages)
{
	return !IS_ERR_OR_NULL(heap) &&
	       hr_ranges_contains(&heap->ranges, addr, nr_pages);
}
EXPORT_SYMBOL_GPL(heapranges_contains);

int heapranges_walk(struct heapranges *heap,
		    int (*fn)(const struct heapranges_range *range, void *data),
		    void *data)
{
	if (IS_ERR_OR_NULL(heap))
		return 0;
	return hr_ranges_walk(&heap->ranges, fn, data);
}
EXPORT_SYMBOL_GPL(heapranges_walk);

unsigned long heapranges_trim(struct heapranges *heap)
{
	if (!hr_api_is_heap(heap, _RET_IP_))
		return 0;
	return hr_idle_trim(heap, hr_api_may_wait(GFP_KERNEL));
}
EXPORT_SYMBOL_GPL(heapranges_trim);

int heapranges_verify(struct heapranges *heap, char *first, size_t size)
{
	if (!hr_api_is_heap(heap, _RET_IP_))
		return -EFAULT;
	return hr_verify_heap(heap, first, size);
}
EXPORT_SYMBOL_GPL(heapranges_verify);

int hr_api_init(void)
{
	struct heapranges_params params;
	struct heapranges *heap;

	hr_params_of_default_heap(&params);
	heap = hr_api_create(&params);
	if (IS_ERR(heap))
		return PTR_ERR(heap);
	hr_api_default = heap;
	return 0;
}

void hr_api_exit(void)
{
	struct heapranges_stats stats;
	unsigned long nr_left;

	hr_debugfs_remove_heap(hr_api_default);
	/* What is on its way in or out looks as if it was used. */
	hr_tend_exit(hr_api_default);
	heapranges_get_stats(hr_api_default, &stats);
	if (stats.used_pages)
		hr_owners_report(hr_api_default);
	nr_left = hr_heaps_abandon(hr_api_default);
	if (stats.used_pages)
		hr_reports_leak("default", &stats, nr_left);
}
