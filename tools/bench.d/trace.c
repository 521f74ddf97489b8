// SPDX-License-Identifier: GPL-2.0
/*
 * Which sizes are asked for and which runs are freed, in the same order for all peers.
 *
 * The sizes are like those of the areas in /proc/vmallocinfo of a Debian 12 with 470 of
 * them: 70 of 100 have 4 pages, the stacks of tasks, 23 have one, 3 two. The rest has
 * more weight here, and ends at 64 pages.
 */
#include <linux/printk.h>

#include "bench.h"

#define BENCH_WEIGHTS		64

static const struct {
	u8 nr_pages, weight;
} bench_sizes[] = {
	{ 1, 16 }, { 2, 4 }, { 3, 2 }, { 4, 32 }, { 8, 4 }, { 16, 3 }, { 32, 2 }, { 64, 1 },
};

unsigned long bench_trace_size(struct rnd_state *rnd, unsigned long nr_pages)
{
	unsigned int drawn;

	if (nr_pages != BENCH_MIXED)
		return nr_pages;
	drawn = prandom_u32_state(rnd) % BENCH_WEIGHTS;
	for (int i = 0; i < ARRAY_SIZE(bench_sizes); i++) {
		if (drawn < bench_sizes[i].weight)
			return bench_sizes[i].nr_pages;
		drawn -= bench_sizes[i].weight;
	}
	return 1;
}

void bench_trace_make(struct bench_work *w, unsigned long nr_slots)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, BENCH_SEED + w->worker_idx);
	for (int i = 0; i < BENCH_TRACE; i++) {
		w->which[i] = prandom_u32_state(&rnd) % nr_slots;
		w->sizes[i] = bench_trace_size(&rnd, w->nr_pages);
	}
}

void bench_trace_say(void)
{
	char line[128];
	int length = 0;

	for (int i = 0; i < ARRAY_SIZE(bench_sizes); i++)
		length += scnprintf(line + length, sizeof(line) - length, " %u:%u",
				    bench_sizes[i].nr_pages, bench_sizes[i].weight);
	pr_info("bench: distribution%s\n", line);
	pr_info("bench: seed %d\n", BENCH_SEED);
}
