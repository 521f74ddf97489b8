// SPDX-License-Identifier: GPL-2.0
/*
 * heapranges, as two peers: with its caches, and without. A pool is a heap of one
 * arena, of memory; many regions are addresses only.
 */
#include <linux/err.h>
#include <linux/numa.h>
#include <linux/rcupdate.h>

#include "bench.h"
#include "heapranges.h"

static struct heapranges *bench_the_heap;
static unsigned long bench_heap_regions;

struct heapranges *bench_heap(void)
{
	return bench_the_heap;
}

static int bench_heap_make(const struct heapranges_params *params)
{
	struct heapranges *heap = heapranges_create(params);

	if (IS_ERR(heap))
		return PTR_ERR(heap);
	bench_the_heap = heap;
	bench_heap_regions = 0;
	return 0;
}

static int bench_heap_setup_flags(unsigned int flags)
{
	const struct heapranges_params params = {
		.name = "bench",
		.node = NUMA_NO_NODE,
		.min_pages = BENCH_REGION_PAGES,
		.max_pages = BENCH_REGION_PAGES,
		.flags = flags,
	};

	return bench_heap_make(&params);
}

static int bench_heap_setup(void)
{
	return bench_heap_setup_flags(0);
}

static int bench_uncached_setup(void)
{
	return bench_heap_setup_flags(HEAPRANGES_NO_CACHE);
}

static void *bench_heap_alloc(unsigned long nr_pages)
{
	return heapranges_alloc(bench_the_heap, nr_pages, GFP_KERNEL | __GFP_NOWARN);
}

static void bench_heap_free(void *run, unsigned long nr_pages)
{
	heapranges_free(bench_the_heap, run);
}

static unsigned long bench_heap_region(unsigned long i)
{
	return BENCH_REGION_BASE + i * BENCH_REGION_STRIDE;
}

/* Each region is one run; the last one lacks the hole. */
static int bench_heap_fill_regions(unsigned long nr_regions)
{
	for (unsigned long i = 0; i < nr_regions; i++) {
		bool is_last = i + 1 == nr_regions;

		if (!bench_heap_alloc(BENCH_REGION_PAGES - (is_last ? BENCH_HOLE_PAGES : 0)))
			return -ENOSPC;
	}
	return 0;
}

/* Each one leaves a range array behind for RCU to free: not too many at once. */
static int bench_heap_add_regions(unsigned long nr_regions)
{
	int err = 0;

	for (unsigned long i = 0; i < nr_regions && !err; i++) {
		err = heapranges_add(bench_the_heap, bench_heap_region(i), BENCH_REGION_PAGES);
		if (i % 256 == 255)
			synchronize_rcu();
	}
	bench_heap_regions = nr_regions;
	return err;
}

static int bench_heap_fill_flags(unsigned long nr_regions, unsigned int flags)
{
	const struct heapranges_params params = {
		.name = "bench",
		.node = NUMA_NO_NODE,
		.flags = HEAPRANGES_ADDRESS_ONLY | flags,
	};

	return bench_heap_make(&params) ?:
	       bench_heap_add_regions(nr_regions) ?:
	       bench_heap_fill_regions(nr_regions);
}

static int bench_heap_fill(unsigned long nr_regions)
{
	return bench_heap_fill_flags(nr_regions, 0);
}

static int bench_uncached_fill(unsigned long nr_regions)
{
	return bench_heap_fill_flags(nr_regions, HEAPRANGES_NO_CACHE);
}

static void bench_heap_teardown(void)
{
	int err;

	for (unsigned long i = 0; i < bench_heap_regions; i++)
		bench_heap_free((void *)bench_heap_region(i), 0);
	err = heapranges_destroy(bench_the_heap);
	if (err)
		bench_failed("teardown", &bench_heapranges, err);
	bench_the_heap = NULL;
	rcu_barrier();
}

const struct bench_peer bench_heapranges = {
	.name = "heapranges",
	.setup = bench_heap_setup,
	.fill = bench_heap_fill,
	.teardown = bench_heap_teardown,
	.alloc = bench_heap_alloc,
	.free = bench_heap_free,
};

const struct bench_peer bench_heapranges_uncached = {
	.name = "uncached",
	.setup = bench_uncached_setup,
	.fill = bench_uncached_fill,
	.teardown = bench_heap_teardown,
	.alloc = bench_heap_alloc,
	.free = bench_heap_free,
};
