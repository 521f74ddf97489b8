// SPDX-License-Identifier: GPL-2.0
/* Counts the instructions of short runs, which caches hold. */
#include <linux/string.h>

#include "exact.h"

#define EXACT_BATCH		32
#define EXACT_ROW		1024
#define EXACT_MIXED		1000
#define EXACT_MIXED_PAGES	16
#define EXACT_MIXED_ROUNDS	50

/* As most callers do, who may sleep; that they may is looked at. */
static inline void *exact_take_waiting(unsigned long nr_pages)
{
	return heapranges_alloc(exact_heap, nr_pages, GFP_KERNEL | __GFP_NOWARN);
}

static __always_inline void exact_waiting_pair(unsigned long nr_pages)
{
	exact_give(exact_take_waiting(nr_pages));
}

static __always_inline void exact_sized_pair(unsigned long nr_pages)
{
	heapranges_free_sized(exact_heap, exact_take_waiting(nr_pages), nr_pages);
}

static __always_inline void exact_batch_pair(unsigned long nr_pages)
{
	void *runs[EXACT_BATCH];
	int i;

	for (i = 0; i < EXACT_BATCH; i++)
		runs[i] = exact_take_waiting(nr_pages);
	for (i = 0; i < EXACT_BATCH; i++)
		exact_give(runs[i]);
}

/* More runs than a cache holds, so that refills and flushes are in the mean. */
static void exact_measure_row(const char *take_what, const char *give_what,
			      unsigned long nr_pages)
{
	static void *runs[EXACT_ROW];
	u64 take_ns = 0, give_ns = 0, idle = exact_idle_ns(), start;
	unsigned long flags;
	int round, i;

	for (round = 0; round < EXACT_ROUNDS; round++) {
		local_irq_save(flags);
		start = ktime_get_ns();
		for (i = 0; i < EXACT_ROW; i++)
			runs[i] = exact_take(nr_pages);
		take_ns += ktime_get_ns() - start - idle;
		start = ktime_get_ns();
		for (i = 0; i < EXACT_ROW; i++)
			exact_give(runs[i]);
		give_ns += ktime_get_ns() - start - idle;
		local_irq_restore(flags);
	}
	exact_say(take_what, take_ns / EXACT_ROUNDS / EXACT_ROW);
	exact_say(give_what, give_ns / EXACT_ROUNDS / EXACT_ROW);
}

/* The longest call of such a row: a refill, or a free that finds its cache full. */
static void exact_measure_longest(const char *take_what, const char *give_what,
				  unsigned long nr_pages)
{
	static void *runs[EXACT_ROW];
	u64 take_ns = 0, give_ns = 0, idle = exact_idle_ns(), start;
	unsigned long flags;
	int i;

	local_irq_save(flags);
	for (i = 0; i < EXACT_ROW; i++) {
		start = ktime_get_ns();
		runs[i] = exact_take(nr_pages);
		take_ns = max(take_ns, ktime_get_ns() - start);
	}
	for (i = 0; i < EXACT_ROW; i++) {
		start = ktime_get_ns();
		exact_give(runs[i]);
		give_ns = max(give_ns, ktime_get_ns() - start);
	}
	local_irq_restore(flags);
	exact_say(take_what, take_ns - idle);
	exact_say(give_what, give_ns - idle);
}

/* Of many live runs of mixed sizes. */
struct exact_mixed {
	void *runs[EXACT_MIXED];
	struct rnd_state rnd;
};

static unsigned long exact_mixed_pages(struct exact_mixed *m)
{
	return 1 + prandom_u32_state(&m->rnd) % EXACT_MIXED_PAGES;
}

/* A free of a random run, and an allocation of a random size: instructions, a pair. */
static u64 exact_mixed_round(struct exact_mixed *m)
{
	static unsigned long which[EXACT_PAIRS], nr_pages[EXACT_PAIRS];
	u64 idle = exact_idle_ns(), start, taken_ns;
	unsigned long flags;
	int i;

	for (i = 0; i < EXACT_PAIRS; i++) {
		which[i] = prandom_u32_state(&m->rnd) % EXACT_MIXED;
		nr_pages[i] = exact_mixed_pages(m);
	}
	local_irq_save(flags);
	start = ktime_get_ns();
	for (i = 0; i < EXACT_PAIRS; i++) {
		exact_give(m->runs[which[i]]);
		m->runs[which[i]] = exact_take(nr_pages[i]);
	}
	taken_ns = ktime_get_ns() - start;
	local_irq_restore(flags);
	return (taken_ns - idle) / EXACT_PAIRS;
}

static void exact_measure_mixed(const char *what)
{
	static struct exact_mixed mixed;
	u64 sum = 0;
	int i;

	prandom_seed_state(&mixed.rnd, EXACT_SEED);
	for (i = 0; i < EXACT_MIXED; i++)
		mixed.runs[i] = exact_take(exact_mixed_pages(&mixed));
	for (i = 0; i < EXACT_MIXED_ROUNDS; i++)
		sum += exact_mixed_round(&mixed);
	exact_say(what, sum / EXACT_MIXED_ROUNDS);
	for (i = 0; i < EXACT_MIXED; i++)
		exact_give(mixed.runs[i]);
}

/* The dearest size of all that caches hold. */
static __always_inline u64 exact_worst(void (*pair)(unsigned long nr_pages))
{
	u64 worst = 0;

	for (unsigned long nr_pages = 1; nr_pages <= EXACT_MIXED_PAGES; nr_pages++)
		worst = max(worst, exact_least(pair, nr_pages, 1));
	return worst;
}

int exact_short(const char *unused)
{
	if (!exact_heap)
		return -ENODEV;
	exact_measure("cached-1", exact_waiting_pair, 1, 1);
	exact_measure("cached-4", exact_waiting_pair, 4, 1);
	exact_measure("cached-16", exact_waiting_pair, 16, 1);
	exact_say("cached-worst", max(exact_worst(exact_waiting_pair), exact_worst(exact_pair)));
	exact_say("sized-worst", exact_worst(exact_sized_pair));
	exact_measure("batch-1", exact_batch_pair, 1, EXACT_BATCH);
	exact_measure("batch-4", exact_batch_pair, 4, EXACT_BATCH);
	exact_measure("batch-16", exact_batch_pair, 16, EXACT_BATCH);
	exact_measure_row("take-1", "give-1", 1);
	exact_measure_row("take-16", "give-16", 16);
	exact_measure_longest("refill-1", "flush-1", 1);
	exact_measure_longest("refill-16", "flush-16", 16);
	exact_measure_mixed("mixed-16");
	return exact_check("short");
}
