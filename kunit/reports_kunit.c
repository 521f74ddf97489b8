// SPDX-License-Identifier: GPL-2.0
/*
 * What a bad caller makes the heap say, and how often: the lines are counted in
 * the kernel's log. Each case has a heap with a name of its own.
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/gfp.h>
#include <linux/numa.h>
#include <linux/string.h>

#include "../module/heap.h"
#include "log_helpers.h"
#include "suites.h"

#define HR_TEST_BASE	BIT(30)

static const char * const hr_test_words[] = {
	"reason=foreign", "reason=double", "reason=interior", "reason=size",
	"shortage:", "misuse:",
};

enum { FOREIGN, DOUBLE, INTERIOR, SIZE, SHORTAGE, MISUSE };

static struct hr_test_log hr_test_reports_log;

/* Lines about this case's heap. */
static int hr_test_lines_of(unsigned int word)
{
	return hr_test_log_lines(&hr_test_reports_log, hr_test_words[word]);
}

static int hr_test_reports_init(struct kunit *test)
{
	char name[16];
	struct heapranges_params params = {
		.name = name,
		.node = NUMA_NO_NODE,
		.flags = HEAPRANGES_ADDRESS_ONLY | HEAPRANGES_NO_CACHE,
	};
	struct heapranges *heap;
	static int nr_cases;

	scnprintf(name, sizeof(name), "reports%d", nr_cases++);
	hr_test_log_mark(&hr_test_reports_log, name);
	heap = heapranges_create(&params);
	if (IS_ERR(heap))
		return PTR_ERR(heap);
	test->priv = heap;
	return heapranges_add(heap, HR_TEST_BASE, 16);
}

static void hr_test_reports_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, heapranges_destroy(test->priv), 0);
}

static void reports_first_of_each_kind_then_ten(struct kunit *test)
{
	struct heapranges *heap = test->priv;
	void *run = heapranges_alloc(heap, 2, GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, run);
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_EQ(test, heapranges_free(heap, run + 2 * HR_TEST_BASE), -EFAULT);
	KUNIT_EXPECT_EQ(test, hr_test_lines_of(FOREIGN), 11);

	/* The ten are used up, but these are the first of their kind. */
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, run + PAGE_SIZE), -EINVAL);
	KUNIT_EXPECT_EQ(test, heapranges_free_sized(heap, run, 1), -ERANGE);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, run), 0);
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_EQ(test, heapranges_free(heap, run), -EALREADY);
	KUNIT_EXPECT_EQ(test, hr_test_lines_of(INTERIOR), 1);
	KUNIT_EXPECT_EQ(test, hr_test_lines_of(SIZE), 1);
	KUNIT_EXPECT_EQ(test, hr_test_lines_of(DOUBLE), 1);
	KUNIT_EXPECT_EQ(test, hr_test_lines_of(FOREIGN), 11);
}

static void reports_ten_shortages_a_heap(struct kunit *test)
{
	struct heapranges *heap = test->priv;
	int i;

	for (i = 0; i < 50; i++)
		KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 17, GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_EQ(test, hr_test_lines_of(SHORTAGE), 0);
	for (i = 0; i < 50; i++)
		KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 17, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, hr_test_lines_of(SHORTAGE), 10);
}

static void reports_mistakes_at_most_ten(struct kunit *test)
{
	struct heapranges *heap = test->priv;
	int i;

	KUNIT_EXPECT_EQ(test, heapranges_add(heap, HR_TEST_BASE + 1, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, hr_test_lines_of(MISUSE), 1);
	for (i = 0; i < 50; i++)
		KUNIT_EXPECT_EQ(test, heapranges_add(heap, HR_TEST_BASE, 1), -EEXIST);
	KUNIT_EXPECT_EQ(test, hr_test_lines_of(MISUSE), 10);
}

/* What lives is in the line, and what was freed or resized before is not. */
static void reports_what_lives_at_destroy(struct kunit *test)
{
	static const struct { unsigned long pages; const char *line; } rows[] = {
		{ 3, "runs=1 pages=3 caller=" }, { 4, "runs=2 pages=7 caller=" },
		{ 5, "runs=3 pages=12 caller=" },
	};
	struct heapranges *heap = test->priv;
	struct heapranges_stats before, after;
	void *run[3], *freed;
	int i;

	freed = heapranges_alloc(heap, 2, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, freed), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		run[i] = heapranges_alloc(heap, rows[i].pages + 1, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, run[i]);
		KUNIT_EXPECT_EQ(test, heapranges_resize(heap, run[i], rows[i].pages), 0);
		heapranges_get_stats(heap, &before);
		KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), -EBUSY);
		heapranges_get_stats(heap, &after);
		KUNIT_EXPECT_EQ(test, after.used_pages, before.used_pages);
		KUNIT_EXPECT_EQ(test, after.owned_pages, before.owned_pages);
		KUNIT_EXPECT_EQ(test, hr_test_lines_of(MISUSE), i + 1);
		KUNIT_EXPECT_NOT_NULL_MSG(test,
					  strstr(hr_test_reports_log.last, rows[i].line),
					  "want: %s, got: %s", rows[i].line,
					  hr_test_reports_log.last);
		KUNIT_EXPECT_NOT_NULL(test, strstr(hr_test_reports_log.last,
						   "reason=\"destroyed with live allocations\""));
	}

	/* It stays usable: what it has left can be had, and all of it given back. */
	freed = heapranges_alloc(heap, 4, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, freed);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, freed), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ(test, heapranges_free(heap, run[i]), 0);
}

static void reports_destroys_at_most_ten(struct kunit *test)
{
	struct heapranges *heap = test->priv;
	void *run = heapranges_alloc(heap, 1, GFP_KERNEL);
	int i;

	for (i = 0; i < 50; i++)
		KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), -EBUSY);
	KUNIT_EXPECT_EQ(test, hr_test_lines_of(MISUSE), 10);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, run), 0);
}

/* By the kernel, which does not know whose they were, before the first that is said again. */
static void reports_how_many_were_suppressed(struct kunit *test)
{
	struct heapranges *heap = test->priv;
	struct hr_test_log *log = &hr_test_reports_log;
	static const char suppressed[] = ": 40 callbacks suppressed";
	int i;

	for (i = 0; i < 50; i++)
		KUNIT_EXPECT_EQ(test, heapranges_add(heap, HR_TEST_BASE, 1), -EEXIST);
	KUNIT_EXPECT_EQ(test, hr_test_lines_of(MISUSE), 10);
	KUNIT_EXPECT_EQ(test, hr_test_log_count(log, suppressed, false), 0);

	heap->reports.rate.begin -= heap->reports.rate.interval + 1;
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, heapranges_add(heap, HR_TEST_BASE, 1), -EEXIST);
	KUNIT_EXPECT_EQ(test, hr_test_lines_of(MISUSE), 12);
	KUNIT_EXPECT_EQ(test, hr_test_log_count(log, suppressed, false), 1);
}

static void reports_nothing_of_what_is_right(struct kunit *test)
{
	struct heapranges *heap = test->priv;
	void *run = heapranges_alloc(heap, 16, GFP_KERNEL);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, heapranges_free(heap, NULL), 0);
	KUNIT_EXPECT_EQ(test, heapranges_free_sized(heap, run, 16), 0);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 0, GFP_KERNEL));
	for (i = 0; i < ARRAY_SIZE(hr_test_words); i++)
		KUNIT_EXPECT_EQ(test, hr_test_lines_of(i), 0);
}

static struct kunit_case hr_test_reports_cases[] = {
	KUNIT_CASE(reports_first_of_each_kind_then_ten),
	KUNIT_CASE(reports_ten_shortages_a_heap),
	KUNIT_CASE(reports_mistakes_at_most_ten),
	KUNIT_CASE(reports_what_lives_at_destroy),
	KUNIT_CASE(reports_destroys_at_most_ten),
	KUNIT_CASE(reports_how_many_were_suppressed),
	KUNIT_CASE(reports_nothing_of_what_is_right),
	{}
};

struct kunit_suite heapranges_reports_suite = {
	.name = "heapranges_reports",
	.init = hr_test_reports_init,
	.exit = hr_test_reports_exit,
	.test_cases = hr_test_reports_cases,
};
