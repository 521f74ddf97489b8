// SPDX-License-Identifier: GPL-2.0
/*
 * What is interrupted. Before each step the heap holds one live run, far away, and its
 * caches are empty; what a case wants besides, it makes.
 */
#include <linux/kernel.h>

#include "sweep.h"

static void sweep_take_at(unsigned long page, unsigned long nr_pages)
{
	heapranges_alloc_at(sweep_heap, (unsigned long)sweep_addr(page), nr_pages, SWEEP_GFP);
}

/* A run there is parked here, and its chunk is the one that the cache saw last. */
static void sweep_park(unsigned long page, unsigned long nr_pages)
{
	sweep_take_at(page, nr_pages);
	heapranges_free(sweep_heap, sweep_addr(page));
}

static void sweep_prepare_nothing(const struct sweep_case *c)
{
}

static void sweep_prepare_parked(const struct sweep_case *c)
{
	sweep_park(c->page, c->nr_pages);
}

/* The cache has seen two other chunks since. */
static void sweep_forget(void)
{
	sweep_park(600, 2);
	sweep_park(1100, 3);
}

static void sweep_prepare_forgotten(const struct sweep_case *c)
{
	sweep_park(c->page, c->nr_pages);
	sweep_forget();
}

static void sweep_prepare_live(const struct sweep_case *c)
{
	sweep_take_at(c->page, c->nr_pages);
	sweep_now.run = sweep_target(c);
}

static void sweep_prepare_live_forgotten(const struct sweep_case *c)
{
	sweep_prepare_live(c);
	sweep_forget();
}

/* The cache is full. */
static void sweep_prepare_full(const struct sweep_case *c)
{
	unsigned long page;

	sweep_prepare_live(c);
	for (page = 512; page < 512 + SWEEP_PAGES / 4; page += 16)
		sweep_park(page, 16);
}

static void sweep_prepare_extra(const struct sweep_case *c)
{
	sweep_now.other_err = heapranges_add(sweep_heap,
					     (unsigned long)sweep_addr(SWEEP_EXTRA_PAGE),
					     SWEEP_EXTRA_PAGES);
}

static void sweep_body_pair(const struct sweep_case *c)
{
	sweep_now.run = heapranges_alloc(sweep_heap, c->nr_pages, SWEEP_GFP);
	sweep_reach(SWEEP_HOLDING);
	sweep_reach(SWEEP_GIVING);
	sweep_now.free_err = heapranges_free(sweep_heap, sweep_now.run);
}

static void sweep_body_sized(const struct sweep_case *c)
{
	sweep_now.run = heapranges_alloc(sweep_heap, c->nr_pages, SWEEP_GFP);
	sweep_reach(SWEEP_HOLDING);
	sweep_reach(SWEEP_GIVING);
	sweep_now.free_err = heapranges_free_sized(sweep_heap, sweep_now.run, c->nr_pages);
}

static void sweep_body_at(const struct sweep_case *c)
{
	sweep_now.run = heapranges_alloc_at(sweep_heap, (unsigned long)sweep_target(c),
					    c->nr_pages, SWEEP_GFP);
	sweep_reach(SWEEP_HOLDING);
	sweep_reach(SWEEP_GIVING);
	sweep_now.free_err = heapranges_free(sweep_heap, sweep_now.run);
}

static void sweep_body_bulk(const struct sweep_case *c)
{
	void *runs[3] = { NULL };
	unsigned int nr;

	nr = heapranges_alloc_bulk(sweep_heap, c->nr_pages, SWEEP_GFP, ARRAY_SIZE(runs), runs);
	sweep_now.run = runs[0];
	sweep_reach(SWEEP_HOLDING);
	sweep_reach(SWEEP_GIVING);
	sweep_now.other_err = nr - ARRAY_SIZE(runs);
	sweep_now.free_err = heapranges_free_bulk(sweep_heap, nr, runs) == nr ? 0 : -EALREADY;
}

static void sweep_body_free(const struct sweep_case *c)
{
	sweep_reach(SWEEP_GIVING);
	sweep_now.free_err = heapranges_free(sweep_heap, sweep_target(c));
}

static void sweep_body_resize(const struct sweep_case *c)
{
	int err;

	sweep_reach(SWEEP_GIVING);
	sweep_now.other_err = heapranges_resize(sweep_heap, sweep_target(c), c->nr_pages + 8);
	err = heapranges_resize(sweep_heap, sweep_target(c), c->nr_pages - 2);
	sweep_now.other_err = sweep_now.other_err ?: err;
}

static void sweep_body_trim(const struct sweep_case *c)
{
	heapranges_trim(sweep_heap);
}

static void sweep_body_add(const struct sweep_case *c)
{
	sweep_now.other_err = heapranges_add(sweep_heap,
					     (unsigned long)sweep_addr(SWEEP_EXTRA_PAGE),
					     SWEEP_EXTRA_PAGES);
}

static void sweep_body_remove(const struct sweep_case *c)
{
	sweep_now.other_err = heapranges_remove(sweep_heap,
						(unsigned long)sweep_addr(SWEEP_EXTRA_PAGE),
						SWEEP_EXTRA_PAGES);
}

#define SWEEP_EXTRA_MIDDLE	(SWEEP_EXTRA_PAGE + 48)	/* a chunk's begin */

const struct sweep_case sweep_cases[] = {
	{ "pair-1", 0, 100, 1, true, false, sweep_prepare_parked, sweep_body_pair },
	{ "pair-16", 0, 120, 16, true, false, sweep_prepare_parked, sweep_body_pair },
	{ "sized-4", 0, 100, 4, true, false, sweep_prepare_parked, sweep_body_sized },
	{ "bulk-2", 0, 100, 2, true, false, sweep_prepare_parked, sweep_body_bulk },
	{ "take-forgotten", 0, 100, 1, true, false, sweep_prepare_forgotten, sweep_body_pair },
	{ "give-forgotten", 0, 100, 4, true, false, sweep_prepare_live_forgotten, sweep_body_free },
	{ "refill", 0, 0, 1, true, false, sweep_prepare_nothing, sweep_body_pair },
	{ "flush", 0, 100, 16, true, false, sweep_prepare_full, sweep_body_free },
	{ "plain", HEAPRANGES_NO_CACHE, 0, 3, true, false, sweep_prepare_nothing, sweep_body_pair },
	{ "at", 0, 490, 40, true, false, sweep_prepare_nothing, sweep_body_at },
	{ "resize", 0, 100, 4, false, false, sweep_prepare_live, sweep_body_resize },
	{ "trim", 0, 100, 1, false, false, sweep_prepare_forgotten, sweep_body_trim },
	{ "add", 0, SWEEP_EXTRA_MIDDLE, 4, false, true, sweep_prepare_nothing, sweep_body_add },
	{ "remove", 0, SWEEP_EXTRA_MIDDLE, 4, false, true, sweep_prepare_extra, sweep_body_remove },
};

const unsigned int sweep_nr_cases = ARRAY_SIZE(sweep_cases);
