// SPDX-License-Identifier: GPL-2.0
/* gen_pool, as a peer, which looks at its regions from the newest to the oldest. */
#include <linux/genalloc.h>
#include <linux/numa.h>

#include "bench.h"

static struct gen_pool *bench_the_pool;
static unsigned long bench_pool_regions;

static unsigned long bench_pool_region(unsigned long i)
{
	return BENCH_REGION_BASE + i * BENCH_REGION_STRIDE;
}

static int bench_pool_add(unsigned long i)
{
	return gen_pool_add(bench_the_pool, bench_pool_region(i), BENCH_REGION_BYTES,
			    NUMA_NO_NODE);
}

static int bench_pool_setup(void)
{
	bench_pool_regions = 0;
	bench_the_pool = gen_pool_create(PAGE_SHIFT, NUMA_NO_NODE);
	return bench_the_pool ? bench_pool_add(0) : -ENOMEM;
}

/* Each region is filled when it is new; the first one lacks the hole. */
static int bench_pool_fill(unsigned long nr_regions)
{
	unsigned long bytes = BENCH_REGION_BYTES - BENCH_HOLE_PAGES * PAGE_SIZE;
	int err = bench_pool_setup();

	for (unsigned long i = 0; i < nr_regions && !err; i++) {
		if (i)
			err = bench_pool_add(i);
		if (!err && !gen_pool_alloc(bench_the_pool, bytes))
			err = -ENOSPC;
		bytes = BENCH_REGION_BYTES;
		bench_pool_regions = i + 1;
	}
	return err;
}

static void bench_pool_teardown(void)
{
	if (!bench_the_pool)
		return;
	for (unsigned long i = 0; i < bench_pool_regions; i++)
		gen_pool_free(bench_the_pool, bench_pool_region(i),
			      BENCH_REGION_BYTES - (i ? 0 : BENCH_HOLE_PAGES * PAGE_SIZE));
	gen_pool_destroy(bench_the_pool);
	bench_the_pool = NULL;
}

static void *bench_pool_alloc(unsigned long nr_pages)
{
	return (void *)gen_pool_alloc(bench_the_pool, nr_pages * PAGE_SIZE);
}

static void bench_pool_free(void *run, unsigned long nr_pages)
{
	gen_pool_free(bench_the_pool, (unsigned long)run, nr_pages * PAGE_SIZE);
}

const struct bench_peer bench_gen_pool = {
	.name = "gen_pool",
	.setup = bench_pool_setup,
	.fill = bench_pool_fill,
	.teardown = bench_pool_teardown,
	.alloc = bench_pool_alloc,
	.free = bench_pool_free,
};
