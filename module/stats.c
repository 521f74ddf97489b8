// SPDX-License-Identifier: GPL-2.0
/*
 * A heap in figures: counters as they stand under the lock and in caches, sizes from the
 * structures that have them.
 */
#include <linux/seq_file.h>

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
	stats->largest_free_pages = hr_radix_max_pages(&heap->runs.radix);
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
	stats->rejected_context = hr_count_read(&heap->rejected_context);
	stats->reserve_pages = heap->reserve_pages;
	stats->nr_arenas = READ_ONCE(heap->nr_arenas);
	stats->nr_ranges = hr_ranges_nr_ranges(&heap->ranges);
	stats->metadata_bytes = sizeof(*heap) + hr_ranges_bytes(&heap->ranges) +
				hr_store_bytes(&heap->store) +
				hr_chunks_bytes(&heap->runs.chunks) +
				hr_radix_bytes(&heap->runs.radix) +
				hr_cache_all_bytes(heap) +
				(heap->kept ? sizeof(*heap->kept) : 0) +
				stats->nr_arenas * sizeof(struct hr_arena);
}

#define HR_STATS_FIELD(field) {						\
	.name = #field,							\
	.offset = offsetof(struct heapranges_stats, field),		\
	.bytes = sizeof_field(struct heapranges_stats, field),		\
}

/* All of them, in their order. */
static const struct hr_stats_field {
	const char	*name;
	size_t		offset, bytes;
} hr_stats_fields[] = {
	HR_STATS_FIELD(owned_pages), HR_STATS_FIELD(used_pages),
	HR_STATS_FIELD(cached_pages), HR_STATS_FIELD(free_pages),
	HR_STATS_FIELD(reserve_pages), HR_STATS_FIELD(largest_free_pages),
	HR_STATS_FIELD(nr_ranges), HR_STATS_FIELD(nr_arenas),
	HR_STATS_FIELD(metadata_bytes),
	HR_STATS_FIELD(allocs), HR_STATS_FIELD(alloc_failures),
	HR_STATS_FIELD(failures_parked), HR_STATS_FIELD(frees),
	HR_STATS_FIELD(grows), HR_STATS_FIELD(grow_failures),
	HR_STATS_FIELD(releases), HR_STATS_FIELD(releases_shrinker),
	HR_STATS_FIELD(rejected_foreign), HR_STATS_FIELD(rejected_interior),
	HR_STATS_FIELD(rejected_double), HR_STATS_FIELD(rejected_size),
	HR_STATS_FIELD(rejected_context), HR_STATS_FIELD(check_failures),
	HR_STATS_FIELD(zeroing_saved_bytes),
};

static_assert(sizeof(struct heapranges_stats) ==
	      offsetof(struct heapranges_stats, zeroing_saved_bytes) + sizeof(u64));

static u64 hr_stats_value(const struct heapranges_stats *stats,
			  const struct hr_stats_field *field)
{
	const void *at = (const char *)stats + field->offset;

	return field->bytes == sizeof(u64) ? *(const u64 *)at : *(const unsigned long *)at;
}

/* One counter, whole: where a word has 32 bits it is two of them. */
static u64 hr_stats_count(struct heapranges *heap, enum hr_heap_count which)
{
	unsigned long flags;
	u64 count;

	raw_spin_lock_irqsave(&heap->lock, flags);
	count = heap->count[which];
	raw_spin_unlock_irqrestore(&heap->lock, flags);
	return count;
}

void hr_stats_show(struct seq_file *m, struct heapranges *heap)
{
	const struct hr_stats_field *field;
	struct heapranges_stats stats;

	hr_stats_get(heap, &stats);
	seq_printf(m, "# heapranges stats 1\nserial %llu\n", heap->serial);
	for (field = hr_stats_fields; field < hr_stats_fields + ARRAY_SIZE(hr_stats_fields);
	     field++)
		seq_printf(m, "%s %llu\n", field->name, hr_stats_value(&stats, field));
	seq_printf(m, "refills %llu\n", hr_stats_count(heap, HR_COUNT_REFILLS));
	seq_printf(m, "flushes %llu\n", hr_stats_count(heap, HR_COUNT_FLUSHES));
	seq_printf(m, "resizes %llu\n", hr_stats_count(heap, HR_COUNT_RESIZES));
	seq_printf(m, "max_pages %lu\narena_pages %lu\ngrow_max_pages %lu\n",
		   heap->max_pages, heap->arena_pages, heap->grow_max_pages);
	seq_printf(m, "node %d\nflags 0x%lx\ncorrupt %d\npage_bytes %lu\n", heap->node,
		   heap->flags & ~HR_HEAP_LOOKS, READ_ONCE(heap->corrupt), PAGE_SIZE);
}
