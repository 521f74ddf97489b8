/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Per-CPU caches: short runs that were freed on a CPU, kept there for the next
 * who wants one of that length. See cache.c.
 */
#ifndef HR_CACHE_H
#define HR_CACHE_H

#include "count.h"
#include "heap.h"

#define HR_CACHE_ENTRIES_MIN	15
#define HR_CACHE_ENTRIES_MAX	255
#define HR_CACHE_NEXT		255UL
#define HR_CACHE_IS_ZERO	256UL	/* the run's pages are known to be */

/* No page has such a number, nor has one of the next HR_CHUNK_PAGES. */
#define HR_CACHE_NO_PAGE	BIT(BITS_PER_LONG - 1)

/* Chunks are remembered by the lower bits of their indices, so that neighbours are. */
#define HR_CACHE_SEEN		4

struct hr_cache_seen {
	unsigned long		first_page;	/* HR_CACHE_NO_PAGE: none */
	struct hr_chunk		*chunk;
};

/*
 * One CPU's cache of one heap, a cache line that is always needed, one that mostly is
 * not, and its entries. Everything but owner is guarded by owner, or by its heap's caches
 * being closed.
 */
struct hr_cache {
	/* Bit 0: somebody is at work here. Of this CPU alone: nobody else writes it. */
	unsigned long		owner;
	/* The chunk of a run seen last. Forgotten when caches are closed. */
	struct hr_cache_seen	last;
	/* Read without a lock: a reader in an interrupt may have interrupted the writer. */
	struct hr_count		allocs, frees;
	unsigned short		parked_pages;
	/* Lists of entries, by their index; 0: empty. */
	u8			vacant;
	u8			parked[HR_RECORD_PARKED_MAX + 1];	/* by length; of 0: none */
	/* Bits, by length less 1, see hr_cache_turn_over(). */
	u16			sought, sought_before;
	/* Chunks seen before, and the last one. Forgotten likewise. */
	struct hr_cache_seen	seen[HR_CACHE_SEEN] ____cacheline_aligned;
	/*
	 * The address of a parked run; below the page, the next entry of its list and
	 * HR_CACHE_IS_ZERO. Invariant: each entry but 0, which does not exist, is in
	 * one list.
	 */
	unsigned long		entry[] ____cacheline_aligned;
};

/* What is always needed is one line, where lines have 64 bytes. */
static_assert(offsetofend(struct hr_cache, sought_before) <= 64);

/* How many entries, all possible CPUs' caches being alike. */
unsigned int hr_cache_nr_entries(void);

/* Return: 0, or -ENOMEM. May sleep. */
int hr_cache_create(struct heapranges *heap);

/* Nobody uses the heap any more, and nothing is parked in its caches. */
void hr_cache_destroy(struct heapranges *heap);

/*
 * Closes all caches of a heap: until hr_cache_open() everybody goes to the heap itself,
 * and they are the caller's. May sleep. Caller holds change.
 */
void hr_cache_shut(struct heapranges *heap);
void hr_cache_open(struct heapranges *heap);

/*
 * As hr_cache_shut(), and empties them. Runs that are kept back (poison.h) become free,
 * too, here and below.
 */
void hr_cache_close(struct heapranges *heap);

/* Empties the cache of @cpu, which is gone, or is closed. Caller holds change. */
void hr_cache_empty(struct heapranges *heap, unsigned int cpu);

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

/* Pages that are free once all caches are emptied. Any context but NMI. */
unsigned long hr_cache_parked_pages(struct heapranges *heap);

/* Bytes of all caches. */
size_t hr_cache_all_bytes(const struct heapranges *heap);

/*
 * Takes a run of @nr_pages, at least 1, from this CPU's cache, which is filled if
 * it has none. Any context but NMI.
 *
 * @leave_reserve: for somebody who may block
 *
 * Return: the run; none: ask the heap.
 */
struct hr_taken hr_cache_take(struct heapranges *heap, unsigned long nr_pages,
			      bool leave_reserve);

/*
 * Gives a run to this CPU's cache. Any context but NMI.
 *
 * @nr_pages: the size that the caller knows; 0: it does not
 *
 * Return: the run's pages; 0: nothing was done, ask the heap.
 */
unsigned int hr_cache_give(struct heapranges *heap, unsigned long addr,
			   unsigned long nr_pages);

/* Pairs with hr_cache_settle(): what was done here comes before. */
static inline void hr_cache_disown(struct hr_cache *cache)
{
	__clear_bit_unlock(0, &cache->owner);
}

/*
 * Owns this CPU's cache, with preemption off up to hr_cache_disown().
 *
 * The bit needs no atomic operation: who else comes here is an interrupt, which leaves it
 * as it was. That it is set before closed is looked at, for an interrupt that comes in
 * between, is the other half of what hr_cache_settle() does.
 */
static __always_inline bool hr_cache_try_own(const struct heapranges *heap,
					     struct hr_cache *cache)
{
	if (unlikely(__test_and_set_bit(0, &cache->owner)))
		return false;
	barrier();
	/* A byte cannot be torn, and as a volatile one it would take an instruction more. */
	if (unlikely(data_race(heap->caches_are_closed))) {
		hr_cache_disown(cache);
		return false;
	}
	/* Pairs with the fence of hr_cache_open(): what the cache holds is read from here on. */
	barrier();
	return true;
}

/*
 * Where a page is in the last chunk, which is one of those that are remembered. Owner is
 * held.
 *
 * A page of another chunk has no index at all, rather than one that means something else
 * in this chunk: a processor that expects the last chunk once more looks there before it
 * knows better, and so would take another CPU's records from it.
 *
 * Return: its index; not below HR_CHUNK_PAGES: its chunk is not remembered.
 */
static __always_inline unsigned long hr_cache_recall(struct hr_cache *cache,
						     unsigned long addr)
{
	unsigned long page_idx = (addr >> PAGE_SHIFT) - cache->last.first_page;
	const struct hr_cache_seen *seen;

	if (likely(page_idx < HR_CHUNK_PAGES))
		return page_idx;
	/* So that the quick way does not keep the page's number for this one. */
	OPTIMIZER_HIDE_VAR(addr);
	seen = &cache->seen[hr_addr_to_chunk_idx(addr) % HR_CACHE_SEEN];
	if ((addr >> PAGE_SHIFT) - seen->first_page < HR_CHUNK_PAGES)
		cache->last = *seen;
	return (addr >> PAGE_SHIFT) - cache->last.first_page;
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

/*
 * The first of the runs of @nr_pages that are parked here, at page @page_idx of @chunk,
 * is live. Owner is held.
 */
static __always_inline void hr_cache_unpark(struct hr_cache *cache, struct hr_chunk *chunk,
					    unsigned long page_idx, unsigned long nr_pages)
{
	hr_cache_move(cache, &cache->parked[nr_pages], &cache->vacant, 0);
	cache->parked_pages -= nr_pages;
	hr_count_up(&cache->allocs);
	hr_records_set_short(&chunk->records, page_idx, nr_pages);
}

/* There is an entry for one more run, and it may be parked. Owner is held. */
static __always_inline bool hr_cache_has_room(const struct heapranges *heap,
					      const struct hr_cache *cache,
					      unsigned int nr_pages)
{
	return cache->vacant &&
	       cache->parked_pages + nr_pages <= READ_ONCE(heap->cache_max_pages);
}

/*
 * The live run of @nr_pages at @addr, page @page_idx of @chunk, is parked here. There is
 * room. Owner is held. Return: false: somebody else has claimed it.
 */
static __always_inline bool hr_cache_park(struct hr_cache *cache, struct hr_chunk *chunk,
					  unsigned long page_idx, unsigned int nr_pages,
					  unsigned long addr)
{
	if (unlikely(!hr_records_claim(&chunk->records, page_idx, nr_pages, true)))
		return false;
	hr_cache_move(cache, &cache->vacant, &cache->parked[nr_pages], addr);
	cache->parked_pages += nr_pages;
	hr_count_up(&cache->frees);
	return true;
}

/*
 * The quick half of taking: what this CPU's cache has, in a chunk that it remembers. It
 * reads the heap, the cache's first line and its entry, and the record. Everything else
 * is left to hr_cache_take(), with nothing changed.
 *
 * Return: true: *@base is the run's address; false: not done.
 */
static __always_inline bool hr_cache_take_quick(struct heapranges *heap,
						unsigned long nr_pages, unsigned long *base)
{
	struct hr_cache __percpu *caches = READ_ONCE(heap->quick_caches);
	unsigned long entry, page_idx;
	struct hr_cache *cache;

	if (unlikely(!caches || nr_pages > HR_RECORD_PARKED_MAX))
		return false;
	preempt_disable();
	cache = this_cpu_ptr(caches);
	if (unlikely(!hr_cache_try_own(heap, cache)))
		goto out;
	entry = cache->entry[cache->parked[nr_pages]];
	page_idx = hr_cache_recall(cache, entry);
	/* Entry 0 is of page 0, which is no heap's. */
	if (unlikely(page_idx >= HR_CHUNK_PAGES ||
		     !hr_records_is_parked(&cache->last.chunk->records, page_idx, nr_pages)))
		goto out_owned;
	hr_cache_unpark(cache, cache->last.chunk, page_idx, nr_pages);
	hr_cache_disown(cache);
	preempt_enable();
	*base = entry & PAGE_MASK;
	return true;
out_owned:
	hr_cache_disown(cache);
out:
	preempt_enable();
	return false;
}

/* The same for giving, @nr_pages being 0 or not if @sized. Return: false: not done. */
static __always_inline bool hr_cache_give_quick(struct heapranges *heap, unsigned long addr,
						unsigned long nr_pages, bool sized)
{
	struct hr_cache __percpu *caches = READ_ONCE(heap->quick_caches);
	unsigned int run_pages;
	unsigned long page_idx;
	struct hr_cache *cache;
	bool given = false;

	if (unlikely(!caches))
		return false;
	preempt_disable();
	cache = this_cpu_ptr(caches);
	if (unlikely(!hr_cache_try_own(heap, cache)))
		goto out;
	page_idx = hr_cache_recall(cache, addr);
	if (unlikely(page_idx >= HR_CHUNK_PAGES || !PAGE_ALIGNED(addr)))
		goto out_owned;
	run_pages = READ_ONCE(cache->last.chunk->records.code[page_idx]);
	if (likely(run_pages - 1 < HR_RECORD_PARKED_MAX &&
		   (!sized || nr_pages == run_pages) &&
		   hr_cache_has_room(heap, cache, run_pages)))
		given = hr_cache_park(cache, cache->last.chunk, page_idx, run_pages, addr);
out_owned:
	hr_cache_disown(cache);
out:
	preempt_enable();
	return given;
}

#endif /* HR_CACHE_H */
