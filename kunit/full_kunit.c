// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_full: heaps that are full, or nearly. Exhausted by runs of one
 * size, with one hole, and with holes on the wrong side of the last search.
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include "heap_helpers.h"
#include "suites.h"

/* ---- until nothing is left; after Go's TestPageAllocExhaust ---- */

static const struct hr_test_size {
	const char	*desc;
	unsigned long	nr;
} hr_test_sizes[] = {
	{ "1", 1 }, { "2", 2 }, { "3", 3 }, { "4", 4 }, { "5", 5 }, { "8", 8 },
	{ "16", 16 }, { "21", 21 }, { "32", 32 }, { "63", 63 }, { "64", 64 }, { "65", 65 },
	{ "127", 127 }, { "511", 511 }, { "512", 512 }, { "513", 513 }, { "768", 768 },
	{ "1024", 1024 }, { "2047", 2047 }, { "2048", 2048 }, { "2049", 2049 },
};

static void hr_test_size_desc(const struct hr_test_size *size, char *desc)
{
	strscpy(desc, size->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_size, hr_test_sizes, hr_test_size_desc);

/* Regions to fill, ascending; ends with one of 0 pages. */
static const struct { unsigned long page, nr; } hr_test_vessels[][4] = {
	{ { 0, 4 * 512 } },
	{ { 0, 9 * 512 } },
	{ { 77, 4 * 512 } },
	{ { 500, 5000 } },
	{ { 0, 512 }, { 1024, 512 }, { 4096, 3 * 512 } },
	{ { 10, 100 }, { 111, 2100 }, { 9 * 512 - 1, 2 } },
	{ { 511, 2 }, { 1023, 1025 }, { 1UL << 18, 64 } },
};

static void hr_test_exhaust(struct kunit *test, int vessel, unsigned long nr)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long page, limit, got, runs = 0, total = 0, i;
	struct heapranges_stats s;

	for (i = 0; hr_test_vessels[vessel][i].nr; i++) {
		hr_test_add(test, heap, hr_test_addr(hr_test_vessels[vessel][i].page),
			    hr_test_vessels[vessel][i].nr);
		total += hr_test_vessels[vessel][i].nr;
	}
	for (i = 0; hr_test_vessels[vessel][i].nr; i++) {
		page = hr_test_vessels[vessel][i].page;
		limit = page + hr_test_vessels[vessel][i].nr;
		for (; page + nr <= limit; page += nr, runs++) {
			got = hr_test_alloc(test, heap, nr);
			KUNIT_ASSERT_EQ_MSG(test, got, hr_test_addr(page),
					    "vessel %d, run %lu of %lu pages", vessel, runs,
					    nr);
		}
	}
	got = (unsigned long)heapranges_alloc(heap, nr, HR_TEST_QUIET);
	KUNIT_EXPECT_EQ_MSG(test, got, 0UL, "vessel %d, after %lu runs of %lu pages",
			    vessel, runs, nr);
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ_MSG(test, s.used_pages, runs * nr, "vessel %d", vessel);
	KUNIT_EXPECT_LT_MSG(test, s.largest_free_pages, nr, "vessel %d", vessel);
	hr_test_verify(test, heap, "exhaustion");

	/* The rest, page by page, and then nothing at all. */
	for (i = total - runs * nr; i > 0; i--)
		hr_test_alloc(test, heap, 1);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, HR_TEST_QUIET));
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.free_pages, 0UL);
	KUNIT_EXPECT_EQ(test, s.largest_free_pages, 0UL);
	for (i = 0; hr_test_vessels[vessel][i].nr; i++) {
		struct heapranges_range range;

		range.base = hr_test_addr(hr_test_vessels[vessel][i].page);
		range.limit = range.base + hr_test_vessels[vessel][i].nr * PAGE_SIZE;
		hr_test_drain_range(&range, heap);
	}
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).free_pages, total);
	hr_test_verify(test, heap, "all frees");
	hr_test_destroy(test, heap);
	cond_resched();
}

static void full_exhaust(struct kunit *test)
{
	const struct hr_test_size *size = test->param_value;
	int i;

	for (i = 0; i < ARRAY_SIZE(hr_test_vessels); i++)
		hr_test_exhaust(test, i, size->nr);
}

/* ---- one hole ---- */

/* Of @nr pages at @page: is it found, and nothing larger? */
static void hr_test_hole(struct kunit *test, struct heapranges *heap, unsigned long page,
			 unsigned long nr)
{
	unsigned long addr = hr_test_addr(page), got;
	static const unsigned long parts[] = { 1, 2, 63, 64, 65, 511, 512, 513 };
	struct heapranges_stats s;
	char what[60];
	int i;

	snprintf(what, sizeof(what), "a hole at %lu of %lu", page, nr);
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ_MSG(test, s.free_pages, nr, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, s.largest_free_pages, nr, "%s", what);
	got = (unsigned long)heapranges_alloc(heap, nr + 1, HR_TEST_QUIET);
	KUNIT_EXPECT_EQ_MSG(test, got, 0UL, "one page more than %s", what);
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (parts[i] > nr)
			continue;
		got = (unsigned long)heapranges_alloc(heap, parts[i], HR_TEST_QUIET);
		KUNIT_EXPECT_EQ_MSG(test, got, addr, "%lu pages of %s", parts[i], what);
		heapranges_free(heap, (void *)got);
	}
	got = (unsigned long)heapranges_alloc(heap, nr, HR_TEST_QUIET);
	KUNIT_EXPECT_EQ_MSG(test, got, addr, "%s", what);
	got = (unsigned long)heapranges_alloc(heap, 1, HR_TEST_QUIET);
	KUNIT_EXPECT_EQ_MSG(test, got, 0UL, "a page of a full heap, after %s", what);
}

/* A heap that owns @total pages from @first on, full but for the hole. */
static void hr_test_one_hole(struct kunit *test, struct heapranges *heap,
			     unsigned long first, unsigned long total,
			     unsigned long before, unsigned long nr)
{
	unsigned long after = total - before - nr;

	if (before)
		hr_test_alloc(test, heap, before);
	hr_test_alloc(test, heap, nr);
	if (after)
		hr_test_alloc(test, heap, after);
	hr_test_free(test, heap, hr_test_addr(first + before));
	hr_test_hole(test, heap, first + before, nr);

	hr_test_free(test, heap, hr_test_addr(first + before));
	if (before)
		hr_test_free(test, heap, hr_test_addr(first));
	if (after)
		hr_test_free(test, heap, hr_test_addr(first + before + nr));
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).largest_free_pages, total);
}

/* At both ends, in the middle, and about the borders of 1, 8, 64 and 512 chunks. */
static void hr_test_holes(struct kunit *test, unsigned long first, unsigned long total)
{
	static const unsigned long holes[] = { 1, 2, 63, 64, 65, 512, 513, 4096 };
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long border, nr, i;

	hr_test_add(test, heap, hr_test_addr(first), total);
	for (i = 0; i < ARRAY_SIZE(holes); i++) {
		nr = holes[i];
		hr_test_one_hole(test, heap, first, total, 0, nr);
		hr_test_one_hole(test, heap, first, total, 1, nr);
		hr_test_one_hole(test, heap, first, total, total / 2, nr);
		hr_test_one_hole(test, heap, first, total, total - nr, nr);
		hr_test_one_hole(test, heap, first, total, total - nr - 1, nr);
		for (border = 512; border + nr < total; border *= 8) {
			hr_test_one_hole(test, heap, first, total, border - first, nr);
			hr_test_one_hole(test, heap, first, total, border - first - 1, nr);
		}
		hr_test_verify(test, heap, "holes");
		cond_resched();
	}
	hr_test_destroy(test, heap);
}

static void full_but_for_one_hole(struct kunit *test)
{
	static const unsigned long totals[] = { 8192, 1UL << 16, (1UL << 18) + 600 };
	int i;

	for (i = 0; i < ARRAY_SIZE(totals); i++) {
		hr_test_holes(test, 0, totals[i]);
		hr_test_holes(test, 77, totals[i]);
		hr_test_holes(test, 511, totals[i]);
	}
}

/* ---- two holes ---- */

/* A small one at the front must not hide, nor be lost to, the larger behind it. */
static void full_small_hole_in_front(struct kunit *test)
{
	static const unsigned long totals[] = { 1000, 8192, 100000, 1UL << 18 };
	static const unsigned long larger[] = { 2, 64, 65, 300, 512, 700 };
	unsigned long i, nr, total;
	struct heapranges *heap;

	for (i = 0; i < ARRAY_SIZE(totals) * ARRAY_SIZE(larger); i++) {
		total = totals[i / ARRAY_SIZE(larger)];
		nr = larger[i % ARRAY_SIZE(larger)];
		heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
		hr_test_add(test, heap, hr_test_addr(5), total);
		hr_test_alloc(test, heap, 1);
		hr_test_alloc(test, heap, total - 1 - nr);
		hr_test_alloc(test, heap, nr);
		hr_test_free(test, heap, hr_test_addr(5));
		hr_test_free(test, heap, hr_test_addr(5 + total - nr));
		KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, nr + 1, HR_TEST_QUIET));
		KUNIT_EXPECT_EQ_MSG(test, hr_test_alloc(test, heap, 2),
				    hr_test_addr(5 + total - nr), "total=%lu larger=%lu",
				    total, nr);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_alloc(test, heap, 1), hr_test_addr(5),
				    "total=%lu larger=%lu", total, nr);
		if (nr > 2)
			KUNIT_EXPECT_EQ_MSG(test, hr_test_alloc(test, heap, nr - 2),
					    hr_test_addr(5 + total - nr + 2),
					    "total=%lu larger=%lu", total, nr);
		KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).free_pages, 0UL);
		hr_test_verify(test, heap, "a small hole in front");
		heapranges_walk(heap, hr_test_drain_range, heap);
		hr_test_destroy(test, heap);
		cond_resched();
	}
}

/* What is freed to the left of where runs came from last comes first. */
static void full_left_of_the_last(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long i, nr = 200;

	hr_test_add(test, heap, hr_test_addr(9), nr * 150);
	for (i = 0; i < nr; i++)
		hr_test_alloc(test, heap, 150);

	/* Each hole lies below the one before. */
	for (i = nr; i-- > 0;) {
		hr_test_free(test, heap, hr_test_addr(9 + i * 150));
		KUNIT_EXPECT_EQ_MSG(test, hr_test_alloc(test, heap, 50),
				    hr_test_addr(9 + i * 150), "hole %lu", i);
	}
	/* And each rest is found from the bottom up. */
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ_MSG(test, hr_test_alloc(test, heap, 100),
				    hr_test_addr(9 + i * 150 + 50), "rest %lu", i);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, HR_TEST_QUIET));

	/* A large one asked for in vain, or found on the right, hides nothing. */
	hr_test_free(test, heap, hr_test_addr(9 + 3 * 150));
	hr_test_free(test, heap, hr_test_addr(9 + 190 * 150 + 50));
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 101, HR_TEST_QUIET));
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 51),
			hr_test_addr(9 + 190 * 150 + 50));
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 49), hr_test_addr(9 + 3 * 150));
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), hr_test_addr(9 + 3 * 150 + 49));
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 49),
			hr_test_addr(9 + 190 * 150 + 101));
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, HR_TEST_QUIET));
	hr_test_verify(test, heap, "holes to the left");
}

/* A region that comes below all, and one that goes where the last run was. */
static void full_regions_left_of_the_last(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long i, page;

	for (i = 60; i-- > 0;) {
		page = i * 700;
		hr_test_add(test, heap, hr_test_addr(page), 600);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_alloc(test, heap, 600),
				    hr_test_addr(page), "region %lu", i);
	}
	for (i = 60; i-- > 0;) {
		page = i * 700;
		hr_test_free(test, heap, hr_test_addr(page));
		KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), hr_test_addr(page));
		hr_test_free(test, heap, hr_test_addr(page));
		KUNIT_EXPECT_EQ(test, heapranges_remove(heap, hr_test_addr(page), 600), 0);
		KUNIT_EXPECT_NULL_MSG(test, heapranges_alloc(heap, 1, HR_TEST_QUIET),
				      "region %lu", i);
		hr_test_verify(test, heap, "removal");
	}
}

/* ---- verify() itself, on heaps that are sound ---- */

static void full_verify_tells_nothing(struct kunit *test)
{
	struct heapranges *heap[3];
	unsigned long run = 0;
	char first[8];
	int i, j;

	heap[0] = hr_test_create(test, "addresses", HR_TEST_ADDRESSES);
	heap[1] = hr_test_create(test, "growing", 0);
	heap[2] = heapranges_default();
	for (i = 0; i < ARRAY_SIZE(heap); i++) {
		for (j = 0; j < 2; j++) {
			memset(first, 'x', sizeof(first));
			KUNIT_EXPECT_EQ(test, heapranges_verify(heap[i], NULL, 0), 0);
			KUNIT_EXPECT_EQ(test, heapranges_verify(heap[i], first, 1), 0);
			KUNIT_EXPECT_EQ(test, first[0], '\0');
			KUNIT_EXPECT_EQ(test, first[1], 'x');
			first[0] = 'x';
			KUNIT_EXPECT_EQ(test, heapranges_verify(heap[i], first,
								sizeof(first)), 0);
			KUNIT_EXPECT_STREQ(test, first, "");
			if (!i && !j)
				hr_test_add(test, heap[0], HR_TEST_BASE, 700);
			if (!j)
				run = hr_test_alloc(test, heap[i], 600);
		}
	}
	hr_test_free(test, heap[2], run);
}

static struct kunit_case hr_test_full_cases[] = {
	KUNIT_CASE_PARAM(full_exhaust, hr_test_size_gen_params),
	KUNIT_CASE(full_but_for_one_hole),
	KUNIT_CASE(full_small_hole_in_front),
	KUNIT_CASE(full_left_of_the_last),
	KUNIT_CASE(full_regions_left_of_the_last),
	KUNIT_CASE(full_verify_tells_nothing),
	{}
};

struct kunit_suite heapranges_full_suite = {
	.name = "heapranges_full",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_full_cases,
};
