// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU caches of short runs.
 *
 *	parked[1] --> 3 --> 7			runs of 1 page
 *	parked[2]
 *	parked[3] --> 1				runs of 3 pages
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
 * interrupt that finds it taken goes to the heap itself, so none are turned off. Only
 * the cache's own CPU writes the bit, which takes no atomic operation then, and is
 * right without SMP too, where spin_trylock() always succeeds.
 *
 * The caches of other CPUs are emptied by those who have closed all of them, who hold the
 * heap's change mutex. It is they who pay, by interrupting all CPUs twice: so that each
 * sees that they are closed, or is seen to be at work; and so that each sees what was
 * done to its cache before it sees that it is open.
 *
 * Whoever owns a cache has preemption off and may take the heap's lock.
 *
 * A refill takes what the heap has in a row, one search for all, so that two CPUs' runs
 * share a cache line of records only if they must. Where a cache is full, runs of lengths
 * that are in use come in place of others.
 */
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "cache.h"
#include "mem.h"
#include "trace.h"
#include "wipe.h"

/* All metadata of a small heap: so much, and so much more for each CPU. */
#define HR_CACHE_BYTES		8192
#define HR_CACHE_BYTES_PER_CPU	256

/*
 * Runs that are given back under one taking of the heap's lock, and by one free that finds
 * its cache full: half of the cache at once is a little cheaper a run, but makes one free
 * in some hundred so much longer.
 */
#define HR_CACHE_FLUSH_BATCH	16

static_assert(HR_CACHE_NEXT >= HR_CACHE_ENTRIES_MAX);
static_assert((HR_CACHE_NEXT | HR_CACHE_IS_ZERO) < PAGE_SIZE);
static_assert(HR_HEAP_CACHE_MAX_PAGES <= USHRT_MAX);

unsigned int hr_cache_nr_entries(void)
{
	int bytes = HR_CACHE_BYTES / num_possible_cpus() + HR_CACHE_BYTES_PER_CPU;
	int nr_words = (bytes - (int)sizeof(struct hr_cache)) / (int)sizeof(long);

	/* Entry 0 does not exist. Where cache lines are longer there may be no room left. */
	return clamp(nr_words - 1, HR_CACHE_ENTRIES_MIN, HR_CACHE_ENTRIES_MAX);
}

static size_t hr_cache_bytes(void)
{
	return struct_size((struct hr_cache *)NULL, entry, hr_cache_nr_entries() + 1);
}

static void hr_cache_forget(struct hr_cache *cache)
{
	int i;

	cache->last.first_page = HR_CACHE_NO_PAGE;
	for (i = 0; i < HR_CACHE_SEEN; i++)
		cache->seen[i].first_page = HR_CACHE_NO_PAGE;
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

/*
 * Gives back parked runs of @nr_pages each, a batch at most, until the cache holds at most
 * @max_pages. Return: false: nothing was to be done.
 */
static bool hr_cache_flush_batch(struct heapranges *heap, struct hr_cache *cache,
				 unsigned int nr_pages, unsigned int max_pages)
{
	u8 *parked = &cache->parked[nr_pages];
	unsigned long base[HR_CACHE_FLUSH_BATCH];
	unsigned int nr = 0;

	while (nr < HR_CACHE_FLUSH_BATCH && *parked && cache->parked_pages > max_pages) {
		base[nr++] = cache->entry[*parked] & PAGE_MASK;
		hr_cache_move(cache, parked, &cache->vacant, 0);
		cache->parked_pages -= nr_pages;
	}
	if (nr)
		hr_heap_give_parked(heap, base, nr, nr_pages);
	return nr;
}

static void hr_cache_flush_list(struct heapranges *heap, struct hr_cache *cache,
				unsigned int nr_pages, unsigned int max_pages)
{
	while (hr_cache_flush_batch(heap, cache, nr_pages, max_pages))
		;
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

/* How many entries are vacant, @most at most. Owner is held. */
static unsigned int hr_cache_nr_vacant(const struct hr_cache *cache, unsigned int most)
{
	unsigned int nr, i = cache->vacant;

	for (nr = 0; nr < most && i; nr++)
		i = cache->entry[i] & HR_CACHE_NEXT;
	return nr;
}

/* There is no room for some more runs of @nr_pages, a row of them. Owner is held. */
static bool hr_cache_is_short(const struct heapranges *heap, const struct hr_cache *cache,
			      unsigned int nr_pages)
{
	unsigned int limit_pages = READ_ONCE(heap->cache_max_pages);
	unsigned int row_pages = min(limit_pages / 2, HR_RECORDS_ROW);
	/* So many can be vacant in any cache, and as many be in use. */
	unsigned int nr_runs = min(row_pages / nr_pages, HR_CACHE_ENTRIES_MIN / 2U);

	return cache->parked_pages + row_pages > limit_pages ||
	       hr_cache_nr_vacant(cache, nr_runs) < nr_runs;
}

/*
 * Makes room for runs of @nr_pages, of which the cache has none or too many, in place of
 * those of lengths that were neither of late: nobody uses them, most likely, or so few that
 * he will hardly miss the others. "Of late" goes back to the time before the last at which
 * there was nothing of that kind to give back. Owner is held.
 */
static void hr_cache_turn_over(struct heapranges *heap, struct hr_cache *cache,
			       unsigned int nr_pages)
{
	unsigned int was_parked = cache->parked_pages, idle_pages;

	cache->sought |= BIT(nr_pages - 1);
	for (idle_pages = HR_RECORD_PARKED_MAX; idle_pages; idle_pages--) {
		if ((cache->sought | cache->sought_before) & BIT(idle_pages - 1))
			continue;
		while (cache->parked[idle_pages] &&
		       hr_cache_is_short(heap, cache, nr_pages))
			hr_cache_flush_batch(heap, cache, idle_pages, 0);
	}
	if (cache->parked_pages != was_parked) {
		trace_hr_flush(heap->serial, was_parked - cache->parked_pages,
			       cache->parked_pages);
		return;
	}
	cache->sought_before = cache->sought;
	cache->sought = 0;
}

/* Owner is held. Return: false: no cache of this heap may hold such a run. */
static bool hr_cache_make_room(struct heapranges *heap, struct hr_cache *cache,
			       unsigned int nr_pages)
{
	unsigned int limit_pages = READ_ONCE(heap->cache_max_pages), keep_pages;

	if (nr_pages > limit_pages)
		return false;
	hr_cache_turn_over(heap, cache, nr_pages);
	if (hr_cache_has_room(heap, cache, nr_pages))
		return true;
	keep_pages = cache->parked_pages - min(HR_CACHE_FLUSH_BATCH * nr_pages,
					       DIV_ROUND_UP(cache->parked_pages, 2u));
	/* There are too many of these, most likely. */
	hr_cache_flush(heap, cache, nr_pages, min(keep_pages, limit_pages - nr_pages));
	return true;
}

/* Takes a run from the heap, and some to park. Owner is held. */
static struct hr_taken hr_cache_refill(struct heapranges *heap, struct hr_cache *cache,
				       unsigned int nr_pages, bool leave_reserve)
{
	unsigned int limit_pages = READ_ONCE(heap->cache_max_pages);
	unsigned int was_parked, nr_parked, room_pages = 0;
	unsigned long behind, is_zero;
	struct hr_taken taken;

	if (unlikely(hr_cache_is_short(heap, cache, nr_pages)))
		hr_cache_turn_over(heap, cache, nr_pages);
	was_parked = cache->parked_pages;
	if (limit_pages > cache->parked_pages)
		room_pages = min_t(unsigned int, limit_pages - cache->parked_pages,
				   HR_RUNS_ROW_MAX_PAGES);
	taken = hr_heap_take_row(heap, nr_pages,
				 hr_cache_nr_vacant(cache, room_pages / nr_pages),
				 leave_reserve, &nr_parked);
	if (!taken.base)
		return taken;
	is_zero = taken.dirty_pages ? 0 : HR_CACHE_IS_ZERO;
	hr_count_up(&cache->allocs);
	cache->parked_pages += nr_parked * nr_pages;
	for (; nr_parked; nr_parked--) {
		behind = taken.base + hr_pages_to_bytes(nr_parked * nr_pages);
		hr_cache_move(cache, &cache->vacant, &cache->parked[nr_pages],
			      behind | is_zero);
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
	if (hr_cache_recall(cache, addr) < HR_CHUNK_PAGES)
		return cache->last.chunk;
	return hr_chunks_find(&heap->runs.chunks, hr_addr_to_chunk_idx(addr));
}

/* A run of @chunk is live or parked, so that it does not go but with caches closed. */
static void hr_cache_remember(struct hr_cache *cache, struct hr_chunk *chunk)
{
	cache->last = (struct hr_cache_seen){
		.first_page = chunk->chunk_idx << HR_CHUNK_PAGES_SHIFT,
		.chunk = chunk,
	};
	cache->seen[chunk->chunk_idx % HR_CACHE_SEEN] = cache->last;
}

/* Owner is held. */
static struct hr_taken hr_cache_take_owned(struct heapranges *heap, struct hr_cache *cache,
					   unsigned int nr_pages, bool leave_reserve)
{
	unsigned int i = cache->parked[nr_pages], page_idx;
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
	if (hr_cache_try_own(heap, cache)) {
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
	if (!caches || hr_wipe_is_wanted(heap))
		return 0;
	preempt_disable();
	cache = this_cpu_ptr(caches);
	if (hr_cache_try_own(heap, cache)) {
		run_pages = hr_cache_give_owned(heap, cache, addr, nr_pages);
		hr_cache_disown(cache);
	}
	preempt_enable();
	return run_pages;
}

static void hr_cache_fence(void *unused)
{
	smp_mb();	/* pairs with barrier() in hr_cache_try_own() */
}

/*
 * What each CPU does from here on comes behind what this one has done, and the other way
 * round. Stands for a full barrier, here and in whoever owns a cache, where it would cost
 * as much as all the rest.
 */
static void hr_cache_fence_all(void)
{
	on_each_cpu(hr_cache_fence, NULL, 1);
}

void hr_cache_settle(struct heapranges *heap)
{
	int cpu;

	if (!heap->caches)
		return;
	hr_cache_fence_all();
	for_each_possible_cpu(cpu) {
		struct hr_cache *cache = per_cpu_ptr(heap->caches, cpu);

		/* Not preempted, so not for long. Pairs with hr_cache_disown(). */
		while (smp_load_acquire(&cache->owner) & 1)
			cpu_relax();
	}
}

void hr_cache_shut(struct heapranges *heap)
{
	lockdep_assert_held(&heap->change);
	WRITE_ONCE(heap->caches_are_closed, true);
	hr_cache_settle(heap);
}

void hr_cache_empty(struct heapranges *heap, unsigned int cpu)
{
	struct hr_cache *cache;

	lockdep_assert_held(&heap->change);
	if (!heap->caches)
		return;
	cache = per_cpu_ptr(heap->caches, cpu);
	hr_cache_flush(heap, cache, 1, 0);
	hr_cache_forget(cache);
}

void hr_cache_close(struct heapranges *heap)
{
	int cpu;

	hr_wipe_release_kept(heap);
	hr_cache_shut(heap);
	for_each_possible_cpu(cpu) {
		hr_cache_empty(heap, cpu);
		cond_resched();
	}
}

void hr_cache_open(struct heapranges *heap)
{
	lockdep_assert_held(&heap->change);
	/* Who finds a cache open finds it as it was left here. */
	if (heap->caches)
		hr_cache_fence_all();
	WRITE_ONCE(heap->caches_are_closed, false);
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

	hr_wipe_release_kept(heap);
	if (!heap->caches)
		return;
	preempt_disable();
	cache = this_cpu_ptr(heap->caches);
	if (hr_cache_try_own(heap, cache)) {
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

unsigned long hr_cache_parked_pages(struct heapranges *heap)
{
	struct hr_cache_totals totals;

	hr_cache_get_totals(heap, &totals);
	return totals.parked_pages + hr_wipe_kept_pages(heap);
}

size_t hr_cache_all_bytes(const struct heapranges *heap)
{
	return heap->caches ? num_possible_cpus() * hr_cache_bytes() : 0;
}
