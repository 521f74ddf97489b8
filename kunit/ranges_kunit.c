// SPDX-License-Identifier: GPL-2.0
/*
 * The sorted array of ranges, case by case: rows of what is there before, what
 * is done, and what is there after. After each step the whole is validated.
 */

#include "ranges_test.h"
#include "suites.h"

#define P(n)	HR_TEST_PAGE(n)
#define END(n)	(HR_ADDR_END - P(n))	/* n pages before the end */
#define ADD	hr_ranges_add
#define REMOVE	hr_ranges_remove

struct ranges_step {
	hr_test_op	*op;
	unsigned long	base, nr_pages;
	int		err;
};

struct ranges_row {
	const char		*name;
	struct hr_test_span	before[HR_TEST_SPANS];
	struct ranges_step	steps[4];
	struct hr_test_span	after[HR_TEST_SPANS];	/* not of refusals */
};

static void ranges_row_describe(const struct ranges_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

static void hr_test_row_run(struct kunit *test, const struct hr_test_span *after)
{
	const struct ranges_row *row = test->param_value;
	struct hr_test_ranges *t = test->priv;
	int i, err;

	hr_test_ranges_fill(t, row->before);
	for (i = 0; i < ARRAY_SIZE(row->steps) && row->steps[i].op; i++) {
		const struct ranges_step *s = &row->steps[i];

		err = hr_test_ranges_change(t, s->op, s->base, s->nr_pages);
		if (err != s->err)
			hr_test_ranges_fail(t, "err=%d, want %d", err, s->err);
		hr_test_ranges_validate(t);
	}
	hr_test_ranges_holds(t, after);
}

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

/* What is refused. */

/* Pages of as many bytes as there are: 2^BITS_PER_LONG. */
#define WRAPS	(1UL << (BITS_PER_LONG - PAGE_SHIFT))

static const struct ranges_row ranges_refused_rows[] = {
	/* No span that a heap could own. */
	{ "add: empty", .before = { { P(5), 3 } },
	  .steps = { { ADD, P(9), 0, -EINVAL } } },
	{ "add: empty, to an empty array",
	  .steps = { { ADD, P(9), 0, -EINVAL } } },
	{ "add: base one byte too high", .before = { { P(5), 3 } },
	  .steps = { { ADD, P(9) + 1, 1, -EINVAL } } },
	{ "add: base one byte too low", .before = { { P(5), 3 } },
	  .steps = { { ADD, P(9) - 1, 1, -EINVAL } } },
	{ "add: base between two pages", .before = { { P(5), 3 } },
	  .steps = { { ADD, P(9) + PAGE_SIZE / 2, 1, -EINVAL } } },
	{ "add: page 0", .before = { { P(5), 3 } },
	  .steps = { { ADD, 0, 1, -EINVAL } } },
	{ "add: from page 0 on", .before = { { P(5), 3 } },
	  .steps = { { ADD, 0, 3, -EINVAL } } },
	{ "add: the last page", .before = { { P(5), 3 } },
	  .steps = { { ADD, HR_ADDR_END, 1, -EINVAL } } },
	{ "add: the end reaches into the last page", .before = { { P(5), 3 } },
	  .steps = { { ADD, END(4), 5, -EINVAL } } },
	{ "add: everything and the last page",
	  .steps = { { ADD, P(1), (HR_ADDR_END - P(1)) / PAGE_SIZE + 1,
		       -EINVAL } } },
	{ "add: the end wraps to page 0", .before = { { P(5), 3 } },
	  .steps = { { ADD, END(4), 6, -EINVAL } } },
	{ "add: the end wraps behind the base", .before = { { P(5), 3 } },
	  .steps = { { ADD, P(9), WRAPS - 1, -EINVAL } } },
	{ "add: the bytes wrap to 0", .before = { { P(5), 3 } },
	  .steps = { { ADD, P(9), WRAPS, -EINVAL } } },
	{ "add: the bytes wrap to one page", .before = { { P(5), 3 } },
	  .steps = { { ADD, P(9), WRAPS + 1, -EINVAL } } },
	{ "add: ULONG_MAX pages", .before = { { P(5), 3 } },
	  .steps = { { ADD, P(9), ULONG_MAX, -EINVAL } } },
	{ "remove: empty", .before = { { P(5), 3 } },
	  .steps = { { REMOVE, P(5), 0, -EINVAL } } },
	{ "remove: base one byte too high", .before = { { P(5), 3 } },
	  .steps = { { REMOVE, P(5) + 1, 1, -EINVAL } } },
	{ "remove: base one byte too low", .before = { { P(5), 3 } },
	  .steps = { { REMOVE, P(7) - 1, 1, -EINVAL } } },
	{ "remove: from page 0 on", .before = { { P(1), 3 } },
	  .steps = { { REMOVE, 0, 4, -EINVAL } } },
	{ "remove: the last page", .before = { { END(3), 3 } },
	  .steps = { { REMOVE, HR_ADDR_END, 1, -EINVAL } } },
	{ "remove: the end reaches into the last page",
	  .before = { { END(3), 3 } },
	  .steps = { { REMOVE, END(3), 4, -EINVAL } } },
	{ "remove: the bytes wrap to 0", .before = { { P(5), 3 } },
	  .steps = { { REMOVE, P(5), WRAPS, -EINVAL } } },
	{ "remove: the bytes wrap to one page", .before = { { P(5), 3 } },
	  .steps = { { REMOVE, P(5), WRAPS + 1, -EINVAL } } },
	{ "remove: ULONG_MAX pages", .before = { { P(5), 3 } },
	  .steps = { { REMOVE, P(5), ULONG_MAX, -EINVAL } } },

	/* Overlap, in all its shapes. */
	{ "add: what is there", .before = { { P(5), 6 } },
	  .steps = { { ADD, P(5), 6, -EEXIST } } },
	{ "add: inside", .before = { { P(5), 6 } },
	  .steps = { { ADD, P(7), 1, -EEXIST } } },
	{ "add: a head", .before = { { P(5), 6 } },
	  .steps = { { ADD, P(5), 1, -EEXIST } } },
	{ "add: a tail", .before = { { P(5), 6 } },
	  .steps = { { ADD, P(10), 1, -EEXIST } } },
	{ "add: covers", .before = { { P(5), 6 } },
	  .steps = { { ADD, P(4), 8, -EEXIST } } },
	{ "add: same base, longer", .before = { { P(5), 6 } },
	  .steps = { { ADD, P(5), 7, -EEXIST } } },
	{ "add: same limit, longer", .before = { { P(5), 6 } },
	  .steps = { { ADD, P(4), 7, -EEXIST } } },
	{ "add: over the left end by a page", .before = { { P(5), 6 } },
	  .steps = { { ADD, P(2), 4, -EEXIST } } },
	{ "add: over the right end by a page", .before = { { P(5), 6 } },
	  .steps = { { ADD, P(10), 4, -EEXIST } } },
	{ "add: fills a gap and a page more",
	  .before = { { P(5), 3 }, { P(10), 3 } },
	  .steps = { { ADD, P(8), 3, -EEXIST } } },
	{ "add: fills a gap and a page before it",
	  .before = { { P(5), 3 }, { P(10), 3 } },
	  .steps = { { ADD, P(7), 3, -EEXIST } } },
	{ "add: spans several",
	  .before = { { P(5), 1 }, { P(7), 1 }, { P(9), 1 }, { P(11), 1 } },
	  .steps = { { ADD, P(6), 4, -EEXIST } } },
	{ "add: spans all",
	  .before = { { P(5), 1 }, { P(7), 1 }, { P(9), 1 } },
	  .steps = { { ADD, P(1), 20, -EEXIST } } },
	{ "add: everything, with one page there", .before = { { END(1), 1 } },
	  .steps = { { ADD, P(1), (HR_ADDR_END - P(1)) / PAGE_SIZE,
		       -EEXIST } } },
	{ "add: inside everything",
	  .before = { { P(1), (HR_ADDR_END - P(1)) / PAGE_SIZE } },
	  .steps = { { ADD, P(5), 1, -EEXIST } } },

	/* A page of it is not owned. */
	{ "remove: from an empty array",
	  .steps = { { REMOVE, P(5), 1, -ENOENT } } },
	{ "remove: before all", .before = { { P(5), 3 } },
	  .steps = { { REMOVE, P(4), 1, -ENOENT } } },
	{ "remove: behind all", .before = { { P(5), 3 } },
	  .steps = { { REMOVE, P(8), 1, -ENOENT } } },
	{ "remove: a gap", .before = { { P(5), 3 }, { P(10), 3 } },
	  .steps = { { REMOVE, P(8), 2, -ENOENT } } },
	{ "remove: over the left end by a page",
	  .before = { { P(5), 3 }, { P(10), 3 } },
	  .steps = { { REMOVE, P(4), 2, -ENOENT } } },
	{ "remove: over the right end by a page",
	  .before = { { P(5), 3 }, { P(10), 3 } },
	  .steps = { { REMOVE, P(7), 2, -ENOENT } } },
	{ "remove: a range and a page before it", .before = { { P(5), 3 } },
	  .steps = { { REMOVE, P(4), 4, -ENOENT } } },
	{ "remove: a range and a page behind it", .before = { { P(5), 3 } },
	  .steps = { { REMOVE, P(5), 4, -ENOENT } } },
	{ "remove: more than a range at both ends", .before = { { P(5), 3 } },
	  .steps = { { REMOVE, P(4), 5, -ENOENT } } },
	{ "remove: pages of two ranges with a gap",
	  .before = { { P(5), 3 }, { P(10), 3 } },
	  .steps = { { REMOVE, P(6), 6, -ENOENT } } },
	{ "remove: two ranges and the gap",
	  .before = { { P(5), 3 }, { P(9), 3 } },
	  .steps = { { REMOVE, P(5), 7, -ENOENT } } },
	{ "remove: everything, with one page missing",
	  .before = { { P(2), (HR_ADDR_END - P(2)) / PAGE_SIZE } },
	  .steps = { { REMOVE, P(1), (HR_ADDR_END - P(1)) / PAGE_SIZE,
		       -ENOENT } } },
};

KUNIT_ARRAY_PARAM(ranges_refused, ranges_refused_rows, ranges_row_describe);

/* That the block is the same one, and unchanged, is audited with each step. */
static void ranges_change_refused(struct kunit *test)
{
	const struct ranges_row *row = test->param_value;

	hr_test_row_run(test, row->before);
}

/* Storage. */

static size_t hr_test_spare_bytes(struct hr_test_ranges *t)
{
	size_t bytes;

	mutex_lock(&t->writers);
	bytes = hr_ranges_spare_bytes(&t->ranges);
	mutex_unlock(&t->writers);
	return bytes;
}

static int hr_test_with_bytes(struct hr_test_ranges *t, hr_test_op *op,
			      unsigned long base, size_t bytes)
{
	struct hr_ranges_block *spare = hr_test_block_alloc(bytes);
	int err;

	KUNIT_ASSERT_NOT_NULL(t->test, spare);
	err = hr_test_ranges_apply(t, op, base, 1, &spare);
	hr_test_block_free(spare);
	return err;
}

/* @base: a page that makes one range more of what there is. */
static void hr_test_too_little(struct kunit *test, hr_test_op *op,
			       unsigned long base)
{
	struct hr_test_ranges *t = test->priv;
	struct hr_ranges_block *spare = NULL;
	size_t bytes = hr_test_spare_bytes(t);

	KUNIT_EXPECT_EQ(test, -ENOMEM,
			hr_test_ranges_apply(t, op, base, 1, &spare));
	KUNIT_EXPECT_EQ(test, -ENOMEM, hr_test_with_bytes(t, op, base, 0));
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			hr_test_with_bytes(t, op, base,
					   sizeof(struct hr_ranges_block)));
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			hr_test_with_bytes(t, op, base, bytes - 1));
	hr_test_ranges_validate(t);
	KUNIT_EXPECT_EQ(test, 0, hr_test_with_bytes(t, op, base, bytes));
	hr_test_ranges_validate(t);
}

static void ranges_storage_too_little(struct kunit *test)
{
	static const struct hr_test_span split[] = {
		{ P(2), 1 }, { P(4), 1 }, { P(7), 1 }, { P(9), 3 }, { },
	};
	struct hr_test_ranges *t = test->priv;

	hr_test_too_little(test, ADD, P(9));
	hr_test_ranges_must(t, ADD, P(2), 3);
	hr_test_too_little(test, REMOVE, P(3));
	hr_test_too_little(test, ADD, P(7));
	hr_test_ranges_must(t, ADD, P(10), 2);
	hr_test_ranges_holds(t, split);
}

static void ranges_storage_more_than_asked(struct kunit *test)
{
	static const struct hr_test_span after[] = {
		{ P(2), 1 }, { P(6), 1 }, { },
	};
	struct hr_test_ranges *t = test->priv;
	size_t bytes = hr_test_spare_bytes(t) + 1000;

	KUNIT_EXPECT_EQ(test, hr_ranges_bytes(&t->ranges), 0);
	KUNIT_EXPECT_EQ(test, hr_test_with_bytes(t, ADD, P(2), bytes), 0);
	KUNIT_EXPECT_EQ(test, hr_ranges_bytes(&t->ranges), bytes);
	KUNIT_EXPECT_EQ(test, hr_test_with_bytes(t, ADD, P(6), bytes + 1), 0);
	KUNIT_EXPECT_EQ(test, hr_ranges_bytes(&t->ranges), bytes + 1);
	hr_test_ranges_validate(t);
	hr_test_ranges_holds(t, after);
}

/* The block that came out goes in again, full of what was there before. */
static void ranges_storage_recycled(struct kunit *test)
{
	static const struct hr_test_span before[] = {
		{ P(5), 3 }, { P(10), 1 }, { END(2), 2 }, { },
	};
	struct hr_test_ranges *t = test->priv;
	struct hr_ranges_block *spare;
	int i, err = 0;

	hr_test_ranges_fill(t, before);
	KUNIT_ASSERT_EQ(test, 0, hr_test_with_bytes(t, ADD, P(1), 4096));
	spare = hr_test_block_alloc(4096);
	KUNIT_ASSERT_NOT_NULL(test, spare);
	for (i = 0; i < 64 && !err && spare; i++) {
		hr_test_op *op = i & 1 ? REMOVE : ADD;

		err = hr_test_ranges_apply(t, op, P(200 + i / 2), 1, &spare);
		if (!hr_test_ranges_validate(t))
			break;
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, i, 64);
	hr_test_block_free(spare);
}

static void ranges_exit_never_used(struct kunit *test)
{
	struct hr_test_ranges *t = test->priv;
	struct hr_ranges unused;

	hr_ranges_init(&unused, &t->writers);
	KUNIT_EXPECT_NULL(test, hr_ranges_exit(&unused));
}

/* An array with nothing left in it still has its storage. */
static void ranges_exit_emptied(struct kunit *test)
{
	struct hr_test_ranges *t = test->priv;

	hr_test_ranges_must(t, ADD, P(5), 3);
	hr_test_ranges_must(t, REMOVE, P(5), 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&hr_test_blocks), 1);
}

static struct kunit_case ranges_cases[] = {
	KUNIT_CASE_PARAM(ranges_add_accepted, ranges_add_gen_params),
	KUNIT_CASE_PARAM(ranges_remove_accepted, ranges_remove_gen_params),
	KUNIT_CASE_PARAM(ranges_change_refused, ranges_refused_gen_params),
	KUNIT_CASE(ranges_storage_too_little),
	KUNIT_CASE(ranges_storage_more_than_asked),
	KUNIT_CASE(ranges_storage_recycled),
	KUNIT_CASE(ranges_exit_never_used),
	KUNIT_CASE(ranges_exit_emptied),
	{ }
};

struct kunit_suite heapranges_ranges_suite = {
	.name = "heapranges_ranges",
	.init = hr_test_ranges_init,
	.exit = hr_test_ranges_exit,
	.test_cases = ranges_cases,
};
