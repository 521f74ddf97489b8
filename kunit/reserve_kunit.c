// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_reserve: free pages that are left to callers which may not block.
 * Who gets them, by whatever call; when they are filled up again; and what a burst in
 * interrupts finds.
 */
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/panic.h>
#include <linux/sched/mm.h>

#include "../module/arenas.h"
#include "../module/idle.h"
#include "arena_helpers.h"
#include "compat.h"
#include "crew_helpers.h"
#include "suites.h"

#define HR_TEST_RESERVE	64UL
#define HR_TEST_IMPOSSIBLE	BIT(20)	/* pages, more than the machine has */

static struct heapranges *hr_test_reserve(struct kunit *test, unsigned long reserve_pages,
					  unsigned long max_pages, unsigned int flags)
{
	return hr_test_arenas_create(test, (struct heapranges_params){
		.reserve_pages = reserve_pages, .max_pages = max_pages,
		.arena_pages = 512, .grow_max_pages = 512,
	}, flags);
}

static int hr_test_first(const struct heapranges_range *range, void *base)
{
	*(unsigned long *)base = range->base;
	return 1;
}

/* ---- who gets it ---- */

/* Return: whether anything was to be had. */
static bool hr_test_by_alloc(struct heapranges *heap, unsigned long nr_pages, gfp_t gfp)
{
	return heapranges_alloc(heap, nr_pages, gfp);
}

static bool hr_test_by_alloc_aligned(struct heapranges *heap, unsigned long nr_pages, gfp_t gfp)
{
	return heapranges_alloc_aligned(heap, nr_pages, 4, gfp);
}

static bool hr_test_by_alloc_at(struct heapranges *heap, unsigned long nr_pages, gfp_t gfp)
{
	unsigned long base = 0;

	heapranges_walk(heap, hr_test_first, &base);
	return heapranges_alloc_at(heap, base, nr_pages, gfp);
}

static bool hr_test_by_alloc_bulk(struct heapranges *heap, unsigned long nr_pages, gfp_t gfp)
{
	void *addr[3];

	return heapranges_alloc_bulk(heap, nr_pages, gfp, ARRAY_SIZE(addr), addr);
}

static const struct hr_test_way_row {
	const char	*desc;
	bool		(*take)(struct heapranges *heap, unsigned long nr_pages, gfp_t gfp);
	unsigned long	nr_pages;
} hr_test_way_rows[] = {
	{ "alloc 1", hr_test_by_alloc, 1 },
	{ "alloc 16", hr_test_by_alloc, 16 },
	{ "alloc 17", hr_test_by_alloc, 17 },
	{ "alloc all", hr_test_by_alloc, HR_TEST_RESERVE },
	{ "alloc_aligned 1", hr_test_by_alloc_aligned, 1 },
	{ "alloc_aligned 20", hr_test_by_alloc_aligned, 20 },
	{ "alloc_at 1", hr_test_by_alloc_at, 1 },
	{ "alloc_at all", hr_test_by_alloc_at, HR_TEST_RESERVE },
	{ "alloc_bulk 1", hr_test_by_alloc_bulk, 1 },
	{ "alloc_bulk 17", hr_test_by_alloc_bulk, 17 },
};

static void hr_test_way_desc(const struct hr_test_way_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_way, hr_test_way_rows, hr_test_way_desc);

static const unsigned int hr_test_flags[] = { HEAPRANGES_NO_CACHE, 0 };

static void reserve_is_not_for_who_may_block(struct kunit *test)
{
	const struct hr_test_way_row *row = test->param_value;
	struct heapranges *heap;
	int i;

	for (i = 0; i < ARRAY_SIZE(hr_test_flags); i++) {
		heap = hr_test_reserve(test, HR_TEST_RESERVE, HR_TEST_RESERVE, hr_test_flags[i]);
		KUNIT_EXPECT_FALSE(test, row->take(heap, row->nr_pages, hr_test_quiet));
		KUNIT_EXPECT_FALSE(test, row->take(heap, row->nr_pages, hr_test_noio));
		KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).free_pages, HR_TEST_RESERVE);
		KUNIT_EXPECT_TRUE(test, row->take(heap, row->nr_pages, hr_test_nowait));
		KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, HR_TEST_RESERVE);
		heapranges_walk(heap, hr_test_drain_range, heap);
		hr_test_destroy(test, heap);
	}
}

/* A run that is given back is no way round it, in whatever cache it is. */
static void reserve_comes_back_as_such(struct kunit *test)
{
	static const unsigned long sizes[] = { 1, 2, 16, 17, HR_TEST_RESERVE };
	struct heapranges *heap = hr_test_reserve(test, HR_TEST_RESERVE, HR_TEST_RESERVE, 0);
	void *addr[HR_TEST_RESERVE];
	unsigned int nr, i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		nr = heapranges_alloc_bulk(heap, sizes[i], hr_test_nowait, ARRAY_SIZE(addr), addr);
		KUNIT_EXPECT_EQ(test, nr + 0UL, HR_TEST_RESERVE / sizes[i]);
		heapranges_free_bulk(heap, nr, addr);
		KUNIT_EXPECT_NULL_MSG(test, heapranges_alloc(heap, sizes[i], hr_test_quiet),
				      "pages=%lu", sizes[i]);
		/* Nor after one of them has come back. */
		addr[0] = heapranges_alloc(heap, sizes[i], hr_test_nowait);
		KUNIT_ASSERT_NOT_NULL(test, addr[0]);
		hr_test_free(test, heap, (unsigned long)addr[0]);
		KUNIT_EXPECT_NULL_MSG(test, heapranges_alloc(heap, sizes[i], hr_test_quiet),
				      "pages=%lu", sizes[i]);
	}
	hr_test_verify(test, heap, "all of it");
}

static void reserve_is_not_for_resize(struct kunit *test)
{
	struct heapranges *heap = hr_test_reserve(test, HR_TEST_RESERVE, HR_TEST_RESERVE, 0);
	void *addr = heapranges_alloc(heap, 2, hr_test_nowait);

	KUNIT_ASSERT_NOT_NULL(test, addr);
	KUNIT_EXPECT_EQ(test, heapranges_resize(heap, addr, 3), -ENOSPC);
	KUNIT_EXPECT_EQ(test, heapranges_resize(heap, addr, 1), 0);
	KUNIT_EXPECT_EQ(test, heapranges_resize(heap, addr, 2), -ENOSPC);
}

/* Everything else is for all, to the last page. */
static void reserve_leaves_the_rest(struct kunit *test)
{
	static const unsigned long sizes[] = { 1, 3, 16, 17, 68 };
	unsigned long i, nr_pages, nr;
	struct heapranges_stats s;
	struct heapranges *heap;

	for (i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
		nr_pages = sizes[i / 2];
		heap = hr_test_reserve(test, HR_TEST_RESERVE, HR_TEST_RESERVE + 204,
				       hr_test_flags[i % 2]);
		for (nr = 0; heapranges_alloc(heap, nr_pages, hr_test_quiet); nr++)
			;
		s = hr_test_stats(test, heap);
		KUNIT_EXPECT_EQ_MSG(test, nr, 204 / nr_pages, "pages=%lu", nr_pages);
		KUNIT_EXPECT_EQ(test, s.free_pages + s.used_pages, HR_TEST_RESERVE + 204);
		heapranges_walk(heap, hr_test_drain_range, heap);
		hr_test_destroy(test, heap);
	}
}

/* ---- at no time ---- */

#define HR_TEST_LENT_STEPS	400

/* As a blocking allocation does that finds room. */
static void hr_test_borrower(struct hr_test_crew *crew, unsigned int member)
{
	struct heapranges *heap = crew->heap;
	struct hr_taken taken[32];
	unsigned long free_pages;
	int nr, i;

	while (!kthread_should_stop()) {
		for (nr = 0; nr < ARRAY_SIZE(taken); nr++) {
			taken[nr] = hr_heap_take(heap, 1, true);
			if (!taken[nr].base)
				break;
		}
		for (i = 0; i < 100; i++) {
			free_pages = READ_ONCE(heap->free_pages);
			if (free_pages < heap->reserve_pages)
				hr_test_crew_mistake(crew, "free %lu", free_pages);
		}
		while (nr--)
			heapranges_free(heap, (void *)taken[nr].base);
		cond_resched();
	}
}

/* Pages on their way in or out are no room. */
static void reserve_is_not_lent(struct kunit *test)
{
	struct heapranges *heap = hr_test_reserve(test, 512, 0, HEAPRANGES_NO_CACHE);
	struct hr_test_crew crew = { .heap = heap };
	int i;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU online");
	hr_test_crew_join(test, &crew, hr_test_borrower, HR_TEST_ANY_CPU);
	for (i = 0; i < HR_TEST_LENT_STEPS && !atomic_read(&crew.mistakes); i++) {
		hr_test_free(test, heap, hr_test_alloc(test, heap, 2048));
		heapranges_trim(heap);
	}
	hr_test_crew_end(test, &crew);
	KUNIT_EXPECT_GT(test, hr_test_stats(test, heap).releases, 0ULL);
	hr_test_verify(test, heap, "all of it");
}

/* ---- how it is filled up ---- */

/* So many pages are taken one by one; the last makes the heap grow, or none does. */
static const struct hr_test_refill_row {
	const char	*desc;
	unsigned long	reserve_pages, max_pages, taken_pages, owned_pages;
} hr_test_refill_rows[] = {
	{ "half is left", 600, 0, 300, 600 },
	{ "a page less than half is left", 600, 0, 301, 600 + 512 },
	{ "half of odd", 5, 0, 2, 5 },
	{ "less than half of odd", 5, 0, 3, 5 + 512 },
	{ "one", 1, 0, 1, 1 + 512 },
	{ "one of two", 2, 0, 1, 2 },
	{ "two of two", 2, 0, 2, 2 + 512 },
	{ "no more than max_pages", 600, 700, 301, 700 },
	{ "max_pages are reached", 600, 600, 600, 600 },
};

static void hr_test_refill_desc(const struct hr_test_refill_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_refill, hr_test_refill_rows, hr_test_refill_desc);

static void reserve_refill(struct kunit *test)
{
	const struct hr_test_refill_row *row = test->param_value;
	struct heapranges *heap = hr_test_reserve(test, row->reserve_pages, row->max_pages,
						  HEAPRANGES_NO_CACHE);
	struct heapranges_stats s;
	unsigned long i;

	for (i = 1; i <= row->taken_pages; i++) {
		KUNIT_EXPECT_NOT_NULL(test, heapranges_alloc(heap, 1, hr_test_nowait));
		flush_work(&heap->tend);
		s = hr_test_stats(test, heap);
		KUNIT_EXPECT_EQ_MSG(test, s.owned_pages,
				    i < row->taken_pages ? row->reserve_pages : row->owned_pages,
				    "page %lu", i);
	}
	KUNIT_EXPECT_EQ(test, s.grow_failures, 0ULL);
	KUNIT_EXPECT_EQ(test, s.alloc_failures, 0ULL);
}

/* Whatever call it was that took too much. */
static void reserve_refill_after_each_call(struct kunit *test)
{
	static const struct {
		bool		(*take)(struct heapranges *heap, unsigned long nr_pages, gfp_t gfp);
		unsigned long	nr_pages;
	} calls[] = {
		{ hr_test_by_alloc, 33 }, { hr_test_by_alloc_aligned, 33 },
		{ hr_test_by_alloc_at, 33 }, { hr_test_by_alloc_bulk, 11 },
	};
	struct heapranges_stats s;
	struct heapranges *heap;
	unsigned int noreclaim;
	bool took;
	int i;

	for (i = 0; i < 2 * ARRAY_SIZE(calls); i++) {
		heap = hr_test_reserve(test, HR_TEST_RESERVE, 0, 0);
		/* Who reclaims may not block, whatever he says. */
		noreclaim = i % 2 ? memalloc_noreclaim_save() : 0;
		took = calls[i / 2].take(heap, calls[i / 2].nr_pages,
					 i % 2 ? hr_test_quiet : hr_test_nowait);
		if (i % 2)
			memalloc_noreclaim_restore(noreclaim);
		KUNIT_EXPECT_TRUE_MSG(test, took, "call %d", i);
		flush_work(&heap->tend);
		s = hr_test_stats(test, heap);
		KUNIT_EXPECT_EQ_MSG(test, s.grows, 1ULL, "call %d", i);
		KUNIT_EXPECT_EQ_MSG(test, s.free_pages + s.cached_pages,
				    HR_TEST_RESERVE + 512 - 33, "call %d", i);
		heapranges_walk(heap, hr_test_drain_range, heap);
		hr_test_destroy(test, heap);
	}
}

/*
 * What caches hold of it comes back, at the cap, where nothing else can, or not. No caller
 * has to fail first.
 */
static void reserve_refill_from_caches(struct kunit *test)
{
	static const unsigned long caps[] = { 512, 0 };
	struct heapranges_stats before, s;
	struct heapranges *heap;
	void *addr[100];
	int i;

	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		heap = hr_test_reserve(test, HR_TEST_RESERVE, caps[i], 0);
		KUNIT_ASSERT_EQ(test, heapranges_alloc_bulk(heap, 1, hr_test_quiet, 100, addr),
				100U);
		heapranges_free_bulk(heap, 100, addr);
		/* By no call that would empty them. */
		while (hr_heap_take(heap, 1, true).base)
			;
		while (READ_ONCE(heap->free_pages) > HR_TEST_RESERVE / 2)
			KUNIT_ASSERT_NE(test, hr_heap_take(heap, 1, false).base, 0UL);
		before = hr_test_stats(test, heap);
		KUNIT_EXPECT_GT(test, before.cached_pages, HR_TEST_RESERVE / 2);
		KUNIT_EXPECT_TRUE(test, hr_test_by_alloc_aligned(heap, 1, hr_test_nowait));
		flush_work(&heap->tend);
		s = hr_test_stats(test, heap);
		KUNIT_EXPECT_EQ_MSG(test, s.cached_pages, 0UL, "cap %lu", caps[i]);
		KUNIT_EXPECT_EQ_MSG(test, s.free_pages, before.free_pages + before.cached_pages - 1,
				    "cap %lu", caps[i]);
		KUNIT_EXPECT_EQ_MSG(test, s.grows, before.grows, "cap %lu", caps[i]);
		heapranges_walk(heap, hr_test_drain_range, heap);
		hr_test_destroy(test, heap);
	}
}

/* What cannot be had does not stand in its way. */
static void reserve_refill_beside_the_impossible(struct kunit *test)
{
	struct heapranges *heap = hr_test_reserve(test, HR_TEST_RESERVE, 0, 0);
	struct heapranges_stats s;

	KUNIT_ASSERT_NE(test, hr_heap_take(heap, 33, false).base, 0UL);
	hr_arenas_grow_ahead(heap, HR_TEST_IMPOSSIBLE);
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.grows, 1ULL);
	KUNIT_EXPECT_GE(test, s.free_pages, HR_TEST_RESERVE);
}

/* ---- and what is left of it ---- */

static void reserve_is_left_by_trim(struct kunit *test)
{
	struct heapranges *heap = hr_test_reserve(test, 512, 0, HEAPRANGES_NO_CACHE);
	unsigned long arena[2];
	void *addr;

	arena[0] = hr_test_alloc(test, heap, 512);
	arena[1] = hr_test_alloc(test, heap, 512);
	addr = heapranges_alloc(heap, 200, hr_test_nowait);
	KUNIT_ASSERT_NOT_NULL(test, addr);
	KUNIT_ASSERT_EQ(test, hr_test_stats(test, heap).free_pages, 312UL);

	/* What is in use of it must come from somewhere else. */
	hr_test_free(test, heap, arena[0]);
	KUNIT_EXPECT_EQ(test, hr_idle_try_count(heap), 0UL);
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 0UL);
	hr_test_free(test, heap, arena[1]);
	KUNIT_EXPECT_EQ(test, hr_idle_try_count(heap), 512UL);
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 512UL);
	KUNIT_EXPECT_TRUE(test, heapranges_contains(heap, min(arena[0], arena[1]), 512));
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 0UL);

	hr_test_free(test, heap, (unsigned long)addr);
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 512UL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 512UL);
}

/* A parked page does not hold an arena back: it will be free. */
static void reserve_counts_what_is_parked(struct kunit *test)
{
	struct heapranges *heap = hr_test_reserve(test, 512, 0, 0);
	unsigned long addr = hr_test_alloc(test, heap, 512);

	hr_test_free(test, heap, addr);
	hr_test_free(test, heap, hr_test_alloc(test, heap, 1));
	KUNIT_EXPECT_GT(test, hr_test_stats(test, heap).cached_pages, 0UL);
	KUNIT_EXPECT_EQ(test, hr_idle_try_count(heap), 512UL);
	KUNIT_EXPECT_EQ(test, hr_idle_release(heap, 512, 512), 512UL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).free_pages, 512UL);
}

/* ---- bursts ---- */

#define HR_TEST_BURST	100

/* A timer in hardirq, a tasklet behind it: each takes its part, and makes a mistake. */
struct hr_test_burst {
	struct heapranges	*heap;
	struct hrtimer		timer;
	struct tasklet_struct	tasklet;
	struct completion	done;
	unsigned int		nr_taken;
	bool			blocking[2];
};

/* As if it might block: without vmalloc, whose BUG() would be the end. */
static bool hr_test_burst_take(struct hr_test_burst *burst)
{
	int i;

	for (i = 0; i < HR_TEST_BURST; i++)
		burst->nr_taken += !!heapranges_alloc(burst->heap, 1, GFP_ATOMIC | __GFP_NOWARN);
	/* Neither might_sleep() nor lockdep is to say so, whatever task has been interrupted. */
	sched_annotate_sleep();
	oops_in_progress++;
	i = !!heapranges_alloc(burst->heap, 1, hr_test_quiet | __GFP_NOLOCKDEP);
	i += !heapranges_alloc(burst->heap, HR_TEST_IMPOSSIBLE, hr_test_quiet | __GFP_NOLOCKDEP);
	oops_in_progress--;
	return i == 2;
}

static enum hrtimer_restart hr_test_burst_hardirq(struct hrtimer *timer)
{
	struct hr_test_burst *burst = container_of(timer, struct hr_test_burst, timer);

	burst->blocking[0] = hr_test_burst_take(burst);
	tasklet_schedule(&burst->tasklet);
	return HRTIMER_NORESTART;
}

static void hr_test_burst_softirq(struct tasklet_struct *tasklet)
{
	struct hr_test_burst *burst = container_of(tasklet, struct hr_test_burst, tasklet);

	burst->blocking[1] = hr_test_burst_take(burst);
	complete(&burst->done);
}

static void hr_test_burst_run(struct kunit *test, struct heapranges *heap)
{
	struct hr_test_burst *burst = kunit_kzalloc(test, sizeof(*burst), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, burst);
	burst->heap = heap;
	init_completion(&burst->done);
	tasklet_setup(&burst->tasklet, hr_test_burst_softirq);
	hr_test_hrtimer_setup(&burst->timer, hr_test_burst_hardirq, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_HARD);
	hrtimer_start(&burst->timer, ns_to_ktime(NSEC_PER_MSEC), HRTIMER_MODE_REL_HARD);
	wait_for_completion(&burst->done);
	hrtimer_cancel(&burst->timer);
	tasklet_kill(&burst->tasklet);
	KUNIT_EXPECT_EQ(test, burst->nr_taken, 2U * HR_TEST_BURST);
	KUNIT_EXPECT_TRUE_MSG(test, burst->blocking[0], "a blocking gfp in hardirq");
	KUNIT_EXPECT_TRUE_MSG(test, burst->blocking[1], "a blocking gfp in softirq");
}

static void reserve_serves_a_burst(struct kunit *test)
{
	const unsigned long reserve_pages = 2 * HR_TEST_BURST + 2;
	struct heapranges_stats s;
	struct heapranges *heap;
	int i;

	for (i = 0; i < ARRAY_SIZE(hr_test_flags); i++) {
		heap = hr_test_reserve(test, reserve_pages, reserve_pages, hr_test_flags[i]);
		hr_test_burst_run(test, heap);
		s = hr_test_stats(test, heap);
		KUNIT_EXPECT_EQ(test, s.used_pages, reserve_pages);
		KUNIT_EXPECT_EQ(test, s.rejected_context, 4ULL);
		KUNIT_EXPECT_EQ(test, s.alloc_failures, 2ULL);
		KUNIT_EXPECT_EQ(test, s.grows, 0ULL);
		heapranges_walk(heap, hr_test_drain_range, heap);
		hr_test_verify(test, heap, "a burst");
		hr_test_destroy(test, heap);
	}
}

/* Burst after burst, each held while the next one comes: it is filled up in between. */
static void reserve_serves_burst_after_burst(struct kunit *test)
{
	struct heapranges *heap = hr_test_reserve(test, 3 * HR_TEST_BURST, 0, 0);
	struct heapranges_stats s;
	int i;

	for (i = 1; i <= 8; i++) {
		hr_test_burst_run(test, heap);
		flush_work(&heap->tend);
		s = hr_test_stats(test, heap);
		KUNIT_EXPECT_EQ(test, s.used_pages, i * (2UL * HR_TEST_BURST + 2));
		KUNIT_EXPECT_GE(test, 2 * s.free_pages, 3UL * HR_TEST_BURST);
	}
	KUNIT_EXPECT_GT(test, s.grows, 1ULL);
}

static struct kunit_case hr_test_reserve_cases[] = {
	KUNIT_CASE_PARAM(reserve_is_not_for_who_may_block, hr_test_way_gen_params),
	KUNIT_CASE(reserve_comes_back_as_such),
	KUNIT_CASE(reserve_is_not_for_resize),
	KUNIT_CASE(reserve_leaves_the_rest),
	KUNIT_CASE(reserve_is_not_lent),
	KUNIT_CASE_PARAM(reserve_refill, hr_test_refill_gen_params),
	KUNIT_CASE(reserve_refill_after_each_call),
	KUNIT_CASE(reserve_refill_from_caches),
	KUNIT_CASE(reserve_refill_beside_the_impossible),
	KUNIT_CASE(reserve_is_left_by_trim),
	KUNIT_CASE(reserve_counts_what_is_parked),
	KUNIT_CASE(reserve_serves_a_burst),
	KUNIT_CASE(reserve_serves_burst_after_burst),
	{}
};

struct kunit_suite heapranges_reserve_suite = {
	.name = "heapranges_reserve",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_reserve_cases,
};
