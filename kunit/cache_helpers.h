/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of the caches share: calls that are made on a CPU of one's
 * choice, so that a run is parked there, and what a heap says of itself between
 * them.
 */
#ifndef HR_TEST_CACHE_HELPERS_H
#define HR_TEST_CACHE_HELPERS_H

#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "../module/cache.h"
#include "heap_helpers.h"

#define HR_TEST_SHORT		16UL	/* pages: longer runs are never parked */
#define HR_TEST_CACHE_PAGES	1024UL	/* a CPU at most */
#define HR_TEST_NO_SIZE		ULONG_MAX	/* heapranges_free() */
#define HR_TEST_QUIET_NOWAIT	(GFP_NOWAIT | __GFP_NOWARN)

/* The CPU of the rows named "here"; and another one: the same where there is none. */
static inline int hr_test_here(void)
{
	return cpumask_first(cpu_online_mask);
}

static inline int hr_test_elsewhere(void)
{
	int cpu = cpumask_next(hr_test_here(), cpu_online_mask);

	return cpu < nr_cpu_ids ? cpu : hr_test_here();
}

static inline struct hr_cache *hr_test_cache_here(struct heapranges *heap)
{
	return per_cpu_ptr(heap->caches, hr_test_here());
}

static inline void hr_test_need_two_cpus(struct kunit *test)
{
	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU online");
}

/* A call, to be made on some CPU. */
struct hr_test_remote {
	struct heapranges	*heap;
	unsigned long		addr, nr;
	gfp_t			gfp;
};

static inline int hr_test_remote_alloc(void *data)
{
	struct hr_test_remote *call = data;

	call->addr = (unsigned long)heapranges_alloc(call->heap, call->nr, call->gfp);
	return 0;
}

static inline int hr_test_remote_free(void *data)
{
	struct hr_test_remote *call = data;

	if (call->nr == HR_TEST_NO_SIZE)
		return heapranges_free(call->heap, (void *)call->addr);
	return heapranges_free_sized(call->heap, (void *)call->addr, call->nr);
}

static inline unsigned long hr_test_alloc_gfp_on(struct heapranges *heap, int cpu,
						 unsigned long nr, gfp_t gfp)
{
	struct hr_test_remote call = { .heap = heap, .nr = nr, .gfp = gfp };

	smp_call_on_cpu(cpu, hr_test_remote_alloc, &call, false);
	return call.addr;
}

static inline unsigned long hr_test_alloc_on(struct kunit *test, struct heapranges *heap,
					     int cpu, unsigned long nr)
{
	unsigned long addr = hr_test_alloc_gfp_on(heap, cpu, nr, HR_TEST_QUIET);

	KUNIT_ASSERT_NE_MSG(test, addr, 0UL, "alloc cpu=%d pages=%lu", cpu, nr);
	return addr;
}

/* @nr: HR_TEST_NO_SIZE: without one. Return: the errno. */
static inline int hr_test_try_free_on(struct heapranges *heap, int cpu,
				      unsigned long addr, unsigned long nr)
{
	struct hr_test_remote call = { .heap = heap, .addr = addr, .nr = nr };

	return smp_call_on_cpu(cpu, hr_test_remote_free, &call, false);
}

static inline void hr_test_free_on(struct kunit *test, struct heapranges *heap, int cpu,
				   unsigned long addr)
{
	KUNIT_EXPECT_EQ_MSG(test, hr_test_try_free_on(heap, cpu, addr, HR_TEST_NO_SIZE), 0,
			    "free cpu=%d addr=%lx", cpu, addr);
}

/* A run at @addr, which no refill has brought neighbours to. */
static inline void hr_test_alloc_there(struct kunit *test, struct heapranges *heap,
				       unsigned long addr, unsigned long nr)
{
	void *got = heapranges_alloc_at(heap, addr, nr, HR_TEST_QUIET);

	KUNIT_ASSERT_EQ_MSG(test, (unsigned long)got, addr, "alloc_at pages=%lu", nr);
}

static inline unsigned long hr_test_cached(struct kunit *test, struct heapranges *heap)
{
	return hr_test_stats(test, heap).cached_pages;
}

/* Nothing is parked any more. */
static inline void hr_test_drain(struct kunit *test, struct heapranges *heap)
{
	hr_cache_drain(heap);
	KUNIT_EXPECT_EQ(test, hr_test_cached(test, heap), 0UL);
}

/* What one CPU may hold of @heap. */
static inline unsigned long hr_test_cache_limit(struct kunit *test,
						struct heapranges *heap)
{
	unsigned long owned = hr_test_stats(test, heap).owned_pages;

	return min(HR_TEST_CACHE_PAGES, owned / (4 * num_possible_cpus()));
}

/* Of addresses only, in one region from @page on. */
static inline struct heapranges *hr_test_cached_heap(struct kunit *test,
						     unsigned long page,
						     unsigned long nr_pages)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HEAPRANGES_ADDRESS_ONLY);

	hr_test_add(test, heap, hr_test_addr(page), nr_pages);
	return heap;
}

#endif /* HR_TEST_CACHE_HELPERS_H */
