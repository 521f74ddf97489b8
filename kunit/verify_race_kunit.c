// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_verify_race: heapranges_verify() of a sound heap that an interrupt changes
 * meanwhile, which it may do whenever the heap's lock is not held, tells of nothing.
 */
#include "compat.h"
#include "heap_helpers.h"
#include "suites.h"

#define HR_TEST_INTERRUPT_NS	(50 * NSEC_PER_USEC)
/* Without timers of high resolution they come with the tick. */
#define HR_TEST_INTERRUPTS	100
#define HR_TEST_HELD		8
#define HR_TEST_ARENA		256UL

struct hr_test_meanwhile {
	struct heapranges	*heap;
	struct hrtimer		timer;
	void			*held[HR_TEST_HELD];
	unsigned int		nr_interrupts;
};

/* Within a chunk, of it, and over several. */
static const unsigned long hr_test_held_pages[HR_TEST_HELD] = {
	1, 300, 512, 5, 1500, 17, 100, 700,
};

/* Takes one run after the other, then gives one after the other. */
static enum hrtimer_restart hr_test_take_or_give(struct hrtimer *timer)
{
	struct hr_test_meanwhile *m = container_of(timer, struct hr_test_meanwhile, timer);
	unsigned int i = m->nr_interrupts++ % HR_TEST_HELD;
	void **held = &m->held[i];

	if (*held) {
		heapranges_free(m->heap, *held);
		*held = NULL;
	} else {
		*held = heapranges_alloc(m->heap, hr_test_held_pages[i],
					 GFP_ATOMIC | __GFP_NOWARN);
	}
	hrtimer_forward_now(timer, ns_to_ktime(HR_TEST_INTERRUPT_NS));
	return HRTIMER_RESTART;
}

static void hr_test_expect_sound(struct kunit *test, struct heapranges *heap, unsigned int i)
{
	char first[160] = "";
	int nr = heapranges_verify(heap, first, sizeof(first));

	KUNIT_EXPECT_TRUE_MSG(test, !nr || nr == -EBUSY, "verify %u: %d %s", i, nr, first);
}

static void verify_race_with_who_takes_and_gives(struct kunit *test)
{
	struct hr_test_meanwhile *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, m);
	m->heap = hr_test_create(test, "kunit", HEAPRANGES_ADDRESS_ONLY);
	hr_test_add(test, m->heap, hr_test_addr(100), 8 * HR_TEST_CHUNK);
	hr_test_add(test, m->heap, hr_test_addr(100 * HR_TEST_CHUNK), 2 * HR_TEST_CHUNK);
	hr_test_hrtimer_setup(&m->timer, hr_test_take_or_give, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_HARD);
	hrtimer_start(&m->timer, ns_to_ktime(HR_TEST_INTERRUPT_NS), HRTIMER_MODE_REL_HARD);
	for (i = 0; READ_ONCE(m->nr_interrupts) < HR_TEST_INTERRUPTS; i++)
		hr_test_expect_sound(test, m->heap, i);
	hrtimer_cancel(&m->timer);
	kunit_info(test, "%u looks", i);
	for (i = 0; i < HR_TEST_HELD; i++)
		KUNIT_EXPECT_EQ(test, heapranges_free(m->heap, m->held[i]), 0);
	hr_test_verify(test, m->heap, "interrupts");
}

/* Takes all that is zero, and writes where a look at it comes last. */
static enum hrtimer_restart hr_test_take_and_write(struct hrtimer *timer)
{
	struct hr_test_meanwhile *m = container_of(timer, struct hr_test_meanwhile, timer);
	unsigned long page;
	u8 *run;

	run = heapranges_alloc(m->heap, HR_TEST_ARENA - 1, GFP_ATOMIC | __GFP_NOWARN);
	for (page = 1; run && page < HR_TEST_ARENA; page++)
		run[page * PAGE_SIZE - 1] = 1;
	m->held[0] = run;
	m->nr_interrupts++;
	return HRTIMER_NORESTART;
}

/* Sooner or later on its way through the arena. */
static void verify_race_with_who_takes_and_writes(struct kunit *test)
{
	struct heapranges_params params = {
		.name = "kunit",
		.node = NUMA_NO_NODE,
		.arena_pages = HR_TEST_ARENA,
		.flags = HEAPRANGES_NO_CACHE,
	};
	struct hr_test_meanwhile *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	unsigned int i, nr_looks = 0;
	void *first;

	KUNIT_ASSERT_NOT_NULL(test, m);
	for (i = 0; i < HR_TEST_INTERRUPTS; i++) {
		m->heap = hr_test_create_params(test, &params);
		/* Who wants a page zero gets an arena that is, and is known to be. */
		first = heapranges_alloc(m->heap, 1, GFP_KERNEL | __GFP_ZERO);
		KUNIT_ASSERT_NOT_NULL(test, first);
		hr_test_hrtimer_setup(&m->timer, hr_test_take_and_write, CLOCK_MONOTONIC,
				      HRTIMER_MODE_REL_HARD);
		hrtimer_start(&m->timer, ns_to_ktime(HR_TEST_INTERRUPT_NS), HRTIMER_MODE_REL_HARD);
		while (READ_ONCE(m->nr_interrupts) == i)
			hr_test_expect_sound(test, m->heap, nr_looks++);
		hrtimer_cancel(&m->timer);
		KUNIT_EXPECT_NOT_NULL(test, m->held[0]);
		KUNIT_EXPECT_EQ(test, heapranges_free(m->heap, m->held[0]), 0);
		KUNIT_EXPECT_EQ(test, heapranges_free(m->heap, first), 0);
		hr_test_destroy(test, m->heap);
	}
	kunit_info(test, "%u looks", nr_looks);
}

static struct kunit_case hr_test_verify_race_cases[] = {
	KUNIT_CASE(verify_race_with_who_takes_and_gives),
	KUNIT_CASE(verify_race_with_who_takes_and_writes),
	{}
};

struct kunit_suite heapranges_verify_race_suite = {
	.name = "heapranges_verify_race",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_verify_race_cases,
};
