// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_aligned: runs at an aligned address. Where they lie, how a
 * heap grows for them, and what can be aligned to nothing.
 */
#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/kernel.h>

#include "heap_helpers.h"
#include "story_helpers.h"
#include "suites.h"

/* From a border of 4096 pages. */
static const struct hr_test_story hr_test_aligned_stories[] = {
	{ "empty heap", {
		{ 'A', HR_TEST_NONE, 1, 1 }, { 'A', HR_TEST_NONE, 1, 512 },
		{ '+', 5, 1 }, { 'A', HR_TEST_NONE, 1, 2 }, { 'A', 5, 1, 1 } } },
	{ "lowest aligned, not lowest", {
		{ '+', 1, 100 }, { 'A', 4, 4, 4 }, { 'A', 8, 4, 4 }, { 'A', 2, 2, 2 },
		{ 'A', 12, 1, 2 }, { 'A', 1, 1, 1 }, { 'A', 16, 20, 16 },
		{ 'a', 13, 3 }, { 'A', 64, 1, 32 }, { 'a', 36, 28 }, { 'a', 65, 36 },
		{ 'a', HR_TEST_NONE, 1 } } },
	{ "a run not aligned is passed by", {
		{ '+', 0, 200 }, { 'a', 0, 1 }, { 'a', 1, 20 }, { 'a', 21, 10 },
		{ 'f', 1 }, { 'A', 32, 8, 16 }, { 'A', 16, 5, 16 }, { 'a', 1, 15 },
		{ 'f', 16 }, { 'A', 48, 6, 16 }, { 'a', 16, 5 }, { 'a', 31, 1 } } },
	{ "up to the last page", {
		{ '+', 1, 32 }, { 'A', HR_TEST_NONE, 18, 16 }, { 'A', 16, 17, 16 },
		{ 'f', 16 }, { 'A', HR_TEST_NONE, 2, 32 }, { 'A', 32, 1, 32 } } },
	{ "over chunk borders", {
		{ '+', 500, 3000 }, { 'A', 512, 512, 512 }, { 'A', 1024, 513, 256 },
		{ 'A', 2048, 1, 1024 }, { 'A', 2056, 1000, 8 }, { 'A', 1544, 504, 8 },
		{ 'A', 3072, 428, 512 }, { 'a', 500, 12 }, { 'a', 1537, 7 },
		{ 'a', 2049, 7 }, { 'a', 3056, 16 }, { 'a', HR_TEST_NONE, 1 } } },
	{ "starts in one chunk, ends in the next", {
		{ '+', 0, 2048 }, { 'a', 0, 449 }, { 'A', 480, 100, 32 },
		{ 'A', 592, 1000, 16 }, { 'A', 1664, 384, 128 }, { 'f', 480 },
		{ 'A', 512, 80, 64 }, { 'A', 480, 32, 32 }, { 'a', 449, 31 },
		{ 'a', 1592, 72 } } },
	{ "a base not aligned", {
		{ '+', 77, 700 }, { 'A', 512, 1, 512 }, { 'A', 128, 64, 128 },
		{ 'A', 256, 256, 256 }, { 'A', 768, 1, 256 },
		{ 'A', HR_TEST_NONE, 1, 256 }, { 'A', HR_TEST_NONE, 129, 128 },
		{ 'A', 640, 128, 128 } } },
	{ "align larger than the region", {
		{ '+', 500, 24 }, { 'A', HR_TEST_NONE, 13, 512 },
		{ 'A', HR_TEST_NONE, 1, 1024 }, { 'A', 512, 12, 512 },
		{ 'a', 500, 12 }, { 'a', HR_TEST_NONE, 1 } } },
	{ "no aligned address inside", {
		{ '+', 513, 511 }, { 'A', HR_TEST_NONE, 1, 512 },
		{ 'A', HR_TEST_NONE, 1, 4096 }, { 'A', 768, 1, 256 },
		{ 'A', HR_TEST_NONE, 1, 256 }, { '+', 512, 1 }, { 'A', 512, 1, 256 } } },
	{ "aligned to a chunk, where none is whole", {
		{ '+', 1, 1023 }, { 'A', HR_TEST_NONE, 513, 512 }, { 'A', 512, 512, 512 },
		{ 'A', HR_TEST_NONE, 1, 512 }, { 'a', 1, 511 } } },
	{ "abutting regions", {
		{ '+', 10, 20 }, { '+', 30, 20 }, { 'A', HR_TEST_NONE, 20, 32 },
		{ 'A', 32, 18, 32 }, { 'A', 16, 16, 16 }, { 'a', 10, 6 } } },
	{ "a gap", {
		{ '+', 0, 16 }, { '+', 17, 47 }, { 'A', 17, 17, 1 }, { 'A', 0, 16, 16 },
		{ 'A', 48, 16, 16 }, { 'A', HR_TEST_NONE, 1, 64 }, { 'a', 34, 14 } } },
	{ "a gap at the aligned address", {
		{ '+', 0, 512 }, { '+', 513, 1024 }, { 'A', 0, 1, 512 },
		{ 'A', 1024, 1, 512 }, { 'A', 1536, 1, 512 },
		{ 'A', HR_TEST_NONE, 1, 512 }, { '+', 512, 1 }, { 'A', 512, 1, 512 } } },
	{ "what lies below stays the lowest", {
		{ '+', 1, 1200 }, { 'A', 512, 1, 512 }, { 'a', 1, 511 },
		{ 'a', 513, 100 }, { 'f', 1 }, { 'A', 640, 450, 64 }, { 'a', 1, 1 },
		{ 'A', 2, 2, 2 }, { 'A', 64, 400, 64 }, { 'a', 4, 60 },
		{ 'a', 464, 48 }, { 'a', 613, 27 }, { 'a', 1090, 111 } } },
	{ "freed and again", {
		{ '+', 0, 600 }, { 'A', 0, 8, 8 }, { 'A', 8, 8, 8 }, { 'A', 256, 8, 256 },
		{ 'f', 0 }, { 'A', 0, 8, 8 }, { 'f', 8 }, { 'a', 8, 1 }, { 'A', 16, 8, 8 },
		{ 'a', 9, 7 }, { 'f', 256 }, { 'A', 256, 9, 256 }, { 'a', 24, 232 } } },
	{ "many chunks", {
		{ '+', 1, 9000 }, { 'A', 4096, 4096, 4096 }, { 'A', 1024, 2048, 1024 },
		{ 'A', 512, 512, 512 }, { 'A', 8192, 809, 4096 }, { 'a', 3072, 1024 },
		{ 'a', 1, 511 }, { 'f', 4096 }, { 'A', 4096, 4000, 2 }, { 'a', 8096, 96 } } },
};

KUNIT_ARRAY_PARAM(hr_test_aligned, hr_test_aligned_stories, hr_test_story_desc);

static void aligned_where(struct kunit *test)
{
	static const unsigned long shifts[] = { 0, 1UL << 12, 7UL << 12, 1UL << 18 };
	int i;

	for (i = 0; i < ARRAY_SIZE(shifts); i++)
		hr_test_story_tell(test, shifts[i]);
}

/* In a heap that is all free there is a formula. */
static void aligned_every_power_of_two(struct kunit *test)
{
	static const unsigned long shifts[] = { 0, 1, 63, 64, 65, 300, 511 };
	static const unsigned long sizes[] = {
		1, 63, 64, 65, 127, 511, 512, 513, 1024, 2047, 3000,
	};
	unsigned long base, align, addr, want, i, j;
	struct heapranges *heap;

	for (i = 0; i < ARRAY_SIZE(shifts); i++) {
		heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
		base = hr_test_addr(shifts[i]);
		hr_test_add(test, heap, base, 3000);
		for (align = 1; align <= 4096; align *= 2) {
			for (j = 0; j < ARRAY_SIZE(sizes); j++) {
				want = ALIGN(base, align * PAGE_SIZE);
				if (want + sizes[j] * PAGE_SIZE > base + 3000 * PAGE_SIZE)
					want = 0;
				addr = hr_test_aligned(heap, sizes[j], align);
				KUNIT_EXPECT_EQ_MSG(test, addr, want,
						    "base=%lx pages=%lu align=%lu",
						    base, sizes[j], align);
				if (addr)
					hr_test_free(test, heap, addr);
			}
		}
		hr_test_verify(test, heap, "all alignments");
		KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).free_pages, 3000UL);
		hr_test_destroy(test, heap);
	}
}

static void aligned_not_a_power_of_two(struct kunit *test)
{
	static const unsigned long aligns[] = {
		0, 3, 5, 6, 7, 12, 48, 511, 513, 1536, 4095, ULONG_MAX, ULONG_MAX - 1,
		ULONG_MAX / 2, ULONG_MAX / 2 + 2, HR_TEST_ALL_PAGES - 1,
		HR_TEST_ALL_PAGES + 1, HR_TEST_ALL_PAGES + 512,
	};
	struct heapranges *heap[2];
	struct hr_test_state before;
	unsigned long i, j;

	heap[0] = hr_test_create(test, "addresses", HR_TEST_ADDRESSES);
	hr_test_add(test, heap[0], hr_test_addr(0), 2000);
	heap[1] = hr_test_create(test, "growing", 0);
	for (i = 0; i < ARRAY_SIZE(heap); i++) {
		for (j = 0; j < ARRAY_SIZE(aligns); j++) {
			hr_test_state_take(test, heap[i], &before);
			KUNIT_EXPECT_EQ_MSG(test, hr_test_aligned(heap[i], 1, aligns[j]),
					    0UL, "%s: align=%lx",
					    heapranges_name(heap[i]), aligns[j]);
			before.stats.alloc_failures++;
			hr_test_expect_state(test, heap[i], &before, "a bad alignment");
		}
		KUNIT_EXPECT_NE(test, hr_test_aligned(heap[i], 1, 1), 0UL);
	}
}

/* Sizes that nothing can have, and alignments that only page 0 has. */
static void aligned_impossible(struct kunit *test)
{
	static const struct { unsigned long nr, align; } rows[] = {
		{ 0, 1 }, { 0, 512 }, { ULONG_MAX, 1 }, { ULONG_MAX, 2 },
		{ ULONG_MAX, ULONG_MAX / 2 + 1 }, { ULONG_MAX - 510, 512 },
		{ ULONG_MAX - 511, 512 }, { ULONG_MAX - 512, 512 },
		{ 1, ULONG_MAX / 2 + 1 }, { 2, ULONG_MAX / 2 + 1 },
		{ ULONG_MAX / 2 + 1, ULONG_MAX / 2 + 1 },
		{ ULONG_MAX / 2 + 2, ULONG_MAX / 2 + 1 },
		{ 1, HR_TEST_ALL_PAGES }, { 1, HR_TEST_ALL_PAGES / 2 },
		{ 512, HR_TEST_ALL_PAGES * 2 }, { HR_TEST_ALL_PAGES, HR_TEST_ALL_PAGES },
		{ HR_TEST_ALL_PAGES, 1 }, { HR_TEST_ALL_PAGES + 1, 1 },
		{ HR_TEST_ALL_PAGES - 1, 2 }, { HR_TEST_ALL_PAGES - 511, 512 },
	};
	struct heapranges_params capped = { .name = "capped", .max_pages = 4096 };
	struct heapranges *heap[3];
	struct hr_test_state before;
	unsigned long i, j;

	heap[0] = hr_test_create(test, "addresses", HR_TEST_ADDRESSES);
	hr_test_add(test, heap[0], PAGE_SIZE, 2000);
	heap[1] = hr_test_create(test, "growing", 0);
	heap[2] = hr_test_create_params(test, &capped);
	for (i = 0; i < ARRAY_SIZE(heap); i++) {
		for (j = 0; j < ARRAY_SIZE(rows); j++) {
			hr_test_state_take(test, heap[i], &before);
			KUNIT_EXPECT_EQ_MSG(test, hr_test_aligned(heap[i], rows[j].nr,
								  rows[j].align),
					    0UL, "%s: pages=%lx align=%lx",
					    heapranges_name(heap[i]), rows[j].nr,
					    rows[j].align);
			before.stats.alloc_failures++;
			before.stats.grow_failures =
				hr_test_stats(test, heap[i]).grow_failures;
			hr_test_expect_state(test, heap[i], &before, "the impossible");
		}
		KUNIT_EXPECT_NE(test, hr_test_aligned(heap[i], 64, 64), 0UL);
		hr_test_verify(test, heap[i], heapranges_name(heap[i]));
	}
}

/* HR_TEST_BASE is as aligned as it is; nothing is aligned better but page 0. */
static void aligned_to_more_than_a_region(struct kunit *test)
{
	unsigned long best = 1UL << __ffs(HR_TEST_BASE / PAGE_SIZE), align;
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);

	hr_test_add(test, heap, HR_TEST_BASE - 300 * PAGE_SIZE, 700);
	for (align = 512; align; align *= 2) {
		unsigned long want = align <= best ? HR_TEST_BASE : 0;

		KUNIT_EXPECT_EQ_MSG(test, hr_test_aligned(heap, 400, align), want,
				    "pages=400 align=%lx", align);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_aligned(heap, 401, align), 0UL,
				    "pages=401 align=%lx", align);
		if (want)
			hr_test_free(test, heap, want);
	}
}

/* Page 0 is aligned to everything, and so is what lies behind the last page. */
static void aligned_at_both_ends(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);

	hr_test_add(test, heap, PAGE_SIZE, 99);
	hr_test_add(test, heap, -100 * PAGE_SIZE, 99);
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 36, 64), 64 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 64, 64), 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 1, 128), 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 63, 64), -64 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 1, 64), 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 1, 32), 32 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 1, 32), -96 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 1, 1), PAGE_SIZE);
	hr_test_verify(test, heap, "both ends");
}

/* Each hole is long enough, and in none of them is it aligned. */
static void aligned_behind_many_holes(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long i, nr = 2000;

	hr_test_add(test, heap, HR_TEST_BASE, 16 * nr + 32);
	for (i = 0; i <= nr; i++)
		KUNIT_ASSERT_EQ(test, hr_test_at(heap, hr_test_addr(16 * i), 1),
				hr_test_addr(16 * i));
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 8, 16), hr_test_addr(16 * nr + 16));
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 8, 32), 0UL);
	hr_test_free(test, heap, hr_test_addr(16 * 1001));
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 8, 32), 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 16, 16), hr_test_addr(16 * 1001));
	hr_test_free(test, heap, hr_test_addr(16 * 130));
	hr_test_free(test, heap, hr_test_addr(16 * 131));
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 31, 32), hr_test_addr(16 * 130));
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 15, 1), hr_test_addr(1));
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), hr_test_addr(17));
	hr_test_verify(test, heap, "many holes");
}

/* Ranges of a page, none of which is aligned, before the one that is. */
static void aligned_behind_many_ranges(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long i;

	for (i = 0; i < 300; i++)
		hr_test_add(test, heap, hr_test_addr(64 * i + 1), 40);
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 8, 64), 0UL);
	hr_test_add(test, heap, hr_test_addr(64 * 300), 40);
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 40, 64), hr_test_addr(64 * 300));
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 8, 32), hr_test_addr(32));
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 8, 32), hr_test_addr(96));
}

/* ---- growth ---- */

static void aligned_grows_once(struct kunit *test)
{
	static const struct { unsigned long nr, align; } rows[] = {
		{ 1, 1 }, { 1, 512 }, { 512, 512 }, { 513, 512 }, { 100, 1024 },
		{ 1, 4096 }, { 1500, 2048 },
	};
	struct heapranges_params params = {
		.name = "kunit", .node = NUMA_NO_NODE, .arena_pages = 512,
		.grow_max_pages = 512, .flags = HEAPRANGES_NO_CACHE,
	};
	struct heapranges *heap;
	struct heapranges_stats s;
	unsigned long addr;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		heap = hr_test_create_params(test, &params);
		addr = hr_test_aligned(heap, rows[i].nr, rows[i].align);
		KUNIT_ASSERT_NE_MSG(test, addr, 0UL, "row %d", i);
		KUNIT_EXPECT_TRUE_MSG(test, IS_ALIGNED(addr, rows[i].align * PAGE_SIZE),
				      "row %d: %lx", i, addr);
		KUNIT_EXPECT_TRUE(test, heapranges_contains(heap, addr, rows[i].nr));
		s = hr_test_stats(test, heap);
		KUNIT_EXPECT_EQ_MSG(test, s.nr_arenas, 1UL, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, s.grows, 1ULL, "row %d", i);
		KUNIT_EXPECT_GE_MSG(test, s.owned_pages, rows[i].nr + rows[i].align - 1,
				    "row %d", i);
		memset((void *)addr, 0xff, rows[i].nr * PAGE_SIZE);

		/* What fits again does not grow again. */
		hr_test_free(test, heap, addr);
		KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, rows[i].nr, rows[i].align),
				addr);
		KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).grows, 1ULL);
		hr_test_verify(test, heap, "growth");
		hr_test_free(test, heap, addr);
		hr_test_destroy(test, heap);
	}
}

/* One that is full, or has room but nowhere aligned, gets one arena more. */
static void aligned_grows_a_full_heap(struct kunit *test)
{
	struct heapranges_params params = {
		.name = "kunit", .node = NUMA_NO_NODE, .arena_pages = 1024,
		.grow_max_pages = 1024,
	};
	struct heapranges *heap = hr_test_create_params(test, &params);
	struct heapranges_stats before, after;
	unsigned long addr, i;

	for (i = 1; i < 6; i++) {
		before = hr_test_stats(test, heap);
		addr = hr_test_aligned(heap, 700, 512);
		KUNIT_ASSERT_NE(test, addr, 0UL);
		KUNIT_EXPECT_TRUE_MSG(test, IS_ALIGNED(addr, 512 * PAGE_SIZE), "%lx", addr);
		after = hr_test_stats(test, heap);
		KUNIT_EXPECT_EQ(test, after.nr_arenas, before.nr_arenas + 1);
		KUNIT_EXPECT_EQ(test, after.grows, before.grows + 1);
		KUNIT_EXPECT_GE(test, after.owned_pages, before.owned_pages + 700 + 511);
		KUNIT_EXPECT_EQ(test, after.used_pages, i * 700);
	}
	hr_test_verify(test, heap, "growth");
}

static void aligned_growth_is_clipped(struct kunit *test)
{
	struct heapranges_params params = {
		.name = "kunit", .node = NUMA_NO_NODE, .arena_pages = 512,
		.max_pages = 512 + 100 + 63,
	};
	struct heapranges *heap = hr_test_create_params(test, &params);
	unsigned long addr;

	hr_test_alloc(test, heap, 512);
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 101, 64), 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_aligned(heap, 100, 128), 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 512UL);
	addr = hr_test_aligned(heap, 100, 64);
	KUNIT_EXPECT_NE(test, addr, 0UL);
	KUNIT_EXPECT_TRUE_MSG(test, IS_ALIGNED(addr, 64 * PAGE_SIZE), "%lx", addr);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, params.max_pages);
}

static struct kunit_case hr_test_aligned_cases[] = {
	KUNIT_CASE_PARAM(aligned_where, hr_test_aligned_gen_params),
	KUNIT_CASE(aligned_every_power_of_two),
	KUNIT_CASE(aligned_not_a_power_of_two),
	KUNIT_CASE(aligned_impossible),
	KUNIT_CASE(aligned_to_more_than_a_region),
	KUNIT_CASE(aligned_at_both_ends),
	KUNIT_CASE(aligned_behind_many_holes),
	KUNIT_CASE(aligned_behind_many_ranges),
	KUNIT_CASE(aligned_grows_once),
	KUNIT_CASE(aligned_grows_a_full_heap),
	KUNIT_CASE(aligned_growth_is_clipped),
	{}
};

struct kunit_suite heapranges_aligned_suite = {
	.name = "heapranges_aligned",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_aligned_cases,
};
