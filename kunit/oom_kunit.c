// SPDX-License-Identifier: GPL-2.0
/*
 * Out of memory: a step is taken again and again, each time on a new heap, and
 * each time other allocations in it fail: the first, the second, and so on until
 * there is none left; and the first and any later one, the second and any later
 * one, and so on, since growth tries twice.
 *
 * A step that fails has changed nothing, has taken no memory, and works when it is
 * taken again; one that works in spite of it has done all of it.
 */
#include <linux/rcupdate.h>

#include "../module/mem.h"
#include "heap_helpers.h"
#include "suites.h"

/* More than any step asks for. */
#define HR_TEST_OOM_MAX		10000

struct hr_test_oom {
	struct heapranges	*heap;
	unsigned long		base;		/* of page 0 */
	struct heapranges_params params;
	unsigned int		nr_got;		/* runs, of a bulk */
	unsigned int		nr_failed;	/* allocations, of a try */
	unsigned long		nr_tries, nr_errors;
	struct hr_test_state	state;
	char			what[120];
};

struct hr_test_oom_step {
	int		(*op)(struct hr_test_oom *t, const struct hr_test_oom_step *step);
	unsigned long	page, nr, more;
};

struct hr_test_oom_row {
	const char		*desc;
	struct heapranges_params params;
	struct hr_test_oom_step	before[4], step;
	int			want;		/* what a step that asks for nothing returns */
	long			owned, used;	/* pages more afterwards */
	bool			grows;		/* owned: at least */
	bool			on_node;
};

static unsigned long hr_test_oom_addr(const struct hr_test_oom *t,
				      const struct hr_test_oom_step *step)
{
	return t->base + step->page * PAGE_SIZE;
}

static int oom_create(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	struct heapranges *heap = heapranges_create(&t->params);

	if (IS_ERR(heap))
		return PTR_ERR(heap);
	t->heap = heap;
	return 0;
}

static int oom_add(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_add(t->heap, hr_test_oom_addr(t, step), step->nr);
}

static int oom_remove(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_remove(t->heap, hr_test_oom_addr(t, step), step->nr);
}

static int oom_alloc(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_alloc(t->heap, step->nr, HR_TEST_QUIET) ? 0 : -ENOMEM;
}

static int oom_alloc_noretry(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_alloc(t->heap, step->nr, HR_TEST_QUIET | __GFP_NORETRY) ? 0 : -ENOMEM;
}

static int oom_alloc_nowait(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_alloc(t->heap, step->nr, GFP_NOWAIT | __GFP_NOWARN) ? 0 : -ENOMEM;
}

static int oom_alloc_aligned(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_alloc_aligned(t->heap, step->nr, step->more,
					HR_TEST_QUIET) ? 0 : -ENOMEM;
}

static int oom_alloc_at(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_alloc_at(t->heap, hr_test_oom_addr(t, step), step->nr,
				   HR_TEST_QUIET) ? 0 : -ENOMEM;
}

static int oom_alloc_bulk(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	void *addrs[4];

	t->nr_got = heapranges_alloc_bulk(t->heap, step->nr, HR_TEST_QUIET, step->more,
					  addrs);
	return t->nr_got == step->more ? 0 : -ENOMEM;
}

static int oom_resize(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_resize(t->heap, (void *)hr_test_oom_addr(t, step), step->nr);
}

static int oom_free(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_free_sized(t->heap, (void *)hr_test_oom_addr(t, step), step->nr);
}

static int oom_free_bulk(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	void *addr = (void *)hr_test_oom_addr(t, step);

	return heapranges_free_bulk(t->heap, 1, &addr) == 1 ? 0 : -EINVAL;
}

static int oom_ask(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	unsigned long addr = hr_test_oom_addr(t, step);
	struct hr_test_layout layout = { .base = t->base };
	struct heapranges_stats stats;

	heapranges_get_stats(t->heap, &stats);
	heapranges_walk(t->heap, hr_test_layout_visit, &layout);
	return heapranges_size(t->heap, (void *)addr) == step->nr &&
	       heapranges_contains(t->heap, addr, step->nr) &&
	       layout.nr_pages == stats.owned_pages ? 0 : -EINVAL;
}

static int oom_verify(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_verify(t->heap, NULL, 0);
}

static int oom_destroy(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_destroy(t->heap);
}

#define ADDRESSES	{ .flags = HR_TEST_ADDRESSES }
#define CACHED		{ .flags = HEAPRANGES_ADDRESS_ONLY }
#define FIXED		{ .flags = HEAPRANGES_FIXED }
#define SMALL		{ .max_pages = 100 }
#define ONE_CHUNK	{ .arena_pages = CHUNK, .grow_max_pages = CHUNK }
#define CHUNK		HR_TEST_CHUNK
#define FAR		HR_TEST_FAR_PAGE

static const struct hr_test_oom_row hr_test_oom_rows[] = {
	{ "create", {}, {}, { oom_create } },
	{ "create without caches", { .flags = HEAPRANGES_NO_CACHE }, {}, { oom_create } },
	{ "create fixed", FIXED, {}, { oom_create } },
	{ "create addresses only", CACHED, {}, { oom_create } },
	{ "create with an arena", { .min_pages = 600 }, {}, { oom_create }, .owned = 600 },
	{ "create with an arena on a node", { .min_pages = 4 }, {}, { oom_create }, .owned = 4,
	  .on_node = true },

	{ "add first", ADDRESSES, {}, { oom_add, 0, 100 }, .owned = 100 },
	{ "add first mapped", FIXED, {}, { oom_add, 0, 100 }, .owned = 100 },
	{ "add first to a heap that grows", {}, {}, { oom_add, 0, 100 }, .owned = 100 },
	{ "add first 9 chunks", ADDRESSES, {}, { oom_add, 0, 9 * CHUNK }, .owned = 9 * CHUNK },
	{ "add behind in the chunk", ADDRESSES, {{ oom_add, 0, 9 }}, { oom_add, 9, 9 },
	  .owned = 9 },
	{ "add before in the chunk", ADDRESSES, {{ oom_add, 9, 9 }}, { oom_add, 0, 9 },
	  .owned = 9 },
	{ "add apart in the chunk", ADDRESSES, {{ oom_add, 0, 9 }}, { oom_add, 20, 9 },
	  .owned = 9 },
	{ "add between two", ADDRESSES, {{ oom_add, 0, 9 }, { oom_add, 18, 9 }},
	  { oom_add, 9, 9 }, .owned = 9 },
	{ "add behind in new chunks", ADDRESSES, {{ oom_add, 0, 9 }},
	  { oom_add, 9, 3 * CHUNK }, .owned = 3 * CHUNK },
	{ "add when the table is full", ADDRESSES, {{ oom_add, 0, 4 * CHUNK }},
	  { oom_add, 4 * CHUNK, 5 * CHUNK }, .owned = 5 * CHUNK },
	{ "add after chunks went", ADDRESSES,
	  {{ oom_add, 0, 4 * CHUNK }, { oom_remove, CHUNK, 2 * CHUNK }},
	  { oom_add, CHUNK, 2 * CHUNK }, .owned = 2 * CHUNK },
	{ "add far behind", ADDRESSES, {{ oom_add, 0, 9 }}, { oom_add, FAR, 9 }, .owned = 9 },
	{ "add far before", ADDRESSES, {{ oom_add, FAR, 9 }}, { oom_add, 0, 9 }, .owned = 9 },
	{ "add 9 chunks far behind", ADDRESSES, {{ oom_add, 0, 9 }},
	  { oom_add, FAR - 4 * CHUNK, 9 * CHUNK }, .owned = 9 * CHUNK },
	{ "add between far ones", ADDRESSES, {{ oom_add, 0, 9 }, { oom_add, FAR, 9 }},
	  { oom_add, FAR / 2, 9 }, .owned = 9 },
	{ "add after a far one went", ADDRESSES,
	  {{ oom_add, 0, 9 }, { oom_add, FAR, 9 }, { oom_remove, FAR, 9 }},
	  { oom_add, FAR, 9 }, .owned = 9 },
	{ "add beside what is in use", CACHED, {{ oom_add, 0, 9 }, { oom_alloc, 0, 5 }},
	  { oom_add, FAR, 9 }, .owned = 9 },

	{ "remove all", ADDRESSES, {{ oom_add, 0, 9 }}, { oom_remove, 0, 9 }, .owned = -9 },
	{ "remove all of 9 chunks", ADDRESSES, {{ oom_add, 0, 9 * CHUNK }},
	  { oom_remove, 0, 9 * CHUNK }, .owned = -9 * (long)CHUNK },
	{ "remove the front", ADDRESSES, {{ oom_add, 0, 9 }}, { oom_remove, 0, 4 }, .owned = -4 },
	{ "remove the back", ADDRESSES, {{ oom_add, 0, 9 }}, { oom_remove, 5, 4 }, .owned = -4 },
	{ "remove the middle", ADDRESSES, {{ oom_add, 0, 9 }}, { oom_remove, 3, 4 }, .owned = -4 },
	{ "remove middle chunks", ADDRESSES, {{ oom_add, 0, 9 * CHUNK }},
	  { oom_remove, 3 * CHUNK - 1, 4 * CHUNK }, .owned = -4 * (long)CHUNK },
	{ "remove one of two", ADDRESSES, {{ oom_add, 0, 9 }, { oom_add, FAR, 9 }},
	  { oom_remove, FAR, 9 }, .owned = -9 },
	{ "remove beside what is in use", CACHED, {{ oom_add, 0, 9 }, { oom_alloc, 0, 5 }},
	  { oom_remove, 5, 4 }, .owned = -4 },

	{ "grow first", SMALL, {}, { oom_alloc, 0, 20 }, 0, 20, 20, true },
	{ "grow first for a cache", SMALL, {}, { oom_alloc, 0, 8 }, 0, 8, 8, true },
	{ "grow again", ONE_CHUNK, {{ oom_alloc, 0, CHUNK }}, { oom_alloc, 0, 8 }, 0, 8, 8, true },
	{ "grow beside a region", SMALL, {{ oom_add, 0, 9 }}, { oom_alloc, 0, 10 }, 0, 10, 10,
	  true },
	{ "grow by more than an arena", ONE_CHUNK, {}, { oom_alloc, 0, 5 * CHUNK }, 0, 5 * CHUNK,
	  5 * CHUNK, true },
	{ "grow up to max_pages", { .max_pages = 700, .min_pages = 100 }, {{ oom_alloc, 0, 100 }},
	  { oom_alloc, 0, 600 }, 0, 600, 600, true },
	{ "grow without retries", SMALL, {}, { oom_alloc_noretry, 0, 8 }, 0, 8, 8, true },
	{ "grow for alignment", SMALL, {}, { oom_alloc_aligned, 0, 8, 64 }, 0, 8, 8, true },
	{ "grow for alignment beyond an arena", ONE_CHUNK, {},
	  { oom_alloc_aligned, 0, 8, 2 * CHUNK }, 0, 8, 8, true },
	{ "grow for two", ONE_CHUNK, {}, { oom_alloc_bulk, 0, CHUNK - 100, 2 }, 0,
	  2 * (CHUNK - 100), 2 * (CHUNK - 100), true },
	{ "grow on a node", { .max_pages = 4 }, {}, { oom_alloc, 0, 2 }, 0, 2, 2, true, true },
};

/* A heap for what has to do without. */
#define OF_100		{{ oom_add, 0, 100 }, { oom_alloc, 0, 8 }, { oom_alloc, 0, 8 }, \
			 { oom_free, 8, 8 }}

static const struct hr_test_oom_row hr_test_oom_none_rows[] = {
	{ "alloc", ADDRESSES, OF_100, { oom_alloc, 0, 90 }, .used = 90 },
	{ "alloc from a cache", CACHED, OF_100, { oom_alloc, 0, 8 }, .used = 8 },
	{ "alloc by refill of a cache", CACHED, OF_100, { oom_alloc, 0, 3 }, .used = 3 },
	{ "alloc what caches hold", CACHED, OF_100, { oom_alloc, 0, 92 }, .used = 92 },
	{ "alloc aligned", ADDRESSES, OF_100, { oom_alloc_aligned, 0, 8, 16 }, .used = 8 },
	{ "alloc at", ADDRESSES, OF_100, { oom_alloc_at, 90, 10 }, .used = 10 },
	{ "alloc at what a cache holds", CACHED, OF_100, { oom_alloc_at, 8, 9 }, .used = 9 },
	{ "alloc at what is in use", CACHED, OF_100, { oom_alloc_at, 7, 1 }, -ENOMEM },
	{ "alloc bulk", CACHED, OF_100, { oom_alloc_bulk, 0, 20, 4 }, .used = 80 },
	{ "alloc more than a fixed heap has", CACHED, OF_100, { oom_alloc, 0, 101 }, -ENOMEM },
	{ "alloc where it may not block", {}, {}, { oom_alloc_nowait, 0, 1 }, -ENOMEM },
	{ "alloc over max_pages", SMALL, {}, { oom_alloc, 0, 101 }, -ENOMEM },
	{ "free", ADDRESSES, OF_100, { oom_free, 0, 8 }, .used = -8 },
	{ "free to a cache", CACHED, OF_100, { oom_free, 0, 8 }, .used = -8 },
	{ "free bulk", ADDRESSES, OF_100, { oom_free_bulk, 0 }, .used = -8 },
	{ "free foreign", CACHED, OF_100, { oom_free, 100, 8 }, -EFAULT },
	{ "free twice", CACHED, OF_100, { oom_free, 8, 8 }, -EALREADY },
	{ "free interior", CACHED, OF_100, { oom_free, 1, 8 }, -EINVAL },
	{ "free another size", CACHED, OF_100, { oom_free, 0, 7 }, -ERANGE },
	{ "resize down", ADDRESSES, OF_100, { oom_resize, 0, 1 }, .used = -7 },
	{ "resize up", ADDRESSES, OF_100, { oom_resize, 0, 100 }, .used = 92 },
	{ "resize beyond", ADDRESSES, OF_100, { oom_resize, 0, 101 }, -ENOSPC },
	{ "resize what is free", CACHED, OF_100, { oom_resize, 8, 1 }, -EALREADY },
	{ "size, contains, walk, stats", CACHED, OF_100, { oom_ask, 0, 8 } },
	{ "verify", CACHED, OF_100, { oom_verify } },
	{ "add what is there", CACHED, OF_100, { oom_add, 99, 2 }, -EEXIST },
	{ "add nothing", CACHED, OF_100, { oom_add, 200, 0 }, -EINVAL },
	{ "add over max_pages", { .max_pages = 8 }, {}, { oom_add, 0, 9 }, -ENOSPC },
	{ "remove what is not there", CACHED, OF_100, { oom_remove, 99, 2 }, -ENOENT },
	{ "destroy what is in use", CACHED, OF_100, { oom_destroy }, -EBUSY },
};

static void hr_test_oom_row_desc(const struct hr_test_oom_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_oom, hr_test_oom_rows, hr_test_oom_row_desc);
KUNIT_ARRAY_PARAM(hr_test_oom_none, hr_test_oom_none_rows, hr_test_oom_row_desc);

static void hr_test_oom_take_live(long *live)
{
	int kind;

	rcu_barrier();
	for (kind = 0; kind < HR_MEM_NR_KINDS; kind++)
		live[kind] = hr_mem_live(kind);
}

/*
 * Nothing is left of what a step took that failed. It costs a grace period, so with
 * two failures it is left to the look at what lives at the end of the row.
 */
static void hr_test_oom_expect_nothing_left(struct kunit *test, struct hr_test_oom *t)
{
	const struct hr_mem_site *site = t->nr_failed == 1 ? hr_mem_left() : NULL;

	if (site) {
		rcu_barrier();
		site = hr_mem_left();
	}
	if (site)
		KUNIT_FAIL(test, "%s: memory is left of %s line %d", t->what, site->func,
			   site->line);
}

static void hr_test_oom_expect_live(struct kunit *test, const long *want, const char *what)
{
	long got[HR_MEM_NR_KINDS];
	int kind;

	hr_test_oom_take_live(got);
	for (kind = 0; kind < HR_MEM_NR_KINDS; kind++)
		KUNIT_EXPECT_EQ_MSG(test, got[kind], want[kind], "%s allocated after %s",
				    hr_mem_kind_names[kind], what);
}

static void hr_test_oom_begin(struct kunit *test, struct hr_test_oom *t)
{
	const struct hr_test_oom_row *row = test->param_value;
	const struct hr_test_oom_step *step;

	t->heap = NULL;
	t->nr_got = 0;
	if (row->step.op != oom_create)
		KUNIT_ASSERT_EQ(test, oom_create(t, NULL), 0);
	for (step = row->before; step < row->before + ARRAY_SIZE(row->before); step++) {
		if (step->op)
			KUNIT_ASSERT_EQ(test, step->op(t, step), 0);
	}
	if (t->heap)
		hr_test_state_take(test, t->heap, &t->state);
}

static void hr_test_oom_end(struct kunit *test, struct hr_test_oom *t)
{
	if (!t->heap)
		return;
	heapranges_walk(t->heap, hr_test_drain_range, t->heap);
	KUNIT_EXPECT_EQ_MSG(test, heapranges_destroy(t->heap), 0, "destroy after %s", t->what);
}

/* The heap is as it was, but that it may have counted the failure. */
static void hr_test_oom_expect_nothing(struct kunit *test, struct hr_test_oom *t)
{
	const struct hr_test_oom_row *row = test->param_value;

	hr_test_oom_expect_nothing_left(test, t);
	if (!t->heap)
		return;
	if (row->grows) {
		t->state.stats.grow_failures++;
		t->state.stats.alloc_failures++;
	}
	hr_test_expect_state(test, t->heap, &t->state, t->what);
	hr_test_verify(test, t->heap, t->what);
}

static void hr_test_oom_expect_all(struct kunit *test, struct hr_test_oom *t)
{
	const struct hr_test_oom_row *row = test->param_value;
	struct heapranges_stats stats, *before = &t->state.stats;
	long owned, used;

	KUNIT_ASSERT_NOT_NULL(test, t->heap);
	stats = hr_test_stats(test, t->heap);
	owned = stats.owned_pages - before->owned_pages;
	used = stats.used_pages - before->used_pages;
	if (row->grows)
		KUNIT_EXPECT_GE_MSG(test, owned, row->owned, "owned after %s", t->what);
	else
		KUNIT_EXPECT_EQ_MSG(test, owned, row->owned, "owned after %s", t->what);
	KUNIT_EXPECT_EQ_MSG(test, used, row->used, "used after %s", t->what);
	hr_test_verify(test, t->heap, t->what);
}

/* A bulk that was cut short: what it got is in use, and no more. */
static void hr_test_oom_expect_part(struct kunit *test, struct hr_test_oom *t)
{
	const struct hr_test_oom_row *row = test->param_value;
	struct heapranges_stats stats = hr_test_stats(test, t->heap);

	KUNIT_EXPECT_EQ_MSG(test, stats.used_pages, t->nr_got * row->step.nr, "used after %s",
			    t->what);
	KUNIT_EXPECT_EQ_MSG(test, stats.allocs, (u64)t->nr_got, "allocs after %s", t->what);
	hr_test_verify(test, t->heap, t->what);
}

/* A step that failed: the heap is as before, and it can be taken again. */
static void hr_test_oom_expect_failure(struct kunit *test, struct hr_test_oom *t, int err)
{
	const struct hr_test_oom_row *row = test->param_value;

	KUNIT_EXPECT_EQ_MSG(test, err, -ENOMEM, "%s", t->what);
	if (t->nr_got) {
		hr_test_oom_expect_part(test, t);
		return;
	}
	hr_test_oom_expect_nothing(test, t);
	strlcat(t->what, ", and again", sizeof(t->what));
	KUNIT_ASSERT_EQ_MSG(test, row->step.op(t, &row->step), 0, "%s", t->what);
	hr_test_oom_expect_all(test, t);
}

/* Return: how many allocations there were. */
static unsigned long hr_test_oom_try(struct kunit *test, struct hr_test_oom *t,
				     unsigned long first, unsigned long second)
{
	const struct hr_test_oom_row *row = test->param_value;
	unsigned long nr_asked;
	int err;

	hr_test_oom_begin(test, t);
	hr_mem_watch(first, second);
	err = row->step.op(t, &row->step);
	nr_asked = hr_mem_unwatch();
	scnprintf(t->what, sizeof(t->what), "allocations %lu and %lu of %lu failed", first,
		  second, nr_asked);
	t->nr_failed = (nr_asked >= first) + (nr_asked >= second);
	t->nr_tries++;
	t->nr_errors += !!err;
	if (err)
		hr_test_oom_expect_failure(test, t, err);
	else
		hr_test_oom_expect_all(test, t);
	/* Only growth has another way. */
	KUNIT_EXPECT_TRUE_MSG(test, !err == !t->nr_failed || (!err && row->grows),
			      "%s: got %d", t->what, err);
	hr_test_oom_end(test, t);
	return nr_asked;
}

static struct hr_test_oom *hr_test_oom_make(struct kunit *test)
{
	struct hr_test_oom *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	const struct hr_test_oom_row *row = test->param_value;

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->params = row->params;
	t->params.name = "oom";
	t->params.node = row->on_node ? 0 : NUMA_NO_NODE;
	t->base = t->params.flags & HEAPRANGES_ADDRESS_ONLY ? HR_TEST_BASE :
							      hr_test_area(test, 100);
	return t;
}

static void oom_step_fails_without_a_trace(struct kunit *test)
{
	struct hr_test_oom *t = hr_test_oom_make(test);
	unsigned long first, second, nr_asked;
	long live[HR_MEM_NR_KINDS];

	hr_test_oom_take_live(live);
	for (first = 1; first < HR_TEST_OOM_MAX; first++) {
		second = first;
		do {
			nr_asked = hr_test_oom_try(test, t, first, ++second);
		} while (nr_asked >= second);
		if (nr_asked < first)
			break;
	}
	KUNIT_EXPECT_GT(test, nr_asked, 0UL);
	hr_test_oom_expect_live(test, live, "everything");
	kunit_info(test, "%lu allocations, %lu of %lu times it failed", nr_asked,
		   t->nr_errors, t->nr_tries);
}

static void oom_step_asks_for_nothing(struct kunit *test)
{
	const struct hr_test_oom_row *row = test->param_value;
	struct hr_test_oom *t = hr_test_oom_make(test);
	int got;

	hr_test_oom_begin(test, t);
	hr_mem_watch(0, 0);
	got = row->step.op(t, &row->step);
	KUNIT_EXPECT_EQ(test, hr_mem_unwatch(), 0UL);
	KUNIT_EXPECT_EQ(test, got, row->want);
	strscpy(t->what, "no allocation", sizeof(t->what));
	hr_test_oom_expect_all(test, t);
	hr_test_oom_end(test, t);
}

/* What the rows above reach is all there is: HR_TEST_OOM_SITES is counted in the source. */
static void oom_every_site_has_failed(struct kunit *test)
{
	const struct hr_mem_site *site = hr_mem_failed_sites();
	unsigned long nr_sites = 0;

	if (!site)
		kunit_skip(test, "nothing has failed yet: the other cases did not run");
	for (; site; site = site->next, nr_sites++)
		kunit_info(test, "%s line %d: %lu times", site->func, site->line,
			   site->nr_failed);
	KUNIT_EXPECT_EQ(test, nr_sites, (unsigned long)HR_TEST_OOM_SITES);
	kunit_info(test, "%lu of %d sites", nr_sites, HR_TEST_OOM_SITES);
}

static struct kunit_case hr_test_oom_cases[] = {
	KUNIT_CASE_PARAM(oom_step_fails_without_a_trace, hr_test_oom_gen_params),
	KUNIT_CASE_PARAM(oom_step_asks_for_nothing, hr_test_oom_none_gen_params),
	KUNIT_CASE(oom_every_site_has_failed),
	{}
};

struct kunit_suite heapranges_oom_suite = {
	.name = "heapranges_oom",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_oom_cases,
};
