// SPDX-License-Identifier: GPL-2.0
/*
 * One chunk's records: a byte a page, so that a free needs no size and knows
 * where a run begins.
 *
 *	0		no live run begins here
 *	1 .. 109	a live run of so many pages begins here
 *	110 .. 125	a parked run of 1 to 16 pages begins here
 *	126 LEAVING	one that ends behind the chunk: its length is beside
 *	127 LONG	one of up to 512 pages: its length is in the next two bytes
 *	128 | digit	such a byte, seven bits of a length, high ones first
 *
 *	pages	 0   1   2   3   4   5        510  511 | 512 ...
 *	code	 2   0   1  LONG 129 130 0 ..  0   LEAVING
 *
 * The two digits lie in pages of the run itself, so nothing else can need those
 * bytes; at most one run leaves a chunk. The length of a run is thus known in
 * constant time, and whether a page is in a live run after looking back over at
 * most one chunk: lead_pages answers for runs that began before it.
 */
#include <linux/bitmap.h>
#include <linux/string.h>

#include "records.h"

#define HR_RECORD_LEAVING	(HR_RECORD_SHORT_MAX + HR_RECORD_PARKED_MAX + 1)
#define HR_RECORD_LONG		127
#define HR_RECORD_DIGIT		128
#define HR_RECORD_DIGIT_BITS	7

static_assert(HR_RECORD_LEAVING < HR_RECORD_LONG);

static_assert(HR_CHUNK_PAGES < 1UL << (2 * HR_RECORD_DIGIT_BITS));

void hr_records_init(struct hr_records *records)
{
	memset(records, 0, sizeof(*records));
}

static bool hr_records_is_begin(u8 code)
{
	return code && code < HR_RECORD_DIGIT;
}

static bool hr_records_is_short(u8 code)
{
	return code && code <= HR_RECORD_SHORT_MAX;
}

/* Of the run whose record, HR_RECORD_LONG, is *@code. */
static unsigned long hr_records_long_pages(const u8 *code)
{
	return (code[1] - HR_RECORD_DIGIT) << HR_RECORD_DIGIT_BITS |
	       (code[2] - HR_RECORD_DIGIT);
}

void hr_records_set(struct hr_records *records, unsigned int page_idx,
		    unsigned long nr_pages)
{
	u8 *code = &records->code[page_idx];

	if (nr_pages > HR_CHUNK_PAGES - page_idx) {
		code[0] = HR_RECORD_LEAVING;
		records->leaving_pages = nr_pages;
	} else if (nr_pages > HR_RECORD_SHORT_MAX) {
		code[0] = HR_RECORD_LONG;
		code[1] = HR_RECORD_DIGIT | nr_pages >> HR_RECORD_DIGIT_BITS;
		code[2] = HR_RECORD_DIGIT | (nr_pages & (HR_RECORD_DIGIT - 1));
	} else {
		WRITE_ONCE(code[0], nr_pages);
	}
}

unsigned long hr_records_end(struct hr_records *records, unsigned int page_idx)
{
	u8 *code = &records->code[page_idx];
	/* Read once: its cache may take a parked run, or park a live one, at any time. */
	u8 begin = READ_ONCE(code[0]);
	unsigned long nr_pages;

	if (hr_records_is_short(begin))
		return hr_records_claim(records, page_idx, begin, false) ? begin : 0;
	if (begin == HR_RECORD_LEAVING) {
		nr_pages = records->leaving_pages;
		records->leaving_pages = 0;
	} else if (begin == HR_RECORD_LONG) {
		nr_pages = hr_records_long_pages(code);
		memset(code + 1, 0, 2);
	} else {
		return 0;
	}
	code[0] = 0;
	return nr_pages;
}

unsigned long hr_records_run_pages(const struct hr_records *records, unsigned int page_idx,
				   bool *is_parked)
{
	const u8 *code = &records->code[page_idx];
	u8 begin = READ_ONCE(code[0]);

	*is_parked = begin > HR_RECORD_SHORT_MAX && begin < HR_RECORD_LEAVING;
	if (*is_parked)
		return begin - HR_RECORD_SHORT_MAX;
	if (begin == HR_RECORD_LEAVING)
		return records->leaving_pages;
	if (begin == HR_RECORD_LONG)
		return hr_records_long_pages(code);
	return hr_records_is_short(begin) ? begin : 0;
}

unsigned long hr_records_pages(const struct hr_records *records,
			       unsigned int page_idx)
{
	bool is_parked;
	unsigned long run_pages = hr_records_run_pages(records, page_idx, &is_parked);

	return is_parked ? 0 : run_pages;
}

bool hr_records_is_inside(const struct hr_records *records, unsigned int page_idx)
{
	unsigned int begin = page_idx;

	if (page_idx < records->lead_pages)
		return true;
	do {
		if (!begin--)
			return false;
	} while (!hr_records_is_begin(READ_ONCE(records->code[begin])));
	return page_idx - begin < hr_records_pages(records, begin);
}

bool hr_records_cover(const struct hr_records *records, unsigned int page_idx)
{
	return hr_records_pages(records, page_idx) || hr_records_is_inside(records, page_idx);
}

unsigned long hr_records_count_parked(const struct hr_records *records,
				      unsigned int begin, unsigned int end)
{
	unsigned long parked_pages = 0;

	while (begin < end) {
		/* Mostly there is nothing. */
		if (IS_ALIGNED(begin, sizeof(long)) && end - begin >= sizeof(long) &&
		    !*(const unsigned long *)&records->code[begin]) {
			begin += sizeof(long);
			continue;
		}
		parked_pages += hr_records_parked_pages(records, begin);
		begin++;
	}
	return parked_pages;
}

void hr_records_mark_parked(const struct hr_records *records, unsigned long *parked)
{
	unsigned int page_idx, nr_pages;

	for (page_idx = 0; page_idx < HR_CHUNK_PAGES; page_idx++) {
		/* Mostly there is nothing. */
		while (IS_ALIGNED(page_idx, sizeof(long)) && page_idx < HR_CHUNK_PAGES &&
		       !*(const unsigned long *)&records->code[page_idx])
			page_idx += sizeof(long);
		if (page_idx >= HR_CHUNK_PAGES)
			break;
		nr_pages = hr_records_parked_pages(records, page_idx);
		if (nr_pages && nr_pages <= HR_CHUNK_PAGES - page_idx)
			bitmap_set(parked, page_idx, nr_pages);
	}
}
