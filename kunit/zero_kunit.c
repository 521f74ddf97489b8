// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_zero: what must be zero is, by whatever call it is had and
 * whatever was there before. What is not zeroed twice is in zero_saved_kunit.c, random
 * operations in zero_random_kunit.c.
 */
#include "suites.h"
#include "zero_helpers.h"

/* ---- every path, on a heap that was dirtied whole ---- */

static void hr_test_dirty_whole(struct kunit *test, struct heapranges *heap)
{
	unsigned long nr = 16;
	void *addr;

	while (nr) {
		addr = heapranges_alloc(heap, nr, HR_TEST_QUIET);
		if (addr)
			hr_test_fill((unsigned long)addr, nr, HR_TEST_DIRT);
		else
			nr /= 2;
	}
	KUNIT_ASSERT_EQ(test, hr_test_stats(test, heap).used_pages, HR_TEST_PAGES);
	heapranges_walk(heap, hr_test_drain_range, heap);
}

#define HR_TEST_BULK	5

static unsigned int hr_test_take(struct heapranges *heap, unsigned long nr, gfp_t gfp,
				 void **addrs)
{
	addrs[0] = heapranges_alloc(heap, nr, gfp);
	return !!addrs[0];
}

static unsigned int hr_test_take_aligned(struct heapranges *heap, unsigned long nr,
					 gfp_t gfp, void **addrs)
{
	addrs[0] = heapranges_alloc_aligned(heap, nr, roundup_pow_of_two(nr), gfp);
	return !!addrs[0];
}

static unsigned int hr_test_take_at(struct heapranges *heap, unsigned long nr, gfp_t gfp,
				    void **addrs)
{
	void *addr = heapranges_alloc(heap, nr, HR_TEST_QUIET);

	heapranges_free(heap, addr);
	addrs[0] = addr ? heapranges_alloc_at(heap, (unsigned long)addr, nr, gfp) : NULL;
	return !!addrs[0];
}

static unsigned int hr_test_take_bulk(struct heapranges *heap, unsigned long nr, gfp_t gfp,
				      void **addrs)
{
	return heapranges_alloc_bulk(heap, nr, gfp, HR_TEST_BULK, addrs);
}

static const struct hr_test_path {
	const char	*desc;
	unsigned int	(*take)(struct heapranges *heap, unsigned long nr, gfp_t gfp,
				void **addrs);
} hr_test_paths[] = {
	{ "alloc", hr_test_take },
	{ "aligned", hr_test_take_aligned },
	{ "at", hr_test_take_at },
	{ "bulk", hr_test_take_bulk },
};

static void hr_test_path_desc(const struct hr_test_path *path, char *desc)
{
	strscpy(desc, path->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_path, hr_test_paths, hr_test_path_desc);

/* All of the heap in runs of @nr pages, each zero; then all is dirty and free. */
static void hr_test_take_whole(struct kunit *test, struct heapranges *heap,
			       unsigned long nr, gfp_t gfp)
{
	const struct hr_test_path *path = test->param_value;
	unsigned int nr_got, nr_runs = 0, i;
	void *addrs[HR_TEST_BULK];

	while ((nr_got = path->take(heap, nr, gfp, addrs))) {
		for (i = 0; i < nr_got; i++) {
			KUNIT_EXPECT_TRUE_MSG(test, hr_test_is_filled((unsigned long)addrs[i],
								      nr, 0),
					      "%s: pages=%lu gfp=%x run %u",
					      heapranges_name(heap), nr, gfp, nr_runs + i);
			hr_test_fill((unsigned long)addrs[i], nr, HR_TEST_DIRT);
		}
		nr_runs += nr_got;
	}
	/* Who may not block may find it parked, or kept back. */
	KUNIT_EXPECT_TRUE_MSG(test, nr_runs || !gfpflags_allow_blocking(gfp),
			      "%s: pages=%lu gfp=%x: none", heapranges_name(heap), nr, gfp);
	heapranges_walk(heap, hr_test_drain_range, heap);
}

static void zero_on_each_path(struct kunit *test)
{
	static const unsigned long sizes[] = {
		1, 2, 3, 4, 7, 8, 15, 16, 17, 63, 64, 65, 100, 250,
	};
	struct heapranges *heap;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(hr_test_kinds); i++) {
		heap = hr_test_heap_of_kind(test, &hr_test_kinds[i]);
		hr_test_dirty_whole(test, heap);
		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			hr_test_take_whole(test, heap, sizes[j], HR_TEST_ZERO);
			hr_test_take_whole(test, heap, sizes[j],
					   GFP_NOWAIT | __GFP_NOWARN | __GFP_ZERO);
			if (want_init_on_alloc(0) ||
			    (want_init_on_free() && !hr_test_poisons()))
				hr_test_take_whole(test, heap, sizes[j], HR_TEST_QUIET);
		}
		hr_test_verify(test, heap, "all paths");
	}
}

/* ---- what the machine asks for ---- */

static void zero_resize_growth(struct kunit *test)
{
	struct heapranges *heap;
	unsigned long addr;
	int i;

	if (!want_init_on_alloc(0) && (!want_init_on_free() || hr_test_poisons()))
		kunit_skip(test, "needs init_on_alloc=1, or init_on_free=1 without poison=1");
	for (i = 0; i < ARRAY_SIZE(hr_test_kinds); i++) {
		heap = hr_test_heap_of_kind(test, &hr_test_kinds[i]);
		hr_test_dirty_whole(test, heap);
		addr = hr_test_alloc(test, heap, 500);
		hr_test_fill(addr, 500, HR_TEST_DIRT);
		KUNIT_EXPECT_EQ(test, heapranges_resize(heap, (void *)addr, 7), 0);
		heapranges_trim(heap);
		KUNIT_EXPECT_EQ(test, heapranges_resize(heap, (void *)addr, 500), 0);
		KUNIT_EXPECT_TRUE_MSG(test, hr_test_is_filled(addr, 7, HR_TEST_DIRT),
				      "%s: what it had", hr_test_kinds[i].name);
		KUNIT_EXPECT_TRUE_MSG(test, hr_test_is_filled(addr + 7 * PAGE_SIZE, 493, 0),
				      "%s: what it got", hr_test_kinds[i].name);
	}
}

/* Gives back the run at @addr, or all but its first page. By how: see the case. */
static unsigned long hr_test_give(struct kunit *test, struct heapranges *heap,
				  unsigned long addr, unsigned long nr, int how)
{
	void *run = (void *)addr;

	if (how == 0)
		KUNIT_EXPECT_EQ(test, heapranges_free(heap, run), 0);
	else if (how == 1)
		KUNIT_EXPECT_EQ(test, heapranges_free_sized(heap, run, nr), 0);
	else if (how == 2)
		KUNIT_EXPECT_EQ(test, heapranges_free_bulk(heap, 1, &run), 1U);
	else if (nr > 1)
		KUNIT_EXPECT_EQ(test, heapranges_resize(heap, run, 1), 0);
	return how == 3;
}

/* Read where they were: what holds them is still mapped. */
static void zero_freed_pages_are_wiped(struct kunit *test)
{
	static const char * const hows[] = { "free", "sized", "bulk", "resize" };
	static const unsigned long sizes[] = { 1, 2, 3, 8, 16, 17, 64, 110, 500 };
	unsigned long addr, kept;
	struct heapranges *heap;
	int i, j, how;

	if (!want_init_on_free() || hr_test_poisons())
		kunit_skip(test, "needs init_on_free=1, without poison=1");
	for (i = 0; i < ARRAY_SIZE(hr_test_kinds); i++) {
		heap = hr_test_heap_of_kind(test, &hr_test_kinds[i]);
		for (j = 0; j < ARRAY_SIZE(sizes) * ARRAY_SIZE(hows); j++) {
			how = j % ARRAY_SIZE(hows);
			addr = hr_test_alloc(test, heap, sizes[j / ARRAY_SIZE(hows)]);
			hr_test_fill(addr, sizes[j / ARRAY_SIZE(hows)], HR_TEST_DIRT);
			kept = hr_test_give(test, heap, addr, sizes[j / ARRAY_SIZE(hows)], how);
			KUNIT_EXPECT_TRUE_MSG(test,
					      hr_test_is_filled(addr + kept * PAGE_SIZE,
								sizes[j / ARRAY_SIZE(hows)] - kept,
								0),
					      "%s: %s pages=%lu", hr_test_kinds[i].name,
					      hows[how], sizes[j / ARRAY_SIZE(hows)]);
		}
	}
}

/* What is added holds what its owner left there, whatever the machine clears. */
static void zero_of_a_region(struct kunit *test)
{
	static const unsigned int flags[] = {
		0, HEAPRANGES_NO_CACHE, HEAPRANGES_FIXED, HEAPRANGES_FIXED | HEAPRANGES_NO_CACHE,
	};
	struct heapranges *heap;
	unsigned long area;
	void *addr;
	int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		heap = hr_test_create(test, "kunit", flags[i]);
		area = hr_test_area(test, 40);
		hr_test_fill(area, 40, HR_TEST_DIRT);
		hr_test_add(test, heap, area, 40);
		while ((addr = heapranges_alloc(heap, 1, GFP_NOWAIT | __GFP_NOWARN | __GFP_ZERO))) {
			KUNIT_EXPECT_TRUE_MSG(test, hr_test_is_filled((unsigned long)addr, 1, 0),
					      "flags=%x", flags[i]);
			hr_test_fill((unsigned long)addr, 1, HR_TEST_DIRT);
		}
		KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).used_pages, 40UL);
		heapranges_walk(heap, hr_test_drain_range, heap);
		hr_test_destroy(test, heap);
	}
}

static void zero_addresses_are_left_alone(struct kunit *test)
{
	static const unsigned int flags[] = {
		HEAPRANGES_ADDRESS_ONLY, HEAPRANGES_ADDRESS_ONLY | HEAPRANGES_NO_CACHE,
	};
	unsigned long area = hr_test_area(test, 600), addr;
	struct heapranges *heap;
	int i;

	hr_test_fill(area, 600, HR_TEST_DIRT);
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		heap = hr_test_create(test, "kunit", flags[i]);
		hr_test_add(test, heap, area, 600);
		addr = hr_test_alloc(test, heap, 9);
		KUNIT_EXPECT_EQ(test, heapranges_resize(heap, (void *)addr, 3), 0);
		heapranges_trim(heap);
		KUNIT_EXPECT_EQ(test, heapranges_resize(heap, (void *)addr, 300), 0);
		hr_test_free(test, heap, hr_test_alloc(test, heap, 2));
		hr_test_free(test, heap, addr);
		hr_test_free(test, heap, hr_test_alloc(test, heap, 600));
		KUNIT_EXPECT_EQ(test, heapranges_remove(heap, area, 600), 0);
		KUNIT_EXPECT_TRUE_MSG(test, hr_test_is_filled(area, 600, HR_TEST_DIRT),
				      "flags=%x", flags[i]);
		hr_test_destroy(test, heap);
	}
}

/* Of which nothing is wiped, whatever the machine asks for. */
static void zero_addresses_are_parked_all_the_same(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HEAPRANGES_ADDRESS_ONLY);
	unsigned long base = hr_test_area(test, 600);

	hr_test_add(test, heap, base, 600);
	KUNIT_ASSERT_NOT_NULL(test, heapranges_alloc_at(heap, base, 3, GFP_KERNEL));
	hr_test_free(test, heap, base);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).cached_pages, 3UL);
}

static struct kunit_case hr_test_zero_cases[] = {
	KUNIT_CASE_PARAM(zero_on_each_path, hr_test_path_gen_params),
	KUNIT_CASE(zero_resize_growth),
	KUNIT_CASE(zero_freed_pages_are_wiped),
	KUNIT_CASE(zero_of_a_region),
	KUNIT_CASE(zero_addresses_are_left_alone),
	KUNIT_CASE(zero_addresses_are_parked_all_the_same),
	{}
};

struct kunit_suite heapranges_zero_suite = {
	.name = "heapranges_zero",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_zero_cases,
};
