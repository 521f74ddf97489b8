// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_cursor: who reads a heap's ranges comes to an end, whatever is the matter
 * with the heap, and is told of no range that was gone before its pages had been counted.
 */
#include "../module/cursor.h"
#include "lost_helpers.h"
#include "seeing_helpers.h"
#include "suites.h"

/* With whole chunks 2 and 6. */
static struct heapranges *hr_test_cursor_heap(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HEAPRANGES_ADDRESS_ONLY);

	hr_test_add(test, heap, hr_chunk_idx_to_addr(2), 512);
	hr_test_add(test, heap, hr_chunk_idx_to_addr(6), 512);
	return heap;
}

static int hr_test_cursor_lines(const char *text, const char *behind)
{
	int nr = 0;

	for (text = strstr(text, behind); text; text = strstr(text + 1, behind))
		nr++;
	return nr;
}

static void cursor_range_without_chunks_is_passed_over(struct kunit *test)
{
	struct heapranges *heap = hr_test_cursor_heap(test);
	char *text = hr_test_seen_buffer(test);
	struct file *file;

	hr_test_gain_range(test, heap, hr_chunk_idx_to_addr(4), 512);
	hr_test_see(test, "map", text, PAGE_SIZE);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_cursor_lines(text, " 512 |"), 2, "%s", text);
	file = hr_test_open(test);
	KUNIT_EXPECT_GT(test, hr_test_read_all(file, text, HR_TEST_SEEN_BYTES, PAGE_SIZE, 0),
			(ssize_t)0);
	filp_close(file, NULL);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_cursor_lines(text, " kunit\n"), 2, "%s", text);
	hr_test_lose_range(test, heap, hr_chunk_idx_to_addr(4), 512);
}

struct hr_test_cursor {
	struct hr_cursor	cursor;
	struct kunit		*test;
	int			nr_counted;
};

/* What is counted first goes meanwhile, or its front does. */
static bool hr_test_cursor_count(struct hr_cursor *cursor, struct heapranges *heap,
				 unsigned long nr_pages)
{
	struct hr_test_cursor *seen = container_of(cursor, struct hr_test_cursor, cursor);

	if (!seen->nr_counted++)
		KUNIT_EXPECT_EQ(seen->test, heapranges_remove(heap, hr_chunk_idx_to_addr(2),
							      nr_pages), 0);
	return true;
}

static bool hr_test_cursor_count_all_gone(struct hr_cursor *cursor, struct heapranges *heap)
{
	return hr_test_cursor_count(cursor, heap, 512);
}

static bool hr_test_cursor_count_front_gone(struct hr_cursor *cursor, struct heapranges *heap)
{
	return hr_test_cursor_count(cursor, heap, 100);
}

static void cursor_range_that_goes_while_it_is_counted_is_not_told_of(struct kunit *test)
{
	struct heapranges *heap = hr_test_cursor_heap(test);
	struct hr_test_cursor seen = { .test = test };

	KUNIT_EXPECT_TRUE(test, hr_cursor_find_range(&seen.cursor, heap,
						     hr_test_cursor_count_all_gone));
	KUNIT_EXPECT_EQ(test, seen.nr_counted, 2);
	KUNIT_EXPECT_EQ(test, seen.cursor.range.base, hr_chunk_idx_to_addr(6));
}

static void cursor_range_that_shrinks_while_it_is_counted_is_counted_anew(struct kunit *test)
{
	struct heapranges *heap = hr_test_cursor_heap(test);
	struct hr_test_cursor seen = { .test = test };

	KUNIT_EXPECT_TRUE(test, hr_cursor_find_range(&seen.cursor, heap,
						     hr_test_cursor_count_front_gone));
	KUNIT_EXPECT_EQ(test, seen.nr_counted, 2);
	KUNIT_EXPECT_EQ(test, seen.cursor.range.base,
			hr_chunk_idx_to_addr(2) + 100 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, seen.cursor.range.limit, hr_chunk_idx_to_addr(3));
}

static struct kunit_case hr_test_cursor_cases[] = {
	KUNIT_CASE(cursor_range_without_chunks_is_passed_over),
	KUNIT_CASE(cursor_range_that_goes_while_it_is_counted_is_not_told_of),
	KUNIT_CASE(cursor_range_that_shrinks_while_it_is_counted_is_counted_anew),
	{}
};

struct kunit_suite heapranges_cursor_suite = {
	.name = "heapranges_cursor",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_cursor_cases,
};
