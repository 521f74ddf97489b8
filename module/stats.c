// SPDX-License-Identifier: GPL-2.0
/*
 * A heap in figures: counters as they stand under the lock and in caches, sizes from the
 * structures that have them, the longest free run by looking.
 */
#include "arena.h"
#include "cache.h"
#include "stats.h"

/* Caller holds lock. */
static void hr_stats_get_locked(struct heapranges *heap,
				struct heapranges_stats *stats)
	__must_hold(&heap->lock)
{
	lockdep_assert_held(&heap->lock);
	stats->owned_pages = heap->owned_pages;
	/* What is kept back is as good as in a cache. */
	stats->cached_pages = heap->kept ? heap->kept->nr_pages : 0;
	stats->free_pages = heap->free_pages;
	stats->allocs = heap->count[HR_COUNT_ALLOCS];
	stats->alloc_failures = heap->count[HR_COUNT_ALLOC_FAILURES];
	stats->failures_parked = heap->count[HR_COUNT_FAILURES_PARKED];
	stats->frees = heap->count[HR_COUNT_FREES];
	stats->grows = heap->count[HR_COUNT_GROWS];
	stats->grow_failures = heap->count[HR_COUNT_GROW_FAILURES];
	stats->releases = heap->count[HR_COUNT_RELEASES];
	stats->releases_shrinker = heap->count[HR_COUNT_RELEASES_SHRINKER];
	stats->rejected_foreign = heap->count[HR_COUNT_REJECTED_FOREIGN];
	stats->rejected_double = heap->count[HR_COUNT_REJECTED_DOUBLE];
	stats->rejected_interior = heap->count[HR_COUNT_REJECTED_INTERIOR];
	stats->rejected_size = heap->count[HR_COUNT_REJECTED_SIZE];
	stats->check_failures = heap->count[HR_COUNT_CHECK_FAILURES];
}

void hr_stats_get(struct heapranges *heap, struct heapranges_stats *stats)
{
	struct hr_cache_totals before, totals;
	unsigned long flags, busy_pages;

	/* Frees first, wherever they were counted: no more of them than allocations. */
	hr_cache_get_totals(heap, &before);
	raw_spin_lock_irqsave(&heap->lock, flags);
	hr_stats_get_locked(heap, stats);
	raw_spin_unlock_irqrestore(&heap->lock, flags);

	/* Caches are not stopped: what one of them has taken since is not counted. */
	hr_cache_get_totals(heap, &totals);
	busy_pages = stats->owned_pages - stats->free_pages;
	stats->cached_pages = min(stats->cached_pages + totals.parked_pages, busy_pages);
	stats->used_pages = busy_pages - stats->cached_pages;
	stats->allocs += totals.allocs;
	stats->frees += before.frees;

	stats->zeroing_saved_bytes = atomic64_read(&heap->zeroing_saved_bytes);
	stats->rejected_context = (unsigned long)atomic_long_read(&heap->rejected_context);
	stats->reserve_pages = heap->reserve_pages;
	stats->nr_arenas = READ_ONCE(heap->nr_arenas);
	stats->nr_ranges = hr_ranges_nr_ranges(&heap->ranges);
	stats->largest_free_pages = hr_heap_largest_free_pages(heap);
	stats->metadata_bytes = sizeof(*heap) + hr_ranges_bytes(&heap->ranges) +
				hr_store_bytes(&heap->store) +
				hr_chunks_bytes(&heap->runs.chunks) +
				hr_radix_bytes(&heap->runs.radix) +
				hr_cache_all_bytes(heap) +
				(heap->kept ? sizeof(*heap->kept) : 0) +
				stats->nr_arenas * sizeof(struct hr_arena);
}
