/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs a function where sleeping is not allowed, once for each such context: the
 * parameters of a case are in hr_test_context_gen_params. What it does there may be a
 * mistake on purpose: might_sleep() and lockdep, which are right about it, keep
 * quiet.
 */
#ifndef HR_TEST_CONTEXT_HELPERS_H
#define HR_TEST_CONTEXT_HELPERS_H

#include <kunit/test.h>
#include <linux/bottom_half.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/processor.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "compat.h"

enum hr_test_context {
	HR_TEST_IRQS_OFF,
	HR_TEST_PREEMPT_OFF,
	HR_TEST_SPINLOCK,
	HR_TEST_RCU,
	HR_TEST_BH_OFF,
	HR_TEST_SOFTIRQ,
	HR_TEST_HARDIRQ,
};

static const struct hr_test_context_row {
	const char		*desc;
	enum hr_test_context	context;
} hr_test_context_rows[] = {
	{ "irqs off", HR_TEST_IRQS_OFF },
	{ "preemption off", HR_TEST_PREEMPT_OFF },
	{ "under a spinlock", HR_TEST_SPINLOCK },
	{ "in an RCU reader", HR_TEST_RCU },
	{ "softirqs off", HR_TEST_BH_OFF },
	{ "in a softirq", HR_TEST_SOFTIRQ },
	{ "in a hardirq", HR_TEST_HARDIRQ },
};

static inline void hr_test_context_desc(const struct hr_test_context_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_context, hr_test_context_rows, hr_test_context_desc);

/* The row of the case; skips it where nothing can tell that context. */
static inline enum hr_test_context hr_test_context_of(struct kunit *test)
{
	const struct hr_test_context_row *row = test->param_value;
	enum hr_test_context context = row->context;

	if (!IS_ENABLED(CONFIG_PREEMPT_COUNT) &&
	    (context == HR_TEST_PREEMPT_OFF || context == HR_TEST_SPINLOCK ||
	     context == HR_TEST_RCU))
		kunit_skip(test, "without CONFIG_PREEMPT_COUNT it cannot be seen");
	return context;
}

struct hr_test_call {
	void			(*fn)(void *data);
	void			*data;
	bool			in_softirq, in_hardirq;	/* where it was made */
	struct tasklet_struct	tasklet;
	struct hrtimer		timer;
};

static inline void hr_test_call_make(struct hr_test_call *call)
{
	call->in_softirq = in_serving_softirq();
	call->in_hardirq = in_hardirq();
	lockdep_off();
	sched_annotate_sleep();
	oops_in_progress++;
	call->fn(call->data);
	oops_in_progress--;
	lockdep_on();
}

static inline void hr_test_call_in_tasklet(struct tasklet_struct *tasklet)
{
	struct hr_test_call *call = container_of(tasklet, struct hr_test_call, tasklet);

	hr_test_call_make(call);
}

static inline enum hrtimer_restart hr_test_call_in_timer(struct hrtimer *timer)
{
	struct hr_test_call *call = container_of(timer, struct hr_test_call, timer);

	hr_test_call_make(call);
	return HRTIMER_NORESTART;
}

/*
 * This task is what is interrupted: of another one, that is about to sleep,
 * might_sleep() would say that too.
 */
static inline void hr_test_call_in_softirq(struct hr_test_call *call)
{
	tasklet_setup(&call->tasklet, hr_test_call_in_tasklet);
	local_bh_disable();
	tasklet_schedule(&call->tasklet);
	local_bh_enable();
	tasklet_kill(&call->tasklet);
}

static inline void hr_test_call_in_hardirq(struct hr_test_call *call)
{
	hr_test_hrtimer_setup(&call->timer, hr_test_call_in_timer, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_PINNED_HARD);
	preempt_disable();
	hrtimer_start(&call->timer, 0, HRTIMER_MODE_REL_PINNED_HARD);
	while (hrtimer_active(&call->timer))
		cpu_relax();
	preempt_enable();
}

static inline void hr_test_call_in_task(enum hr_test_context context,
					struct hr_test_call *call)
{
	static DEFINE_SPINLOCK(lock);
	unsigned long flags;

	switch (context) {
	case HR_TEST_IRQS_OFF:
		local_irq_save(flags);
		hr_test_call_make(call);
		local_irq_restore(flags);
		break;
	case HR_TEST_PREEMPT_OFF:
		preempt_disable();
		hr_test_call_make(call);
		preempt_enable();
		break;
	case HR_TEST_SPINLOCK:
		spin_lock(&lock);
		hr_test_call_make(call);
		spin_unlock(&lock);
		break;
	case HR_TEST_RCU:
		rcu_read_lock();
		hr_test_call_make(call);
		rcu_read_unlock();
		break;
	default:
		local_bh_disable();
		hr_test_call_make(call);
		local_bh_enable();
	}
}

/* @fn must not wait, nor use KUnit. */
static inline void hr_test_call_in(struct kunit *test, enum hr_test_context context,
				   void (*fn)(void *data), void *data)
{
	struct hr_test_call *call = kunit_kzalloc(test, sizeof(*call), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, call);
	call->fn = fn;
	call->data = data;
	if (context == HR_TEST_SOFTIRQ)
		hr_test_call_in_softirq(call);
	else if (context == HR_TEST_HARDIRQ)
		hr_test_call_in_hardirq(call);
	else
		hr_test_call_in_task(context, call);
	KUNIT_EXPECT_EQ(test, call->in_softirq, context == HR_TEST_SOFTIRQ);
	KUNIT_EXPECT_EQ(test, call->in_hardirq, context == HR_TEST_HARDIRQ);
}

#endif /* HR_TEST_CONTEXT_HELPERS_H */
