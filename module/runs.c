// SPDX-License-Identifier: GPL-2.0
/*
 * Runs of pages.
 *
 *	ranges   [------------------)        [---------)     what is owned
 *	chunks   |  512  |  512  |  512  |   |  512  |  512  |
 *	bits      ..xx....x......xxxxxxxx     xxx....x         what is busy
 *	records     2     1      8            xxx    1         what begins where
 *
 * A page is free when a range holds it and its bit is clear. Pages that no range
 * holds are busy without a record, so chunks may reach over the ends of a range
 * and be shared by two.
 *
 * The range array is asked about each run before it begins. On free the record
 * answers, which was set only after the array had said yes; the array is asked
 * again on the way to a verdict.
 */
#include "runs.h"

void hr_runs_init(struct hr_runs *runs, struct mutex *writers, bool track_owners)
{
	hr_chunks_init(&runs->chunks, writers, track_owners);
}

struct hr_chunk *hr_runs_look_up(struct hr_runs *runs, unsigned long chunk_idx)
{
	struct hr_chunk *chunk = hr_chunks_find(&runs->chunks, chunk_idx);

	if (chunk)
		runs->last = chunk;
	return chunk;
}

/* There is one. */
static struct hr_chunk *hr_runs_next_chunk(struct hr_runs *runs,
					   const struct hr_chunk *chunk)
{
	return hr_radix_sibling(chunk) ?:
	       hr_chunks_find(&runs->chunks, chunk->chunk_idx + 1);
}

/*
 * Pages [begin, end) of @chunk become free or busy. Return: they are busy, and known to
 * be zero.
 */
static bool hr_runs_paint(struct hr_runs *runs, struct hr_chunk *chunk,
			  unsigned int begin, unsigned int end, bool free)
{
	hr_radix_touch(&runs->radix, chunk, begin, end);
	if (free) {
		hr_bits_clear(&chunk->bits, begin, end);
		return false;
	}
	hr_bits_set(&chunk->bits, begin, end);
	return hr_chunk_dirty(chunk, begin, end);
}

/*
 * @nr_chunks from @chunk on become free or busy, as a whole and as the inside of
 * one run. *@dirty_chunks, if they become busy: those behind the first so many are
 * known to be zero. Return: the last of them. Inline, since all callers know @free.
 */
static __always_inline struct hr_chunk *
hr_runs_paint_wholes(struct hr_runs *runs, struct hr_chunk *chunk,
		     unsigned long nr_chunks, bool free, unsigned long *dirty_chunks)
{
	struct hr_radix_node *node;
	unsigned int slot, end;
	unsigned long nr = 0;

	for (;;) {
		node = chunk->parent;
		slot = hr_radix_slot_of(chunk);
		end = min_t(unsigned long, slot + nr_chunks, HR_RADIX_FANOUT);
		nr_chunks -= end - slot;
		hr_radix_set_wholes(&runs->radix, node, slot, end, free);
		for (; slot < end; slot++) {
			chunk = node->child[slot];
			hr_bits_set_whole(&chunk->bits, free);
			hr_records_set_lead(&chunk->records, free ? 0 : HR_CHUNK_PAGES);
			nr++;
			if (!free && !hr_chunk_dirty(chunk, 0, HR_CHUNK_PAGES))
				*dirty_chunks = nr;
		}
		if (!nr_chunks)
			return chunk;
		chunk = hr_runs_next_chunk(runs, chunk);
	}
}

/*
 * The @nr_pages of a run from page @page_idx of @chunk on become free or busy, and
 * what lies behind @chunk no longer or from now on the inside of a run.
 * *@dirty_pages is as for hr_runs_begin(), if they become busy.
 * Return: the last chunk.
 */
static __always_inline struct hr_chunk *
hr_runs_paint_run(struct hr_runs *runs, struct hr_chunk *chunk,
		  unsigned int page_idx, unsigned long nr_pages, bool free,
		  unsigned long *dirty_pages)
{
	unsigned long done_pages = 0, nr_chunks, dirty_chunks = 0;
	unsigned int end;

	*dirty_pages = 0;
	if (page_idx || nr_pages < HR_CHUNK_PAGES) {
		end = min(page_idx + nr_pages, HR_CHUNK_PAGES);
		done_pages = end - page_idx;
		if (!hr_runs_paint(runs, chunk, page_idx, end, free))
			*dirty_pages = done_pages;
		nr_pages -= done_pages;
		if (!nr_pages)
			return chunk;
		chunk = hr_runs_next_chunk(runs, chunk);
	}
	nr_chunks = nr_pages / HR_CHUNK_PAGES;
	if (nr_chunks) {
		chunk = hr_runs_paint_wholes(runs, chunk, nr_chunks, free, &dirty_chunks);
		if (dirty_chunks)
			*dirty_pages = done_pages + dirty_chunks * HR_CHUNK_PAGES;
		done_pages += nr_chunks * HR_CHUNK_PAGES;
		nr_pages -= nr_chunks * HR_CHUNK_PAGES;
		if (!nr_pages)
			return chunk;
		chunk = hr_runs_next_chunk(runs, chunk);
	}
	if (!hr_runs_paint(runs, chunk, 0, nr_pages, free))
		*dirty_pages = done_pages + nr_pages;
	hr_records_set_lead(&chunk->records, free ? 0 : nr_pages);
	return chunk;
}

void hr_runs_set_piece(struct hr_runs *runs, struct hr_chunk *chunk,
		       const struct hr_piece *piece, bool free)
{
	hr_runs_paint(runs, chunk, piece->begin, piece->end, free);
	if (free)
		hr_radix_freed(&runs->radix, chunk, piece->begin);
}

bool hr_runs_begin(struct hr_runs *runs, const struct hr_ranges *ranges,
		   unsigned long base, unsigned long nr_pages,
		   unsigned long *dirty_pages)
{
	unsigned int page_idx = hr_addr_to_page_idx(base);
	struct hr_chunk *first, *last;

	if (!hr_ranges_contains_memo(ranges, base, nr_pages, &runs->memo))
		return false;

	first = hr_runs_chunk(runs, base);
	last = hr_runs_paint_run(runs, first, page_idx, nr_pages, false, dirty_pages);
	hr_records_set(&first->records, page_idx, nr_pages);
	/* It is the inside of this run that it is not. */
	if (!page_idx)
		hr_records_set_lead(&first->records, 0);
	hr_radix_taken(&runs->radix, base, last, base + hr_pages_to_bytes(nr_pages));
	return true;
}

/* How many runs of @nr_pages fit from @page_idx on into what is free of a word. */
static unsigned int hr_runs_count_row(const struct hr_chunk *chunk, unsigned int page_idx,
				      unsigned int nr_pages, unsigned int max_runs)
{
	unsigned int nr_runs;

	for (nr_runs = 0; nr_runs < max_runs; nr_runs++, page_idx += nr_pages) {
		if (!hr_bits_fit(&chunk->bits, page_idx, nr_pages) ||
		    (nr_runs && page_idx % BITS_PER_LONG == 0))
			break;
	}
	return nr_runs;
}

unsigned int hr_runs_begin_row(struct hr_runs *runs, const struct hr_ranges *ranges,
			       unsigned long nr_pages, unsigned int max_runs,
			       struct hr_taken *taken)
{
	unsigned long base = hr_radix_find(&runs->radix, nr_pages);
	unsigned int page_idx, nr_runs, i;
	struct hr_chunk *chunk;
	bool is_zero;

	taken->base = base;
	if (!base)
		return 0;
	page_idx = hr_addr_to_page_idx(base);
	chunk = hr_runs_chunk(runs, base);
	nr_runs = hr_runs_count_row(chunk, page_idx, nr_pages, max_runs);
	/* Over the end of a word, or of the chunk. */
	if (!nr_runs)
		return hr_runs_begin(runs, ranges, base, nr_pages, &taken->dirty_pages);

	nr_pages *= nr_runs;
	if (!hr_ranges_contains_memo(ranges, base, nr_pages, &runs->memo))
		return 0;
	is_zero = hr_runs_paint(runs, chunk, page_idx, page_idx + nr_pages, false);
	hr_radix_taken(&runs->radix, base, chunk, base + hr_pages_to_bytes(nr_pages));
	nr_pages /= nr_runs;
	taken->dirty_pages = is_zero ? 0 : nr_pages;
	hr_records_set(&chunk->records, page_idx, nr_pages);
	for (i = 1; i < nr_runs; i++)
		hr_records_park(&chunk->records, page_idx + i * nr_pages, nr_pages);
	return nr_runs;
}

bool hr_runs_end_parked(struct hr_runs *runs, unsigned long base,
			unsigned int nr_pages)
{
	unsigned int page_idx = hr_addr_to_page_idx(base);
	struct hr_chunk *chunk = hr_runs_chunk(runs, base);

	if (!chunk || !hr_records_is_parked(&chunk->records, page_idx, nr_pages))
		return false;
	hr_radix_freed(&runs->radix, chunk, page_idx);
	hr_runs_paint(runs, chunk, page_idx, page_idx + nr_pages, true);
	WRITE_ONCE(chunk->records.code[page_idx], 0);
	return true;
}

enum hr_verdict hr_runs_judge(struct hr_runs *runs, const struct hr_ranges *ranges,
			      unsigned long addr, unsigned long nr_pages)
{
	struct hr_chunk *chunk = hr_runs_chunk(runs, addr);
	unsigned int page_idx = hr_addr_to_page_idx(addr);
	unsigned long run_pages = 0;
	bool inside;

	if (likely(chunk && PAGE_ALIGNED(addr)))
		run_pages = hr_records_pages(&chunk->records, page_idx);
	if (likely(run_pages))
		return !nr_pages || nr_pages == run_pages ? HR_VERDICT_GOOD :
							    HR_VERDICT_SIZE;

	if (!chunk || !hr_ranges_contains(ranges, addr & PAGE_MASK, 1))
		return HR_VERDICT_FOREIGN;
	/*
	 * Not to be asked again: what was parked here a moment ago may be live by now,
	 * since that needs no lock.
	 */
	inside = PAGE_ALIGNED(addr) ? hr_records_is_inside(&chunk->records, page_idx) :
				      hr_records_cover(&chunk->records, page_idx);
	return inside ? HR_VERDICT_INTERIOR : HR_VERDICT_DOUBLE;
}

/*
 * Pages behind @chunk are the inside of the run of @nr_pages that begins at page
 * @page_idx of @chunk, or no longer.
 */
static void hr_runs_set_leads(struct hr_runs *runs, struct hr_chunk *chunk,
			      unsigned int page_idx, unsigned long nr_pages, bool inside)
{
	struct hr_piece piece = hr_piece_first(hr_pages_to_bytes(page_idx), nr_pages);

	while (hr_piece_next(&piece)) {
		chunk = hr_runs_next_chunk(runs, chunk);
		hr_records_set_lead(&chunk->records, inside ? piece.end : 0);
	}
}

unsigned long hr_runs_end(struct hr_runs *runs, unsigned long base, bool keep_busy)
{
	unsigned int page_idx = hr_addr_to_page_idx(base);
	struct hr_chunk *chunk = hr_runs_chunk(runs, base);
	unsigned long nr_pages, dirty_pages;

	nr_pages = hr_records_end(&chunk->records, page_idx);
	if (!nr_pages)
		return 0;
	if (!keep_busy) {
		hr_radix_freed(&runs->radix, chunk, page_idx);
		hr_runs_paint_run(runs, chunk, page_idx, nr_pages, true, &dirty_pages);
		return nr_pages;
	}
	hr_runs_set_leads(runs, chunk, page_idx, nr_pages, false);
	return nr_pages;
}

unsigned long hr_runs_pages(struct hr_runs *runs, unsigned long addr)
{
	struct hr_chunk *chunk = hr_runs_chunk(runs, addr);

	if (!chunk || !PAGE_ALIGNED(addr))
		return 0;
	return hr_records_pages(&chunk->records, hr_addr_to_page_idx(addr));
}

/* So many runs that do not fit, then the lock is let go of. */
#define HR_RUNS_ALIGNED_TRIES	32

unsigned long hr_runs_find_aligned(struct hr_runs *runs, unsigned long *from,
				   unsigned long nr_pages, unsigned long align_pages)
{
	unsigned long align_bytes = hr_pages_to_bytes(align_pages);
	unsigned long base, addr;
	int i;

	for (i = 0; i < HR_RUNS_ALIGNED_TRIES; i++) {
		base = hr_radix_find_from(&runs->radix, *from, nr_pages);
		addr = ALIGN(base, align_bytes);
		/* No run, or no aligned address behind it. */
		if (!base || addr < base)
			break;
		if (addr == base || hr_runs_are_free(runs, addr, nr_pages))
			return addr;
		/* What begins there is too short, and nothing aligned comes earlier. */
		if (addr + align_bytes < addr)
			break;
		*from = addr + align_bytes;
	}
	if (i < HR_RUNS_ALIGNED_TRIES)
		*from = 0;
	return 0;
}

bool hr_runs_are_free(struct hr_runs *runs, unsigned long base,
		      unsigned long nr_pages)
{
	struct hr_piece piece;
	struct hr_chunk *chunk;

	if (!hr_span_is_sane(base, nr_pages))
		return false;
	piece = hr_piece_first(base, nr_pages);
	do {
		chunk = hr_chunks_find(&runs->chunks, piece.chunk_idx);
		if (!chunk || !hr_bits_are_free(&chunk->bits, piece.begin, piece.end))
			return false;
	} while (hr_piece_next(&piece));
	return true;
}

/* The pages of a span are busy, or free; records are not touched. */
static void hr_runs_set_span(struct hr_runs *runs, unsigned long base,
			     unsigned long nr_pages, bool free)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);

	do {
		struct hr_chunk *chunk = hr_chunks_find(&runs->chunks, piece.chunk_idx);

		hr_runs_set_piece(runs, chunk, &piece, free);
	} while (hr_piece_next(&piece));
}

void hr_runs_release(struct hr_runs *runs, unsigned long base,
		     unsigned long nr_pages)
{
	hr_runs_set_span(runs, base, nr_pages, true);
}

int hr_runs_resize(struct hr_runs *runs, const struct hr_ranges *ranges,
		   unsigned long base, unsigned long old_pages,
		   unsigned long nr_pages, bool keep_busy)
{
	unsigned long behind = base + hr_pages_to_bytes(min(old_pages, nr_pages));
	unsigned int page_idx = hr_addr_to_page_idx(base);
	struct hr_chunk *chunk = hr_runs_chunk(runs, base);

	if (nr_pages > old_pages &&
	    (!hr_ranges_contains_memo(ranges, base, nr_pages, &runs->memo) ||
	     !hr_runs_are_free(runs, behind, nr_pages - old_pages)))
		return -ENOSPC;
	if (!hr_records_end(&chunk->records, page_idx))
		return -EALREADY;

	hr_runs_set_leads(runs, chunk, page_idx, old_pages, false);
	hr_records_set(&chunk->records, page_idx, nr_pages);
	hr_runs_set_leads(runs, chunk, page_idx, nr_pages, true);

	if (nr_pages > old_pages)
		hr_runs_set_span(runs, behind, nr_pages - old_pages, false);
	else if (nr_pages < old_pages && !keep_busy)
		hr_runs_set_span(runs, behind, old_pages - nr_pages, true);
	return 0;
}
