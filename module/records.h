/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One chunk's records: where its runs begin, how long they are, and whether they
 * are live or parked, that is kept by a cache for the next who wants such a run.
 * Page indices are of the chunk.
 *
 * Locking is the caller's, but for short runs, of up to HR_RECORD_PARKED_MAX pages,
 * whose record changes hands without a lock: whoever wants to end or park a live
 * one claims it by a compare-and-exchange, which one of several wins; and a parked
 * one is its cache's.
 */
#ifndef HR_RECORDS_H
#define HR_RECORDS_H

#include "geometry.h"

struct hr_records {
	/* See records.c for the code. */
	u8		code[HR_CHUNK_PAGES] __aligned(sizeof(long));
	/* The run that begins here and ends behind the chunk, if one does. */
	unsigned long	leaving_pages;
	/* Pages at the chunk's front of a live run that began before it. */
	unsigned int	lead_pages;
};

/*
 * The pages whose codes are one cache line, nearly everywhere: two CPUs had better not have
 * runs that begin in the same row.
 */
#define HR_RECORDS_ROW		64U

/* A code up to here is the length of a live run that lies in the chunk. */
#define HR_RECORD_SHORT_MAX	109
/* A code behind that, of a parked one: HR_RECORD_SHORT_MAX plus its length. */
#define HR_RECORD_PARKED_MAX	16

void hr_records_init(struct hr_records *records);

/*
 * A live run of @nr_pages, of any length, begins at @page_idx. The chunks that
 * it reaches into are told by hr_records_set_lead().
 */
void hr_records_set(struct hr_records *records, unsigned int page_idx,
		    unsigned long nr_pages);

/*
 * The live run of up to HR_RECORD_SHORT_MAX pages at @page_idx is the caller's to
 * end (@park: to park) from here on.
 * Return: false: somebody else has been quicker; nothing was done.
 */
static inline bool hr_records_claim(struct hr_records *records, unsigned long page_idx,
				    unsigned int nr_pages, bool park)
{
	u8 next = park ? HR_RECORD_SHORT_MAX + nr_pages : 0, code = nr_pages;

	return likely(try_cmpxchg(&records->code[page_idx], &code, next));
}

/* A run of @nr_pages, at most HR_RECORD_PARKED_MAX, is now parked at @page_idx. */
static inline void hr_records_park(struct hr_records *records, unsigned int page_idx,
				   unsigned int nr_pages)
{
	WRITE_ONCE(records->code[page_idx], HR_RECORD_SHORT_MAX + nr_pages);
}

/* A run of @nr_pages, up to HR_RECORD_SHORT_MAX, parked or nobody's so far, is live. */
static inline void hr_records_set_short(struct hr_records *records, unsigned long page_idx,
					unsigned int nr_pages)
{
	WRITE_ONCE(records->code[page_idx], nr_pages);
}

/* The length of the parked run that begins at @page_idx; 0: none begins there. */
static inline unsigned int hr_records_parked_pages(const struct hr_records *records,
						   unsigned int page_idx)
{
	unsigned int nr_pages = READ_ONCE(records->code[page_idx]) - HR_RECORD_SHORT_MAX;

	return nr_pages <= HR_RECORD_PARKED_MAX ? nr_pages : 0;
}

/* A run of @nr_pages, at most HR_RECORD_PARKED_MAX, is parked at @page_idx. */
static inline bool hr_records_is_parked(const struct hr_records *records,
					unsigned long page_idx, unsigned int nr_pages)
{
	return READ_ONCE(records->code[page_idx]) - nr_pages == HR_RECORD_SHORT_MAX;
}

/* The pages of all parked runs that begin in [begin, end). */
unsigned long hr_records_count_parked(const struct hr_records *records,
				      unsigned int begin, unsigned int end);

/* Sets the bits, of HR_CHUNK_PAGES that are all clear, of the pages of all parked runs. */
void hr_records_mark_parked(const struct hr_records *records, unsigned long *parked);

/*
 * No live run begins at @page_idx any more, if one did.
 * Return: the length of the run that was ended; 0: somebody else has claimed it, nothing
 * was done.
 */
unsigned long hr_records_end(struct hr_records *records, unsigned int page_idx);

/* @nr_pages at the chunk's front belong to a live run begun before; 0: none. */
static inline void hr_records_set_lead(struct hr_records *records,
				       unsigned int nr_pages)
{
	records->lead_pages = nr_pages;
}

/* The length of the live run that begins at @page_idx; 0: none begins there. */
unsigned long hr_records_pages(const struct hr_records *records,
			       unsigned int page_idx);

/*
 * The same of a run that is live or parked, *@is_parked, at one moment: its cache may take
 * or park it at any time.
 */
unsigned long hr_records_run_pages(const struct hr_records *records, unsigned int page_idx,
				   bool *is_parked);

/* @page_idx is in a live run that begins before it. What begins at it does not matter. */
bool hr_records_is_inside(const struct hr_records *records, unsigned int page_idx);

/* @page_idx is in a live run, wherever that begins. */
bool hr_records_cover(const struct hr_records *records, unsigned int page_idx);

#endif /* HR_RECORDS_H */
