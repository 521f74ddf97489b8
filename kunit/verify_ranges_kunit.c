// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_verify_ranges: what heapranges_verify() tells of the range array.
 * See verify_helpers.h.
 */
#include "suites.h"
#include "verify_helpers.h"

static struct hr_ranges_index *hr_test_index(struct heapranges *heap)
{
	return rcu_dereference_protected(heap->ranges.index, true);
}

static struct hr_leaf *hr_test_leaf(struct heapranges *heap, unsigned long slot)
{
	return rcu_dereference_protected(hr_test_index(heap)->slot[slot].leaf, true);
}

static struct hr_leaf_entry *hr_test_entry(struct heapranges *heap, unsigned int i)
{
	struct hr_leaf *leaf = hr_test_leaf(heap, 0);

	return (struct hr_leaf_entry *)(leaf->word + hr_leaf_nr_keys(false, leaf->nr_ranges)) + i;
}

/* Each is its own undoing when called again with @undo. */
static void hr_corrupt_range_order(struct heapranges *heap, bool undo)
{
	struct hr_leaf *leaf = hr_test_leaf(heap, 0);

	swap(*hr_test_entry(heap, 0), *hr_test_entry(heap, 1));
	leaf->word[0] = hr_test_entry(heap, 0)->begin;
}

static void hr_corrupt_range_abuts(struct heapranges *heap, bool undo)
{
	static struct hr_leaf_entry entry;

	if (!undo)
		entry = *hr_test_entry(heap, 1);
	hr_test_entry(heap, 1)->begin = undo ? entry.begin : hr_test_entry(heap, 0)->end;
}

static void hr_corrupt_range_empty(struct heapranges *heap, bool undo)
{
	hr_test_entry(heap, 1)->end -= undo ? -10 : 10;
}

static void hr_corrupt_leaf_base(struct heapranges *heap, bool undo)
{
	hr_test_leaf(heap, 0)->base += undo ? -1 : 1;
}

static void hr_corrupt_leaf_key(struct heapranges *heap, bool undo)
{
	hr_test_leaf(heap, 0)->word[0] += undo ? -1 : 1;
}

static void hr_corrupt_leaf_version(struct heapranges *heap, bool undo)
{
	hr_test_leaf(heap, 0)->version += undo ? -1 : 1;
}

static void hr_corrupt_spare_version(struct heapranges *heap, bool undo)
{
	heap->ranges.spare->version += undo ? -1 : 1;
}

static void hr_corrupt_leaf_nr_ranges(struct heapranges *heap, bool undo)
{
	hr_test_leaf(heap, 0)->nr_ranges = undo ? 2 : 0;
}

static void hr_corrupt_leaf_bytes(struct heapranges *heap, bool undo)
{
	hr_test_leaf(heap, 0)->block.bytes += undo ? -1 : 1;
}

static void hr_corrupt_nr_ranges(struct heapranges *heap, bool undo)
{
	heap->ranges.nr_ranges += undo ? -1 : 1;
}

static void hr_corrupt_nr_pages(struct heapranges *heap, bool undo)
{
	heap->ranges.nr_pages += undo ? -1 : 1;
}

static void hr_corrupt_generation(struct heapranges *heap, bool undo)
{
	heap->ranges.generation += undo ? -1 : 1;
}

static void hr_corrupt_first_key(struct heapranges *heap, bool undo)
{
	hr_test_index(heap)->slot[0].key = !undo;
}

static const struct verify_row verify_ranges_rows[] = {
	{ "ranges are out of order", hr_corrupt_range_order,
	  "ranges: [2064000, 26a4000) is not behind and apart from what is before" },
	{ "two ranges touch", hr_corrupt_range_abuts,
	  "ranges: [26a4000, 7d01e000) is not behind and apart from what is before" },
	{ "a range is empty", hr_corrupt_range_empty,
	  "ranges: [7d014000, 7d014000) is not sane" },
	{ "a leaf's base is not aligned", hr_corrupt_leaf_base, "leaf: base 1" },
	{ "a leaf's key is wrong", hr_corrupt_leaf_key,
	  "leaf: key 0 is 2065, should be 2064" },
	{ "a leaf is said to be changing", hr_corrupt_leaf_version,
	  "leaf: a change has not ended" },
	{ "the spare leaf is said to be changing", hr_corrupt_spare_version,
	  "ranges: the spare leaf is_wide=0 version=3" },
	{ "a leaf is empty", hr_corrupt_leaf_nr_ranges, "leaf: has no ranges" },
	{ "a leaf is larger than was counted", hr_corrupt_leaf_bytes,
	  "ranges: take 257 bytes, say 256" },
	{ "a range too many was counted", hr_corrupt_nr_ranges, "ranges: 2, said to be 3" },
	{ "the ranges' total is wrong", hr_corrupt_nr_pages,
	  "ranges: hold 1610 pages, say 1611" },
	{ "a change does not end", hr_corrupt_generation, "ranges: a change has not ended" },
	{ "the first leaf does not begin at 0", hr_corrupt_first_key,
	  "index: 1 leaves from 1 on" },
};

KUNIT_ARRAY_PARAM(verify_ranges, verify_ranges_rows, verify_desc);

static void verify_ranges_of_one_leaf(struct kunit *test)
{
	struct heapranges *heap = hr_test_verify_heap(test);

	hr_test_verify_row(test, heap, test->param_value);
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
}

/* Of a heap of two leaves. */
static void hr_corrupt_key_order(struct heapranges *heap, bool undo)
{
	static unsigned long key;

	if (!undo)
		key = hr_test_index(heap)->slot[1].key;
	hr_test_index(heap)->slot[1].key = undo ? key : 0;
}

static void hr_corrupt_key_above(struct heapranges *heap, bool undo)
{
	hr_test_index(heap)->slot[1].key += undo ? -PAGE_SIZE : PAGE_SIZE;
}

/* Down into the last range of the first leaf. */
static void hr_corrupt_key_below(struct heapranges *heap, bool undo)
{
	hr_test_index(heap)->slot[1].key -= undo ? -4 * PAGE_SIZE : 4 * PAGE_SIZE;
}

static void hr_corrupt_slot(struct heapranges *heap, bool undo)
{
	static struct hr_leaf *leaf;

	if (!undo)
		leaf = hr_test_leaf(heap, 1);
	RCU_INIT_POINTER(hr_test_index(heap)->slot[1].leaf, undo ? leaf : NULL);
}

static void hr_corrupt_nr_leaves(struct heapranges *heap, bool undo)
{
	hr_test_index(heap)->nr_leaves += undo ? 1 : -1;
}

static void hr_corrupt_index_bytes(struct heapranges *heap, bool undo)
{
	hr_test_index(heap)->block.bytes += undo ? -1 : 1;
}

static const struct verify_row verify_leaves_rows[] = {
	{ "keys do not ascend", hr_corrupt_key_order, "index: key 0 is not below 0" },
	{ "a key is above its leaf", hr_corrupt_key_above, "index: [" },
	{ "a key is below the leaf before", hr_corrupt_key_below, "index: [" },
	{ "a slot is empty", hr_corrupt_slot, "index: slot 1 is empty" },
	{ "an index has a leaf too few", hr_corrupt_nr_leaves, "index: 1 leaves from 0 on" },
	{ "an index is larger than was counted", hr_corrupt_index_bytes, "ranges: take" },
};

KUNIT_ARRAY_PARAM(verify_leaves, verify_leaves_rows, verify_desc);

static void verify_ranges_of_two_leaves(struct kunit *test)
{
	const struct verify_row *row = test->param_value;
	struct heapranges *heap = hr_test_verify_heap(test);
	unsigned long i;

	for (i = 0; i < HR_LEAF_MAX; i++)
		KUNIT_EXPECT_EQ(test, heapranges_add(heap, HR_TEST_B + (12 + 2 * i) * PAGE_SIZE, 1),
				0);
	KUNIT_EXPECT_EQ(test, hr_test_index(heap)->nr_leaves, 2UL);
	hr_test_verify_row(test, heap, row);
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
}

static struct kunit_case hr_test_verify_ranges_cases[] = {
	KUNIT_CASE_PARAM(verify_ranges_of_one_leaf, verify_ranges_gen_params),
	KUNIT_CASE_PARAM(verify_ranges_of_two_leaves, verify_leaves_gen_params),
	{}
};

struct kunit_suite heapranges_verify_ranges_suite = {
	.name = "heapranges_verify_ranges",
	.test_cases = hr_test_verify_ranges_cases,
};
