// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_alloc: runs of pages. Where they lie, what is refused, when
 * a heap grows, and what the memory holds. alloc, free of what is live, size. Bad
 * frees are in reject_kunit.c, gfp and contexts in gfp_kunit.c.
 */
#include <linux/kernel.h>

#include "heap_helpers.h"
#include "suites.h"

#define HR_TEST_NONE	ULONG_MAX

/*
 * A story is a list of operations on an empty heap: '+' and '-' a region
 * [page, page + nr), 'a'lloc nr pages and get page, 'f'ree page.
 */
struct hr_test_story {
	const char	*desc;
	struct {
		char		op;
		unsigned long	page, nr;
	} step[20];
};

static const struct hr_test_story hr_test_stories[] = {
	{ "empty heap", {
		{ 'a', HR_TEST_NONE, 1 }, { '+', 5, 1 }, { 'a', 5, 1 },
		{ 'f', 5 }, { '-', 5, 1 }, { 'a', HR_TEST_NONE, 1 } } },
	{ "exact fit", {
		{ '+', 7, 9 }, { 'a', HR_TEST_NONE, 10 }, { 'a', 7, 9 },
		{ 'a', HR_TEST_NONE, 1 }, { 'f', 7 }, { 'a', 7, 1 },
		{ 'a', 8, 8 }, { 'a', HR_TEST_NONE, 1 } } },
	{ "lowest, not tightest", {
		{ '+', 0, 20 }, { 'a', 0, 6 }, { 'a', 6, 1 }, { 'a', 7, 2 },
		{ 'a', 9, 11 }, { 'f', 0 }, { 'f', 7 }, { 'a', 0, 2 },
		{ 'a', 2, 2 }, { 'a', 4, 2 }, { 'a', 7, 2 } } },
	{ "freed neighbours merge", {
		{ '+', 0, 12 }, { 'a', 0, 4 }, { 'a', 4, 4 }, { 'a', 8, 4 },
		{ 'f', 0 }, { 'f', 8 }, { 'a', HR_TEST_NONE, 5 }, { 'f', 4 },
		{ 'a', 0, 12 }, { 'f', 0 }, { 'a', 0, 5 }, { 'a', 5, 7 } } },
	{ "across words", {
		{ '+', 0, 512 }, { 'a', 0, 60 }, { 'a', 60, 10 }, { 'a', 70, 64 },
		{ 'a', 134, 1 }, { 'a', 135, 130 }, { 'f', 60 },
		{ 'a', 265, 11 }, { 'a', 60, 10 }, { 'f', 134 }, { 'f', 70 },
		{ 'a', 70, 65 }, { 'f', 135 }, { 'a', 135, 129 },
		{ 'a', 264, 1 }, { 'a', 276, 236 }, { 'a', HR_TEST_NONE, 1 } } },
	{ "whole words", {
		{ '+', 0, 512 }, { 'a', 0, 64 }, { 'a', 64, 64 }, { 'a', 128, 128 },
		{ 'a', 256, 256 }, { 'f', 64 }, { 'f', 128 },
		{ 'a', HR_TEST_NONE, 193 }, { 'a', 64, 192 } } },
	{ "over a chunk border", {
		{ '+', 0, 1600 }, { 'a', 0, 500 }, { 'a', 500, 100 },
		{ 'a', 600, 512 }, { 'a', 1112, 488 }, { 'a', HR_TEST_NONE, 1 },
		{ 'f', 500 }, { 'a', HR_TEST_NONE, 101 }, { 'a', 500, 100 },
		{ 'f', 600 }, { 'f', 500 }, { 'a', 500, 612 } } },
	{ "a chunk, one less, one more", {
		{ '+', 0, 2048 }, { 'a', 0, 512 }, { 'a', 512, 511 },
		{ 'a', 1023, 513 }, { 'a', 1536, 512 }, { 'a', HR_TEST_NONE, 1 },
		{ 'f', 512 }, { 'f', 1536 }, { 'a', 1536, 512 },
		{ 'a', 512, 511 } } },
	{ "many chunks", {
		{ '+', 1, 5000 }, { 'a', HR_TEST_NONE, 5001 }, { 'a', 1, 5000 },
		{ 'f', 1 }, { 'a', 1, 1 }, { 'a', HR_TEST_NONE, 5000 },
		{ 'a', 2, 4999 }, { 'f', 1 }, { 'f', 2 }, { 'a', 1, 3000 },
		{ 'a', 3001, 1500 }, { 'f', 1 }, { 'a', HR_TEST_NONE, 3001 },
		{ 'a', 1, 3000 } } },
	{ "hole in later chunks", {
		{ '+', 0, 4096 }, { 'a', 0, 1500 }, { 'a', 1500, 100 },
		{ 'a', 1600, 1400 }, { 'a', 3000, 1096 }, { 'f', 3000 },
		{ 'f', 1500 }, { 'a', 3000, 101 }, { 'a', 1500, 100 },
		{ 'a', 3101, 995 }, { 'a', HR_TEST_NONE, 1 } } },
	{ "unaligned ends", {
		{ '+', 500, 30 }, { 'a', HR_TEST_NONE, 31 }, { 'a', 500, 30 },
		{ 'a', HR_TEST_NONE, 1 }, { 'f', 500 }, { 'a', 500, 11 },
		{ 'a', 511, 2 }, { 'a', 513, 17 }, { 'a', HR_TEST_NONE, 1 } } },
	{ "abutting regions", {
		{ '+', 100, 50 }, { '+', 150, 50 }, { '+', 200, 400 },
		{ 'a', HR_TEST_NONE, 501 }, { 'a', 100, 500 }, { 'f', 100 },
		{ 'a', 100, 75 }, { 'a', 175, 425 } } },
	{ "gap in one chunk", {
		{ '+', 10, 10 }, { '+', 21, 11 }, { 'a', HR_TEST_NONE, 12 },
		{ 'a', 21, 11 }, { 'a', 10, 10 }, { 'a', HR_TEST_NONE, 1 },
		{ 'f', 21 }, { 'a', 21, 1 }, { 'f', 10 },
		{ 'a', HR_TEST_NONE, 11 }, { '+', 20, 1 }, { 'a', 10, 11 } } },
	{ "gap at a chunk border", {
		{ '+', 0, 511 }, { '+', 512, 512 }, { 'a', HR_TEST_NONE, 513 },
		{ 'a', 512, 512 }, { 'a', 0, 511 }, { 'f', 512 }, { 'f', 0 },
		{ '-', 512, 1 }, { 'a', HR_TEST_NONE, 512 }, { 'a', 0, 511 },
		{ 'a', 513, 511 } } },
	{ "far apart", {
		{ '+', 0, 2 }, { '+', HR_TEST_FAR_PAGE, 3 }, { '+', 1UL << 18, 1 },
		{ 'a', HR_TEST_FAR_PAGE, 3 }, { 'a', 0, 1 }, { 'a', 1, 1 },
		{ 'a', 1UL << 18, 1 }, { 'a', HR_TEST_NONE, 1 }, { 'f', 1 },
		{ 'a', 1, 1 }, { 'f', HR_TEST_FAR_PAGE }, { 'a', HR_TEST_FAR_PAGE, 2 } } },
	{ "a lower region comes later", {
		{ '+', 3000, 10 }, { 'a', 3000, 4 }, { '+', 40, 3 },
		{ 'a', 40, 2 }, { 'a', 3004, 2 }, { 'a', 42, 1 },
		{ '+', 41 + 2, 5 }, { 'a', 43, 5 }, { 'a', 3006, 4 } } },
	{ "a region comes back", {
		{ '+', 5, 3 }, { 'a', 5, 1 }, { 'f', 5 }, { '-', 5, 3 },
		{ 'a', HR_TEST_NONE, 1 }, { '+', 5, 3 }, { 'a', 5, 1 },
		{ 'a', 6, 1 }, { 'a', 7, 1 }, { 'a', HR_TEST_NONE, 1 },
		{ 'f', 6 }, { 'f', 5 }, { 'a', 5, 2 } } },
	{ "dozens of chunks", {
		{ '+', 0, 40000 }, { 'a', 0, 4000 }, { 'a', 4000, 12000 },
		{ 'a', 16000, 24000 }, { 'f', 4000 }, { 'a', HR_TEST_NONE, 12001 },
		{ 'a', 4000, 12000 }, { 'f', 16000 }, { 'f', 4000 }, { 'f', 0 },
		{ 'a', 0, 40000 }, { 'f', 0 }, { 'a', 0, 1 }, { 'a', 1, 32767 },
		{ 'a', 32768, 7232 }, { 'f', 1 }, { 'a', 1, 32767 } } },
	{ "a region goes", {
		{ '+', 0, 600 }, { '-', 0, 300 }, { 'a', 300, 100 },
		{ '-', 500, 12 }, { 'a', HR_TEST_NONE, 101 }, { 'a', 400, 100 },
		{ 'a', 512, 88 }, { 'a', HR_TEST_NONE, 1 }, { '+', 500, 12 },
		{ 'a', 500, 12 }, { '+', 0, 300 }, { 'a', 0, 300 } } },
};

static void hr_test_story_desc(const struct hr_test_story *story, char *desc)
{
	strscpy(desc, story->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_story, hr_test_stories, hr_test_story_desc);

static void hr_test_story_step(struct kunit *test, struct heapranges *heap,
			       unsigned long base, int i)
{
	const struct hr_test_story *story = test->param_value;
	unsigned long nr = story->step[i].nr, got, want;
	unsigned long addr = base + story->step[i].page * PAGE_SIZE;

	switch (story->step[i].op) {
	case '+':
		got = heapranges_add(heap, addr, nr);
		want = 0;
		break;
	case '-':
		got = heapranges_remove(heap, addr, nr);
		want = 0;
		break;
	case 'f':
		got = heapranges_free(heap, (void *)addr);
		want = 0;
		break;
	default:
		got = (unsigned long)heapranges_alloc(heap, nr, HR_TEST_QUIET);
		want = story->step[i].page == HR_TEST_NONE ? 0 : addr;
		if (want)
			KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)addr), nr);
	}
	KUNIT_EXPECT_EQ_MSG(test, got, want, "base=%lx step %d: %c page=%ld nr=%lu",
			    base, i, story->step[i].op, (long)story->step[i].page, nr);
	hr_test_stats(test, heap);
}

static void alloc_where(struct kunit *test)
{
	/* Where page 0 of the story is, in pages from a chunk's border. */
	static const unsigned long shifts[] = { 0, 1, 12, 63, 64, 448, 511 };
	const struct hr_test_story *story = test->param_value;
	struct heapranges *heap;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(shifts); i++) {
		heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
		for (j = 0; story->step[j].op; j++)
			hr_test_story_step(test, heap,
					   HR_TEST_BASE + shifts[i] * PAGE_SIZE, j);
		heapranges_walk(heap, hr_test_drain_range, heap);
		hr_test_destroy(test, heap);
	}
}

/* Sizes that nothing can have. None may splat, whatever vmalloc thinks of it. */
static void alloc_impossible_sizes(struct kunit *test)
{
	static const unsigned long sizes[] = {
		0, 65, 512, HR_TEST_ALL_PAGES / 4, HR_TEST_ALL_PAGES / 2,
		HR_TEST_ALL_PAGES - 2, HR_TEST_ALL_PAGES - 1, HR_TEST_ALL_PAGES,
		HR_TEST_ALL_PAGES + 1, ULONG_MAX / 2, ULONG_MAX - 510,
		ULONG_MAX - 511, ULONG_MAX - 512, ULONG_MAX - 1, ULONG_MAX,
	};
	struct heapranges_params params = { .name = "capped", .max_pages = 64 };
	struct heapranges *heap[3];
	struct heapranges_stats s;
	int i, j, failures;

	heap[0] = hr_test_create_params(test, &params);
	heap[1] = hr_test_create(test, "addresses", HR_TEST_ADDRESSES);
	hr_test_add(test, heap[1], HR_TEST_BASE, 64);
	heap[2] = hr_test_create(test, "growing", 0);
	for (i = 0; i < ARRAY_SIZE(heap); i++) {
		failures = 0;
		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			if (i == 2 && (sizes[j] == 65 || sizes[j] == 512))
				continue;
			failures++;
			KUNIT_EXPECT_NULL_MSG(test, heapranges_alloc(heap[i], sizes[j],
								     HR_TEST_QUIET),
					      "%s: pages=%lx",
					      heapranges_name(heap[i]), sizes[j]);
		}
		s = hr_test_stats(test, heap[i]);
		KUNIT_EXPECT_EQ(test, s.alloc_failures, (u64)failures);
		KUNIT_EXPECT_EQ(test, s.allocs, 0ULL);
		KUNIT_EXPECT_EQ(test, s.used_pages, 0UL);
		/* And it is none the worse for it. */
		hr_test_alloc(test, heap[i], 64);
	}
}

/* ---- growth ---- */

static void alloc_grows_to_the_cap(struct kunit *test)
{
	struct heapranges_params params = {
		.name = "kunit", .node = NUMA_NO_NODE, .arena_pages = 512,
		.grow_max_pages = 512, .max_pages = 1536,
	};
	struct heapranges *heap = hr_test_create_params(test, &params);
	struct heapranges_stats s;
	unsigned long i;

	/* Two do not fit in one arena. */
	for (i = 1; i <= 3; i++) {
		hr_test_alloc(test, heap, 300);
		s = hr_test_stats(test, heap);
		KUNIT_EXPECT_EQ(test, s.owned_pages, i * 512);
		KUNIT_EXPECT_EQ(test, s.used_pages, i * 300);
		KUNIT_EXPECT_EQ(test, s.nr_arenas, i);
		KUNIT_EXPECT_EQ(test, s.grows, i + 0ULL);
	}
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 300, HR_TEST_QUIET));
	for (i = 0; i < 3; i++)
		hr_test_alloc(test, heap, 212);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, HR_TEST_QUIET));
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.owned_pages, 1536UL);
	KUNIT_EXPECT_EQ(test, s.free_pages, 0UL);
	KUNIT_EXPECT_EQ(test, s.grows, 3ULL);
}

static void alloc_growth_is_clipped(struct kunit *test)
{
	struct heapranges_params params = {
		.name = "kunit", .node = NUMA_NO_NODE, .arena_pages = 512,
		.max_pages = 700,
	};
	struct heapranges *heap = hr_test_create_params(test, &params);

	hr_test_alloc(test, heap, 512);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 189, HR_TEST_QUIET));
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 512UL);
	hr_test_alloc(test, heap, 188);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 700UL);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, HR_TEST_QUIET));

	/* To what is left, that is, and not to what was asked for. */
	params.name = "kunit-2";
	heap = hr_test_create_params(test, &params);
	hr_test_alloc(test, heap, 512);
	hr_test_alloc(test, heap, 1);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 700UL);
}

static void alloc_larger_than_an_arena(struct kunit *test)
{
	struct heapranges_params params = {
		.name = "kunit", .node = NUMA_NO_NODE, .arena_pages = 1,
		.grow_max_pages = 512,
	};
	struct heapranges *heap = hr_test_create_params(test, &params);
	unsigned long addr = hr_test_alloc(test, heap, 1300);

	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).nr_arenas, 1UL);
	KUNIT_EXPECT_TRUE(test, heapranges_contains(heap, addr, 1300));
	memset((void *)addr, 0xff, 1300 * PAGE_SIZE);

	/* Unasked, it grows by one chunk at a time. */
	while (hr_test_stats(test, heap).free_pages)
		hr_test_alloc(test, heap, 1);
	hr_test_alloc(test, heap, 1);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).free_pages, 511UL);
}

static void alloc_min_pages_are_there(struct kunit *test)
{
	struct heapranges_params params = {
		.name = "kunit", .node = NUMA_NO_NODE, .min_pages = 600,
	};
	struct heapranges *heap = hr_test_create_params(test, &params);
	void *addr = heapranges_alloc(heap, 600, GFP_NOWAIT | __GFP_NOWARN);

	KUNIT_ASSERT_NOT_NULL(test, addr);
	memset(addr, 0xff, 600 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).nr_arenas, 1UL);
}

static void alloc_fixed_never_grows(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HEAPRANGES_FIXED);
	struct heapranges_stats s;

	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, HR_TEST_QUIET));
	hr_test_add(test, heap, hr_test_area(test, 4), 4);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 5, HR_TEST_QUIET));
	hr_test_alloc(test, heap, 4);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, HR_TEST_QUIET));
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.owned_pages, 4UL);
	KUNIT_EXPECT_EQ(test, s.nr_arenas, 0UL);
	KUNIT_EXPECT_EQ(test, s.grows, 0ULL);
	KUNIT_EXPECT_EQ(test, s.grow_failures, 0ULL);
}

/* ---- what the memory holds ---- */

static void alloc_zeroes(struct kunit *test)
{
	static const unsigned int flags[] = { HEAPRANGES_FIXED, 0 };
	static const gfp_t gfps[] = { GFP_KERNEL, GFP_NOWAIT };
	static const unsigned long sizes[] = { 1, 2, 64, 700 };
	struct heapranges *heap;
	unsigned long addr, beside;
	void *zeroed;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		heap = hr_test_create(test, "kunit", flags[i] | HEAPRANGES_NO_CACHE);
		hr_test_add(test, heap, hr_test_area(test, 1000), 1000);
		addr = hr_test_alloc(test, heap, 767);
		beside = hr_test_alloc(test, heap, 233);
		memset((void *)addr, 0xa5, 1000 * PAGE_SIZE);
		hr_test_free(test, heap, addr);
		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			zeroed = heapranges_alloc(heap, sizes[j],
						  gfps[j % 2] | __GFP_ZERO);
			KUNIT_ASSERT_NOT_NULL(test, zeroed);
			KUNIT_EXPECT_NULL_MSG(test, memchr_inv(zeroed, 0,
							       sizes[j] * PAGE_SIZE),
					      "pages=%lu gfp=%x", sizes[j], gfps[j % 2]);
		}
		/* Nothing beside what was asked for. */
		KUNIT_EXPECT_NULL(test, memchr_inv((void *)beside, 0xa5, 233 * PAGE_SIZE));
		heapranges_walk(heap, hr_test_drain_range, heap);
		hr_test_destroy(test, heap);
	}
}

static void alloc_addresses_refuse_zero(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	struct heapranges_stats s;

	hr_test_add(test, heap, HR_TEST_BASE, 4);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, GFP_KERNEL | __GFP_ZERO));
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, GFP_NOWAIT | __GFP_ZERO));
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.alloc_failures, 2ULL);
	KUNIT_EXPECT_EQ(test, s.used_pages, 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), HR_TEST_BASE);
}

/* Every byte is the caller's, and of one run only. */
static void alloc_is_writable(struct kunit *test)
{
	static const unsigned long sizes[] = { 1, 3, 64, 511, 512, 513, 1, 600 };
	struct heapranges *heap = hr_test_create(test, "kunit", 0);
	u8 *run[ARRAY_SIZE(sizes)];
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		run[i] = (u8 *)hr_test_alloc(test, heap, sizes[i]);
		KUNIT_EXPECT_TRUE(test, PAGE_ALIGNED(run[i]));
		KUNIT_EXPECT_TRUE(test, heapranges_contains(heap,
							    (unsigned long)run[i],
							    sizes[i]));
		memset(run[i], i + 1, sizes[i] * PAGE_SIZE);
	}
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		KUNIT_EXPECT_NULL_MSG(test, memchr_inv(run[i], i + 1,
						       sizes[i] * PAGE_SIZE),
				      "run %d, pages=%lu", i, sizes[i]);
		hr_test_free(test, heap, (unsigned long)run[i]);
	}
}

static void alloc_size(struct kunit *test)
{
	static const unsigned long sizes[] = {
		1, 2, 63, 64, 65, 127, 128, 129, 511, 512, 513, 1500,
	};
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long addr = HR_TEST_BASE + 5 * PAGE_SIZE, i, page;

	hr_test_add(test, heap, addr, 4096);
	KUNIT_EXPECT_EQ(test, heapranges_size(heap, NULL), 0UL);
	KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)addr), 0UL);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		hr_test_alloc(test, heap, sizes[i]);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)addr), sizes[i]);
		KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)addr + 1), 0UL);
		KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)addr - 1), 0UL);
		for (page = 1; page < sizes[i]; page++)
			KUNIT_EXPECT_EQ_MSG(test, heapranges_size(heap, (void *)addr +
								  page * PAGE_SIZE),
					    0UL, "page %lu of %lu", page, sizes[i]);
		addr += sizes[i] * PAGE_SIZE;
	}
	addr -= 1500 * PAGE_SIZE;
	hr_test_free(test, heap, addr);
	KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)addr), 0UL);
	KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)8), 0UL);
	KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)-PAGE_SIZE), 0UL);
	KUNIT_EXPECT_EQ(test, heapranges_size(heap, ERR_PTR(-ENOMEM)), 0UL);
}

static struct kunit_case hr_test_alloc_cases[] = {
	KUNIT_CASE_PARAM(alloc_where, hr_test_story_gen_params),
	KUNIT_CASE(alloc_impossible_sizes),
	KUNIT_CASE(alloc_grows_to_the_cap),
	KUNIT_CASE(alloc_growth_is_clipped),
	KUNIT_CASE(alloc_larger_than_an_arena),
	KUNIT_CASE(alloc_min_pages_are_there),
	KUNIT_CASE(alloc_fixed_never_grows),
	KUNIT_CASE(alloc_zeroes),
	KUNIT_CASE(alloc_addresses_refuse_zero),
	KUNIT_CASE(alloc_is_writable),
	KUNIT_CASE(alloc_size),
	{}
};

struct kunit_suite heapranges_alloc_suite = {
	.name = "heapranges_alloc",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_alloc_cases,
};
