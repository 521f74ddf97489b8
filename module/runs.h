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

struct hr_runs {
	struct hr_chunks	chunks;
	struct hr_radix		radix;
	struct hr_chunk		*last;	/* looked up last; NULL: forgotten */
	struct hr_ranges_memo	memo;
};

void hr_runs_init(struct hr_runs *runs, struct mutex *writers);

/*
 * Makes a live run of pages that are free, or busy and nobody's.
 * Return: false: @ranges does not hold them, nothing was done.
 */
bool hr_runs_begin(struct hr_runs *runs, const struct hr_ranges *ranges,
		   unsigned long base, unsigned long nr_pages);

/* What a free of @addr is, @nr_pages being 0 where the caller knows no size. */
enum hr_verdict hr_runs_judge(struct hr_runs *runs, const struct hr_ranges *ranges,
			      unsigned long addr, unsigned long nr_pages);

/*
 * Ends the live run that begins at @base: a second free of it is a double free
 * from here on. Its pages are free, or stay busy until hr_runs_release() if
 * @keep_busy. Return: how many they are.
 */
unsigned long hr_runs_end(struct hr_runs *runs, unsigned long base, bool keep_busy);
void hr_runs_release(struct hr_runs *runs, unsigned long base,
		     unsigned long nr_pages);

/* The pages of the live run that begins at @addr; 0: none does. */
unsigned long hr_runs_pages(struct hr_runs *runs, unsigned long addr);

/* The bits of one piece of a span, in one chunk, become free or busy. */
void hr_runs_set_piece(struct hr_runs *runs, struct hr_chunk *chunk,
		       const struct hr_piece *piece, bool free);

/* @chunk is about to go. */
static inline void hr_runs_forget(struct hr_runs *runs, const struct hr_chunk *chunk)
{
	if (runs->last == chunk)
		runs->last = NULL;
}

#endif /* HR_RUNS_H */
