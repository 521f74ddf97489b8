/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many pages of a heap are free: who may take them, which are the reserve, and what
 * that leaves for caches. Everything here is under the heap's lock.
 */
#ifndef HR_ROOM_H
#define HR_ROOM_H

#include "heap.h"

/* Pages that somebody may take. Caller holds lock. */
static inline unsigned long hr_room_pages_locked(struct heapranges *heap, bool leave_reserve)
	__must_hold(&heap->lock)
{
	lockdep_assert_held(&heap->lock);
	if (likely(!heap->reserve_pages) || !leave_reserve)
		return heap->free_pages;
	return max(heap->free_pages, heap->reserve_pages) - heap->reserve_pages;
}

/*
 * Says what one cache may hold: nothing while the reserve is short, since what is parked
 * is anybody's. Caller holds lock.
 */
static inline void hr_room_limit_caches_locked(struct heapranges *heap)
	__must_hold(&heap->lock)
{
	unsigned long share = HR_HEAP_CACHES_SHARE * num_possible_cpus();

	lockdep_assert_held(&heap->lock);
	WRITE_ONCE(heap->cache_max_pages, heap->free_pages < heap->reserve_pages ? 0 :
		   min(HR_HEAP_CACHE_MAX_PAGES, heap->owned_pages / share));
}

/* Caller holds lock. */
static inline void hr_room_lower_locked(struct heapranges *heap, unsigned long nr_pages)
	__must_hold(&heap->lock)
{
	lockdep_assert_held(&heap->lock);
	WRITE_ONCE(heap->free_pages, heap->free_pages - nr_pages);
	heap->least_free_pages = min(heap->least_free_pages, heap->free_pages);
	if (unlikely(heap->free_pages < heap->reserve_pages))
		hr_room_limit_caches_locked(heap);
}

/* Caller holds lock. */
static inline void hr_room_raise_locked(struct heapranges *heap, unsigned long nr_pages)
	__must_hold(&heap->lock)
{
	lockdep_assert_held(&heap->lock);
	WRITE_ONCE(heap->free_pages, heap->free_pages + nr_pages);
	if (unlikely(!heap->cache_max_pages))
		hr_room_limit_caches_locked(heap);
}

#endif /* HR_ROOM_H */
