// SPDX-License-Identifier: GPL-2.0
/*
 * What caches cost heapranges when they do not do: 512 allocations in a row, with all
 * refills, against 32 that a cache has; their frees, with all flushes, against 32 that
 * it holds; and a drain of what is parked then.
 */
#include <linux/kernel.h>

#include "bench.h"
#include "heapranges.h"

#define BENCH_ROW_RUNS		512

static void *bench_costs_runs[BENCH_ROW_RUNS];
static const unsigned long bench_costs_pages[] = { 1, 4, 16 };

static int bench_costs_row(int nr_runs, unsigned long nr_pages, const char *take,
			   const char *give)
{
	const struct bench_peer *peer = &bench_heapranges;
	u64 idle = bench_idle_ticks(), start, middle, end;

	start = bench_ticks();
	for (int i = 0; i < nr_runs; i++)
		bench_costs_runs[i] = peer->alloc(nr_pages);
	middle = bench_ticks();
	for (int i = 0; i < nr_runs; i++)
		peer->free(bench_costs_runs[i], nr_pages);
	end = bench_ticks();
	bench_row(take, peer, nr_pages, 1, "-", middle - start - idle, nr_runs);
	bench_row(give, peer, nr_pages, 1, "-", end - middle - idle, nr_runs);
	return bench_costs_runs[nr_runs - 1] ? 0 : -ENOMEM;
}

/* Against a drain of nothing. */
static int bench_costs_drain(unsigned long nr_pages)
{
	struct heapranges_stats stats;
	u64 start, drain, nothing;

	heapranges_get_stats(bench_heap(), &stats);
	start = bench_ticks();
	heapranges_trim(bench_heap());
	drain = bench_ticks() - start;
	start = bench_ticks();
	heapranges_trim(bench_heap());
	nothing = bench_ticks() - start;
	if (!stats.cached_pages)
		return -EIO;
	bench_row("drain", &bench_heapranges, nr_pages, 1, "-", drain - nothing,
		  stats.cached_pages);
	return 0;
}

static int bench_costs_measure(unsigned long nr_pages)
{
	int err = 0;

	for (int round = 0; round <= bench_nr_rounds && !err; round++) {
		err = bench_costs_row(BENCH_ROW_RUNS, nr_pages, "take-row", "give-row") ?:
		      bench_costs_drain(nr_pages) ?:
		      bench_costs_row(BENCH_BATCH, nr_pages, "warm-up", "warm-up") ?:
		      bench_costs_row(BENCH_BATCH, nr_pages, "take-cached", "give-cached");
		heapranges_trim(bench_heap());
	}
	return err ? bench_failed("costs", &bench_heapranges, err) : 0;
}

int bench_costs(void)
{
	int err = 0;

	for (int i = 0; i < ARRAY_SIZE(bench_costs_pages) && !err; i++) {
		err = bench_heapranges.setup() ?: bench_costs_measure(bench_costs_pages[i]);
		bench_heapranges.teardown();
	}
	return err;
}
