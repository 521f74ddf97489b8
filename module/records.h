/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One chunk's records: where its live runs begin and how long they are. Page
 * indices are of the chunk. Locking is the caller's.
 */
#ifndef HR_RECORDS_H
#define HR_RECORDS_H

#include "geometry.h"

struct hr_records {
	/* The run that begins here and ends behind the chunk, if one does. */
	unsigned long	leaving_pages;
	/* Pages at the chunk's front of a live run that began before it. */
	unsigned int	lead_pages;
	/* See records.c for the code. */
	u8		code[HR_CHUNK_PAGES];
};

/* A code up to here is the length of a run that lies in the chunk. */
#define HR_RECORD_SHORT_MAX	125

void hr_records_init(struct hr_records *records);

/*
 * A live run of @nr_pages, of any length, begins at @page_idx. The chunks that
 * it reaches into are told by hr_records_set_lead().
 */
void hr_records_set(struct hr_records *records, unsigned int page_idx,
		    unsigned long nr_pages);

/* No live run begins at @page_idx any more, where one did. */
void hr_records_clear(struct hr_records *records, unsigned int page_idx);

/* @nr_pages at the chunk's front belong to a live run begun before; 0: none. */
static inline void hr_records_set_lead(struct hr_records *records,
				       unsigned int nr_pages)
{
	records->lead_pages = nr_pages;
}

/* The length of the live run that begins at @page_idx; 0: none begins there. */
unsigned long hr_records_pages(const struct hr_records *records,
			       unsigned int page_idx);

/* @page_idx is in a live run, wherever that begins. */
bool hr_records_cover(const struct hr_records *records, unsigned int page_idx);

#endif /* HR_RECORDS_H */
