// SPDX-License-Identifier: GPL-2.0
/*
 * What is done for a heap in the background.
 *
 * Whoever may not sleep can say what is wanted from any context but NMI; a work
 * item of the heap's does it soon. Wants are bits: what is wanted twice before it
 * is done is done once.
 *
 * Every second a tick looks what the heap has had free at least since the tick
 * before:
 *
 *	free	      ________      __
 *		_____|        |____|  |______ ...
 *	tick	1    2    3    4    5    6		a second each
 *	least	 low  high low  low  low
 *
 * What was free throughout the last HR_HEAP_TICKS of them was not needed all the
 * while, and arenas of so many pages are released, if they held nothing either whenever
 * somebody looked. An arena that is filled and emptied again and again is therefore
 * kept. A tick also fills up a reserve for which there was no memory. The tick ends when
 * only arenas that are kept are left, and nothing can be done for a reserve that is short.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/overflow.h>

#include "arenas.h"
#include "cache.h"
#include "idle.h"
#include "mem.h"
#include "tend.h"

enum hr_tend_want {
	HR_TEND_DRAIN,		/* empty all caches */
	HR_TEND_GROW,		/* by wanted_pages, and fill up the reserve */
};

static struct workqueue_struct *hr_tend_wq;

int hr_tend_setup(void)
{
	hr_tend_wq = hr_mem_workqueue_create("heapranges", WQ_UNBOUND);
	return hr_tend_wq ? 0 : -ENOMEM;
}

void hr_tend_teardown(void)
{
	hr_mem_workqueue_destroy(hr_tend_wq);
}

/* Read without the lock: who asks in vain asks again. */
static bool hr_tend_may_grow(const struct heapranges *heap)
{
	return !(heap->flags & HEAPRANGES_FIXED) &&
	       (!heap->max_pages || READ_ONCE(heap->owned_pages) < heap->max_pages);
}

/* The reserve has fallen under half. */
static bool hr_tend_is_short(const struct heapranges *heap)
{
	return READ_ONCE(heap->free_pages) < DIV_ROUND_UP(heap->reserve_pages, 2) &&
	       !READ_ONCE(heap->corrupt);
}

/* And the heap can grow or has pages parked for it. */
static bool hr_tend_may_refill(struct heapranges *heap)
{
	return hr_tend_is_short(heap) &&
	       (hr_tend_may_grow(heap) || hr_cache_parked_pages(heap));
}

static void hr_tend_work(struct work_struct *work)
{
	struct heapranges *heap = container_of(work, struct heapranges, tend);

	if (test_and_clear_bit(HR_TEND_DRAIN, &heap->wants))
		hr_cache_drain(heap);
	if (test_and_clear_bit(HR_TEND_GROW, &heap->wants)) {
		hr_arenas_grow_ahead(heap, xchg(&heap->wanted_pages, 0));
		hr_tend_mind_size(heap);
	}
}

/*
 * Pages that have been free since the last tick. Parked ones are as good, unless caches
 * have been at work: then they may have been in use. The same of those that are kept back,
 * in a heap without caches, and frees.
 */
static unsigned long hr_tend_read_least_free(struct heapranges *heap)
{
	struct hr_cache_totals totals;
	unsigned long nr_pages;

	hr_cache_get_totals(heap, &totals);
	raw_spin_lock_irq(&heap->lock);
	nr_pages = heap->least_free_pages;
	heap->least_free_pages = heap->free_pages;
	if (heap->kept) {
		totals.parked_pages = heap->kept->nr_pages;
		totals.frees = heap->count[HR_COUNT_FREES] + heap->count[HR_COUNT_RESIZES];
	}
	raw_spin_unlock_irq(&heap->lock);
	if (totals.allocs + totals.frees != heap->tick_cached) {
		heap->tick_cached = totals.allocs + totals.frees;
		totals.parked_pages = 0;
	}
	return nr_pages + totals.parked_pages;
}

unsigned long hr_tend_unneeded_pages(const struct heapranges *heap)
{
	unsigned long nr_pages = ULONG_MAX;
	int i;

	for (i = 0; i < HR_HEAP_TICKS; i++)
		nr_pages = min(nr_pages, READ_ONCE(heap->least_free[i]));
	return nr_pages;
}

static void hr_tend_remember(struct heapranges *heap)
{
	WRITE_ONCE(heap->least_free[heap->tick_idx], hr_tend_read_least_free(heap));
	heap->tick_idx = (heap->tick_idx + 1) % HR_HEAP_TICKS;
}

static void hr_tend_forget(struct heapranges *heap, unsigned long released_pages)
{
	unsigned long nr_pages;
	int i;

	for (i = 0; i < HR_HEAP_TICKS; i++) {
		nr_pages = heap->least_free[i];
		WRITE_ONCE(heap->least_free[i], nr_pages - min(nr_pages, released_pages));
	}
}

static void hr_tend_tick(struct work_struct *work)
{
	struct heapranges *heap = container_of(to_delayed_work(work), struct heapranges, tick);

	hr_tend_remember(heap);
	hr_tend_forget(heap, hr_idle_tick(heap, hr_tend_unneeded_pages(heap)));
	/* The last time there was no memory, perhaps. */
	if (hr_tend_may_refill(heap))
		hr_arenas_grow_ahead(heap, 0);
	hr_tend_mind_size(heap);
}

void hr_tend_init(struct heapranges *heap)
{
	INIT_WORK(&heap->tend, hr_tend_work);
	INIT_DEFERRABLE_WORK(&heap->tick, hr_tend_tick);
}

void hr_tend_exit(struct heapranges *heap)
{
	/* In this order: the one starts the other. */
	cancel_work_sync(&heap->tend);
	cancel_delayed_work_sync(&heap->tick);
}

void hr_tend_mind_size(struct heapranges *heap)
{
	if (READ_ONCE(heap->nr_arenas) > READ_ONCE(heap->nr_kept_arenas) ||
	    hr_tend_may_refill(heap))
		queue_delayed_work(hr_tend_wq, &heap->tick, HZ);
}

/*
 * At the cap, a run that is too long for any piece of the heap's @idle_pages, free or parked,
 * may have some arenas go for it.
 */
static bool hr_tend_may_exchange(const struct heapranges *heap, unsigned long nr_pages,
				 unsigned long idle_pages)
{
	return nr_pages <= idle_pages &&
	       READ_ONCE(heap->nr_arenas) > READ_ONCE(heap->nr_kept_arenas);
}

static void hr_tend_want(struct heapranges *heap, enum hr_tend_want want)
{
	set_bit(want, &heap->wants);
	queue_work(hr_tend_wq, &heap->tend);
}

/* Of two who want something at once one may be forgotten, and ask again. */
static void hr_tend_want_pages(struct heapranges *heap, unsigned long nr_pages,
			       unsigned long align_pages)
{
	unsigned long wanted_pages = READ_ONCE(heap->wanted_pages);

	if (check_add_overflow(nr_pages, align_pages - 1, &nr_pages))
		return;
	WRITE_ONCE(heap->wanted_pages, max(wanted_pages, nr_pages));
	hr_tend_want(heap, HR_TEND_GROW);
}

void hr_tend_mind_reserve(struct heapranges *heap)
{
	unsigned long now = jiffies;

	if (!hr_tend_is_short(heap))
		return;
	/* What is parked is in a line of each CPU's: once a jiffy is enough. */
	if (!hr_tend_may_grow(heap)) {
		if (READ_ONCE(heap->looked_for_parked) == now)
			return;
		WRITE_ONCE(heap->looked_for_parked, now);
	}
	if (hr_tend_may_refill(heap))
		hr_tend_want(heap, HR_TEND_GROW);
}

struct hr_taken hr_tend_take(struct heapranges *heap, unsigned long nr_pages,
			     unsigned long align_pages)
{
	unsigned long parked_pages;
	struct hr_taken taken;

	hr_cache_drain_this_cpu(heap);
	taken = hr_heap_take_aligned(heap, nr_pages, align_pages, false);
	if (taken.base)
		return taken;
	parked_pages = hr_cache_parked_pages(heap);
	if (parked_pages >= nr_pages) {
		hr_heap_count(heap, HR_COUNT_FAILURES_PARKED);
		hr_tend_want(heap, HR_TEND_DRAIN);
	}
	/* After that: parked pages may not be in one piece. */
	if (hr_tend_may_grow(heap) ||
	    hr_tend_may_exchange(heap, nr_pages, READ_ONCE(heap->free_pages) + parked_pages))
		hr_tend_want_pages(heap, nr_pages, align_pages);
	return taken;
}
