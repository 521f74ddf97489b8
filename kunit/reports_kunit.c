// SPDX-License-Identifier: GPL-2.0
/*
 * What a bad caller makes the heap say, and how often: the lines are counted in
 * the kernel's log. Each case has a heap with a name of its own.
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/gfp.h>
#include <linux/kmsg_dump.h>
#include <linux/numa.h>
#include <linux/string.h>

#include "../module/heapranges.h"
#include "suites.h"

#define HR_TEST_BASE	BIT(30)

static const char * const hr_test_words[] = {
	"reason=foreign", "reason=double", "reason=interior", "reason=size",
	"heapranges: shortage:", "heapranges: misuse:",
};

enum { FOREIGN, DOUBLE, INTERIOR, SIZE, SHORTAGE, MISUSE };

static char hr_test_name[16];

/* Lines about this case's heap. */
static int hr_test_lines_of(unsigned int word)
{
	struct kmsg_dump_iter iter;
	static char line[512];
	char heap[32];
	size_t len;
	int nr = 0;

	scnprintf(heap, sizeof(heap), "heap=%s ", hr_test_name);
	kmsg_dump_rewind(&iter);
	while (kmsg_dump_get_line(&iter, false, line, sizeof(line), &len)) {
		if (strnstr(line, hr_test_words[word], len) && strnstr(line, heap, len))
			nr++;
	}
	return nr;
}

static int hr_test_reports_init(struct kunit *test)
{
	struct heapranges_params params = {
		.name = hr_test_name,
		.node = NUMA_NO_NODE,
		.flags = HEAPRANGES_ADDRESS_ONLY,
	};
	struct heapranges *heap;
	static int nr_cases;

	scnprintf(hr_test_name, sizeof(hr_test_name), "reports%d", nr_cases++);
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
	KUNIT_CASE(reports_nothing_of_what_is_right),
	{}
};

struct kunit_suite heapranges_reports_suite = {
	.name = "heapranges_reports",
	.init = hr_test_reports_init,
	.exit = hr_test_reports_exit,
	.test_cases = hr_test_reports_cases,
};
