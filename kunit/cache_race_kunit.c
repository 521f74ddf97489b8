// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_cache_race: two CPUs at once on one short run, in caches and in
 * the heap. What each of them is told must fit what the other is told, and the
 * heap must be sound when they have stopped.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/sched.h>

#include "cache_helpers.h"
#include "crew_helpers.h"
#include "suites.h"

/* Two threads, each on a CPU of its own. */
struct hr_test_pair {
	struct heapranges	*heap;
	unsigned long		nr_pages;
	unsigned long		addr;
	void			(*turn)(struct hr_test_pair *pair, int me, int round);
	void			(*judge)(struct hr_test_pair *pair, int round);
	int			rounds;
	atomic_t		arrived;
	struct completion	done;
	int			verdict[2];
	unsigned int		bad_rounds;
	int			bad[3];		/* of the first: the round, and verdicts */
};

struct hr_test_half {
	struct hr_test_pair	*pair;
	int			me;
};

/* Until both are here for the n-th time. */
static void hr_test_pair_meet(struct hr_test_pair *pair, int nth)
{
	atomic_inc(&pair->arrived);
	while (atomic_read(&pair->arrived) < 2 * nth) {
		cond_resched();
		cpu_relax();
	}
}

static int hr_test_half_run(void *data)
{
	struct hr_test_half *half = data;
	struct hr_test_pair *pair = half->pair;
	int round;

	for (round = 0; round < pair->rounds; round++) {
		hr_test_pair_meet(pair, 2 * round + 1);
		pair->turn(pair, half->me, round);
		hr_test_pair_meet(pair, 2 * round + 2);
		if (!half->me && pair->judge)
			pair->judge(pair, round);
	}
	complete(&pair->done);
	/* The task has to be there for kthread_stop(). */
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/* Runs to its end, with a case's rounds. */
static void hr_test_pair_run(struct kunit *test, struct hr_test_pair *pair)
{
	struct hr_test_half half[2] = { { pair, 0 }, { pair, 1 } };
	int cpu[2] = { hr_test_here(), hr_test_elsewhere() }, i;
	struct task_struct *task[2];

	atomic_set(&pair->arrived, 0);
	init_completion(&pair->done);
	for (i = 0; i < 2; i++) {
		task[i] = kthread_create(hr_test_half_run, &half[i], "hr_test_half/%d", i);
		if (IS_ERR(task[i]) && i)
			kthread_stop(task[0]);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task[i]);
		kthread_bind(task[i], cpu[i]);
	}
	for (i = 0; i < 2; i++)
		wake_up_process(task[i]);
	for (i = 0; i < 2; i++)
		wait_for_completion(&pair->done);
	for (i = 0; i < 2; i++)
		kthread_stop(task[i]);
	KUNIT_EXPECT_EQ_MSG(test, pair->bad_rounds, 0U, "the first: round %d, %d and %d",
			    pair->bad[0], pair->bad[1], pair->bad[2]);
	hr_test_verify(test, pair->heap, "two CPUs");
}

static void hr_test_pair_bad(struct hr_test_pair *pair, int round)
{
	if (pair->bad_rounds++)
		return;
	pair->bad[0] = round;
	memcpy(pair->bad + 1, pair->verdict, sizeof(pair->verdict));
}

/* ---- both free the same run, once ---- */

static void hr_test_duel_turn(struct hr_test_pair *pair, int me, int round)
{
	void *addr = (void *)pair->addr;

	pair->verdict[me] = me && round % 2 ?
		heapranges_free_sized(pair->heap, addr, pair->nr_pages) :
		heapranges_free(pair->heap, addr);
}

/* One of them has parked it: the run for the next round comes from there, or not. */
static void hr_test_duel_judge(struct hr_test_pair *pair, int round)
{
	int *v = pair->verdict;

	if (!((!v[0] && v[1] == -EALREADY) || (!v[1] && v[0] == -EALREADY)))
		hr_test_pair_bad(pair, round);
	pair->addr = (unsigned long)heapranges_alloc(pair->heap, pair->nr_pages, GFP_NOWAIT);
}

static void hr_test_duel_again_judge(struct hr_test_pair *pair, int round)
{
	int *v = pair->verdict;

	if (v[0] != -EALREADY || v[1] != -EALREADY)
		hr_test_pair_bad(pair, round);
}

static const struct hr_test_race_place {
	const char	*desc;
	unsigned long	page, nr;
} hr_test_race_places[] = {
	{ "1 page", 5, 1 },
	{ "16 pages in a word", 64, 16 },
	{ "2 pages over a word", 127, 2 },
	{ "16 pages over a word", 120, 16 },
	{ "4 pages to a chunk's end", 508, 4 },
	{ "2 pages over a chunk, never parked", 511, 2 },
	{ "17 pages, never parked", 64, 17 },
};

static void hr_test_race_place_desc(const struct hr_test_race_place *place, char *desc)
{
	strscpy(desc, place->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_race_place, hr_test_race_places, hr_test_race_place_desc);

static void hr_test_pair_init(struct kunit *test, struct hr_test_pair *pair)
{
	const struct hr_test_race_place *place = test->param_value;

	hr_test_need_two_cpus(test);
	pair->heap = hr_test_cached_heap(test, 0, 2000);
	pair->nr_pages = place->nr;
	pair->addr = hr_test_addr(place->page);
	hr_test_alloc_there(test, pair->heap, pair->addr, pair->nr_pages);
}

static void cache_race_two_free_a_live_run(struct kunit *test)
{
	struct hr_test_pair pair = {
		.turn = hr_test_duel_turn, .judge = hr_test_duel_judge, .rounds = 2000,
	};
	struct heapranges_stats s;

	hr_test_pair_init(test, &pair);
	hr_test_pair_run(test, &pair);
	s = hr_test_stats(test, pair.heap);
	KUNIT_EXPECT_EQ(test, s.rejected_double, pair.rounds + 0ULL);
	KUNIT_EXPECT_EQ(test, s.frees, pair.rounds + 0ULL);
	KUNIT_EXPECT_EQ(test, s.used_pages, pair.nr_pages);
	hr_test_free(test, pair.heap, pair.addr);
}

static void cache_race_two_free_a_parked_run(struct kunit *test)
{
	struct hr_test_pair pair = {
		.turn = hr_test_duel_turn, .judge = hr_test_duel_again_judge, .rounds = 1000,
	};

	hr_test_pair_init(test, &pair);
	hr_test_free_on(test, pair.heap, hr_test_elsewhere(), pair.addr);
	hr_test_pair_run(test, &pair);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, pair.heap).rejected_double,
			2ULL * pair.rounds);
}

/* ---- one uses it again and again, the other one frees what is not his ---- */

#define HR_TEST_STABS	300

/*
 * Each free of a live run is right to the heap, whoever makes it; the second one of
 * the same run is double. So of both CPUs' frees as many are good as there were
 * allocations, and no run is lost.
 */
static void hr_test_stab(struct hr_test_pair *pair, int round)
{
	int err = heapranges_free(pair->heap, (void *)pair->addr);

	/* Runs of more pages may have come to lie over that page. */
	if (pair->nr_pages > 1 || !err || err == -EALREADY)
		return;
	pair->verdict[1] = err;
	hr_test_pair_bad(pair, round);
}

static void hr_test_stab_turn(struct hr_test_pair *pair, int me, int round)
{
	void *mine = NULL;
	int i;

	for (i = 0; i < HR_TEST_STABS; i++) {
		if (!me)
			mine = heapranges_alloc(pair->heap, pair->nr_pages, GFP_NOWAIT);
		if (!me && mine)
			heapranges_free(pair->heap, mine);
		if (me)
			hr_test_stab(pair, round);
	}
}

static void cache_race_one_frees_what_the_other_uses(struct kunit *test)
{
	struct hr_test_pair pair = { .turn = hr_test_stab_turn, .rounds = 200 };
	struct heapranges_stats s;

	hr_test_pair_init(test, &pair);
	hr_test_free_on(test, pair.heap, hr_test_here(), pair.addr);
	hr_test_pair_run(test, &pair);
	s = hr_test_stats(test, pair.heap);
	KUNIT_EXPECT_EQ(test, s.used_pages, 0UL);
	KUNIT_EXPECT_EQ(test, s.allocs, s.frees);
	KUNIT_EXPECT_EQ(test, s.check_failures, 0ULL);
	hr_test_drain(test, pair.heap);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, pair.heap).largest_free_pages, 2000UL);
}

/* The same with a resize, which has to do with the run's record as well. */
static void hr_test_resize_turn(struct hr_test_pair *pair, int me, int round)
{
	unsigned long nr;
	void *mine;
	int i;

	for (i = 0; i < HR_TEST_STABS; i++) {
		nr = 1 + i % HR_TEST_SHORT;
		if (me) {
			heapranges_resize(pair->heap, (void *)pair->addr, nr);
			continue;
		}
		mine = heapranges_alloc(pair->heap, pair->nr_pages, GFP_NOWAIT);
		if (mine)
			heapranges_free(pair->heap, mine);
	}
}

static void cache_race_one_resizes_what_the_other_uses(struct kunit *test)
{
	struct hr_test_pair pair = { .turn = hr_test_resize_turn, .rounds = 100 };
	struct heapranges_stats s;

	hr_test_pair_init(test, &pair);
	hr_test_free_on(test, pair.heap, hr_test_here(), pair.addr);
	hr_test_pair_run(test, &pair);
	s = hr_test_stats(test, pair.heap);
	KUNIT_EXPECT_EQ(test, s.used_pages, 0UL);
	KUNIT_EXPECT_EQ(test, s.allocs, s.frees);
	hr_test_drain(test, pair.heap);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, pair.heap).largest_free_pages, 2000UL);
}

/* ---- one reads figures while the other one allocates and frees ---- */

static void hr_test_figures_turn(struct hr_test_pair *pair, int me, int round)
{
	struct heapranges_stats s;
	void *mine;
	int i;

	for (i = 0; i < HR_TEST_STABS; i++) {
		if (me) {
			/* By the heap, and then by the cache. */
			mine = heapranges_alloc_aligned(pair->heap, pair->nr_pages, 1,
							GFP_NOWAIT);
			heapranges_free(pair->heap, mine);
			continue;
		}
		heapranges_get_stats(pair->heap, &s);
		pair->verdict[0] = s.allocs;
		pair->verdict[1] = s.frees;
		if (s.allocs < s.frees ||
		    s.owned_pages != s.used_pages + s.cached_pages + s.free_pages)
			hr_test_pair_bad(pair, round);
	}
}

static void cache_race_no_more_frees_than_allocs_are_told(struct kunit *test)
{
	struct hr_test_pair pair = { .turn = hr_test_figures_turn, .rounds = 300 };

	hr_test_need_two_cpus(test);
	pair.heap = hr_test_cached_heap(test, 0, 2000);
	pair.nr_pages = 1;
	hr_test_pair_run(test, &pair);
}

/* ---- one empties the cache that the other is at work in ---- */

static void hr_test_drain_all(struct hr_test_crew *crew, unsigned int nr)
{
	hr_cache_drain(crew->heap);
}

static void cache_race_drain_waits_for_who_is_at_work(struct kunit *test)
{
	struct heapranges *heap;
	struct hr_test_crew crew = {};
	struct hr_cache *cache;
	int i;

	hr_test_need_two_cpus(test);
	heap = hr_test_cached_heap(test, 0, 2000);
	/* Who waits for an owner lets nobody else have his CPU. */
	set_cpus_allowed_ptr(current, cpumask_of(hr_test_here()));
	hr_test_free(test, heap, hr_test_alloc(test, heap, 1));
	cache = hr_test_cache_here(heap);
	KUNIT_ASSERT_GE(test, cache->parked_pages, (unsigned short)1);
	crew.heap = heap;

	/* As somebody would be who was interrupted in the middle of it. */
	WRITE_ONCE(cache->owner, cache->owner | 1);
	hr_test_crew_join(test, &crew, hr_test_drain_all, hr_test_elsewhere());
	for (i = 0; i < 100 && !READ_ONCE(heap->caches_are_closed); i++)
		schedule_timeout_uninterruptible(1);
	schedule_timeout_uninterruptible(5);
	/* Nobody else comes in, and whoever is in is not disturbed. */
	KUNIT_EXPECT_TRUE(test, READ_ONCE(heap->caches_are_closed));
	KUNIT_EXPECT_EQ(test, atomic_read(&crew.nr_done), 0);
	KUNIT_EXPECT_GE(test, READ_ONCE(cache->parked_pages), (unsigned short)1);

	/* Pairs with hr_cache_settle(). */
	smp_store_release(&cache->owner, cache->owner & ~1UL);
	hr_test_crew_end(test, &crew);
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	KUNIT_EXPECT_EQ(test, cache->parked_pages, (unsigned short)0);
	KUNIT_EXPECT_FALSE(test, heap->caches_are_closed);
	hr_test_verify(test, heap, "drained");
}

static struct kunit_case hr_test_cache_race_cases[] = {
	KUNIT_CASE_PARAM(cache_race_two_free_a_live_run, hr_test_race_place_gen_params),
	KUNIT_CASE_PARAM(cache_race_two_free_a_parked_run, hr_test_race_place_gen_params),
	KUNIT_CASE_PARAM(cache_race_one_frees_what_the_other_uses,
			 hr_test_race_place_gen_params),
	KUNIT_CASE_PARAM(cache_race_one_resizes_what_the_other_uses,
			 hr_test_race_place_gen_params),
	KUNIT_CASE(cache_race_no_more_frees_than_allocs_are_told),
	KUNIT_CASE(cache_race_drain_waits_for_who_is_at_work),
	{}
};

struct kunit_suite heapranges_cache_race_suite = {
	.name = "heapranges_cache_race",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_cache_race_cases,
};
