// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_heap_race: one heap, used at once by threads, a timer in
 * hardirq and a tasklet, while regions come and go and somebody reads.
 *
 * Each actor ("hand") holds some runs, marks every page of them and looks at
 * the marks before it frees: a page that two hold, or that is not mapped any
 * more, shows. Nothing is asserted while actors run; the first mistake is kept
 * as text.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/prandom.h>
#include <linux/random.h>

#include "compat.h"
#include "heap_helpers.h"
#include "suites.h"
#include "text_helpers.h"

#define HR_TEST_REGION		1500UL		/* pages, there all the time */
#define HR_TEST_SLICE		70UL		/* pages, added and removed */
#define HR_TEST_SLICES		10
#define HR_TEST_EXTRA		(HR_TEST_SLICES * HR_TEST_SLICE)
#define HR_TEST_RUNS		12
#define HR_TEST_TEXT		(64 * 1024)
#define HR_TEST_TIMER_NS	(150 * NSEC_PER_USEC)

struct hr_test_race;

/* One actor: its runs, and what it did. */
struct hr_test_hand {
	struct hr_test_race	*race;
	struct rnd_state	rnd;
	gfp_t			gfp;
	unsigned int		longest;	/* pages */
	unsigned long		steps, allocs, interior;
	struct hr_test_run {
		u64		*addr;
		unsigned long	nr;
		u64		mark;
	} run[HR_TEST_RUNS];
};

enum { HR_TEST_IN_HARDIRQ, HR_TEST_IN_SOFTIRQ, HR_TEST_IN_THREAD, HR_TEST_HANDS = 4 };

struct hr_test_race {
	struct heapranges	*heap;
	struct hr_test_hand	hand[HR_TEST_HANDS];
	struct hrtimer		timer;
	struct tasklet_struct	tasklet;
	struct task_struct	*task[4];	/* two hands, region, reader */
	struct file		*file;
	char			*text;
	unsigned long		region, extra;	/* addresses */
	unsigned long		slices;		/* bit n: slice n of extra is in */
	unsigned long		added, removed, busy, reads, lines;
	atomic_t		mistakes;
	char			first[160];
};

static __printf(2, 3)
void hr_test_race_mistake(struct hr_test_race *race, const char *fmt, ...)
{
	va_list args;

	if (atomic_inc_return(&race->mistakes) > 1)
		return;
	va_start(args, fmt);
	vsnprintf(race->first, sizeof(race->first), fmt, args);
	va_end(args);
}

/* ---- a hand ---- */

#define HR_TEST_WORDS	(PAGE_SIZE / sizeof(u64))

static void hr_test_run_mark(struct hr_test_run *run)
{
	unsigned long page;

	for (page = 0; page < run->nr; page++) {
		run->addr[page * HR_TEST_WORDS] = run->mark + page;
		run->addr[(page + 1) * HR_TEST_WORDS - 1] = ~(run->mark + page);
	}
}

static void hr_test_run_look(struct hr_test_race *race, struct hr_test_run *run)
{
	unsigned long page;
	u64 head, tail;

	for (page = 0; page < run->nr; page++) {
		head = run->addr[page * HR_TEST_WORDS];
		tail = run->addr[(page + 1) * HR_TEST_WORDS - 1];
		if (head == run->mark + page && tail == ~(run->mark + page))
			continue;
		hr_test_race_mistake(race, "page %lu of %lu at %lx: got %llx %llx, want %llx %llx",
				     page, run->nr, (unsigned long)run->addr, head, tail,
				     run->mark + page, ~(run->mark + page));
		return;
	}
}

static void hr_test_hand_take(struct hr_test_hand *hand, struct hr_test_run *run)
{
	run->nr = 1 + prandom_u32_state(&hand->rnd) % hand->longest;
	run->mark = ((u64)prandom_u32_state(&hand->rnd) << 32) | hand->steps << 8;
	run->addr = heapranges_alloc(hand->race->heap, run->nr, hand->gfp);
	if (!run->addr)
		return;
	hand->allocs++;
	hr_test_run_mark(run);
}

static void hr_test_hand_give(struct hr_test_hand *hand, struct hr_test_run *run)
{
	struct heapranges *heap = hand->race->heap;
	int err;

	hr_test_run_look(hand->race, run);
	err = run->mark & 0x100 ? heapranges_free(heap, run->addr) :
				  heapranges_free_sized(heap, run->addr, run->nr);
	if (err)
		hr_test_race_mistake(hand->race, "free of 0x%lx, %lu pages: %d",
				     (unsigned long)run->addr, run->nr, err);
	run->addr = NULL;
}

/* A mistake on purpose, and a question; the run stays. */
static void hr_test_hand_poke(struct hr_test_hand *hand, struct hr_test_run *run)
{
	unsigned long size = heapranges_size(hand->race->heap, run->addr);
	int err = heapranges_free(hand->race->heap, run->addr + 1);

	hand->interior++;
	if (err != -EINVAL || size != run->nr)
		hr_test_race_mistake(hand->race,
				     "0x%lx: free inside gave %d, size %lu for %lu",
				     (unsigned long)run->addr, err, size, run->nr);
}

static void hr_test_hand_step(struct hr_test_hand *hand)
{
	u32 dice = prandom_u32_state(&hand->rnd);
	struct hr_test_run *run = &hand->run[dice % HR_TEST_RUNS];

	hand->steps++;
	if (!run->addr)
		hr_test_hand_take(hand, run);
	else if (dice >> 28)
		hr_test_hand_give(hand, run);
	else
		hr_test_hand_poke(hand, run);
}

static void hr_test_hand_drain(struct hr_test_hand *hand)
{
	int i;

	for (i = 0; i < HR_TEST_RUNS; i++) {
		if (hand->run[i].addr)
			hr_test_hand_give(hand, &hand->run[i]);
	}
}

/* ---- the contexts ---- */

static enum hrtimer_restart hr_test_race_hardirq(struct hrtimer *timer)
{
	struct hr_test_race *race = container_of(timer, struct hr_test_race, timer);
	struct hr_test_hand *hand = &race->hand[HR_TEST_IN_HARDIRQ];
	int i;

	/* Without high-resolution timers it comes once a tick only. */
	for (i = 0; i < 16; i++)
		hr_test_hand_step(hand);
	if (hand->steps % 3)
		tasklet_schedule(&race->tasklet);
	hrtimer_forward_now(timer, ns_to_ktime(HR_TEST_TIMER_NS));
	return HRTIMER_RESTART;
}

static void hr_test_race_softirq(struct tasklet_struct *tasklet)
{
	struct hr_test_race *race = container_of(tasklet, struct hr_test_race, tasklet);
	int i;

	for (i = 0; i < 24; i++)
		hr_test_hand_step(&race->hand[HR_TEST_IN_SOFTIRQ]);
}

/* Now and then it holds nothing, so that the heap is nearly empty at times. */
static int hr_test_race_thread(void *data)
{
	struct hr_test_hand *hand = data;

	while (!kthread_should_stop()) {
		hr_test_hand_step(hand);
		if (hand->steps % 512 == 0)
			hr_test_hand_drain(hand);
		cond_resched();
	}
	return 0;
}

/* Adds a slice, or tries to remove it: only runs in it may prevent that. */
static void hr_test_race_toggle(struct hr_test_race *race, unsigned int nr)
{
	unsigned long base = race->extra + nr * HR_TEST_SLICE * PAGE_SIZE;
	bool is_in = race->slices & BIT(nr);
	int err = is_in ? heapranges_remove(race->heap, base, HR_TEST_SLICE) :
			  heapranges_add(race->heap, base, HR_TEST_SLICE);

	if (err && !(is_in && err == -EBUSY))
		hr_test_race_mistake(race, "%s of slice %u: %d",
				     is_in ? "remove" : "add", nr, err);
	race->busy += err == -EBUSY;
	if (err)
		return;
	race->slices ^= BIT(nr);
	if (is_in)
		race->removed++;
	else
		race->added++;
}

static int hr_test_race_region(void *data)
{
	struct hr_test_race *race = data;

	while (!kthread_should_stop()) {
		hr_test_race_toggle(race, get_random_u32() % HR_TEST_SLICES);
		cond_resched();
	}
	return 0;
}

/* ---- the reader ---- */

struct hr_test_sight {
	struct hr_test_race	*race;
	unsigned long		last, seen;
};

static int hr_test_race_visit(const struct heapranges_range *range, void *data)
{
	struct hr_test_sight *sight = data;
	struct hr_test_race *race = sight->race;

	if (range->base >= range->limit || range->base < sight->last)
		hr_test_race_mistake(race, "walk: %lx-%lx after %lx", range->base,
				     range->limit, sight->last);
	sight->last = range->limit;
	if (range->base <= race->region &&
	    range->limit >= race->region + HR_TEST_REGION * PAGE_SIZE)
		sight->seen++;
	return 0;
}

static void hr_test_race_read_heap(struct hr_test_race *race)
{
	struct hr_test_sight sight = { .race = race };
	struct heapranges_stats s;

	heapranges_get_stats(race->heap, &s);
	if (s.owned_pages != s.used_pages + s.cached_pages + s.free_pages ||
	    s.allocs < s.frees)
		hr_test_race_mistake(race, "stats: %lu = %lu + %lu + %lu, %llu >= %llu",
				     s.owned_pages, s.used_pages, s.cached_pages,
				     s.free_pages, s.allocs, s.frees);
	heapranges_walk(race->heap, hr_test_race_visit, &sight);
	if (sight.seen != 1)
		hr_test_race_mistake(race, "walk: the region seen %lu times", sight.seen);
	if (!heapranges_contains(race->heap, race->region, HR_TEST_REGION))
		hr_test_race_mistake(race, "contains: the region is gone");
}

static void hr_test_race_read_file(struct hr_test_race *race)
{
	char *text = race->text, *line;
	struct hr_test_line l;
	const char *wrong;
	ssize_t len;

	len = hr_test_read_all(race->file, text, HR_TEST_TEXT, HR_TEST_TEXT, 0);
	if (len < 0 || !strstarts(text, HR_TEST_HEADER)) {
		hr_test_race_mistake(race, "read gave %zd: %.60s", len, text);
		return;
	}
	text += strlen(HR_TEST_HEADER);
	while ((line = strsep(&text, "\n")) && *line) {
		race->lines++;
		wrong = hr_test_line_wrong(line, &l);
		if (wrong)
			hr_test_race_mistake(race, "%s: %s", wrong, line);
	}
}

static int hr_test_race_reader(void *data)
{
	struct hr_test_race *race = data;

	while (!kthread_should_stop()) {
		hr_test_race_read_heap(race);
		if (!IS_ERR(race->file))
			hr_test_race_read_file(race);
		race->reads++;
		cond_resched();
	}
	return 0;
}

/* ---- start, stop, judge ---- */

static void hr_test_race_hand_init(struct hr_test_race *race, int nr, gfp_t gfp,
				   unsigned int longest)
{
	struct hr_test_hand *hand = &race->hand[nr];

	hand->race = race;
	hand->gfp = gfp;
	hand->longest = longest;
	prandom_seed_state(&hand->rnd, get_random_u32() + nr);
}

static struct hr_test_race *hr_test_race_make(struct kunit *test,
					      unsigned int flags)
{
	struct hr_test_race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	struct heapranges_params params = {
		.name = "kunit", .node = NUMA_NO_NODE, .flags = flags,
	};

	KUNIT_ASSERT_NOT_NULL(test, race);
	if (flags & HEAPRANGES_FIXED)
		params.max_pages = HR_TEST_REGION + HR_TEST_EXTRA;
	else
		params.grow_max_pages = HR_TEST_CHUNK;
	race->heap = hr_test_create_params(test, &params);
	race->text = (char *)hr_test_area(test, HR_TEST_TEXT / PAGE_SIZE);
	/* The extra one is the higher of the two, or it would never be idle. */
	race->region = hr_test_area(test, HR_TEST_REGION);
	race->extra = hr_test_area(test, HR_TEST_REGION);
	if (race->extra < race->region)
		swap(race->extra, race->region);
	hr_test_add(test, race->heap, race->region, HR_TEST_REGION);
	hr_test_race_hand_init(race, HR_TEST_IN_HARDIRQ, GFP_NOWAIT | __GFP_NOWARN, 8);
	hr_test_race_hand_init(race, HR_TEST_IN_SOFTIRQ, GFP_ATOMIC | __GFP_NOWARN, 70);
	hr_test_race_hand_init(race, HR_TEST_IN_THREAD, HR_TEST_QUIET, 130);
	hr_test_race_hand_init(race, HR_TEST_IN_THREAD + 1,
			       HR_TEST_QUIET | __GFP_ZERO, 400);
	return race;
}

static void hr_test_race_start(struct hr_test_race *race, bool all)
{
	struct task_struct **task = race->task;

	race->file = hr_test_try_open();
	*task++ = kthread_run(hr_test_race_thread, &race->hand[HR_TEST_IN_THREAD],
			      "hr_test_hand/0");
	if (all) {
		*task++ = kthread_run(hr_test_race_thread,
				      &race->hand[HR_TEST_IN_THREAD + 1], "hr_test_hand/1");
		*task++ = kthread_run(hr_test_race_region, race, "hr_test_region");
		*task++ = kthread_run(hr_test_race_reader, race, "hr_test_reader");
	}
	tasklet_setup(&race->tasklet, hr_test_race_softirq);
	hr_test_hrtimer_setup(&race->timer, hr_test_race_hardirq, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_HARD);
	hrtimer_start(&race->timer, ns_to_ktime(HR_TEST_TIMER_NS), HRTIMER_MODE_REL_HARD);
}

static void hr_test_race_stop(struct hr_test_race *race)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(race->task); i++) {
		if (IS_ERR(race->task[i]))
			hr_test_race_mistake(race, "no thread %d", i);
		else if (race->task[i])
			kthread_stop(race->task[i]);
	}
	hrtimer_cancel(&race->timer);
	tasklet_kill(&race->tasklet);
	if (!IS_ERR(race->file))
		filp_close(race->file, NULL);
	for (i = 0; i < HR_TEST_HANDS; i++)
		hr_test_hand_drain(&race->hand[i]);
}

static void hr_test_race_judge(struct kunit *test, struct hr_test_race *race)
{
	struct heapranges_stats s = hr_test_stats(test, race->heap);
	u64 allocs = 0, interior = 0;
	int i;

	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&race->mistakes), 0, "the first: %s",
			    race->first);
	for (i = 0; i < HR_TEST_HANDS; i++) {
		kunit_info(test, "hand=%d steps=%lu allocs=%lu\n", i,
			   race->hand[i].steps, race->hand[i].allocs);
		allocs += race->hand[i].allocs;
		interior += race->hand[i].interior;
	}
	kunit_info(test, "added=%lu removed=%lu busy=%lu reads=%lu lines=%lu grows=%llu\n",
		   race->added, race->removed, race->busy, race->reads, race->lines,
		   s.grows);
	for (i = 0; i <= HR_TEST_IN_THREAD; i++)
		KUNIT_EXPECT_GT(test, race->hand[i].allocs, 0UL);
	for_each_set_bit(i, &race->slices, HR_TEST_SLICES)
		KUNIT_EXPECT_EQ(test, heapranges_remove(race->heap, race->extra +
							i * HR_TEST_SLICE * PAGE_SIZE,
							HR_TEST_SLICE), 0);
	s = hr_test_stats(test, race->heap);
	KUNIT_EXPECT_EQ(test, s.used_pages, 0UL);
	KUNIT_EXPECT_EQ(test, s.allocs, allocs);
	KUNIT_EXPECT_EQ(test, s.frees, allocs);
	KUNIT_EXPECT_EQ(test, s.rejected_interior, interior);
	KUNIT_EXPECT_EQ(test, s.rejected_foreign + s.rejected_double +
			      s.rejected_size + s.rejected_context, 0ULL);
	KUNIT_EXPECT_EQ(test, s.check_failures, 0ULL);
	KUNIT_EXPECT_EQ(test, s.nr_ranges, s.nr_arenas + 1);
	/* What is parked does not stand in the way of somebody who may block. */
	hr_test_free(test, race->heap, hr_test_alloc(test, race->heap, HR_TEST_REGION));
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, race->heap).grows, s.grows);
}

static const struct hr_test_race_row {
	const char	*desc;
	unsigned int	flags;
} hr_test_race_rows[] = {
	{ "fixed", HEAPRANGES_FIXED },
	{ "growing", 0 },
};

static void hr_test_race_desc(const struct hr_test_race_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_race, hr_test_race_rows, hr_test_race_desc);

static void hr_test_race_run(struct kunit *test, bool all, unsigned int ms)
{
	const struct hr_test_race_row *row = test->param_value;
	struct hr_test_race *race = hr_test_race_make(test, row->flags);

	hr_test_race_start(race, all);
	msleep(ms);
	hr_test_race_stop(race);
	hr_test_race_judge(test, race);
	if (!all)
		return;
	KUNIT_EXPECT_GT(test, race->removed, 10UL);
	KUNIT_EXPECT_GT(test, race->reads, 0UL);
	if (!IS_ERR(race->file))
		KUNIT_EXPECT_GT(test, race->lines, 0UL);
}

/* A thread and the interrupts that it is interrupted by: one CPU will do. */
static void heap_race_interrupts(struct kunit *test)
{
	hr_test_race_run(test, false, 1000);
}

static void heap_race_everybody(struct kunit *test)
{
	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU online");
	hr_test_race_run(test, true, 3000);
}

static struct kunit_case hr_test_race_cases[] = {
	KUNIT_CASE_PARAM(heap_race_interrupts, hr_test_race_gen_params),
	KUNIT_CASE_PARAM(heap_race_everybody, hr_test_race_gen_params),
	{}
};

struct kunit_suite heapranges_heap_race_suite = {
	.name = "heapranges_heap_race",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_race_cases,
};
