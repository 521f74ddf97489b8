// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_arenas: how large arenas come, and who makes them. How they go is
 * in release_kunit.c.
 */
#include <linux/prandom.h>
#include <linux/sched/signal.h>

#include "../module/arenas.h"
#include "../module/mem.h"
#include "arena_helpers.h"
#include "crew_helpers.h"
#include "suites.h"

/* ---- growth ---- */

/* Each step: all that is free is taken, then so many pages are asked for. */
static const struct hr_test_growth_row {
	const char			*desc;
	struct heapranges_params	params;
	struct {
		unsigned long	ask, owned;	/* pages; owned afterwards */
		bool		refused;
	} step[8];
} hr_test_growth_rows[] = {
	{ "as large as the heap is already",
		{ .arena_pages = 512, .grow_max_pages = 4096 },
		{ { 1, 512 }, { 1, 1024 }, { 1, 2048 }, { 1, 4096 }, { 1, 8192 },
		  { 1, 12288 }, { 1, 16384 } } },
	{ "never more than grow_max_pages unasked",
		{ .arena_pages = 512, .grow_max_pages = 512 },
		{ { 1, 512 }, { 512, 1024 }, { 3000, 4024 }, { 1, 4536 },
		  { 513, 5049 }, { 1, 5561 } } },
	{ "grow_max_pages below arena_pages",
		{ .arena_pages = 1024, .grow_max_pages = 512 },
		{ { 1, 1024 }, { 1, 2048 }, { 1, 3072 } } },
	{ "arena_pages are whole chunks",
		{ .arena_pages = 513, .grow_max_pages = 1 },
		{ { 1, 1024 }, { 1, 2048 }, { 1, 3072 } } },
	{ "an arena of one page is a chunk",
		{ .arena_pages = 1, .grow_max_pages = 1 },
		{ { 1, 512 }, { 1, 1024 } } },
	{ "min_pages count",
		{ .min_pages = 700, .arena_pages = 512, .grow_max_pages = 2048 },
		{ { 1, 1400 }, { 1, 2800 }, { 1, 4848 } } },
	{ "clipped to what max_pages leaves",
		{ .arena_pages = 512, .grow_max_pages = 512, .max_pages = 1300 },
		{ { 1, 512 }, { 1, 1024 }, { 1, 1300 }, { 1, 1300, true } } },
	{ "more than max_pages leaves",
		{ .arena_pages = 512, .grow_max_pages = 512, .max_pages = 1300 },
		{ { 1, 512 }, { 789, 512, true }, { 788, 1300 }, { 1, 1300, true } } },
	{ "max_pages below an arena",
		{ .arena_pages = 512, .max_pages = 100 },
		{ { 101, 0, true }, { ULONG_MAX, 0, true }, { 1, 100 }, { 1, 100, true } } },
};

static void hr_test_growth_desc(const struct hr_test_growth_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_growth, hr_test_growth_rows, hr_test_growth_desc);

static void hr_test_take_all(struct kunit *test, struct heapranges *heap)
{
	struct heapranges_stats s = hr_test_stats(test, heap);
	void *addr;

	while (s.free_pages) {
		addr = heapranges_alloc(heap, s.largest_free_pages, GFP_NOWAIT);
		KUNIT_ASSERT_NOT_NULL(test, addr);
		s = hr_test_stats(test, heap);
	}
}

static void arenas_growth(struct kunit *test)
{
	const struct hr_test_growth_row *row = test->param_value;
	struct heapranges *heap = hr_test_arenas_create(test, row->params, HEAPRANGES_NO_CACHE);
	struct heapranges_stats s;
	void *addr;
	int i;

	for (i = 0; row->step[i].ask; i++) {
		hr_test_take_all(test, heap);
		addr = heapranges_alloc(heap, row->step[i].ask, hr_test_quiet);
		s = hr_test_stats(test, heap);
		KUNIT_EXPECT_EQ_MSG(test, !addr, row->step[i].refused, "step %d: ask=%lu",
				    i, row->step[i].ask);
		KUNIT_EXPECT_EQ_MSG(test, s.owned_pages, row->step[i].owned,
				    "step %d: ask=%lu", i, row->step[i].ask);
	}
	/* The machine had memory, whatever max_pages have refused. */
	KUNIT_EXPECT_EQ(test, s.grow_failures, 0ULL);
	hr_test_verify(test, heap, "growth");
}

/* The first tries fail, as they do where the memory is nearly full. */
static const struct hr_test_less_row {
	const char	*desc;
	unsigned long	first, second;	/* see hr_mem_watch() */
	unsigned long	ask, owned;	/* pages; owned afterwards, 0: nothing was had */
	unsigned long	nr_tries;	/* 0: not looked at */
} hr_test_less_rows[] = {
	{ "there is enough", 0, 0, 8, 512 },
	{ "a quarter", 1, 0, 8, 128 },
	{ "a quarter of that", 1, 2, 8, 32 },
	{ "the request is more than the next quarter", 1, 2, 40, 40 },
	{ "the request is as much", 1, 2, 32, 32 },
	{ "the request is more than an arena", 0, 0, 600, 600 },
	{ "nothing but what is asked for was tried", 1, HR_MEM_ALL, 512, 0, 1 },
	{ "there is nothing", 1, HR_MEM_ALL, 8, 0, 4 },
	{ "not a page", 1, HR_MEM_ALL, 1, 0, 6 },
};

static void hr_test_less_desc(const struct hr_test_less_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_less, hr_test_less_rows, hr_test_less_desc);

/* Of a heap that may grow by 512 pages unasked. A try that fails asks for one thing. */
static void arenas_less_where_there_is_less(struct kunit *test)
{
	const struct hr_test_less_row *row = test->param_value;
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, HEAPRANGES_NO_CACHE);
	struct heapranges_stats s;
	unsigned long nr_asked;
	void *addr;

	hr_mem_watch(row->first, row->second);
	addr = heapranges_alloc(heap, row->ask, hr_test_quiet);
	nr_asked = hr_mem_unwatch();
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, !addr, !row->owned);
	KUNIT_EXPECT_EQ(test, s.owned_pages, row->owned);
	KUNIT_EXPECT_EQ(test, s.grows, row->owned ? 1ULL : 0ULL);
	KUNIT_EXPECT_EQ(test, s.grow_failures, row->owned ? 0ULL : 1ULL);
	if (row->nr_tries)
		KUNIT_EXPECT_EQ(test, nr_asked, row->nr_tries);
	hr_test_verify(test, heap, "growth");
}

/* Hundreds of MiB, in 4 MiB pieces, with the module's own parameters. */
static void arenas_stay_few(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", 0);
	struct heapranges_stats s;

	do {
		hr_test_alloc(test, heap, 1024);
		s = hr_test_stats(test, heap);
	} while (s.used_pages < HR_TEST_MANY_PAGES);
	KUNIT_EXPECT_LE(test, s.nr_arenas, 12UL);
	KUNIT_EXPECT_EQ(test, s.nr_arenas, s.nr_ranges);
	KUNIT_EXPECT_EQ(test, s.grows, s.nr_arenas + 0ULL);
	KUNIT_EXPECT_LT(test, s.owned_pages, 2 * HR_TEST_MANY_PAGES);
}

#define HR_TEST_SHARERS		5
#define HR_TEST_SHARE_PAGES	64UL

static void hr_test_sharer(struct hr_test_crew *crew, unsigned int nr)
{
	if (!heapranges_alloc(crew->heap, HR_TEST_SHARE_PAGES, hr_test_quiet))
		hr_test_crew_mistake(crew, "no pages");
}

/* They wait for one who grows the heap, and find that it is large enough. */
static void arenas_who_waits_does_not_grow(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, HEAPRANGES_NO_CACHE);
	struct hr_test_crew crew = { .heap = heap };
	struct heapranges_stats s;
	int i;

	mutex_lock(&heap->change);
	for (i = 0; i < HR_TEST_SHARERS; i++)
		hr_test_crew_join(test, &crew, hr_test_sharer, HR_TEST_ANY_CPU);
	for (i = 0; i < 1000 && !hr_test_crew_waits(&crew); i++)
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_TRUE_MSG(test, hr_test_crew_waits(&crew), "all wait");
	mutex_unlock(&heap->change);
	hr_test_crew_end(test, &crew);

	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.used_pages, HR_TEST_SHARERS * HR_TEST_SHARE_PAGES);
	KUNIT_EXPECT_EQ(test, s.grows, 1ULL);
	KUNIT_EXPECT_EQ(test, s.owned_pages, 512UL);
}

/* ---- arenas that hold nothing make room ---- */

/* Of a heap with arenas of 512 pages, full, that are free but for the first ones. */
static const struct hr_test_room_row {
	const char	*desc;
	unsigned long	min_pages, reserve_pages, max_pages;
	unsigned int	nr_arenas, nr_used;
	unsigned long	ask, owned;	/* pages; owned afterwards */
	u64		releases;
	bool		refused;
} hr_test_room_rows[] = {
	{ "all of them", 0, 0, 1024, 2, 0, 600, 600, 2 },
	{ "as many as it takes", 0, 0, 1536, 3, 0, 600, 512 + 600, 2 },
	{ "with what max_pages leaves", 0, 0, 1536 + 88, 3, 0, 600, 1024 + 600, 1 },
	{ "all that max_pages allow", 0, 0, 1024, 2, 0, 1024, 1024, 2 },
	{ "but those in use", 0, 0, 1536, 3, 1, 1024, 1536, 2 },
	{ "but the reserve", 0, 512, 1536, 2, 0, 1024, 1536, 2 },
	{ "none where that is not enough", 0, 0, 1024, 2, 1, 600, 1024, 0, true },
	{ "none for more than max_pages", 0, 0, 1024, 2, 0, 1025, 1024, 0, true },
	{ "none where min_pages are too many", 512, 0, 1024, 1, 0, 600, 1024, 0, true },
};

static void hr_test_room_desc(const struct hr_test_room_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_room, hr_test_room_rows, hr_test_room_desc);

static struct heapranges *hr_test_room_heap(struct kunit *test,
					    const struct hr_test_room_row *row)
{
	struct heapranges *heap = hr_test_arenas_create(test, (struct heapranges_params){
		.min_pages = row->min_pages, .reserve_pages = row->reserve_pages,
		.max_pages = row->max_pages, .arena_pages = 512, .grow_max_pages = 512,
	}, HEAPRANGES_NO_CACHE);
	unsigned long kept = row->min_pages ? hr_test_alloc(test, heap, 512) : 0;
	unsigned long addr[3];
	int i;

	for (i = 0; i < row->nr_arenas; i++)
		addr[i] = hr_test_alloc(test, heap, 512);
	for (i = row->nr_used; i < row->nr_arenas; i++)
		hr_test_free(test, heap, addr[i]);
	hr_test_free(test, heap, kept);
	return heap;
}

/* At once for who may block, and in the background for who may not. */
static void arenas_make_room_at_the_cap(struct kunit *test)
{
	const struct hr_test_room_row *row = test->param_value;
	struct heapranges_stats s;
	struct heapranges *heap;
	void *addr;
	int i;

	for (i = 0; i < 2; i++) {
		heap = hr_test_room_heap(test, row);
		addr = heapranges_alloc(heap, row->ask, i ? hr_test_nowait : hr_test_quiet);
		if (i) {
			KUNIT_EXPECT_NULL(test, addr);
			flush_work(&heap->tend);
			addr = heapranges_alloc(heap, row->ask, hr_test_nowait);
		}
		s = hr_test_stats(test, heap);
		KUNIT_EXPECT_EQ_MSG(test, !addr, row->refused, "way %d", i);
		KUNIT_EXPECT_EQ_MSG(test, s.owned_pages, row->owned, "way %d", i);
		KUNIT_EXPECT_EQ_MSG(test, s.releases, row->releases, "way %d", i);
		KUNIT_EXPECT_EQ_MSG(test, s.grow_failures, 0ULL, "way %d", i);
		hr_test_verify(test, heap, "making room");
		heapranges_walk(heap, hr_test_drain_range, heap);
		hr_test_destroy(test, heap);
	}
}

/* The first try finds no memory; reclaim did not get at this heap, which is growing. */
static void arenas_make_room_when_memory_is_short(struct kunit *test)
{
	struct heapranges_stats s;
	struct heapranges *heap;
	void *addr[2];
	int i;

	for (i = 0; i < 2; i++) {
		heap = hr_test_arenas_of(test, 0, 512, 0);
		KUNIT_ASSERT_EQ(test, heapranges_alloc_bulk(heap, 512, hr_test_quiet, 2, addr), 2U);
		KUNIT_ASSERT_EQ(test, heapranges_free_bulk(heap, 2, addr), 2U);
		hr_test_free(test, heap, hr_test_alloc(test, heap, 1));
		KUNIT_EXPECT_GT(test, hr_test_stats(test, heap).cached_pages, 0UL);
		hr_mem_watch(1, 0);
		if (i)
			hr_arenas_grow_ahead(heap, 600);
		else
			KUNIT_EXPECT_NOT_NULL(test, heapranges_alloc(heap, 600, hr_test_quiet));
		hr_mem_unwatch();
		s = hr_test_stats(test, heap);
		KUNIT_EXPECT_EQ_MSG(test, s.owned_pages, 600UL, "way %d", i);
		KUNIT_EXPECT_EQ_MSG(test, s.releases, 2ULL, "way %d", i);
		KUNIT_EXPECT_EQ_MSG(test, s.grows, 3ULL, "way %d", i);
		KUNIT_EXPECT_EQ_MSG(test, s.grow_failures, 0ULL, "way %d", i);
		hr_test_verify(test, heap, "making room");
		heapranges_walk(heap, hr_test_drain_range, heap);
		hr_test_destroy(test, heap);
	}
}

static void arenas_make_no_room_for_the_impossible(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, 0);
	struct heapranges_stats s;

	hr_test_free(test, heap, hr_test_alloc(test, heap, 512));
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, totalram_pages() + 1, hr_test_quiet));
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.owned_pages, 512UL);
	KUNIT_EXPECT_EQ(test, s.releases, 0ULL);
	KUNIT_EXPECT_EQ(test, s.grow_failures, 1ULL);

	/* Of all memory there is always some in use. */
	hr_mem_watch(1, 0);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, totalram_pages(), hr_test_quiet));
	KUNIT_EXPECT_EQ(test, hr_mem_unwatch(), 1UL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).releases, 0ULL);
}

/* Who is being killed has no use for it. */
static void arenas_make_no_room_for_the_dying(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, 0);

	hr_test_free(test, heap, hr_test_alloc(test, heap, 512));
	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
	hr_mem_watch(1, 0);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 600, hr_test_quiet));
	hr_mem_unwatch();
	flush_signals(current);
	disallow_signal(SIGKILL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).releases, 0ULL);
}

/* ---- many at once ---- */

#define HR_TEST_CAP_PAGES	3000UL
#define HR_TEST_CREW_RUNS	6
#define HR_TEST_CREW_BURST	32	/* steps, then it trims */
#define HR_TEST_CREW_STEPS	640

/* A run that has its owner's mark in its first and last word. */
struct hr_test_marked {
	unsigned long	*first, *last;
};

static void hr_test_mark(struct hr_test_marked *run, void *addr, unsigned long nr_pages)
{
	run->first = addr;
	run->last = addr + nr_pages * PAGE_SIZE - sizeof(*run->last);
	*run->first = (unsigned long)run;
	*run->last = (unsigned long)run;
}

static void hr_test_give_marked(struct hr_test_crew *crew, struct hr_test_marked *run)
{
	unsigned long mark = (unsigned long)run;

	if (*run->first != mark || *run->last != mark)
		hr_test_crew_mistake(crew, "a run holds %lx %lx, want %lx", *run->first,
				     *run->last, mark);
	if (heapranges_free(crew->heap, run->first))
		hr_test_crew_mistake(crew, "free of %lx", (unsigned long)run->first);
	run->first = NULL;
}

static void hr_test_give_all_marked(struct hr_test_crew *crew, struct hr_test_marked *runs)
{
	int i;

	for (i = 0; i < HR_TEST_CREW_RUNS; i++) {
		if (runs[i].first)
			hr_test_give_marked(crew, &runs[i]);
	}
}

/* Takes and gives; without a cap there are always pages, with one never more. */
static void hr_test_taker(struct hr_test_crew *crew, unsigned int nr)
{
	unsigned long nr_pages, max_pages = crew->heap->max_pages;
	struct hr_test_marked runs[HR_TEST_CREW_RUNS] = {}, *run;
	struct heapranges_stats s;
	struct rnd_state rnd;
	void *addr;
	int i;

	prandom_seed_state(&rnd, nr);
	for (i = 0; i < HR_TEST_CREW_STEPS; i++) {
		run = &runs[prandom_u32_state(&rnd) % HR_TEST_CREW_RUNS];
		nr_pages = 1 + prandom_u32_state(&rnd) % 700;
		addr = run->first ? NULL : heapranges_alloc(crew->heap, nr_pages, hr_test_quiet);
		if (addr)
			hr_test_mark(run, addr, nr_pages);
		else if (run->first)
			hr_test_give_marked(crew, run);
		else if (!max_pages)
			hr_test_crew_mistake(crew, "step %d: no %lu pages", i, nr_pages);
		heapranges_get_stats(crew->heap, &s);
		if (max_pages && s.owned_pages > max_pages)
			hr_test_crew_mistake(crew, "step %d: owned %lu", i, s.owned_pages);
		if (i % HR_TEST_CREW_BURST)
			continue;
		hr_test_give_all_marked(crew, runs);
		heapranges_trim(crew->heap);
		schedule_timeout_interruptible(1);
	}
	hr_test_give_all_marked(crew, runs);
}

static const struct hr_test_many_row {
	const char	*desc;
	unsigned long	max_pages;
	unsigned int	flags;
} hr_test_many_rows[] = {
	{ "capped", HR_TEST_CAP_PAGES, HEAPRANGES_NO_CACHE },
	{ "capped, with caches", HR_TEST_CAP_PAGES, 0 },
	{ "without a cap nobody goes away empty-handed", 0, 0 },
};

static void hr_test_many_desc(const struct hr_test_many_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_many, hr_test_many_rows, hr_test_many_desc);

static void arenas_grow_and_go_under_many(struct kunit *test)
{
	const struct hr_test_many_row *row = test->param_value;
	struct heapranges *heap;
	struct hr_test_crew crew = {};
	struct heapranges_stats s;

	heap = hr_test_arenas_create(test, (struct heapranges_params){
		.arena_pages = 512, .grow_max_pages = 512, .max_pages = row->max_pages,
	}, row->flags);
	crew.heap = heap;
	hr_test_crew_join(test, &crew, hr_test_taker, HR_TEST_ANY_CPU);
	hr_test_crew_join(test, &crew, hr_test_taker, HR_TEST_ANY_CPU);
	hr_test_crew_join(test, &crew, hr_test_taker, HR_TEST_ANY_CPU);
	hr_test_crew_end(test, &crew);

	s = hr_test_stats(test, heap);
	kunit_info(test, "grows=%llu releases=%llu\n", s.grows, s.releases);
	KUNIT_EXPECT_EQ(test, s.used_pages, 0UL);
	KUNIT_EXPECT_GT(test, s.grows, 5ULL);
	KUNIT_EXPECT_GT(test, s.releases, 5ULL);
	KUNIT_EXPECT_EQ(test, s.nr_arenas, (unsigned long)(s.grows - s.releases));
	hr_test_verify(test, heap, "all of it");
	heapranges_trim(heap);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 0UL);
	hr_test_verify(test, heap, "a trim");
}

static struct kunit_case hr_test_arenas_cases[] = {
	KUNIT_CASE_PARAM(arenas_growth, hr_test_growth_gen_params),
	KUNIT_CASE_PARAM(arenas_less_where_there_is_less, hr_test_less_gen_params),
	KUNIT_CASE(arenas_stay_few),
	KUNIT_CASE(arenas_who_waits_does_not_grow),
	KUNIT_CASE_PARAM(arenas_make_room_at_the_cap, hr_test_room_gen_params),
	KUNIT_CASE(arenas_make_room_when_memory_is_short),
	KUNIT_CASE(arenas_make_no_room_for_the_impossible),
	KUNIT_CASE(arenas_make_no_room_for_the_dying),
	KUNIT_CASE_PARAM(arenas_grow_and_go_under_many, hr_test_many_gen_params),
	{}
};

struct kunit_suite heapranges_arenas_suite = {
	.name = "heapranges_arenas",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_arenas_cases,
};
