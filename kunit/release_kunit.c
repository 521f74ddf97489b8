// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_release: arenas that hold nothing go, which of them, and nothing is
 * left of them. When they go by themselves is in tend_kunit.c; what the machine asks
 * for, in reclaim_kunit.c.
 */
#include <linux/prandom.h>

#include "../module/idle.h"
#include "../module/mem.h"
#include "arena_helpers.h"
#include "crew_helpers.h"
#include "suites.h"

/* Arenas of one chunk's size each, all in use, by address. */
#define HR_TEST_ARENAS		5

static void hr_test_fill_arenas(struct kunit *test, struct heapranges *heap,
				unsigned long *addr)
{
	unsigned long i, j;

	for (i = 0; i < HR_TEST_ARENAS; i++)
		addr[i] = hr_test_alloc(test, heap, 512);
	for (i = 0; i < HR_TEST_ARENAS; i++) {
		for (j = i + 1; j < HR_TEST_ARENAS; j++) {
			if (addr[j] < addr[i])
				swap(addr[i], addr[j]);
		}
	}
	KUNIT_ASSERT_EQ(test, hr_test_stats(test, heap).nr_arenas, HR_TEST_ARENAS + 0UL);
}

/* Which of the arenas hold a run, what may go, and which do then: bit n is arena n. */
static const struct hr_test_release_row {
	const char	*desc;
	unsigned int	used;
	unsigned long	least_pages, most_pages;
	unsigned int	gone;
} hr_test_release_rows[] = {
	{ "all are in use", 0x1f, ULONG_MAX, ULONG_MAX, 0 },
	{ "all are free", 0, ULONG_MAX, ULONG_MAX, 0x1f },
	{ "the lowest is in use", 0x01, ULONG_MAX, ULONG_MAX, 0x1e },
	{ "the highest is in use", 0x10, ULONG_MAX, ULONG_MAX, 0x0f },
	{ "every second one", 0x15, ULONG_MAX, ULONG_MAX, 0x0a },
	{ "one page: the highest goes", 0, 1, ULONG_MAX, 0x10 },
	{ "an arena", 0, 512, ULONG_MAX, 0x10 },
	{ "a page more", 0, 513, ULONG_MAX, 0x18 },
	{ "the highest that is free", 0x1a, 1, ULONG_MAX, 0x04 },
	{ "none", 0, 0, ULONG_MAX, 0 },
	{ "less than an arena", 0, 511, 511, 0 },
	{ "at most two", 0, ULONG_MAX, 1535, 0x18 },
	{ "at most three", 0, 1536, 1536, 0x1c },
};

static void hr_test_release_desc(const struct hr_test_release_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_release, hr_test_release_rows, hr_test_release_desc);

static void release_which(struct kunit *test)
{
	const struct hr_test_release_row *row = test->param_value;
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, HEAPRANGES_NO_CACHE);
	unsigned int i, nr_gone = hweight32(row->gone), gone = 0;
	unsigned long addr[HR_TEST_ARENAS], released_pages;
	long areas = hr_mem_live(HR_MEM_AREA);
	struct heapranges_stats s;

	hr_test_fill_arenas(test, heap, addr);
	for (i = 0; i < HR_TEST_ARENAS; i++) {
		if (!(row->used & BIT(i)))
			hr_test_free(test, heap, addr[i]);
	}
	released_pages = hr_idle_release(heap, row->least_pages, row->most_pages);

	for (i = 0; i < HR_TEST_ARENAS; i++) {
		if (!heapranges_contains(heap, addr[i], 1))
			gone |= BIT(i);
		KUNIT_EXPECT_EQ(test, heapranges_contains(heap, addr[i], 512),
				heapranges_contains(heap, addr[i], 1));
		KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)addr[i]),
				row->used & BIT(i) ? 512UL : 0UL);
	}
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, gone, row->gone);
	KUNIT_EXPECT_EQ(test, released_pages, 512UL * nr_gone);
	KUNIT_EXPECT_EQ(test, s.owned_pages, 512UL * (HR_TEST_ARENAS - nr_gone));
	KUNIT_EXPECT_EQ(test, s.used_pages, 512UL * hweight32(row->used));
	KUNIT_EXPECT_EQ(test, s.nr_arenas, 0UL + HR_TEST_ARENAS - nr_gone);
	KUNIT_EXPECT_EQ(test, s.nr_ranges, 0UL + HR_TEST_ARENAS - nr_gone);
	KUNIT_EXPECT_EQ(test, s.releases, (u64)nr_gone);
	KUNIT_EXPECT_EQ(test, s.releases_shrinker, 0ULL);
	KUNIT_EXPECT_EQ(test, hr_mem_live(HR_MEM_AREA) - areas,
			(long)(HR_TEST_ARENAS - nr_gone));
	hr_test_verify(test, heap, "release");
}

/* Wherever one page is in use, its arena stays, and that alone. */
static void release_not_with_a_page_in_use(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, HEAPRANGES_NO_CACHE);
	static const unsigned long pages[] = { 0, 1, 63, 64, 255, 510, 511 };
	unsigned long addr[HR_TEST_ARENAS], at;
	struct heapranges_stats s;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		hr_test_fill_arenas(test, heap, addr);
		for (j = 0; j < HR_TEST_ARENAS; j++)
			hr_test_free(test, heap, addr[j]);
		at = addr[HR_TEST_ARENAS / 2] + pages[i] * PAGE_SIZE;
		KUNIT_ASSERT_NOT_NULL(test, heapranges_alloc_at(heap, at, 1, hr_test_quiet));
		KUNIT_EXPECT_EQ_MSG(test, heapranges_trim(heap), 512UL * (HR_TEST_ARENAS - 1),
				    "page %lu", pages[i]);
		s = hr_test_stats(test, heap);
		KUNIT_EXPECT_EQ(test, s.owned_pages, 512UL);
		KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)at), 1UL);
		hr_test_free(test, heap, at);
		KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 512UL);
		KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 0UL);
	}
	hr_test_verify(test, heap, "all trims");
}

static void release_leaves_min_pages(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 700, 512, 0);
	unsigned long addr;

	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 0UL);
	addr = hr_test_alloc(test, heap, 701);
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 0UL);
	hr_test_free(test, heap, addr);
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 701UL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 700UL);
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 0UL);
	KUNIT_EXPECT_FALSE(test, heapranges_contains(heap, addr, 1));
	/* And it grows again. */
	hr_test_free(test, heap, hr_test_alloc(test, heap, 701));
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).grows, 2ULL);
}

/* Regions are the caller's. */
static void release_leaves_regions(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, 0);
	unsigned long region = hr_test_area(test, 512);

	hr_test_add(test, heap, region, 512);
	hr_test_free(test, heap, hr_test_alloc(test, heap, 513));
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 513UL);
	KUNIT_EXPECT_TRUE(test, heapranges_contains(heap, region, 512));
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 512UL);
}

/* Runs of all lengths that caches take, freed on one CPU. */
static void hr_test_parker(struct hr_test_crew *crew, unsigned int nr)
{
	unsigned long nr_pages;
	void *addr[16];

	for (nr_pages = 1; nr_pages <= 16; nr_pages++)
		addr[nr_pages - 1] = heapranges_alloc(crew->heap, nr_pages, hr_test_quiet);
	for (nr_pages = 1; nr_pages <= 16; nr_pages++) {
		if (heapranges_free(crew->heap, addr[nr_pages - 1]))
			hr_test_crew_mistake(crew, "free of %lu pages", nr_pages);
	}
}

static void hr_test_park_everywhere(struct kunit *test, struct heapranges *heap)
{
	struct hr_test_crew crew = { .heap = heap };
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		hr_test_crew_join(test, &crew, hr_test_parker, cpu);
		hr_test_crew_end(test, &crew);
	}
	KUNIT_EXPECT_GT(test, hr_test_stats(test, heap).cached_pages, 100UL);
}

static void release_with_parked_pages(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 2048, 0);

	hr_test_park_everywhere(test, heap);
	KUNIT_EXPECT_EQ(test, hr_idle_try_count(heap), 2048UL);
	/* Nor does looking take them away. */
	KUNIT_EXPECT_GT(test, hr_test_stats(test, heap).cached_pages, 100UL);
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 2048UL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).cached_pages, 0UL);

	hr_test_park_everywhere(test, heap);
	KUNIT_EXPECT_EQ(test, hr_idle_release(heap, 1, ULONG_MAX), 2048UL);
	hr_test_verify(test, heap, "release");
}

/* Even if nothing can be released. */
static void release_trim_empties_caches(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 2048, 512, 0);

	hr_test_park_everywhere(test, heap);
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).cached_pages, 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).free_pages, 2048UL);
}

/* ---- what is left of an arena that is gone ---- */

static void hr_test_expect_gone(struct kunit *test, struct heapranges *heap,
				unsigned long base, unsigned long nr_pages)
{
	unsigned long page;
	void *addr;

	for (page = 0; page < nr_pages; page++) {
		addr = (void *)base + page * PAGE_SIZE;
		KUNIT_EXPECT_EQ_MSG(test, heapranges_free(heap, addr), -EFAULT, "page %lu", page);
		KUNIT_EXPECT_EQ_MSG(test, heapranges_free(heap, addr + 1), -EFAULT,
				    "page %lu", page);
		KUNIT_EXPECT_EQ_MSG(test, heapranges_free_sized(heap, addr, 1), -EFAULT,
				    "page %lu", page);
		KUNIT_EXPECT_EQ_MSG(test, heapranges_resize(heap, addr, 2), -EFAULT,
				    "page %lu", page);
		KUNIT_EXPECT_EQ_MSG(test, heapranges_size(heap, addr), 0UL, "page %lu", page);
		KUNIT_EXPECT_NULL_MSG(test, heapranges_alloc_at(heap, (unsigned long)addr, 1,
								hr_test_quiet), "page %lu", page);
	}
}

/* In chunks that are gone, and in those that another arena lies in too. */
static void release_stale_free_is_foreign(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, 0);
	unsigned long addr[HR_TEST_ARENAS];
	struct heapranges_stats s;
	int i;

	hr_test_fill_arenas(test, heap, addr);
	for (i = 0; i < HR_TEST_ARENAS; i += 2) {
		hr_test_free(test, heap, addr[i]);
		hr_test_free(test, heap, hr_test_alloc(test, heap, 3));
	}
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 3 * 512UL);
	for (i = 0; i < HR_TEST_ARENAS; i += 2)
		hr_test_expect_gone(test, heap, addr[i], 512);
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.rejected_foreign, 3 * 4 * 512ULL);
	KUNIT_EXPECT_EQ(test, s.rejected_double + s.rejected_interior + s.rejected_size, 0ULL);
	for (i = 1; i < HR_TEST_ARENAS; i += 2)
		hr_test_free(test, heap, addr[i]);
	hr_test_verify(test, heap, "stale frees");
}

struct hr_test_seen {
	unsigned long	nr_pages, nr_ranges, last;
};

static int hr_test_see(const struct heapranges_range *range, void *data)
{
	struct hr_test_seen *seen = data;

	seen->nr_pages += (range->limit - range->base) / PAGE_SIZE;
	seen->nr_ranges++;
	return range->base <= seen->last;
}

/* Ranges, chunks, tree and hint, after each of many steps that move all of them. */
static void release_random_steps(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 300, 512, HEAPRANGES_NO_CACHE);
	unsigned long run[24] = {}, nr_pages, released = 0;
	struct hr_test_seen seen;
	struct heapranges_stats s;
	struct rnd_state rnd;
	int step, at;
	u32 dice;

	prandom_seed_state(&rnd, 42);
	for (step = 0; step < 1500; step++) {
		dice = prandom_u32_state(&rnd);
		at = dice % ARRAY_SIZE(run);
		nr_pages = 1 + prandom_u32_state(&rnd) % (dice & 0x100 ? 900 : 40);
		if (dice >> 28 == 0) {
			released += hr_idle_release(heap, dice & 0x200 ? 1 : ULONG_MAX,
						    ULONG_MAX);
		} else if (run[at]) {
			hr_test_free(test, heap, run[at]);
			run[at] = 0;
		} else {
			run[at] = hr_test_alloc(test, heap, nr_pages);
		}
		s = hr_test_stats(test, heap);
		seen = (struct hr_test_seen){};
		KUNIT_EXPECT_EQ(test, heapranges_walk(heap, hr_test_see, &seen), 0);
		KUNIT_EXPECT_EQ_MSG(test, seen.nr_pages, s.owned_pages, "step %d", step);
		KUNIT_EXPECT_EQ_MSG(test, seen.nr_ranges, s.nr_arenas, "step %d", step);
		hr_test_verify(test, heap, "a step");
	}
	KUNIT_EXPECT_GT(test, released, 20 * 512UL);
	for (at = 0; at < ARRAY_SIZE(run); at++)
		hr_test_free(test, heap, run[at]);
	heapranges_trim(heap);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 300UL);
}

/* Who does not trust himself unmaps nothing. */
static void release_not_when_corrupt(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, HEAPRANGES_NO_CACHE);

	hr_test_free(test, heap, hr_test_alloc(test, heap, 1));
	KUNIT_EXPECT_EQ(test, hr_idle_try_count(heap), 512UL);
	heap->corrupt = true;
	KUNIT_EXPECT_EQ(test, hr_idle_try_count(heap), 0UL);
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 512UL);
	heap->corrupt = false;
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 512UL);
}

static struct kunit_case hr_test_release_cases[] = {
	KUNIT_CASE_PARAM(release_which, hr_test_release_gen_params),
	KUNIT_CASE(release_not_with_a_page_in_use),
	KUNIT_CASE(release_leaves_min_pages),
	KUNIT_CASE(release_leaves_regions),
	KUNIT_CASE(release_with_parked_pages),
	KUNIT_CASE(release_trim_empties_caches),
	KUNIT_CASE(release_stale_free_is_foreign),
	KUNIT_CASE(release_random_steps),
	KUNIT_CASE(release_not_when_corrupt),
	{}
};

struct kunit_suite heapranges_release_suite = {
	.name = "heapranges_release",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_release_cases,
};
