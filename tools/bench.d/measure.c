// SPDX-License-Identifier: GPL-2.0
/*
 * Rounds of a load, on one CPU or on several at once.
 *
 * Each CPU has a task of its own. A round begins for all of them together, and none
 * of them rests before all have taken their time: what is measured is never the load
 * of one that is alone by now.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "bench.h"

#define BENCH_WORKERS_MAX	2
#define BENCH_ROUNDS_MAX	101
#define BENCH_LEAST_PAIRS	256
#define BENCH_MOST_PAIRS	BIT(20)

struct bench_crew {
	struct bench_work *works[BENCH_WORKERS_MAX];
	u64 ticks[BENCH_WORKERS_MAX][BENCH_ROUNDS_MAX];
	int nr_workers;
	unsigned long nr_pairs;
	atomic_t nr_arrived;	/* at meetings, of all */
	atomic_t nr_finished;	/* rounds, of all */
	atomic_t nr_left, err;
	struct completion done;
};

struct bench_worker {
	struct bench_crew *crew;
	int idx;
};

u64 bench_idle_ticks(void)
{
	u64 least = U64_MAX;

	for (int i = 0; i < 64; i++) {
		u64 start = bench_ticks();

		least = min(least, bench_ticks() - start);
	}
	return least;
}

/* Waits until all have come here for the @nth time, from 1. */
static void bench_meet(struct bench_crew *crew, int nth)
{
	atomic_inc(&crew->nr_arrived);
	while (atomic_read(&crew->nr_arrived) < nth * crew->nr_workers) {
		cpu_relax();
		cond_resched();
	}
}

/* How many pairs a round has: a warm-up finds out. On a clock of instructions: few. */
static unsigned long bench_warm_up(struct bench_work *w)
{
	unsigned long nr_pairs = BENCH_LEAST_PAIRS;
	u64 target = bench_round_us * bench_khz / 1000, start;

	w->load->run(w, nr_pairs);
	for (;;) {
		start = bench_ticks();
		w->load->run(w, nr_pairs);
		if (bench_ticks() - start >= target || nr_pairs >= BENCH_MOST_PAIRS)
			return nr_pairs;
		nr_pairs *= 2;
	}
}

static void bench_rounds(struct bench_crew *crew, int idx)
{
	struct bench_work *w = crew->works[idx];
	u64 idle = bench_idle_ticks(), start;

	for (int round = 0; round < bench_nr_rounds; round++) {
		bench_meet(crew, 4 + round);
		start = bench_ticks();
		w->load->run(w, crew->nr_pairs);
		crew->ticks[idx][round] = bench_ticks() - start - idle;
		atomic_inc(&crew->nr_finished);
		while (atomic_read(&crew->nr_finished) < (round + 1) * crew->nr_workers)
			w->load->run(w, BENCH_BATCH);
		cond_resched();
	}
}

static int bench_worker_run(void *data)
{
	struct bench_worker *worker = data;
	struct bench_crew *crew = worker->crew;
	struct bench_work *w = crew->works[worker->idx];
	int err = w->load->prepare ? w->load->prepare(w) : 0;

	if (err)
		atomic_set(&crew->err, err);
	bench_meet(crew, 1);
	if (!atomic_read(&crew->err)) {
		/* All warm up, the first one counts. */
		unsigned long nr_pairs = bench_warm_up(w);

		bench_meet(crew, 2);
		if (!worker->idx)
			crew->nr_pairs = nr_pairs;
		bench_meet(crew, 3);
		bench_rounds(crew, worker->idx);
	}
	if (w->load->finish)
		w->load->finish(w);
	if (atomic_dec_and_test(&crew->nr_left))
		complete(&crew->done);
	return 0;
}

static void bench_work_destroy(struct bench_work *w)
{
	if (!w)
		return;
	vfree(w->runs);
	vfree(w->run_pages);
	vfree(w);
}

static struct bench_work *bench_work_create(void)
{
	struct bench_work *w = vzalloc(sizeof(*w));

	if (!w)
		return NULL;
	w->runs = vzalloc(array_size(BENCH_REGION_PAGES, sizeof(*w->runs)));
	w->run_pages = vzalloc(BENCH_REGION_PAGES);
	if (w->runs && w->run_pages)
		return w;
	bench_work_destroy(w);
	return NULL;
}

/* When it has returned, no code of this module is its own any more. */
static void bench_stop(struct task_struct *task)
{
	kthread_stop(task);
	put_task_struct(task);
}

static int bench_crew_run(struct bench_crew *crew)
{
	struct bench_worker workers[BENCH_WORKERS_MAX];
	struct task_struct *tasks[BENCH_WORKERS_MAX];

	for (int i = 0; i < crew->nr_workers; i++) {
		workers[i] = (struct bench_worker){ crew, i };
		tasks[i] = kthread_create(bench_worker_run, &workers[i], "bench/%d", i);
		if (IS_ERR(tasks[i])) {
			while (i--)
				bench_stop(tasks[i]);
			return -ENOMEM;
		}
		kthread_bind(tasks[i], i);
		get_task_struct(tasks[i]);
	}
	/* The one that waits here for the others last: it is alone on this CPU then. */
	for (int i = crew->nr_workers - 1; i >= 0; i--)
		wake_up_process(tasks[i]);
	wait_for_completion(&crew->done);
	for (int i = 0; i < crew->nr_workers; i++)
		bench_stop(tasks[i]);
	return atomic_read(&crew->err);
}

/* Of each round, the mean of what the CPUs took. */
static void bench_say_rounds(struct bench_crew *crew, const char *space)
{
	struct bench_work *w = crew->works[0];

	for (int round = 0; round < bench_nr_rounds; round++) {
		u64 sum = 0;

		for (int i = 0; i < crew->nr_workers; i++)
			sum += crew->ticks[i][round];
		bench_row(w->load->name, w->peer, w->nr_pages, crew->nr_workers, space, sum,
			  (u64)crew->nr_workers * crew->nr_pairs);
	}
}

/* Return: allocations that failed. */
static unsigned long bench_crew_failures(struct bench_crew *crew)
{
	unsigned long sum = 0;

	for (int i = 0; i < crew->nr_workers; i++)
		sum += crew->works[i]->nr_failures;
	return sum;
}

static int bench_crew_fill(struct bench_crew *crew, const struct bench_load *load,
			   const struct bench_peer *peer, unsigned long nr_pages)
{
	for (int i = 0; i < crew->nr_workers; i++) {
		struct bench_work *w = bench_work_create();

		if (!w)
			return -ENOMEM;
		crew->works[i] = w;
		w->load = load;
		w->peer = peer;
		w->nr_pages = nr_pages;
		w->worker_idx = i;
		w->nr_workers = crew->nr_workers;
	}
	return 0;
}

int bench_measure(const struct bench_load *load, const struct bench_peer *peer,
		  unsigned long nr_pages, int nr_workers, const char *space)
{
	struct bench_crew *crew = kzalloc(sizeof(*crew), GFP_KERNEL);
	int err;

	if (!crew)
		return -ENOMEM;
	crew->nr_workers = nr_workers;
	atomic_set(&crew->nr_left, nr_workers);
	init_completion(&crew->done);
	err = bench_crew_fill(crew, load, peer, nr_pages);
	if (!err)
		err = bench_crew_run(crew);
	if (!err)
		bench_say_rounds(crew, space);
	if (!err && bench_crew_failures(crew))
		err = bench_failed(load->name, peer, bench_crew_failures(crew));
	for (int i = 0; i < nr_workers; i++)
		bench_work_destroy(crew->works[i]);
	kfree(crew);
	return err;
}
