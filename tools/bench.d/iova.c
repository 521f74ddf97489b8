// SPDX-License-Identifier: GPL-2.0
/* alloc_iova_fast(), as a peer: addresses for devices, with caches for each CPU. */
#include <linux/iova.h>

#include "bench.h"

/* One space, of page numbers from 1 on. */
static struct iova_domain bench_domain;
static unsigned long bench_iova_limit;

static int bench_iova_make(unsigned long nr_regions)
{
	int err = iova_cache_get();

	if (err)
		return err;
	bench_iova_limit = nr_regions * BENCH_REGION_PAGES;
	init_iova_domain(&bench_domain, PAGE_SIZE, 1);
	return iova_domain_init_rcaches(&bench_domain);
}

static int bench_iova_setup(void)
{
	return bench_iova_make(1);
}

/*
 * From the top down, as it searches. At the bottom the hole lies behind what is free
 * besides, since it aligns what it allocates, and page 0 is no page.
 */
static int bench_iova_fill(unsigned long nr_regions)
{
	int err = bench_iova_make(nr_regions);

	for (unsigned long i = 0; i < nr_regions && !err; i++) {
		bool is_last = i + 1 == nr_regions;

		if (!alloc_iova(&bench_domain,
				BENCH_REGION_PAGES - (is_last ? 2 * BENCH_HOLE_PAGES : 0),
				bench_iova_limit, false))
			err = -ENOSPC;
	}
	return err;
}

/* All that is in the domain goes with it. */
static void bench_iova_teardown(void)
{
	put_iova_domain(&bench_domain);
	iova_cache_put();
}

static void *bench_iova_alloc(unsigned long nr_pages)
{
	return (void *)alloc_iova_fast(&bench_domain, nr_pages, bench_iova_limit, true);
}

static void bench_iova_free(void *run, unsigned long nr_pages)
{
	free_iova_fast(&bench_domain, (unsigned long)run, nr_pages);
}

const struct bench_peer bench_iova = {
	.name = "iova",
	.setup = bench_iova_setup,
	.fill = bench_iova_fill,
	.teardown = bench_iova_teardown,
	.alloc = bench_iova_alloc,
	.free = bench_iova_free,
};
