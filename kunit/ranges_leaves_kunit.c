// SPDX-License-Identifier: GPL-2.0
/*
 * The leaves of the range array: when they are split, share, merge and go, what happens
 * at their edges, and what the whole of it takes.
 *
 * In the rows, range n is page 4 * n of the window, alone: one of 0 to 2 * FULL - 1. Added
 * in ascending order they fill leaves of FULL ranges each.
 */

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "../module/store.h"
#include "ranges_rows.h"
#include "suites.h"

#define FULL		((int)HR_LEAF_MAX)
#define WIDE		((int)HR_LEAF_WIDE_MAX)
#define HALF		(FULL / 2)
#define SPARSE		4	/* pages between the bases of two ranges */
#define LEAVES		6

/* Ranges from @from on, @nr of them, each @step-th, 4 * range + @page, of @nr_pages. */
struct leaves_step {
	hr_test_op	*op;
	int		from, nr, step, page, nr_pages;
};

struct leaves_row {
	const char		*name;
	struct leaves_step	steps[5];
	int			want[LEAVES];	/* ranges of each leaf */
};

#define RANGES(op, from, nr)	{ op, from, nr, 1, 0, 1 }

static const struct leaves_row leaves_rows[] = {
	{ "one leaf, full", { RANGES(ADD, 0, FULL) }, { FULL } },
	{ "one more at the end has a leaf of its own", { RANGES(ADD, 0, FULL + 1) }, { FULL, 1 } },
	{ "in ascending order all leaves are full", { RANGES(ADD, 0, 2 * FULL) }, { FULL, FULL } },
	{ "one more at the front has a leaf of its own",
	  { RANGES(ADD, 1, FULL), RANGES(ADD, 0, 1) }, { 1, FULL } },
	{ "in descending order all leaves are full",
	  { { ADD, 2 * FULL - 1, 2 * FULL, -1, 0, 1 } }, { FULL, FULL } },
	{ "one more in the middle: a lone leaf is split",
	  { RANGES(ADD, 0, FULL), { ADD, HALF, 1, 1, 2, 1 } }, { HALF, HALF + 1 } },
	{ "between full neighbours a leaf is split",
	  { RANGES(ADD, 0, 3 * FULL), { ADD, FULL + 9, 1, 1, 2, 1 } },
	  { FULL, HALF, HALF + 1, FULL } },
	{ "a full leaf shares with one behind it",
	  { RANGES(ADD, 0, FULL + 9), { ADD, 9, 1, 1, 2, 1 } },
	  { (FULL + 10) / 2, (FULL + 11) / 2 } },
	{ "a full leaf shares with one before it",
	  { { ADD, FULL + 8, FULL + 9, -1, 0, 1 }, { ADD, 20, 1, 1, 2, 1 } },
	  { (FULL + 10) / 2, (FULL + 11) / 2 } },
	{ "a full leaf does not share with one that is nearly full",
	  { RANGES(ADD, 0, 2 * FULL - FULL / 8), { ADD, 9, 1, 1, 2, 1 } },
	  { HALF, HALF + 1, FULL - FULL / 8 } },
	{ "an empty leaf goes: the last one",
	  { RANGES(ADD, 0, FULL + 1), RANGES(REMOVE, FULL, 1) }, { FULL } },
	{ "an empty leaf goes: the first one",
	  { RANGES(ADD, 1, FULL), RANGES(ADD, 0, 1), RANGES(REMOVE, 0, 1) }, { FULL } },
	{ "an empty leaf goes: between two",
	  { RANGES(ADD, 0, 3 * FULL), RANGES(REMOVE, FULL, FULL) }, { FULL, FULL } },
	{ "what comes between two then goes to the first",
	  { RANGES(ADD, 0, 3 * FULL), RANGES(REMOVE, FULL - 9, FULL + 9),
	    RANGES(ADD, FULL + 9, 1) }, { FULL - 8, FULL } },
	{ "nearly empty leaves merge",
	  { RANGES(ADD, 0, 2 * FULL), RANGES(REMOVE, HALF, HALF), RANGES(REMOVE, FULL, FULL - 9) },
	  { HALF + 9 } },
	{ "half-full leaves do not",
	  { RANGES(ADD, 0, 2 * FULL), { REMOVE, 1, FULL, 2, 0, 1 } }, { HALF, HALF } },
	{ "emptied from the front",
	  { RANGES(ADD, 0, 4 * FULL), RANGES(REMOVE, 0, 4 * FULL) }, { } },
	{ "emptied from the back",
	  { RANGES(ADD, 0, 4 * FULL), { REMOVE, 4 * FULL - 1, 4 * FULL, -1, 0, 1 } }, { } },

	{ "the last of a leaf grows at its end",
	  { RANGES(ADD, 0, 2 * FULL), { ADD, FULL - 1, 1, 1, 1, 2 } }, { FULL, FULL } },
	{ "the first of a leaf grows at its front: across the key",
	  { RANGES(ADD, 0, 2 * FULL), { ADD, FULL - 1, 1, 1, 2, 2 } }, { FULL, FULL } },
	{ "the last of one and the first of the next become one",
	  { RANGES(ADD, 0, 2 * FULL), { ADD, FULL - 1, 1, 1, 1, 3 } }, { FULL - 1, FULL } },
	{ "the same, with a leaf of one range behind",
	  { RANGES(ADD, 0, FULL + 1), { ADD, FULL - 1, 1, 1, 1, 3 } }, { HALF, HALF } },
	{ "and with one of few before",
	  { RANGES(ADD, 1, FULL), RANGES(ADD, 0, 1), { ADD, 0, 1, 1, 1, 3 } }, { HALF, HALF } },
	{ "few and few become one leaf",
	  { RANGES(ADD, 0, 2 * FULL), RANGES(REMOVE, 9, FULL - 10), RANGES(REMOVE, FULL + 1, HALF),
	    { ADD, FULL - 1, 1, 1, 1, 3 } }, { 9 + HALF } },
	{ "up to where the next leaf's first range was",
	  { RANGES(ADD, 0, 2 * FULL), RANGES(REMOVE, FULL, 1), RANGES(REMOVE, 9, 1),
	    { ADD, FULL - 1, 1, 1, 2, 2 } }, { FULL, FULL - 1 } },
	{ "over where the next leaf's first range was",
	  { RANGES(ADD, 0, 2 * FULL), RANGES(REMOVE, FULL, 1), RANGES(REMOVE, 9, 1),
	    { ADD, FULL - 1, 1, 1, 2, 4 } }, { FULL - 1, FULL } },
	{ "over it, from the last range on",
	  { RANGES(ADD, 0, 2 * FULL), RANGES(REMOVE, FULL, 1), { ADD, FULL - 1, 1, 1, 1, 5 } },
	  { FULL - 1, FULL } },
	{ "over it, up to the next one, all of it",
	  { RANGES(ADD, 0, 2 * FULL), RANGES(REMOVE, FULL, 1), { ADD, FULL - 1, 1, 1, 1, 7 } },
	  { FULL - 1, FULL - 1 } },
	{ "a middle is removed of the only range of a leaf",
	  { RANGES(ADD, 0, FULL), { ADD, FULL, 1, 1, 0, 8 }, { REMOVE, FULL, 1, 1, 3, 1 } },
	  { FULL, 2 } },
	{ "a middle is removed in a full leaf",
	  { { ADD, 0, FULL, 1, 0, 3 }, { REMOVE, 7, 1, 1, 1, 1 } }, { HALF, HALF + 1 } },
	{ "a middle is removed of the last range of all",
	  { { ADD, 0, FULL, 1, 0, 3 }, { REMOVE, FULL - 1, 1, 1, 1, 1 } }, { HALF, HALF + 1 } },
};

static void leaves_describe(const struct leaves_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(leaves, leaves_rows, leaves_describe);

/* Does each leaf hold so many? @want ends with 0, or full. */
static void hr_test_leaves_expect(struct hr_test_ranges *t, const int *want)
{
	unsigned long i, nr_leaves = hr_test_ranges_index(t)->nr_leaves;
	int at = 0, got[LEAVES] = { };
	char text[80] = "";

	for (i = 0; i < nr_leaves && i < LEAVES && hr_test_ranges_leaf(t, i); i++)
		got[i] = hr_test_ranges_leaf(t, i)->nr_ranges;
	for (i = 0; i < LEAVES; i++)
		at += scnprintf(text + at, sizeof(text) - at, " %d", want[i]);
	if (nr_leaves > LEAVES || memcmp(got, want, sizeof(got)))
		hr_test_ranges_fail(t, "leaves of %d %d %d %d %d %d ranges, want%s", got[0], got[1],
				    got[2], got[3], got[4], got[5], text);
}

/* @window: where page 0 of the rows is. */
static void hr_test_leaves_run(struct hr_test_ranges *t, const struct leaves_row *row,
			       unsigned long window)
{
	const struct leaves_step *s;
	int i;

	for (s = row->steps; s < row->steps + ARRAY_SIZE(row->steps) && s->op; s++) {
		for (i = 0; i < s->nr; i++)
			hr_test_ranges_must(t, s->op, window +
					    P(SPARSE * (s->from + i * s->step) + s->page),
					    s->nr_pages);
		hr_test_ranges_validate(t);
	}
	hr_test_leaves_expect(t, row->want);
}

static void ranges_leaves_low(struct kunit *test)
{
	hr_test_leaves_run(test->priv, test->param_value, P(1));
}

/* The last range of the longest row ends at the last page that there can be. */
static void ranges_leaves_up_to_the_end(struct kunit *test)
{
	hr_test_leaves_run(test->priv, test->param_value, END(4 * FULL * SPARSE));
}

/* The last leaf's first range moves down, into what was the other's part, and joins it. */
static void ranges_leaves_at_the_very_end(struct kunit *test)
{
	static const int before[LEAVES] = { FULL, 1 }, after[LEAVES] = { HALF, HALF + 1 };
	struct hr_test_ranges *t = test->priv;
	int i;

	for (i = 0; i < FULL; i++)
		hr_test_ranges_must(t, ADD, P(1 + 2 * i), 1);
	hr_test_ranges_must(t, ADD, END(1), 1);
	hr_test_leaves_expect(t, before);
	hr_test_ranges_validate(t);
	hr_test_ranges_must(t, ADD, END(3), 2);
	hr_test_leaves_expect(t, after);
	hr_test_ranges_must(t, ADD, P(2 * FULL), (END(3) - P(2 * FULL)) / PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, hr_ranges_nr_ranges(&t->ranges), (unsigned long)FULL);
	hr_test_ranges_validate(t);
}

#if BITS_PER_LONG == 64
/* Ranges @distance apart: three of a page at each place, which become one. */
static void hr_test_leaves_far(struct hr_test_ranges *t, unsigned long distance, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		hr_test_ranges_must(t, ADD, P(1) + i * distance, 1);
	hr_test_ranges_validate(t);
	for (i = nr - 1; i >= 0; i--)
		hr_test_ranges_must(t, ADD, P(3) + i * distance, 1);
	hr_test_ranges_validate(t);
	for (i = 0; i < nr; i++)
		hr_test_ranges_must(t, ADD, P(2) + i * distance, 1);
	hr_test_ranges_validate(t);
	KUNIT_EXPECT_EQ(t->test, hr_ranges_nr_ranges(&t->ranges), (unsigned long)nr);
	for (i = 0; i < nr; i += 2)
		hr_test_ranges_must(t, REMOVE, P(1) + i * distance, 3);
	hr_test_ranges_validate(t);
	for (i = 1; i < nr; i += 2)
		hr_test_ranges_must(t, REMOVE, P(1) + i * distance, 3);
	hr_test_ranges_validate(t);
}

/* 2^44 bytes are 2^32 pages; one less than 32 bits can count, as many, and one more. */
static void ranges_leaves_far_apart(struct kunit *test)
{
	struct hr_test_ranges *t = test->priv;

	hr_test_leaves_far(t, 1UL << 53, 1000);
	hr_test_leaves_far(t, 1UL << 43, 1000);
	hr_test_leaves_far(t, (1UL << 44) - P(4), 3);
	hr_test_leaves_far(t, (1UL << 44) - P(3), 3);
	hr_test_leaves_far(t, (1UL << 44) - P(2), 3);
	hr_test_leaves_far(t, 1UL << 44, 3);
}

/* A range that 32 bits can count the pages of, just, and one more. */
static void ranges_leaves_long_ranges(struct kunit *test)
{
	static const int one_leaf[LEAVES] = { 2 };
	struct hr_test_ranges *t = test->priv;
	unsigned long nr_pages;

	for (nr_pages = U32_MAX - 3UL; nr_pages <= U32_MAX + 3UL; nr_pages++) {
		hr_test_ranges_must(t, ADD, P(7), nr_pages);
		hr_test_ranges_must(t, ADD, P(8) + P(nr_pages), nr_pages);
		hr_test_ranges_validate(t);
		hr_test_leaves_expect(t, one_leaf);
		hr_test_ranges_must(t, REMOVE, P(7), nr_pages);
		hr_test_ranges_validate(t);
		hr_test_ranges_must(t, REMOVE, P(8) + P(nr_pages), nr_pages);
	}
}

/* A leaf, full, of which a new range makes a wide one, which does not hold as many. */
static void ranges_leaves_full_then_wide(struct kunit *test)
{
	static const int want[LEAVES] = { HALF + 1, HALF };
	struct hr_test_ranges *t = test->priv;
	int i;

	for (i = 0; i < FULL - 1; i++)
		hr_test_ranges_must(t, ADD, P(8 + 2 * i) + (1UL << 53), 1);
	hr_test_ranges_must(t, ADD, P(1), 1);
	hr_test_ranges_validate(t);
	hr_test_ranges_must(t, ADD, P(4), 1);
	hr_test_ranges_validate(t);
	hr_test_leaves_expect(t, want);
	KUNIT_EXPECT_TRUE(test, hr_test_ranges_leaf(t, 0)->is_wide);
	KUNIT_EXPECT_FALSE(test, hr_test_ranges_leaf(t, 1)->is_wide);
	hr_test_ranges_must(t, REMOVE, P(1), 1);
	hr_test_ranges_must(t, REMOVE, P(4), 1);
	KUNIT_EXPECT_FALSE(test, hr_test_ranges_leaf(t, 0)->is_wide);
	hr_test_ranges_validate(t);
}
#else
static void ranges_leaves_far_apart(struct kunit *test)
{
	kunit_skip(test, "32 bits: nothing is farther than a leaf can count");
}

static void ranges_leaves_long_ranges(struct kunit *test)
{
	kunit_skip(test, "32 bits: nothing is longer than a leaf can count");
}

static void ranges_leaves_full_then_wide(struct kunit *test)
{
	kunit_skip(test, "32 bits: no leaf is wide");
}
#endif

/* What a reader is told of a leaf that is overwritten before, while, and after he reads. */
static void ranges_leaves_tell_their_readers(struct kunit *test)
{
	struct hr_leaf *leaf = kunit_kzalloc(test, sizeof(*leaf), GFP_KERNEL);
	u32 before, during, after;

	KUNIT_ASSERT_NOT_NULL(test, leaf);
	KUNIT_EXPECT_TRUE(test, hr_leaf_read_begins(leaf, &before));
	KUNIT_EXPECT_TRUE(test, hr_leaf_read_ends(leaf, before));

	hr_leaf_change_begin(leaf);
	KUNIT_EXPECT_FALSE(test, hr_leaf_read_ends(leaf, before));
	KUNIT_EXPECT_FALSE(test, hr_leaf_read_begins(leaf, &during));

	hr_leaf_change_end(leaf);
	KUNIT_EXPECT_FALSE(test, hr_leaf_read_ends(leaf, before));
	KUNIT_EXPECT_FALSE(test, hr_leaf_read_ends(leaf, during));
	KUNIT_EXPECT_TRUE(test, hr_leaf_read_begins(leaf, &after));
	KUNIT_EXPECT_TRUE(test, hr_leaf_read_ends(leaf, after));
}

/* What a heap of many ranges takes: 12 bytes a range at most, as long as most are there. */
static void ranges_leaves_take_few_bytes(struct kunit *test)
{
	struct hr_test_ranges *t = test->priv;
	int i, nr = 8 * FULL, step = 4999;	/* a prime, so that all are met */
	size_t bytes;

	for (i = 0; i < nr; i++)
		hr_test_ranges_must(t, ADD, P(1 + 2 * ((unsigned long)i * step % nr)), 1);
	hr_test_ranges_validate(t);
	bytes = hr_ranges_bytes(&t->ranges);
	KUNIT_EXPECT_LE(test, bytes, (size_t)12 * nr);
	for (i = 0; i < nr; i += 2)
		hr_test_ranges_must(t, REMOVE, P(1 + 2 * i), 1);
	hr_test_ranges_validate(t);
	KUNIT_EXPECT_LE(test, hr_ranges_bytes(&t->ranges), bytes * 2 / 3);
}

#define MANY_SHIFT	18
#define MANY		BIT(MANY_SHIFT)

/* The order in which they come. */
struct many_row {
	const char	*name;
	u32		(*nth)(u32 i);
};

static u32 many_ascending(u32 i)
{
	return i;
}

static u32 many_descending(u32 i)
{
	return MANY - 1 - i;
}

/* Each step is undone by another, so all are met. */
static u32 many_mixed(u32 i)
{
	i = (i ^ i >> 9) * 0x2c1b3c6d & (MANY - 1);
	i = (i ^ i >> 7) * 0x297a2d39 & (MANY - 1);
	return i ^ i >> 9;
}

static const struct many_row many_rows[] = {
	{ "ascending", many_ascending }, { "descending", many_descending },
	{ "mixed", many_mixed },
};

static void many_describe(const struct many_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(many, many_rows, many_describe);

/* As a heap does it, without chunks. */
static int many_change(struct hr_test_ranges *t, struct hr_store *store, hr_test_op *op, u32 i)
{
	struct hr_change change;
	int err = op(&change, &t->ranges, P(1 + 2 * (unsigned long)i), 1);

	if (!err && !hr_store_gather(&change))
		err = -ENOMEM;
	if (!err)
		hr_store_commit(store, &t->ranges, &change);
	return err;
}

/* 262144 ranges take 3 MiB in whatever order they came, and half as many a good half of it. */
static void ranges_leaves_of_many(struct kunit *test)
{
	const struct many_row *row = test->param_value;
	struct hr_test_ranges *t = test->priv;
	struct hr_store store = { };
	size_t bytes;
	int err = 0;
	u32 i;

	mutex_lock(&t->writers);
	for (i = 0; i < MANY && !err; i++) {
		err = many_change(t, &store, ADD, row->nth(i));
		cond_resched();
	}
	KUNIT_EXPECT_EQ_MSG(test, err, 0, "range %u", i);
	KUNIT_EXPECT_EQ(test, hr_ranges_nr_ranges(&t->ranges), MANY);
	bytes = hr_ranges_bytes(&t->ranges) + hr_store_bytes(&store);
	KUNIT_EXPECT_LE(test, bytes, (size_t)SZ_2M + SZ_1M);
	for (i = 0; i < MANY && !err; i++) {
		if (row->nth(i) & 1)
			err = many_change(t, &store, REMOVE, row->nth(i));
		cond_resched();
	}
	KUNIT_EXPECT_EQ_MSG(test, err, 0, "range %u", i);
	KUNIT_EXPECT_EQ(test, hr_ranges_nr_ranges(&t->ranges), MANY / 2);
	KUNIT_EXPECT_LE(test, hr_ranges_bytes(&t->ranges) + hr_store_bytes(&store),
			bytes * 3 / 5);
	kunit_info(test, "bytes=%zu, of half of them %zu\n", bytes,
		   hr_ranges_bytes(&t->ranges) + hr_store_bytes(&store));
	hr_store_exit(&store, &t->ranges);
	mutex_unlock(&t->writers);
}

/* Numbers of changes that are used up: nothing is remembered any more, nor ever wrong. */
static void ranges_generation_at_its_end(struct kunit *test)
{
	struct hr_test_ranges *t = test->priv;
	struct hr_ranges_memo memo = { };
	struct hr_change change;
	int i;

	t->ranges.generation = ULONG_MAX - 3;
	for (i = 0; i < 4; i++) {
		KUNIT_ASSERT_EQ(test, hr_test_ranges_prepare(t, ADD, P(5 + i), 1, &change), 0);
		hr_test_ranges_pay(t, &change, 0);
		mutex_lock(&t->writers);
		KUNIT_EXPECT_EQ(test, hr_commit_change(&change, &t->ranges), 0);
		mutex_unlock(&t->writers);
		hr_test_chain_free(change.retired);
		KUNIT_EXPECT_TRUE(test,
				  hr_ranges_contains_memo_slow(&t->ranges, P(5), i + 1, &memo));
		KUNIT_EXPECT_EQ(test, memo.generation, i ? 0 : ULONG_MAX - 1);
		KUNIT_EXPECT_FALSE(test, hr_ranges_contains_memo(&t->ranges, P(5), i + 2, &memo));
	}
	KUNIT_EXPECT_EQ(test, t->ranges.generation, ULONG_MAX);
	hr_test_ranges_validate(t);
}

static struct kunit_case ranges_leaves_cases[] = {
	KUNIT_CASE_PARAM(ranges_leaves_low, leaves_gen_params),
	KUNIT_CASE_PARAM(ranges_leaves_up_to_the_end, leaves_gen_params),
	KUNIT_CASE(ranges_leaves_at_the_very_end),
	KUNIT_CASE(ranges_leaves_far_apart),
	KUNIT_CASE(ranges_leaves_long_ranges),
	KUNIT_CASE(ranges_leaves_full_then_wide),
	KUNIT_CASE(ranges_leaves_tell_their_readers),
	KUNIT_CASE(ranges_leaves_take_few_bytes),
	KUNIT_CASE_PARAM(ranges_leaves_of_many, many_gen_params),
	KUNIT_CASE(ranges_generation_at_its_end),
	{ }
};

struct kunit_suite heapranges_ranges_leaves_suite = {
	.name = "heapranges_ranges_leaves",
	.init = hr_test_ranges_init,
	.exit = hr_test_ranges_exit,
	.test_cases = ranges_leaves_cases,
};
