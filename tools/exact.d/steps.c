// SPDX-License-Identifier: GPL-2.0
/*
 * Counts the instructions of heapranges, in a virtual machine whose clock is its
 * instruction counter: there a difference of ktime_get_ns() is their number.
 *
 * Steps, written to /sys/module/exact/parameters/step one at a time:
 *
 *   heap 64G		makes a heap of so much, and says what its metadata takes
 *   pairs		measures an allocation and a free together, at several fillings
 *   calls		measures each alone, once the heap has got a large region too
 *   cached 64G		makes a heap with caches
 *   short		measures what goes by the caches, see cached.c
 *   start		takes the time
 *   stop <case>	says how much has passed since, of whatever was done between
 *   end		destroys the heap
 *   kernel		measures the kernel's own allocators; needs no heap
 *
 * Each figure is a line "exact: <case> <heap> <figure>" in the log, where <heap>
 * is as it was written, or "-". A line "exact: failed: ..." is about a figure that
 * must not be believed.
 *
 * A heap owns addresses only, in regions of 64 MiB of which no two abut. What is
 * measured includes the call and the loop around it, about 11 instructions.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/numa.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "exact.h"

#define EXACT_HOLES		16

#define EXACT_LIVE		4096
#define EXACT_SCATTER_ROUNDS	20
#define EXACT_AGE_ROUNDS	100

#define EXACT_REGION_PAGES	(SZ_64M / PAGE_SIZE)
#define EXACT_REGION_STRIDE	SZ_128M
#define EXACT_CHUNK_PAGES	(SZ_2M / PAGE_SIZE)
#define EXACT_BASE		BIT(40)

/* The large region: it begins and ends within a chunk, so a run of it does. */
#define EXACT_LARGE_PAGES	(SZ_1G / PAGE_SIZE)
#define EXACT_LARGE_OFFSET	SZ_1M

/* Of one heap at a time. Guarded by the lock of this module's parameters. */
struct heapranges *exact_heap;
static char exact_heap_title[8] = "-";
static unsigned long exact_nr_regions;
static u64 exact_started_ns;

void exact_say(const char *what, u64 figure)
{
	pr_info("%s %s %llu\n", what, exact_heap_title, figure);
}

int exact_failed(const char *what, long result)
{
	pr_info("failed: %s %s %ld\n", what, exact_heap_title, result);
	return -EIO;
}

static unsigned long exact_region_base(unsigned long i)
{
	return EXACT_BASE + i * EXACT_REGION_STRIDE;
}

/* All of the calls so far did what they should, and nothing is live. */
int exact_check(const char *what)
{
	struct heapranges_stats stats;
	u64 rejected;

	heapranges_get_stats(exact_heap, &stats);
	rejected = stats.rejected_foreign + stats.rejected_interior + stats.rejected_double +
		   stats.rejected_size + stats.rejected_context + stats.check_failures;
	if (stats.alloc_failures)
		return exact_failed(what, stats.alloc_failures);
	if (rejected)
		return exact_failed(what, rejected);
	return stats.used_pages ? exact_failed(what, stats.used_pages) : 0;
}

/*
 * One page at a time from holes that lie far apart, and back from the last to the
 * first. A hint knows where the first free page is: the next one it cannot.
 */
static __always_inline void exact_holes_pair(unsigned long nr_pages)
{
	void *runs[EXACT_HOLES];
	int i;

	for (i = 0; i < EXACT_HOLES; i++)
		runs[i] = exact_take(nr_pages);
	while (i--)
		exact_give(runs[i]);
}

/* Each region is one run. */
static void exact_fill(void)
{
	for (unsigned long i = 0; i < exact_nr_regions; i++)
		exact_take(EXACT_REGION_PAGES);
}

static void exact_drain(void)
{
	for (unsigned long i = 0; i < exact_nr_regions; i++) {
		unsigned long addr = exact_region_base(i), nr_pages;
		unsigned long limit = addr + EXACT_REGION_PAGES * PAGE_SIZE;

		for (; addr < limit; addr += nr_pages * PAGE_SIZE) {
			nr_pages = heapranges_size(exact_heap, (void *)addr);
			if (nr_pages)
				exact_give((void *)addr);
			else
				nr_pages = 1;
		}
	}
}

/* Of region @i, filled, the last @nr_pages become free. */
static void exact_open_end(unsigned long i, unsigned long nr_pages)
{
	exact_give((void *)exact_region_base(i));
	exact_take(EXACT_REGION_PAGES - nr_pages);
}

/* Of region @i, filled, the first page becomes free. */
static void exact_open_front(unsigned long i)
{
	void *front;

	exact_give((void *)exact_region_base(i));
	front = exact_take(1);
	exact_take(EXACT_REGION_PAGES - 1);
	exact_give(front);
}

static void exact_measure_end(const char *what, unsigned long nr_pages)
{
	exact_fill();
	exact_open_end(exact_nr_regions - 1, nr_pages);
	exact_measure(what, exact_pair, nr_pages, 1);
	exact_drain();
}

/* The hint is the page at the front, which is too small. */
static void exact_measure_hintless(const char *what, unsigned long nr_pages)
{
	exact_fill();
	exact_open_end(exact_nr_regions - 1, nr_pages);
	exact_open_front(0);
	exact_measure(what, exact_pair, nr_pages, 1);
	exact_drain();
}

static void exact_measure_holes(const char *what)
{
	exact_fill();
	for (unsigned long i = 0; i < EXACT_HOLES; i++)
		exact_open_end(i * exact_nr_regions / EXACT_HOLES, 1);
	exact_measure(what, exact_holes_pair, 1, EXACT_HOLES);
	exact_drain();
}

/* Of many live runs, what a scattered pair is about. */
struct exact_scatter {
	void *runs[EXACT_LIVE];
	struct rnd_state rnd;
	unsigned long most_pages;
};

static unsigned long exact_scatter_pages(struct exact_scatter *s)
{
	return 1 + prandom_u32_state(&s->rnd) % s->most_pages;
}

/*
 * A free of a random run, and an allocation of a random size. Interrupts off: no
 * tick falls into it. Return: instructions, a pair.
 */
static u64 exact_scatter_round(struct exact_scatter *s)
{
	static unsigned long which[EXACT_PAIRS], nr_pages[EXACT_PAIRS];
	u64 idle = exact_idle_ns(), start, taken_ns;
	unsigned long flags;
	int i;

	for (i = 0; i < EXACT_PAIRS; i++) {
		which[i] = prandom_u32_state(&s->rnd) % EXACT_LIVE;
		nr_pages[i] = exact_scatter_pages(s);
	}
	local_irq_save(flags);
	start = ktime_get_ns();
	for (i = 0; i < EXACT_PAIRS; i++) {
		exact_give(s->runs[which[i]]);
		s->runs[which[i]] = exact_take(nr_pages[i]);
	}
	taken_ns = ktime_get_ns() - start;
	local_irq_restore(flags);
	return (taken_ns - idle) / EXACT_PAIRS;
}

/*
 * First the least of some rounds, then, when the heap has aged, the mean of some:
 * with mixed sizes the free pages come to lie in ever more places.
 */
static void exact_measure_scattered(const char *what, const char *aged_what,
				    unsigned long most_pages)
{
	static struct exact_scatter scatter;
	struct exact_scatter *s = &scatter;
	u64 least = U64_MAX, sum = 0;
	int i;

	s->most_pages = most_pages;
	prandom_seed_state(&s->rnd, EXACT_SEED);
	for (i = 0; i < EXACT_LIVE; i++)
		s->runs[i] = exact_take(exact_scatter_pages(s));
	for (i = 0; i < EXACT_SCATTER_ROUNDS; i++)
		least = min(least, exact_scatter_round(s));
	for (i = 0; i < EXACT_AGE_ROUNDS; i++)
		exact_scatter_round(s);
	for (i = 0; i < EXACT_SCATTER_ROUNDS; i++)
		sum += exact_scatter_round(s);
	exact_say(what, least);
	exact_say(aged_what, sum / EXACT_SCATTER_ROUNDS);
	for (i = 0; i < EXACT_LIVE; i++)
		exact_give(s->runs[i]);
}

static int exact_pairs(const char *unused)
{
	if (!exact_heap)
		return -ENODEV;
	exact_say("seed", EXACT_SEED);
	exact_measure("empty-1", exact_pair, 1, 1);
	exact_measure("empty-64", exact_pair, 64, 1);
	exact_measure("empty-4096", exact_pair, 4096, 1);
	exact_measure_end("end-1", 1);
	exact_measure_end("end-64", 64);
	exact_measure_end("end-4096", 4096);
	exact_measure_holes("hintless-1");
	exact_measure_hintless("hintless-64", 64);
	exact_measure_scattered("scattered-1", "aged-1", 1);
	exact_measure_scattered("scattered-64", "aged-64", 64);
	return exact_check("pairs");
}

/*
 * One call alone, with interrupts off: the lock is held for no longer. The room is
 * at the very end, and all else is full. Page 0 of region 0 is taken or freed before
 * each call, which so finds hint, summaries, last chunk and last range all at the
 * other end of the heap.
 */
static void exact_measure_calls(const char *take_what, const char *give_what,
				unsigned long nr_pages)
{
	u64 take_ns = 0, give_ns = 0, idle = exact_idle_ns(), start;
	void *front = (void *)exact_region_base(0);
	void *block = NULL, *run;
	unsigned long flags;

	if (nr_pages < EXACT_LARGE_PAGES)
		block = exact_take(EXACT_LARGE_PAGES - nr_pages);
	for (int i = 0; i < EXACT_CALLS; i++) {
		local_irq_save(flags);
		start = ktime_get_ns();
		run = exact_take(nr_pages);
		take_ns = max(take_ns, ktime_get_ns() - start - idle);
		exact_give(front);
		start = ktime_get_ns();
		exact_give(run);
		give_ns = max(give_ns, ktime_get_ns() - start - idle);
		local_irq_restore(flags);
		front = exact_take(1);
	}
	exact_say(take_what, take_ns);
	exact_say(give_what, give_ns);
	exact_give(block);
}

/* A run at @addr is made, made as long as the large region, short again, and given back. */
static int exact_measure_long_calls(unsigned long addr)
{
	u64 at_ns = 0, up_ns = 0, down_ns = 0, idle = exact_idle_ns(), start;
	unsigned long flags;
	void *run;
	int err = 0;

	for (int i = 0; i < EXACT_CALLS && !err; i++) {
		local_irq_save(flags);
		start = ktime_get_ns();
		run = heapranges_alloc_at(exact_heap, addr, EXACT_LARGE_PAGES, GFP_NOWAIT);
		at_ns = max(at_ns, ktime_get_ns() - start - idle);
		start = ktime_get_ns();
		err = heapranges_resize(exact_heap, run, 4096);
		down_ns = max(down_ns, ktime_get_ns() - start - idle);
		start = ktime_get_ns();
		err = err ?: heapranges_resize(exact_heap, run, EXACT_LARGE_PAGES);
		up_ns = max(up_ns, ktime_get_ns() - start - idle);
		exact_give(run);
		local_irq_restore(flags);
	}
	exact_say("at-262144", at_ns);
	exact_say("grow-262144", up_ns);
	exact_say("shrink-262144", down_ns);
	return err;
}

/* In region @i, filled, the second page of each chunk becomes free. */
static void exact_open_odd(unsigned long i)
{
	unsigned long addr = exact_region_base(i), end = addr + EXACT_REGION_PAGES * PAGE_SIZE;

	exact_give((void *)addr);
	for (; addr < end; addr += EXACT_CHUNK_PAGES * PAGE_SIZE) {
		heapranges_alloc_at(exact_heap, addr, 1, GFP_NOWAIT);
		heapranges_alloc_at(exact_heap, addr + 2 * PAGE_SIZE, EXACT_CHUNK_PAGES - 2,
				    GFP_NOWAIT);
	}
}

/*
 * The room is in the last chunk of the last region, behind free pages that are not aligned:
 * what the call takes with all of them, of which the lock is held for a few at a time.
 */
static void exact_measure_aligned(const char *what)
{
	u64 ns = 0, idle = exact_idle_ns(), start;
	unsigned long flags;
	void *run;

	exact_fill();
	exact_open_odd(0);
	exact_open_end(exact_nr_regions - 1, EXACT_CHUNK_PAGES);
	for (int i = 0; i < EXACT_CALLS; i++) {
		local_irq_save(flags);
		start = ktime_get_ns();
		run = heapranges_alloc_aligned(exact_heap, 1, EXACT_CHUNK_PAGES, GFP_NOWAIT);
		ns = max(ns, ktime_get_ns() - start - idle);
		exact_give(run);
		local_irq_restore(flags);
	}
	exact_say(what, ns);
	exact_drain();
}

static int exact_calls(const char *unused)
{
	unsigned long base = exact_region_base(exact_nr_regions) + EXACT_LARGE_OFFSET;
	int err;

	if (!exact_heap)
		return -ENODEV;
	exact_measure_aligned("aligned-1");
	err = heapranges_add(exact_heap, base, EXACT_LARGE_PAGES);
	if (err)
		return exact_failed("add", err);
	exact_fill();
	exact_open_front(0);
	exact_take(1);
	exact_measure_calls("alloc-1", "free-1", 1);
	exact_measure_calls("alloc-4096", "free-4096", 4096);
	exact_measure_calls("alloc-262144", "free-262144", EXACT_LARGE_PAGES);
	err = exact_measure_long_calls(base);
	if (err)
		return exact_failed("resize", err);
	exact_drain();
	return exact_check("calls");
}

static int exact_start(const char *unused)
{
	exact_started_ns = ktime_get_ns();
	return 0;
}

static int exact_stop(const char *what)
{
	exact_say(what, ktime_get_ns() - exact_started_ns);
	return 0;
}

/* Each one leaves a range array behind for RCU to free: not too many at once. */
static int exact_add_regions(void)
{
	int err = 0;

	for (unsigned long i = 0; i < exact_nr_regions && !err; i++) {
		err = heapranges_add(exact_heap, exact_region_base(i), EXACT_REGION_PAGES);
		if (i % 64 == 0)
			synchronize_rcu();
	}
	rcu_barrier();
	return err;
}

static int exact_end(const char *unused)
{
	int err = heapranges_destroy(exact_heap);

	if (err)
		return exact_failed("destroy", err);
	exact_heap = NULL;
	strscpy(exact_heap_title, "-", sizeof(exact_heap_title));
	rcu_barrier();
	return 0;
}

static int exact_make(const char *size, unsigned int flags)
{
	const struct heapranges_params params = {
		.name = "exact",
		.node = NUMA_NO_NODE,
		.flags = HEAPRANGES_ADDRESS_ONLY | flags,
	};
	struct heapranges *heap = heapranges_create(&params);
	struct heapranges_stats stats;
	int err;

	if (IS_ERR(heap))
		return exact_failed("create", PTR_ERR(heap));
	exact_heap = heap;
	strscpy(exact_heap_title, size, sizeof(exact_heap_title));
	exact_nr_regions = memparse(size, NULL) / SZ_64M;
	err = exact_add_regions();
	if (err)
		return exact_failed("add", err);
	if (!(flags & HEAPRANGES_NO_CACHE))
		return 0;
	heapranges_get_stats(heap, &stats);
	exact_say("owned-pages", stats.owned_pages);
	exact_say("metadata", stats.metadata_bytes);
	return 0;
}

static int exact_make_uncached(const char *size)
{
	return exact_make(size, HEAPRANGES_NO_CACHE);
}

static int exact_make_cached(const char *size)
{
	return exact_make(size, 0);
}

/* The yardsticks, which GFP_KERNEL lets sleep and reclaim. */

static unsigned long exact_nr_shortages;

static __always_inline void *exact_got(void *memory)
{
	exact_nr_shortages += !memory;
	return memory;
}

static __always_inline void exact_kvmalloc_pair(unsigned long nr_pages)
{
	kvfree(exact_got(kvmalloc(nr_pages * PAGE_SIZE, GFP_KERNEL)));
}

static __always_inline void exact_pages_pair(unsigned long nr_pages)
{
	unsigned int order = get_order(nr_pages * PAGE_SIZE);

	free_pages((unsigned long)exact_got((void *)__get_free_pages(GFP_KERNEL, order)), order);
}

static __always_inline void exact_vmalloc_pair(unsigned long nr_pages)
{
	vfree(exact_got(vmalloc(nr_pages * PAGE_SIZE)));
}

static int exact_kernel(const char *unused)
{
	exact_measure("kvmalloc-1", exact_kvmalloc_pair, 1, 1);
	exact_measure("kvmalloc-64", exact_kvmalloc_pair, 64, 1);
	exact_measure("pages-1", exact_pages_pair, 1, 1);
	exact_measure("pages-64", exact_pages_pair, 64, 1);
	exact_measure("vmalloc-1", exact_vmalloc_pair, 1, 1);
	exact_measure("vmalloc-64", exact_vmalloc_pair, 64, 1);
	return exact_nr_shortages ? exact_failed("kernel", exact_nr_shortages) : 0;
}

static const struct {
	const char *name;
	int (*take)(const char *arg);
} exact_steps[] = {
	{ "heap", exact_make_uncached },
	{ "cached", exact_make_cached },
	{ "pairs", exact_pairs },
	{ "calls", exact_calls },
	{ "short", exact_short },
	{ "start", exact_start },
	{ "stop", exact_stop },
	{ "end", exact_end },
	{ "kernel", exact_kernel },
};

static int exact_step_set(const char *val, const struct kernel_param *kp)
{
	char name[8], arg[16] = "";

	if (sscanf(val, "%7s %15s", name, arg) < 1)
		return -EINVAL;
	for (int i = 0; i < ARRAY_SIZE(exact_steps); i++) {
		if (!strcmp(name, exact_steps[i].name))
			return exact_steps[i].take(arg);
	}
	return -EINVAL;
}

static const struct kernel_param_ops exact_step_ops = { .set = exact_step_set };
module_param_cb(step, &exact_step_ops, NULL, 0200);
MODULE_PARM_DESC(step, "what to do next");

static int __init exact_init(void)
{
	return 0;
}

static void __exit exact_exit(void)
{
	exact_end(NULL);
}
module_init(exact_init);
module_exit(exact_exit);

MODULE_DESCRIPTION("Counts the instructions of heapranges");
MODULE_AUTHOR("The heapranges authors");
MODULE_LICENSE("GPL");
