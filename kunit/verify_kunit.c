// SPDX-License-Identifier: GPL-2.0
/*
 * heapranges_verify(): a heap is corrupted in one place, and exactly that must be
 * told; put right again, nothing.
 *
 * The heap of the rows: addresses only, two regions that share no chunk,
 *
 *	A: pages 100 to 1700 of chunk 16 on	runs a (2), b (1), c (1000)
 *	B: 10 pages from page 20 of chunk 1000 on
 */
#include <kunit/test.h>
#include <linux/numa.h>

#include "../module/arena.h"
#include "../module/heap.h"
#include "../module/mem.h"
#include "suites.h"

#define HR_TEST_A	(hr_chunk_idx_to_addr(16) + 100 * PAGE_SIZE)
#define HR_TEST_B	(hr_chunk_idx_to_addr(1000) + 20 * PAGE_SIZE)

static struct hr_chunk *hr_test_chunk(struct heapranges *heap, unsigned long chunk_idx)
{
	struct hr_chunk *chunk;

	mutex_lock(&heap->change);
	chunk = hr_chunks_find(&heap->runs.chunks, chunk_idx);
	mutex_unlock(&heap->change);
	return chunk;
}

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

	return (struct hr_leaf_entry *)(leaf->word + leaf->nr_keys) + i;
}

/* Each is its own undoing when called again with @undo. */
static void hr_corrupt_free_bit(struct heapranges *heap, bool undo)
{
	__change_bit(511, hr_test_chunk(heap, 18)->bits.busy);
}

static void hr_corrupt_live_bit(struct heapranges *heap, bool undo)
{
	__change_bit(101, hr_test_chunk(heap, 16)->bits.busy);
}

static void hr_corrupt_unowned_bit(struct heapranges *heap, bool undo)
{
	__change_bit(99, hr_test_chunk(heap, 16)->bits.busy);
}

static void hr_corrupt_lost_record(struct heapranges *heap, bool undo)
{
	hr_test_chunk(heap, 16)->records.code[102] = undo;
}

static void hr_corrupt_long_record(struct heapranges *heap, bool undo)
{
	hr_test_chunk(heap, 16)->records.code[100] = undo ? 2 : 3;
}

static void hr_corrupt_unowned_record(struct heapranges *heap, bool undo)
{
	hr_test_chunk(heap, 16)->records.code[7] = !undo;
}

static void hr_corrupt_record_over_the_end(struct heapranges *heap, bool undo)
{
	hr_test_chunk(heap, 1000)->records.code[29] = undo ? 0 : 2;
}

static void hr_corrupt_lead(struct heapranges *heap, bool undo)
{
	hr_test_chunk(heap, 17)->records.lead_pages += undo ? -1 : 1;
}

static void hr_corrupt_owned_pages(struct heapranges *heap, bool undo)
{
	hr_test_chunk(heap, 16)->owned_pages += undo ? -1 : 1;
}

static void hr_corrupt_chunk_idx(struct heapranges *heap, bool undo)
{
	static struct hr_chunk *chunk;

	if (!undo)
		chunk = hr_test_chunk(heap, 17);
	chunk->chunk_idx ^= 1UL << 20;
}

static void hr_corrupt_parent(struct heapranges *heap, bool undo)
{
	static struct hr_radix_node *parent;
	struct hr_chunk *chunk = hr_test_chunk(heap, 1000);

	if (!undo)
		parent = chunk->parent;
	chunk->parent = undo ? parent : NULL;
}

static void hr_corrupt_sum_of_chunk(struct heapranges *heap, bool undo)
{
	struct hr_chunk *chunk = hr_test_chunk(heap, 1000);

	chunk->parent->sum[chunk->chunk_idx % HR_RADIX_FANOUT].end += undo ? -1 : 1;
}

static void hr_corrupt_sum_of_node(struct heapranges *heap, bool undo)
{
	heap->runs.radix.root->sum[0].start += undo ? -1 : 1;
}

static void hr_corrupt_mask(struct heapranges *heap, bool undo)
{
	heap->runs.radix.root->free_mask ^= 1;
}

static void hr_corrupt_children(struct heapranges *heap, bool undo)
{
	heap->runs.radix.root->nr_children += undo ? -1 : 1;
}

static void hr_corrupt_hint(struct heapranges *heap, bool undo)
{
	static struct hr_chunk *hint;

	if (!undo)
		hint = heap->runs.radix.hint_chunk;
	heap->runs.radix.hint_chunk = undo ? hint : hr_test_chunk(heap, 1000);
}

static void hr_corrupt_free(struct heapranges *heap, bool undo)
{
	heap->free_pages -= undo ? -1 : 1;
}

static void hr_corrupt_owned(struct heapranges *heap, bool undo)
{
	heap->owned_pages += undo ? -1 : 1;
}

static void hr_corrupt_frees(struct heapranges *heap, bool undo)
{
	heap->count[HR_COUNT_FREES] += undo ? -1 : 1;
}

static void hr_corrupt_nr_arenas(struct heapranges *heap, bool undo)
{
	heap->nr_arenas += undo ? -1 : 1;
}

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

static void hr_corrupt_leaf_nr_keys(struct heapranges *heap, bool undo)
{
	hr_test_leaf(heap, 0)->nr_keys += undo ? -1 : 1;
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

static void hr_corrupt_held(struct heapranges *heap, bool undo)
{
	heap->held_pages += undo ? -1 : 1;
}

/* Pages that it says are zero. */
static void hr_corrupt_zeroes(struct hr_chunk *chunk, bool undo, unsigned int begin,
			      unsigned int end)
{
	static unsigned int was_begin, was_end;

	if (!undo) {
		was_begin = chunk->zero_begin;
		was_end = chunk->zero_end;
	}
	chunk->zero_begin = undo ? was_begin : begin;
	chunk->zero_end = undo ? was_end : end;
}

static void hr_corrupt_live_zeroes(struct heapranges *heap, bool undo)
{
	hr_corrupt_zeroes(hr_test_chunk(heap, 16), undo, 102, 103);
}

static void hr_corrupt_unowned_zeroes(struct heapranges *heap, bool undo)
{
	hr_corrupt_zeroes(hr_test_chunk(heap, 16), undo, 0, 1);
}

static void hr_corrupt_zeroes_over_the_end(struct heapranges *heap, bool undo)
{
	hr_corrupt_zeroes(hr_test_chunk(heap, 18), undo, 511, 513);
}

struct verify_row {
	const char	*name;
	void		(*corrupt)(struct heapranges *heap, bool undo);
	const char	*want;		/* how what is told first begins */
};

static const struct verify_row verify_rows[] = {
	{ "a free page's bit is set", hr_corrupt_free_bit, "summary: level 1 idx 2 slot 2" },
	{ "a live page's bit is clear", hr_corrupt_live_bit, "bits: page" },
	{ "an unowned page's bit is clear", hr_corrupt_unowned_bit, "bits: page" },
	{ "a live run has no record", hr_corrupt_lost_record, "bits: 1 pages are busy" },
	{ "a record reaches into the next", hr_corrupt_long_record, "record: a run begins inside" },
	{ "an unowned page has a record", hr_corrupt_unowned_record, "record: a run begins at" },
	{ "a record reaches over the range", hr_corrupt_record_over_the_end, "record: 2 pages at" },
	{ "a chunk's lead is wrong", hr_corrupt_lead, "record: lead of chunk 11 " },
	{ "a chunk miscounts its owned pages", hr_corrupt_owned_pages, "chunk 10: owns 412" },
	{ "a chunk is not found", hr_corrupt_chunk_idx, "chunk 11: missing" },
	{ "a chunk has no parent", hr_corrupt_parent, "tree: chunk 3e8 " },
	{ "a chunk's summary is wrong", hr_corrupt_sum_of_chunk, "summary: level 1 idx 7d" },
	{ "a node's summary is wrong", hr_corrupt_sum_of_node, "summary: level 4 idx 0 slot 0" },
	{ "a mask is wrong", hr_corrupt_mask, "mask: level 4 idx 0 slot 0" },
	{ "a node miscounts its children", hr_corrupt_children, "tree: level 4 idx 0 has" },
	{ "the hint lies behind a free page", hr_corrupt_hint, "hint: page" },
	{ "one free page is said to be used", hr_corrupt_free, "totals: free" },
	{ "owned is one too many", hr_corrupt_owned, "totals: owned" },
	{ "a free too many was counted", hr_corrupt_frees, "totals: 3 allocs less 1 frees" },
	{ "a page too many is held", hr_corrupt_held, "bits: 0 pages are busy but in no run" },
	{ "a live page is said to be zero", hr_corrupt_live_zeroes,
	  "zero: page 2066000 is not free" },
	{ "an unowned page is said to be zero", hr_corrupt_unowned_zeroes, "zero: page 2000000" },
	{ "pages behind a chunk are said to be zero", hr_corrupt_zeroes_over_the_end,
	  "zero: chunk 12: up to page 513" },
	{ "an arena too many was counted", hr_corrupt_nr_arenas, "arenas: 0, said to be 1" },
	{ "ranges are out of order", hr_corrupt_range_order, "ranges: [" },
	{ "two ranges touch", hr_corrupt_range_abuts, "ranges: [" },
	{ "a range is empty", hr_corrupt_range_empty, "ranges: [" },
	{ "a leaf's base is not aligned", hr_corrupt_leaf_base, "leaf: base" },
	{ "a leaf's key is wrong", hr_corrupt_leaf_key, "leaf: key 0 is" },
	{ "a leaf has a key too many", hr_corrupt_leaf_nr_keys, "leaf: has 2 keys for 2 ranges" },
	{ "a leaf is empty", hr_corrupt_leaf_nr_ranges, "leaf: has no ranges" },
	{ "a leaf is larger than was counted", hr_corrupt_leaf_bytes,
	  "ranges: take 129 bytes, say 128" },
	{ "a range too many was counted", hr_corrupt_nr_ranges, "ranges: 2, said to be 3" },
	{ "the ranges' total is wrong", hr_corrupt_nr_pages, "ranges: hold 1610 pages, say" },
	{ "a change does not end", hr_corrupt_generation, "ranges: a change" },
	{ "the first leaf does not begin at 0", hr_corrupt_first_key, "index: 1 leaves from 1" },
};

static void verify_desc(const struct verify_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(verify, verify_rows, verify_desc);

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

static const struct verify_row verify_index_rows[] = {
	{ "keys do not ascend", hr_corrupt_key_order, "index: key 0 is not below 0" },
	{ "a key is above its leaf", hr_corrupt_key_above, "index: [" },
	{ "a key is below the leaf before", hr_corrupt_key_below, "index: [" },
	{ "a slot is empty", hr_corrupt_slot, "index: slot 1 is empty" },
	{ "an index has a leaf too few", hr_corrupt_nr_leaves, "index: 1 leaves from 0" },
	{ "an index is larger than was counted", hr_corrupt_index_bytes, "ranges: take" },
};

KUNIT_ARRAY_PARAM(verify_index, verify_index_rows, verify_desc);

static struct heapranges *hr_test_verify_heap(struct kunit *test)
{
	struct heapranges_params params = {
		.name = "verify",
		.node = NUMA_NO_NODE,
		.flags = HEAPRANGES_ADDRESS_ONLY | HEAPRANGES_NO_CACHE,
	};
	struct heapranges *heap = heapranges_create(&params);

	KUNIT_ASSERT_FALSE(test, IS_ERR(heap));
	KUNIT_ASSERT_EQ(test, heapranges_add(heap, HR_TEST_B, 10), 0);
	KUNIT_ASSERT_EQ(test, heapranges_add(heap, HR_TEST_A, 1600), 0);
	return heap;
}

static void hr_test_verify_is(struct kunit *test, struct heapranges *heap, const char *want)
{
	char first[160] = "";
	int ret = heapranges_verify(heap, first, sizeof(first));

	KUNIT_EXPECT_TRUE_MSG(test, (ret > 0) == (*want != 0) && strstarts(first, want) &&
			      (*want || !*first),
			      "got %d \"%s\", want \"%s\"", ret, first, want);
}

static void verify_tells_each_corruption(struct kunit *test)
{
	const struct verify_row *row = test->param_value;
	struct heapranges *heap = hr_test_verify_heap(test);
	void *a, *b, *c;

	a = heapranges_alloc(heap, 2, GFP_KERNEL);
	b = heapranges_alloc(heap, 1, GFP_KERNEL);
	c = heapranges_alloc(heap, 1000, GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, a, (void *)HR_TEST_A);
	hr_test_verify_is(test, heap, "");
	row->corrupt(heap, false);
	hr_test_verify_is(test, heap, row->want);
	row->corrupt(heap, true);
	hr_test_verify_is(test, heap, "");

	KUNIT_EXPECT_EQ(test, heapranges_free(heap, b), 0);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, a), 0);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, c), 0);
	hr_test_verify_is(test, heap, "");
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
}

static void verify_tells_each_corruption_of_an_index(struct kunit *test)
{
	const struct verify_row *row = test->param_value;
	struct heapranges *heap = hr_test_verify_heap(test);
	unsigned long i;

	for (i = 0; i < HR_LEAF_MAX; i++)
		KUNIT_EXPECT_EQ(test, heapranges_add(heap, HR_TEST_B + (12 + 2 * i) * PAGE_SIZE, 1),
				0);
	KUNIT_EXPECT_EQ(test, hr_test_index(heap)->nr_leaves, 2UL);
	hr_test_verify_is(test, heap, "");
	row->corrupt(heap, false);
	hr_test_verify_is(test, heap, row->want);
	row->corrupt(heap, true);
	hr_test_verify_is(test, heap, "");
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
}

static void verify_tells_an_arena_that_somebody_freed(struct kunit *test)
{
	struct heapranges_params params = {
		.name = "verify",
		.node = NUMA_NO_NODE,
		.min_pages = 16,
	};
	struct heapranges *heap = heapranges_create(&params);
	struct hr_arena *arena;

	KUNIT_ASSERT_FALSE(test, IS_ERR(heap));
	hr_test_verify_is(test, heap, "");
	arena = list_first_entry(&heap->arenas, struct hr_arena, link);
	hr_mem_vfree((void *)arena->base);
	hr_test_verify_is(test, heap, "arena ");

	/* Or destroy would free it again. */
	list_del(&arena->link);
	heap->nr_arenas--;
	hr_mem_kfree(arena);
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
}

/* Somebody has written over the end of his run. */
static void verify_tells_a_page_that_is_not_zero(struct kunit *test)
{
	struct heapranges_params params = { .name = "verify", .node = NUMA_NO_NODE };
	struct heapranges *heap = heapranges_create(&params);
	u8 *addr;

	KUNIT_ASSERT_FALSE(test, IS_ERR(heap));
	addr = heapranges_alloc(heap, 1, GFP_KERNEL | __GFP_ZERO);
	KUNIT_EXPECT_NOT_NULL(test, addr);
	if (addr && !(heap->flags & HR_HEAP_POISONS)) {
		hr_test_verify_is(test, heap, "");
		addr[3 * PAGE_SIZE - 1] = 1;
		hr_test_verify_is(test, heap, "zero: page");
		addr[3 * PAGE_SIZE - 1] = 0;
		hr_test_verify_is(test, heap, "");
	}
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, addr), 0);
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
}

static void verify_without_room_for_words(struct kunit *test)
{
	struct heapranges *heap = hr_test_verify_heap(test);
	char first[4] = "abc";

	KUNIT_EXPECT_EQ(test, heapranges_verify(heap, NULL, 0), 0);
	heap->free_pages++;
	KUNIT_EXPECT_GT(test, heapranges_verify(heap, NULL, 0), 0);
	KUNIT_EXPECT_GT(test, heapranges_verify(heap, first, sizeof(first)), 0);
	KUNIT_EXPECT_STREQ(test, first, "tot");
	heap->free_pages--;
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
	KUNIT_EXPECT_EQ(test, heapranges_verify(NULL, first, sizeof(first)), -EFAULT);
}

static void verify_of_an_empty_heap(struct kunit *test)
{
	struct heapranges *heap = hr_test_verify_heap(test);

	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, HR_TEST_A, 1600), 0);
	hr_test_verify_is(test, heap, "");
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, HR_TEST_B, 10), 0);
	hr_test_verify_is(test, heap, "");
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
}

static struct kunit_case hr_test_verify_cases[] = {
	KUNIT_CASE_PARAM(verify_tells_each_corruption, verify_gen_params),
	KUNIT_CASE_PARAM(verify_tells_each_corruption_of_an_index, verify_index_gen_params),
	KUNIT_CASE(verify_tells_an_arena_that_somebody_freed),
	KUNIT_CASE(verify_tells_a_page_that_is_not_zero),
	KUNIT_CASE(verify_without_room_for_words),
	KUNIT_CASE(verify_of_an_empty_heap),
	{}
};

struct kunit_suite heapranges_verify_suite = {
	.name = "heapranges_verify",
	.test_cases = hr_test_verify_cases,
};
