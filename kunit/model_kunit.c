// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_model: random operations on a heap, compared with a twin.
 *
 * The twin has one byte for each page of a window of the address space, and
 * searches it page by page. The window may be cut into islands, each of which
 * lies a stride behind the one before; the last page of an island is never
 * owned. After each step the verdict, the address and all statistics are
 * compared. The seed of a failure is in its message: load the module with
 * heap_seed=<that> to see it again (not on 6.1, where tests run before the
 * parameters are read).
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/random.h>

#include "heap_helpers.h"
#include "suites.h"

#define HR_TEST_STEPS		5000

static unsigned long heap_seed;
module_param(heap_seed, ulong, 0444);
MODULE_PARM_DESC(heap_seed, "Seed of the random heap operations; 0 (default): another each time");

enum { HR_TWIN_FOREIGN, HR_TWIN_FREE, HR_TWIN_HEAD, HR_TWIN_BODY };

struct hr_test_model_row {
	const char	*desc;
	unsigned long	base, window, island;	/* an address, and pages */
	unsigned long	stride;			/* chunks */
	unsigned long	max_pages;
};

struct hr_test_twin {
	struct kunit		*test;
	struct heapranges	*heap;
	const struct hr_test_model_row *row;
	unsigned long		window, seed;
	struct heapranges_stats	want;
	struct rnd_state	rnd;
	bool			filling;
	int			step;
	char			what[80];
	u8			page[];		/* [window]: foreign */
};

static unsigned long hr_test_twin_rnd(struct hr_test_twin *t, unsigned long below)
{
	return prandom_u32_state(&t->rnd) % below;
}

/* Runs of one, of a few, about a word, about a chunk, about several. */
static unsigned long hr_test_twin_length(struct hr_test_twin *t)
{
	static const unsigned long edges[] = {
		64, 128, 192, 256, 512, 1024, 1536, 2048,
	};

	switch (hr_test_twin_rnd(t, 8)) {
	case 0: case 1:
		return 1;
	case 2: case 3:
		return 1 + hr_test_twin_rnd(t, 16);
	case 4: case 5:
		return edges[hr_test_twin_rnd(t, 4)] - 1 + hr_test_twin_rnd(t, 3);
	case 6:
		return edges[4 + hr_test_twin_rnd(t, 4)] - 1 + hr_test_twin_rnd(t, 3);
	default:
		return 1 + hr_test_twin_rnd(t, 700);
	}
}

static unsigned long hr_test_twin_stride(struct hr_test_twin *t)
{
	return t->row->stride * HR_TEST_CHUNK * PAGE_SIZE;
}

static unsigned long hr_test_twin_addr(struct hr_test_twin *t, unsigned long page)
{
	return t->row->base + page / t->row->island * hr_test_twin_stride(t) +
	       page % t->row->island * PAGE_SIZE;
}

static unsigned long hr_test_twin_page(struct hr_test_twin *t, unsigned long addr)
{
	unsigned long offset = addr - t->row->base;

	if (!t->row->stride)
		return offset / PAGE_SIZE;
	return offset / hr_test_twin_stride(t) * t->row->island +
	       offset % hr_test_twin_stride(t) / PAGE_SIZE;
}

/* How many pages of a window without islands, or of an island, @page begins. */
static unsigned long hr_test_twin_room(struct hr_test_twin *t, unsigned long page)
{
	if (!t->row->stride)
		return t->window - page;
	return min(t->window - page, t->row->island - 1 - page % t->row->island);
}

/* How many pages from @page on are as @state says. */
static unsigned long hr_test_twin_span(struct hr_test_twin *t, unsigned long page,
				       u8 state)
{
	unsigned long end = page;

	while (end < t->window && t->page[end] == state)
		end++;
	return end - page;
}

/* The first page in @state from @page on, once around; window: none. */
static unsigned long hr_test_twin_next(struct hr_test_twin *t, unsigned long page,
				       u8 state)
{
	unsigned long i;

	for (i = 0; i < t->window; i++, page++) {
		if (t->page[page % t->window] == state)
			return page % t->window;
	}
	return t->window;
}

static unsigned long hr_test_twin_first_fit(struct hr_test_twin *t,
					    unsigned long nr)
{
	unsigned long page, span;

	for (page = 0; page < t->window; page += span + 1) {
		span = hr_test_twin_span(t, page, HR_TWIN_FREE);
		if (span >= nr)
			return page;
	}
	return t->window;
}

static unsigned long hr_test_twin_run(struct hr_test_twin *t, unsigned long page)
{
	if (page >= t->window || t->page[page] != HR_TWIN_HEAD)
		return 0;
	return 1 + hr_test_twin_span(t, page + 1, HR_TWIN_BODY);
}

static void hr_test_twin_set(struct hr_test_twin *t, unsigned long page,
			     unsigned long nr, u8 state)
{
	memset(t->page + page, state, nr);
}

/* Page 0 and the last page of the address space may be in the window. */
static bool hr_test_twin_illegal(struct hr_test_twin *t, unsigned long page,
				 unsigned long nr)
{
	unsigned long first = hr_test_twin_addr(t, page);
	unsigned long last = first + (nr - 1) * PAGE_SIZE;

	return !first || last == -PAGE_SIZE;
}

/* ---- the steps: each says what it does, does it, and compares ---- */

#define HR_TEST_TWIN_SAY(t, fmt, ...)					\
	snprintf((t)->what, sizeof((t)->what), "seed=%lu step=%d " fmt,	\
		 (t)->seed, (t)->step, __VA_ARGS__)

static void hr_test_twin_alloc(struct hr_test_twin *t)
{
	unsigned long nr = hr_test_twin_rnd(t, 50) ? hr_test_twin_length(t) : 0;
	unsigned long page = nr ? hr_test_twin_first_fit(t, nr) : t->window;
	unsigned long want = 0, got;

	if (page < t->window) {
		want = hr_test_twin_addr(t, page);
		hr_test_twin_set(t, page, nr, HR_TWIN_BODY);
		t->page[page] = HR_TWIN_HEAD;
		t->want.allocs++;
	} else {
		t->want.alloc_failures++;
	}
	HR_TEST_TWIN_SAY(t, "alloc pages=%lu", nr);
	got = (unsigned long)heapranges_alloc(t->heap, nr, HR_TEST_QUIET);
	KUNIT_ASSERT_EQ_MSG(t->test, got, want, "%s", t->what);
}

/* The verdict on @page and an @offset in it; only 0 changes the twin. */
static int hr_test_twin_verdict(struct hr_test_twin *t, unsigned long page,
				unsigned long offset, unsigned long nr)
{
	unsigned long run = hr_test_twin_run(t, page);

	if (t->page[page] == HR_TWIN_FOREIGN) {
		t->want.rejected_foreign++;
		return -EFAULT;
	}
	if (t->page[page] == HR_TWIN_FREE) {
		t->want.rejected_double++;
		return -EALREADY;
	}
	if (!run || offset) {
		t->want.rejected_interior++;
		return -EINVAL;
	}
	if (nr != run) {
		t->want.rejected_size++;
		return -ERANGE;
	}
	t->want.frees++;
	hr_test_twin_set(t, page, run, HR_TWIN_FREE);
	return 0;
}

static void hr_test_twin_free(struct hr_test_twin *t, unsigned long page,
			      unsigned long offset)
{
	unsigned long addr = hr_test_twin_addr(t, page) + offset;
	unsigned long run = hr_test_twin_run(t, page), nr = run;
	bool sized = hr_test_twin_rnd(t, 2);
	int want, got;

	/* NULL is nothing to do. */
	if (!addr)
		return;
	if (sized && !hr_test_twin_rnd(t, 4))
		nr = run - 1 + hr_test_twin_rnd(t, 3);
	want = hr_test_twin_verdict(t, page, offset, nr);
	HR_TEST_TWIN_SAY(t, "free page=%lu offset=%lu sized=%d nr=%lu", page, offset,
			 sized, nr);
	got = sized ? heapranges_free_sized(t->heap, (void *)addr, nr) :
		      heapranges_free(t->heap, (void *)addr);
	KUNIT_ASSERT_EQ_MSG(t->test, got, want, "%s", t->what);
}

static void hr_test_twin_free_live(struct hr_test_twin *t)
{
	unsigned long page = hr_test_twin_rnd(t, t->window);

	page = hr_test_twin_next(t, page, HR_TWIN_HEAD);
	if (page < t->window)
		hr_test_twin_free(t, page, 0);
}

static void hr_test_twin_free_any(struct hr_test_twin *t)
{
	unsigned long page = hr_test_twin_rnd(t, t->window);
	unsigned long offset = hr_test_twin_rnd(t, 2) *
			       hr_test_twin_rnd(t, PAGE_SIZE);

	hr_test_twin_free(t, page, offset);
}

static void hr_test_twin_add(struct hr_test_twin *t)
{
	unsigned long page = hr_test_twin_rnd(t, t->window);
	unsigned long nr = hr_test_twin_length(t), hole;
	int want = 0, or_want, got;

	/* Mostly into a hole, and every second time all of it. */
	if (hr_test_twin_rnd(t, 8)) {
		page = hr_test_twin_next(t, page, HR_TWIN_FOREIGN) % t->window;
		hole = hr_test_twin_span(t, page, HR_TWIN_FOREIGN);
		if (hole && (nr > hole || hr_test_twin_rnd(t, 2)))
			nr = hole;
	}
	nr = min(nr, hr_test_twin_room(t, page));
	if (!nr)
		return;
	if (hr_test_twin_span(t, page, HR_TWIN_FOREIGN) < nr)
		want = -EEXIST;
	or_want = want;
	if (t->row->max_pages && t->want.owned_pages + nr > t->row->max_pages) {
		or_want = -ENOSPC;
		want = want ?: or_want;
	}
	if (hr_test_twin_illegal(t, page, nr))
		want = -EINVAL;
	if (!want)
		hr_test_twin_set(t, page, nr, HR_TWIN_FREE);
	HR_TEST_TWIN_SAY(t, "add page=%lu nr=%lu", page, nr);
	got = heapranges_add(t->heap, hr_test_twin_addr(t, page), nr);
	if (want == -EINVAL || got != or_want)
		KUNIT_ASSERT_EQ_MSG(t->test, got, want, "%s", t->what);
}

static void hr_test_twin_remove(struct hr_test_twin *t)
{
	unsigned long page = hr_test_twin_rnd(t, t->window), i;
	unsigned long nr = hr_test_twin_length(t), span;
	bool busy = false, foreign = false;
	int want, or_want, got;

	/* Mostly what is free, and sometimes all of it. */
	if (hr_test_twin_rnd(t, 4)) {
		page = hr_test_twin_next(t, page, HR_TWIN_FREE) % t->window;
		span = hr_test_twin_span(t, page, HR_TWIN_FREE);
		if (span && (nr > span || !hr_test_twin_rnd(t, 8)))
			nr = span;
	}
	nr = min(nr, hr_test_twin_room(t, page));
	if (!nr)
		return;
	for (i = page; i < page + nr; i++) {
		foreign |= t->page[i] == HR_TWIN_FOREIGN;
		busy |= t->page[i] == HR_TWIN_HEAD || t->page[i] == HR_TWIN_BODY;
	}
	want = foreign ? -ENOENT : busy ? -EBUSY : 0;
	or_want = busy ? -EBUSY : want;
	if (hr_test_twin_illegal(t, page, nr))
		want = -EINVAL;
	if (!want)
		hr_test_twin_set(t, page, nr, HR_TWIN_FOREIGN);
	HR_TEST_TWIN_SAY(t, "remove page=%lu nr=%lu", page, nr);
	got = heapranges_remove(t->heap, hr_test_twin_addr(t, page), nr);
	if (want == -EINVAL || got != or_want)
		KUNIT_ASSERT_EQ_MSG(t->test, got, want, "%s", t->what);
}

static void hr_test_twin_step(struct hr_test_twin *t)
{
	unsigned long dice = hr_test_twin_rnd(t, 100);

	if (t->step % 200 == 0)
		t->filling = !t->filling;
	if (dice < (t->filling ? 55 : 25))
		hr_test_twin_alloc(t);
	else if (dice < 75)
		hr_test_twin_free_live(t);
	else if (dice < 82)
		hr_test_twin_free_any(t);
	else if (dice < 92)
		hr_test_twin_add(t);
	else
		hr_test_twin_remove(t);
}

/* ---- the comparison after each step ---- */

static void hr_test_twin_sum(struct hr_test_twin *t)
{
	struct heapranges_stats *want = &t->want;
	unsigned long page, free = 0, largest = 0, owned = 0, total = 0, ranges = 0;

	for (page = 0; page < t->window; page++) {
		free = t->page[page] == HR_TWIN_FREE ? free + 1 : 0;
		largest = max(largest, free);
		total += free > 0;
		owned += t->page[page] != HR_TWIN_FOREIGN;
		ranges += t->page[page] != HR_TWIN_FOREIGN &&
			  (!page || t->page[page - 1] == HR_TWIN_FOREIGN);
	}
	want->owned_pages = owned;
	want->free_pages = total;
	want->used_pages = owned - total;
	want->largest_free_pages = largest;
	want->nr_ranges = ranges;
}

static void hr_test_twin_compare_stats(struct hr_test_twin *t)
{
	const struct hr_test_stat *stat = hr_test_all_stats;
	struct heapranges_stats got;

	hr_test_twin_sum(t);
	heapranges_get_stats(t->heap, &got);
	t->want.metadata_bytes = got.metadata_bytes;
	for (; stat < hr_test_all_stats + ARRAY_SIZE(hr_test_all_stats); stat++)
		KUNIT_ASSERT_EQ_MSG(t->test, hr_test_stat(&got, stat),
				    hr_test_stat(&t->want, stat), "%s after %s",
				    stat->name, t->what);
}

/* size() and contains() of somewhere. */
static void hr_test_twin_compare_page(struct hr_test_twin *t)
{
	unsigned long page = hr_test_twin_rnd(t, t->window), i;
	unsigned long addr = hr_test_twin_addr(t, page);
	unsigned long nr = hr_test_twin_length(t);
	bool owned = page + nr <= t->window;

	for (i = page; owned && i < page + nr; i++)
		owned = t->page[i] != HR_TWIN_FOREIGN;
	KUNIT_ASSERT_EQ_MSG(t->test, heapranges_size(t->heap, (void *)addr),
			    hr_test_twin_run(t, page), "size of page %lu after %s",
			    page, t->what);
	KUNIT_ASSERT_EQ_MSG(t->test, heapranges_contains(t->heap, addr, nr), owned,
			    "contains page=%lu nr=%lu after %s", page, nr, t->what);
}

static int hr_test_twin_visit(const struct heapranges_range *range, void *data)
{
	struct hr_test_twin *t = data;
	unsigned long first = hr_test_twin_page(t, range->base), page;
	unsigned long limit = hr_test_twin_page(t, range->limit);

	if (limit > t->window || first >= limit ||
	    t->page[limit] != HR_TWIN_FOREIGN ||
	    (first && t->page[first - 1] != HR_TWIN_FOREIGN))
		return 1;
	for (page = first; page < limit; page++) {
		if (t->page[page] == HR_TWIN_FOREIGN)
			return 1;
	}
	return 0;
}

#define HR_TEST_WINDOW	(12 * HR_TEST_CHUNK)
#define HR_TEST_BASE_77	(HR_TEST_BASE + 77 * PAGE_SIZE)
#define HR_TEST_LAST	(-HR_TEST_WINDOW * PAGE_SIZE)

static const struct hr_test_model_row hr_test_model_rows[] = {
	{ "chunk-aligned", HR_TEST_BASE, HR_TEST_WINDOW, HR_TEST_WINDOW },
	{ "unaligned and capped", HR_TEST_BASE_77, HR_TEST_WINDOW, HR_TEST_WINDOW,
	  .max_pages = 4000 },
	{ "page 1", 0, HR_TEST_WINDOW, HR_TEST_WINDOW },
	{ "end of the address space", HR_TEST_LAST, HR_TEST_WINDOW, HR_TEST_WINDOW },
	{ "many chunks", HR_TEST_BASE_77, 7 * HR_TEST_WINDOW, 7 * HR_TEST_WINDOW },
	{ "islands in every other chunk", HR_TEST_BASE_77, 4000, 400, 2 },
	{ "islands 9 chunks apart", HR_TEST_BASE_77, 9000, 1100, 9 },
	{ "islands 4 TiB apart", HR_TEST_BASE_77, 9000, 1100, 1UL << 21 },
#ifdef CONFIG_64BIT
	{ "islands all over", HR_TEST_BASE_77, 9000, 1100, 1UL << 39 },
#endif
};

static void hr_test_model_desc(const struct hr_test_model_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_model, hr_test_model_rows, hr_test_model_desc);

static void model_random_operations(struct kunit *test)
{
	const struct hr_test_model_row *row = test->param_value;
	struct heapranges_params params = {
		.name = "kunit", .max_pages = row->max_pages,
		.flags = HR_TEST_ADDRESSES,
	};
	struct hr_test_twin *t = kunit_kzalloc(test, struct_size(t, page, row->window + 1),
					       GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->test = test;
	t->row = row;
	t->window = row->window;
	t->seed = heap_seed ?: get_random_long() | 1;
	t->heap = hr_test_create_params(test, &params);
	prandom_seed_state(&t->rnd, t->seed);
	kunit_info(test, "heap_seed=%lu\n", t->seed);
	for (t->step = 0; t->step < HR_TEST_STEPS; t->step++) {
		/* A step that finds nothing to do says nothing. */
		HR_TEST_TWIN_SAY(t, "%s", "idle");
		hr_test_twin_step(t);
		hr_test_twin_compare_stats(t);
		hr_test_twin_compare_page(t);
		if (t->step % 50 == 0)
			KUNIT_ASSERT_EQ_MSG(test, heapranges_walk(t->heap,
								  hr_test_twin_visit, t),
					    0, "walk after %s", t->what);
	}
}

static struct kunit_case hr_test_model_cases[] = {
	KUNIT_CASE_PARAM(model_random_operations, hr_test_model_gen_params),
	{}
};

struct kunit_suite heapranges_model_suite = {
	.name = "heapranges_model",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_model_cases,
};
