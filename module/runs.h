/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs of pages: finding room for one, beginning and ending it, judging a free.
 * Chunks, their bits and records, and the tree over them, kept in step.
 *
 * The caller holds the heap's lock, with interrupts off: that is an RCU read-side
 * section too, so chunks and ranges found under it stay.
 */
#ifndef HR_RUNS_H
#define HR_RUNS_H

#include "chunks.h"
#include "radix.h"
#include "ranges.h"
#include "reports.h"

/* A run that was taken. By value, in two registers. */
struct hr_taken {
	unsigned long		base;		/* 0: none was */
	/* The pages behind the first so many are known to be zero. */
	unsigned long		dirty_pages;
};

#define HR_TAKEN_NONE	((struct hr_taken){ 0, 0 })

struct hr_runs {
	struct hr_chunks	chunks;
	struct hr_radix		radix;
	struct hr_chunk		*last;	/* of those in the tree, looked up last; NULL: none */
	struct hr_ranges_memo	memo;
};

/* As hr_chunks_init(). */
void hr_runs_init(struct hr_runs *runs, struct mutex *writers, bool track_owners);

/*
 * Makes a live run of pages that are free, or busy and nobody's.
 *
 * @dirty_pages: see struct hr_taken
 *
 * Return: false: @ranges does not hold them, nothing was done.
 */
bool hr_runs_begin(struct hr_runs *runs, const struct hr_ranges *ranges,
		   unsigned long base, unsigned long nr_pages,
		   unsigned long *dirty_pages);

/* What a free of @addr is, @nr_pages being 0 where the caller knows no size. */
enum hr_verdict hr_runs_judge(struct hr_runs *runs, const struct hr_ranges *ranges,
			      unsigned long addr, unsigned long nr_pages);

/* hr_runs_begin_row() goes to a row's end, half a row away at least: at most so far. */
#define HR_RUNS_ROW_MAX_PAGES	(HR_RECORDS_ROW + HR_RECORDS_ROW / 2)

/*
 * Makes runs of @nr_pages, at most HR_RECORD_PARKED_MAX, in a row: the first, at
 * @taken->base, live, those behind it, up to the end of a row (records.h), parked.
 * @max_runs is at least 1; if @taken->dirty_pages is 0, all are known to be zero.
 *
 * @in_a_chunk: not the lowest run if that leaves its chunk, and the next one has room
 *
 * Return: how many; 0: no room, or, if @taken->base is not 0, @ranges does not hold
 * what was found there. Nothing was done.
 */
unsigned int hr_runs_begin_row(struct hr_runs *runs, const struct hr_ranges *ranges,
			       unsigned long nr_pages, unsigned int max_runs,
			       bool in_a_chunk, struct hr_taken *taken);

/*
 * The pages of the parked run of @nr_pages at @base are free.
 * Return: false: there is none; nothing was done.
 */
bool hr_runs_end_parked(struct hr_runs *runs, unsigned long base,
			unsigned int nr_pages);

/*
 * Ends the live run that begins at @base: a second free of it is a double free
 * from here on. Its pages are free, or stay busy until hr_runs_release() if
 * @keep_busy. Return: how many they are; 0: somebody else has claimed it.
 */
unsigned long hr_runs_end(struct hr_runs *runs, unsigned long base, bool keep_busy);
void hr_runs_release(struct hr_runs *runs, unsigned long base,
		     unsigned long nr_pages);

struct hr_chunk *hr_runs_look_up(struct hr_runs *runs, unsigned long chunk_idx);

/* The chunk with @addr. NULL: none. */
static inline struct hr_chunk *hr_runs_chunk(struct hr_runs *runs, unsigned long addr)
{
	unsigned long chunk_idx = hr_addr_to_chunk_idx(addr);
	struct hr_chunk *chunk = runs->last;

	if (likely(chunk && chunk->chunk_idx == chunk_idx))
		return chunk;
	return hr_runs_look_up(runs, chunk_idx);
}

/*
 * The quick half of taking and giving: runs within a word of the bitmap, taken at
 * the hint. Everything that it does not do at once is left to the full half, with
 * nothing changed. What it must never gain is a search.
 *
 * Return: the run, or its pages; none, or 0: not done.
 */
static __always_inline struct hr_taken hr_runs_take_quick(struct hr_runs *runs,
							  const struct hr_ranges *ranges,
							  unsigned long nr_pages)
{
	struct hr_chunk *chunk = runs->radix.hint_chunk;
	unsigned int page_idx = runs->radix.hint_page;
	unsigned long base;
	bool is_zero;

	if (unlikely(!chunk || !hr_bits_fit(&chunk->bits, page_idx, nr_pages)))
		return HR_TAKEN_NONE;
	base = hr_radix_hint_addr(&runs->radix);
	if (unlikely(!hr_ranges_contains_memo(ranges, base, nr_pages, &runs->memo)))
		return HR_TAKEN_NONE;
	runs->last = chunk;
	hr_radix_touch(&runs->radix, chunk, page_idx, page_idx + nr_pages);
	hr_bits_set_in_a_word(&chunk->bits, page_idx, page_idx + nr_pages);
	is_zero = hr_chunk_use(chunk, page_idx, page_idx + nr_pages);
	hr_records_set_short(&chunk->records, page_idx, nr_pages);
	runs->radix.hint_page = page_idx + nr_pages;
	return (struct hr_taken){ base, is_zero ? 0 : nr_pages };
}

static inline unsigned int hr_runs_give_quick(struct hr_runs *runs, unsigned long addr,
					      unsigned long nr_pages)
{
	struct hr_chunk *chunk = hr_runs_chunk(runs, addr);
	unsigned int page_idx = hr_addr_to_page_idx(addr), run_pages;

	if (unlikely(!chunk || !PAGE_ALIGNED(addr)))
		return 0;
	run_pages = READ_ONCE(chunk->records.code[page_idx]);
	if (unlikely(run_pages - 1 >= HR_RECORD_SHORT_MAX ||
		     (nr_pages && nr_pages != run_pages) ||
		     !hr_bits_in_a_word(page_idx, page_idx + run_pages) ||
		     !hr_records_claim(&chunk->records, page_idx, run_pages, false)))
		return 0;
	hr_radix_touch(&runs->radix, chunk, page_idx, page_idx + run_pages);
	hr_radix_freed(&runs->radix, chunk, page_idx);
	hr_bits_clear_in_a_word(&chunk->bits, page_idx, page_idx + run_pages);
	return run_pages;
}

/*
 * Looks for the lowest run of @nr_pages at a multiple of @align_pages, a power of
 * two, from *@from on. Gives up after a bounded number of runs that do not fit,
 * with *@from where to go on.
 *
 * Return: its address; 0: none yet, or, if *@from is 0, none.
 */
unsigned long hr_runs_find_aligned(struct hr_runs *runs, unsigned long *from,
				   unsigned long nr_pages, unsigned long align_pages);

/* All of the span is owned, as far as chunks tell, and free. */
bool hr_runs_are_free(struct hr_runs *runs, unsigned long base,
		      unsigned long nr_pages);

/*
 * The live run of @old_pages that begins at @base gets @nr_pages. Pages that it
 * loses are free, or stay busy until hr_runs_release() if @keep_busy.
 *
 * Return: 0, or with nothing done: -ENOSPC: what is behind it is not free, or
 * @ranges does not hold it; -EALREADY: somebody else has claimed it.
 */
int hr_runs_resize(struct hr_runs *runs, const struct hr_ranges *ranges,
		   unsigned long base, unsigned long old_pages,
		   unsigned long nr_pages, bool keep_busy);

/* The pages of the live run that begins at @addr; 0: none does. */
unsigned long hr_runs_pages(struct hr_runs *runs, unsigned long addr);

/* The bits of one piece of a span, in one chunk, become free or busy. */
void hr_runs_set_piece(struct hr_runs *runs, struct hr_chunk *chunk,
		       const struct hr_piece *piece, bool free);

/* @chunk is about to leave the tree. */
static inline void hr_runs_forget(struct hr_runs *runs, const struct hr_chunk *chunk)
{
	if (runs->last == chunk)
		runs->last = NULL;
}

#endif /* HR_RUNS_H */
