// SPDX-License-Identifier: GPL-2.0
/*
 * The sorted array of ranges, case by case: rows of what is there before, what
 * is done, and what is there after. After each step the whole is validated.
 */

#include "ranges_rows.h"
#include "suites.h"

/* What is accepted. */

static const struct ranges_row ranges_add_rows[] = {
	{ "into an empty array",
	  .steps = { { ADD, P(5), 3 } },
	  .after = { { P(5), 3 } } },
	{ "before all, apart",
	  .before = { { P(9), 2 }, { P(20), 1 } },
	  .steps = { { ADD, P(5), 3 } },
	  .after = { { P(5), 3 }, { P(9), 2 }, { P(20), 1 } } },
	{ "behind all, apart",
	  .before = { { P(5), 3 }, { P(9), 2 } },
	  .steps = { { ADD, P(12), 2 } },
	  .after = { { P(5), 3 }, { P(9), 2 }, { P(12), 2 } } },
	{ "between two, apart",
	  .before = { { P(5), 3 }, { P(20), 1 } },
	  .steps = { { ADD, P(9), 10 } },
	  .after = { { P(5), 3 }, { P(9), 10 }, { P(20), 1 } } },
	{ "behind one it abuts",
	  .before = { { P(5), 3 }, { P(20), 1 } },
	  .steps = { { ADD, P(8), 4 } },
	  .after = { { P(5), 7 }, { P(20), 1 } } },
	{ "before one it abuts",
	  .before = { { P(5), 3 }, { P(20), 1 } },
	  .steps = { { ADD, P(10), 10 } },
	  .after = { { P(5), 3 }, { P(10), 11 } } },
	{ "before the first, abutting",
	  .before = { { P(5), 3 }, { P(20), 1 } },
	  .steps = { { ADD, P(4), 1 } },
	  .after = { { P(4), 4 }, { P(20), 1 } } },
	{ "behind the last, abutting",
	  .before = { { P(5), 3 }, { P(20), 1 } },
	  .steps = { { ADD, P(21), 1 } },
	  .after = { { P(5), 3 }, { P(20), 2 } } },
	{ "between two it abuts: three become one",
	  .before = { { P(2), 1 }, { P(5), 3 }, { P(20), 1 }, { P(30), 1 } },
	  .steps = { { ADD, P(8), 12 } },
	  .after = { { P(2), 1 }, { P(5), 16 }, { P(30), 1 } } },
	{ "three become one, of an array of two",
	  .before = { { P(5), 3 }, { P(9), 1 } },
	  .steps = { { ADD, P(8), 1 } },
	  .after = { { P(5), 5 } } },
	{ "all gaps, one after the other",
	  .before = { { P(2), 1 }, { P(4), 1 }, { P(6), 1 }, { P(8), 1 } },
	  .steps = { { ADD, P(5), 1 }, { ADD, P(7), 1 }, { ADD, P(3), 1 } },
	  .after = { { P(2), 7 } } },
	{ "backwards, each abutting the one before",
	  .steps = { { ADD, P(8), 2 }, { ADD, P(6), 2 }, { ADD, P(5), 1 },
		     { ADD, P(1), 4 } },
	  .after = { { P(1), 9 } } },
	{ "twice: the second time it overlaps",
	  .steps = { { ADD, P(5), 3 }, { ADD, P(5), 3, -EEXIST } },
	  .after = { { P(5), 3 } } },
	{ "a page apart is not abutting",
	  .before = { { P(5), 1 } },
	  .steps = { { ADD, P(7), 1 }, { ADD, P(3), 1 } },
	  .after = { { P(3), 1 }, { P(5), 1 }, { P(7), 1 } } },
	{ "page 1 works",
	  .steps = { { ADD, P(1), 1 } },
	  .after = { { P(1), 1 } } },
	{ "the page before the last works",
	  .steps = { { ADD, END(1), 1 } },
	  .after = { { END(1), 1 } } },
	{ "page 1 and the page before the last together",
	  .steps = { { ADD, END(1), 1 }, { ADD, P(1), 1 } },
	  .after = { { P(1), 1 }, { END(1), 1 } } },
	{ "coalesces up to the end of the address space",
	  .before = { { END(5), 2 }, { END(1), 1 } },
	  .steps = { { ADD, END(3), 2 } },
	  .after = { { END(5), 5 } } },
	{ "everything at once",
	  .steps = { { ADD, P(1), (HR_ADDR_END - P(1)) / PAGE_SIZE } },
	  .after = { { P(1), (HR_ADDR_END - P(1)) / PAGE_SIZE } } },
	{ "everything but one page, then that page",
	  .before = { { P(1), 1 },
		      { P(3), (HR_ADDR_END - P(3)) / PAGE_SIZE } },
	  .steps = { { ADD, P(2), 1 } },
	  .after = { { P(1), (HR_ADDR_END - P(1)) / PAGE_SIZE } } },
	{ "across the middle of the address space",
	  .before = { { P(1), 1 }, { END(1), 1 } },
	  .steps = { { ADD, (1UL << (BITS_PER_LONG - 1)) - P(2), 4 } },
	  .after = { { P(1), 1 },
		     { (1UL << (BITS_PER_LONG - 1)) - P(2), 4 },
		     { END(1), 1 } } },
	{ "both halves of the address space, meeting in the middle",
	  .before = { { (1UL << (BITS_PER_LONG - 1)) - P(2), 2 } },
	  .steps = { { ADD, 1UL << (BITS_PER_LONG - 1), 2 } },
	  .after = { { (1UL << (BITS_PER_LONG - 1)) - P(2), 4 } } },
#if BITS_PER_LONG == 64
	{ "two ranges 8 PiB apart",
	  .steps = { { ADD, P(1) + (1UL << 53), 512 }, { ADD, P(1), 512 } },
	  .after = { { P(1), 512 }, { P(1) + (1UL << 53), 512 } } },
#endif
};

KUNIT_ARRAY_PARAM(ranges_add, ranges_add_rows, ranges_row_describe);

static const struct ranges_row ranges_remove_rows[] = {
	{ "the only range",
	  .before = { { P(5), 3 } },
	  .steps = { { REMOVE, P(5), 3 } } },
	{ "the first range",
	  .before = { { P(5), 3 }, { P(9), 1 }, { P(20), 1 } },
	  .steps = { { REMOVE, P(5), 3 } },
	  .after = { { P(9), 1 }, { P(20), 1 } } },
	{ "a range in the middle",
	  .before = { { P(5), 3 }, { P(9), 1 }, { P(20), 1 } },
	  .steps = { { REMOVE, P(9), 1 } },
	  .after = { { P(5), 3 }, { P(20), 1 } } },
	{ "the last range",
	  .before = { { P(5), 3 }, { P(9), 1 }, { P(20), 1 } },
	  .steps = { { REMOVE, P(20), 1 } },
	  .after = { { P(5), 3 }, { P(9), 1 } } },
	{ "a head",
	  .before = { { P(2), 1 }, { P(5), 6 }, { P(20), 1 } },
	  .steps = { { REMOVE, P(5), 2 } },
	  .after = { { P(2), 1 }, { P(7), 4 }, { P(20), 1 } } },
	{ "a tail",
	  .before = { { P(2), 1 }, { P(5), 6 }, { P(20), 1 } },
	  .steps = { { REMOVE, P(9), 2 } },
	  .after = { { P(2), 1 }, { P(5), 4 }, { P(20), 1 } } },
	{ "the middle: a range becomes two",
	  .before = { { P(2), 1 }, { P(5), 6 }, { P(20), 1 } },
	  .steps = { { REMOVE, P(7), 1 } },
	  .after = { { P(2), 1 }, { P(5), 2 }, { P(8), 3 }, { P(20), 1 } } },
	{ "the middle, all but the outermost pages",
	  .before = { { P(5), 6 } },
	  .steps = { { REMOVE, P(6), 4 } },
	  .after = { { P(5), 1 }, { P(10), 1 } } },
	{ "the middle of the last of several",
	  .before = { { P(2), 1 }, { P(5), 6 } },
	  .steps = { { REMOVE, P(7), 1 } },
	  .after = { { P(2), 1 }, { P(5), 2 }, { P(8), 3 } } },
	{ "across what were two ranges before they met",
	  .before = { { P(5), 3 }, { P(8), 3 } },
	  .steps = { { REMOVE, P(6), 4 } },
	  .after = { { P(5), 1 }, { P(10), 1 } } },
	{ "added back in the middle, it is one again",
	  .before = { { P(2), 1 }, { P(5), 6 }, { P(20), 1 } },
	  .steps = { { REMOVE, P(7), 2 }, { ADD, P(7), 2 } },
	  .after = { { P(2), 1 }, { P(5), 6 }, { P(20), 1 } } },
	{ "head and tail added back, it is one again",
	  .before = { { P(5), 6 } },
	  .steps = { { REMOVE, P(5), 1 }, { REMOVE, P(10), 1 },
		     { ADD, P(10), 1 }, { ADD, P(5), 1 } },
	  .after = { { P(5), 6 } } },
	{ "all of it, then added again",
	  .before = { { P(5), 3 } },
	  .steps = { { REMOVE, P(5), 3 }, { ADD, P(6), 1 } },
	  .after = { { P(6), 1 } } },
	{ "twice: not owned any more",
	  .before = { { P(5), 3 }, { P(9), 1 } },
	  .steps = { { REMOVE, P(6), 1 }, { REMOVE, P(6), 1, -ENOENT },
		     { REMOVE, P(5), 1 }, { REMOVE, P(5), 1, -ENOENT } },
	  .after = { { P(7), 1 }, { P(9), 1 } } },
	{ "page by page until nothing is left",
	  .before = { { P(5), 3 } },
	  .steps = { { REMOVE, P(6), 1 }, { REMOVE, P(5), 1 },
		     { REMOVE, P(7), 1 } } },
	{ "page 1",
	  .before = { { P(1), 3 }, { END(2), 2 } },
	  .steps = { { REMOVE, P(1), 1 } },
	  .after = { { P(2), 2 }, { END(2), 2 } } },
	{ "the page before the last",
	  .before = { { P(1), 3 }, { END(2), 2 } },
	  .steps = { { REMOVE, END(1), 1 } },
	  .after = { { P(1), 3 }, { END(2), 1 } } },
	{ "a page of everything",
	  .before = { { P(1), (HR_ADDR_END - P(1)) / PAGE_SIZE } },
	  .steps = { { REMOVE, P(7), 1 } },
	  .after = { { P(1), 6 },
		     { P(8), (HR_ADDR_END - P(8)) / PAGE_SIZE } } },
	{ "everything",
	  .before = { { P(1), (HR_ADDR_END - P(1)) / PAGE_SIZE } },
	  .steps = { { REMOVE, P(1), (HR_ADDR_END - P(1)) / PAGE_SIZE } } },
};

KUNIT_ARRAY_PARAM(ranges_remove, ranges_remove_rows, ranges_row_describe);

static void ranges_add_accepted(struct kunit *test)
{
	const struct ranges_row *row = test->param_value;

	hr_test_row_run(test, row->after);
}

static void ranges_remove_accepted(struct kunit *test)
{
	const struct ranges_row *row = test->param_value;

	hr_test_row_run(test, row->after);
}

static struct kunit_case ranges_cases[] = {
	KUNIT_CASE_PARAM(ranges_add_accepted, ranges_add_gen_params),
	KUNIT_CASE_PARAM(ranges_remove_accepted, ranges_remove_gen_params),
	{ }
};

struct kunit_suite heapranges_ranges_suite = {
	.name = "heapranges_ranges",
	.init = hr_test_ranges_init,
	.exit = hr_test_ranges_exit,
	.test_cases = ranges_cases,
};
