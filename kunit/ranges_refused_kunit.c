// SPDX-License-Identifier: GPL-2.0
/* What the sorted array of ranges refuses, and what storage a change takes. */

#include "ranges_rows.h"
#include "suites.h"

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

/* That nothing has changed is audited with each step. */
static void ranges_change_refused(struct kunit *test)
{
	const struct ranges_row *row = test->param_value;

	hr_test_row_run(test, row->before);
}

/* Storage. */

/* @base: a page that makes one range more of what there is. */
static void hr_test_too_little(struct kunit *test, hr_test_op *op,
			       unsigned long base)
{
	struct hr_test_ranges *t = test->priv;
	struct hr_change change;

	KUNIT_ASSERT_EQ(test, hr_test_ranges_prepare(t, op, base, 1, &change), 0);
	KUNIT_EXPECT_EQ(test, -ENOMEM, hr_test_ranges_commit(t, &change));
	hr_test_ranges_pay(t, &change, -1);
	KUNIT_EXPECT_EQ(test, -ENOMEM, hr_test_ranges_commit(t, &change));
	hr_test_ranges_cancel(&change);
	hr_test_ranges_validate(t);
	hr_test_ranges_pay(t, &change, 0);
	KUNIT_EXPECT_EQ(test, 0, hr_test_ranges_commit(t, &change));
	hr_test_chain_free(change.retired);
	hr_test_ranges_validate(t);
}

/* Adds single pages from @page on, every second one, up to the one for which a leaf is needed. */
static unsigned long hr_test_fill_leaf(struct kunit *test, unsigned long page)
{
	struct hr_test_ranges *t = test->priv;
	struct hr_change change;

	for (;; page += 2) {
		KUNIT_ASSERT_EQ(test, hr_test_ranges_prepare(t, ADD, P(page), 1, &change), 0);
		if (change.bytes[0])
			return page;
		hr_test_ranges_must(t, ADD, P(page), 1);
	}
}

/* Of a leaf, of the one that stands in for it, of a larger one of each. */
static void ranges_storage_too_little(struct kunit *test)
{
	struct hr_test_ranges *t = test->priv;
	struct hr_change change;
	unsigned long page;

	hr_test_too_little(test, ADD, P(9));
	hr_test_too_little(test, ADD, P(2));
	KUNIT_ASSERT_EQ(test, hr_test_ranges_prepare(t, ADD, P(4), 1, &change), 0);
	KUNIT_EXPECT_TRUE(test, change.keeps_leaf && !change.bytes[HR_CHANGE_SPARE]);

	page = hr_test_fill_leaf(test, 20);
	hr_test_too_little(test, ADD, P(page));
	hr_test_too_little(test, REMOVE, P(2));
	KUNIT_EXPECT_EQ(test, hr_ranges_nr_ranges(&t->ranges), (page - 20) / 2 + 2);
}

static void ranges_storage_more_than_asked(struct kunit *test)
{
	static const struct hr_test_span after[] = {
		{ P(2), 1 }, { P(6), 1 }, { },
	};
	struct hr_test_ranges *t = test->priv;
	unsigned long base;

	for (base = P(2); base <= P(6); base += P(4)) {
		struct hr_change change;

		KUNIT_ASSERT_EQ(test, hr_test_ranges_prepare(t, ADD, base, 1, &change), 0);
		hr_test_ranges_pay(t, &change, 1000);
		KUNIT_EXPECT_EQ(test, 0, hr_test_ranges_commit(t, &change));
		KUNIT_EXPECT_EQ(test, hr_ranges_bytes(&t->ranges), change.bytes[0] + 1000);
		hr_test_chain_free(change.retired);
		hr_test_ranges_validate(t);
	}
	hr_test_ranges_holds(t, after);
}

/* A small array is one block, and none when nothing is left. */
static void ranges_storage_of_a_small_array(struct kunit *test)
{
	struct hr_test_ranges *t = test->priv;

	KUNIT_EXPECT_EQ(test, hr_ranges_bytes(&t->ranges), 0);
	hr_test_ranges_must(t, ADD, P(5), 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&hr_test_blocks), 1);
	KUNIT_EXPECT_LE(test, hr_ranges_bytes(&t->ranges), 128);
	hr_test_ranges_must(t, REMOVE, P(5), 3);
	KUNIT_EXPECT_EQ(test, hr_ranges_bytes(&t->ranges), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&hr_test_blocks), 0);
}

/* One of two changes that were prepared for the same array comes too late. */
static void ranges_storage_prepared_for_another(struct kunit *test)
{
	static const struct hr_test_span after[] = { { P(2), 1 }, { } };
	struct hr_test_ranges *t = test->priv;
	struct hr_change first, second;

	KUNIT_ASSERT_EQ(test, hr_test_ranges_prepare(t, ADD, P(6), 1, &second), 0);
	KUNIT_ASSERT_EQ(test, hr_test_ranges_prepare(t, ADD, P(2), 1, &first), 0);
	hr_test_ranges_pay(t, &first, 0);
	hr_test_ranges_pay(t, &second, 0);
	KUNIT_EXPECT_EQ(test, 0, hr_test_ranges_commit(t, &first));
	KUNIT_EXPECT_EQ(test, -ESTALE, hr_test_ranges_commit(t, &second));
	hr_test_ranges_cancel(&second);
	hr_test_ranges_validate(t);
	hr_test_ranges_holds(t, after);
}

/* What came out goes in again, full of what was there before, and larger than is asked for. */
static void ranges_storage_recycled(struct kunit *test)
{
	struct hr_test_ranges *t = test->priv;
	struct hr_change change = { };
	unsigned long page, nr_ranges;
	struct hr_block *spare;
	int i, err = 0;

	hr_test_ranges_must(t, ADD, P(9), 1);
	page = hr_test_fill_leaf(test, 20);
	nr_ranges = hr_ranges_nr_ranges(&t->ranges);
	spare = hr_test_block_alloc(4096);
	KUNIT_ASSERT_NOT_NULL(test, spare);
	for (i = 0; i < 64 && !err && spare; i++) {
		hr_test_op *op = i & 1 ? REMOVE : ADD;

		err = hr_test_ranges_prepare(t, op, P(page + i / 2), 1, &change);
		KUNIT_EXPECT_FALSE(test, err || change.keeps_leaf);
		spare->bytes = 4096;
		change.block[0] = spare;
		err = err ?: hr_test_ranges_commit(t, &change);
		spare = change.retired;
		if (!i) {
			hr_test_block_free(spare);
			spare = hr_test_block_alloc(4096);
		}
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, i, 64);
	hr_test_block_free(spare);
	hr_test_ranges_validate(t);
	KUNIT_EXPECT_EQ(test, hr_ranges_nr_ranges(&t->ranges), nr_ranges);
}

static void ranges_exit_never_used(struct kunit *test)
{
	struct hr_test_ranges *t = test->priv;
	struct hr_ranges unused;

	hr_ranges_init(&unused, &t->writers);
	KUNIT_EXPECT_NULL(test, hr_ranges_exit(&unused));
}

static struct kunit_case ranges_refused_cases[] = {
	KUNIT_CASE_PARAM(ranges_change_refused, ranges_refused_gen_params),
	KUNIT_CASE(ranges_storage_too_little),
	KUNIT_CASE(ranges_storage_more_than_asked),
	KUNIT_CASE(ranges_storage_of_a_small_array),
	KUNIT_CASE(ranges_storage_prepared_for_another),
	KUNIT_CASE(ranges_storage_recycled),
	KUNIT_CASE(ranges_exit_never_used),
	{ }
};

struct kunit_suite heapranges_ranges_refused_suite = {
	.name = "heapranges_ranges_refused",
	.init = hr_test_ranges_init,
	.exit = hr_test_ranges_exit,
	.test_cases = ranges_refused_cases,
};
