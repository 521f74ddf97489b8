// SPDX-License-Identifier: GPL-2.0
/*
 * What is measured by the time of many pairs:
 *
 *   pair		an allocation and its free, again and again
 *   batch		32 allocations, then their frees
 *   mixed		a random one of 256 live runs goes, one of a random size comes
 *   fragmented		the same in a pool of which 90 % are in use, with holes all over
 *   interleaved	batch, on CPUs that have filled their caches taking turns, so that
 *			their runs lie between each other in the same chunk
 *   alternating	batch, on CPUs of which each has every second run of a row
 */
#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/cpumask.h>
#include <linux/sched.h>

#include "bench.h"

static const unsigned long bench_loops_pages[] = { 1, 4, 16, 64 };

static void bench_pair_run(struct bench_work *w, unsigned long nr_pairs)
{
	for (; nr_pairs; nr_pairs--)
		bench_give(w, bench_take(w, w->nr_pages), w->nr_pages);
}

static void bench_batch_run(struct bench_work *w, unsigned long nr_pairs)
{
	for (; nr_pairs; nr_pairs -= BENCH_BATCH) {
		for (int i = 0; i < BENCH_BATCH; i++)
			w->batch[i] = bench_take(w, w->nr_pages);
		for (int i = 0; i < BENCH_BATCH; i++)
			bench_give(w, w->batch[i], w->nr_pages);
	}
}

/* A random one of the runs is replaced. */
static void bench_replace_run(struct bench_work *w, unsigned long nr_pairs)
{
	for (; nr_pairs; nr_pairs--) {
		unsigned int step = w->step++ % BENCH_TRACE;
		unsigned int i = w->which[step];

		bench_give(w, w->runs[i], w->run_pages[i]);
		w->runs[i] = bench_take(w, w->sizes[step]);
		w->run_pages[i] = w->sizes[step];
	}
}

static void bench_replace_finish(struct bench_work *w)
{
	for (unsigned long i = 0; i < w->nr_runs; i++)
		bench_give(w, w->runs[i], w->run_pages[i]);
}

static int bench_mixed_prepare(struct bench_work *w)
{
	bench_trace_make(w, BENCH_LIVE);
	w->nr_runs = BENCH_LIVE;
	for (int i = 0; i < BENCH_LIVE; i++) {
		w->run_pages[i] = w->sizes[i];
		w->runs[i] = bench_take(w, w->sizes[i]);
	}
	return 0;
}

/* Of what fills the pool, a random tenth of the runs goes. */
static int bench_fragmented_prepare(struct bench_work *w)
{
	unsigned long nr_runs = 0, i;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, BENCH_SEED);
	while (nr_runs < BENCH_REGION_PAGES) {
		void *run = w->peer->alloc(w->nr_pages);

		if (!run)
			break;
		w->runs[nr_runs++] = run;
	}
	for (w->nr_runs = nr_runs; w->nr_runs > nr_runs * 9 / 10; w->nr_runs--) {
		i = prandom_u32_state(&rnd) % w->nr_runs;
		w->peer->free(w->runs[i], w->nr_pages);
		w->runs[i] = w->runs[w->nr_runs - 1];
	}
	for (i = 0; i < w->nr_runs; i++)
		w->run_pages[i] = w->nr_pages;
	bench_trace_make(w, w->nr_runs);
	return w->nr_runs ? 0 : -ENOMEM;
}

/* Whose turn it is, counted on; of what two CPUs do one after the other. */
static atomic_t bench_turn;

static void bench_wait_for_turn(struct bench_work *w, int turn)
{
	while (atomic_read(&bench_turn) != turn * w->nr_workers + w->worker_idx) {
		cpu_relax();
		cond_resched();
	}
}

/* A CPU fills its caches when the one before it is done with that. */
static int bench_batch_prepare(struct bench_work *w)
{
	bench_wait_for_turn(w, 0);
	bench_batch_run(w, BENCH_BATCH);
	atomic_inc(&bench_turn);
	return 0;
}

static int bench_interleaved_prepare(struct bench_work *w)
{
	for (int i = 0; i < BENCH_BATCH; i++) {
		bench_wait_for_turn(w, i);
		w->batch[i] = bench_take(w, w->nr_pages);
		atomic_inc(&bench_turn);
	}
	for (int i = 0; i < BENCH_BATCH; i++)
		bench_give(w, w->batch[i], w->nr_pages);
	return 0;
}

/* The first CPU takes all of a row; each frees every second one of them. */
static void *bench_row_runs[2 * BENCH_BATCH];

static int bench_alternating_prepare(struct bench_work *w)
{
	bench_wait_for_turn(w, 0);
	for (int i = 0; !w->worker_idx && i < ARRAY_SIZE(bench_row_runs); i++)
		bench_row_runs[i] = bench_take(w, w->nr_pages);
	for (int i = w->worker_idx; i < ARRAY_SIZE(bench_row_runs); i += 2)
		bench_give(w, bench_row_runs[i], w->nr_pages);
	atomic_inc(&bench_turn);
	return 0;
}

static const struct bench_load bench_pair = { "pair", NULL, bench_pair_run, NULL };

static const struct bench_load bench_batch = {
	"batch", bench_batch_prepare, bench_batch_run, NULL
};

static const struct bench_load bench_mixed = {
	"mixed", bench_mixed_prepare, bench_replace_run, bench_replace_finish
};

static const struct bench_load bench_fragmented = {
	"fragmented", bench_fragmented_prepare, bench_replace_run, bench_replace_finish
};

static const struct bench_load bench_interleaved = {
	"interleaved", bench_interleaved_prepare, bench_batch_run, NULL
};

static const struct bench_load bench_alternating = {
	"alternating", bench_alternating_prepare, bench_batch_run, NULL
};

/* Each figure has a pool of its own. */
static int bench_loops_one(const struct bench_load *load, const struct bench_peer *peer,
			   unsigned long nr_pages, int nr_workers)
{
	int err;

	if (!bench_can(peer, nr_pages) || nr_workers > num_online_cpus())
		return 0;
	err = peer->setup ? peer->setup() : 0;
	if (err)
		return bench_failed(load->name, peer, err);
	atomic_set(&bench_turn, 0);
	err = bench_measure(load, peer, nr_pages, nr_workers, "-");
	if (peer->teardown)
		peer->teardown();
	return err;
}

/* One CPU, then two: what is compared is measured one after the other. */
static int bench_loops_size(const struct bench_peer *peer, unsigned long nr_pages)
{
	int err = 0;

	for (int nr_workers = 1; nr_workers <= 2 && !err; nr_workers++)
		err = bench_loops_one(&bench_pair, peer, nr_pages, nr_workers);
	for (int nr_workers = 1; nr_workers <= 2 && !err; nr_workers++)
		err = bench_loops_one(&bench_batch, peer, nr_pages, nr_workers);
	if (!err)
		err = bench_loops_one(&bench_interleaved, peer, nr_pages, 2);
	if (!err)
		err = bench_loops_one(&bench_alternating, peer, nr_pages, 2);
	if (!err && !peer->is_endless)
		err = bench_loops_one(&bench_fragmented, peer, nr_pages, 1);
	return err;
}

static int bench_loops_peer(const struct bench_peer *peer)
{
	int err = 0;

	for (int i = 0; i < ARRAY_SIZE(bench_loops_pages) && !err; i++)
		err = bench_loops_size(peer, bench_loops_pages[i]);
	for (int nr_workers = 1; nr_workers <= 2 && !err; nr_workers++)
		err = bench_loops_one(&bench_mixed, peer, BENCH_MIXED, nr_workers);
	return err;
}

int bench_loops(void)
{
	return bench_each_peer(bench_loops_peer);
}
