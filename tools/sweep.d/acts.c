// SPDX-License-Identifier: GPL-2.0
/*
 * What the interrupt does, on the CPU and the heap of the code that it interrupts, and
 * what it must be told.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "sweep.h"

/* A run that the interrupt has just got, while the interrupted code has one. */
static void sweep_look_at_irq_run(const struct sweep_case *c)
{
	unsigned long mine = (unsigned long)sweep_now.irq_run;
	unsigned long other = (unsigned long)sweep_now.run;
	unsigned long bytes = c->nr_pages * PAGE_SIZE;

	if (mine && other && READ_ONCE(sweep_now.stage) == SWEEP_HOLDING)
		sweep_now.irq_overlaps = mine < other + bytes && other < mine + bytes;
}

static void sweep_act_pair(const struct sweep_case *c)
{
	sweep_now.irq_run = heapranges_alloc(sweep_heap, c->nr_pages, SWEEP_GFP);
	sweep_look_at_irq_run(c);
	sweep_now.irq_err = heapranges_free(sweep_heap, sweep_now.irq_run);
}

static void sweep_act_hold(const struct sweep_case *c)
{
	sweep_now.irq_run = heapranges_alloc(sweep_heap, c->nr_pages, SWEEP_GFP);
	sweep_look_at_irq_run(c);
	sweep_now.irq_holds = sweep_now.irq_run;
}

static const char *sweep_judge_run(const struct sweep_case *c)
{
	if (!sweep_now.irq_run)
		return "no run for the interrupt";
	return sweep_now.irq_err ? "the interrupt's own run not freed" : NULL;
}

/* The very run that the interrupted code is about. */
static void sweep_act_grab(const struct sweep_case *c)
{
	sweep_now.irq_run = heapranges_alloc_at(sweep_heap, (unsigned long)sweep_target(c),
						c->nr_pages, SWEEP_GFP);
	sweep_look_at_irq_run(c);
	sweep_now.irq_holds = sweep_now.irq_run;
}

static const char *sweep_judge_grab(const struct sweep_case *c)
{
	return NULL;
}

static void sweep_act_double(const struct sweep_case *c)
{
	sweep_now.irq_err = heapranges_free(sweep_heap, sweep_addr(SWEEP_VACANT_PAGE));
}

static const char *sweep_judge_double(const struct sweep_case *c)
{
	return sweep_now.irq_err == -EALREADY ? NULL : "a free of a free page";
}

static void sweep_act_interior(const struct sweep_case *c)
{
	sweep_now.irq_err = heapranges_free(sweep_heap, sweep_addr(SWEEP_ANCHOR_PAGE + 1));
}

static const char *sweep_judge_interior(const struct sweep_case *c)
{
	return sweep_now.irq_err == -EINVAL ? NULL : "a free inside a run";
}

static void sweep_act_foreign(const struct sweep_case *c)
{
	sweep_now.irq_err = heapranges_free(sweep_heap, sweep_addr(SWEEP_FOREIGN_PAGE));
}

static const char *sweep_judge_foreign(const struct sweep_case *c)
{
	return sweep_now.irq_err == -EFAULT ? NULL : "a free of a foreign page";
}

static void sweep_act_size(const struct sweep_case *c)
{
	sweep_now.irq_err = heapranges_free_sized(sweep_heap, sweep_addr(SWEEP_ANCHOR_PAGE),
						  SWEEP_ANCHOR_PAGES + 1);
}

static const char *sweep_judge_size(const struct sweep_case *c)
{
	return sweep_now.irq_err == -ERANGE ? NULL : "a free with a wrong size";
}

/* Frees what the interrupted code has just got, or is about to free, or has freed. */
static void sweep_act_steal(const struct sweep_case *c)
{
	sweep_now.irq_err = heapranges_free(sweep_heap, sweep_target(c));
}

static const char *sweep_judge_steal(const struct sweep_case *c)
{
	int err = sweep_now.irq_err;

	if (err && err != -EALREADY && err != -EFAULT)
		return "a free of the same run";
	if (c->frees && !err == !sweep_now.free_err)
		return "not exactly one of two frees is good";
	return NULL;
}

/* A page more, which may be there or not. */
static void sweep_act_resize(const struct sweep_case *c)
{
	sweep_now.irq_err = heapranges_resize(sweep_heap, sweep_target(c), c->nr_pages + 1);
}

static const char *sweep_judge_resize(const struct sweep_case *c)
{
	int err = sweep_now.irq_err;

	return !err || err == -ENOSPC || err == -EALREADY || err == -EFAULT ?
		NULL : "a resize of the same run";
}

/* Questions, which must have answers that fit together. */
static void sweep_act_ask(const struct sweep_case *c)
{
	struct heapranges_stats s;
	unsigned long size;

	heapranges_get_stats(sweep_heap, &s);
	size = heapranges_size(sweep_heap, sweep_target(c));
	if (s.owned_pages != s.used_pages + s.cached_pages + s.free_pages ||
	    s.allocs < s.frees || s.used_pages < SWEEP_ANCHOR_PAGES)
		sweep_now.irq_err = -EIO;
	if (READ_ONCE(sweep_now.stage) == SWEEP_HOLDING && size != c->nr_pages)
		sweep_now.irq_err = -ERANGE;
	if (heapranges_size(sweep_heap, sweep_addr(SWEEP_ANCHOR_PAGE)) != SWEEP_ANCHOR_PAGES)
		sweep_now.irq_err = -EINVAL;
}

static const char *sweep_judge_ask(const struct sweep_case *c)
{
	return sweep_now.irq_err ? "answers that do not fit together" : NULL;
}

const struct sweep_act sweep_acts[] = {
	{ "pair", sweep_act_pair, sweep_judge_run, true },
	{ "hold", sweep_act_hold, sweep_judge_run, true },
	{ "grab", sweep_act_grab, sweep_judge_grab, true },
	{ "steal", sweep_act_steal, sweep_judge_steal, true },
	{ "resize", sweep_act_resize, sweep_judge_resize },
	{ "double", sweep_act_double, sweep_judge_double },
	{ "interior", sweep_act_interior, sweep_judge_interior },
	{ "foreign", sweep_act_foreign, sweep_judge_foreign },
	{ "size", sweep_act_size, sweep_judge_size },
	{ "ask", sweep_act_ask, sweep_judge_ask },
};

const unsigned int sweep_nr_acts = ARRAY_SIZE(sweep_acts);
