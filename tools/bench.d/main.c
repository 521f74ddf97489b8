// SPDX-License-Identifier: GPL-2.0
/*
 * Measures heapranges beside the kernel's own allocators. What is written to
 * /sys/module/bench/parameters/step, one at a time:
 *
 *   loops	the time of many pairs, see loops.c
 *   growth	of pairs in ever larger pools, see growth.c
 *   calls	of single calls, see calls.c
 *   costs	of refills, flushes and drains, see costs.c
 *
 * Each figure is a line
 *
 *   bench: row <load> <peer> <pages> <CPUs> <space> <ticks> <operations>
 *
 * in the log, <space> being what a pool has grown to. A line "bench: failed ..." is
 * about a figure that must not be believed.
 */
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "bench.h"

unsigned int bench_nr_rounds = 5;
module_param_named(rounds, bench_nr_rounds, uint, 0400);
MODULE_PARM_DESC(rounds, "rounds of each load (default: 5, at most 101)");

unsigned int bench_round_us = 1000;
module_param_named(round_us, bench_round_us, uint, 0400);
MODULE_PARM_DESC(round_us, "how long a round takes at least, in microseconds; 0: 256 pairs (default: 1000)");

static char *bench_only = "";
module_param_named(only, bench_only, charp, 0400);
MODULE_PARM_DESC(only, "the only peer that is measured (default: all)");

u64 bench_khz;

/* Those that a kernel may lack are there if tools/bench found them. */
static const struct bench_peer * const bench_peers[] = {
	&bench_heapranges,
	&bench_heapranges_uncached,
	&bench_kvmalloc,
	&bench_get_free_pages,
	&bench_kmem_cache,
#ifdef BENCH_HAS_genalloc
	&bench_gen_pool,
#endif
#ifdef BENCH_HAS_iova
	&bench_iova,
#endif
#ifdef BENCH_HAS_gpu_buddy
	&bench_gpu_buddy,
#endif
	&bench_vmalloc,
	&bench_nothing,
};

void bench_row(const char *load, const struct bench_peer *peer, unsigned long nr_pages,
	       int nr_workers, const char *space, u64 ticks, u64 nr)
{
	pr_info("bench: row %s %s %lu %d %s %llu %llu\n", load, peer->name, nr_pages,
		nr_workers, space, ticks, nr);
}

int bench_failed(const char *what, const struct bench_peer *peer, long result)
{
	pr_info("bench: failed %s %s %ld\n", what, peer->name, result);
	return -EIO;
}

int bench_each_peer(int (*fn)(const struct bench_peer *peer))
{
	int err = 0;

	for (int i = 0; i < ARRAY_SIZE(bench_peers) && !err; i++) {
		if (!*bench_only || !strcmp(bench_only, bench_peers[i]->name))
			err = fn(bench_peers[i]);
	}
	return err;
}

static const struct {
	const char *name;
	int (*take)(void);
} bench_steps[] = {
	{ "loops", bench_loops },
	{ "growth", bench_growth },
	{ "calls", bench_calls },
	{ "costs", bench_costs },
};

/* On the first CPU, where its tasks of their own are bound to theirs. */
static int bench_step_set(const char *val, const struct kernel_param *kp)
{
	int err = set_cpus_allowed_ptr(current, cpumask_of(0));

	if (err)
		return err;
	for (int i = 0; i < ARRAY_SIZE(bench_steps); i++) {
		if (sysfs_streq(val, bench_steps[i].name))
			return bench_steps[i].take();
	}
	return -EINVAL;
}

static const struct kernel_param_ops bench_step_ops = { .set = bench_step_set };
module_param_cb(step, &bench_step_ops, NULL, 0200);
MODULE_PARM_DESC(step, "what to do next");

/* Over 50 ms. */
static u64 bench_measure_khz(void)
{
	u64 start = bench_ticks(), start_ns = ktime_get_ns(), ns;

	do {
		ns = ktime_get_ns() - start_ns;
		cpu_relax();
	} while (ns < 50 * NSEC_PER_MSEC);
	return div64_u64((bench_ticks() - start) * NSEC_PER_MSEC, ns);
}

static int __init bench_init(void)
{
	if (!bench_nr_rounds || bench_nr_rounds > 101)
		return -EINVAL;
	bench_khz = bench_measure_khz();
	pr_info("bench: khz %llu\n", bench_khz);
	pr_info("bench: rounds %u\n", bench_nr_rounds);
	pr_info("bench: cpus %u\n", num_online_cpus());
	bench_trace_say();
	return 0;
}

static void __exit bench_exit(void)
{
}
module_init(bench_init);
module_exit(bench_exit);

MODULE_DESCRIPTION("Measures heapranges beside the kernel's own allocators");
MODULE_AUTHOR("The heapranges authors");
MODULE_LICENSE("GPL");
