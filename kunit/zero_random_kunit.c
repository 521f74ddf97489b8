// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_zero_random: random operations, each run filled with a byte of
 * its own: what is asked for zeroed is zero, what is held stays as it is. Memory
 * comes clear, comes dirty and goes, in chunks that are shared; or as arenas.
 *
 * What decides is the memory itself, so nothing here knows what a heap should know.
 */
#include <linux/kthread.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/random.h>

#include "suites.h"
#include "zero_helpers.h"

#define HR_TEST_STEPS	(IS_ENABLED(CONFIG_KASAN) ? 1000 : 5000)
#define HR_TEST_WINDOW	(4 * HR_TEST_CHUNK)	/* pages */
#define HR_TEST_RUNS	48

static unsigned long zero_seed;
module_param(zero_seed, ulong, 0444);
MODULE_PARM_DESC(zero_seed, "Seed of the random operations on what is zero; 0 (default): another each time");

struct hr_test_run {
	unsigned long	addr, nr;
	u8		fill;
};

/* One hand at work on a heap. Its first mistake is kept as text. */
struct hr_test_hand {
	struct heapranges	*heap;
	struct rnd_state	rnd;
	unsigned long		step, seed, nr_taken;
	unsigned long		window;		/* address; 0: the heap has arenas */
	bool			dirty_regions;
	struct hr_test_run	run[HR_TEST_RUNS];
	struct hr_test_run	*shared;	/* NULL: or where runs change hands */
	spinlock_t		*lock;		/* of that */
	struct task_struct	*task;
	char			mistake[160];
};

static u32 hr_test_rnd(struct hr_test_hand *hand, u32 below)
{
	return prandom_u32_state(&hand->rnd) % below;
}

static __printf(2, 3) void hr_test_mistake(struct hr_test_hand *hand, const char *fmt, ...)
{
	va_list args;

	if (*hand->mistake)
		return;
	va_start(args, fmt);
	vscnprintf(hand->mistake, sizeof(hand->mistake), fmt, args);
	va_end(args);
}

/* Short ones mostly, as caches hold, some over a border of chunks. */
static unsigned long hr_test_length(struct hr_test_hand *hand)
{
	static const unsigned int longest[] = { 1, 4, 16, 16, 20, 70, 130, 700 };

	return 1 + hr_test_rnd(hand, longest[hr_test_rnd(hand, ARRAY_SIZE(longest))]);
}

static void hr_test_fill_run(struct hr_test_hand *hand, struct hr_test_run *run)
{
	run->fill = 1 + hr_test_rnd(hand, 255);
	hr_test_fill(run->addr, run->nr, run->fill);
}

static void hr_test_run_take(struct hr_test_hand *hand, struct hr_test_run *run)
{
	gfp_t gfp = hr_test_rnd(hand, 4) ? HR_TEST_ZERO : HR_TEST_QUIET;
	u32 how = hr_test_rnd(hand, 8);
	unsigned long at;
	void *addr = NULL;

	run->nr = hr_test_length(hand);
	if (how == 0) {
		addr = heapranges_alloc_aligned(hand->heap, run->nr,
						BIT(hr_test_rnd(hand, 9)), gfp);
	} else if (how == 1 && hand->window) {
		at = hand->window + hr_test_rnd(hand, HR_TEST_WINDOW) * PAGE_SIZE;
		addr = heapranges_alloc_at(hand->heap, at, run->nr, gfp);
	} else if (how == 2) {
		heapranges_alloc_bulk(hand->heap, run->nr, gfp, 1, &addr);
	} else {
		addr = heapranges_alloc(hand->heap, run->nr, gfp);
	}
	run->addr = (unsigned long)addr;
	if (!addr)
		return;
	hand->nr_taken++;
	if (want_init_on_alloc(gfp) && !hr_test_is_filled(run->addr, run->nr, 0))
		hr_test_mistake(hand, "%lu pages at %lx are not zero, how=%u gfp=%x", run->nr,
				run->addr, how, gfp);
	hr_test_fill_run(hand, run);
}

static void hr_test_run_look(struct hr_test_hand *hand, const struct hr_test_run *run)
{
	if (!hr_test_is_filled(run->addr, run->nr, run->fill))
		hr_test_mistake(hand, "%lu pages at %lx do not hold what they did", run->nr,
				run->addr);
}

static void hr_test_run_give(struct hr_test_hand *hand, struct hr_test_run *run)
{
	hr_test_run_look(hand, run);
	if (heapranges_free_sized(hand->heap, (void *)run->addr, run->nr))
		hr_test_mistake(hand, "%lu pages at %lx: free", run->nr, run->addr);
	run->addr = 0;
}

static void hr_test_run_resize(struct hr_test_hand *hand, struct hr_test_run *run)
{
	unsigned long old_nr = run->nr, nr = hr_test_length(hand);

	if (heapranges_resize(hand->heap, (void *)run->addr, nr))
		return;
	run->nr = min(nr, old_nr);
	hr_test_run_look(hand, run);
	run->nr = nr;
	if (nr > old_nr && want_init_on_alloc(0) &&
	    !hr_test_is_filled(run->addr + old_nr * PAGE_SIZE, nr - old_nr, 0))
		hr_test_mistake(hand, "%lu pages at %lx, once %lu, are not zero behind", nr,
				run->addr, old_nr);
	hr_test_fill_run(hand, run);
}

/* Some of the window comes, if none of it is there, or goes, if none of it is in use. */
static void hr_test_window_change(struct hr_test_hand *hand, struct kunit *test)
{
	unsigned long page = hr_test_rnd(hand, HR_TEST_WINDOW), i;
	unsigned long nr = 1 + hr_test_rnd(hand, HR_TEST_WINDOW - page);
	unsigned long addr = hand->window + page * PAGE_SIZE;

	nr = min(nr, hr_test_length(hand));
	if (!heapranges_remove(hand->heap, addr, nr)) {
		hr_test_fill(addr, nr, HR_TEST_DIRT);
		return;
	}
	for (i = 0; i < nr; i++) {
		if (heapranges_contains(hand->heap, addr + i * PAGE_SIZE, 1))
			return;
	}
	if (hand->dirty_regions && hr_test_rnd(hand, 2))
		hr_test_add(test, hand->heap, addr, nr);
	else
		hr_test_add_zeroes(test, hand->heap, addr, nr);
}

/* Leaves a run for the others, and goes on with one of theirs. */
static void hr_test_run_hand_over(struct hr_test_hand *hand, struct hr_test_run *run)
{
	spin_lock(hand->lock);
	swap(*hand->shared, *run);
	spin_unlock(hand->lock);
	if (run->addr)
		hr_test_run_look(hand, run);
}

static void hr_test_hand_step(struct hr_test_hand *hand)
{
	struct hr_test_run *run = &hand->run[hr_test_rnd(hand, HR_TEST_RUNS)];
	u32 dice = hr_test_rnd(hand, 8);

	hand->step++;
	if (hand->shared && !dice)
		hr_test_run_hand_over(hand, run);
	else if (!run->addr)
		hr_test_run_take(hand, run);
	else if (dice == 1)
		hr_test_run_resize(hand, run);
	else
		hr_test_run_give(hand, run);
}

static void hr_test_hand_drain(struct hr_test_hand *hand)
{
	int i;

	for (i = 0; i < HR_TEST_RUNS; i++) {
		if (hand->run[i].addr)
			hr_test_run_give(hand, &hand->run[i]);
	}
}

static struct hr_test_hand *hr_test_hand_make(struct kunit *test, struct heapranges *heap)
{
	struct hr_test_hand *hand = kunit_kzalloc(test, sizeof(*hand), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, hand);
	hand->heap = heap;
	hand->seed = zero_seed ?: get_random_long() | 1;
	prandom_seed_state(&hand->rnd, hand->seed);
	return hand;
}

static void hr_test_hand_judge(struct kunit *test, struct hr_test_hand *hand)
{
	KUNIT_EXPECT_STREQ_MSG(test, hand->mistake, "", "zero_seed=%lu step %lu", hand->seed,
			       hand->step);
	KUNIT_EXPECT_GT(test, hand->nr_taken, hand->step / 20);
}

static const struct hr_test_random_row {
	const char	*desc;
	unsigned int	flags;
	bool		window, dirty_regions;
} hr_test_random_rows[] = {
	{ "shared chunks", HEAPRANGES_NO_CACHE, true },
	{ "shared chunks, cached", 0, true },
	{ "shared chunks, some dirty", HEAPRANGES_NO_CACHE, true, true },
	{ "shared chunks, some dirty, cached", 0, true, true },
	{ "arenas", HEAPRANGES_NO_CACHE },
	{ "arenas, cached", 0 },
};

static void hr_test_random_desc(const struct hr_test_random_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_random, hr_test_random_rows, hr_test_random_desc);

static struct heapranges *hr_test_random_heap(struct kunit *test, unsigned int flags,
					      bool fixed)
{
	struct heapranges_params params = {
		.name = "kunit", .node = NUMA_NO_NODE, .flags = flags,
		.max_pages = HR_TEST_WINDOW,
	};

	if (fixed)
		params.flags |= HEAPRANGES_FIXED;
	else
		params.arena_pages = HR_TEST_CHUNK;
	params.grow_max_pages = params.arena_pages;
	return hr_test_create_params(test, &params);
}

static void zero_random_operations(struct kunit *test)
{
	const struct hr_test_random_row *row = test->param_value;
	struct heapranges *heap = hr_test_random_heap(test, row->flags, row->window);
	struct hr_test_hand *hand = hr_test_hand_make(test, heap);

	if (row->window)
		hand->window = hr_test_chunks_area(test, HR_TEST_WINDOW);
	hand->dirty_regions = row->dirty_regions;
	while (hand->step < HR_TEST_STEPS && !*hand->mistake) {
		hr_test_hand_step(hand);
		if (row->window && hand->step % 4 == 0)
			hr_test_window_change(hand, test);
		if (hand->step % 500 == 0)
			hr_test_hand_drain(hand);
		if (hand->step % 100 == 0) {
			heapranges_trim(heap);
			hr_test_verify(test, heap, "some steps");
		}
		cond_resched();
	}
	hr_test_hand_judge(test, hand);
	hr_test_hand_drain(hand);
	KUNIT_EXPECT_TRUE(test, row->window || hr_test_stats(test, heap).releases);
}

static int hr_test_hand_thread(void *data)
{
	struct hr_test_hand *hand = data;

	while (!kthread_should_stop()) {
		hr_test_hand_step(hand);
		if (hand->step % 1000 == 0)
			hr_test_hand_drain(hand);
		cond_resched();
	}
	return 0;
}

/* Runs change hands, so that they are freed on another CPU than they were taken on. */
static void zero_random_hands(struct kunit *test)
{
	struct heapranges *heap = hr_test_random_heap(test, 0, false);
	struct hr_test_run shared = {};
	struct hr_test_hand *hand[3];
	spinlock_t lock;	/* of shared */
	char first[120] = "";
	int i, violations = 0;

	spin_lock_init(&lock);
	for (i = 0; i < ARRAY_SIZE(hand); i++) {
		hand[i] = hr_test_hand_make(test, heap);
		hand[i]->shared = &shared;
		hand[i]->lock = &lock;
	}
	for (i = 0; i < ARRAY_SIZE(hand); i++)
		hand[i]->task = kthread_run(hr_test_hand_thread, hand[i], "hr_test_zero/%d", i);
	for (i = 0; i < 60; i++) {
		schedule_timeout_uninterruptible(1);
		heapranges_trim(heap);
		violations = max(violations, heapranges_verify(heap, first, sizeof(first)));
		if (violations > 0)
			break;
	}
	for (i = 0; i < ARRAY_SIZE(hand); i++) {
		if (!IS_ERR(hand[i]->task))
			kthread_stop(hand[i]->task);
	}
	KUNIT_EXPECT_LE_MSG(test, violations, 0, "verify: %s", first);
	if (shared.addr)
		hr_test_run_give(hand[0], &shared);
	for (i = 0; i < ARRAY_SIZE(hand); i++) {
		KUNIT_EXPECT_FALSE(test, IS_ERR(hand[i]->task));
		hr_test_hand_judge(test, hand[i]);
		hr_test_hand_drain(hand[i]);
	}
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).used_pages, 0UL);
	hr_test_verify(test, heap, "all hands");
}

static struct kunit_case hr_test_zero_random_cases[] = {
	KUNIT_CASE_PARAM(zero_random_operations, hr_test_random_gen_params),
	KUNIT_CASE(zero_random_hands),
	{}
};

struct kunit_suite heapranges_zero_random_suite = {
	.name = "heapranges_zero_random",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_zero_random_cases,
};
