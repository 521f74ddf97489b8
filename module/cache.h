/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Per-CPU caches: short runs that were freed on a CPU, kept there for the next
 * who wants one of that length. See cache.c.
 */
#ifndef HR_CACHE_H
#define HR_CACHE_H

#include "heap.h"

#define HR_CACHE_ENTRIES_MIN	24
#define HR_CACHE_ENTRIES_MAX	255
#define HR_CACHE_NEXT		255UL
#define HR_CACHE_IS_ZERO	256UL	/* the run's pages are known to be */

/*
 * One CPU's cache of one heap, a cache line, and its entries. Everything but owner
 * is guarded by owner.
 */
struct hr_cache {
	/* Bit 0: taken by whoever is at work here. Tried, never waited for, */
	/* but by those who close all caches. */
	unsigned long		owner;
	/* The chunk that was looked up last. Forgotten when caches are closed. */
	unsigned long		chunk_idx;
	struct hr_chunk		*chunk;		/* NULL: none */
	/*
	 * Counted in words that are read without a lock, since a reader in an
	 * interrupt may have interrupted the writer.
	 */
	unsigned long		allocs, frees;
	unsigned short		parked_pages;
	/* Lists of entries, by their index; 0: empty. */
	u8			vacant;
	u8			parked[HR_RECORD_PARKED_MAX];	/* by length less 1 */
	/*
	 * The address of a parked run; below the page, the next entry of its list and
	 * HR_CACHE_IS_ZERO. Invariant: each entry but 0, which does not exist, is in
	 * one list.
	 */
	unsigned long		entry[] ____cacheline_aligned;
};

/* How many entries, all possible CPUs' caches being alike. */
unsigned int hr_cache_nr_entries(void);

/* Return: 0, or -ENOMEM. May sleep. */
int hr_cache_create(struct heapranges *heap);

/* The caches are closed, or were never used. */
void hr_cache_destroy(struct heapranges *heap);

/*
 * Empties all caches of a heap and keeps them so: until hr_cache_open() everybody
 * goes to the heap itself. Runs that are kept back (poison.h) become free, too, here
 * and below. May sleep. Caller holds change.
 */
void hr_cache_close(struct heapranges *heap);
void hr_cache_open(struct heapranges *heap);

/* Owns one cache. Waits for those at work, who are not preempted. Caller holds change. */
void hr_cache_own(struct hr_cache *cache);

/* Waits for everybody who is at work now. Caller holds change. */
void hr_cache_settle(struct heapranges *heap);

/* Empties all caches. May sleep. */
void hr_cache_drain(struct heapranges *heap);

/* Empties this CPU's cache, if nobody is at work there. Any context but NMI. */
void hr_cache_drain_this_cpu(struct heapranges *heap);

/* What all caches say. Any context; exact if nothing changes meanwhile. */
struct hr_cache_totals {
	unsigned long	parked_pages;
	u64		allocs, frees;
};

void hr_cache_get_totals(struct heapranges *heap, struct hr_cache_totals *totals);

/* Bytes of all caches. */
size_t hr_cache_all_bytes(const struct heapranges *heap);

/* What hr_cache_take() and hr_cache_give() leave, with owner held. */
struct hr_taken hr_cache_refill(struct heapranges *heap, struct hr_cache *cache,
				unsigned int nr_pages, bool leave_reserve);
bool hr_cache_make_room(struct heapranges *heap, struct hr_cache *cache,
			unsigned int nr_pages);

static inline bool hr_cache_try_own(struct hr_cache *cache)
{
	return !test_and_set_bit_lock(0, &cache->owner);
}

/* Nobody changes the word while it is set: this needs no atomic operation. */
static inline void hr_cache_disown(struct hr_cache *cache)
{
	__clear_bit_unlock(0, &cache->owner);
}

/* NULL: none. Owner is held, with preemption off: that is an RCU section too. */
static __always_inline struct hr_chunk *hr_cache_chunk(struct heapranges *heap,
						       struct hr_cache *cache,
						       unsigned long addr)
{
	unsigned long chunk_idx = hr_addr_to_chunk_idx(addr);

	if (likely(cache->chunk && cache->chunk_idx == chunk_idx))
		return cache->chunk;
	return hr_chunks_find(&heap->runs.chunks, chunk_idx);
}

/* A run of @chunk is live or parked, so that it does not go but with caches closed. */
static __always_inline void hr_cache_remember(struct hr_cache *cache,
					      struct hr_chunk *chunk)
{
	if (likely(cache->chunk == chunk))
		return;
	cache->chunk = chunk;
	cache->chunk_idx = chunk->chunk_idx;
}

/* Moves the first entry of list @from to list @to, as @addr, with a mark or without. */
static __always_inline void hr_cache_move(struct hr_cache *cache, u8 *from, u8 *to,
					  unsigned long addr)
{
	unsigned long *entry = &cache->entry[*from];
	u8 next = *entry & HR_CACHE_NEXT;

	*entry = addr | *to;
	*to = *from;
	*from = next;
}

/* Owner is held. */
static __always_inline struct hr_taken hr_cache_take_owned(struct heapranges *heap,
							   struct hr_cache *cache,
							   unsigned int nr_pages,
							   bool leave_reserve)
{
	u8 *parked = &cache->parked[nr_pages - 1];
	struct hr_chunk *chunk;
	unsigned long base, entry;
	unsigned int page_idx;

	if (unlikely(!*parked))
		return hr_cache_refill(heap, cache, nr_pages, leave_reserve);
	entry = cache->entry[*parked];
	base = entry & PAGE_MASK;
	chunk = hr_cache_chunk(heap, cache, base);
	page_idx = hr_addr_to_page_idx(base);
	if (unlikely(!chunk || hr_records_parked_pages(&chunk->records, page_idx) != nr_pages)) {
		hr_heap_distrust(heap, base, nr_pages);
		return HR_TAKEN_NONE;
	}
	hr_cache_remember(cache, chunk);
	hr_cache_move(cache, parked, &cache->vacant, 0);
	WRITE_ONCE(cache->parked_pages, cache->parked_pages - nr_pages);
	WRITE_ONCE(cache->allocs, cache->allocs + 1);
	hr_records_unpark(&chunk->records, page_idx, nr_pages);
	return (struct hr_taken){ base, entry & HR_CACHE_IS_ZERO ? 0 : nr_pages };
}

/* Owner is held. */
static __always_inline bool hr_cache_give_owned(struct heapranges *heap,
						struct hr_cache *cache,
						unsigned long addr,
						unsigned long nr_pages)
{
	struct hr_chunk *chunk = hr_cache_chunk(heap, cache, addr);
	unsigned int page_idx = hr_addr_to_page_idx(addr), run_pages;

	if (unlikely(!chunk || !PAGE_ALIGNED(addr)))
		return false;
	run_pages = READ_ONCE(chunk->records.code[page_idx]);
	if (unlikely(run_pages - 1 >= HR_RECORD_PARKED_MAX ||
		     (nr_pages && nr_pages != run_pages)))
		return false;
	if (unlikely(!cache->vacant ||
		     cache->parked_pages + run_pages > READ_ONCE(heap->cache_max_pages)) &&
	    !hr_cache_make_room(heap, cache, run_pages))
		return false;
	if (unlikely(!hr_records_claim(&chunk->records, page_idx, run_pages, true)))
		return false;
	hr_cache_remember(cache, chunk);
	hr_cache_move(cache, &cache->vacant, &cache->parked[run_pages - 1], addr);
	WRITE_ONCE(cache->parked_pages, cache->parked_pages + run_pages);
	WRITE_ONCE(cache->frees, cache->frees + 1);
	return true;
}

/*
 * Takes a run of @nr_pages, at least 1, from this CPU's cache, which is filled if
 * it has none. Any context but NMI.
 *
 * @leave_reserve: for somebody who may block
 *
 * Return: the run; none: ask the heap.
 */
static __always_inline struct hr_taken hr_cache_take(struct heapranges *heap,
						     unsigned long nr_pages,
						     bool leave_reserve)
{
	struct hr_taken taken = HR_TAKEN_NONE;
	struct hr_cache *cache;

	if (!heap->caches || nr_pages > HR_RECORD_PARKED_MAX ||
	    unlikely(READ_ONCE(heap->corrupt)))
		return taken;
	preempt_disable();
	cache = this_cpu_ptr(heap->caches);
	if (likely(hr_cache_try_own(cache))) {
		taken = hr_cache_take_owned(heap, cache, nr_pages, leave_reserve);
		hr_cache_disown(cache);
	}
	preempt_enable();
	return taken;
}

/*
 * Gives a run to this CPU's cache. Any context but NMI.
 *
 * @nr_pages: the size that the caller knows; 0: it does not
 *
 * Return: false: nothing was done, ask the heap.
 */
static __always_inline bool hr_cache_give(struct heapranges *heap, unsigned long addr,
					  unsigned long nr_pages)
{
	struct hr_cache *cache;
	bool given = false;

	if (!heap->caches || want_init_on_free())
		return false;
	preempt_disable();
	cache = this_cpu_ptr(heap->caches);
	if (likely(hr_cache_try_own(cache))) {
		given = hr_cache_give_owned(heap, cache, addr, nr_pages);
		hr_cache_disown(cache);
	}
	preempt_enable();
	return given;
}

#endif /* HR_CACHE_H */
