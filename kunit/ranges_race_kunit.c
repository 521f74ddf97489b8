// SPDX-License-Identifier: GPL-2.0
/*
 * Readers of the range array while a writer never rests.
 *
 * The addresses are a row of cells of four pages. Some cells are owned
 * throughout, some never, and the writer has the rest: it adds one, removes
 * another, and so on, so that ranges come, go, grow, shrink, split and merge
 * around the cells that stay. What holds in every generation:
 *
 *   - a range begins and ends with a cell;
 *   - all permanent cells are owned, no foreign one is;
 *   - the cells owned are RACE_OWNED, or one more.
 *
 * Readers run in process context, in hardirq and in softirq. They note what they
 * see; the test's own task, which is the writer, reports it in the end.
 */

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timer.h>

#include "ranges_test.h"
#include "suites.h"

#define RACE_CELLS	96
#define RACE_CELL_BYTES	HR_TEST_PAGE(4)
#define RACE_BASE	HR_TEST_PAGE(64)
#define RACE_LIMIT	(RACE_BASE + RACE_CELLS * RACE_CELL_BYTES)
#define RACE_PERMANENT	(RACE_CELLS / 8)
#define RACE_OWNED	(RACE_PERMANENT + RACE_CELLS / 8 * 3)
#define RACE_BLOCKS	16384	/* waiting for a grace period, at most */

enum race_cell { RACE_CHURN, RACE_STAYS, RACE_FOREIGN };

static enum race_cell hr_race_cell(unsigned int cell)
{
	switch (cell % 8) {
	case 3:
		return RACE_STAYS;
	case 6:
		return RACE_FOREIGN;
	default:
		return RACE_CHURN;
	}
}

static unsigned long hr_race_addr(unsigned int cell)
{
	return RACE_BASE + cell * RACE_CELL_BYTES;
}

/* One reader, touched by nobody else until it has stopped. */
struct race_reader {
	const char		*context;
	const struct hr_ranges	*ranges;
	struct rnd_state	rnd;
	bool			slow;		/* may dawdle under RCU */
	unsigned long		rounds, generations, faults;
	u64			last_seen;	/* a digest of the last walk */
	/* The first fault. */
	const char		*what;
	unsigned long		addr, base, limit;
};

static void hr_race_fault(struct race_reader *r, const char *what,
			  unsigned long addr, unsigned long base,
			  unsigned long limit)
{
	if (r->faults++)
		return;
	r->what = what;
	r->addr = addr;
	r->base = base;
	r->limit = limit;
}

/* [base, limit) is whole cells, none of them foreign. Return: those that stay. */
static unsigned int hr_race_check_range(struct race_reader *r, unsigned long addr,
					unsigned long base, unsigned long limit)
{
	unsigned int cell, end, stays = 0;

	if (base >= limit || base < RACE_BASE || limit > RACE_LIMIT ||
	    (base - RACE_BASE) % RACE_CELL_BYTES ||
	    (limit - RACE_BASE) % RACE_CELL_BYTES) {
		hr_race_fault(r, "a range that never was", addr, base, limit);
		return 0;
	}
	end = (limit - RACE_BASE) / RACE_CELL_BYTES;
	for (cell = (base - RACE_BASE) / RACE_CELL_BYTES; cell < end; cell++) {
		if (hr_race_cell(cell) == RACE_FOREIGN)
			hr_race_fault(r, "a foreign cell", addr, base, limit);
		stays += hr_race_cell(cell) == RACE_STAYS;
	}
	return stays;
}

/* The cell that @addr is in is owned throughout. */
static void hr_race_ask_owned(struct race_reader *r, unsigned long addr,
			      unsigned long base)
{
	struct heapranges_range got = {};
	unsigned long limit = base + RACE_CELL_BYTES;

	if (!hr_ranges_find(r->ranges, addr, &got) ||
	    got.base > base || got.limit < limit)
		hr_race_fault(r, "find: lost", addr, got.base, got.limit);
	if (!hr_ranges_next(r->ranges, addr, &got) ||
	    got.base != addr || got.limit < limit)
		hr_race_fault(r, "next: lost", addr, got.base, got.limit);
	if (!hr_ranges_contains(r->ranges, base, RACE_CELL_BYTES / PAGE_SIZE) ||
	    !hr_ranges_contains(r->ranges, addr & PAGE_MASK, 1))
		hr_race_fault(r, "contains: lost", addr, base, limit);
	if (!hr_ranges_overlaps(r->ranges, addr & PAGE_MASK, 1))
		hr_race_fault(r, "overlaps: lost", addr, base, limit);
}

static void hr_race_ask_foreign(struct race_reader *r, unsigned long addr)
{
	struct heapranges_range got = {};

	if (hr_ranges_find(r->ranges, addr, &got))
		hr_race_fault(r, "find: foreign", addr, got.base, got.limit);
	if (hr_ranges_contains(r->ranges, addr & PAGE_MASK, 1))
		hr_race_fault(r, "contains: foreign", addr, 0, 0);
	if (hr_ranges_overlaps(r->ranges, addr & PAGE_MASK, 1))
		hr_race_fault(r, "overlaps: foreign", addr, 0, 0);
	if (hr_ranges_next(r->ranges, addr, &got) && got.base <= addr)
		hr_race_fault(r, "next: foreign", addr, got.base, got.limit);
}

/* Whatever the answer, it must be one. */
static void hr_race_ask_churn(struct race_reader *r, unsigned long addr)
{
	struct heapranges_range got = {};

	if (hr_ranges_find(r->ranges, addr, &got)) {
		if (addr < got.base || addr >= got.limit)
			hr_race_fault(r, "find: elsewhere", addr, got.base,
				      got.limit);
		hr_race_check_range(r, addr, got.base, got.limit);
	}
	if (hr_ranges_contains(r->ranges, RACE_BASE, RACE_CELLS))
		hr_race_fault(r, "contains: foreign", RACE_BASE, 0, 0);
}

static void hr_race_ask(struct race_reader *r)
{
	unsigned int cell = prandom_u32_state(&r->rnd) % RACE_CELLS;
	unsigned long base = hr_race_addr(cell), addr = base;

	addr += prandom_u32_state(&r->rnd) % RACE_CELL_BYTES;
	switch (hr_race_cell(cell)) {
	case RACE_STAYS:
		hr_race_ask_owned(r, addr, base);
		break;
	case RACE_FOREIGN:
		hr_race_ask_foreign(r, addr);
		break;
	case RACE_CHURN:
		hr_race_ask_churn(r, addr);
	}
}

/* From one part to the next, over as many generations as there are. */
static void hr_race_step_through(struct race_reader *r)
{
	struct heapranges_range part;
	unsigned long addr = 0;
	unsigned int stays = 0;

	while (hr_ranges_next(r->ranges, addr, &part)) {
		if (part.base < addr || part.limit <= part.base) {
			hr_race_fault(r, "next: backwards", addr, part.base,
				      part.limit);
			return;
		}
		stays += hr_race_check_range(r, addr, part.base, part.limit);
		addr = part.limit;
	}
	if (stays != RACE_PERMANENT)
		hr_race_fault(r, "next: visits of what stays", stays, 0, 0);
}

struct race_walk {
	struct race_reader	*r;
	unsigned long		behind, bytes;
	unsigned int		stays;
	u64			seen;
	bool			slow;
};

/* Lets the writer in, in the middle of a walk, if this kernel preempts. */
static void hr_race_dawdle(void)
{
	int i;

	for (i = 0; i < 500; i++) {
		preempt_disable();
		cpu_relax();
		preempt_enable();
	}
}

static int hr_race_visit(const struct heapranges_range *range, void *data)
{
	struct race_walk *w = data;
	unsigned long base = range->base, limit = range->limit;

	if (base <= w->behind)
		hr_race_fault(w->r, "walk: not ascending, or not coalesced",
			      w->behind, base, limit);
	if (!rcu_read_lock_held())
		hr_race_fault(w->r, "walk: not under rcu_read_lock", 0, base,
			      limit);
	w->stays += hr_race_check_range(w->r, w->behind, base, limit);
	w->bytes += limit - base;
	w->seen = (w->seen * 31 + base) * 31 + limit;
	w->behind = limit;
	if (w->slow)
		hr_race_dawdle();
	if (range->base != base || range->limit != limit)
		hr_race_fault(w->r, "walk: the range changed during the call",
			      base, range->base, range->limit);
	return 0;
}

static void hr_race_walk(struct race_reader *r)
{
	struct race_walk w = { .r = r, .slow = r->slow && r->rounds % 32 == 0 };
	unsigned long cells;

	hr_ranges_walk(r->ranges, hr_race_visit, &w);
	cells = w.bytes / RACE_CELL_BYTES;
	if (w.stays != RACE_PERMANENT)
		hr_race_fault(r, "walk: visits of what stays", w.stays, 0, 0);
	if (cells != RACE_OWNED && cells != RACE_OWNED + 1)
		hr_race_fault(r, "walk: of no one generation", cells, 0, 0);
	r->generations += w.seen != r->last_seen;
	r->last_seen = w.seen;
}

static void hr_race_totals(struct race_reader *r)
{
	unsigned long nr_ranges = hr_ranges_nr_ranges(r->ranges);
	unsigned long bytes = hr_ranges_nr_pages(r->ranges) * PAGE_SIZE;

	if (bytes / RACE_CELL_BYTES != RACE_OWNED &&
	    bytes / RACE_CELL_BYTES != RACE_OWNED + 1)
		hr_race_fault(r, "nr_pages", bytes / PAGE_SIZE, 0, 0);
	/* A foreign cell lies between two that stay. */
	if (nr_ranges < RACE_PERMANENT || nr_ranges > RACE_OWNED + 1)
		hr_race_fault(r, "nr_ranges", nr_ranges, 0, 0);
}

static void hr_race_round(struct race_reader *r)
{
	int i;

	for (i = 0; i < 64; i++)
		hr_race_ask(r);
	hr_race_walk(r);
	hr_race_step_through(r);
	hr_race_totals(r);
	r->rounds++;
}

/* The writer, and what drives the readers. */

struct hr_race {
	struct hr_test_ranges	*t;
	struct rnd_state	rnd;
	bool			owned[RACE_CELLS];
	unsigned long		changes;
	struct race_reader	task, hardirq, softirq;

	/* From the writer's CPU to the other one: hardirq, and softirq after it. */
	call_single_data_t	csd;
	bool			called;		/* and not done yet */
	struct tasklet_struct	tasklet;
	/* On the writer's CPU. */
	struct timer_list	timer;
};

static void hr_race_on_tasklet(struct tasklet_struct *tasklet)
{
	struct hr_race *race = container_of(tasklet, struct hr_race, tasklet);

	hr_race_round(&race->softirq);
}

static void hr_race_on_call(void *info)
{
	struct hr_race *race = info;

	if (in_hardirq())
		hr_race_round(&race->hardirq);
	tasklet_schedule(&race->tasklet);
	/* Pairs with hr_race_call(): the next call finds this one over. */
	smp_store_release(&race->called, false);
}

static bool hr_race_calling(struct hr_race *race)
{
	return smp_load_acquire(&race->called); /* see hr_race_on_call() */
}

static void hr_race_call(struct hr_race *race, int cpu)
{
	if (hr_race_calling(race))
		return;
	WRITE_ONCE(race->called, true);
	if (smp_call_function_single_async(cpu, &race->csd))
		WRITE_ONCE(race->called, false);
}

static void hr_race_on_timer(struct timer_list *timer)
{
	struct hr_race *race = container_of(timer, struct hr_race, timer);

	hr_race_round(&race->softirq);
	mod_timer(timer, jiffies);	/* the next tick */
}

/* User-mode Linux built with PREEMPT takes a CPU away only where it is offered. */
static void hr_race_offer_cpu(void)
{
	if (need_resched())
		schedule();
}

static int hr_race_task(void *data)
{
	struct race_reader *r = data;

	while (!kthread_should_stop()) {
		hr_race_round(r);
		hr_race_offer_cpu();
	}
	return 0;
}

static void hr_race_retire(struct rcu_head *rcu)
{
	hr_test_block_free(container_of(rcu, struct hr_ranges_block, rcu));
}

/* Return: false: it failed, and what the writer believes no longer holds. */
static bool hr_race_change(struct hr_race *race, hr_test_op *op,
			   unsigned int cell)
{
	struct hr_test_ranges *t = race->t;
	struct hr_ranges_block *spare;
	int err = -ENOMEM;

	mutex_lock(&t->writers);
	spare = hr_test_block_alloc(hr_ranges_spare_bytes(&t->ranges));
	if (spare)
		err = op(&t->ranges, hr_race_addr(cell),
			 RACE_CELL_BYTES / PAGE_SIZE, &spare);
	mutex_unlock(&t->writers);
	if (spare)
		call_rcu(&spare->rcu, hr_race_retire);
	if (err) {
		KUNIT_FAIL(t->test, "writer: cell %u, err=%d", cell, err);
		return false;
	}
	race->owned[cell] = op == hr_ranges_add;
	race->changes++;
	/* The slower, the more blocks wait: changes in a steady stream. */
	udelay(atomic_read(&hr_test_blocks) / 512);
	if (atomic_read(&hr_test_blocks) > RACE_BLOCKS)
		rcu_barrier();
	return true;
}

static unsigned int hr_race_pick(struct hr_race *race, bool owned)
{
	unsigned int cell;

	do {
		cell = prandom_u32_state(&race->rnd) % RACE_CELLS;
	} while (hr_race_cell(cell) != RACE_CHURN || race->owned[cell] != owned);
	return cell;
}

/* @cpu: whom to call now and then, or -1. */
static void hr_race_write(struct hr_race *race, unsigned int msecs, int cpu)
{
	unsigned long end = jiffies + msecs_to_jiffies(msecs);
	unsigned int i;

	for (i = 0; time_before(jiffies, end); i++) {
		if (!hr_race_change(race, hr_ranges_add,
				    hr_race_pick(race, false)))
			return;
		if (cpu >= 0 && i % 4 == 0)
			hr_race_call(race, cpu);
		if (!hr_race_change(race, hr_ranges_remove,
				    hr_race_pick(race, true)))
			return;
		hr_race_offer_cpu();
	}
}

static void hr_race_reader_init(struct hr_race *race, struct race_reader *r,
				const char *context)
{
	r->context = context;
	r->ranges = &race->t->ranges;
	prandom_seed_state(&r->rnd, get_random_u32());
}

/* Cells that stay, and churn cells up to RACE_OWNED in all. */
static struct hr_race *hr_race_create(struct kunit *test)
{
	struct hr_race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	unsigned int cell, nr;
	bool ok = true;

	KUNIT_ASSERT_NOT_NULL(test, race);
	race->t = test->priv;
	prandom_seed_state(&race->rnd, get_random_u32());
	hr_race_reader_init(race, &race->task, "process");
	hr_race_reader_init(race, &race->hardirq, "hardirq");
	hr_race_reader_init(race, &race->softirq, "softirq");
	race->task.slow = true;
	for (cell = 0; ok && cell < RACE_CELLS; cell++)
		if (hr_race_cell(cell) == RACE_STAYS)
			ok = hr_race_change(race, hr_ranges_add, cell);
	for (nr = RACE_PERMANENT; ok && nr < RACE_OWNED; nr++)
		ok = hr_race_change(race, hr_ranges_add,
				    hr_race_pick(race, false));
	/* No callback outlives a case that ends here. */
	rcu_barrier();
	KUNIT_ASSERT_TRUE(test, ok);
	return race;
}

static struct task_struct *hr_race_start_task(struct hr_race *race, int cpu)
{
	struct task_struct *task =
		kthread_run_on_cpu(hr_race_task, &race->task, cpu, "hr_race/%u");

	KUNIT_ASSERT_FALSE(race->t->test, IS_ERR(task));
	return task;
}

/* With all readers stopped. */
static void hr_race_report(struct hr_race *race, struct race_reader *r)
{
	struct kunit *test = race->t->test;

	kunit_info(test, "context=%s rounds=%lu generations=%lu changes=%lu\n",
		   r->context, r->rounds, r->generations, race->changes);
	KUNIT_EXPECT_EQ_MSG(test, r->faults, 0, "context=%s %s: addr=%#lx range=%#lx-%#lx",
			    r->context, r->what ?: "", r->addr, r->base, r->limit);
	KUNIT_EXPECT_GT_MSG(test, r->rounds, 0, "context=%s", r->context);
	KUNIT_EXPECT_GT_MSG(test, r->generations, 1, "context=%s", r->context);
}

static void hr_race_end(struct hr_race *race)
{
	rcu_barrier();
	KUNIT_EXPECT_EQ(race->t->test, atomic_read(&hr_test_blocks), 1);
	hr_test_ranges_validate(race->t);
}

/* All contexts, on another CPU than the writer's. */
static void ranges_race_other_cpu(struct kunit *test)
{
	struct task_struct *task;
	struct hr_race *race;
	int cpu, other;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU: no reader beside the writer");
	cpu = cpumask_first(cpu_online_mask);
	other = cpumask_next(cpu, cpu_online_mask);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(cpu)), 0);
	race = hr_race_create(test);
	tasklet_setup(&race->tasklet, hr_race_on_tasklet);
	INIT_CSD(&race->csd, hr_race_on_call, race);

	task = hr_race_start_task(race, other);
	hr_race_write(race, 1500, other);
	while (hr_race_calling(race))
		cpu_relax();
	tasklet_kill(&race->tasklet);
	kthread_stop(task);

	hr_race_end(race);
	hr_race_report(race, &race->task);
	hr_race_report(race, &race->hardirq);
	hr_race_report(race, &race->softirq);
}

/* A task that takes turns with the writer, and softirqs that interrupt it. */
static void ranges_race_writers_cpu(struct kunit *test)
{
	int cpu = cpumask_first(cpu_online_mask);
	struct task_struct *task;
	struct hr_race *race;

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(cpu)), 0);
	race = hr_race_create(test);
	timer_setup(&race->timer, hr_race_on_timer, TIMER_PINNED);

	task = hr_race_start_task(race, cpu);
	mod_timer(&race->timer, jiffies + 1);
	hr_race_write(race, 800, -1);
	timer_shutdown_sync(&race->timer);
	kthread_stop(task);

	hr_race_end(race);
	hr_race_report(race, &race->task);
	hr_race_report(race, &race->softirq);
}

static struct kunit_case ranges_race_cases[] = {
	KUNIT_CASE(ranges_race_other_cpu),
	KUNIT_CASE(ranges_race_writers_cpu),
	{ }
};

struct kunit_suite heapranges_ranges_race_suite = {
	.name = "heapranges_ranges_race",
	.init = hr_test_ranges_init,
	.exit = hr_test_ranges_exit,
	.test_cases = ranges_race_cases,
};
