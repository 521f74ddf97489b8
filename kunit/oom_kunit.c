// SPDX-License-Identifier: GPL-2.0
/*
 * Out of memory: a step is taken again and again, each time on a new heap, and
 * each time other allocations in it fail: the first, the second, and so on until
 * there is none left; the first and any later one, the second and any later one, and
 * so on, since growth tries again; and the first and all later ones, and so on, since
 * it may do so more than once.
 *
 * A step that fails has changed nothing, has taken no memory, and works when it is
 * taken again; one that works in spite of it has done all of it; one that is made of
 * several has done some of them.
 */
#include <linux/rcupdate.h>

#include "../module/mem.h"
#include "oom_steps.h"
#include "suites.h"

/* More than any step asks for. */
#define HR_TEST_OOM_MAX		10000

/* Those that take a node's pages one by one, where one call takes them all. */
#define HR_TEST_OOM_IDLE_SITES	(HR_HUGE_OF_NODE ? 3 : 0)

struct hr_test_oom_row {
	const char		*desc;
	struct heapranges_params params;
	struct hr_test_oom_step	before[4], step;
	int			want;		/* what the step returns, unless it fails */
	long			owned, used;	/* so many pages more afterwards */
	bool			grows;		/* tries again; owned: at least */
	bool			copes;		/* does without what it cannot have */
	bool			on_node;
};

#define ADDRESSES	{ .flags = HR_TEST_ADDRESSES }
#define CACHED		{ .flags = HEAPRANGES_ADDRESS_ONLY }
#define FIXED		{ .flags = HEAPRANGES_FIXED }
#define OWNERS		{ .flags = HR_TEST_ADDRESSES | HEAPRANGES_FIXED | HR_HEAP_TRACKS_OWNERS }
#define POISON		{ .flags = HEAPRANGES_NO_CACHE | HR_HEAP_POISONS, .arena_pages = CHUNK, \
			  .grow_max_pages = CHUNK }
#define SMALL		{ .max_pages = 100 }
#define ONE_CHUNK	{ .arena_pages = CHUNK, .grow_max_pages = CHUNK }
#define CHUNK		HR_TEST_CHUNK
#define FAR		HR_TEST_FAR_PAGE

static const struct hr_test_oom_row hr_test_oom_rows[] = {
	{ "create", {}, {}, { oom_create } },
	{ "create without caches", { .flags = HEAPRANGES_NO_CACHE }, {}, { oom_create } },
	{ "create fixed", FIXED, {}, { oom_create } },
	{ "create addresses only", CACHED, {}, { oom_create } },
	{ "create poisoned", POISON, {}, { oom_create } },
	{ "create with a reserve", { .reserve_pages = 9 }, {}, { oom_create }, .owned = 9 },
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

	{ "add to a heap that knows owners", OWNERS, {{ oom_add, 0, 9 }}, { oom_add, 9, CHUNK },
	  .owned = CHUNK },

	{ "add to a full leaf", ADDRESSES, {{ oom_fill, 0, HR_LEAF_MAX, 4 }}, { oom_add, 42, 1 },
	  .owned = 1 },
	{ "add behind a full leaf", ADDRESSES, {{ oom_fill, 0, HR_LEAF_MAX, 4 }},
	  { oom_add, 4 * HR_LEAF_MAX, 1 }, .owned = 1 },
	{ "remove a middle in a full leaf", ADDRESSES,
	  {{ oom_add, 4 * HR_LEAF_MAX, 3 }, { oom_fill, 0, HR_LEAF_MAX - 1, 4 }},
	  { oom_remove, 4 * HR_LEAF_MAX + 1, 1 }, .owned = -1 },
	{ "remove the front", ADDRESSES, {{ oom_add, 0, 9 }}, { oom_remove, 0, 4 }, .owned = -4 },
	{ "remove the back", ADDRESSES, {{ oom_add, 0, 9 }}, { oom_remove, 5, 4 }, .owned = -4 },
	{ "remove the middle", ADDRESSES, {{ oom_add, 0, 9 }}, { oom_remove, 3, 4 }, .owned = -4 },
	{ "remove middle chunks", ADDRESSES, {{ oom_add, 0, 9 * CHUNK }},
	  { oom_remove, 3 * CHUNK - 1, 4 * CHUNK }, .owned = -4 * (long)CHUNK },
	/* The table stays as large as it is then. */
	{ "remove all but one chunk of many", ADDRESSES, {{ oom_add, 0, 200 * CHUNK }},
	  { oom_remove, CHUNK, 199 * CHUNK }, .owned = -199 * (long)CHUNK, .copes = true },
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
	{ "grow poisoned", POISON, {}, { oom_alloc, 0, 8 }, 0, 8, 8, true },
	{ "grow on a node", { .max_pages = 4 }, {}, { oom_alloc, 0, 2 }, 0, 2, 2, true,
	  .on_node = true },
	{ "grow ahead", SMALL, {}, { oom_grow_ahead, 0, 8 }, 0, 8, 0, true },

	{ "trim where the array takes less room then", ONE_CHUNK,
	  {{ oom_fill, 0, HR_LEAF_FIT(128), 4 }, { oom_visit, 0, CHUNK, 1 }},
	  { oom_trim, 0, CHUNK }, .owned = -(long)CHUNK },

	{ "say whose is in use", OWNERS, {{ oom_add, 0, 9 }, { oom_alloc, 0, 5 }}, { oom_destroy },
	  -EBUSY, .copes = true },
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
	/* But in the background it grows. */
	{ "alloc where it may not block", {}, {}, { oom_alloc_nowait, 0, 1 }, -ENOMEM,
	  .grows = true },
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
	/* What their leaf holds is overwritten. */
	{ "add between two", ADDRESSES, {{ oom_add, 0, 9 }, { oom_add, 18, 9 }},
	  { oom_add, 9, 9 }, .owned = 9 },
	{ "remove one of three", ADDRESSES,
	  {{ oom_add, 0, 9 }, { oom_add, 20, 9 }, { oom_add, 40, 9 }},
	  { oom_remove, 20, 9 }, .owned = -9 },
	{ "remove all", ADDRESSES, {{ oom_add, 0, 9 }}, { oom_remove, 0, 9 }, .owned = -9 },
	{ "remove all of 9 chunks", ADDRESSES, {{ oom_add, 0, 9 * CHUNK }},
	  { oom_remove, 0, 9 * CHUNK }, .owned = -9 * (long)CHUNK },
	{ "remove all of a leaf", ADDRESSES, {{ oom_fill, 0, HR_LEAF_MAX + 1, 4 }},
	  { oom_remove, 4 * HR_LEAF_MAX, 1 }, .owned = -1 },
	{ "trim two arenas", ONE_CHUNK, {{ oom_visit, 0, CHUNK, 2 }}, { oom_trim, 0, 2 * CHUNK },
	  .owned = -2 * (long)CHUNK },
	{ "trim beside what is in use", ONE_CHUNK,
	  {{ oom_alloc, 0, 8 }, { oom_visit, 0, CHUNK, 1 }}, { oom_trim, 0, CHUNK },
	  .owned = -(long)CHUNK },
	{ "trim the only arena", ONE_CHUNK, {{ oom_visit, 0, CHUNK, 1 }}, { oom_trim, 0, CHUNK },
	  .owned = -(long)CHUNK },
	{ "add what is there", CACHED, OF_100, { oom_add, 99, 2 }, -EEXIST },
	{ "add nothing", CACHED, OF_100, { oom_add, 200, 0 }, -EINVAL },
	{ "add over max_pages", { .max_pages = 8 }, {}, { oom_add, 0, 9 }, -ENOSPC },
	{ "remove what is not there", CACHED, OF_100, { oom_remove, 99, 2 }, -ENOENT },
	{ "trim what is kept", { .min_pages = 9 }, {}, { oom_trim } },
	{ "trim what is in use", ONE_CHUNK, {{ oom_alloc, 0, 1 }}, { oom_trim } },
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

/* Asserts nothing while there is a heap, so that one that went wrong ends too. */
static void hr_test_oom_begin(struct kunit *test, struct hr_test_oom *t)
{
	const struct hr_test_oom_row *row = test->param_value;
	const struct hr_test_oom_step *step;

	t->heap = NULL;
	if (row->step.op != oom_create)
		KUNIT_ASSERT_EQ(test, oom_create(t, NULL), 0);
	for (step = row->before; step < row->before + ARRAY_SIZE(row->before); step++) {
		if (step->op)
			KUNIT_EXPECT_EQ(test, step->op(t, step), 0);
	}
	t->got_owned = 0;
	t->got_used = 0;
	memset(&t->state, 0, sizeof(t->state));
	if (t->heap)
		hr_test_state_take(test, t->heap, &t->state);
}

static void hr_test_oom_end(struct kunit *test, struct hr_test_oom *t)
{
	if (!t->heap)
		return;
	heapranges_walk(t->heap, hr_test_drain_range, t->heap);
	if (!hr_test_oom_looks(t)) {
		KUNIT_EXPECT_EQ_MSG(test, heapranges_destroy(t->heap), 0, "destroy after %s",
				    t->what);
		return;
	}
	KUNIT_EXPECT_TRUE_MSG(test, hr_heaps_is_idle(t->heap), "idle after %s", t->what);
	hr_heaps_abandon(t->heap);
}

/* The heap is as it was, but that it may have counted the failure. */
static void hr_test_oom_expect_nothing(struct kunit *test, struct hr_test_oom *t)
{
	const struct hr_test_oom_row *row = test->param_value;

	hr_test_oom_expect_nothing_left(test, t);
	if (!t->heap)
		return;
	t->state.stats.grow_failures += row->grows;
	t->state.stats.alloc_failures += row->grows && row->used;
	hr_test_expect_state(test, t->heap, &t->state, t->what);
	hr_test_verify(test, t->heap, t->what);
}

static void hr_test_oom_expect_all(struct kunit *test, struct hr_test_oom *t)
{
	const struct hr_test_oom_row *row = test->param_value;
	struct heapranges_stats stats, *before = &t->state.stats;
	long owned, used;

	KUNIT_EXPECT_NOT_NULL_MSG(test, t->heap, "after %s", t->what);
	if (!t->heap)
		return;
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

/* What a step has got when it fails is there, and no more. */
static void hr_test_oom_expect_part(struct kunit *test, struct hr_test_oom *t)
{
	const struct hr_test_oom_row *row = test->param_value;
	struct heapranges_stats stats = hr_test_stats(test, t->heap);
	long owned = stats.owned_pages - t->state.stats.owned_pages;
	long used = stats.used_pages - t->state.stats.used_pages;

	KUNIT_EXPECT_EQ_MSG(test, used, t->got_used, "used after %s", t->what);
	if (!row->grows)
		KUNIT_EXPECT_EQ_MSG(test, owned, t->got_owned, "owned after %s", t->what);
	hr_test_verify(test, t->heap, t->what);
}

static void hr_test_oom_expect_failure(struct kunit *test, struct hr_test_oom *t, int err)
{
	const struct hr_test_oom_row *row = test->param_value;

	KUNIT_EXPECT_EQ_MSG(test, err, -ENOMEM, "%s", t->what);
	if (t->got_used || t->got_owned) {
		hr_test_oom_expect_part(test, t);
		return;
	}
	hr_test_oom_expect_nothing(test, t);
	strlcat(t->what, ", and again", sizeof(t->what));
	KUNIT_EXPECT_EQ_MSG(test, row->step.op(t, &row->step), row->want, "%s", t->what);
	hr_test_oom_expect_all(test, t);
}

/* Return: how many allocations there were. */
static unsigned long hr_test_oom_try(struct kunit *test, struct hr_test_oom *t,
				     unsigned long first, unsigned long second)
{
	const struct hr_test_oom_row *row = test->param_value;
	unsigned long nr_asked;
	bool done;
	int err;

	hr_test_oom_begin(test, t);
	hr_mem_watch(first, second);
	err = row->step.op(t, &row->step);
	nr_asked = hr_mem_unwatch();
	scnprintf(t->what, sizeof(t->what), "allocations %lu and %lu of %lu failed", first,
		  second, nr_asked);
	t->nr_failed = (nr_asked >= first) + (nr_asked >= second);
	t->nr_tries++;
	done = err == row->want;
	t->nr_errors += !done;
	KUNIT_EXPECT_TRUE_MSG(test, done == !t->nr_failed || (done && (row->grows || row->copes)),
			      "%s: got %d", t->what, err);
	if (done)
		hr_test_oom_expect_all(test, t);
	else
		hr_test_oom_expect_failure(test, t, err);
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
		hr_test_oom_try(test, t, first, HR_MEM_ALL);
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
	int nr_sites = 0;

	if (!site)
		kunit_skip(test, "nothing has failed yet: the other cases did not run");
	for (; site; site = site->next, nr_sites++)
		kunit_info(test, "%s line %d: %lu times", site->func, site->line,
			   site->nr_failed);
	KUNIT_EXPECT_EQ(test, nr_sites, HR_TEST_OOM_SITES - HR_TEST_OOM_IDLE_SITES);
	kunit_info(test, "%d of %d sites", nr_sites, HR_TEST_OOM_SITES);
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
