/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads that work on one heap. Nothing is asserted while they do; the first
 * mistake is kept as text.
 *
 *	hr_test_crew_join(test, &crew, fn, cpu);	once a thread
 *	hr_test_crew_end(test, &crew);			waits for all of them
 *
 * fn ends by itself or, if it goes on and on, when kthread_should_stop().
 */
#ifndef HR_TEST_CREW_HELPERS_H
#define HR_TEST_CREW_HELPERS_H

#include <linux/atomic.h>
#include <linux/kthread.h>
#include <linux/sched.h>

#include "heap_helpers.h"

#define HR_TEST_ANY_CPU		UINT_MAX
#define HR_TEST_CREW_MAX	6

struct hr_test_crew;

struct hr_test_member {
	struct hr_test_crew	*crew;
	void			(*fn)(struct hr_test_crew *crew, unsigned int nr);
	struct task_struct	*task;
};

struct hr_test_crew {
	struct heapranges	*heap;
	struct hr_test_member	member[HR_TEST_CREW_MAX];
	unsigned int		nr_members;
	atomic_t		nr_started, nr_done;
	atomic_t		mistakes;
	char			first[160];
};

/*
 * Lets others have the CPU. With full preemption cond_resched() does nothing, and on
 * user-mode Linux no interrupt preempts: who loops in RCU sections alone would for ever.
 */
static inline void hr_test_crew_yield(void)
{
	schedule();
}

static inline __printf(2, 3)
void hr_test_crew_mistake(struct hr_test_crew *crew, const char *fmt, ...)
{
	va_list args;

	if (atomic_inc_return(&crew->mistakes) > 1)
		return;
	va_start(args, fmt);
	vsnprintf(crew->first, sizeof(crew->first), fmt, args);
	va_end(args);
}

static inline int hr_test_crew_thread(void *data)
{
	struct hr_test_member *member = data;

	atomic_inc(&member->crew->nr_started);
	member->fn(member->crew, member - member->crew->member);
	atomic_inc(&member->crew->nr_done);
	/* The task has to be there for kthread_stop(). */
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static inline void hr_test_crew_join(struct kunit *test, struct hr_test_crew *crew,
				     void (*fn)(struct hr_test_crew *crew, unsigned int nr),
				     unsigned int cpu)
{
	struct hr_test_member *member = &crew->member[crew->nr_members];

	KUNIT_ASSERT_LT(test, crew->nr_members, (unsigned int)HR_TEST_CREW_MAX);
	member->crew = crew;
	member->fn = fn;
	member->task = kthread_create(hr_test_crew_thread, member, "hr_test_crew/%u",
				      crew->nr_members);
	KUNIT_ASSERT_FALSE(test, IS_ERR(member->task));
	if (cpu != HR_TEST_ANY_CPU)
		kthread_bind(member->task, cpu);
	crew->nr_members++;
	wake_up_process(member->task);
}

/* From the last to the first: each is told to stop, and waited for. */
static inline void hr_test_crew_end(struct kunit *test, struct hr_test_crew *crew)
{
	/* Who is told so before he has started never does. */
	while (atomic_read(&crew->nr_started) < crew->nr_members)
		schedule_timeout_uninterruptible(1);
	while (crew->nr_members)
		kthread_stop(crew->member[--crew->nr_members].task);
	atomic_set(&crew->nr_started, 0);
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&crew->mistakes), 0, "the first: %s", crew->first);
}

/* All of them wait for something that is not to be interrupted. */
static inline bool hr_test_crew_waits(const struct hr_test_crew *crew)
{
	unsigned int i;

	for (i = 0; i < crew->nr_members; i++) {
		if (!(READ_ONCE(crew->member[i].task->__state) & TASK_UNINTERRUPTIBLE))
			return false;
	}
	return atomic_read(&crew->nr_started) == crew->nr_members;
}

#endif /* HR_TEST_CREW_HELPERS_H */
