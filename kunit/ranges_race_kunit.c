// SPDX-License-Identifier: GPL-2.0
/*
 * The writer of ranges_race.h, which is the test's own task. Readers run in process
 * context, in hardirq and in softirq; the writer reports in the end what they noted.
 */

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timer.h>

#include "ranges_race.h"
#include "suites.h"

#define RACE_SMALL	96		/* cells */
#define RACE_LARGE	(8 * HR_LEAF_MAX)
#define RACE_BLOCKS	16384		/* waiting for a grace period, at most */

struct hr_race {
	struct hr_test_ranges	*t;
	struct rnd_state	rnd;
	unsigned int		nr_cells;
	bool			*owned;		/* each cell */
	unsigned long		changes, indices;	/* of them, made anew */
	struct race_reader	task, hardirq, softirq;

	/*
	 * From the writer's CPU to the other one: hardirq, and softirq after it, and as
	 * long again for the task that was interrupted.
	 */
	call_single_data_t	csd;
	bool			called;		/* and not done yet */
	u64			begun_ns, rests_until_ns;	/* guarded by called */
	struct tasklet_struct	tasklet;
	/* On the writer's CPU. */
	struct timer_list	timer;
};

static void hr_race_on_tasklet(struct tasklet_struct *tasklet)
{
	struct hr_race *race = container_of(tasklet, struct hr_race, tasklet);

	hr_race_round(&race->softirq);
	race->rests_until_ns = 2 * ktime_get_ns() - race->begun_ns;
	/* Pairs with hr_race_calling(): the next call finds this one over. */
	smp_store_release(&race->called, false);
}

static void hr_race_on_call(void *info)
{
	struct hr_race *race = info;

	race->begun_ns = ktime_get_ns();
	if (in_hardirq())
		hr_race_round(&race->hardirq);
	tasklet_schedule(&race->tasklet);
}

static bool hr_race_calling(struct hr_race *race)
{
	return smp_load_acquire(&race->called); /* see hr_race_on_tasklet() */
}

static void hr_race_call(struct hr_race *race, int cpu)
{
	if (hr_race_calling(race) || ktime_get_ns() < race->rests_until_ns)
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
	hr_test_chain_free(container_of(rcu, struct hr_block, rcu));
}

/* Return: -ENOMEM. */
static int hr_race_pay(struct hr_change *change)
{
	int i, err = 0;

	for (i = 0; i < HR_CHANGE_BLOCKS; i++) {
		if (!change->bytes[i])
			continue;
		change->block[i] = hr_test_block_alloc(change->bytes[i]);
		if (!change->block[i])
			err = -ENOMEM;
	}
	return err;
}

/* Return: false: it failed, and what the writer believes no longer holds. */
static bool hr_race_change(struct hr_race *race, hr_test_op *op,
			   unsigned int cell)
{
	struct hr_test_ranges *t = race->t;
	struct hr_change change;
	int err;

	mutex_lock(&t->writers);
	err = op(&change, &t->ranges, hr_race_addr(cell), RACE_CELL_BYTES / PAGE_SIZE);
	err = err ?: hr_race_pay(&change);
	err = err ?: hr_commit_change(&change, &t->ranges);
	mutex_unlock(&t->writers);
	hr_test_ranges_cancel(&change);
	if (change.retired)
		call_rcu(&change.retired->rcu, hr_race_retire);
	if (err) {
		KUNIT_FAIL(t->test, "writer: cell %u, err=%d", cell, err);
		return false;
	}
	race->owned[cell] = op == hr_change_prepare_add;
	race->changes++;
	race->indices += !change.keeps_index;
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
		cell = prandom_u32_state(&race->rnd) % race->nr_cells;
	} while (hr_race_cell(cell) != RACE_CHURN || race->owned[cell] != owned);
	return cell;
}

/* One there, one gone. @cpu: whom to call now and then, or -1. */
static bool hr_race_pair(struct hr_race *race, int cpu)
{
	if (!hr_race_change(race, hr_change_prepare_add, hr_race_pick(race, false)))
		return false;
	if (cpu >= 0 && race->changes % 8 < 2)
		hr_race_call(race, cpu);
	return hr_race_change(race, hr_change_prepare_remove, hr_race_pick(race, true));
}

/* A quarter of all cells: the odd ones are owned, as many ranges as can be, or none. */
static bool hr_race_wave(struct hr_race *race, bool odd, int cpu)
{
	unsigned int i, cell = prandom_u32_state(&race->rnd) % race->nr_cells;
	bool want, ok = true;

	for (i = 0; ok && i < race->nr_cells / 4; i++, cell = (cell + 1) % race->nr_cells) {
		want = odd && cell & 1;
		if (hr_race_cell(cell) != RACE_CHURN || race->owned[cell] == want)
			continue;
		ok = hr_race_change(race, want ? hr_change_prepare_add : hr_change_prepare_remove,
				    cell);
		if (cpu >= 0 && race->changes % 8 < 2)
			hr_race_call(race, cpu);
		hr_race_offer_cpu();
	}
	return ok;
}

static void hr_race_write(struct hr_race *race, unsigned int msecs, int cpu)
{
	unsigned long end = jiffies + msecs_to_jiffies(msecs);
	unsigned int i;
	bool ok = true;

	for (i = 1; ok && time_before(jiffies, end); i++) {
		ok = hr_race_pair(race, cpu);
		if (ok && race->nr_cells > RACE_SMALL && i % 64 == 0)
			ok = hr_race_wave(race, i & 64, cpu);
		hr_race_offer_cpu();
	}
}

static void hr_race_reader_init(struct hr_race *race, struct race_reader *r,
				const char *context)
{
	r->context = context;
	r->ranges = &race->t->ranges;
	r->nr_cells = race->nr_cells;
	r->is_small = race->nr_cells == RACE_SMALL;
	prandom_seed_state(&r->rnd, get_random_u32());
}

/* Cells that stay, and churn cells up to half of all. */
static struct hr_race *hr_race_create(struct kunit *test, unsigned int nr_cells)
{
	struct hr_race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	unsigned int cell, nr;
	bool ok = true;

	KUNIT_ASSERT_NOT_NULL(test, race);
	race->t = test->priv;
	race->nr_cells = nr_cells;
	race->owned = kunit_kzalloc(test, nr_cells, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, race->owned);
	prandom_seed_state(&race->rnd, get_random_u32());
	hr_race_reader_init(race, &race->task, "process");
	hr_race_reader_init(race, &race->hardirq, "hardirq");
	hr_race_reader_init(race, &race->softirq, "softirq");
	race->task.slow = true;
	for (cell = 0; ok && cell < nr_cells; cell++)
		if (hr_race_cell(cell) == RACE_STAYS)
			ok = hr_race_change(race, hr_change_prepare_add, cell);
	for (nr = hr_race_nr_permanent(nr_cells); ok && nr < hr_race_nr_owned(nr_cells); nr++)
		ok = hr_race_change(race, hr_change_prepare_add,
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

	kunit_info(test, "context=%s rounds=%lu generations=%lu changes=%lu indices=%lu\n",
		   r->context, r->rounds, r->generations, race->changes, race->indices);
	KUNIT_EXPECT_EQ_MSG(test, r->faults, 0, "context=%s %s: addr=%#lx range=%#lx-%#lx",
			    r->context, r->what ?: "", r->addr, r->base, r->limit);
	KUNIT_EXPECT_GT_MSG(test, r->rounds, 0, "context=%s", r->context);
	KUNIT_EXPECT_GT_MSG(test, r->generations, 1, "context=%s", r->context);
}

static void hr_race_end(struct hr_race *race)
{
	rcu_barrier();
	hr_test_ranges_validate(race->t);
	if (race->nr_cells > RACE_SMALL)
		KUNIT_EXPECT_GT(race->t->test, race->indices, 5UL);
}

/* All contexts, on another CPU than the writer's. */
static void hr_race_run_on_other_cpu(struct kunit *test, unsigned int nr_cells)
{
	struct task_struct *task;
	struct hr_race *race;
	int cpu, other;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU: no reader beside the writer");
	cpu = cpumask_first(cpu_online_mask);
	other = cpumask_next(cpu, cpu_online_mask);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(cpu)), 0);
	race = hr_race_create(test, nr_cells);
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
static void hr_race_run_on_writers_cpu(struct kunit *test, unsigned int nr_cells)
{
	int cpu = cpumask_first(cpu_online_mask);
	struct task_struct *task;
	struct hr_race *race;

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(cpu)), 0);
	race = hr_race_create(test, nr_cells);
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

static void ranges_race_other_cpu(struct kunit *test)
{
	hr_race_run_on_other_cpu(test, RACE_SMALL);
}

static void ranges_race_other_cpu_leaves(struct kunit *test)
{
	hr_race_run_on_other_cpu(test, RACE_LARGE);
}

static void ranges_race_writers_cpu(struct kunit *test)
{
	hr_race_run_on_writers_cpu(test, RACE_SMALL);
}

static void ranges_race_writers_cpu_leaves(struct kunit *test)
{
	hr_race_run_on_writers_cpu(test, RACE_LARGE);
}

static struct kunit_case ranges_race_cases[] = {
	KUNIT_CASE(ranges_race_other_cpu),
	KUNIT_CASE(ranges_race_other_cpu_leaves),
	KUNIT_CASE(ranges_race_writers_cpu),
	KUNIT_CASE(ranges_race_writers_cpu_leaves),
	{ }
};

struct kunit_suite heapranges_ranges_race_suite = {
	.name = "heapranges_ranges_race",
	.init = hr_test_ranges_init,
	.exit = hr_test_ranges_exit,
	.test_cases = ranges_race_cases,
};
