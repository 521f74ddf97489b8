// SPDX-License-Identifier: GPL-2.0
/*
 * Does the range array fit together?
 *
 *	index		keys from 0 on, ascending; no slot empty	hr_verify_array()
 *	  leaf		base, keys, version				hr_verify_leaf()
 *	    range	sane, behind the one before and apart,
 *			inside its slot's part			hr_verify_leaf_ranges()
 *	spare		not wide, not being changed			hr_verify_spare()
 *	totals		ranges, pages, bytes			hr_verify_array_totals()
 *
 * Caller holds change throughout.
 */
#include <linux/string.h>

#include "verifier.h"

struct heapranges_range hr_verify_leaf_range(const struct hr_leaf *leaf, unsigned int i)
{
	const u32 *entry = leaf->word + DIV_ROUND_UP(leaf->nr_ranges, HR_LEAF_GROUP) + 2 * i;
	struct heapranges_range range;

	if (leaf->is_wide) {
		memcpy(&range, leaf->word + i * (sizeof(range) / sizeof(u32)), sizeof(range));
		return range;
	}
	range.base = leaf->base + ((unsigned long)entry[0] << PAGE_SHIFT);
	range.limit = leaf->base + ((unsigned long)entry[1] << PAGE_SHIFT);
	return range;
}

/* Keys and form of a leaf. Return: whether its ranges can be looked at. */
static bool hr_verify_leaf(struct hr_verify *v, const struct hr_leaf *leaf)
{
	unsigned int i, nr_keys = leaf->is_wide ? 0 : DIV_ROUND_UP(leaf->nr_ranges, HR_LEAF_GROUP);

	hr_verify_local(v, leaf->nr_ranges, "leaf: has no ranges");
	hr_verify_local(v, !(leaf->version & 1), "leaf: a change has not ended");
	hr_verify_local(v, PAGE_ALIGNED(leaf->base) && !(leaf->is_wide && leaf->base),
			"leaf: base %lx", leaf->base);
	if (!leaf->nr_ranges)
		return false;
	for (i = 0; i < nr_keys; i++)
		hr_verify_local(v, leaf->word[i] == leaf->word[nr_keys + 2 * HR_LEAF_GROUP * i],
				"leaf: key %u is %x, should be %x", i, leaf->word[i],
				leaf->word[nr_keys + 2 * HR_LEAF_GROUP * i]);
	return true;
}

/* What has been counted in the array. */
struct hr_verify_array {
	unsigned long	nr_ranges, nr_pages, limit;	/* of the last one */
	size_t		bytes;
};

/* A leaf of ranges in [@lowest, @highest). */
static void hr_verify_leaf_ranges(struct hr_verify *v, struct hr_verify_array *array,
				  const struct hr_leaf *leaf, unsigned long lowest,
				  unsigned long highest)
{
	struct heapranges_range range;
	unsigned long nr_pages;
	unsigned int i;

	for (i = 0; i < leaf->nr_ranges; i++) {
		range = hr_verify_leaf_range(leaf, i);
		nr_pages = hr_range_pages(&range);
		hr_verify_local(v, hr_span_is_sane(range.base, nr_pages) &&
				PAGE_ALIGNED(range.limit),
				"ranges: [%lx, %lx) is not sane", range.base, range.limit);
		hr_verify_local(v, !array->nr_ranges || array->limit < range.base,
				"ranges: [%lx, %lx) is not behind and apart from what is before",
				range.base, range.limit);
		hr_verify_local(v, range.base >= lowest && range.limit <= highest,
				"index: [%lx, %lx) is not in [%lx, %lx)", range.base, range.limit,
				lowest, highest);
		array->nr_ranges++;
		array->nr_pages += nr_pages;
		array->limit = range.limit;
	}
}

static void hr_verify_array_totals(struct hr_verify *v, const struct hr_verify_array *array)
{
	const struct hr_ranges *ranges = &v->heap->ranges;

	hr_verify_local(v, ranges->nr_ranges == array->nr_ranges, "ranges: %lu, said to be %lu",
			array->nr_ranges, ranges->nr_ranges);
	hr_verify_local(v, ranges->nr_pages == array->nr_pages, "ranges: hold %lu pages, say %lu",
			array->nr_pages, ranges->nr_pages);
	hr_verify_local(v, ranges->bytes == array->bytes, "ranges: take %zu bytes, say %zu",
			array->bytes, ranges->bytes);
	hr_verify_local(v, !(ranges->generation & 1), "ranges: a change has not ended");
}

static void hr_verify_spare(struct hr_verify *v, struct hr_verify_array *array)
{
	const struct hr_leaf *spare = v->heap->ranges.spare;

	if (!spare)
		return;
	hr_verify_local(v, !spare->is_wide && !(spare->version & 1),
			"ranges: the spare leaf is_wide=%d version=%u", spare->is_wide,
			spare->version);
	array->bytes += spare->block.bytes;
}

bool hr_verify_array(struct hr_verify *v)
{
	const struct hr_ranges_index *index = hr_ranges_own_index(&v->heap->ranges);
	bool is_single = index == &v->heap->ranges.single;
	struct hr_verify_array array = { .bytes = is_single ? 0 : index->block.bytes };
	const struct hr_leaf *leaf;
	int nr_local = v->nr_local;
	unsigned long i, highest;

	hr_verify_local(v, (index->nr_leaves == 1) == is_single && !index->slot[0].key,
			"index: %lu leaves from %lx on", index->nr_leaves, index->slot[0].key);
	for (i = 0; i < index->nr_leaves; i++) {
		leaf = hr_ranges_own_leaf(&v->heap->ranges, i);
		highest = i + 1 < index->nr_leaves ? index->slot[i + 1].key : HR_ADDR_END;
		hr_verify_local(v, index->slot[i].key < highest, "index: key %lx is not below %lx",
				index->slot[i].key, highest);
		hr_verify_local(v, leaf || is_single, "index: slot %lu is empty", i);
		if (!leaf || !hr_verify_leaf(v, leaf))
			continue;
		hr_verify_leaf_ranges(v, &array, leaf, index->slot[i].key, highest);
		array.bytes += leaf->block.bytes;
	}
	hr_verify_spare(v, &array);
	if (v->nr_local != nr_local)
		return false;
	hr_verify_array_totals(v, &array);
	return true;
}
