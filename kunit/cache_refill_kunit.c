// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_cache_refill: from where caches are filled.
 */
#include <linux/cpumask.h>
#include <linux/sched.h>

#include "cache_helpers.h"
#include "suites.h"

static void cache_refill_not_over_a_chunk(struct kunit *test)
{
	struct heapranges *heap = hr_test_cached_heap(test, 0, 4096);
	unsigned long nr;

	for (nr = 2; nr <= HR_TEST_SHORT; nr++) {
		hr_test_alloc_there(test, heap, hr_test_addr(511), nr);
		hr_test_free_on(test, heap, hr_test_here(), hr_test_addr(511));
		KUNIT_EXPECT_EQ_MSG(test, hr_test_cached(test, heap), 0UL, "pages=%lu", nr);
	}
	hr_test_verify(test, heap, "runs over a chunk's end");
}

/* Wherever the heap begins: or two CPUs that fill their caches by turns share lines of records. */
static void cache_refill_shares_no_row(struct kunit *test)
{
	static const unsigned long first[] = { 0, 1, 31, 32, 33, 45, 63, 300 };
	unsigned long nr, addr, last, row_bytes = HR_RECORDS_ROW * PAGE_SIZE;
	struct heapranges *heap;
	u64 refills;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(first); i++) {
		heap = hr_test_cached_heap(test, first[i], 16384);
		for (nr = 1; nr <= HR_RECORD_PARKED_MAX; nr++) {
			last = 0;
			for (j = 0; j < 100; j++, last = addr) {
				refills = heap->count[HR_COUNT_REFILLS];
				addr = hr_test_alloc(test, heap, nr);
				if (refills == heap->count[HR_COUNT_REFILLS] || !last)
					continue;
				KUNIT_EXPECT_NE_MSG(test, addr / row_bytes, last / row_bytes,
						    "first=%lu pages=%lu %#lx %#lx", first[i], nr,
						    last, addr);
			}
			hr_test_drain(test, heap);
		}
		heapranges_walk(heap, hr_test_drain_range, heap);
		hr_test_destroy(test, heap);
	}
}

/* A chunk's last pages are no loss to a heap that has few. */
static void cache_refill_of_a_small_heap(struct kunit *test)
{
	struct heapranges *heap;
	unsigned long nr;
	int i;

	for (nr = 1; nr <= HR_RECORD_PARKED_MAX; nr++) {
		heap = hr_test_cached_heap(test, HR_TEST_CHUNK - 1, 7 * nr);
		for (i = 0; i < 7; i++)
			hr_test_alloc(test, heap, nr);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_stats(test, heap).used_pages, 7 * nr,
				    "pages=%lu", nr);
		heapranges_walk(heap, hr_test_drain_range, heap);
		hr_test_destroy(test, heap);
	}
}

/* The lowest room leaves its chunk, for good: the cache gets runs behind it, for all pairs. */
static void cache_refill_behind_a_chunks_end(struct kunit *test)
{
	struct heapranges *heap;
	unsigned long nr, addr;
	int i;

	for (nr = 2; nr <= HR_RECORD_PARKED_MAX; nr++) {
		heap = hr_test_cached_heap(test, HR_TEST_CHUNK - 1, 2048);
		for (i = 0; i < 3; i++) {
			addr = hr_test_alloc(test, heap, nr);
			KUNIT_EXPECT_EQ_MSG(test, addr, hr_test_addr(HR_TEST_CHUNK), "pages=%lu",
					    nr);
			hr_test_free(test, heap, addr);
		}
		KUNIT_EXPECT_EQ_MSG(test, heap->count[HR_COUNT_REFILLS], 1ULL, "pages=%lu", nr);
		hr_test_verify(test, heap, "a chunk's end");
		hr_test_drain(test, heap);
		/* Where there is no room behind it that is what is had. */
		hr_test_alloc_there(test, heap, hr_test_addr(HR_TEST_CHUNK + nr - 1), 2048 - nr);
		addr = hr_test_alloc(test, heap, nr);
		KUNIT_EXPECT_EQ_MSG(test, addr, hr_test_addr(HR_TEST_CHUNK - 1), "pages=%lu", nr);
		hr_test_verify(test, heap, "over a chunk's end");
		hr_test_free(test, heap, addr);
		hr_test_free(test, heap, hr_test_addr(HR_TEST_CHUNK + nr - 1));
		hr_test_destroy(test, heap);
	}
}

/*
 * What is parked behind the run is no more than there are entries for. The others are in
 * use: there has been none for one of them, too, and 16 went back, of which 14 came again.
 */
static void cache_refill_with_few_entries(struct kunit *test)
{
	struct heapranges *heap = hr_test_cached_heap(test, 0, 16384);
	unsigned int nr_runs = hr_cache_nr_entries() - 2, i;
	unsigned long addr;

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(hr_test_here())), 0);
	for (i = 0; i < nr_runs + 16; i++)
		hr_test_alloc_there(test, heap, hr_test_addr(1024 + i), 1);
	for (i = 0; i < nr_runs + 16; i++)
		hr_test_free(test, heap, hr_test_addr(1024 + i));
	KUNIT_EXPECT_EQ(test, hr_test_cached(test, heap), nr_runs + 0UL);
	addr = hr_test_alloc(test, heap, 16);
	KUNIT_EXPECT_EQ(test, hr_test_cached(test, heap), nr_runs + 2 * 16UL);
	hr_test_verify(test, heap, "no entry is left");
	hr_test_free(test, heap, addr);
}

static void hr_test_batch(struct kunit *test, struct heapranges *heap, unsigned long nr_pages)
{
	unsigned long addr[32];
	int i;

	for (i = 0; i < ARRAY_SIZE(addr); i++)
		addr[i] = hr_test_alloc(test, heap, nr_pages);
	for (i = 0; i < ARRAY_SIZE(addr); i++)
		hr_test_free(test, heap, addr[i]);
}

/* Whatever the cache is full of: who comes after that has it soon. */
static void cache_refill_in_place_of_other_lengths(struct kunit *test)
{
	struct heapranges *heap = hr_test_cached_heap(test, 0, 16384);
	unsigned long nr;
	u64 refills;
	int i;

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(hr_test_here())), 0);
	for (i = 0; i < 3; i++) {
		for (nr = 1; nr <= HR_RECORD_PARKED_MAX; nr++)
			hr_test_batch(test, heap, nr);
	}
	for (nr = 1; nr <= HR_RECORD_PARKED_MAX; nr++) {
		for (i = 0; i < 3; i++)
			hr_test_batch(test, heap, nr);
		refills = heap->count[HR_COUNT_REFILLS];
		hr_test_batch(test, heap, nr);
		KUNIT_EXPECT_EQ_MSG(test, heap->count[HR_COUNT_REFILLS], refills, "pages=%lu", nr);
	}
	hr_test_verify(test, heap, "all lengths");
}

/* And who only takes, of a length that nobody has sought, takes rows. */
static void cache_refill_rows_of_a_full_cache(struct kunit *test)
{
	struct heapranges *heap = hr_test_cached_heap(test, 0, 16384);
	unsigned int i, nr_runs = hr_cache_nr_entries() + 2 * 16;
	u64 refills;

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(hr_test_here())), 0);
	for (i = 0; i < nr_runs; i++)
		hr_test_alloc_there(test, heap, hr_test_addr(8192 + i), 1);
	for (i = 0; i < nr_runs; i++)
		hr_test_free(test, heap, hr_test_addr(8192 + i));
	/* When there was room for none, 16 went back. */
	KUNIT_EXPECT_EQ(test, hr_test_cached(test, heap), hr_cache_nr_entries() + 0UL);
	refills = heap->count[HR_COUNT_REFILLS];
	for (i = 0; i < 64; i++)
		hr_test_alloc(test, heap, 15);
	KUNIT_EXPECT_LE(test, heap->count[HR_COUNT_REFILLS] - refills, 64 / 3ULL);
	hr_test_verify(test, heap, "rows");
	heapranges_walk(heap, hr_test_drain_range, heap);
}

static struct kunit_case hr_test_cache_refill_cases[] = {
	KUNIT_CASE(cache_refill_not_over_a_chunk),
	KUNIT_CASE(cache_refill_shares_no_row),
	KUNIT_CASE(cache_refill_of_a_small_heap),
	KUNIT_CASE(cache_refill_behind_a_chunks_end),
	KUNIT_CASE(cache_refill_with_few_entries),
	KUNIT_CASE(cache_refill_in_place_of_other_lengths),
	KUNIT_CASE(cache_refill_rows_of_a_full_cache),
	{}
};

struct kunit_suite heapranges_cache_refill_suite = {
	.name = "heapranges_cache_refill",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_cache_refill_cases,
};
