// SPDX-License-Identifier: GPL-2.0
/*
 * Single calls: half of them take no longer than p50, 99 of 100 no longer than p99,
 * and none longer than max. Allocations come in bursts, 64 in a row on average, and
 * frees of random runs in bursts between them, so that caches fill and run dry.
 */
#include <linux/minmax.h>
#include <linux/sort.h>

#include "bench.h"

/* Fewer where they are slow: in a virtual machine that counts instructions. */
#define BENCH_CALLS		2048
#define BENCH_CALLS_COUNTED	1024
#define BENCH_BURST		64
#define BENCH_MOST_RUNS		512

/* Of a kind of call, what each took. */
struct bench_samples {
	u32 ticks[BENCH_CALLS];
	unsigned int nr;
};

struct bench_burst {
	const struct bench_peer *peer;
	unsigned long nr_pages;
	struct rnd_state rnd;
	u64 idle;
	void *runs[BENCH_MOST_RUNS];
	unsigned int nr_runs, most_runs, nr_calls;
	bool is_growing;
	struct bench_samples take, give;
};

/* One at a time. Guarded by the lock of this module's parameters. */
static struct bench_burst bench_the_burst;

static const unsigned long bench_calls_pages[] = { 1, 4, 16, 64 };

static void bench_sample(struct bench_burst *b, struct bench_samples *samples, u64 ticks)
{
	if (samples->nr < b->nr_calls)
		samples->ticks[samples->nr++] = ticks > b->idle ? ticks - b->idle : 0;
}

static bool bench_burst_take(struct bench_burst *b)
{
	u64 start = bench_ticks();
	void *run = b->peer->alloc(b->nr_pages);
	u64 end = bench_ticks();

	if (!run)
		return false;
	bench_sample(b, &b->take, end - start);
	b->runs[b->nr_runs++] = run;
	return true;
}

static void bench_burst_give(struct bench_burst *b)
{
	unsigned int i = prandom_u32_state(&b->rnd) % b->nr_runs;
	void *run = b->runs[i];
	u64 start;

	b->runs[i] = b->runs[--b->nr_runs];
	start = bench_ticks();
	b->peer->free(run, b->nr_pages);
	bench_sample(b, &b->give, bench_ticks() - start);
}

static bool bench_burst_step(struct bench_burst *b)
{
	if (!(prandom_u32_state(&b->rnd) % BENCH_BURST))
		b->is_growing = !b->is_growing;
	if (!b->nr_runs)
		b->is_growing = true;
	if (b->nr_runs == b->most_runs)
		b->is_growing = false;
	if (b->is_growing)
		return bench_burst_take(b);
	bench_burst_give(b);
	return true;
}

static int bench_ticks_cmp(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static void bench_samples_say(struct bench_samples *samples, struct bench_burst *b,
			      const char *p50, const char *p99, const char *max)
{
	sort(samples->ticks, samples->nr, sizeof(u32), bench_ticks_cmp, NULL);
	bench_row(p50, b->peer, b->nr_pages, 1, "-", samples->ticks[samples->nr / 2], 1);
	bench_row(p99, b->peer, b->nr_pages, 1, "-", samples->ticks[samples->nr * 99 / 100], 1);
	bench_row(max, b->peer, b->nr_pages, 1, "-", samples->ticks[samples->nr - 1], 1);
}

static int bench_burst_round(struct bench_burst *b, bool is_warm)
{
	b->take.nr = 0;
	b->give.nr = 0;
	while (b->take.nr < b->nr_calls || b->give.nr < b->nr_calls) {
		if (!bench_burst_step(b))
			return bench_failed("calls", b->peer, b->nr_runs);
	}
	if (is_warm) {
		bench_samples_say(&b->take, b, "alloc-p50", "alloc-p99", "alloc-max");
		bench_samples_say(&b->give, b, "free-p50", "free-p99", "free-max");
	}
	return 0;
}

static int bench_calls_measure(const struct bench_peer *peer, unsigned long nr_pages)
{
	struct bench_burst *b = &bench_the_burst;
	int err = 0;

	memset(b, 0, sizeof(*b));
	b->peer = peer;
	b->nr_pages = nr_pages;
	b->nr_calls = bench_round_us ? BENCH_CALLS : BENCH_CALLS_COUNTED;
	b->idle = bench_idle_ticks();
	b->most_runs = min_t(unsigned int, BENCH_MOST_RUNS, BENCH_REGION_PAGES / 2 / nr_pages);
	prandom_seed_state(&b->rnd, BENCH_SEED);
	for (int round = 0; round <= bench_nr_rounds && !err; round++)
		err = bench_burst_round(b, round);
	while (b->nr_runs)
		b->peer->free(b->runs[--b->nr_runs], nr_pages);
	return err;
}

static int bench_calls_peer(const struct bench_peer *peer)
{
	int err = 0;

	for (int i = 0; i < ARRAY_SIZE(bench_calls_pages) && !err; i++) {
		if (!bench_can(peer, bench_calls_pages[i]))
			continue;
		err = peer->setup ? peer->setup() : 0;
		if (err)
			return bench_failed("calls", peer, err);
		err = bench_calls_measure(peer, bench_calls_pages[i]);
		if (peer->teardown)
			peer->teardown();
	}
	return err;
}

int bench_calls(void)
{
	return bench_each_peer(bench_calls_peer);
}
