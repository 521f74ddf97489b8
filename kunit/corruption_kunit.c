// SPDX-License-Identifier: GPL-2.0
/*
 * A heap that is about to hand out what it does not own: it says so, once, allocates
 * no more, still frees, and nobody crashes.
 */
#include <kunit/test.h>
#include <linux/numa.h>
#include <linux/slab.h>

#include "../module/heap.h"
#include "cache_helpers.h"
#include "log_helpers.h"
#include "lost_helpers.h"
#include "suites.h"

static struct hr_test_log hr_test_corruption_log;

static struct heapranges *hr_test_corruption_heap(struct kunit *test, unsigned int flags)
{
	struct heapranges_params params = {
		.name = "corruption",
		.node = NUMA_NO_NODE,
		.flags = flags,
	};
	struct heapranges *heap = heapranges_create(&params);

	KUNIT_ASSERT_FALSE(test, IS_ERR(heap));
	hr_test_log_mark(&hr_test_corruption_log, params.name);
	test->priv = heap;
	KUNIT_ASSERT_EQ(test, heapranges_add(heap, hr_chunk_idx_to_addr(8), 1024), 0);
	return heap;
}

static void hr_test_corruption_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, heapranges_destroy(test->priv), 0);
}

/* The only line about it that there is. */
static void hr_test_corruption_expect_line(struct kunit *test, unsigned long base,
					   unsigned long nr_pages, const char *evidence)
{
	struct hr_test_log *log = &hr_test_corruption_log;
	char want[160];

	scnprintf(want, sizeof(want), "pages=%lu addr=%p %s; it allocates no more", nr_pages,
		  (void *)base, evidence);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(log, "corruption: "), 1);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(log->last, want), "want: %s, got: %s", want,
				  log->last);
}

/* Of a heap with so many ranges, as text. */
#define HR_TEST_UNOWNED(nr)	\
	"were about to be handed out, but none of its " #nr " ranges holds them"

static void hr_test_corruption_hand_out(struct kunit *test, struct heapranges *heap,
					unsigned long base, unsigned long nr_pages)
{
	mutex_lock(&heap->change);
	KUNIT_EXPECT_FALSE(test, hr_heap_hand_out(heap, base, nr_pages));
	mutex_unlock(&heap->change);
}

static void corruption_hand_out_of_unowned_stops_the_heap(struct kunit *test)
{
	struct heapranges *heap = hr_test_corruption_heap(test, HR_TEST_ADDRESSES);
	unsigned long lost = hr_chunk_idx_to_addr(9);
	struct heapranges_stats stats;
	void *before;

	before = heapranges_alloc(heap, 3, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, before);
	hr_test_lose_range(test, heap, lost, 512);

	hr_test_corruption_hand_out(test, heap, lost, 2);
	hr_test_corruption_expect_line(test, lost, 2, HR_TEST_UNOWNED(1));

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
	struct heapranges *heap = hr_test_corruption_heap(test, HR_TEST_ADDRESSES);
	unsigned long edge = hr_chunk_idx_to_addr(10) - PAGE_SIZE;
	struct heapranges_stats stats;

	hr_test_corruption_hand_out(test, heap, edge, 2);
	hr_test_corruption_expect_line(test, edge, 2, HR_TEST_UNOWNED(1));
	heapranges_get_stats(heap, &stats);
	KUNIT_EXPECT_EQ(test, stats.check_failures, 1);
	KUNIT_EXPECT_EQ(test, stats.used_pages, 0);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, GFP_KERNEL));
}

/* The second one is of pages that are the heap's. */
static void corruption_hand_out_is_told_once(struct kunit *test)
{
	struct heapranges *heap = hr_test_corruption_heap(test, HR_TEST_ADDRESSES);
	unsigned long edge = hr_chunk_idx_to_addr(10) - PAGE_SIZE;

	hr_test_corruption_hand_out(test, heap, edge, 2);
	hr_test_corruption_hand_out(test, heap, hr_chunk_idx_to_addr(8), 1);
	hr_test_corruption_expect_line(test, edge, 2, HR_TEST_UNOWNED(1));
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).check_failures, 1ULL);
}

static const struct corruption_alloc_row {
	const char	*name;
	unsigned int	flags;
	unsigned long	align_pages, at_page;	/* or 0 */
} corruption_alloc_rows[] = {
	{ "without caches", HR_TEST_ADDRESSES },
	{ "for a cache", HEAPRANGES_ADDRESS_ONLY },
	{ "aligned", HR_TEST_ADDRESSES, .align_pages = 16 },
	{ "at an address", HR_TEST_ADDRESSES, .at_page = 700 },
};

static void corruption_alloc_desc(const struct corruption_alloc_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(corruption_alloc, corruption_alloc_rows, corruption_alloc_desc);

static void *hr_test_corruption_alloc(struct heapranges *heap,
				      const struct corruption_alloc_row *row, unsigned long addr)
{
	if (row->align_pages)
		return heapranges_alloc_aligned(heap, 1, row->align_pages, GFP_KERNEL);
	if (row->at_page)
		return heapranges_alloc_at(heap, addr, 1, GFP_KERNEL);
	return heapranges_alloc(heap, 1, GFP_KERNEL);
}

static void corruption_alloc_of_unowned_stops_the_heap(struct kunit *test)
{
	const struct corruption_alloc_row *row = test->param_value;
	struct heapranges *heap = hr_test_corruption_heap(test, row->flags);
	unsigned long addr = hr_chunk_idx_to_addr(8) + row->at_page * PAGE_SIZE;
	struct heapranges_stats stats;
	int i;

	hr_test_lose_range(test, heap, hr_chunk_idx_to_addr(8), 1024);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_NULL(test, hr_test_corruption_alloc(heap, row, addr));
	hr_test_corruption_expect_line(test, addr, 1, HR_TEST_UNOWNED(0));
	heapranges_get_stats(heap, &stats);
	KUNIT_EXPECT_EQ(test, stats.check_failures, 1);
	KUNIT_EXPECT_EQ(test, stats.alloc_failures, 2);
	KUNIT_EXPECT_EQ(test, stats.used_pages, 0);
}

#define HR_TEST_ODD	"are in a cache, but not parked"

/* Three pages from *@base on are in a cache. Return: their code, which is no longer so. */
static u8 *hr_test_corruption_unpark(struct kunit *test, struct heapranges *heap,
				     unsigned long *base)
{
	int here = hr_test_here();
	struct hr_chunk *chunk;
	u8 *code;

	*base = hr_test_alloc_on(test, heap, here, 3);
	hr_test_drain(test, heap);
	hr_test_free_on(test, heap, here, *base);
	KUNIT_EXPECT_EQ(test, hr_test_cached(test, heap), 3UL);
	mutex_lock(&heap->change);
	chunk = hr_chunks_find(&heap->runs.chunks, hr_addr_to_chunk_idx(*base));
	mutex_unlock(&heap->change);
	code = &chunk->records.code[hr_addr_to_page_idx(*base)];
	KUNIT_EXPECT_EQ(test, *code, HR_RECORD_SHORT_MAX + 3);
	*code = 0;
	return code;
}

static int hr_test_corruption_take(void *heap)
{
	return !!hr_cache_take(heap, 3, false).base;
}

static void corruption_cache_takes_what_is_not_parked(struct kunit *test)
{
	struct heapranges *heap = hr_test_corruption_heap(test, HEAPRANGES_ADDRESS_ONLY);
	int here = hr_test_here(), i;
	unsigned long base;
	u8 *code = hr_test_corruption_unpark(test, heap, &base);

	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, smp_call_on_cpu(here, hr_test_corruption_take, heap, false),
				0);
	hr_test_corruption_expect_line(test, base, 3, HR_TEST_ODD);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).check_failures, 1ULL);
	/* So that the heap can be destroyed. */
	*code = HR_RECORD_SHORT_MAX + 3;
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, GFP_KERNEL));
}

static void corruption_cache_gives_back_what_is_not_parked(struct kunit *test)
{
	struct heapranges *heap = hr_test_corruption_heap(test, HEAPRANGES_ADDRESS_ONLY);
	unsigned long base;
	u8 *code = hr_test_corruption_unpark(test, heap, &base);

	hr_test_drain(test, heap);
	hr_test_corruption_expect_line(test, base, 3, HR_TEST_ODD);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).check_failures, 1ULL);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, GFP_KERNEL));
	*code = 3;
	hr_test_free(test, heap, base);
}

static struct kunit_case hr_test_corruption_cases[] = {
	KUNIT_CASE(corruption_hand_out_of_unowned_stops_the_heap),
	KUNIT_CASE(corruption_hand_out_over_the_edge_of_a_range),
	KUNIT_CASE(corruption_hand_out_is_told_once),
	KUNIT_CASE_PARAM(corruption_alloc_of_unowned_stops_the_heap, corruption_alloc_gen_params),
	KUNIT_CASE(corruption_cache_takes_what_is_not_parked),
	KUNIT_CASE(corruption_cache_gives_back_what_is_not_parked),
	{}
};

struct kunit_suite heapranges_corruption_suite = {
	.name = "heapranges_corruption",
	.exit = hr_test_corruption_exit,
	.test_cases = hr_test_corruption_cases,
};
