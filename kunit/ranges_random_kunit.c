// SPDX-License-Identifier: GPL-2.0
/*
 * The sorted array of ranges against a twin that knows one byte a page, and
 * with many ranges.
 */

#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "ranges_test.h"
#include "suites.h"

static unsigned int seed;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "What the random cases start from; 0: a new one each time [DEFAULT: 0]");

static void hr_test_seed(struct kunit *test, struct rnd_state *rnd)
{
	u32 used = seed ?: get_random_u32();

	kunit_info(test, "seed=%u\n", used);
	prandom_seed_state(rnd, used);
}

/* The twin: a window of the address space, and who says what about it. */

#define TWIN_PAGES	4096
#define TWIN_STEPS	5000

struct ranges_place {
	const char	*name;
	unsigned long	base;
	bool		page_before, page_behind;	/* are for no heap */
	bool		dense;		/* every second page is there before; lengths are short */
	unsigned long	anchor;		/* a page far below, which stays; 0: none */
};

static const struct ranges_place ranges_places[] = {
	{ "from page 1 on", HR_ADDR_MIN, .page_before = true },
	{ "low", HR_TEST_PAGE(HR_CHUNK_PAGES * 3 + 7) },
	{ "across the middle of the address space",
	  (1UL << (BITS_PER_LONG - 1)) - HR_TEST_PAGE(TWIN_PAGES / 2) },
	{ "up to the end", HR_ADDR_END - HR_TEST_PAGE(TWIN_PAGES),
	  .page_behind = true },
	{ "in several leaves", HR_TEST_PAGE(HR_CHUNK_PAGES * 3 + 7), .dense = true },
	{ "in several leaves, up to the end", HR_ADDR_END - HR_TEST_PAGE(TWIN_PAGES),
	  .page_behind = true, .dense = true },
#if BITS_PER_LONG == 64
	{ "in several leaves, the first one wide", HR_TEST_PAGE(7) + (1UL << 53),
	  .dense = true, .anchor = HR_TEST_PAGE(1) },
	{ "behind what is 8 PiB below", HR_TEST_PAGE(7) + (1UL << 53),
	  .anchor = HR_TEST_PAGE(1) },
#endif
};

static void ranges_place_describe(const struct ranges_place *place, char *desc)
{
	strscpy(desc, place->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ranges_place, ranges_places, ranges_place_describe);

struct ranges_twin {
	const struct ranges_place	*place;
	struct hr_test_ranges		*t;
	struct rnd_state		rnd;
	u32				nr_lengths;	/* of those to draw */
	u8				owned[TWIN_PAGES];
	/* How often there was what; has the run been worth it? */
	unsigned int			adds, removes, einval, eexist, enoent;
	unsigned long			most_ranges, most_leaves, nr_wide;
};

static u32 hr_twin_below(struct ranges_twin *twin, u32 ceil)
{
	return prandom_u32_state(&twin->rnd) % ceil;
}

/* Page of the window: -1 and TWIN_PAGES are those outside. */
static unsigned long hr_twin_addr(const struct ranges_twin *twin, long page)
{
	return twin->place->base + page * PAGE_SIZE;
}

/* The end of the run of equal bytes that @page is in. */
static long hr_twin_run_end(const struct ranges_twin *twin, long page)
{
	const u8 *end = memchr_inv(twin->owned + page, twin->owned[page],
				   TWIN_PAGES - page);

	return end ? end - twin->owned : TWIN_PAGES;
}

static long hr_twin_run_begin(const struct ranges_twin *twin, long page)
{
	long begin = page;

	while (begin && twin->owned[begin - 1] == twin->owned[page])
		begin--;
	return begin;
}

/* All of [begin, end) is inside and owned (1) or not owned (0). */
static bool hr_twin_all(const struct ranges_twin *twin, long begin, long end,
			u8 owned)
{
	return begin >= 0 && end <= TWIN_PAGES && begin < end &&
	       !memchr_inv(twin->owned + begin, owned, end - begin);
}

struct ranges_draw {
	long		begin, end;	/* pages */
	unsigned int	offset;		/* bytes that the base is off by */
};

/* Around a place where something changes, of a drawn length. */
static struct ranges_draw hr_twin_draw(struct ranges_twin *twin)
{
	static const u32 lengths[] = { 1, 2, 8, 64, 1024 };
	long lowest = twin->place->page_before ? -1 : 0;
	long highest = TWIN_PAGES + (twin->place->page_behind ? 1 : 0);
	long at = hr_twin_below(twin, TWIN_PAGES), end, length;
	struct ranges_draw draw = {};

	length = 1 + hr_twin_below(twin, lengths[hr_twin_below(twin, twin->nr_lengths)]);
	if (hr_twin_below(twin, 8))
		at = hr_twin_run_begin(twin, at);
	end = hr_twin_run_end(twin, at);
	switch (hr_twin_below(twin, 8)) {
	case 0:		/* all of the run, a page more or less at the end */
		length = end - at + hr_twin_below(twin, 3) - 1;
		break;
	case 1:		/* up to here */
		at -= length;
		break;
	case 2:		/* from a page before, or behind */
		at += hr_twin_below(twin, 2) ? 1 : -1;
		break;
	case 3:		/* a tail of the run */
		at = max(at, end - length);
		length = end - at;
		break;
	default:	/* no more than the run */
		length = min(length, end - at);
	}
	draw.begin = clamp(at, lowest, highest);
	draw.end = clamp(at + length, draw.begin, highest);
	if (!hr_twin_below(twin, 64))
		draw.offset = 1 + hr_twin_below(twin, PAGE_SIZE - 1);
	return draw;
}

static int hr_twin_expect(const struct ranges_twin *twin, hr_test_op *op,
			  struct ranges_draw draw)
{
	if (draw.offset || draw.begin < 0 || draw.end > TWIN_PAGES ||
	    draw.begin == draw.end)
		return -EINVAL;
	if (op == hr_change_prepare_add)
		return hr_twin_all(twin, draw.begin, draw.end, 0) ? 0 : -EEXIST;
	return hr_twin_all(twin, draw.begin, draw.end, 1) ? 0 : -ENOENT;
}

static void hr_twin_count(struct ranges_twin *twin, hr_test_op *op, int err)
{
	unsigned long nr_ranges = hr_ranges_nr_ranges(&twin->t->ranges);

	twin->most_ranges = max(twin->most_ranges, nr_ranges);
	twin->most_leaves = max(twin->most_leaves, hr_test_ranges_index(twin->t)->nr_leaves);
	twin->nr_wide += nr_ranges && hr_test_ranges_leaf(twin->t, 0)->is_wide;
	twin->adds += !err && op == hr_change_prepare_add;
	twin->removes += !err && op == hr_change_prepare_remove;
	twin->einval += err == -EINVAL;
	twin->eexist += err == -EEXIST;
	twin->enoent += err == -ENOENT;
}

static bool hr_twin_step(struct ranges_twin *twin, hr_test_op *op)
{
	struct ranges_draw draw = hr_twin_draw(twin);
	int want = hr_twin_expect(twin, op, draw);
	int err;

	err = hr_test_ranges_change(twin->t, op,
				    hr_twin_addr(twin, draw.begin) + draw.offset,
				    draw.end - draw.begin);
	if (err != want)
		return hr_test_ranges_fail(twin->t, "err=%d, want %d", err, want);
	if (!err)
		memset(twin->owned + draw.begin, op == hr_change_prepare_add,
		       draw.end - draw.begin);
	hr_twin_count(twin, op, err);
	return true;
}

static bool hr_twin_agrees_with(struct ranges_twin *twin, const struct hr_test_flat *flat)
{
	unsigned long i = twin->place->anchor ? 1 : 0;
	long begin, end, behind = 0;

	for (; i < flat->nr_ranges; i++) {
		begin = (flat->range[i].base - twin->place->base) / PAGE_SIZE;
		end = (flat->range[i].limit - twin->place->base) / PAGE_SIZE;
		if (!hr_twin_all(twin, begin, end, 1))
			return hr_test_ranges_fail(twin->t, "range %lu: too much",
						   i);
		if (behind < begin && !hr_twin_all(twin, behind, begin, 0))
			return hr_test_ranges_fail(twin->t, "range %lu: too little before it",
						   i);
		behind = end;
	}
	if (behind < TWIN_PAGES && !hr_twin_all(twin, behind, TWIN_PAGES, 0))
		return hr_test_ranges_fail(twin->t, "too little at the end");
	return true;
}

/* Is what the array holds what the twin holds, no more and no less? */
static bool hr_twin_agrees(struct ranges_twin *twin)
{
	struct hr_test_flat *flat = hr_test_ranges_flatten(twin->t);
	bool agrees = hr_twin_agrees_with(twin, flat);

	kvfree(flat);
	return agrees;
}

/* What is said about one address, and about the span from there on. */
struct ranges_answers {
	struct heapranges_range	find, next;	/* { 0, 0 }: none */
	bool			found, has_next, contains, overlaps;
};

static struct ranges_answers hr_twin_answer(const struct ranges_twin *twin,
					    long page, unsigned int offset,
					    unsigned long nr_pages)
{
	long end = page + nr_pages, next = page;
	struct ranges_answers a = {};

	if (!twin->owned[page])
		next = hr_twin_run_end(twin, page);
	a.found = next == page;
	a.has_next = next < TWIN_PAGES;
	if (a.has_next) {
		a.next.base = hr_twin_addr(twin, next) + (a.found ? offset : 0);
		a.next.limit = hr_twin_addr(twin, hr_twin_run_end(twin, next));
	}
	if (a.found) {
		a.find.base = hr_twin_addr(twin, hr_twin_run_begin(twin, page));
		a.find.limit = a.next.limit;
	}
	a.contains = nr_pages &&
		     hr_twin_all(twin, page, end + (offset ? 1 : 0), 1);
	a.overlaps = nr_pages && !hr_twin_all(twin, page, end, 0);
	return a;
}

static struct ranges_answers hr_twin_array_answer(const struct ranges_twin *twin,
						  long page, unsigned int offset,
						  unsigned long nr_pages)
{
	const struct hr_ranges *ranges = &twin->t->ranges;
	unsigned long base = hr_twin_addr(twin, page);
	struct ranges_answers a = {};

	a.found = hr_ranges_find(ranges, base + offset, &a.find);
	a.has_next = hr_ranges_next(ranges, base + offset, &a.next);
	a.contains = hr_ranges_contains(ranges, base + offset, nr_pages);
	/* Not to be asked for no pages. */
	a.overlaps = nr_pages && hr_ranges_overlaps(ranges, base, nr_pages);
	return a;
}

static bool hr_twin_same(const struct ranges_answers *a,
			 const struct ranges_answers *b)
{
	return a->found == b->found && a->find.base == b->find.base &&
	       a->find.limit == b->find.limit && a->has_next == b->has_next &&
	       a->next.base == b->next.base && a->next.limit == b->next.limit &&
	       a->contains == b->contains && a->overlaps == b->overlaps;
}

static void hr_twin_print(char *buf, size_t size, const struct ranges_answers *a)
{
	scnprintf(buf, size, "find %d %#lx-%#lx next %d %#lx-%#lx contains %d overlaps %d",
		  a->found, a->find.base, a->find.limit, a->has_next,
		  a->next.base, a->next.limit, a->contains, a->overlaps);
}

static bool hr_twin_ask(struct ranges_twin *twin)
{
	struct ranges_draw draw = hr_twin_draw(twin);
	unsigned int offset = hr_twin_below(twin, 2) ? 0 :
			      hr_twin_below(twin, PAGE_SIZE);
	long page = clamp(draw.begin, 0L, TWIN_PAGES - 1L);
	long end = clamp(draw.end, page, (long)TWIN_PAGES);
	struct ranges_answers want = hr_twin_answer(twin, page, offset,
						    end - page);
	struct ranges_answers got = hr_twin_array_answer(twin, page, offset,
							 end - page);
	char got_text[160], want_text[160];

	if (hr_twin_same(&got, &want))
		return true;
	hr_twin_print(got_text, sizeof(got_text), &got);
	hr_twin_print(want_text, sizeof(want_text), &want);
	return hr_test_ranges_fail(twin->t, "%#lx+%u, %lu pages: %s, want %s",
				   hr_twin_addr(twin, page), offset, end - page,
				   got_text, want_text);
}

static void hr_twin_begin(struct ranges_twin *twin)
{
	long page;

	if (twin->place->anchor)
		hr_test_ranges_must(twin->t, hr_change_prepare_add, twin->place->anchor, 1);
	for (page = 0; twin->place->dense && page < TWIN_PAGES; page += 2) {
		hr_test_ranges_must(twin->t, hr_change_prepare_add, hr_twin_addr(twin, page), 1);
		twin->owned[page] = 1;
	}
}

/* Has the run been worth it? */
static void hr_twin_end(struct kunit *test, const struct ranges_twin *twin)
{
	kunit_info(test, "adds=%u removes=%u einval=%u eexist=%u enoent=%u most_ranges=%lu most_leaves=%lu wide=%lu\n",
		   twin->adds, twin->removes, twin->einval, twin->eexist,
		   twin->enoent, twin->most_ranges, twin->most_leaves, twin->nr_wide);
	KUNIT_EXPECT_GT(test, twin->adds, TWIN_STEPS / 20);
	KUNIT_EXPECT_GT(test, twin->removes, TWIN_STEPS / 20);
	KUNIT_EXPECT_GT(test, twin->einval, 10);
	KUNIT_EXPECT_GT(test, twin->eexist, TWIN_STEPS / 50);
	KUNIT_EXPECT_GT(test, twin->enoent, TWIN_STEPS / 50);
	KUNIT_EXPECT_GT(test, twin->most_ranges, 20);
	KUNIT_EXPECT_GT(test, twin->most_leaves, twin->place->dense ? 3 : 0);
	KUNIT_EXPECT_GE(test, twin->nr_wide, twin->place->anchor ? TWIN_STEPS / 2 : 0);
}

/* Mostly adds for a while, then mostly removes; all lengths, then short ones. */
static void ranges_random_against_twin(struct kunit *test)
{
	struct ranges_twin *twin = kunit_kzalloc(test, sizeof(*twin), GFP_KERNEL);
	int step, i;

	KUNIT_ASSERT_NOT_NULL(test, twin);
	twin->place = test->param_value;
	twin->t = test->priv;
	hr_test_seed(test, &twin->rnd);
	hr_twin_begin(twin);

	for (step = 0; step < TWIN_STEPS; step++) {
		bool filling = !(step / 512 & 1);
		bool other = !hr_twin_below(twin, 3);
		bool ok;

		twin->nr_lengths = step / 1024 & 1 ? 3 : 5;
		if (twin->place->dense)
			twin->nr_lengths = step / 1024 & 1 ? 1 : 2;
		ok = hr_twin_step(twin, filling != other ? hr_change_prepare_add :
							   hr_change_prepare_remove);
		ok = ok && hr_twin_agrees(twin);
		for (i = 0; i < 4; i++)
			ok = ok && hr_twin_ask(twin);
		if (ok && (step % (twin->place->dense ? 128 : 16) == 0 || step + 1 == TWIN_STEPS))
			ok = hr_test_ranges_validate(twin->t);
		KUNIT_ASSERT_TRUE_MSG(test, ok, "step %d", step);
	}

	hr_twin_end(test, twin);
}

/* Many ranges. */

#define MANY	2000

enum ranges_order { ASCENDING, DESCENDING, SHUFFLED };

struct ranges_order_row {
	const char		*name;
	enum ranges_order	order;
};

static const struct ranges_order_row ranges_orders[] = {
	{ "ascending", ASCENDING },
	{ "descending", DESCENDING },
	{ "shuffled", SHUFFLED },
};

static void ranges_order_describe(const struct ranges_order_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ranges_order, ranges_orders, ranges_order_describe);

static void hr_test_put_in_order(u16 *nr, enum ranges_order order,
				 struct rnd_state *rnd)
{
	int i, other;

	for (i = 0; i < MANY; i++)
		nr[i] = order == DESCENDING ? MANY - 1 - i : i;
	for (i = MANY - 1; order == SHUFFLED && i > 0; i--) {
		other = prandom_u32_state(rnd) % (i + 1);
		swap(nr[i], nr[other]);
	}
}

/* One page at each of @nr, which are two pages apart; @first: 0 or 1. */
static void hr_test_each(struct hr_test_ranges *t, hr_test_op *op, const u16 *nr,
			 int first)
{
	int i;

	for (i = 0; i < MANY; i++) {
		hr_test_ranges_must(t, op, HR_TEST_PAGE(2 * nr[i] + first + 1), 1);
		if (i > 32 && i % 256 && i + 1 < MANY)
			continue;
		KUNIT_ASSERT_TRUE(t->test, hr_test_ranges_validate(t));
	}
}

/* 2000 ranges; the gaps are filled; the gaps again; nothing is left. */
static void ranges_grow_many(struct kunit *test)
{
	const struct ranges_order_row *row = test->param_value;
	const struct hr_test_span whole[] = {
		{ HR_TEST_PAGE(1), 2 * MANY }, { },
	};
	u16 *nr = kunit_kzalloc(test, MANY * sizeof(*nr), GFP_KERNEL);
	struct hr_test_ranges *t = test->priv;
	struct rnd_state rnd;

	KUNIT_ASSERT_NOT_NULL(test, nr);
	hr_test_seed(test, &rnd);
	hr_test_put_in_order(nr, row->order, &rnd);

	hr_test_each(t, hr_change_prepare_add, nr, 0);
	KUNIT_EXPECT_EQ(test, hr_ranges_nr_ranges(&t->ranges), MANY);
	hr_test_each(t, hr_change_prepare_add, nr, 1);
	hr_test_ranges_holds(t, whole);
	hr_test_put_in_order(nr, row->order, &rnd);
	hr_test_each(t, hr_change_prepare_remove, nr, 1);
	KUNIT_EXPECT_EQ(test, hr_ranges_nr_ranges(&t->ranges), MANY);
	hr_test_each(t, hr_change_prepare_remove, nr, 0);
	KUNIT_EXPECT_EQ(test, hr_ranges_nr_ranges(&t->ranges), 0);
}

/* As Go does it: each low one has to move all the high ones. */
static void ranges_grow_high_then_low(struct kunit *test)
{
	struct hr_test_ranges *t = test->priv;
	int i;

	for (i = 0; i < 64; i++) {
		hr_test_ranges_must(t, hr_change_prepare_add, HR_TEST_PAGE(1000 + 4 * i), 2);
		KUNIT_ASSERT_TRUE(test, hr_test_ranges_validate(t));
	}
	for (i = 0; i < 63; i++) {
		hr_test_ranges_must(t, hr_change_prepare_add, HR_TEST_PAGE(10 + 4 * i), 2);
		KUNIT_ASSERT_TRUE(test, hr_test_ranges_validate(t));
	}
	KUNIT_EXPECT_EQ(test, hr_ranges_nr_ranges(&t->ranges), 127);
	KUNIT_EXPECT_EQ(test, hr_ranges_nr_pages(&t->ranges), 254);
}

static struct kunit_case ranges_random_cases[] = {
	KUNIT_CASE_PARAM(ranges_random_against_twin, ranges_place_gen_params),
	KUNIT_CASE_PARAM(ranges_grow_many, ranges_order_gen_params),
	KUNIT_CASE(ranges_grow_high_then_low),
	{ }
};

struct kunit_suite heapranges_ranges_random_suite = {
	.name = "heapranges_ranges_random",
	.init = hr_test_ranges_init,
	.exit = hr_test_ranges_exit,
	.test_cases = ranges_random_cases,
};
