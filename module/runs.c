// SPDX-License-Identifier: GPL-2.0
/*
 * Runs of pages.
 *
 *	ranges   [------------------)        [---------)     what is owned
 *	chunks   |  512  |  512  |  512  |   |  512  |  512  |
 *	bits      ..##....#......########     ###....#         what is busy
 *	records     2     1      8            ---    1         what begins where
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

	/* One that is in no tree is about to go, and nobody would forget it. */
	if (chunk && chunk->parent)
		runs->last = chunk;
	return chunk;
}

/* NULL: there is none. @chunk is in the tree. */
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
	return hr_chunk_use(chunk, begin, end);
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
			if (!free && !hr_chunk_use(chunk, 0, HR_CHUNK_PAGES))
				*dirty_chunks = nr;
		}
		if (!nr_chunks)
			return chunk;
		chunk = hr_runs_next_chunk(runs, chunk);
	}
}

/*
 * The @nr_pages, at least 1, of a run from the front of @chunk on become free or busy, and
 * no longer or from now on its inside. @done_pages of it lie before them; *@dirty_pages is
 * as for hr_runs_begin(), so far, if they become busy. Return: the last chunk.
 */
static __always_inline struct hr_chunk *
hr_runs_paint_inside(struct hr_runs *runs, struct hr_chunk *chunk, unsigned long nr_pages,
		     bool free, unsigned long done_pages, unsigned long *dirty_pages)
{
	unsigned long nr_chunks = nr_pages / HR_CHUNK_PAGES, dirty_chunks = 0;

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
	unsigned long done_pages = 0;
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
	return hr_runs_paint_inside(runs, chunk, nr_pages, free, done_pages, dirty_pages);
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

/*
 * How many runs of @nr_pages there is room for from @page_idx on, @max_runs at most, of
 * those that begin before a row ends: this row, or the next one if less than half of this
 * is left. Whoever takes what is behind them, another CPU perhaps, begins with a new row.
 */
static unsigned int hr_runs_count_row(const struct hr_chunk *chunk, unsigned int page_idx,
				      unsigned int nr_pages, unsigned int max_runs)
{
	unsigned int row_end = round_up(page_idx + HR_RECORDS_ROW / 2, HR_RECORDS_ROW);
	unsigned int most_pages, end;

	max_runs = min(max_runs, DIV_ROUND_UP(row_end - page_idx, nr_pages));
	most_pages = min(max_runs * nr_pages, HR_CHUNK_PAGES - page_idx);
	end = hr_bits_free_end(&chunk->bits, page_idx, page_idx + most_pages);
	return (end - page_idx) / nr_pages;
}

unsigned int hr_runs_begin_row(struct hr_runs *runs, const struct hr_ranges *ranges,
			       unsigned long nr_pages, unsigned int max_runs,
			       bool in_a_chunk, struct hr_taken *taken)
{
	unsigned long base = hr_radix_find(&runs->radix, nr_pages);
	unsigned int page_idx, nr_runs, i;
	struct hr_chunk *chunk, *next;
	bool is_zero;

	taken->base = base;
	if (!base)
		return 0;
	page_idx = hr_addr_to_page_idx(base);
	chunk = hr_runs_chunk(runs, base);
	/* No cache can have a run that leaves its chunk, and there would be one each time. */
	if (unlikely(page_idx + nr_pages > HR_CHUNK_PAGES && in_a_chunk)) {
		next = hr_runs_next_chunk(runs, chunk);
		if (hr_bits_fit(&next->bits, 0, nr_pages)) {
			chunk = next;
			page_idx = 0;
			base = hr_chunk_idx_to_addr(chunk->chunk_idx);
			taken->base = base;
		}
	}
	nr_runs = hr_runs_count_row(chunk, page_idx, nr_pages, max_runs);
	/* Over the end of the chunk, after all. */
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
 * Of the @nr_pages from page @page_idx of @chunk on, none behind @chunk is the inside of a
 * run any longer.
 */
static void hr_runs_clear_leads(struct hr_runs *runs, struct hr_chunk *chunk,
				unsigned int page_idx, unsigned long nr_pages)
{
	struct hr_piece piece = hr_piece_first(hr_pages_to_bytes(page_idx), nr_pages);

	while (hr_piece_next(&piece)) {
		chunk = hr_runs_next_chunk(runs, chunk);
		hr_records_set_lead(&chunk->records, 0);
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
	hr_runs_clear_leads(runs, chunk, page_idx, nr_pages);
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
#define HR_RUNS_ALIGNED_TRIES	8

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

static bool hr_runs_piece_is_free(const struct hr_runs *runs, const struct hr_chunk *chunk,
				  const struct hr_piece *piece)
{
	/* One that is in no tree is about to go. */
	if (!chunk || !chunk->parent)
		return false;
	if (hr_piece_pages(piece) == HR_CHUNK_PAGES && chunk != runs->radix.stale_chunk)
		return hr_radix_chunk_sum(chunk)->max == HR_CHUNK_PAGES;
	return hr_bits_are_free(&chunk->bits, piece->begin, piece->end);
}

bool hr_runs_are_free(struct hr_runs *runs, unsigned long base,
		      unsigned long nr_pages)
{
	struct hr_piece piece;
	struct hr_chunk *chunk;

	if (!hr_span_is_sane(base, nr_pages))
		return false;
	piece = hr_piece_first(base, nr_pages);
	chunk = hr_chunks_find(&runs->chunks, piece.chunk_idx);
	while (hr_runs_piece_is_free(runs, chunk, &piece)) {
		if (!hr_piece_next(&piece))
			return true;
		chunk = hr_runs_next_chunk(runs, chunk);
	}
	return false;
}

void hr_runs_release(struct hr_runs *runs, unsigned long base,
		     unsigned long nr_pages)
{
	unsigned int page_idx = hr_addr_to_page_idx(base);
	struct hr_chunk *chunk = hr_runs_chunk(runs, base);
	unsigned long dirty_pages;

	hr_radix_freed(&runs->radix, chunk, page_idx);
	hr_runs_paint_run(runs, chunk, page_idx, nr_pages, true, &dirty_pages);
}

/*
 * The @nr_pages at @base, the end of a live run that begins before them in chunk @first,
 * become free, or busy. The run's record is not touched.
 */
static __always_inline void hr_runs_paint_end(struct hr_runs *runs,
					      const struct hr_chunk *first,
					      unsigned long base, unsigned long nr_pages,
					      bool free)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);
	struct hr_chunk *chunk = hr_runs_chunk(runs, base);
	unsigned long dirty_pages;

	if (free)
		hr_radix_freed(&runs->radix, chunk, piece.begin);
	if (piece.begin) {
		hr_runs_paint(runs, chunk, piece.begin, piece.end, free);
		if (chunk != first)
			hr_records_set_lead(&chunk->records, free ? piece.begin : piece.end);
		nr_pages -= hr_piece_pages(&piece);
		if (!nr_pages)
			return;
		chunk = hr_runs_next_chunk(runs, chunk);
	}
	hr_runs_paint_inside(runs, chunk, nr_pages, free, 0, &dirty_pages);
}

/* The same, that stay busy. */
static void hr_runs_forgo_end(struct hr_runs *runs, const struct hr_chunk *first,
			      unsigned long base, unsigned long nr_pages)
{
	unsigned int page_idx = hr_addr_to_page_idx(base);
	struct hr_chunk *chunk = hr_runs_chunk(runs, base);

	if (chunk != first)
		hr_records_set_lead(&chunk->records, page_idx);
	hr_runs_clear_leads(runs, chunk, page_idx, nr_pages);
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

	hr_records_set(&chunk->records, page_idx, nr_pages);
	if (nr_pages > old_pages)
		hr_runs_paint_end(runs, chunk, behind, nr_pages - old_pages, false);
	else if (nr_pages < old_pages && keep_busy)
		hr_runs_forgo_end(runs, chunk, behind, old_pages - nr_pages);
	else if (nr_pages < old_pages)
		hr_runs_paint_end(runs, chunk, behind, old_pages - nr_pages, true);
	return 0;
}
