/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One chunk's bitmap: a set bit is a page that cannot be allocated, since it is
 * in use or since no range owns it. Page indices are of the chunk, spans of them
 * half-open. Locking is the caller's.
 */
#ifndef HR_BITS_H
#define HR_BITS_H

#include <linux/bitmap.h>

#include "geometry.h"
#include "sum.h"

struct hr_bits {
	DECLARE_BITMAP(busy, HR_CHUNK_PAGES);
};

/* Free pages of a chunk, or of a sequence of chunks, as a search needs them. */
struct hr_bits_tally {
	unsigned long	free_pages;
	unsigned long	longest_pages;	/* of the runs of free pages */
	unsigned long	tail_pages;	/* of the free run that reaches the end */
};

static inline void hr_bits_init(struct hr_bits *bits)
{
	bitmap_fill(bits->busy, HR_CHUNK_PAGES);
}

/* [begin, end) of one word, and that word. */
static inline unsigned long hr_bits_mask(unsigned int begin, unsigned int end)
{
	return GENMASK((end - 1) % BITS_PER_LONG, begin % BITS_PER_LONG);
}

static inline bool hr_bits_in_a_word(unsigned int begin, unsigned int end)
{
	return begin / BITS_PER_LONG == (end - 1) / BITS_PER_LONG;
}

static inline void hr_bits_set_in_a_word(struct hr_bits *bits, unsigned int begin,
					 unsigned int end)
{
	bits->busy[begin / BITS_PER_LONG] |= hr_bits_mask(begin, end);
}

static inline void hr_bits_clear_in_a_word(struct hr_bits *bits, unsigned int begin,
					   unsigned int end)
{
	bits->busy[begin / BITS_PER_LONG] &= ~hr_bits_mask(begin, end);
}

static inline void hr_bits_set(struct hr_bits *bits, unsigned int begin,
			       unsigned int end)
{
	if (likely(hr_bits_in_a_word(begin, end)))
		hr_bits_set_in_a_word(bits, begin, end);
	else
		bitmap_set(bits->busy, begin, end - begin);
}

static inline void hr_bits_clear(struct hr_bits *bits, unsigned int begin,
				 unsigned int end)
{
	if (likely(hr_bits_in_a_word(begin, end)))
		hr_bits_clear_in_a_word(bits, begin, end);
	else
		bitmap_clear(bits->busy, begin, end - begin);
}

/* All of them. */
static inline void hr_bits_set_whole(struct hr_bits *bits, bool free)
{
	if (free)
		bitmap_zero(bits->busy, HR_CHUNK_PAGES);
	else
		bitmap_fill(bits->busy, HR_CHUNK_PAGES);
}

/* Quick: pages from @page_idx on are free, and lie in one word. */
static inline bool hr_bits_fit(const struct hr_bits *bits, unsigned int page_idx,
			       unsigned long nr_pages)
{
	unsigned int left = BITS_PER_LONG - page_idx % BITS_PER_LONG;

	return nr_pages <= left && page_idx < HR_CHUNK_PAGES &&
	       !(bits->busy[page_idx / BITS_PER_LONG] &
		 hr_bits_mask(page_idx, page_idx + nr_pages));
}

/* Pages [begin, it) are free: up to @end at most. */
static inline unsigned int hr_bits_free_end(const struct hr_bits *bits, unsigned int begin,
					    unsigned int end)
{
	return find_next_bit(bits->busy, end, begin);
}

/* No page of [begin, end) is busy. */
bool hr_bits_are_free(const struct hr_bits *bits, unsigned int begin,
		      unsigned int end);

/*
 * First fit from page @begin to the chunk's end, continuing a run of @head_pages
 * free pages that ends where page @begin starts (0: none).
 *
 * Return: true: there are @nr_pages in a row, and *@nr_before is how many pages
 * before @begin (negative: behind) the first of them lies. false: there are not,
 * and *@nr_before is the length of the free run that reaches the end.
 */
bool hr_bits_find(const struct hr_bits *bits, unsigned int begin,
		  unsigned long head_pages, unsigned long nr_pages, long *nr_before);

/* The summary of the whole chunk. */
void hr_bits_sum(const struct hr_bits *bits, struct hr_sum *sum);

/*
 * The same, *@sum having been right before pages [begin, end) became free, or busy, all
 * of them and no others.
 */
void hr_bits_mend_sum(const struct hr_bits *bits, unsigned int begin, unsigned int end,
		      struct hr_sum *sum);

/* How many bits of [begin, end) are set in @bits, of a chunk. */
unsigned int hr_bits_weigh(const unsigned long *bits, unsigned int begin, unsigned int end);

/* Adds [begin, end) to @tally, which covers what lies directly before. */
void hr_bits_tally(const struct hr_bits *bits, unsigned int begin,
		   unsigned int end, struct hr_bits_tally *tally);

#endif /* HR_BITS_H */
