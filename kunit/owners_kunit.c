// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_owners: a module loaded with track_owners=1. A heap that is destroyed
 * while somebody holds its pages names them; the lines are looked for in the kernel's
 * log. Each case has a heap with a name of its own.
 */
#include "../module/heap.h"
#include "heap_helpers.h"
#include "log_helpers.h"
#include "suites.h"

/* More callers than are told apart, and than are named. */
#define HR_TEST_CALLERS		70
#define HR_TEST_NAMED		8

static char hr_test_name[16];
static struct hr_test_log hr_test_owners_log;

static int hr_test_owners_init(struct kunit *test)
{
	static int nr_cases;

	if (!(heapranges_default()->flags & HR_HEAP_TRACKS_OWNERS))
		kunit_skip(test, "needs a module loaded with track_owners=1");
	scnprintf(hr_test_name, sizeof(hr_test_name), "owners%d", nr_cases++);
	return hr_test_init(test);
}

/* All of it is one region. */
static struct heapranges *hr_test_owners_heap(struct kunit *test, unsigned long nr_pages)
{
	struct heapranges *heap = hr_test_create(test, hr_test_name, HR_TEST_ADDRESSES);

	hr_test_add(test, heap, HR_TEST_BASE, nr_pages);
	hr_test_log_mark(&hr_test_owners_log, hr_test_name);
	return heap;
}

static void hr_test_expect_owners(struct kunit *test, struct heapranges *heap, int want)
{
	int got;

	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), -EBUSY);
	got = hr_test_log_lines(&hr_test_owners_log, "owner: ");
	KUNIT_EXPECT_EQ_MSG(test, got, want, "lines, the last: %s", hr_test_owners_log.last);
}

static void hr_test_expect_owner(struct kunit *test, const char *line)
{
	KUNIT_EXPECT_EQ_MSG(test, hr_test_log_lines(&hr_test_owners_log, line), 1, "want: %s",
			    line);
}

/*
 * Whoever calls is named in the log, so neither of these may be a jump at the end, nor
 * be the same code as the other.
 */
static noinline void *hr_test_taken_here(struct heapranges *heap, unsigned long nr_pages)
{
	void *addr = heapranges_alloc(heap, nr_pages, HR_TEST_QUIET);

	barrier();
	return addr;
}

static noinline void *hr_test_taken_there(struct heapranges *heap, unsigned long nr_pages)
{
	void *addr = heapranges_alloc(heap, nr_pages, GFP_NOWAIT | __GFP_NOWARN);

	barrier();
	return addr;
}

static void owners_are_named_at_destroy(struct kunit *test)
{
	struct heapranges *heap = hr_test_owners_heap(test, 2000);
	void *freed;

	KUNIT_EXPECT_NOT_NULL(test, hr_test_taken_here(heap, 1));
	freed = hr_test_taken_here(heap, 300);
	KUNIT_EXPECT_NOT_NULL(test, hr_test_taken_here(heap, 2));
	KUNIT_EXPECT_NOT_NULL(test, hr_test_taken_there(heap, 600));
	hr_test_free(test, heap, (unsigned long)freed);
	hr_test_expect_owners(test, heap, 2);
	hr_test_expect_owner(test, " runs=2 pages=3 caller=hr_test_taken_here+0x");
	hr_test_expect_owner(test, " runs=1 pages=600 caller=hr_test_taken_there+0x");
	/* Whoever holds most comes first. */
	hr_test_log_lines(&hr_test_owners_log, "owner: ");
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(hr_test_owners_log.last, " pages=3 "),
				  "the last: %s", hr_test_owners_log.last);
}

static void owners_who_took_last(struct kunit *test)
{
	struct heapranges *heap = hr_test_owners_heap(test, 4);

	hr_test_free(test, heap, (unsigned long)hr_test_taken_here(heap, 4));
	KUNIT_EXPECT_EQ(test, (unsigned long)hr_test_taken_there(heap, 4), HR_TEST_BASE);
	KUNIT_EXPECT_EQ(test, heapranges_resize(heap, (void *)HR_TEST_BASE, 3), 0);
	hr_test_expect_owners(test, heap, 1);
	hr_test_expect_owner(test, " runs=1 pages=3 caller=hr_test_taken_there+0x");
}

/* By whatever call: each stands at another place of this case. */
static void owners_on_each_path(struct kunit *test)
{
	static const char * const figures[] = {
		" runs=1 pages=5", " runs=1 pages=1", " runs=1 pages=3", " runs=1 pages=7",
		" runs=3 pages=6",
	};
	struct heapranges *heap = hr_test_owners_heap(test, 100);
	void *addr[3];
	char want[64];
	int i;

	KUNIT_EXPECT_NOT_NULL(test, heapranges_alloc(heap, 5, HR_TEST_QUIET));
	KUNIT_EXPECT_NOT_NULL(test, heapranges_alloc(heap, 1, GFP_NOWAIT | __GFP_NOWARN));
	KUNIT_EXPECT_NOT_NULL(test, heapranges_alloc_aligned(heap, 3, 4, HR_TEST_QUIET));
	KUNIT_EXPECT_NOT_NULL(test, heapranges_alloc_at(heap, HR_TEST_BASE + 50 * PAGE_SIZE, 7,
							HR_TEST_QUIET));
	KUNIT_EXPECT_EQ(test, heapranges_alloc_bulk(heap, 2, HR_TEST_QUIET, 3, addr), 3U);
	hr_test_expect_owners(test, heap, ARRAY_SIZE(figures));
	for (i = 0; i < ARRAY_SIZE(figures); i++) {
		scnprintf(want, sizeof(want), "%s caller=%s+0x", figures[i], __func__);
		hr_test_expect_owner(test, want);
	}
}

/* As well as of an arena that the heap has grown by for them. */
static void owners_of_an_arena(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, hr_test_name, 0);

	hr_test_log_mark(&hr_test_owners_log, hr_test_name);
	KUNIT_EXPECT_NOT_NULL(test, hr_test_taken_here(heap, 40));
	hr_test_expect_owners(test, heap, 1);
	hr_test_expect_owner(test, " runs=1 pages=40 caller=hr_test_taken_here+0x");
}

static void owners_of_many_the_largest(struct kunit *test)
{
	struct heapranges *heap = hr_test_owners_heap(test, 20000);
	unsigned long addr, i;

	for (i = 1; i <= HR_TEST_CALLERS; i++) {
		addr = hr_test_alloc(test, heap, 100 + i % 64);
		hr_heap_set_owner(heap, addr, i);
	}
	hr_test_expect_owners(test, heap, HR_TEST_NAMED + 1);
	hr_test_log_lines(&hr_test_owners_log, "owner: ");
	/* The caller with 163 pages first, and 156 last; of all the others the sum. */
	hr_test_expect_owner(test, " runs=1 pages=163 caller=0x3f");
	hr_test_expect_owner(test, " runs=1 pages=156 caller=0x38");
	hr_test_expect_owner(test, " runs=62 pages=7761 caller=others");
}

/* With the line about destroy, so no more often than that. */
static void owners_are_not_told_for_ever(struct kunit *test)
{
	struct heapranges *heap = hr_test_owners_heap(test, 4);
	int i;

	KUNIT_EXPECT_NOT_NULL(test, hr_test_taken_here(heap, 4));
	for (i = 0; i < 50; i++)
		KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), -EBUSY);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(&hr_test_owners_log, "misuse: "), 10);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(&hr_test_owners_log, "owner: "), 10);
}

static struct kunit_case hr_test_owners_cases[] = {
	KUNIT_CASE(owners_are_named_at_destroy),
	KUNIT_CASE(owners_who_took_last),
	KUNIT_CASE(owners_on_each_path),
	KUNIT_CASE(owners_of_an_arena),
	KUNIT_CASE(owners_of_many_the_largest),
	KUNIT_CASE(owners_are_not_told_for_ever),
	{}
};

struct kunit_suite heapranges_owners_suite = {
	.name = "heapranges_owners",
	.init = hr_test_owners_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_owners_cases,
};
