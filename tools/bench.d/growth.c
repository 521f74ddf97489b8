// SPDX-License-Identifier: GPL-2.0
/*
 * A pool that has grown, in regions of 64 MiB, to 1 TiB: an allocation and its free,
 * again and again, when all is full but the last 64 pages that a search comes to.
 */
#include <linux/kernel.h>

#include "bench.h"

static const struct {
	const char *space;
	unsigned long nr_regions;
} bench_spaces[] = {
	{ "64M", 1 }, { "1G", 16 }, { "16G", 256 }, { "256G", 4096 }, { "1T", 16384 },
};

static void bench_grown_run(struct bench_work *w, unsigned long nr_pairs)
{
	for (; nr_pairs; nr_pairs--)
		bench_give(w, bench_take(w, w->nr_pages), w->nr_pages);
}

static const struct bench_load bench_grown = { "grown", NULL, bench_grown_run, NULL };

static int bench_growth_size(const struct bench_peer *peer, int i, unsigned long nr_pages)
{
	const char *space = bench_spaces[i].space;
	int err = peer->fill(bench_spaces[i].nr_regions);

	if (err)
		bench_failed(space, peer, err);
	else
		err = bench_measure(&bench_grown, peer, nr_pages, 1, space);
	peer->teardown();
	return err;
}

static int bench_growth_peer(const struct bench_peer *peer)
{
	int err = 0;

	for (int i = 0; peer->fill && i < ARRAY_SIZE(bench_spaces) && !err; i++)
		err = bench_growth_size(peer, i, 1) ?:
		      bench_growth_size(peer, i, BENCH_HOLE_PAGES);
	return err;
}

int bench_growth(void)
{
	return bench_each_peer(bench_growth_peer);
}
