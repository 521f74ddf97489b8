// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_model: random operations on a heap, compared with a twin
 * (model_twin.h). After each step the verdict, the address and all statistics are
 * compared; the heap is asked whether it is sound after each too, or, in windows
 * that are large, after each few. The seed of a failure is in its message: load the
 * module with heap_seed=<that> to see it again (not on 6.1, where tests run before
 * the parameters are read).
 *
 * The long run asks after each step, whatever the window. Its steps are shared out
 * among the windows, since KUnit ends a case after 300 s.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/sched.h>

#include "model_twin.h"
#include "suites.h"

/* Kernels that look at every access and lock take ten times as long. */
#define HR_TEST_STEPS		(IS_ENABLED(CONFIG_KASAN) ? 1000 : 5000)

static unsigned long heap_seed;
module_param(heap_seed, ulong, 0444);
MODULE_PARM_DESC(heap_seed, "Seed of the random heap operations; 0 (default): another each time");

static unsigned int heap_steps;
module_param(heap_steps, uint, 0444);
MODULE_PARM_DESC(heap_steps, "Steps of the long run of random heap operations, over all its rows; 0 (default): none");

/* ---- the comparison after each step ---- */

static void hr_test_twin_sum(struct hr_test_twin *t)
{
	struct heapranges_stats *want = &t->want;
	unsigned long page, free = 0, largest = 0, owned = 0, total = 0, ranges = 0;

	for (page = 0; page < t->window; page++) {
		free = t->page[page] == HR_TWIN_FREE ? free + 1 : 0;
		largest = max(largest, free);
		total += free > 0;
		owned += t->page[page] != HR_TWIN_FOREIGN;
		ranges += t->page[page] != HR_TWIN_FOREIGN &&
			  (!page || t->page[page - 1] == HR_TWIN_FOREIGN);
	}
	want->owned_pages = owned;
	want->free_pages = total;
	want->used_pages = owned - total;
	want->largest_free_pages = largest;
	want->nr_ranges = ranges;
}

static void hr_test_twin_compare_stats(struct hr_test_twin *t)
{
	const struct hr_test_stat *stat = hr_test_all_stats;
	struct heapranges_stats got;

	hr_test_twin_sum(t);
	heapranges_get_stats(t->heap, &got);
	t->want.metadata_bytes = got.metadata_bytes;
	for (; stat < hr_test_all_stats + ARRAY_SIZE(hr_test_all_stats); stat++)
		KUNIT_ASSERT_EQ_MSG(t->test, hr_test_stat(&got, stat),
				    hr_test_stat(&t->want, stat), "%s after %s",
				    stat->name, t->what);
}

/* size() and contains() of somewhere. */
static void hr_test_twin_compare_page(struct hr_test_twin *t)
{
	unsigned long page = hr_test_twin_rnd(t, t->window), i;
	unsigned long addr = hr_test_twin_addr(t, page);
	unsigned long nr = hr_test_twin_length(t);
	bool owned = page + nr <= t->window;

	for (i = page; owned && i < page + nr; i++)
		owned = t->page[i] != HR_TWIN_FOREIGN;
	KUNIT_ASSERT_EQ_MSG(t->test, heapranges_size(t->heap, (void *)addr),
			    hr_test_twin_run(t, page), "size of page %lu after %s",
			    page, t->what);
	KUNIT_ASSERT_EQ_MSG(t->test, heapranges_contains(t->heap, addr, nr), owned,
			    "contains page=%lu nr=%lu after %s", page, nr, t->what);
}

static int hr_test_twin_visit(const struct heapranges_range *range, void *data)
{
	struct hr_test_twin *t = data;
	unsigned long first = hr_test_twin_page(t, range->base), page;
	unsigned long limit = hr_test_twin_page(t, range->limit);

	if (limit > t->window || first >= limit ||
	    t->page[limit] != HR_TWIN_FOREIGN ||
	    (first && t->page[first - 1] != HR_TWIN_FOREIGN))
		return 1;
	for (page = first; page < limit; page++) {
		if (t->page[page] == HR_TWIN_FOREIGN)
			return 1;
	}
	return 0;
}

#define HR_TEST_WINDOW	(12 * HR_TEST_CHUNK)
#define HR_TEST_BASE_77	(HR_TEST_BASE + 77 * PAGE_SIZE)
#define HR_TEST_LAST	(-HR_TEST_WINDOW * PAGE_SIZE)

static const struct hr_test_model_row hr_test_model_rows[] = {
	{ "chunk-aligned", HR_TEST_BASE, HR_TEST_WINDOW, HR_TEST_WINDOW },
	{ "unaligned and capped", HR_TEST_BASE_77, HR_TEST_WINDOW, HR_TEST_WINDOW,
	  .max_pages = 4000 },
	{ "page 1", 0, HR_TEST_WINDOW, HR_TEST_WINDOW },
	{ "end of the address space", HR_TEST_LAST, HR_TEST_WINDOW, HR_TEST_WINDOW },
	{ "many chunks", HR_TEST_BASE_77, 7 * HR_TEST_WINDOW, 7 * HR_TEST_WINDOW,
	  .verify_every = 10 },
	{ "islands in every other chunk", HR_TEST_BASE_77, 4000, 400, 2,
	  .verify_every = 3 },
	{ "islands 9 chunks apart", HR_TEST_BASE_77, 9000, 1100, 9,
	  .verify_every = 5 },
#ifdef CONFIG_64BIT
	{ "islands 4 TiB apart", HR_TEST_BASE_77, 9000, 1100, 1UL << 21,
	  .verify_every = 5 },
	{ "islands all over", HR_TEST_BASE_77, 9000, 1100, 1UL << 39,
	  .verify_every = 5 },
#endif
};

static void hr_test_model_desc(const struct hr_test_model_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_model, hr_test_model_rows, hr_test_model_desc);

static void hr_test_twin_compare_sound(struct hr_test_twin *t)
{
	char first[120] = "?";

	KUNIT_ASSERT_EQ_MSG(t->test, heapranges_verify(t->heap, first, sizeof(first)), 0,
			    "verify after %s: %s", t->what, first);
}

static void hr_test_model_run(struct kunit *test, unsigned int steps, bool verify_each)
{
	const struct hr_test_model_row *row = test->param_value;
	struct heapranges_params params = {
		.name = "kunit", .max_pages = row->max_pages,
		.flags = HR_TEST_ADDRESSES,
	};
	struct hr_test_twin *t = kunit_kzalloc(test, struct_size(t, page, row->window + 1),
					       GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->test = test;
	t->row = row;
	t->window = row->window;
	t->seed = heap_seed ?: get_random_long() | 1;
	t->heap = hr_test_create_params(test, &params);
	prandom_seed_state(&t->rnd, t->seed);
	kunit_info(test, "heap_seed=%lu\n", t->seed);
	for (t->step = 0; t->step < steps; t->step++) {
		hr_test_twin_step(t);
		hr_test_twin_compare_stats(t);
		hr_test_twin_compare_page(t);
		if (verify_each || !row->verify_every || !(t->step % row->verify_every))
			hr_test_twin_compare_sound(t);
		if (t->step % 50 == 0)
			KUNIT_ASSERT_EQ_MSG(test, heapranges_walk(t->heap,
								  hr_test_twin_visit, t),
					    0, "walk after %s", t->what);
		cond_resched();
	}
	hr_test_twin_compare_sound(t);
}

static void model_random_operations(struct kunit *test)
{
	hr_test_model_run(test, HR_TEST_STEPS, false);
}

static void model_random_operations_for_long(struct kunit *test)
{
	if (!heap_steps)
		kunit_skip(test, "takes minutes: make check LONG=1");
	hr_test_model_run(test, DIV_ROUND_UP(heap_steps, ARRAY_SIZE(hr_test_model_rows)),
			  true);
}

static struct kunit_case hr_test_model_cases[] = {
	KUNIT_CASE_PARAM(model_random_operations, hr_test_model_gen_params),
	KUNIT_CASE_PARAM(model_random_operations_for_long, hr_test_model_gen_params),
	{}
};

struct kunit_suite heapranges_model_suite = {
	.name = "heapranges_model",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_model_cases,
};
