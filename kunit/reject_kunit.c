// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_reject: frees that are mistakes. Each is told apart, counted
 * once under its own name, and changes nothing else: the live run that it was
 * aimed at is there with its size afterwards.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/kthread.h>
#include <linux/sched.h>

#include "heap_helpers.h"
#include "suites.h"

#define HR_TEST_ANY_SIZE	ULONG_MAX	/* heapranges_free() */

/* A region of a heap, and a run in it: pages counted from a chunk's border. */
struct hr_test_place {
	const char	*desc;
	unsigned long	region, nr_region, run, nr_run;
};

static const struct hr_test_place hr_test_places[] = {
	{ "first page", 5, 2000, 5, 1 },
	{ "first page at a chunk edge", 512, 1000, 512, 1 },
	{ "last page", 5, 2000, 2004, 1 },
	{ "last page at a chunk edge", 5, 1019, 1023, 1 },
	{ "inside", 5, 2000, 700, 1 },
	{ "last page of a chunk", 5, 2000, 511, 1 },
	{ "first page of a chunk", 5, 2000, 512, 1 },
	{ "the only page", 100, 1, 100, 1 },
	{ "the only page of two chunks", 511, 2, 511, 1 },
	{ "two over a chunk edge", 5, 2000, 511, 2 },
	{ "63 at the start", 5, 2000, 5, 63 },
	{ "64 over a word", 5, 2000, 33, 64 },
	{ "64 as a word", 5, 2000, 64, 64 },
	{ "65", 5, 2000, 63, 65 },
	{ "126", 5, 2000, 130, 126 },
	{ "127", 5, 2000, 129, 127 },
	{ "128 as two words", 5, 2000, 128, 128 },
	{ "129", 5, 2000, 191, 129 },
	{ "129 over a chunk edge", 5, 2000, 450, 129 },
	{ "511 in a chunk", 5, 2000, 513, 511 },
	{ "512 as a chunk", 5, 2000, 512, 512 },
	{ "512 over a chunk edge", 5, 2000, 513, 512 },
	{ "513 from a chunk edge", 5, 2000, 1024, 513 },
	{ "513 to a chunk edge", 5, 2000, 511, 513 },
	{ "1500 over three edges", 5, 2000, 300, 1500 },
	{ "1500 to the end", 5, 2000, 505, 1500 },
	{ "1536 as three chunks", 5, 3000, 512, 1536 },
	{ "all of a region", 5, 2000, 5, 2000 },
};

static void hr_test_place_desc(const struct hr_test_place *place, char *desc)
{
	strscpy(desc, place->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_place, hr_test_places, hr_test_place_desc);

/* A heap with the run of the place in it, and all other pages free. */
static struct heapranges *hr_test_place_make(struct kunit *test,
					     const struct hr_test_place *place)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long before = place->run - place->region;

	hr_test_add(test, heap, hr_test_addr(place->region), place->nr_region);
	if (before)
		hr_test_alloc(test, heap, before);
	KUNIT_ASSERT_EQ(test, hr_test_alloc(test, heap, place->nr_run),
			hr_test_addr(place->run));
	if (before)
		hr_test_free(test, heap, hr_test_addr(place->region));
	return heap;
}

/* One bad free: @want, its own counter, and nothing else. */
static void hr_test_expect_reject(struct kunit *test, struct heapranges *heap,
				  unsigned long addr, unsigned long nr, int want)
{
	struct heapranges_stats before = hr_test_stats(test, heap), after;
	char what[80];
	int got;

	snprintf(what, sizeof(what), "free of page %ld+%lu as %ld pages",
		 (long)(addr - HR_TEST_BASE) / (long)PAGE_SIZE, addr % PAGE_SIZE,
		 (long)nr);
	got = nr == HR_TEST_ANY_SIZE ? heapranges_free(heap, (void *)addr) :
				       heapranges_free_sized(heap, (void *)addr, nr);
	KUNIT_EXPECT_EQ_MSG(test, got, want, "%s", what);
	before.rejected_foreign += want == -EFAULT;
	before.rejected_double += want == -EALREADY;
	before.rejected_interior += want == -EINVAL;
	before.rejected_size += want == -ERANGE;
	after = hr_test_stats(test, heap);
	hr_test_expect_stats(test, &after, &before, what);
}

/* With and without sizes, right and wrong ones: only the last verdict differs. */
static void hr_test_expect_rejects(struct kunit *test, struct heapranges *heap,
				   unsigned long addr, int want)
{
	static const unsigned long sizes[] = { HR_TEST_ANY_SIZE, 0, 1, 2, 1500 };
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		hr_test_expect_reject(test, heap, addr, sizes[i], want);
}

static void hr_test_expect_run(struct kunit *test, struct heapranges *heap,
			       const struct hr_test_place *place)
{
	void *run = (void *)hr_test_addr(place->run);

	KUNIT_EXPECT_EQ(test, heapranges_size(heap, run), place->nr_run);
	KUNIT_EXPECT_EQ(test, heapranges_free_sized(heap, run, place->nr_run), 0);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).used_pages, 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).largest_free_pages,
			place->nr_region);
}

static void reject_foreign(struct kunit *test)
{
	const struct hr_test_place *place = test->param_value;
	struct heapranges *heap = hr_test_place_make(test, place);
	unsigned long base = hr_test_addr(place->region);
	unsigned long limit = base + place->nr_region * PAGE_SIZE, i;
	const unsigned long addrs[] = {
		1, PAGE_SIZE - 1, PAGE_SIZE, -PAGE_SIZE, -1UL, -2 * PAGE_SIZE,
		base - 1, base - PAGE_SIZE, base - 7, limit, limit + 1,
		limit + PAGE_SIZE, limit + 16 * PAGE_SIZE, limit + PAGE_SIZE - 1,
		hr_test_addr(1UL << 22), (unsigned long)heap, (unsigned long)test,
		(unsigned long)&i,
	};

	for (i = 0; i < ARRAY_SIZE(addrs); i++)
		hr_test_expect_rejects(test, heap, addrs[i], -EFAULT);
	hr_test_expect_run(test, heap, place);
}

static void reject_double(struct kunit *test)
{
	const struct hr_test_place *place = test->param_value;
	struct heapranges *heap = hr_test_place_make(test, place);
	unsigned long page;

	/* What lies around the run, never allocated or no longer. */
	for (page = place->region; page < place->region + place->nr_region; page++) {
		if (page + 2 < place->run || page >= place->run + place->nr_run + 2)
			continue;
		if (page >= place->run && page < place->run + place->nr_run)
			continue;
		hr_test_expect_rejects(test, heap, hr_test_addr(page), -EALREADY);
		hr_test_expect_rejects(test, heap, hr_test_addr(page) + 1, -EALREADY);
		hr_test_expect_rejects(test, heap, hr_test_addr(page) + PAGE_SIZE - 1,
				       -EALREADY);
	}
	hr_test_expect_run(test, heap, place);

	/* And then each page of the run, with its old size too. */
	for (page = place->run; page < place->run + place->nr_run; page++) {
		hr_test_expect_reject(test, heap, hr_test_addr(page),
				      HR_TEST_ANY_SIZE, -EALREADY);
		hr_test_expect_reject(test, heap, hr_test_addr(page),
				      place->nr_run, -EALREADY);
	}
	hr_test_expect_rejects(test, heap, hr_test_addr(place->run) + 8, -EALREADY);
}

static void reject_interior(struct kunit *test)
{
	const struct hr_test_place *place = test->param_value;
	struct heapranges *heap = hr_test_place_make(test, place);
	unsigned long page, addr;

	for (page = place->run; page < place->run + place->nr_run; page++) {
		addr = hr_test_addr(page);
		if (page > place->run)
			hr_test_expect_reject(test, heap, addr, HR_TEST_ANY_SIZE,
					      -EINVAL);
		hr_test_expect_reject(test, heap, addr + 8, HR_TEST_ANY_SIZE, -EINVAL);
	}
	addr = hr_test_addr(place->run);
	hr_test_expect_rejects(test, heap, addr + 1, -EINVAL);
	hr_test_expect_rejects(test, heap, addr + PAGE_SIZE / 2, -EINVAL);
	hr_test_expect_reject(test, heap, addr + 1, place->nr_run, -EINVAL);
	addr += place->nr_run * PAGE_SIZE;
	hr_test_expect_rejects(test, heap, addr - 1, -EINVAL);
	if (place->nr_run > 1)
		hr_test_expect_rejects(test, heap, addr - PAGE_SIZE, -EINVAL);
	hr_test_expect_run(test, heap, place);
}

static void reject_size(struct kunit *test)
{
	const struct hr_test_place *place = test->param_value;
	struct heapranges *heap = hr_test_place_make(test, place);
	unsigned long addr = hr_test_addr(place->run), nr = place->nr_run, i;
	const unsigned long sizes[] = {
		0, nr - 1, nr + 1, nr / 2, nr * 2, nr + 64, nr + 512, ULONG_MAX - 1,
		nr + HR_TEST_ALL_PAGES, nr + BIT(BITS_PER_LONG / 2), nr + BIT(16),
	};

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		hr_test_expect_reject(test, heap, addr, sizes[i], -ERANGE);
	KUNIT_EXPECT_EQ(test, heapranges_free_sized(heap, (void *)addr, ULONG_MAX),
			-ERANGE);
	hr_test_expect_run(test, heap, place);
}

/* ---- other than row by row ---- */

static void reject_null_is_nothing(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	struct hr_test_state before;

	hr_test_state_take(test, heap, &before);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, NULL), 0);
	KUNIT_EXPECT_EQ(test, heapranges_free_sized(heap, NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, heapranges_free_sized(heap, NULL, 7), 0);
	hr_test_add(test, heap, PAGE_SIZE, 4);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, NULL), 0);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, PAGE_SIZE, 4), 0);
	before.stats.metadata_bytes = hr_test_stats(test, heap).metadata_bytes;
	hr_test_expect_state(test, heap, &before, "free of NULL");
}

static void reject_everything_on_an_empty_heap(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);

	hr_test_expect_rejects(test, heap, HR_TEST_BASE, -EFAULT);
	hr_test_expect_rejects(test, heap, 1, -EFAULT);
	hr_test_expect_rejects(test, heap, -1UL, -EFAULT);
	/* What was owned once is foreign again. */
	hr_test_add(test, heap, HR_TEST_BASE, 4);
	hr_test_free(test, heap, hr_test_alloc(test, heap, 2));
	hr_test_expect_rejects(test, heap, HR_TEST_BASE, -EALREADY);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, HR_TEST_BASE, 2), 0);
	hr_test_expect_rejects(test, heap, HR_TEST_BASE, -EFAULT);
	hr_test_expect_rejects(test, heap, hr_test_addr(1) + 9, -EFAULT);
	hr_test_expect_rejects(test, heap, hr_test_addr(2), -EALREADY);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, hr_test_addr(2), 2), 0);
	hr_test_expect_rejects(test, heap, hr_test_addr(2), -EFAULT);
}

/* A hole in a chunk that is owned on both sides. */
static void reject_in_a_hole(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long page;

	hr_test_add(test, heap, hr_test_addr(10), 10);
	hr_test_add(test, heap, hr_test_addr(30), 10);
	hr_test_alloc(test, heap, 10);
	hr_test_alloc(test, heap, 10);
	for (page = 0; page < 50; page++) {
		if ((page >= 10 && page < 20) || (page >= 30 && page < 40))
			continue;
		hr_test_expect_rejects(test, heap, hr_test_addr(page), -EFAULT);
		hr_test_expect_rejects(test, heap, hr_test_addr(page) + 5, -EFAULT);
	}
	hr_test_expect_reject(test, heap, hr_test_addr(10), 20, -ERANGE);
	KUNIT_EXPECT_EQ(test, heapranges_free_sized(heap, (void *)hr_test_addr(10), 10),
			0);
	KUNIT_EXPECT_EQ(test, heapranges_free_sized(heap, (void *)hr_test_addr(30), 10),
			0);
}

static void reject_other_heap(struct kunit *test)
{
	static const unsigned int flags[] = { 0, HEAPRANGES_FIXED };
	struct heapranges *heap[3];
	unsigned long run[3];
	int i, j;

	heap[2] = heapranges_default();
	for (i = 0; i < 2; i++) {
		heap[i] = hr_test_create(test, i ? "kunit-1" : "kunit-0", flags[i]);
		if (i)
			hr_test_add(test, heap[i], hr_test_area(test, 8), 8);
	}
	for (i = 0; i < 3; i++)
		run[i] = hr_test_alloc(test, heap[i], 2);
	for (i = 0; i < 3; i++) {
		for (j = 0; j < 3; j++) {
			if (i == j)
				continue;
			hr_test_expect_rejects(test, heap[i], run[j], -EFAULT);
			hr_test_expect_rejects(test, heap[i], run[j] + 3, -EFAULT);
			KUNIT_EXPECT_EQ(test, heapranges_size(heap[i],
							      (void *)run[j]), 0UL);
		}
	}
	for (i = 0; i < 3; i++)
		hr_test_free(test, heap[i], run[i]);
}

/* Two heaps may own the same addresses: each knows its own runs only. */
static void reject_same_addresses(struct kunit *test)
{
	struct heapranges *a = hr_test_create(test, "kunit-a", HR_TEST_ADDRESSES);
	struct heapranges *b = hr_test_create(test, "kunit-b", HR_TEST_ADDRESSES);

	hr_test_add(test, a, HR_TEST_BASE, 8);
	hr_test_add(test, b, HR_TEST_BASE, 8);
	hr_test_alloc(test, a, 4);
	hr_test_expect_rejects(test, b, HR_TEST_BASE, -EALREADY);
	hr_test_alloc(test, b, 3);
	hr_test_free(test, a, HR_TEST_BASE);
	hr_test_expect_rejects(test, a, HR_TEST_BASE, -EALREADY);
	hr_test_expect_reject(test, b, HR_TEST_BASE, 4, -ERANGE);
	hr_test_free(test, b, HR_TEST_BASE);
}

/* A double free is seen until the address is handed out again. */
static void reject_double_after_reuse(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);

	hr_test_add(test, heap, HR_TEST_BASE, 700);
	hr_test_alloc(test, heap, 600);
	hr_test_free(test, heap, HR_TEST_BASE);
	hr_test_expect_reject(test, heap, HR_TEST_BASE, HR_TEST_ANY_SIZE, -EALREADY);

	/* A smaller run at the same place, and one inside the old one. */
	hr_test_alloc(test, heap, 500);
	hr_test_alloc(test, heap, 50);
	hr_test_expect_reject(test, heap, HR_TEST_BASE, 600, -ERANGE);
	hr_test_expect_rejects(test, heap, hr_test_addr(499), -EINVAL);
	hr_test_expect_rejects(test, heap, hr_test_addr(550), -EALREADY);
	hr_test_expect_rejects(test, heap, hr_test_addr(599), -EALREADY);
	KUNIT_EXPECT_EQ(test, heapranges_free_sized(heap, (void *)hr_test_addr(500), 50),
			0);
	hr_test_free(test, heap, HR_TEST_BASE);

	/* One that covers it, from before it. */
	hr_test_alloc(test, heap, 10);
	hr_test_alloc(test, heap, 10);
	hr_test_free(test, heap, HR_TEST_BASE);
	hr_test_free(test, heap, hr_test_addr(10));
	hr_test_alloc(test, heap, 20);
	hr_test_expect_rejects(test, heap, hr_test_addr(10), -EINVAL);
	hr_test_expect_reject(test, heap, HR_TEST_BASE, 10, -ERANGE);
	hr_test_free(test, heap, HR_TEST_BASE);
}

static void reject_after_other_heap_is_gone(struct kunit *test)
{
	struct heapranges *a = hr_test_create(test, "kunit-a", HEAPRANGES_FIXED);
	struct heapranges *b = hr_test_create(test, "kunit-b", HEAPRANGES_FIXED);
	unsigned long area = hr_test_area(test, 16), run;

	hr_test_add(test, a, area, 8);
	hr_test_add(test, b, area + 8 * PAGE_SIZE, 8);
	hr_test_free(test, a, hr_test_alloc(test, a, 2));
	run = hr_test_alloc(test, b, 3);
	hr_test_destroy(test, a);
	hr_test_expect_rejects(test, b, area, -EFAULT);
	KUNIT_EXPECT_EQ(test, heapranges_free_sized(b, (void *)run, 3), 0);

	/* The same addresses in another heap owe nothing to the first. */
	hr_test_add(test, b, area, 8);
	hr_test_expect_rejects(test, b, area, -EALREADY);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, b, 16), area);
}

/* ---- two CPUs free one run at once ---- */

#define HR_TEST_ROUNDS	5000

struct hr_test_duel {
	struct heapranges	*heap;
	void			*run;
	atomic_t		arrived;
	struct completion	done;
	int			verdict[2];
	unsigned int		bad_rounds;
	int			bad[2];
};

struct hr_test_duellist {
	struct hr_test_duel	*duel;
	int			me;
};

/* Until both are here for the n-th time. */
static void hr_test_duel_meet(struct hr_test_duel *duel, int nth)
{
	atomic_inc(&duel->arrived);
	while (atomic_read(&duel->arrived) < 2 * nth) {
		cond_resched();
		cpu_relax();
	}
}

static void hr_test_duel_judge(struct hr_test_duel *duel)
{
	int *v = duel->verdict;

	if ((v[0] == 0 && v[1] == -EALREADY) || (v[1] == 0 && v[0] == -EALREADY))
		return;
	if (!duel->bad_rounds++)
		memcpy(duel->bad, v, sizeof(duel->bad));
}

static int hr_test_duellist(void *data)
{
	struct hr_test_duellist *d = data;
	struct hr_test_duel *duel = d->duel;
	int round;

	for (round = 0; round < HR_TEST_ROUNDS; round++) {
		if (!d->me)
			duel->run = heapranges_alloc(duel->heap, 1 + round % 600,
						     GFP_NOWAIT);
		hr_test_duel_meet(duel, 3 * round + 1);
		duel->verdict[d->me] = d->me && round % 2 ?
			heapranges_free_sized(duel->heap, duel->run, 1 + round % 600) :
			heapranges_free(duel->heap, duel->run);
		hr_test_duel_meet(duel, 3 * round + 2);
		if (!d->me)
			hr_test_duel_judge(duel);
		hr_test_duel_meet(duel, 3 * round + 3);
	}
	complete(&duel->done);
	/* The task has to be there for kthread_stop(). */
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static void reject_two_cpus_free_at_once(struct kunit *test)
{
	struct hr_test_duel *duel = kunit_kzalloc(test, sizeof(*duel), GFP_KERNEL);
	struct hr_test_duellist d[2] = { { duel, 0 }, { duel, 1 } };
	unsigned int cpu = cpumask_first(cpu_online_mask), i;
	struct task_struct *task[2];
	struct heapranges_stats s;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU online");
	KUNIT_ASSERT_NOT_NULL(test, duel);
	init_completion(&duel->done);
	duel->heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	hr_test_add(test, duel->heap, hr_test_addr(3), 700);
	for (i = 0; i < 2; i++) {
		task[i] = kthread_create(hr_test_duellist, &d[i], "hr_test_duel/%u", i);
		if (IS_ERR(task[i]) && i)
			kthread_stop(task[0]);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task[i]);
		kthread_bind(task[i], cpu);
		cpu = cpumask_next(cpu, cpu_online_mask);
	}
	wake_up_process(task[0]);
	wake_up_process(task[1]);
	for (i = 0; i < 2; i++)
		wait_for_completion(&duel->done);
	for (i = 0; i < 2; i++)
		kthread_stop(task[i]);
	KUNIT_EXPECT_EQ_MSG(test, duel->bad_rounds, 0U, "the first: %d and %d",
			    duel->bad[0], duel->bad[1]);
	s = hr_test_stats(test, duel->heap);
	KUNIT_EXPECT_EQ(test, s.allocs, HR_TEST_ROUNDS + 0ULL);
	KUNIT_EXPECT_EQ(test, s.frees, HR_TEST_ROUNDS + 0ULL);
	KUNIT_EXPECT_EQ(test, s.rejected_double, HR_TEST_ROUNDS + 0ULL);
	KUNIT_EXPECT_EQ(test, s.largest_free_pages, 700UL);
}

static struct kunit_case hr_test_reject_cases[] = {
	KUNIT_CASE_PARAM(reject_foreign, hr_test_place_gen_params),
	KUNIT_CASE_PARAM(reject_double, hr_test_place_gen_params),
	KUNIT_CASE_PARAM(reject_interior, hr_test_place_gen_params),
	KUNIT_CASE_PARAM(reject_size, hr_test_place_gen_params),
	KUNIT_CASE(reject_null_is_nothing),
	KUNIT_CASE(reject_everything_on_an_empty_heap),
	KUNIT_CASE(reject_in_a_hole),
	KUNIT_CASE(reject_other_heap),
	KUNIT_CASE(reject_same_addresses),
	KUNIT_CASE(reject_double_after_reuse),
	KUNIT_CASE(reject_after_other_heap_is_gone),
	KUNIT_CASE(reject_two_cpus_free_at_once),
	{}
};

struct kunit_suite heapranges_reject_suite = {
	.name = "heapranges_reject",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_reject_cases,
};
