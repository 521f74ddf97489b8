// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_tend: what is done for a heap in the background. Growth for who
 * may not block; and arenas that were not needed for ten seconds go, those that were
 * do not.
 *
 * The seconds are not waited for: a tick is made to come at once.
 */
#include <linux/delay.h>

#include "../module/arenas.h"
#include "../module/mem.h"
#include "../module/tend.h"
#include "arena_helpers.h"
#include "crew_helpers.h"
#include "suites.h"

/* From a heap's last need of an arena on: one that sees it, and those that do not. */
#define HR_TEST_TICKS	(1 + HR_HEAP_TICKS)

/* Return: false: there is none to come. */
static bool hr_test_tick(struct heapranges *heap)
{
	if (!delayed_work_pending(&heap->tick))
		return false;
	flush_delayed_work(&heap->tick);
	return true;
}

static int hr_test_ticks(struct heapranges *heap, int nr)
{
	int i;

	for (i = 0; i < nr && hr_test_tick(heap); i++)
		;
	return i;
}

/* ---- what is not needed goes ---- */

static const struct hr_test_idle_row {
	const char	*desc;
	unsigned long	min_pages, reserve_pages, run_pages;
	unsigned int	nr_runs, flags;
} hr_test_idle_rows[] = {
	{ "one arena", 0, 0, 512, 1, HEAPRANGES_NO_CACHE },
	{ "several", 0, 0, 512, 5, HEAPRANGES_NO_CACHE },
	{ "over min_pages", 700, 0, 701, 1, HEAPRANGES_NO_CACHE },
	{ "over a reserve", 0, 600, 512, 3, HEAPRANGES_NO_CACHE },
	{ "parked pages", 0, 0, 16, 100, 0 },
	{ "parked pages, over a reserve", 0, 600, 1, 400, 0 },
	{ "single pages", 512, 0, 1, 1400, 0 },
};

static void hr_test_idle_desc(const struct hr_test_idle_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_idle, hr_test_idle_rows, hr_test_idle_desc);

static void **hr_test_take_runs(struct kunit *test, struct heapranges *heap,
				unsigned long run_pages, unsigned int nr_runs)
{
	void **addr = kunit_kzalloc(test, nr_runs * sizeof(*addr), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, addr);
	KUNIT_ASSERT_EQ(test, heapranges_alloc_bulk(heap, run_pages, hr_test_quiet, nr_runs,
						    addr), nr_runs);
	return addr;
}

static void tend_idle_heap_is_small_again(struct kunit *test)
{
	const struct hr_test_idle_row *row = test->param_value;
	struct heapranges *heap = hr_test_arenas_create(test, (struct heapranges_params){
		.min_pages = row->min_pages, .reserve_pages = row->reserve_pages,
		.arena_pages = 512, .grow_max_pages = 512,
	}, row->flags);
	unsigned long kept_pages = max(row->min_pages, row->reserve_pages);
	struct heapranges_stats before, s;
	void **addr;

	KUNIT_EXPECT_FALSE_MSG(test, hr_test_tick(heap), "a tick before it has grown");
	addr = hr_test_take_runs(test, heap, row->run_pages, row->nr_runs);
	KUNIT_EXPECT_EQ(test, hr_test_ticks(heap, 2 * HR_TEST_TICKS), 2 * HR_TEST_TICKS);
	before = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ_MSG(test, before.releases, 0ULL, "while it is in use");

	heapranges_free_bulk(heap, row->nr_runs, addr);
	hr_test_ticks(heap, HR_TEST_TICKS - 1);
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ_MSG(test, s.owned_pages, before.owned_pages, "a tick before the last");
	hr_test_ticks(heap, 1);
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.owned_pages, kept_pages);
	KUNIT_EXPECT_EQ(test, s.releases, s.grows);
	KUNIT_EXPECT_EQ(test, s.cached_pages, 0UL);
	KUNIT_EXPECT_FALSE_MSG(test, hr_test_tick(heap), "a tick with nothing to look after");
	hr_test_verify(test, heap, "releases");

	/* And once more from there. */
	addr = hr_test_take_runs(test, heap, row->run_pages, row->nr_runs);
	KUNIT_EXPECT_TRUE_MSG(test, hr_test_tick(heap), "a tick after it has grown again");
	heapranges_free_bulk(heap, row->nr_runs, addr);
}

/* No tick that is made to come: those that come. */
static void tend_idle_for_ten_seconds(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 512, 512, 0);
	int i;

	heapranges_free_bulk(heap, 1400, hr_test_take_runs(test, heap, 1, 1400));
	KUNIT_EXPECT_GT(test, hr_test_stats(test, heap).owned_pages, 1400UL);
	for (i = 0; i < 1000 && READ_ONCE(heap->nr_arenas) > 1; i++)
		msleep(50);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 512UL);
}

/* The rest of the heap is at work, if not hard. */
static void tend_unneeded_arena_goes_beside_others(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 1024, 512, 0);
	unsigned long live = hr_test_alloc(test, heap, 500);
	unsigned long addr = hr_test_alloc(test, heap, 512);
	int i;

	hr_test_free(test, heap, hr_test_alloc(test, heap, 512));
	hr_test_free(test, heap, addr);
	KUNIT_ASSERT_EQ(test, hr_test_stats(test, heap).owned_pages, 1536UL);
	for (i = 0; i < HR_TEST_TICKS + 1; i++) {
		hr_test_tick(heap);
		hr_test_free(test, heap, hr_test_alloc(test, heap, 1));
		hr_test_free(test, heap, hr_test_alloc(test, heap, 100));
	}
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 1024UL);
	hr_test_free(test, heap, live);
}

/* ---- what is needed does not ---- */

#define HR_TEST_SWINGS	100000

static void tend_swings_of_one_arena(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 512, 512, HEAPRANGES_NO_CACHE);
	unsigned long min_run, run;
	struct heapranges_stats s;
	int i;

	min_run = hr_test_alloc(test, heap, 512);
	for (i = 0; i < HR_TEST_SWINGS; i++) {
		run = (unsigned long)heapranges_alloc(heap, 512, GFP_KERNEL);
		if (!run || heapranges_free(heap, (void *)run))
			break;
		if (i % 1000 == 0)
			hr_test_tick(heap);
	}
	KUNIT_EXPECT_EQ(test, i, HR_TEST_SWINGS);
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_LE(test, s.grows + s.releases, 4ULL);
	hr_test_free(test, heap, min_run);
}

/*
 * A heap that always has as many pages free as its second arena has, but in pieces.
 * Return: that arena, a run of its pages.
 */
static unsigned long hr_test_pieces(struct kunit *test, struct heapranges *heap)
{
	unsigned long base = hr_test_alloc(test, heap, 2048), run;
	int i;

	run = hr_test_alloc(test, heap, 512);
	hr_test_free(test, heap, base);
	for (i = 0; i < 8; i++) {
		KUNIT_ASSERT_NOT_NULL(test, heapranges_alloc_at(heap, base, 1, hr_test_quiet));
		base += 256 * PAGE_SIZE;
	}
	/* Ticks that have seen nothing else. */
	hr_test_ticks(heap, HR_TEST_TICKS);
	return run;
}

static void tend_arena_just_emptied_stays(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 2048, 512, HEAPRANGES_NO_CACHE);

	hr_test_free(test, heap, hr_test_pieces(test, heap));
	hr_test_ticks(heap, HR_HEAP_TICKS);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).releases, 0ULL);
	hr_test_ticks(heap, 1);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).releases, 1ULL);
}

/* Whenever that was: between ticks, each of which sees it empty. */
static void tend_arena_needed_once_more_stays(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 512, 512, HEAPRANGES_NO_CACHE);
	unsigned long live = hr_test_alloc(test, heap, 512);
	int at;

	for (at = 0; at <= HR_HEAP_TICKS; at++) {
		hr_test_free(test, heap, hr_test_alloc(test, heap, 512));
		hr_test_ticks(heap, at);
		hr_test_free(test, heap, hr_test_alloc(test, heap, 512));
		hr_test_ticks(heap, HR_HEAP_TICKS);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_stats(test, heap).owned_pages, 1024UL,
				    "after %d ticks", at);
		hr_test_ticks(heap, 1);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_stats(test, heap).owned_pages, 512UL,
				    "after %d ticks", at);
	}
	hr_test_free(test, heap, live);
}

static void tend_new_arena_stays(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 2048, 512, HEAPRANGES_NO_CACHE);
	struct heapranges_stats s;
	int i;

	hr_test_free(test, heap, hr_test_pieces(test, heap));
	hr_test_ticks(heap, HR_TEST_TICKS);
	KUNIT_ASSERT_EQ(test, hr_test_stats(test, heap).owned_pages, 2048UL);
	for (i = 0; i < HR_HEAP_TICKS; i++) {
		hr_test_free(test, heap, hr_test_alloc(test, heap, 512));
		hr_test_tick(heap);
	}
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.grows, 2ULL);
	KUNIT_EXPECT_EQ(test, s.releases, 1ULL);
}

/* @nr_pages by way of caches, a page each, all given before a tick and taken behind it. */
static void hr_test_swing_through_caches(struct kunit *test, struct heapranges *heap,
					 unsigned int nr_pages, unsigned long long nr_arenas)
{
	void **addr = hr_test_take_runs(test, heap, 1, nr_pages);
	struct heapranges_stats s;
	int i;

	KUNIT_ASSERT_EQ(test, hr_test_stats(test, heap).grows, nr_arenas);
	for (i = 0; i < 3 * HR_TEST_TICKS; i++) {
		heapranges_free_bulk(heap, nr_pages, addr);
		KUNIT_EXPECT_GT(test, hr_test_stats(test, heap).cached_pages, 0UL);
		hr_test_tick(heap);
		KUNIT_ASSERT_EQ(test, heapranges_alloc_bulk(heap, 1, hr_test_quiet, nr_pages, addr),
				nr_pages);
	}
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.grows, nr_arenas);
	KUNIT_EXPECT_EQ(test, s.releases, 0ULL);
	heapranges_free_bulk(heap, nr_pages, addr);
}

/* Caches hold as much as an arena when a tick comes. */
static void tend_swings_through_caches(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_create(test, (struct heapranges_params){
		.arena_pages = 512, .grow_max_pages = 4096,
	}, 0);

	hr_test_swing_through_caches(test, heap, 4096, 4);
}

/* What is parked when a tick comes is as large as the second arena, which is a page. */
static void tend_swings_of_a_page_through_caches(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_create(test, (struct heapranges_params){
		.arena_pages = 512, .grow_max_pages = 512, .max_pages = 513,
	}, 0);

	hr_test_swing_through_caches(test, heap, 513, 2);
}

/* ---- growth in the background ---- */

static const struct hr_test_ahead_row {
	const char		*desc;
	unsigned long		nr_pages, align_pages;	/* wanted */
	unsigned long		max_pages, owned_pages;	/* grown to */
} hr_test_ahead_rows[] = {
	{ "a page", 1, 1, 0, 512 },
	{ "an arena", 512, 1, 0, 512 },
	{ "more", 513, 1, 0, 513 },
	{ "aligned", 10, 512, 0, 521 },
	{ "aligned to a page", 10, 1, 0, 512 },
	{ "all of max_pages", 100, 1, 100, 100 },
	{ "more than max_pages", 101, 1, 100, 0 },
	{ "more than there is", ULONG_MAX, 1, 0, 0 },
	{ "an overflow", ULONG_MAX, 2, 0, 0 },
	{ "aligned to half of the address space", 1, BIT(BITS_PER_LONG - 1 - PAGE_SHIFT), 0, 0 },
};

static void hr_test_ahead_desc(const struct hr_test_ahead_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_ahead, hr_test_ahead_rows, hr_test_ahead_desc);

static void *hr_test_want(struct heapranges *heap, const struct hr_test_ahead_row *row)
{
	return heapranges_alloc_aligned(heap, row->nr_pages, row->align_pages, hr_test_nowait);
}

static void tend_grows_ahead(struct kunit *test)
{
	const struct hr_test_ahead_row *row = test->param_value;
	struct heapranges *heap = hr_test_arenas_create(test, (struct heapranges_params){
		.max_pages = row->max_pages, .arena_pages = 512, .grow_max_pages = 512,
	}, 0);
	struct heapranges_stats s;

	KUNIT_EXPECT_NULL(test, hr_test_want(heap, row));
	flush_work(&heap->tend);
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.owned_pages, row->owned_pages);
	KUNIT_EXPECT_EQ(test, s.alloc_failures, 1ULL);
	KUNIT_EXPECT_EQ(test, s.failures_parked, 0ULL);
	KUNIT_EXPECT_EQ(test, !!hr_test_want(heap, row), !!row->owned_pages);
	/* What nobody asks for again goes, like any other arena. */
	KUNIT_EXPECT_EQ(test, hr_test_tick(heap), !!row->owned_pages);
}

/* What several want before it is there is grown once, for the largest. */
static void tend_grows_once_for_several(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, 0);
	struct heapranges_stats s;

	mutex_lock(&heap->change);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 7, hr_test_nowait));
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 600, hr_test_nowait));
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 20, hr_test_nowait));
	mutex_unlock(&heap->change);
	flush_work(&heap->tend);
	s = hr_test_stats(test, heap);
	/* The first may be on its way when the next asks. */
	KUNIT_EXPECT_GE(test, s.largest_free_pages, 600UL);
	KUNIT_EXPECT_LE(test, s.grows, 2ULL);
}

static struct heapranges *hr_test_short_reserve(struct kunit *test, unsigned long max_pages)
{
	struct heapranges *heap = hr_test_arenas_create(test, (struct heapranges_params){
		.reserve_pages = 64, .max_pages = max_pages, .arena_pages = 512,
	}, HEAPRANGES_NO_CACHE);

	KUNIT_ASSERT_NE(test, hr_heap_take(heap, 33, false).base, 0UL);
	return heap;
}

/* Nobody asks again: the next one to need it would be too late. */
static void tend_fills_the_reserve_once_there_is_memory(struct kunit *test)
{
	struct heapranges *heap = hr_test_short_reserve(test, 0);
	struct heapranges_stats s;

	hr_mem_watch(1, HR_MEM_ALL);
	hr_arenas_grow_ahead(heap, 0);
	hr_tend_mind_size(heap);
	/* As a tick would, but in this task, whose allocations fail. */
	KUNIT_EXPECT_TRUE(test, cancel_delayed_work_sync(&heap->tick));
	heap->tick.work.func(&heap->tick.work);
	hr_mem_unwatch();
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.grow_failures, 2ULL);
	KUNIT_EXPECT_TRUE_MSG(test, hr_test_tick(heap), "another tick");
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.grows, 1ULL);
	KUNIT_EXPECT_GE(test, s.free_pages, 64UL);
}

static void tend_no_ticks_for_a_reserve_at_the_cap(struct kunit *test)
{
	struct heapranges *heap = hr_test_short_reserve(test, 64);

	KUNIT_EXPECT_NOT_NULL(test, heapranges_alloc(heap, 1, hr_test_nowait));
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, hr_test_quiet));
	flush_work(&heap->tend);
	KUNIT_EXPECT_FALSE(test, hr_test_tick(heap));
}

static void tend_fixed_never_grows(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HEAPRANGES_FIXED);

	hr_test_add(test, heap, hr_test_area(test, 8), 8);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 9, hr_test_nowait));
	KUNIT_EXPECT_EQ(test, heap->wants, 0UL);
	flush_work(&heap->tend);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 8UL);
}

/* How many single pages it frees, each 16th of an arena. */
#define HR_TEST_HOARD	32
struct hr_test_hoard {
	struct hr_test_crew	crew;
	void			**addr;
};

static void hr_test_hoarder(struct hr_test_crew *crew, unsigned int nr)
{
	struct hr_test_hoard *hoard = container_of(crew, struct hr_test_hoard, crew);
	int i;

	for (i = 0; i < HR_TEST_HOARD; i++)
		heapranges_free(crew->heap, hoard->addr[16 * i]);
}

/*
 * So many pages are parked on the other CPU, but in pieces: emptying its cache is not
 * enough, and whoever wants them does not get the same answer for ever.
 */
static void tend_grows_when_parked_pages_do_not_fit(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, 0);
	struct hr_test_hoard hoard = { .crew.heap = heap };
	unsigned int cpu;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU online");
	hoard.addr = hr_test_take_runs(test, heap, 1, 512);
	migrate_disable();
	cpu = cpumask_any_but(cpu_online_mask, smp_processor_id());
	hr_test_crew_join(test, &hoard.crew, hr_test_hoarder, cpu);
	hr_test_crew_end(test, &hoard.crew);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).cached_pages, HR_TEST_HOARD + 0UL);

	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 16, hr_test_nowait));
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).failures_parked, 1ULL);
	migrate_enable();
	flush_work(&heap->tend);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).cached_pages, 0UL);
	KUNIT_EXPECT_NOT_NULL(test, heapranges_alloc(heap, 16, hr_test_nowait));
}

/* ---- a heap's end ---- */

/* Nothing is used, whatever goes on in the background. */
static void tend_destroy_meanwhile(struct kunit *test)
{
	struct heapranges *heap;
	int i;

	for (i = 0; i < 200; i++) {
		heap = hr_test_arenas_of(test, 0, 4096, i & 1 ? HEAPRANGES_NO_CACHE : 0);
		if (i & 2)
			hr_test_free(test, heap, hr_test_alloc(test, heap, 1));
		heapranges_alloc(heap, 4096, hr_test_nowait);
		if (i & 4)
			schedule_timeout_uninterruptible(1);
		if (i & 8)
			mod_delayed_work(system_wq, &heap->tick, 0);
		heapranges_walk(heap, hr_test_drain_range, heap);
		hr_test_destroy(test, heap);
	}
}

static struct kunit_case hr_test_tend_cases[] = {
	KUNIT_CASE_PARAM(tend_idle_heap_is_small_again, hr_test_idle_gen_params),
	KUNIT_CASE(tend_idle_for_ten_seconds),
	KUNIT_CASE(tend_unneeded_arena_goes_beside_others),
	KUNIT_CASE(tend_swings_of_one_arena),
	KUNIT_CASE(tend_arena_just_emptied_stays),
	KUNIT_CASE(tend_arena_needed_once_more_stays),
	KUNIT_CASE(tend_new_arena_stays),
	KUNIT_CASE(tend_swings_through_caches),
	KUNIT_CASE(tend_swings_of_a_page_through_caches),
	KUNIT_CASE_PARAM(tend_grows_ahead, hr_test_ahead_gen_params),
	KUNIT_CASE(tend_grows_once_for_several),
	KUNIT_CASE(tend_fills_the_reserve_once_there_is_memory),
	KUNIT_CASE(tend_no_ticks_for_a_reserve_at_the_cap),
	KUNIT_CASE(tend_fixed_never_grows),
	KUNIT_CASE(tend_grows_when_parked_pages_do_not_fit),
	KUNIT_CASE(tend_destroy_meanwhile),
	{}
};

struct kunit_suite heapranges_tend_suite = {
	.name = "heapranges_tend",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_tend_cases,
};
