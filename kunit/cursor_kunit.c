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

/* What goes of chunk 2 while it is counted, and which range is counted after that. */
static const struct cursor_gone_row {
	const char	*name;
	unsigned long	gone_pages, page, limit_page;	/* from chunk 2 on */
} cursor_gone_rows[] = {
	{ "all of it: the next one", 512, 4 * 512, 5 * 512 },
	{ "its front: what is left", 100, 100, 512 },
};

static void cursor_gone_desc(const struct cursor_gone_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(cursor_gone, cursor_gone_rows, cursor_gone_desc);

struct hr_test_cursor {
	struct hr_cursor	cursor;
	struct kunit		*test;
	int			nr_counted;
};

static bool hr_test_cursor_count(struct hr_cursor *cursor, struct heapranges *heap)
{
	struct hr_test_cursor *seen = container_of(cursor, struct hr_test_cursor, cursor);
	const struct cursor_gone_row *row = seen->test->param_value;

	if (!seen->nr_counted++)
		KUNIT_EXPECT_EQ(seen->test, heapranges_remove(heap, hr_chunk_idx_to_addr(2),
							      row->gone_pages), 0);
	return true;
}

static void cursor_range_that_goes_while_it_is_counted_is_not_told_of(struct kunit *test)
{
	const struct cursor_gone_row *row = test->param_value;
	struct heapranges *heap = hr_test_cursor_heap(test);
	struct hr_test_cursor seen = { .test = test };
	unsigned long start = hr_chunk_idx_to_addr(2);

	KUNIT_EXPECT_TRUE(test, hr_cursor_find_range(&seen.cursor, heap, hr_test_cursor_count));
	KUNIT_EXPECT_EQ(test, seen.nr_counted, 2);
	KUNIT_EXPECT_EQ(test, seen.cursor.range.base, start + row->page * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, seen.cursor.range.limit, start + row->limit_page * PAGE_SIZE);
}

static struct kunit_case hr_test_cursor_cases[] = {
	KUNIT_CASE(cursor_range_without_chunks_is_passed_over),
	KUNIT_CASE_PARAM(cursor_range_that_goes_while_it_is_counted_is_not_told_of,
			 cursor_gone_gen_params),
	{}
};

struct kunit_suite heapranges_cursor_suite = {
	.name = "heapranges_cursor",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_cursor_cases,
};
