/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages, chunks and addresses: the constants, and every conversion of units.
 *
 *   address   |  chunk_idx              |  page_idx (9)  |  offset (12)  |
 *
 * A chunk is HR_CHUNK_PAGES pages, aligned to its size in the address space (not
 * in an arena): 2 MiB with pages of 4 KiB. One bitmap describes it.
 *
 * Every owned page lies in [HR_ADDR_MIN, HR_ADDR_END). Page 0 is left out since
 * its address is NULL, the last page since its addresses are error pointers. So
 * no limit of a range is ever 0, and base + size never wraps.
 */
#ifndef HR_GEOMETRY_H
#define HR_GEOMETRY_H

#include <linux/align.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/math.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#define HR_CHUNK_PAGES_SHIFT	9
#define HR_CHUNK_PAGES		BIT(HR_CHUNK_PAGES_SHIFT)
#define HR_CHUNK_SHIFT		(HR_CHUNK_PAGES_SHIFT + PAGE_SHIFT)

#define HR_ADDR_MIN		PAGE_SIZE
#define HR_ADDR_END		(-PAGE_SIZE)

static_assert(HR_CHUNK_PAGES % BITS_PER_LONG == 0);
static_assert(MAX_ERRNO < PAGE_SIZE);

static inline unsigned long hr_addr_to_chunk_idx(unsigned long addr)
{
	return addr >> HR_CHUNK_SHIFT;
}

static inline unsigned long hr_chunk_idx_to_addr(unsigned long chunk_idx)
{
	return chunk_idx << HR_CHUNK_SHIFT;
}

static inline unsigned int hr_addr_to_page_idx(unsigned long addr)
{
	return (addr >> PAGE_SHIFT) & (HR_CHUNK_PAGES - 1);
}

static inline unsigned long hr_pages_to_bytes(unsigned long nr_pages)
{
	return nr_pages << PAGE_SHIFT;
}

static inline unsigned long hr_bytes_to_pages(unsigned long bytes)
{
	return bytes >> PAGE_SHIFT;
}

/* What the module's parameters are in. Not by way of bytes, which may wrap. */
static inline unsigned long hr_kib_to_pages(unsigned long kib)
{
	return DIV_ROUND_UP(kib, PAGE_SIZE / SZ_1K);
}

static inline unsigned long hr_mib_to_pages(unsigned long mib)
{
	return mib << (20 - PAGE_SHIFT);
}

/* [base, base + nr_pages) is something that a heap could own. */
static inline bool hr_span_is_sane(unsigned long base, unsigned long nr_pages)
{
	return PAGE_ALIGNED(base) && nr_pages &&
	       base >= HR_ADDR_MIN && base < HR_ADDR_END &&
	       nr_pages <= hr_bytes_to_pages(HR_ADDR_END - base);
}

/*
 * One chunk's part of a span, as page indices [begin, end) in that chunk. A
 * span is worked through with hr_piece_first() and hr_piece_next().
 */
struct hr_piece {
	unsigned long	chunk_idx;
	unsigned int	begin, end;
	unsigned long	behind_pages;	/* pages of the span behind this piece */
};

static inline void hr_piece_clip(struct hr_piece *piece, unsigned long nr_pages)
{
	piece->end = min(piece->begin + nr_pages, HR_CHUNK_PAGES);
	piece->behind_pages = nr_pages - (piece->end - piece->begin);
}

static inline struct hr_piece hr_piece_first(unsigned long base,
					     unsigned long nr_pages)
{
	struct hr_piece piece = {
		.chunk_idx = hr_addr_to_chunk_idx(base),
		.begin = hr_addr_to_page_idx(base),
	};

	hr_piece_clip(&piece, nr_pages);
	return piece;
}

/* false: that was the last one. */
static inline bool hr_piece_next(struct hr_piece *piece)
{
	if (!piece->behind_pages)
		return false;
	piece->chunk_idx++;
	piece->begin = 0;
	hr_piece_clip(piece, piece->behind_pages);
	return true;
}

static inline unsigned int hr_piece_pages(const struct hr_piece *piece)
{
	return piece->end - piece->begin;
}

#endif /* HR_GEOMETRY_H */
