// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU caches of short runs.
 *
 *	parked[0] --> 3 --> 7			runs of 1 page
 *	parked[1]
 *	parked[2] --> 1				runs of 3 pages
 *	 ...
 *	vacant    --> 2 --> 5 --> 4 --> 6
 *
 *	entry	  1       2   3       4 ...	address of a run | is zero | next of its list
 *
 * A run in a cache is parked: busy in the bitmap, and its record says so, so a
 * second free of it is told from a first one by the same byte that a free looks at
 * anyway, on any CPU, in constant time.
 *
 * Who works on a cache owns it, by one bit that is tried and never waited for. An
 * interrupt, or another CPU, that finds it taken goes to the heap itself. So no
 * interrupts are turned off, and the caches of other CPUs can be emptied. The bit
 * is right without SMP too, where spin_trylock() always succeeds.
 *
 * Whoever owns a cache has preemption off and may take the heap's lock, never
 * another cache. All of them are owned by those who close them, who hold the heap's
 * change mutex.
 *
 * A refill takes what the heap has in a row within a word of the bitmap, one search
 * for all, so that two CPUs' runs share a cache line of records only if they must.
 */
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>

#include "cache.h"
#include "mem.h"
#include "trace.h"

/* All metadata of a small heap: so much, and so much more for each CPU. */
#define HR_CACHE_BYTES		8192
#define HR_CACHE_BYTES_PER_CPU	256

/* Runs that are given back under one taking of the heap's lock. */
#define HR_CACHE_FLUSH_BATCH	16

static_assert(HR_CACHE_NEXT >= HR_CACHE_ENTRIES_MAX);
static_assert((HR_CACHE_NEXT | HR_CACHE_IS_ZERO) < PAGE_SIZE);
static_assert(HR_HEAP_CACHE_MAX_PAGES <= USHRT_MAX);

unsigned int hr_cache_nr_entries(void)
{
	unsigned int bytes = HR_CACHE_BYTES / num_possible_cpus() + HR_CACHE_BYTES_PER_CPU;

	return clamp_t(unsigned int, (bytes - sizeof(struct hr_cache)) / sizeof(long) - 1,
		       HR_CACHE_ENTRIES_MIN, HR_CACHE_ENTRIES_MAX);
}

static size_t hr_cache_bytes(void)
{
	return struct_size((struct hr_cache *)NULL, entry, hr_cache_nr_entries() + 1);
}

static void hr_cache_forget(struct hr_cache *cache)
{
	cache->chunk_idx = HR_CACHE_NO_CHUNK;
	cache->other_idx = HR_CACHE_NO_CHUNK;
}

int hr_cache_create(struct heapranges *heap)
{
	unsigned int i, nr_entries = hr_cache_nr_entries();
	int cpu;

	heap->caches = hr_mem_alloc_percpu(hr_cache_bytes(), __alignof__(struct hr_cache),
					   GFP_KERNEL | __GFP_NOWARN);
	if (!heap->caches)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct hr_cache *cache = per_cpu_ptr(heap->caches, cpu);

		for (i = 1; i < nr_entries; i++)
			cache->entry[i] = i + 1;
		cache->vacant = 1;
		hr_cache_forget(cache);
	}
	heap->quick_caches = heap->caches;
	return 0;
}

void hr_cache_destroy(struct heapranges *heap)
{
	hr_mem_free_percpu(heap->caches);
}

/* Gives back parked runs of @nr_pages each until the cache holds at most @max_pages. */
static void hr_cache_flush_list(struct heapranges *heap, struct hr_cache *cache,
				unsigned int nr_pages, unsigned int max_pages)
{
	u8 *parked = &cache->parked[nr_pages - 1];
	unsigned long base[HR_CACHE_FLUSH_BATCH];
	unsigned int nr;

	while (*parked && cache->parked_pages > max_pages) {
		for (nr = 0; nr < HR_CACHE_FLUSH_BATCH && *parked; nr++) {
			base[nr] = cache->entry[*parked] & PAGE_MASK;
			hr_cache_move(cache, parked, &cache->vacant, 0);
		}
		cache->parked_pages -= nr * nr_pages;
		hr_heap_give_parked(heap, base, nr, nr_pages);
	}
}

/* The same of runs of any length, of @first_pages first. Owner is held. */
static void hr_cache_flush(struct heapranges *heap, struct hr_cache *cache,
			   unsigned int first_pages, unsigned int max_pages)
{
	unsigned int was_parked = cache->parked_pages, nr_pages;

	hr_cache_flush_list(heap, cache, first_pages, max_pages);
	for (nr_pages = HR_RECORD_PARKED_MAX; nr_pages; nr_pages--)
		hr_cache_flush_list(heap, cache, nr_pages, max_pages);
	if (cache->parked_pages != was_parked)
		trace_hr_flush(heap->serial, was_parked - cache->parked_pages,
			       cache->parked_pages);
}

/* Owner is held. Return: false: no cache of this heap may hold such a run. */
static bool hr_cache_make_room(struct heapranges *heap, struct hr_cache *cache,
			       unsigned int nr_pages)
{
	unsigned int limit_pages = READ_ONCE(heap->cache_max_pages), keep_pages;

	if (nr_pages > limit_pages)
		return false;
	keep_pages = min(cache->parked_pages / 2u, limit_pages - nr_pages);
	/* There are too many of these, most likely. */
	hr_cache_flush(heap, cache, nr_pages, keep_pages);
	return true;
}

/* Takes a run from the heap, and some to park. Owner is held. */
static struct hr_taken hr_cache_refill(struct heapranges *heap, struct hr_cache *cache,
				       unsigned int nr_pages, bool leave_reserve)
{
	unsigned int limit_pages = READ_ONCE(heap->cache_max_pages);
	unsigned int was_parked = cache->parked_pages, nr_parked, room_pages = 0;
	unsigned long behind, is_zero;
	struct hr_taken taken;

	if (limit_pages > cache->parked_pages)
		room_pages = min_t(unsigned int, limit_pages - cache->parked_pages,
				   BITS_PER_LONG);
	taken = hr_heap_take_row(heap, nr_pages, room_pages / nr_pages, leave_reserve,
				 &nr_parked);
	if (!taken.base)
		return taken;
	is_zero = taken.dirty_pages ? 0 : HR_CACHE_IS_ZERO;
	hr_count_up(&cache->allocs);
	for (; nr_parked; nr_parked--) {
		behind = taken.base + hr_pages_to_bytes(nr_parked * nr_pages);
		if (cache->vacant) {
			hr_cache_move(cache, &cache->vacant, &cache->parked[nr_pages - 1],
				      behind | is_zero);
			cache->parked_pages += nr_pages;
		} else {
			hr_heap_give_parked(heap, &behind, 1, nr_pages);
		}
	}
	trace_hr_refill(heap->serial, nr_pages + cache->parked_pages - was_parked,
			cache->parked_pages);
	return taken;
}

/* NULL: none. Owner is held, with preemption off: that is an RCU section too. */
static struct hr_chunk *hr_cache_find_chunk(struct heapranges *heap,
					    struct hr_cache *cache,
					    unsigned long addr)
{
	unsigned long chunk_idx = hr_addr_to_chunk_idx(addr);

	if (hr_cache_recall(cache, chunk_idx))
		return cache->chunk;
	return hr_chunks_find(&heap->runs.chunks, chunk_idx);
}

/* A run of @chunk is live or parked, so that it does not go but with caches closed. */
static void hr_cache_remember(struct hr_cache *cache, struct hr_chunk *chunk)
{
	if (hr_cache_recall(cache, chunk->chunk_idx))
		return;
	cache->other = cache->chunk;
	cache->other_idx = cache->chunk_idx;
	cache->chunk = chunk;
	cache->chunk_idx = chunk->chunk_idx;
}

/* Owner is held. */
static struct hr_taken hr_cache_take_owned(struct heapranges *heap, struct hr_cache *cache,
					   unsigned int nr_pages, bool leave_reserve)
{
	unsigned int i = cache->parked[nr_pages - 1], page_idx;
	unsigned long entry, base;
	struct hr_chunk *chunk;

	if (!i)
		return hr_cache_refill(heap, cache, nr_pages, leave_reserve);
	entry = cache->entry[i];
	base = entry & PAGE_MASK;
	page_idx = hr_addr_to_page_idx(base);
	chunk = hr_cache_find_chunk(heap, cache, base);
	if (unlikely(!chunk || !hr_records_is_parked(&chunk->records, page_idx, nr_pages))) {
		hr_heap_distrust(heap, base, nr_pages);
		return HR_TAKEN_NONE;
	}
	hr_cache_remember(cache, chunk);
	hr_cache_unpark(cache, chunk, page_idx, nr_pages);
	return (struct hr_taken){ base, entry & HR_CACHE_IS_ZERO ? 0 : nr_pages };
}

struct hr_taken hr_cache_take(struct heapranges *heap, unsigned long nr_pages,
			      bool leave_reserve)
{
	struct hr_cache __percpu *caches = READ_ONCE(heap->quick_caches);
	struct hr_taken taken = HR_TAKEN_NONE;
	struct hr_cache *cache;

	if (!caches || nr_pages > HR_RECORD_PARKED_MAX)
		return taken;
	preempt_disable();
	cache = this_cpu_ptr(caches);
	if (hr_cache_try_own(cache)) {
		taken = hr_cache_take_owned(heap, cache, nr_pages, leave_reserve);
		hr_cache_disown(cache);
	}
	preempt_enable();
	return taken;
}

/* Owner is held. */
static unsigned int hr_cache_give_owned(struct heapranges *heap, struct hr_cache *cache,
					unsigned long addr, unsigned long nr_pages)
{
	struct hr_chunk *chunk = hr_cache_find_chunk(heap, cache, addr);
	unsigned int page_idx = hr_addr_to_page_idx(addr), run_pages;

	if (!chunk || !PAGE_ALIGNED(addr))
		return 0;
	run_pages = READ_ONCE(chunk->records.code[page_idx]);
	if (run_pages - 1 >= HR_RECORD_PARKED_MAX || (nr_pages && nr_pages != run_pages))
		return 0;
	if (!hr_cache_has_room(heap, cache, run_pages) &&
	    !hr_cache_make_room(heap, cache, run_pages))
		return 0;
	if (!hr_cache_park(cache, chunk, page_idx, run_pages, addr))
		return 0;
	hr_cache_remember(cache, chunk);
	return run_pages;
}

unsigned int hr_cache_give(struct heapranges *heap, unsigned long addr,
			   unsigned long nr_pages)
{
	struct hr_cache __percpu *caches = READ_ONCE(heap->quick_caches);
	unsigned int run_pages = 0;
	struct hr_cache *cache;

	/* What is wiped is wiped outside of locks. */
	if (!caches || want_init_on_free())
		return 0;
	preempt_disable();
	cache = this_cpu_ptr(caches);
	if (hr_cache_try_own(cache)) {
		run_pages = hr_cache_give_owned(heap, cache, addr, nr_pages);
		hr_cache_disown(cache);
	}
	preempt_enable();
	return run_pages;
}

void hr_cache_own(struct hr_cache *cache)
{
	while (!hr_cache_try_own(cache))
		cpu_relax();
}

void hr_cache_settle(struct heapranges *heap)
{
	int cpu;

	if (!heap->caches)
		return;
	for_each_possible_cpu(cpu) {
		struct hr_cache *cache = per_cpu_ptr(heap->caches, cpu);

		hr_cache_own(cache);
		hr_cache_disown(cache);
	}
}

void hr_cache_close(struct heapranges *heap)
{
	int cpu;

	lockdep_assert_held(&heap->change);
	hr_heap_release_kept(heap);
	if (!heap->caches)
		return;
	for_each_possible_cpu(cpu) {
		struct hr_cache *cache = per_cpu_ptr(heap->caches, cpu);

		hr_cache_own(cache);
		hr_cache_flush(heap, cache, 1, 0);
		hr_cache_forget(cache);
		cond_resched();
	}
}

void hr_cache_open(struct heapranges *heap)
{
	int cpu;

	lockdep_assert_held(&heap->change);
	if (!heap->caches)
		return;
	for_each_possible_cpu(cpu)
		hr_cache_disown(per_cpu_ptr(heap->caches, cpu));
}

void hr_cache_drain(struct heapranges *heap)
{
	mutex_lock(&heap->change);
	hr_cache_close(heap);
	hr_cache_open(heap);
	mutex_unlock(&heap->change);
}

void hr_cache_drain_this_cpu(struct heapranges *heap)
{
	struct hr_cache *cache;

	hr_heap_release_kept(heap);
	if (!heap->caches)
		return;
	preempt_disable();
	cache = this_cpu_ptr(heap->caches);
	if (hr_cache_try_own(cache)) {
		hr_cache_flush(heap, cache, 1, 0);
		hr_cache_disown(cache);
	}
	preempt_enable();
}

void hr_cache_get_totals(struct heapranges *heap, struct hr_cache_totals *totals)
{
	int cpu;

	*totals = (struct hr_cache_totals){ 0 };
	if (!heap->caches)
		return;
	for_each_possible_cpu(cpu) {
		const struct hr_cache *cache = per_cpu_ptr(heap->caches, cpu);

		totals->parked_pages += READ_ONCE(cache->parked_pages);
		totals->allocs += hr_count_read(&cache->allocs);
		totals->frees += hr_count_read(&cache->frees);
	}
}

size_t hr_cache_all_bytes(const struct heapranges *heap)
{
	return heap->caches ? num_possible_cpus() * hr_cache_bytes() : 0;
}
