// SPDX-License-Identifier: GPL-2.0
/*
 * The questions that the sorted array of ranges answers: find, next, contains,
 * overlaps, walk.
 */

#include <linux/jiffies.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>

#include "ranges_test.h"
#include "suites.h"

#define P(n)	HR_TEST_PAGE(n)
#define END(n)	(HR_ADDR_END - P(n))	/* n pages before the end */
/* Pages of as many bytes as there are: 2^BITS_PER_LONG. */
#define WRAPS	(1UL << (BITS_PER_LONG - PAGE_SHIFT))

struct ranges_next_row {
	const char		*name;
	unsigned long		addr;
	struct heapranges_range	find, next;	/* { 0, 0 }: none */
	bool			empty;
};

static const struct hr_test_span ranges_asked[] = {
	{ P(5), 3 }, { P(10), 1 }, { P(12), 100 }, { END(2), 2 }, { },
};

static const struct ranges_next_row ranges_next_rows[] = {
	{ "empty: 0", 0, .empty = true },
	{ "empty: an address", P(5), .empty = true },
	{ "empty: ULONG_MAX", ULONG_MAX, .empty = true },
	{ "0", 0, {}, { P(5), P(8) } },
	{ "1", 1, {}, { P(5), P(8) } },
	{ "page 1", P(1), {}, { P(5), P(8) } },
	{ "a byte before the first", P(5) - 1, {}, { P(5), P(8) } },
	{ "the first's base", P(5), { P(5), P(8) }, { P(5), P(8) } },
	{ "inside, page-aligned", P(6), { P(5), P(8) }, { P(6), P(8) } },
	{ "inside, unaligned", P(6) + 7, { P(5), P(8) }, { P(6) + 7, P(8) } },
	{ "its last byte", P(8) - 1, { P(5), P(8) }, { P(8) - 1, P(8) } },
	{ "its limit", P(8), {}, { P(10), P(11) } },
	{ "in a gap, unaligned", P(9) + 7, {}, { P(10), P(11) } },
	{ "a byte before a range of one page", P(10) - 1, {},
	  { P(10), P(11) } },
	{ "a range of one page", P(10), { P(10), P(11) }, { P(10), P(11) } },
	{ "a gap of one page", P(11), {}, { P(12), P(112) } },
	{ "deep in a long range", P(99), { P(12), P(112) },
	  { P(99), P(112) } },
	{ "in the long gap", 1UL << (BITS_PER_LONG - 1), {},
	  { END(2), HR_ADDR_END } },
	{ "the last range's base", END(2), { END(2), HR_ADDR_END },
	  { END(2), HR_ADDR_END } },
	{ "the last byte of all", HR_ADDR_END - 1, { END(2), HR_ADDR_END },
	  { HR_ADDR_END - 1, HR_ADDR_END } },
	{ "behind all", HR_ADDR_END },
	{ "ULONG_MAX", ULONG_MAX },
};

static void ranges_next_describe(const struct ranges_next_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ranges_next, ranges_next_rows, ranges_next_describe);

static void ranges_find_and_next(struct kunit *test)
{
	const struct ranges_next_row *row = test->param_value;
	struct heapranges_range find = {}, next = {};
	struct hr_test_ranges *t = test->priv;
	bool found, has_next;

	if (!row->empty)
		hr_test_ranges_fill(t, ranges_asked);
	found = hr_ranges_find(&t->ranges, row->addr, &find);
	has_next = hr_ranges_next(&t->ranges, row->addr, &next);

	KUNIT_EXPECT_EQ(test, found, !!row->find.limit);
	KUNIT_EXPECT_EQ(test, find.base, row->find.base);
	KUNIT_EXPECT_EQ(test, find.limit, row->find.limit);
	KUNIT_EXPECT_EQ(test, has_next, !!row->next.limit);
	KUNIT_EXPECT_EQ(test, next.base, row->next.base);
	KUNIT_EXPECT_EQ(test, next.limit, row->next.limit);
}

struct ranges_span_row {
	const char	*name;
	unsigned long	addr, nr_pages;
	bool		want;
};

/* Of ranges_asked. */
static const struct ranges_span_row ranges_contains_rows[] = {
	{ "no pages, owned address", P(5), 0, false },
	{ "no pages, foreign address", P(1), 0, false },
	{ "a whole range", P(5), 3, true },
	{ "a page more", P(5), 4, false },
	{ "a page before", P(4), 4, false },
	{ "inside", P(13), 98, true },
	{ "a page before and a page in", P(4), 2, false },
	{ "a page in and a page behind", P(7), 2, false },
	{ "ends before a range", P(8), 2, false },
	{ "two ranges and the gap", P(10), 3, false },
	{ "unaligned, inside", P(12) + 1, 99, true },
	{ "unaligned, a byte over the limit", P(12) + 1, 100, false },
	{ "unaligned, a byte before the base", P(12) - 1, 1, false },
	{ "unaligned, all but a byte behind", P(8) - 1, 1, false },
	{ "unaligned, up to the limit", P(7) - 1, 1, true },
	{ "up to the end", END(2), 2, true },
	{ "unaligned, into the last page", END(2) + 1, 2, false },
	{ "into the last page", END(2), 3, false },
	{ "to the end of the address space and no further", END(2), 4, false },
	{ "the last page", HR_ADDR_END, 1, false },
	{ "page 0", 0, 1, false },
	{ "from ULONG_MAX", ULONG_MAX, 1, false },
	{ "wraps into an owned range", HR_ADDR_END - P(1), 13, false },
	{ "bytes wrap to 0", P(5), WRAPS, false },
	{ "bytes wrap to one page", P(5), WRAPS + 1, false },
	{ "bytes wrap to three pages", P(5), WRAPS + 3, false },
	{ "bytes wrap eight times to one page", P(5), WRAPS * 8 + 1, false },
	{ "end wraps behind the base", P(6), WRAPS - 1, false },
	{ "end wraps to the base, high", END(1), WRAPS - 1, false },
	{ "ULONG_MAX pages", P(5), ULONG_MAX, false },
	{ "ULONG_MAX bytes in pages", P(5), ULONG_MAX >> PAGE_SHIFT, false },
	{ "ULONG_MAX pages from 0", 0, ULONG_MAX, false },
	{ "ULONG_MAX pages from ULONG_MAX", ULONG_MAX, ULONG_MAX, false },
};

static void ranges_span_describe(const struct ranges_span_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ranges_contains, ranges_contains_rows, ranges_span_describe);

static void ranges_contains_span(struct kunit *test)
{
	const struct ranges_span_row *row = test->param_value;
	struct hr_test_ranges *t = test->priv;

	KUNIT_EXPECT_FALSE_MSG(test, hr_ranges_contains(&t->ranges, row->addr,
							row->nr_pages),
			       "an empty array");
	hr_test_ranges_fill(t, ranges_asked);
	KUNIT_EXPECT_EQ_MSG(test, row->want,
			    hr_ranges_contains(&t->ranges, row->addr,
					       row->nr_pages),
			    "contains(%#lx, %lu)", row->addr, row->nr_pages);
}

static const struct ranges_span_row ranges_overlaps_rows[] = {
	{ "before all", P(1), 3, false },
	{ "before all, abutting", P(1), 4, false },
	{ "a page of the first", P(1), 5, true },
	{ "equal", P(5), 3, true },
	{ "inside", P(6), 1, true },
	{ "covers", P(4), 5, true },
	{ "the last page of a range and the gap", P(7), 3, true },
	{ "the gap", P(8), 2, false },
	{ "a page in the gap", P(9), 1, false },
	{ "the gap and a page", P(8), 3, true },
	{ "spans several", P(4), 200, true },
	{ "the long gap", P(112), (END(2) - P(112)) / PAGE_SIZE, false },
	{ "the long gap and a page", P(112), (END(1) - P(112)) / PAGE_SIZE,
	  true },
	{ "the page before the last", END(1), 1, true },
	{ "everything", P(1), (HR_ADDR_END - P(1)) / PAGE_SIZE, true },
};

KUNIT_ARRAY_PARAM(ranges_overlaps, ranges_overlaps_rows, ranges_span_describe);

static void ranges_overlaps_span(struct kunit *test)
{
	const struct ranges_span_row *row = test->param_value;
	struct hr_test_ranges *t = test->priv;

	KUNIT_EXPECT_FALSE_MSG(test, hr_ranges_overlaps(&t->ranges, row->addr,
							row->nr_pages),
			       "an empty array");
	hr_test_ranges_fill(t, ranges_asked);
	KUNIT_EXPECT_EQ_MSG(test, row->want,
			    hr_ranges_overlaps(&t->ranges, row->addr,
					       row->nr_pages),
			    "overlaps(%#lx, %lu)", row->addr, row->nr_pages);
}

/* Walks. */

struct ranges_visits {
	unsigned int	nr, stop_at;	/* stop_at 0: never */
	int		ret;
	unsigned long	last_base;
};

static int hr_test_visit(const struct heapranges_range *range, void *data)
{
	struct ranges_visits *v = data;

	v->last_base = range->base;
	return ++v->nr == v->stop_at ? v->ret : 0;
}

static void ranges_walk_empty(struct kunit *test)
{
	struct ranges_visits v = { .stop_at = 1, .ret = -EIO };
	struct hr_test_ranges *t = test->priv;

	KUNIT_EXPECT_EQ(test, hr_ranges_walk(&t->ranges, hr_test_visit, &v), 0);
	hr_test_ranges_must(t, hr_change_prepare_add, P(5), 3);
	hr_test_ranges_must(t, hr_change_prepare_remove, P(5), 3);
	KUNIT_EXPECT_EQ(test, hr_ranges_walk(&t->ranges, hr_test_visit, &v), 0);
	KUNIT_EXPECT_EQ(test, v.nr, 0);
}

static void ranges_walk_stops(struct kunit *test)
{
	static const int rets[] = { -EIO, 1, INT_MAX, INT_MIN };
	struct hr_test_ranges *t = test->priv;
	int i, stop_at, ret;

	hr_test_ranges_fill(t, ranges_asked);
	for (i = 0; i < ARRAY_SIZE(rets); i++) {
		for (stop_at = 1; stop_at <= 4; stop_at++) {
			struct ranges_visits v = {
				.stop_at = stop_at, .ret = rets[i],
			};

			ret = hr_ranges_walk(&t->ranges, hr_test_visit, &v);
			KUNIT_EXPECT_EQ(test, ret, rets[i]);
			KUNIT_EXPECT_EQ(test, v.nr, stop_at);
			KUNIT_EXPECT_EQ(test, v.last_base,
					ranges_asked[stop_at - 1].base);
		}
	}
}

static void ranges_walk_visits_all(struct kunit *test)
{
	struct hr_test_ranges *t = test->priv;
	struct ranges_visits v = {};

	hr_test_ranges_fill(t, ranges_asked);
	KUNIT_EXPECT_EQ(test, hr_ranges_walk(&t->ranges, hr_test_visit, &v), 0);
	KUNIT_EXPECT_EQ(test, v.nr, 4);
	KUNIT_EXPECT_EQ(test, v.last_base, END(2));
}

/* Up to half a second, in which this kernel may do all else. */
static bool hr_test_grace_period_passes(void)
{
	unsigned long end = jiffies + HZ / 2;
	unsigned long cookie = start_poll_synchronize_rcu();

	while (time_before(jiffies, end) && !poll_state_synchronize_rcu(cookie)) {
		preempt_disable();
		cpu_relax();
		preempt_enable();
	}
	return poll_state_synchronize_rcu(cookie);
}

static int hr_test_visit_long(const struct heapranges_range *range, void *data)
{
	*(bool *)data = hr_test_grace_period_passes();
	return 1;
}

/* However long a visit takes, the array it is of is not freed. */
static void ranges_walk_holds_off_grace_periods(struct kunit *test)
{
	struct hr_test_ranges *t = test->priv;
	bool passed = true;

	if (!IS_ENABLED(CONFIG_PREEMPT_RCU))
		kunit_skip(test, "CONFIG_PREEMPT_RCU=n: none would pass without a schedule()");
	if (!hr_test_grace_period_passes())
		kunit_skip(test, "no grace period in half a second");
	hr_test_ranges_must(t, hr_change_prepare_add, P(5), 3);
	hr_ranges_walk(&t->ranges, hr_test_visit_long, &passed);
	KUNIT_EXPECT_FALSE(test, passed);
}

static struct kunit_case ranges_ask_cases[] = {
	KUNIT_CASE_PARAM(ranges_find_and_next, ranges_next_gen_params),
	KUNIT_CASE_PARAM(ranges_contains_span, ranges_contains_gen_params),
	KUNIT_CASE_PARAM(ranges_overlaps_span, ranges_overlaps_gen_params),
	KUNIT_CASE(ranges_walk_empty),
	KUNIT_CASE(ranges_walk_stops),
	KUNIT_CASE(ranges_walk_visits_all),
	KUNIT_CASE(ranges_walk_holds_off_grace_periods),
	{ }
};

struct kunit_suite heapranges_ranges_ask_suite = {
	.name = "heapranges_ranges_ask",
	.init = hr_test_ranges_init,
	.exit = hr_test_ranges_exit,
	.test_cases = ranges_ask_cases,
};
