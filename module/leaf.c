// SPDX-License-Identifier: GPL-2.0
/*
 * One leaf of the range array.
 *
 *	base	| key 0 | key 1 | ... | begin end | begin end | ... | begin end |
 *		  group 0  group 1      entry 0     entry 1
 *
 * A range takes 8 bytes: pages from the base on, of which 32 bits can count 16 TiB.
 * A search goes through the keys, which are a line or two of the cache, and then
 * through one group of entries. Ranges that are farther apart, or longer, make the
 * leaf a wide one, of whole addresses without keys. Nobody has that many of them.
 *
 * The base is put far below the first range, so that ranges may come on either side
 * of those that are there, with the entries copied as they stand.
 *
 * A narrow leaf is overwritten under its readers, as under those of a seqcount. What
 * they compute meanwhile is thrown away, and it must not lead them out of the storage:
 * where keys and entries are follows from the number of ranges alone, which is read
 * once, and never is one for which the storage is too small.
 */
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "leaf.h"

#define HR_LEAF_LEAST_BYTES	128

/*
 * How many of @nr sorted values, each @stride words behind the one before, are not above
 * @value. Each step is taken without a branch, since which way a search turns cannot be
 * predicted.
 */
static __always_inline unsigned int hr_leaf_count(const u32 *word, unsigned int stride,
						  unsigned int nr, u32 value)
{
	unsigned int at = 0, half;

	while (nr > 1) {
		half = nr / 2;
		at += half & -(unsigned int)(word[(at + half - 1) * stride] <= value);
		nr -= half;
	}
	return at + (nr && word[at * stride] <= value);
}

static const struct heapranges_range *hr_leaf_wide(const struct hr_leaf *leaf)
{
	return (const struct heapranges_range *)leaf->word;
}

/* Of a narrow leaf of @nr_ranges ranges. */
static const struct hr_leaf_entry *hr_leaf_entries(const struct hr_leaf *leaf,
						   unsigned int nr_ranges)
{
	return (const struct hr_leaf_entry *)(leaf->word + hr_leaf_nr_keys(false, nr_ranges));
}

/* For readers, who read it once. */
static unsigned int hr_leaf_nr_ranges(const struct hr_leaf *leaf)
{
	return READ_ONCE(leaf->nr_ranges);
}

/* Range @i of @nr_ranges. */
static __always_inline struct heapranges_range hr_leaf_get_of(const struct hr_leaf *leaf,
							      unsigned int nr_ranges,
							      unsigned int i)
{
	const struct hr_leaf_entry *entry;

	if (unlikely(leaf->is_wide))
		return hr_leaf_wide(leaf)[i];
	entry = &hr_leaf_entries(leaf, nr_ranges)[i];
	return (struct heapranges_range){
		.base = leaf->base + hr_pages_to_bytes(entry->begin),
		.limit = leaf->base + hr_pages_to_bytes(entry->end),
	};
}

struct heapranges_range hr_leaf_get(const struct hr_leaf *leaf, unsigned int i)
{
	return hr_leaf_get_of(leaf, leaf->nr_ranges, i);
}

static unsigned int hr_leaf_nr_begun_wide(const struct hr_leaf *leaf, unsigned int nr,
					  unsigned long addr)
{
	const struct heapranges_range *range = hr_leaf_wide(leaf);
	unsigned int at = 0, half;

	while (nr > 1) {
		half = nr / 2;
		at += half & -(unsigned int)(range[at + half - 1].base <= addr);
		nr -= half;
	}
	return at + (range[at].base <= addr);
}

static __always_inline unsigned int hr_leaf_nr_begun_at(const struct hr_leaf *leaf,
							unsigned int nr_ranges, u32 page)
{
	unsigned int groups, first;

	groups = hr_leaf_count(leaf->word, 1, hr_leaf_nr_keys(false, nr_ranges), page);
	if (!groups)
		return 0;
	first = (groups - 1) * HR_LEAF_GROUP;
	return first + hr_leaf_count(&hr_leaf_entries(leaf, nr_ranges)[first].begin, 2,
				     min_t(unsigned int, nr_ranges - first, HR_LEAF_GROUP),
				     page);
}

/* How many of @nr_ranges ranges begin at or below @addr. */
static __always_inline unsigned int hr_leaf_nr_begun(const struct hr_leaf *leaf,
						     unsigned int nr_ranges,
						     unsigned long addr)
{
	unsigned long page;

	if (unlikely(leaf->is_wide))
		return hr_leaf_nr_begun_wide(leaf, nr_ranges, addr);
	if (addr < leaf->base)
		return 0;
	page = hr_bytes_to_pages(addr - leaf->base);
	return hr_leaf_nr_begun_at(leaf, nr_ranges, min_t(unsigned long, page, U32_MAX));
}

bool hr_leaf_find(const struct hr_leaf *leaf, unsigned long addr,
		  struct heapranges_range *range)
{
	unsigned int nr_ranges = hr_leaf_nr_ranges(leaf);
	unsigned int nr_begun = hr_leaf_nr_begun(leaf, nr_ranges, addr);
	struct heapranges_range last;

	if (!nr_begun)
		return false;
	last = hr_leaf_get_of(leaf, nr_ranges, nr_begun - 1);
	if (addr >= last.limit)
		return false;
	*range = last;
	return true;
}

static unsigned int hr_leaf_nr_below_of(const struct hr_leaf *leaf, unsigned int nr_ranges,
					unsigned long addr)
{
	unsigned int nr_begun = hr_leaf_nr_begun(leaf, nr_ranges, addr);

	return nr_begun -
	       (nr_begun && addr < hr_leaf_get_of(leaf, nr_ranges, nr_begun - 1).limit);
}

unsigned int hr_leaf_nr_below(const struct hr_leaf *leaf, unsigned long addr)
{
	return hr_leaf_nr_below_of(leaf, leaf->nr_ranges, addr);
}

unsigned int hr_leaf_read(const struct hr_leaf *leaf, unsigned long addr,
			  struct heapranges_range *range, unsigned int most)
{
	unsigned int nr_ranges = hr_leaf_nr_ranges(leaf), i;
	unsigned int first = hr_leaf_nr_below_of(leaf, nr_ranges, addr);

	for (i = 0; i < most && first + i < nr_ranges; i++)
		range[i] = hr_leaf_get_of(leaf, nr_ranges, first + i);
	return i;
}

/* 32 bits can count the pages from @base to @highest. */
static bool hr_leaf_base_does(unsigned long base, unsigned long lowest, unsigned long highest)
{
	return base <= lowest && hr_bytes_to_pages(highest - base) <= U32_MAX;
}

/* As much room below the ranges as above. They are not too far apart for one. */
static unsigned long hr_leaf_best_base(unsigned long lowest, unsigned long highest)
{
	unsigned long room_pages = U32_MAX - hr_bytes_to_pages(highest - lowest);
	unsigned long lowest_page = hr_bytes_to_pages(lowest);

	return hr_pages_to_bytes(lowest_page - min(lowest_page, room_pages / 2));
}

bool hr_leaf_plan(struct hr_leaf_form *form, unsigned int nr_ranges, unsigned long base,
		  unsigned long lowest, unsigned long highest)
{
	form->nr_ranges = nr_ranges;
	form->is_wide = !hr_leaf_base_does(lowest, lowest, highest);
	if (form->is_wide)
		form->base = 0;
	else if (hr_leaf_base_does(base, lowest, highest))
		form->base = base;
	else
		form->base = hr_leaf_best_base(lowest, highest);
	return nr_ranges <= (form->is_wide ? HR_LEAF_WIDE_MAX : HR_LEAF_MAX);
}

static size_t hr_leaf_used_bytes(bool is_wide, unsigned int nr_ranges)
{
	size_t entry_bytes = is_wide ? sizeof(struct heapranges_range) :
				       sizeof(struct hr_leaf_entry);

	return sizeof(struct hr_leaf) + nr_ranges * entry_bytes +
	       hr_leaf_nr_keys(is_wide, nr_ranges) * sizeof(u32);
}

size_t hr_leaf_bytes(const struct hr_leaf_form *form)
{
	size_t bytes = hr_leaf_used_bytes(form->is_wide, form->nr_ranges);

	return max_t(size_t, roundup_pow_of_two(bytes), HR_LEAF_LEAST_BYTES);
}

void hr_leaf_begin(struct hr_leaf *leaf, const struct hr_leaf_form *form)
{
	leaf->base = form->base;
	WRITE_ONCE(leaf->nr_ranges, form->nr_ranges);
	leaf->is_wide = form->is_wide;
}

/* The entries of a narrow one that is being made. */
static struct hr_leaf_entry *hr_leaf_new_entries(struct hr_leaf *leaf)
{
	return (struct hr_leaf_entry *)hr_leaf_entries(leaf, leaf->nr_ranges);
}

static void hr_leaf_put_one(struct hr_leaf *leaf, unsigned int at,
			    const struct heapranges_range *range)
{
	struct hr_leaf_entry *entry;

	if (leaf->is_wide) {
		((struct heapranges_range *)leaf->word)[at] = *range;
		return;
	}
	entry = hr_leaf_new_entries(leaf) + at;
	entry->begin = hr_bytes_to_pages(range->base - leaf->base);
	entry->end = hr_bytes_to_pages(range->limit - leaf->base);
}

void hr_leaf_put(struct hr_leaf *leaf, unsigned int at, const struct heapranges_range *range,
		 unsigned int nr_ranges)
{
	while (nr_ranges--)
		hr_leaf_put_one(leaf, at++, range++);
}

void hr_leaf_copy(struct hr_leaf *leaf, unsigned int at, const struct hr_leaf *from,
		  unsigned int from_at, unsigned int nr_ranges)
{
	struct heapranges_range range;
	unsigned int i;

	if (!leaf->is_wide && !from->is_wide && leaf->base == from->base) {
		memcpy(hr_leaf_new_entries(leaf) + at,
		       hr_leaf_entries(from, from->nr_ranges) + from_at,
		       nr_ranges * sizeof(struct hr_leaf_entry));
		return;
	}
	for (i = 0; i < nr_ranges; i++) {
		range = hr_leaf_get(from, from_at + i);
		hr_leaf_put_one(leaf, at + i, &range);
	}
}

void hr_leaf_end(struct hr_leaf *leaf)
{
	const struct hr_leaf_entry *entry = hr_leaf_new_entries(leaf);
	unsigned int i, nr_keys = hr_leaf_nr_keys(leaf->is_wide, leaf->nr_ranges);

	for (i = 0; i < nr_keys; i++, entry += HR_LEAF_GROUP)
		leaf->word[i] = entry->begin;
}

void hr_leaf_overwrite(struct hr_leaf *leaf, const struct hr_leaf *from)
{
	WRITE_ONCE(leaf->nr_ranges, from->nr_ranges);
	memcpy(leaf->word, from->word,
	       hr_leaf_used_bytes(false, from->nr_ranges) - sizeof(*leaf));
}
