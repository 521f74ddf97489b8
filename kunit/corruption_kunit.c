// SPDX-License-Identifier: GPL-2.0
/*
 * A heap that is about to hand out what it does not own: it says so, allocates
 * no more, still frees, and nobody crashes.
 */
#include <kunit/test.h>
#include <linux/numa.h>
#include <linux/slab.h>

#include "../module/heap.h"
#include "suites.h"

static struct heapranges *hr_test_corruption_heap(struct kunit *test)
{
	struct heapranges_params params = {
		.name = "corruption",
		.node = NUMA_NO_NODE,
		.flags = HEAPRANGES_ADDRESS_ONLY | HEAPRANGES_NO_CACHE,
	};
	struct heapranges *heap = heapranges_create(&params);

	KUNIT_ASSERT_FALSE(test, IS_ERR(heap));
	test->priv = heap;
	KUNIT_ASSERT_EQ(test, heapranges_add(heap, hr_chunk_idx_to_addr(8), 1024), 0);
	return heap;
}

static void hr_test_corruption_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, heapranges_destroy(test->priv), 0);
}

/* The array loses a range while the bits still say that its pages are free. */
static void hr_test_corruption_lose_range(struct kunit *test, struct heapranges *heap,
					  unsigned long base, unsigned long nr_pages)
{
	struct hr_change change;
	int err;

	mutex_lock(&heap->change);
	err = hr_change_prepare_remove(&change, &heap->ranges, base, nr_pages);
	KUNIT_EXPECT_EQ(test, err, 0);
	if (!err && hr_store_gather(&change))
		hr_store_commit(&heap->store, &heap->ranges, &change);
	mutex_unlock(&heap->change);
}

static void corruption_hand_out_of_unowned_stops_the_heap(struct kunit *test)
{
	struct heapranges *heap = hr_test_corruption_heap(test);
	unsigned long lost = hr_chunk_idx_to_addr(9);
	struct heapranges_stats stats;
	void *before;

	before = heapranges_alloc(heap, 3, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, before);
	hr_test_corruption_lose_range(test, heap, lost, 512);

	mutex_lock(&heap->change);
	KUNIT_EXPECT_FALSE(test, hr_heap_hand_out(heap, lost, 2));
	mutex_unlock(&heap->change);

	heapranges_get_stats(heap, &stats);
	KUNIT_EXPECT_EQ(test, stats.check_failures, 1);
	KUNIT_EXPECT_EQ(test, stats.used_pages, 3);
	KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)lost), 0UL);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, before), 0);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, before), -EALREADY);
}

static void corruption_hand_out_over_the_edge_of_a_range(struct kunit *test)
{
	struct heapranges *heap = hr_test_corruption_heap(test);
	struct heapranges_stats stats;

	mutex_lock(&heap->change);
	KUNIT_EXPECT_FALSE(test, hr_heap_hand_out(heap, hr_chunk_idx_to_addr(10) - PAGE_SIZE, 2));
	mutex_unlock(&heap->change);
	heapranges_get_stats(heap, &stats);
	KUNIT_EXPECT_EQ(test, stats.check_failures, 1);
	KUNIT_EXPECT_EQ(test, stats.used_pages, 0);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, GFP_KERNEL));
}

static void corruption_alloc_of_unowned_stops_the_heap(struct kunit *test)
{
	struct heapranges *heap = hr_test_corruption_heap(test);
	struct heapranges_stats stats;

	hr_test_corruption_lose_range(test, heap, hr_chunk_idx_to_addr(8), 1024);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, GFP_KERNEL));
	heapranges_get_stats(heap, &stats);
	KUNIT_EXPECT_EQ(test, stats.check_failures, 1);
	KUNIT_EXPECT_EQ(test, stats.alloc_failures, 2);
	KUNIT_EXPECT_EQ(test, stats.used_pages, 0);
}

static struct kunit_case hr_test_corruption_cases[] = {
	KUNIT_CASE(corruption_hand_out_of_unowned_stops_the_heap),
	KUNIT_CASE(corruption_hand_out_over_the_edge_of_a_range),
	KUNIT_CASE(corruption_alloc_of_unowned_stops_the_heap),
	{}
};

struct kunit_suite heapranges_corruption_suite = {
	.name = "heapranges_corruption",
	.exit = hr_test_corruption_exit,
	.test_cases = hr_test_corruption_cases,
};
