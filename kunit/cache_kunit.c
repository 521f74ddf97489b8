// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_cache: runs that per-CPU caches hold. What a free is told of each,
 * wherever it is parked; what a cache may hold; who gets at it in spite of that; and
 * what happens when a cache is not what it should be.
 */
#include <linux/sched.h>

#include "../module/offline.h"
#include "cache_helpers.h"
#include "context_helpers.h"
#include "suites.h"

/* ---- verdicts ---- */

#define HR_TEST_VERDICT_BASE	77UL	/* the region: pages 77 to 1177, not a chunk's begin */
#define HR_TEST_VERDICT_PAGES	1100UL
#define HR_TEST_RUN		4UL
#define HR_TEST_LAST_RUN	(HR_TEST_VERDICT_BASE + HR_TEST_VERDICT_PAGES - HR_TEST_RUN)

enum hr_test_state_of { HR_TEST_LIVE, HR_TEST_HERE, HR_TEST_ELSEWHERE, HR_TEST_IS_FREE };

static const struct hr_test_verdict_row {
	const char		*desc;
	unsigned long		page;
	enum hr_test_state_of	state;
} hr_test_verdict_rows[] = {
	{ "inside a chunk, live", 700, HR_TEST_LIVE },
	{ "inside a chunk, parked here", 700, HR_TEST_HERE },
	{ "inside a chunk, parked on the other CPU", 700, HR_TEST_ELSEWHERE },
	{ "inside a chunk, free", 700, HR_TEST_IS_FREE },
	{ "a chunk's first pages, live", 512, HR_TEST_LIVE },
	{ "a chunk's first pages, parked here", 512, HR_TEST_HERE },
	{ "a chunk's first pages, parked on the other CPU", 512, HR_TEST_ELSEWHERE },
	{ "a chunk's first pages, free", 512, HR_TEST_IS_FREE },
	{ "a chunk's last pages, live", 508, HR_TEST_LIVE },
	{ "a chunk's last pages, parked here", 508, HR_TEST_HERE },
	{ "a chunk's last pages, parked on the other CPU", 508, HR_TEST_ELSEWHERE },
	{ "a chunk's last pages, free", 508, HR_TEST_IS_FREE },
	{ "over a word, live", 638, HR_TEST_LIVE },
	{ "over a word, parked here", 638, HR_TEST_HERE },
	{ "over a word, parked on the other CPU", 638, HR_TEST_ELSEWHERE },
	{ "over a word, free", 638, HR_TEST_IS_FREE },
	{ "a region's first pages, live", HR_TEST_VERDICT_BASE, HR_TEST_LIVE },
	{ "a region's first pages, parked here", HR_TEST_VERDICT_BASE, HR_TEST_HERE },
	{ "a region's first pages, parked on the other CPU", HR_TEST_VERDICT_BASE,
	  HR_TEST_ELSEWHERE },
	{ "a region's first pages, free", HR_TEST_VERDICT_BASE, HR_TEST_IS_FREE },
	{ "a region's last pages, live", HR_TEST_LAST_RUN, HR_TEST_LIVE },
	{ "a region's last pages, parked here", HR_TEST_LAST_RUN, HR_TEST_HERE },
	{ "a region's last pages, parked on the other CPU", HR_TEST_LAST_RUN, HR_TEST_ELSEWHERE },
	{ "a region's last pages, free", HR_TEST_LAST_RUN, HR_TEST_IS_FREE },
};

static void hr_test_verdict_desc(const struct hr_test_verdict_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_verdict, hr_test_verdict_rows, hr_test_verdict_desc);

/* A bad free, from both CPUs: the errno, its counter, and nothing else. */
static void hr_test_expect_verdict(struct kunit *test, struct heapranges *heap,
				   unsigned long addr, unsigned long nr, int want,
				   const char *what)
{
	int cpus[2] = { hr_test_here(), hr_test_elsewhere() }, i;
	struct hr_test_state state;

	for (i = 0; i < 2; i++) {
		hr_test_state_take(test, heap, &state);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_try_free_on(heap, cpus[i], addr, nr), want,
				    "%s, addr=%lx pages=%ld", what, addr, (long)nr);
		state.stats.rejected_foreign += want == -EFAULT;
		state.stats.rejected_double += want == -EALREADY;
		state.stats.rejected_interior += want == -EINVAL;
		state.stats.rejected_size += want == -ERANGE;
		hr_test_expect_state(test, heap, &state, what);
	}
}

static void cache_verdicts(struct kunit *test)
{
	const struct hr_test_verdict_row *row = test->param_value;
	unsigned long addr = hr_test_addr(row->page);
	bool live = row->state == HR_TEST_LIVE;
	struct heapranges *heap;

	if (row->state == HR_TEST_ELSEWHERE)
		hr_test_need_two_cpus(test);
	heap = hr_test_cached_heap(test, HR_TEST_VERDICT_BASE, HR_TEST_VERDICT_PAGES);
	hr_test_alloc_there(test, heap, addr, HR_TEST_RUN);
	if (!live)
		hr_test_free_on(test, heap, row->state == HR_TEST_ELSEWHERE ?
				hr_test_elsewhere() : hr_test_here(), addr);
	if (row->state == HR_TEST_IS_FREE)
		hr_test_drain(test, heap);
	KUNIT_EXPECT_EQ(test, hr_test_cached(test, heap),
			live || row->state == HR_TEST_IS_FREE ? 0UL : HR_TEST_RUN);

	KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)addr), live ? HR_TEST_RUN : 0UL);
	if (!live)
		hr_test_expect_verdict(test, heap, addr, HR_TEST_NO_SIZE, -EALREADY, "again");
	hr_test_expect_verdict(test, heap, addr, HR_TEST_RUN + 1,
			       live ? -ERANGE : -EALREADY, "a page more");
	hr_test_expect_verdict(test, heap, addr, HR_TEST_RUN - 1,
			       live ? -ERANGE : -EALREADY, "a page less");
	hr_test_expect_verdict(test, heap, addr, 0, live ? -ERANGE : -EALREADY, "of 0 pages");
	hr_test_expect_verdict(test, heap, addr + PAGE_SIZE, HR_TEST_NO_SIZE,
			       live ? -EINVAL : -EALREADY, "its second page");
	hr_test_expect_verdict(test, heap, addr + (HR_TEST_RUN - 1) * PAGE_SIZE, 1,
			       live ? -EINVAL : -EALREADY, "its last page");
	hr_test_expect_verdict(test, heap, addr + 8, HR_TEST_NO_SIZE,
			       live ? -EINVAL : -EALREADY, "not aligned");
	hr_test_expect_verdict(test, heap, hr_test_addr(HR_TEST_VERDICT_BASE - 1),
			       HR_TEST_NO_SIZE, -EFAULT, "before the region");
	hr_test_expect_verdict(test, heap,
			       hr_test_addr(HR_TEST_VERDICT_BASE + HR_TEST_VERDICT_PAGES), 1,
			       -EFAULT, "behind the region");
	hr_test_verify(test, heap, row->desc);
	if (live)
		hr_test_free(test, heap, addr);
}

/* ---- what is parked ---- */

static void cache_up_to_16_pages(struct kunit *test)
{
	struct heapranges *heap = hr_test_cached_heap(test, 0, 4096);
	unsigned long nr, addr;

	for (nr = 1; nr <= HR_TEST_SHORT + 4; nr++) {
		hr_test_drain(test, heap);
		/* In one chunk, over a word for some. */
		addr = hr_test_addr(60);
		hr_test_alloc_there(test, heap, addr, nr);
		hr_test_free_on(test, heap, hr_test_here(), addr);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_cached(test, heap),
				    nr <= HR_TEST_SHORT ? nr : 0UL, "pages=%lu", nr);
		if (nr > HR_TEST_SHORT)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, hr_test_alloc_on(test, heap, hr_test_here(), nr), addr,
				    "pages=%lu", nr);
		KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)addr), nr);
		hr_test_free(test, heap, addr);
	}
	hr_test_verify(test, heap, "all lengths");
}

static void cache_holds_no_more_than_its_share(struct kunit *test)
{
	static const unsigned long sizes[] = { 4, 100, 1000, 10000, 100000 };
	unsigned long nr, addr, limit, most;
	struct heapranges *heap;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (nr = 1; nr <= HR_TEST_SHORT; nr += 5) {
			heap = hr_test_cached_heap(test, 0, sizes[i]);
			limit = hr_test_cache_limit(test, heap);
			most = 0;
			for (j = 0; j < 300 && (j + 1) * nr <= sizes[i]; j++)
				hr_test_alloc_there(test, heap, hr_test_addr(j * nr), nr);
			while (j--) {
				addr = hr_test_addr(j * nr);
				hr_test_free_on(test, heap, hr_test_here(), addr);
				most = max(most, hr_test_cached(test, heap));
			}
			KUNIT_EXPECT_LE_MSG(test, most, limit, "pages=%lu of %lu", nr, sizes[i]);
			if (limit >= nr)
				KUNIT_EXPECT_GE_MSG(test, most, nr, "pages=%lu of %lu", nr,
						    sizes[i]);
			hr_test_verify(test, heap, "a full cache");
			hr_test_destroy(test, heap);
		}
	}
}

/* ---- who gets at it all the same ---- */

/* A heap of 256 pages with some parked on the other CPU, or here where there is one. */
static struct heapranges *hr_test_parked_heap(struct kunit *test, unsigned long nr)
{
	struct heapranges *heap = hr_test_cached_heap(test, 0, 256);
	unsigned long page;

	for (page = 0; page < 16; page += nr) {
		hr_test_alloc_there(test, heap, hr_test_addr(page), nr);
		hr_test_free_on(test, heap, hr_test_elsewhere(), hr_test_addr(page));
	}
	KUNIT_EXPECT_EQ(test, hr_test_cached(test, heap), 16UL);
	return heap;
}

static void cache_blocking_gets_what_is_parked(struct kunit *test)
{
	struct heapranges *heap = hr_test_parked_heap(test, 4);

	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 256), hr_test_addr(0));
	KUNIT_EXPECT_EQ(test, hr_test_cached(test, heap), 0UL);
	hr_test_free(test, heap, hr_test_addr(0));
	hr_test_verify(test, heap, "an allocation of all");
}

static void cache_blocking_gets_it_at_an_address(struct kunit *test)
{
	struct heapranges *heap = hr_test_parked_heap(test, 2);

	KUNIT_EXPECT_NULL(test, heapranges_alloc_at(heap, hr_test_addr(3), 5,
						    HR_TEST_QUIET_NOWAIT));
	hr_test_alloc_there(test, heap, hr_test_addr(3), 5);
	hr_test_free(test, heap, hr_test_addr(3));
}

static void cache_blocking_gets_it_aligned(struct kunit *test)
{
	struct heapranges *heap = hr_test_parked_heap(test, 1);

	KUNIT_EXPECT_PTR_EQ(test, heapranges_alloc_aligned(heap, 250, 256, HR_TEST_QUIET),
			    (void *)hr_test_addr(0));
	hr_test_free(test, heap, hr_test_addr(0));
}

static void cache_removed_with_what_is_parked(struct kunit *test)
{
	struct heapranges *heap = hr_test_parked_heap(test, 4);

	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, hr_test_addr(2), 100), 0);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 156UL);
	hr_test_verify(test, heap, "removal");
	hr_test_alloc_there(test, heap, hr_test_addr(150), 4);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, hr_test_addr(102), 154), -EBUSY);
	hr_test_free(test, heap, hr_test_addr(150));
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, hr_test_addr(102), 154), 0);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, hr_test_addr(0), 2), 0);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, (void *)hr_test_addr(0)), -EFAULT);
}

/* Heaps without caches, too. */
static void cache_of_a_cpu_that_goes(struct kunit *test)
{
	struct heapranges *heap = hr_test_cached_heap(test, 0, 4096);
	unsigned int cpus[2] = { hr_test_elsewhere(), hr_test_here() };
	int i;

	hr_test_create(test, "kunit-none", HR_TEST_ADDRESSES);
	for (i = 0; i < 2; i++) {
		hr_test_alloc_there(test, heap, hr_test_addr(100 + i * 8), 4);
		hr_test_free_on(test, heap, cpus[i], hr_test_addr(100 + i * 8));
	}
	KUNIT_EXPECT_EQ(test, hr_test_cached(test, heap), 8UL);
	KUNIT_EXPECT_EQ(test, hr_offline_cpu(cpus[0]), 0);
	KUNIT_EXPECT_EQ(test, hr_test_cached(test, heap), cpus[0] == cpus[1] ? 0UL : 4UL);
	KUNIT_EXPECT_EQ(test, hr_offline_cpu(cpus[1]), 0);
	KUNIT_EXPECT_EQ(test, hr_test_cached(test, heap), 0UL);
	hr_test_verify(test, heap, "CPUs that went");
}

static void cache_of_a_heap_that_goes(struct kunit *test)
{
	hr_test_destroy(test, hr_test_parked_heap(test, 4));
}

/* Who may not block fails with enough parked elsewhere, which then comes back. */
static void cache_not_blocking_fails_once(struct kunit *test)
{
	struct heapranges *heap;
	unsigned long addr = 0;
	int i;

	hr_test_need_two_cpus(test);
	heap = hr_test_parked_heap(test, 4);
	hr_test_alloc_there(test, heap, hr_test_addr(16), 240);
	KUNIT_EXPECT_EQ(test, hr_test_alloc_gfp_on(heap, hr_test_here(), 16,
						   HR_TEST_QUIET_NOWAIT), 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).failures_parked, 1ULL);
	for (i = 0; i < 1000 && !addr; i++) {
		schedule_timeout_uninterruptible(1);
		addr = hr_test_alloc_gfp_on(heap, hr_test_here(), 16, HR_TEST_QUIET_NOWAIT);
	}
	KUNIT_EXPECT_EQ(test, addr, hr_test_addr(0));
	if (addr)
		hr_test_free(test, heap, addr);
	hr_test_free(test, heap, hr_test_addr(16));
}

static void cache_not_blocking_gets_what_is_here(struct kunit *test)
{
	struct heapranges *heap = hr_test_cached_heap(test, 0, 256);

	hr_test_alloc_there(test, heap, hr_test_addr(0), 4);
	hr_test_alloc_there(test, heap, hr_test_addr(4), 252);
	hr_test_free_on(test, heap, hr_test_here(), hr_test_addr(0));
	KUNIT_EXPECT_EQ(test, hr_test_alloc_gfp_on(heap, hr_test_here(), 3,
						   HR_TEST_QUIET_NOWAIT), hr_test_addr(0));
	hr_test_free(test, heap, hr_test_addr(0));
	hr_test_free(test, heap, hr_test_addr(4));
}

static void cache_resized_while_live(struct kunit *test)
{
	struct heapranges *heap = hr_test_cached_heap(test, 0, 4096);
	unsigned long addr = hr_test_addr(10);
	void *run = (void *)addr;

	hr_test_alloc_there(test, heap, addr, 4);
	KUNIT_EXPECT_EQ(test, heapranges_resize(heap, run, 7), 0);
	KUNIT_EXPECT_EQ(test, heapranges_free_sized(heap, run, 4), -ERANGE);
	hr_test_free_on(test, heap, hr_test_here(), addr);
	KUNIT_EXPECT_EQ(test, hr_test_cached(test, heap), 7UL);
	KUNIT_EXPECT_EQ(test, heapranges_resize(heap, run, 3), -EALREADY);
	KUNIT_EXPECT_EQ(test, hr_test_alloc_on(test, heap, hr_test_here(), 7), addr);
	KUNIT_EXPECT_EQ(test, heapranges_resize(heap, run, 20), 0);
	hr_test_free_on(test, heap, hr_test_here(), addr);
	KUNIT_EXPECT_EQ(test, hr_test_cached(test, heap), 0UL);
	hr_test_verify(test, heap, "resizes");
}

/* Whoever finds the cache taken goes to the heap: an interrupt, on one CPU too. */
static void cache_that_is_taken(struct kunit *test)
{
	struct heapranges *heap = hr_test_cached_heap(test, 0, 4096);
	unsigned long addr, again;
	int cpu;

	hr_test_alloc_there(test, heap, hr_test_addr(100), 4);
	hr_test_free_on(test, heap, hr_test_here(), hr_test_addr(100));
	for_each_possible_cpu(cpu)
		KUNIT_EXPECT_TRUE(test, hr_cache_try_own(heap, per_cpu_ptr(heap->caches, cpu)));
	addr = hr_test_alloc_on(test, heap, hr_test_here(), 4);
	again = hr_test_alloc_on(test, heap, hr_test_elsewhere(), 4);
	hr_test_free_on(test, heap, hr_test_here(), addr);
	KUNIT_EXPECT_EQ(test, hr_test_cached(test, heap), 4UL);
	for_each_possible_cpu(cpu) {
		KUNIT_EXPECT_FALSE(test, hr_cache_try_own(heap, per_cpu_ptr(heap->caches, cpu)));
		hr_cache_disown(per_cpu_ptr(heap->caches, cpu));
	}
	KUNIT_EXPECT_EQ(test, addr, hr_test_addr(0));
	KUNIT_EXPECT_EQ(test, again, hr_test_addr(4));
	KUNIT_EXPECT_EQ(test, hr_test_alloc_on(test, heap, hr_test_here(), 4),
			hr_test_addr(100));
	hr_test_verify(test, heap, "a cache that was taken");
}

struct hr_test_nested {
	struct heapranges	*heap;
	unsigned long		parked;		/* the run that the cache has */
	bool			owned;
	unsigned long		got;
	int			free_err, double_err;
};

/* On the CPU of somebody who is at work in its cache: works all the same, but not there. */
static void hr_test_nested_call(void *data)
{
	struct hr_test_nested *n = data;

	n->owned = hr_cache_try_own(n->heap, this_cpu_ptr(n->heap->caches));
	n->got = (unsigned long)heapranges_alloc(n->heap, 4, HR_TEST_QUIET_NOWAIT);
	n->free_err = heapranges_free(n->heap, (void *)n->got);
	n->double_err = heapranges_free(n->heap, (void *)n->parked);
}

/* Without SMP too, where spin_trylock() would let it in. */
static void cache_nested_taker_is_refused(struct kunit *test)
{
	enum hr_test_context context = hr_test_context_of(test);
	struct hr_test_nested n = {
		.heap = hr_test_cached_heap(test, 0, 4096), .parked = hr_test_addr(100),
	};
	struct hr_cache *cache;

	hr_test_alloc_there(test, n.heap, n.parked, 4);
	migrate_disable();
	hr_test_free(test, n.heap, n.parked);
	cache = this_cpu_ptr(n.heap->caches);
	KUNIT_EXPECT_TRUE(test, hr_cache_try_own(n.heap, cache));
	hr_test_call_in(test, context, hr_test_nested_call, &n);
	KUNIT_EXPECT_FALSE_MSG(test, n.owned, "owned twice, SMP=%d", IS_ENABLED(CONFIG_SMP));
	hr_cache_disown(cache);
	migrate_enable();
	KUNIT_EXPECT_EQ(test, n.got, hr_test_addr(0));
	KUNIT_EXPECT_EQ(test, n.free_err, 0);
	KUNIT_EXPECT_EQ(test, n.double_err, -EALREADY);
	KUNIT_EXPECT_EQ(test, hr_test_cached(test, n.heap), 4UL);
	hr_test_verify(test, n.heap, "a nested taker");
}

/* ---- a cache that is not what it should be ---- */

static void cache_that_is_corrupt(struct kunit *test)
{
	struct heapranges *heap = hr_test_cached_heap(test, 0, 4096);
	struct hr_cache *cache = hr_test_cache_here(heap);
	struct heapranges_stats s;
	unsigned long *entry, was;

	hr_test_alloc_there(test, heap, hr_test_addr(100), 4);
	hr_test_alloc_there(test, heap, hr_test_addr(600), 4);
	hr_test_free_on(test, heap, hr_test_here(), hr_test_addr(100));
	entry = &cache->entry[cache->parked[4]];
	was = *entry;
	*entry = was + PAGE_SIZE;
	/* Nobody gets it, or anything else from then on; frees still work. */
	KUNIT_EXPECT_EQ(test, hr_test_alloc_gfp_on(heap, hr_test_here(), 4,
						   HR_TEST_QUIET), 0UL);
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_GE(test, s.check_failures, 1ULL);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, HR_TEST_QUIET));
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, (void *)hr_test_addr(600)), 0);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, (void *)hr_test_addr(600)), -EALREADY);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, (void *)hr_test_addr(100)), -EALREADY);
	/* Back where its pages can be flushed, or the heap would not be destroyed. */
	if (cache->parked[4])
		*entry = was;
	else
		hr_heap_give_parked(heap, &(unsigned long){ hr_test_addr(100) }, 1, 4);
}

static struct kunit_case hr_test_cache_cases[] = {
	KUNIT_CASE_PARAM(cache_verdicts, hr_test_verdict_gen_params),
	KUNIT_CASE(cache_up_to_16_pages),
	KUNIT_CASE(cache_holds_no_more_than_its_share),
	KUNIT_CASE(cache_blocking_gets_what_is_parked),
	KUNIT_CASE(cache_blocking_gets_it_at_an_address),
	KUNIT_CASE(cache_blocking_gets_it_aligned),
	KUNIT_CASE(cache_removed_with_what_is_parked),
	KUNIT_CASE(cache_of_a_cpu_that_goes),
	KUNIT_CASE(cache_of_a_heap_that_goes),
	KUNIT_CASE(cache_not_blocking_fails_once),
	KUNIT_CASE(cache_not_blocking_gets_what_is_here),
	KUNIT_CASE(cache_resized_while_live),
	KUNIT_CASE(cache_that_is_taken),
	KUNIT_CASE_PARAM(cache_nested_taker_is_refused, hr_test_context_gen_params),
	KUNIT_CASE(cache_that_is_corrupt),
	{}
};

struct kunit_suite heapranges_cache_suite = {
	.name = "heapranges_cache",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_cache_cases,
};
