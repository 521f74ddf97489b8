// SPDX-License-Identifier: GPL-2.0
/* The twin of suite heapranges_model, and all that is done to it and to a heap. */
#include <linux/align.h>
#include <linux/log2.h>

#include "model_twin.h"

unsigned long hr_test_twin_rnd(struct hr_test_twin *t, unsigned long below)
{
	return prandom_u32_state(&t->rnd) % below;
}

/* Runs of one, of a few, about a word, about a chunk, about several. */
unsigned long hr_test_twin_length(struct hr_test_twin *t)
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

unsigned long hr_test_twin_addr(struct hr_test_twin *t, unsigned long page)
{
	return t->row->base + page / t->row->island * hr_test_twin_stride(t) +
	       page % t->row->island * PAGE_SIZE;
}

unsigned long hr_test_twin_page(struct hr_test_twin *t, unsigned long addr)
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

/* Where the first @nr free pages are whose address is a multiple of @align pages. */
static unsigned long hr_test_twin_first_fit(struct hr_test_twin *t, unsigned long nr,
					    unsigned long align)
{
	unsigned long page, span, addr, skip;

	if (align > ULONG_MAX / PAGE_SIZE)
		return t->window;
	for (page = 0; page < t->window; page += span + 1) {
		span = hr_test_twin_span(t, page, HR_TWIN_FREE);
		if (span < nr)
			continue;
		addr = hr_test_twin_addr(t, page);
		skip = (ALIGN(addr, align * PAGE_SIZE) - addr) / PAGE_SIZE;
		if (skip <= span - nr)
			return page + skip;
	}
	return t->window;
}

unsigned long hr_test_twin_run(struct hr_test_twin *t, unsigned long page)
{
	if (page >= t->window || t->page[page] != HR_TWIN_HEAD)
		return 0;
	return 1 + hr_test_twin_span(t, page + 1, HR_TWIN_BODY);
}

static void hr_test_twin_set(struct hr_test_twin *t, unsigned long page, unsigned long nr,
			     u8 state)
{
	memset(t->page + page, state, nr);
}

static void hr_test_twin_set_run(struct hr_test_twin *t, unsigned long page,
				 unsigned long nr)
{
	hr_test_twin_set(t, page, nr, HR_TWIN_BODY);
	t->page[page] = HR_TWIN_HEAD;
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

/* The address of a run that is at @page from now on; window: of none. */
static unsigned long hr_test_twin_take(struct hr_test_twin *t, unsigned long page,
				       unsigned long nr)
{
	if (page >= t->window) {
		t->want.alloc_failures++;
		return 0;
	}
	hr_test_twin_set_run(t, page, nr);
	t->want.allocs++;
	return hr_test_twin_addr(t, page);
}

static void hr_test_twin_alloc(struct hr_test_twin *t)
{
	unsigned long nr = hr_test_twin_rnd(t, 50) ? hr_test_twin_length(t) : 0;
	unsigned long page = nr ? hr_test_twin_first_fit(t, nr, 1) : t->window;
	unsigned long want = hr_test_twin_take(t, page, nr), got;

	HR_TEST_TWIN_SAY(t, "alloc pages=%lu", nr);
	got = (unsigned long)heapranges_alloc(t->heap, nr, HR_TEST_QUIET);
	KUNIT_ASSERT_EQ_MSG(t->test, got, want, "%s", t->what);
}

/* Mostly up to a few chunks; any other, and what is no power of two, at times. */
static unsigned long hr_test_twin_alignment(struct hr_test_twin *t)
{
	switch (hr_test_twin_rnd(t, 16)) {
	case 0:
		return hr_test_twin_rnd(t, 2000);
	case 1:
		return 1UL << hr_test_twin_rnd(t, BITS_PER_LONG);
	default:
		return 1UL << hr_test_twin_rnd(t, 12);
	}
}

static void hr_test_twin_alloc_aligned(struct hr_test_twin *t)
{
	unsigned long nr = hr_test_twin_rnd(t, 50) ? hr_test_twin_length(t) : 0;
	unsigned long align = hr_test_twin_alignment(t), page = t->window, want, got;

	if (nr && is_power_of_2(align))
		page = hr_test_twin_first_fit(t, nr, align);
	want = hr_test_twin_take(t, page, nr);
	HR_TEST_TWIN_SAY(t, "alloc_aligned pages=%lu align=%lu", nr, align);
	got = (unsigned long)heapranges_alloc_aligned(t->heap, nr, align, HR_TEST_QUIET);
	KUNIT_ASSERT_EQ_MSG(t->test, got, want, "%s", t->what);
}

static void hr_test_twin_alloc_at(struct hr_test_twin *t)
{
	unsigned long nr = hr_test_twin_rnd(t, 50) ? hr_test_twin_length(t) : 0;
	unsigned long page = hr_test_twin_rnd(t, t->window), offset = 0, want, got;
	unsigned long addr, span;

	/* Mostly in what is free, and sometimes all of it. */
	if (hr_test_twin_rnd(t, 6)) {
		page = hr_test_twin_next(t, page, HR_TWIN_FREE) % t->window;
		span = hr_test_twin_span(t, page, HR_TWIN_FREE);
		if (span && (nr > span || !hr_test_twin_rnd(t, 8)))
			nr = span - hr_test_twin_rnd(t, 2) + hr_test_twin_rnd(t, 2);
	}
	if (!hr_test_twin_rnd(t, 16))
		offset = hr_test_twin_rnd(t, PAGE_SIZE);
	addr = hr_test_twin_addr(t, page) + offset;
	HR_TEST_TWIN_SAY(t, "alloc_at page=%lu offset=%lu pages=%lu", page, offset, nr);
	if (offset || !nr || hr_test_twin_span(t, page, HR_TWIN_FREE) < nr)
		page = t->window;
	want = hr_test_twin_take(t, page, nr);
	got = (unsigned long)heapranges_alloc_at(t->heap, addr, nr, HR_TEST_QUIET);
	KUNIT_ASSERT_EQ_MSG(t->test, got, want, "%s", t->what);
}

#define HR_TEST_TWIN_BULK	8

static void hr_test_twin_alloc_bulk(struct hr_test_twin *t)
{
	unsigned int count = hr_test_twin_rnd(t, HR_TEST_TWIN_BULK + 1), want, got, i;
	unsigned long nr = hr_test_twin_length(t), page;
	void *addrs[HR_TEST_TWIN_BULK], *wants[HR_TEST_TWIN_BULK];

	for (i = 0; i < HR_TEST_TWIN_BULK; i++)
		addrs[i] = t;
	memcpy(wants, addrs, sizeof(wants));
	for (want = 0; want < count; want++) {
		page = hr_test_twin_first_fit(t, nr, 1);
		if (page >= t->window)
			break;
		wants[want] = (void *)hr_test_twin_take(t, page, nr);
	}
	HR_TEST_TWIN_SAY(t, "alloc_bulk pages=%lu count=%u", nr, count);
	/* The first that is not there is a failure, and nobody asks for more. */
	t->want.alloc_failures += want < count;
	got = heapranges_alloc_bulk(t->heap, nr, HR_TEST_QUIET, count, addrs);
	KUNIT_ASSERT_EQ_MSG(t->test, got, want, "%s", t->what);
	for (i = 0; i < HR_TEST_TWIN_BULK; i++)
		KUNIT_ASSERT_PTR_EQ_MSG(t->test, addrs[i], wants[i], "addrs[%u] of %s", i,
					t->what);
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
	unsigned long offset = hr_test_twin_rnd(t, 2) * hr_test_twin_rnd(t, PAGE_SIZE);

	hr_test_twin_free(t, page, offset);
}

/* Live ones mostly, NULLs, and anything. */
static void hr_test_twin_free_bulk(struct hr_test_twin *t)
{
	unsigned int count = hr_test_twin_rnd(t, HR_TEST_TWIN_BULK + 1), want = 0, got, i;
	void *addrs[HR_TEST_TWIN_BULK] = {};
	unsigned long page, offset = 0;

	for (i = 0; i < count; i++) {
		page = hr_test_twin_rnd(t, t->window);
		if (hr_test_twin_rnd(t, 4))
			page = hr_test_twin_next(t, page, HR_TWIN_HEAD) % t->window;
		else
			offset = hr_test_twin_rnd(t, 2) * hr_test_twin_rnd(t, PAGE_SIZE);
		if (!hr_test_twin_rnd(t, 8) || !(hr_test_twin_addr(t, page) + offset))
			continue;
		addrs[i] = (void *)(hr_test_twin_addr(t, page) + offset);
		want += !hr_test_twin_verdict(t, page, offset, hr_test_twin_run(t, page));
	}
	HR_TEST_TWIN_SAY(t, "free_bulk count=%u", count);
	got = heapranges_free_bulk(t->heap, count, addrs);
	KUNIT_ASSERT_EQ_MSG(t->test, got, want, "%s", t->what);
}

/* The verdict on a resize; only 0 changes the twin. */
static int hr_test_twin_resize_verdict(struct hr_test_twin *t, unsigned long page,
				       unsigned long offset, unsigned long nr)
{
	unsigned long run = hr_test_twin_run(t, page);

	if (!(hr_test_twin_addr(t, page) + offset))
		return -EINVAL;
	if (t->page[page] == HR_TWIN_FOREIGN)
		return -EFAULT;
	if (t->page[page] == HR_TWIN_FREE)
		return -EALREADY;
	if (!run || offset || !nr)
		return -EINVAL;
	if (nr > run && hr_test_twin_span(t, page + run, HR_TWIN_FREE) < nr - run)
		return -ENOSPC;
	if (nr < run)
		hr_test_twin_set(t, page + nr, run - nr, HR_TWIN_FREE);
	else
		hr_test_twin_set_run(t, page, nr);
	return 0;
}

static void hr_test_twin_resize(struct hr_test_twin *t)
{
	unsigned long page = hr_test_twin_rnd(t, t->window), offset = 0, run, room, nr;
	struct heapranges_stats s;
	void *addr;
	int want, got;

	if (hr_test_twin_rnd(t, 8))
		page = hr_test_twin_next(t, page, HR_TWIN_HEAD) % t->window;
	if (!hr_test_twin_rnd(t, 16))
		offset = hr_test_twin_rnd(t, PAGE_SIZE);
	run = hr_test_twin_run(t, page);
	room = hr_test_twin_span(t, page + run, HR_TWIN_FREE);
	nr = hr_test_twin_length(t);
	switch (hr_test_twin_rnd(t, 4)) {
	case 0:
		nr = run ? hr_test_twin_rnd(t, run + 1) : 1;	/* smaller, or 0 */
		break;
	case 1:
		nr = run + room + hr_test_twin_rnd(t, 2);	/* all there is, or more */
		break;
	case 2:
		nr = run + hr_test_twin_rnd(t, room + 2);
	}
	nr = run ? nr : nr ?: 1;
	addr = (void *)(hr_test_twin_addr(t, page) + offset);
	want = hr_test_twin_resize_verdict(t, page, offset, nr);
	HR_TEST_TWIN_SAY(t, "resize page=%lu offset=%lu %lu to %lu", page, offset, run, nr);
	got = heapranges_resize(t->heap, addr, nr);
	KUNIT_ASSERT_EQ_MSG(t->test, got, want, "%s", t->what);
	if (!want)
		return;
	/* Whether a bad one is counted as a bad free is left open. */
	heapranges_get_stats(t->heap, &s);
	t->want.rejected_foreign = s.rejected_foreign;
	t->want.rejected_double = s.rejected_double;
	t->want.rejected_interior = s.rejected_interior;
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

static void hr_test_twin_step_alloc(struct hr_test_twin *t)
{
	switch (hr_test_twin_rnd(t, 8)) {
	case 0:
		hr_test_twin_alloc_bulk(t);
		break;
	case 1:
		hr_test_twin_alloc_at(t);
		break;
	case 2: case 3:
		hr_test_twin_alloc_aligned(t);
		break;
	default:
		hr_test_twin_alloc(t);
	}
}

void hr_test_twin_step(struct hr_test_twin *t)
{
	unsigned long dice = hr_test_twin_rnd(t, 100);

	/* A step that finds nothing to do says nothing. */
	HR_TEST_TWIN_SAY(t, "%s", "idle");
	if (t->step % 200 == 0)
		t->filling = !t->filling;
	if (dice < (t->filling ? 45 : 20))
		hr_test_twin_step_alloc(t);
	else if (dice < 60)
		hr_test_twin_free_live(t);
	else if (dice < 63)
		hr_test_twin_free_bulk(t);
	else if (dice < 77)
		hr_test_twin_resize(t);
	else if (dice < 83)
		hr_test_twin_free_any(t);
	else if (dice < 92)
		hr_test_twin_add(t);
	else
		hr_test_twin_remove(t);
}
