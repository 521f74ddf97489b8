// SPDX-License-Identifier: GPL-2.0
/*
 * All live heaps, in order of creation: a list, since it is searched only when
 * heaps and regions come and go, when somebody reads debugfs, and, without a lock, when
 * somebody asks whose an address is.
 */
#include <linux/err.h>
#include <linux/rculist.h>
#include <linux/string.h>

#include "arenas.h"
#include "cache.h"
#include "heaps.h"
#include "own.h"
#include "tend.h"

DECLARE_RWSEM(hr_heaps_rwsem);

LIST_HEAD(hr_heaps_list);
static u64 hr_heaps_next_serial;	/* guarded by hr_heaps_rwsem */

/* Caller holds hr_heaps_rwsem for writing. */
static int hr_heaps_link(struct heapranges *heap)
{
	struct heapranges *other;

	lockdep_assert_held_write(&hr_heaps_rwsem);
	list_for_each_entry(other, &hr_heaps_list, link) {
		if (!strcmp(other->name, heap->name))
			return -EEXIST;
	}
	heap->serial = hr_heaps_next_serial++;
	list_add_tail_rcu(&heap->link, &hr_heaps_list);
	return 0;
}

/* Frees a heap that is not listed. Return: as hr_arenas_exit(). */
static unsigned long hr_heaps_free(struct heapranges *heap)
{
	unsigned long nr_left;

	hr_tend_exit(heap);
	hr_cache_drain(heap);
	nr_left = hr_arenas_exit(heap);
	hr_own_exit(heap);
	hr_cache_destroy(heap);
	hr_heap_destroy(heap);
	return nr_left;
}

struct heapranges *hr_heaps_create(const struct heapranges_params *params)
{
	unsigned long first_pages = max(params->min_pages, params->reserve_pages);
	struct heapranges *heap = hr_heap_create(params);
	int err = 0;

	if (!heap)
		return ERR_PTR(-ENOMEM);
	hr_tend_init(heap);
	if (!(params->flags & HEAPRANGES_NO_CACHE))
		err = hr_cache_create(heap);
	if (!err && first_pages)
		err = hr_arenas_add_kept(heap, first_pages);
	if (!err) {
		down_write(&hr_heaps_rwsem);
		err = hr_heaps_link(heap);
		up_write(&hr_heaps_rwsem);
	}
	if (err) {
		hr_heaps_free(heap);
		return ERR_PTR(err);
	}
	return heap;
}

unsigned long hr_heaps_abandon(struct heapranges *heap)
{
	down_write(&hr_heaps_rwsem);
	list_del_rcu(&heap->link);
	up_write(&hr_heaps_rwsem);
	/* Nobody who has found it in the list looks at it any more. */
	synchronize_rcu_expedited();
	return hr_heaps_free(heap);
}

bool hr_heaps_is_idle(struct heapranges *heap)
{
	bool idle;

	hr_cache_drain(heap);
	/* Nobody else uses the heap, but it may grow in the background. */
	mutex_lock(&heap->change);
	idle = heap->free_pages == heap->owned_pages;
	mutex_unlock(&heap->change);
	return idle;
}

/* Caller holds hr_heaps_rwsem for writing. */
static bool hr_heaps_own_any(const struct heapranges *but, unsigned long base,
			     unsigned long nr_pages)
{
	struct heapranges *heap;

	lockdep_assert_held_write(&hr_heaps_rwsem);
	list_for_each_entry(heap, &hr_heaps_list, link) {
		if (heap != but && !(heap->flags & HEAPRANGES_ADDRESS_ONLY) &&
		    hr_ranges_overlaps(&heap->ranges, base, nr_pages))
			return true;
	}
	return false;
}

int hr_heaps_add_region(struct heapranges *heap, unsigned long base,
			unsigned long nr_pages)
{
	int err;

	if (!hr_span_is_sane(base, nr_pages))
		return -EINVAL;
	if (heap->flags & HEAPRANGES_ADDRESS_ONLY)
		return hr_own_add_region(heap, base, nr_pages);

	down_write(&hr_heaps_rwsem);
	if (hr_heaps_own_any(heap, base, nr_pages))
		err = -EEXIST;
	else
		err = hr_own_add_region(heap, base, nr_pages);
	up_write(&hr_heaps_rwsem);
	return err;
}

struct heapranges *hr_heaps_next(u64 serial)
{
	struct heapranges *heap;

	lockdep_assert_held(&hr_heaps_rwsem);
	list_for_each_entry(heap, &hr_heaps_list, link) {
		if (heap->serial >= serial)
			return heap;
	}
	return NULL;
}
