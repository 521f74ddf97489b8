// SPDX-License-Identifier: GPL-2.0
/*
 * Does everything that a heap knows fit together?
 *
 *	ranges		sorted, apart, sane			hr_verify_array()
 *	  chunks	owned pages, bits, records, links	hr_verify_piece()
 *	    runs	begin, inside, end; across chunks	hr_verify_pages()
 *	table, tree	slots; links, masks, summaries		hr_verify_tree()
 *	arenas		owned, mapped as they were; zeroes	hr_verify_arena()
 *	caches		lists, and what is parked there		hr_verify_cache()
 *	totals		all of it against the counters		hr_verify_totals()
 *
 * The change mutex is held: what is owned stays. The lock is held for one copy at a time, of
 * a chunk, of a summary and what it is of, once that is settled, or of the counters, and for
 * nothing else, so runs come and go meanwhile. What concerns what was copied together is a
 * violation whenever it is seen; what concerns more is one only if nothing was taken or
 * given from the first look to the last, which the counters tell. If something was, the heap
 * is looked at again.
 *
 * A pass takes as long as the heap is large, so it ends early when nobody is left who
 * would read what it finds.
 *
 * Leaves, summaries, masks and totals are recomputed the simple way, page by page: the
 * code looked at is not used to look. Records are read by records.c, and ranges.c is asked
 * what is owned, once hr_verify_array() has found the array sound.
 */
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "arena.h"
#include "cache.h"
#include "verifier.h"
#include "verify.h"

#define HR_VERIFY_PASSES	8

void hr_verify_say(struct hr_verify *v, int *nr, const char *fmt, ...)
{
	va_list args;

	/* Not under lock. */
	might_sleep();
	if (!v->nr_local && !v->nr_wide && v->size) {
		va_start(args, fmt);
		vscnprintf(v->first, v->size, fmt, args);
		va_end(args);
	}
	++*nr;
}

/* Changes whenever something is taken, given, parked or resized. */
static u64 hr_verify_version(struct heapranges *heap)
{
	struct hr_cache_totals totals;
	unsigned long flags;
	u64 version;

	hr_cache_get_totals(heap, &totals);
	raw_spin_lock_irqsave(&heap->lock, flags);
	version = heap->count[HR_COUNT_ALLOCS] + heap->count[HR_COUNT_FREES] +
		  heap->count[HR_COUNT_RESIZES] + heap->count[HR_COUNT_REFILLS] +
		  heap->count[HR_COUNT_FLUSHES] + heap->count[HR_COUNT_LET_GO] +
		  totals.allocs + totals.frees;
	raw_spin_unlock_irqrestore(&heap->lock, flags);
	return version;
}

/*
 * One owned page, at @addr: is its bit what its record says? Runs are followed by
 * run_limit from chunk to chunk.
 */
static void hr_verify_page(struct hr_verify *v, unsigned int page_idx,
			   unsigned long addr)
{
	const struct hr_chunk *chunk = &v->chunk;
	bool busy = test_bit(page_idx, chunk->bits.busy), is_parked;
	unsigned long run_pages = hr_records_run_pages(&chunk->records, page_idx, &is_parked);

	if (run_pages) {
		hr_verify_wide(v, addr >= v->run_limit,
			       "record: a run begins inside another at %lx", addr);
		hr_verify_local(v, hr_ranges_contains(&v->heap->ranges, addr, run_pages),
				"record: %lu pages at %lx are not owned", run_pages, addr);
		hr_verify_local(v, !is_parked || page_idx + run_pages <= HR_CHUNK_PAGES,
				"record: parked %lu pages at %lx leave the chunk",
				run_pages, addr);
		v->run_limit = addr + hr_pages_to_bytes(run_pages);
		v->run_is_parked = is_parked;
		v->nr_runs += !is_parked;
	}
	if (addr < v->run_limit) {
		hr_verify_wide(v, busy, "bits: page %lx of a %s run is free", addr,
			       v->run_is_parked ? "parked" : "live");
		v->live_pages += !v->run_is_parked;
		v->parked_pages += v->run_is_parked;
	} else if (busy) {
		v->held_pages++;
	} else {
		v->free_pages++;
	}
	hr_verify_local(v, busy || addr >= v->hint_addr,
			"hint: page %lx is free before it", addr);
}

/* Pages at the front of the chunk, at @addr, that are of the run seen last. */
static unsigned long hr_verify_lead_pages(const struct hr_verify *v, unsigned long addr)
{
	if (v->run_limit <= addr)
		return 0;
	return min(hr_bytes_to_pages(v->run_limit - addr), HR_CHUNK_PAGES);
}

/* The pages of one piece of a range. */
static void hr_verify_pages(struct hr_verify *v, const struct hr_piece *piece)
{
	unsigned long addr = hr_chunk_idx_to_addr(piece->chunk_idx);
	unsigned long lead_pages = hr_verify_lead_pages(v, addr);
	unsigned int page_idx;

	/* Where a piece begins inside, hr_verify_unowned() knows, or the piece before did. */
	hr_verify_wide(v, v->chunk.records.lead_pages == lead_pages || piece->begin,
		       "record: lead of chunk %lx is %u, should be %lu", piece->chunk_idx,
		       v->chunk.records.lead_pages, lead_pages);
	for (page_idx = piece->begin; page_idx < piece->end; page_idx++)
		hr_verify_page(v, page_idx, addr + hr_pages_to_bytes(page_idx));
}

/* Pages that no range holds: busy, and no run begins there, nor reaches there. */
static void hr_verify_unowned(struct hr_verify *v)
{
	const struct hr_chunk *chunk = &v->chunk;
	unsigned long addr = hr_chunk_idx_to_addr(chunk->chunk_idx);
	unsigned int page_idx, owned_pages = 0;
	bool is_parked;

	hr_verify_local(v, !chunk->records.lead_pages ||
			hr_ranges_contains(&v->heap->ranges, addr, 1),
			"record: lead of chunk %lx is %u, but its first page is not owned",
			chunk->chunk_idx, chunk->records.lead_pages);
	for (page_idx = 0; page_idx < HR_CHUNK_PAGES; page_idx++, addr += PAGE_SIZE) {
		if (hr_ranges_contains(&v->heap->ranges, addr, 1)) {
			owned_pages++;
			continue;
		}
		hr_verify_local(v, test_bit(page_idx, chunk->bits.busy),
				"bits: page %lx is free but not owned", addr);
		hr_verify_local(v, !hr_records_run_pages(&chunk->records, page_idx, &is_parked),
				"record: a run begins at %lx, which is not owned", addr);
	}
	hr_verify_local(v, chunk->owned_pages == owned_pages,
			"chunk %lx: owns %u pages, says %u", chunk->chunk_idx,
			owned_pages, chunk->owned_pages);
}

/* What is said to be zero is free, and so owned, too. */
static void hr_verify_zero_span(struct hr_verify *v)
{
	const struct hr_chunk *chunk = &v->chunk;
	unsigned long addr = hr_chunk_idx_to_addr(chunk->chunk_idx);
	unsigned int page_idx;

	hr_verify_local(v, chunk->zero_end <= HR_CHUNK_PAGES,
			"zero: chunk %lx: up to page %u", chunk->chunk_idx, chunk->zero_end);
	for (page_idx = chunk->zero_begin;
	     page_idx < min_t(unsigned int, chunk->zero_end, HR_CHUNK_PAGES); page_idx++)
		hr_verify_local(v, !test_bit(page_idx, chunk->bits.busy),
				"zero: page %lx is not free, but said to be zero",
				addr + hr_pages_to_bytes(page_idx));
}

static void hr_verify_piece(struct hr_verify *v, const struct hr_piece *piece)
{
	const struct hr_radix *radix = &v->heap->runs.radix;
	struct hr_chunk *chunk = hr_chunks_find(&v->heap->runs.chunks, piece->chunk_idx);

	if (hr_verify_is_over())
		return;
	hr_verify_local(v, chunk, "chunk %lx: missing", piece->chunk_idx);
	if (!chunk)
		return;
	raw_spin_lock_irq(&v->heap->lock);
	v->chunk = *chunk;
	v->hint_addr = radix->hint_chunk ? hr_radix_hint_addr(radix) : 0;
	raw_spin_unlock_irq(&v->heap->lock);

	hr_verify_links(v, chunk);
	hr_verify_pages(v, piece);
	hr_verify_unowned(v);
	hr_verify_zero_span(v);
	cond_resched();
}

static void hr_verify_range(struct hr_verify *v, const struct heapranges_range *range)
{
	struct hr_piece piece = hr_piece_first(range->base, hr_range_pages(range));

	do {
		hr_verify_piece(v, &piece);
	} while (hr_piece_next(&piece));
	hr_verify_wide(v, v->run_limit <= range->limit,
		       "record: a run reaches over the end of its range at %lx",
		       range->limit);
}

/* Caller holds change, so the array stays. */
static void hr_verify_ranges(struct hr_verify *v)
{
	struct heapranges_range range;
	const struct hr_leaf *leaf;
	unsigned long i;
	unsigned int k;

	lockdep_assert_held(&v->heap->change);
	if (!hr_verify_array(v))
		return;
	for (i = 0; i < hr_ranges_own_index(&v->heap->ranges)->nr_leaves; i++) {
		leaf = hr_ranges_own_leaf(&v->heap->ranges, i);
		for (k = 0; leaf && k < leaf->nr_ranges; k++) {
			range = hr_verify_leaf_range(leaf, k);
			hr_verify_range(v, &range);
		}
	}
}

/* Nobody has taken the page since its arena came, as far as the chunk knows. */
static bool hr_verify_is_said_to_be_zero(struct hr_verify *v, const struct hr_chunk *chunk,
					 unsigned int page_idx)
{
	bool is_zero;

	raw_spin_lock_irq(&v->heap->lock);
	is_zero = page_idx >= chunk->zero_begin && page_idx < chunk->zero_end;
	raw_spin_unlock_irq(&v->heap->lock);
	return is_zero;
}

/*
 * One mapped page of an arena. Who takes it while it is looked at may write to it, but he
 * has told the chunk before.
 */
static void hr_verify_zeroes(struct hr_verify *v, unsigned long addr)
{
	struct hr_chunk *chunk = hr_chunks_find(&v->heap->runs.chunks, hr_addr_to_chunk_idx(addr));
	unsigned int page_idx = hr_addr_to_page_idx(addr);

	if (!chunk || !hr_verify_is_said_to_be_zero(v, chunk, page_idx))
		return;
	/* Not under lock. */
	might_sleep();
	hr_verify_local(v, !memchr_inv((void *)addr, 0, PAGE_SIZE) ||
			!hr_verify_is_said_to_be_zero(v, chunk, page_idx),
			"zero: page %lx is not zero, but said to be", addr);
}

/* Caller holds change, so the arena stays. */
static void hr_verify_arena(struct hr_verify *v, const struct hr_arena *arena)
{
	unsigned long i, addr = arena->base;

	lockdep_assert_held(&v->heap->change);
	if (hr_verify_is_over())
		return;
	hr_verify_local(v, hr_ranges_contains(&v->heap->ranges, arena->base, arena->nr_pages),
			"arena %lx: not owned", arena->base);
	hr_verify_local(v, vmalloc_to_page((void *)arena->base) == arena->first_page,
			"arena %lx: somebody else unmapped it", arena->base);
	for (i = 0; i < arena->nr_pages && !hr_verify_is_over(); i++, addr += PAGE_SIZE) {
		if (!vmalloc_to_page((void *)addr)) {
			hr_verify_local(v, false, "arena %lx: page %lu is not mapped",
					arena->base, i);
			break;
		}
		hr_verify_zeroes(v, addr);
		cond_resched();
	}
}

static void hr_verify_arenas(struct hr_verify *v)
{
	unsigned long nr_arenas = 0;
	struct hr_arena *arena;

	list_for_each_entry(arena, &v->heap->arenas, link) {
		hr_verify_arena(v, arena);
		nr_arenas++;
	}
	hr_verify_local(v, nr_arenas == v->heap->nr_arenas, "arenas: %lu, said to be %lu",
			nr_arenas, v->heap->nr_arenas);
}

/* What the heap has counted, at one moment. */
struct hr_verify_totals {
	unsigned long	owned_pages, free_pages, held_pages, kept_pages;
	u64		allocs, frees;
};

static void hr_verify_copy_totals(struct heapranges *heap, struct hr_verify_totals *totals)
{
	struct hr_cache_totals cached;

	hr_cache_get_totals(heap, &cached);
	raw_spin_lock_irq(&heap->lock);
	totals->owned_pages = heap->owned_pages;
	totals->free_pages = heap->free_pages;
	totals->held_pages = heap->held_pages;
	totals->kept_pages = heap->kept ? heap->kept->nr_pages : 0;
	totals->allocs = heap->count[HR_COUNT_ALLOCS] + cached.allocs;
	totals->frees = heap->count[HR_COUNT_FREES] + cached.frees;
	raw_spin_unlock_irq(&heap->lock);
}

static void hr_verify_totals(struct hr_verify *v)
{
	unsigned long nr_pages = hr_ranges_nr_pages(&v->heap->ranges);
	unsigned long nr_chunks = hr_chunks_nr(&v->heap->runs.chunks);
	struct hr_verify_totals totals;

	hr_verify_copy_totals(v->heap, &totals);
	hr_verify_local(v, totals.owned_pages == nr_pages,
			"totals: owned %lu, ranges hold %lu", totals.owned_pages, nr_pages);
	hr_verify_wide(v, totals.free_pages == v->free_pages,
		       "totals: free %lu, bits say %lu", totals.free_pages, v->free_pages);
	hr_verify_wide(v, v->cached_pages == v->parked_pages,
		       "totals: caches hold %lu pages, records say %lu", v->cached_pages,
		       v->parked_pages);
	hr_verify_wide(v, v->held_pages == totals.held_pages,
		       "bits: %lu pages are busy but in no run, held are %lu",
		       v->held_pages, totals.held_pages);
	hr_verify_local(v, totals.kept_pages <= totals.held_pages,
			"totals: %lu pages are kept back, held are %lu",
			totals.kept_pages, totals.held_pages);
	hr_verify_wide(v, totals.allocs - totals.frees == v->nr_runs,
		       "totals: %llu allocs less %llu frees, %llu live runs",
		       totals.allocs, totals.frees, v->nr_runs);
	hr_verify_local(v, v->nr_chunks == nr_chunks,
			"tree: %lu chunks, of %lu", v->nr_chunks, nr_chunks);
}

/*
 * One look at everything.
 * Return: violations; -EBUSY: what is wide cannot be told, or it is over.
 */
static int hr_verify_pass(struct heapranges *heap, char *first, size_t size)
{
	struct hr_verify v = { .heap = heap, .first = first, .size = size };
	u64 version = hr_verify_version(heap);

	/* What a cache had counted and not yet done is done from here on. */
	hr_cache_settle(heap);
	if (size)
		*first = '\0';
	hr_verify_ranges(&v);
	hr_verify_tree(&v);
	hr_verify_arenas(&v);
	hr_verify_caches(&v);
	hr_verify_totals(&v);
	/* And what one had done and not yet counted is counted. */
	hr_cache_settle(heap);
	if (hr_verify_is_over())
		return -EBUSY;
	if (hr_verify_version(heap) == version)
		return v.nr_local + v.nr_wide;
	return v.nr_local ?: -EBUSY;
}

int hr_verify_heap(struct heapranges *heap, char *first, size_t size)
{
	int ret = -EBUSY, pass = 0;

	if (!mutex_lock_killable(&heap->change)) {
		do {
			ret = hr_verify_pass(heap, first, size);
		} while (ret == -EBUSY && ++pass < HR_VERIFY_PASSES && !hr_verify_is_over());
		mutex_unlock(&heap->change);
	}
	if (ret == -EBUSY && size)
		*first = '\0';
	return ret;
}
