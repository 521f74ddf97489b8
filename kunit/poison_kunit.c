// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_poison: a module loaded with poison=1. A write after free is told
 * when the page is handed out again, with what and whose it was; the lines are looked
 * for in the kernel's log. Each case has a heap with a name of its own.
 */
#include <linux/kmsg_dump.h>

#include "../module/heaps.h"
#include "../module/idle.h"
#include "suites.h"
#include "zero_helpers.h"

#define HR_TEST_RUN	3UL	/* pages */
#define HR_TEST_NOTE	(4 * sizeof(long))	/* bytes at the end of a page, see poison.c */

static char hr_test_name[16];

/* Lines about this case's heap, and the last of them, from what it says of the heap on. */
static int hr_test_stains(char *last, size_t size)
{
	struct kmsg_dump_iter iter;
	static char line[512];
	char heap[48];
	const char *at;
	size_t len;
	int nr = 0;

	scnprintf(heap, sizeof(heap), "write after free: heap=%s ", hr_test_name);
	kmsg_dump_rewind(&iter);
	while (kmsg_dump_get_line(&iter, false, line, sizeof(line) - 1, &len)) {
		line[len] = '\0';
		at = strstr(line, heap);
		if (!at)
			continue;
		strscpy(last, at, size);
		nr++;
	}
	return nr;
}

static void hr_test_expect_stains(struct kunit *test, int want, const char *what)
{
	char last[200] = "";
	int got = hr_test_stains(last, sizeof(last));

	KUNIT_EXPECT_EQ_MSG(test, got, want, "lines after %s, the last: %s", what, last);
}

/* The only line says all of it. */
static void hr_test_expect_stain(struct kunit *test, unsigned long offset, const char *bytes,
				 const char *caller)
{
	char last[200] = "", want[80];

	KUNIT_EXPECT_EQ_MSG(test, hr_test_stains(last, sizeof(last)), 1, "the last: %s", last);
	snprintf(want, sizeof(want), " offset=%lu bytes=%s", offset, bytes);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(last, want), "got \"%s\", want \"%s\"", last, want);
	snprintf(want, sizeof(want), " freed by=%s", caller);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(last, want), "got \"%s\", want \"%s\"", last, want);
}

/* With a hash of its address, as %p gives it. */
static void hr_test_expect_address(struct kunit *test, unsigned long addr)
{
	char last[200] = "", want[40];

	hr_test_stains(last, sizeof(last));
	snprintf(want, sizeof(want), " addr=%p ", (void *)addr);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(last, want), "got \"%s\", want \"%s\"", last, want);
}

/* Whoever calls is named in the log, so none of these may be a jump at the end. */
static noinline int hr_test_freed_here(struct heapranges *heap, unsigned long addr)
{
	int err = heapranges_free(heap, (void *)addr);

	barrier();
	return err;
}

static noinline int hr_test_freed_there(struct heapranges *heap, unsigned long addr)
{
	int err = heapranges_free_sized(heap, (void *)addr, HR_TEST_RUN);

	barrier();
	return err;
}

static noinline unsigned long hr_test_taken_here(struct heapranges *heap, unsigned long nr)
{
	void *addr = heapranges_alloc(heap, nr, HR_TEST_QUIET);

	barrier();
	return (unsigned long)addr;
}

/* By another call: compilers make one function of two that are the same. */
static noinline unsigned long hr_test_taken_there(struct heapranges *heap, unsigned long nr)
{
	void *addr = heapranges_alloc_aligned(heap, nr, 1, HR_TEST_QUIET);

	barrier();
	return (unsigned long)addr;
}

static noinline int hr_test_cut_here(struct heapranges *heap, unsigned long addr,
				     unsigned long nr)
{
	int err = heapranges_resize(heap, (void *)addr, nr);

	barrier();
	return err;
}

/* Who had taken the page, as the last line says it; NULL: it does not. */
static void hr_test_expect_owner(struct kunit *test, const char *owner)
{
	char last[400] = "", want[80];

	hr_test_stains(last, sizeof(last));
	snprintf(want, sizeof(want), " taken by=%s", owner ?: "");
	if (owner)
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(last, want), "got \"%s\", want \"%s\"",
					  last, want);
	else
		KUNIT_EXPECT_NULL_MSG(test, strstr(last, " taken by="), "got \"%s\"", last);
}

static int hr_test_poison_init(struct kunit *test)
{
	static int nr_cases;

	if (!hr_test_poisons())
		kunit_skip(test, "needs a module loaded with poison=1");
	scnprintf(hr_test_name, sizeof(hr_test_name), "poison%d", nr_cases++);
	return hr_test_init(test);
}

/* All of it is one region. */
static struct heapranges *hr_test_poison_heap(struct kunit *test, unsigned long nr_pages,
					      unsigned long *area)
{
	struct heapranges *heap = hr_test_create(test, hr_test_name, HEAPRANGES_FIXED);

	*area = hr_test_area(test, nr_pages);
	hr_test_add(test, heap, *area, nr_pages);
	return heap;
}

/* Nothing is kept back any more, so what was freed is handed out next. */
static unsigned long hr_test_alloc_next(struct kunit *test, struct heapranges *heap,
					unsigned long nr)
{
	heapranges_trim(heap);
	return hr_test_alloc(test, heap, nr);
}

/* ---- what is told ---- */

static const struct hr_test_stain_row {
	const char	*desc;
	unsigned long	offset;		/* where somebody writes 5a */
	const char	*bytes;		/* NULL: over a note; none, and nobody knows whose */
} hr_test_stain_rows[] = {
	{ "first byte", 0, "5a d7 d7 " },
	{ "second byte", 1, "5a d7 d7 " },
	{ "middle of the first page", 2000, "5a d7 d7 " },
	{ "before the note", PAGE_SIZE - HR_TEST_NOTE - 1, "5a freed " },
	{ "first byte of the note", PAGE_SIZE - HR_TEST_NOTE },
	{ "last byte of the first page", PAGE_SIZE - 1 },
	{ "first byte of the second page", PAGE_SIZE, "5a d7 d7 " },
	{ "middle of the second page", PAGE_SIZE + 77, "5a d7 d7 " },
	{ "last byte of the second page", 2 * PAGE_SIZE - 1 },
	{ "middle of the run's last page", 2 * PAGE_SIZE + 1000, "5a d7 d7 " },
	{ "last byte of the run", HR_TEST_RUN * PAGE_SIZE - 1 },
};

static void hr_test_stain_desc(const struct hr_test_stain_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_stain, hr_test_stain_rows, hr_test_stain_desc);

static void poison_tells_a_write_after_free(struct kunit *test)
{
	const struct hr_test_stain_row *row = test->param_value;
	unsigned long area, addr;
	struct heapranges *heap = hr_test_poison_heap(test, 8, &area);

	addr = hr_test_alloc(test, heap, HR_TEST_RUN);
	KUNIT_EXPECT_EQ(test, hr_test_freed_here(heap, addr), 0);
	*(u8 *)(addr + row->offset) = 0x5a;
	hr_test_expect_stains(test, 0, "the write");
	KUNIT_EXPECT_EQ(test, hr_test_alloc_next(test, heap, HR_TEST_RUN), addr);
	if (row->bytes)
		hr_test_expect_stain(test, row->offset, row->bytes, "hr_test_freed_here");
	else
		hr_test_expect_stain(test, round_up(row->offset, PAGE_SIZE) - HR_TEST_NOTE,
				     " freed ", "0x0");
	hr_test_expect_address(test, addr);
	hr_test_expect_owner(test, NULL);
	/* Told is told. */
	hr_test_free(test, heap, addr);
	KUNIT_EXPECT_EQ(test, hr_test_alloc_next(test, heap, HR_TEST_RUN), addr);
	hr_test_expect_stains(test, 1, "another free");
}

/* As many bytes as there are in the page, sixteen at most. */
static void poison_shows_what_was_written(struct kunit *test)
{
	unsigned long area, addr;
	struct heapranges *heap = hr_test_poison_heap(test, 8, &area);

	addr = hr_test_alloc(test, heap, 1);
	hr_test_free(test, heap, addr);
	strscpy((char *)addr + 100, "heap", 5);
	hr_test_alloc_next(test, heap, 1);
	hr_test_expect_stain(test, 100,
			     "68 65 61 70 00 d7 d7 d7 d7 d7 d7 d7 d7 d7 d7 d7 freed", "");
}

/* Pages that two have freed, handed out as one run: each answers for its own. */
static void poison_blames_who_freed_the_page(struct kunit *test)
{
	unsigned long area, first, second;
	struct heapranges *heap = hr_test_poison_heap(test, 2 * HR_TEST_RUN, &area);

	first = hr_test_alloc(test, heap, HR_TEST_RUN);
	second = hr_test_alloc(test, heap, HR_TEST_RUN);
	KUNIT_EXPECT_EQ(test, hr_test_freed_here(heap, first), 0);
	KUNIT_EXPECT_EQ(test, hr_test_freed_there(heap, second), 0);
	*(u8 *)(second + PAGE_SIZE + 5) = 0;
	KUNIT_EXPECT_EQ(test, hr_test_alloc_next(test, heap, 2 * HR_TEST_RUN), first);
	hr_test_expect_stain(test, second - first + PAGE_SIZE + 5, "00 d7 ",
			     "hr_test_freed_there");
}

/* The same where the front of what was freed has been in use again since. */
static void poison_blames_who_freed_a_page_last(struct kunit *test)
{
	unsigned long area, addr;
	struct heapranges *heap = hr_test_poison_heap(test, HR_TEST_RUN, &area);

	addr = hr_test_alloc(test, heap, HR_TEST_RUN);
	KUNIT_EXPECT_EQ(test, hr_test_freed_there(heap, addr), 0);
	addr = hr_test_alloc_next(test, heap, 1);
	KUNIT_EXPECT_EQ(test, hr_test_freed_here(heap, addr), 0);
	*(u8 *)(addr + PAGE_SIZE) = 0;
	hr_test_alloc_next(test, heap, HR_TEST_RUN);
	hr_test_expect_stain(test, PAGE_SIZE, "00 d7 ", "hr_test_freed_there");
}

/* Where owners are remembered too, each page's last one, whoever had it before or has it next. */
static void poison_names_the_last_owner(struct kunit *test)
{
	struct heapranges_params params = {
		.name = hr_test_name, .node = NUMA_NO_NODE,
		.flags = HEAPRANGES_FIXED | HEAPRANGES_NO_CACHE | HR_HEAP_POISONS |
			 HR_HEAP_TRACKS_OWNERS,
	};
	unsigned long area = hr_test_area(test, 2 * HR_TEST_RUN), second;
	struct heapranges *heap = hr_heaps_create(&params);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, heap);
	KUNIT_EXPECT_EQ(test, heapranges_add(heap, area, 2 * HR_TEST_RUN), 0);
	/* The page that is written to was once the first of somebody else's run. */
	KUNIT_EXPECT_EQ(test, hr_test_taken_here(heap, HR_TEST_RUN + 1), area);
	second = hr_test_taken_here(heap, 1);
	hr_test_free(test, heap, area);
	hr_test_free(test, heap, second);
	heapranges_trim(heap);
	KUNIT_EXPECT_EQ(test, hr_test_taken_here(heap, HR_TEST_RUN), area);
	KUNIT_EXPECT_EQ(test, hr_test_taken_there(heap, HR_TEST_RUN), second - PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, hr_test_freed_there(heap, second - PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, hr_test_freed_here(heap, area), 0);
	heapranges_trim(heap);
	*(u8 *)(second + 5) = 0;
	KUNIT_EXPECT_EQ(test, hr_test_taken_here(heap, 2 * HR_TEST_RUN), area);
	hr_test_expect_stain(test, second - area + 5, "00 d7 ", "hr_test_freed_there");
	hr_test_expect_owner(test, "hr_test_taken_there");
	/* A tail is of who had all of it. */
	KUNIT_EXPECT_EQ(test, hr_test_cut_here(heap, area, HR_TEST_RUN), 0);
	heapranges_trim(heap);
	*(u8 *)(second + 6) = 0;
	KUNIT_EXPECT_NE(test, hr_test_taken_there(heap, HR_TEST_RUN), 0UL);
	hr_test_expect_owner(test, "hr_test_taken_here");
	hr_test_expect_stains(test, 2, "two writes");
	heapranges_walk(heap, hr_test_drain_range, heap);
	KUNIT_EXPECT_EQ(test, hr_heaps_abandon(heap), 0UL);
}

/* Of what was never handed out: somebody has written over the end of his run. */
static void poison_tells_an_overrun(struct kunit *test)
{
	struct heapranges *heap[2];
	unsigned long area, addr;
	int i;

	heap[0] = hr_test_poison_heap(test, 8, &area);
	heap[1] = hr_test_create(test, "poison-arena", 0);
	for (i = 0; i < ARRAY_SIZE(heap); i++) {
		addr = hr_test_alloc(test, heap[i], 1);
		memset((void *)addr, 0, PAGE_SIZE + 4);
		hr_test_alloc(test, heap[i], 1);
		if (i)
			strscpy(hr_test_name, "poison-arena", sizeof(hr_test_name));
		hr_test_expect_stain(test, 0, "00 00 00 00 d7 ", "0x0");
	}
}

static void poison_tells_nothing_else(struct kunit *test)
{
	static const unsigned long sizes[] = { 1, 2, 16, 17, 64, 200 };
	struct heapranges *heap = hr_test_create(test, hr_test_name, 0);
	unsigned long addr;
	int i;

	for (i = 0; i < 20 * ARRAY_SIZE(sizes); i++) {
		addr = hr_test_alloc(test, heap, sizes[i % ARRAY_SIZE(sizes)]);
		hr_test_fill(addr, sizes[i % ARRAY_SIZE(sizes)], i);
		hr_test_free(test, heap, addr);
		if (i % 7 == 0)
			heapranges_trim(heap);
	}
	hr_test_expect_stains(test, 0, "nothing");
}

static void poison_tells_ten_at_most(struct kunit *test)
{
	unsigned long area, addr;
	struct heapranges *heap = hr_test_poison_heap(test, 1, &area);
	int i;

	for (i = 0; i < 50; i++) {
		addr = hr_test_alloc_next(test, heap, 1);
		hr_test_free(test, heap, addr);
		*(u8 *)addr = i;
	}
	hr_test_expect_stains(test, 10, "fifty");
}

static void poison_resize(struct kunit *test)
{
	unsigned long area, addr;
	struct heapranges *heap = hr_test_poison_heap(test, 8, &area);

	addr = hr_test_alloc(test, heap, 8);
	hr_test_fill(addr, 8, HR_TEST_DIRT);
	KUNIT_EXPECT_EQ(test, hr_test_cut_here(heap, addr, 2), 0);
	KUNIT_EXPECT_TRUE(test, hr_test_is_filled(addr, 2, HR_TEST_DIRT));
	KUNIT_EXPECT_NULL(test, memchr((void *)addr + 2 * PAGE_SIZE, HR_TEST_DIRT,
				       PAGE_SIZE - HR_TEST_NOTE));
	/* It is kept back like any other. */
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).cached_pages, 6UL);
	KUNIT_EXPECT_EQ(test, heapranges_resize(heap, (void *)addr, 3), -ENOSPC);
	heapranges_trim(heap);
	hr_test_verify(test, heap, "resize");
	*(u8 *)(addr + 4 * PAGE_SIZE + 9) = 1;
	KUNIT_EXPECT_EQ(test, heapranges_resize(heap, (void *)addr, 3), 0);
	hr_test_expect_stains(test, 0, "growing before it");
	KUNIT_EXPECT_EQ(test, heapranges_resize(heap, (void *)addr, 8), 0);
	hr_test_expect_stain(test, PAGE_SIZE + 9, "01 d7 ", "hr_test_cut_here");
	hr_test_expect_address(test, addr + 3 * PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, hr_test_is_filled(addr, 2, HR_TEST_DIRT));
}

static void poison_and_zero(struct kunit *test)
{
	unsigned long area;
	struct heapranges *heap = hr_test_poison_heap(test, 40, &area);
	void *addr[5];

	hr_test_free(test, heap, hr_test_alloc(test, heap, 40));
	heapranges_trim(heap);
	*(u8 *)(area + 30 * PAGE_SIZE) = 1;
	KUNIT_EXPECT_EQ(test, heapranges_alloc_bulk(heap, 8, HR_TEST_ZERO, 5, addr), 5U);
	KUNIT_EXPECT_TRUE(test, hr_test_is_filled(area, 40, 0));
	/* What is zeroed was looked at before. */
	hr_test_expect_stains(test, 1, "a bulk");
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).zeroing_saved_bytes, 0ULL);
}

/* ---- what is kept back ---- */

static void poison_keeps_the_last_sixteen(struct kunit *test)
{
	unsigned long area, addr[HR_POISON_KEPT + 1], first;
	struct heapranges *heap = hr_test_poison_heap(test, 64, &area);
	struct heapranges_stats s;
	int i;

	first = hr_test_alloc(test, heap, 1);
	for (i = 0; i < ARRAY_SIZE(addr); i++)
		addr[i] = hr_test_alloc(test, heap, 1);
	hr_test_free(test, heap, first);
	for (i = 0; i < HR_POISON_KEPT; i++) {
		KUNIT_EXPECT_EQ_MSG(test, heapranges_free(heap, (void *)first), -EALREADY,
				    "after %d", i);
		KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)first), 0UL);
		KUNIT_EXPECT_EQ(test, heapranges_resize(heap, (void *)first, 2), -EALREADY);
		KUNIT_EXPECT_NULL(test, heapranges_alloc_at(heap, first, 1, GFP_NOWAIT));
		s = hr_test_stats(test, heap);
		KUNIT_EXPECT_EQ(test, s.cached_pages, i + 1UL);
		KUNIT_EXPECT_EQ(test, s.used_pages, ARRAY_SIZE(addr) - i);
		hr_test_verify(test, heap, "a free");
		hr_test_free(test, heap, addr[i]);
	}
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).cached_pages, (ulong)HR_POISON_KEPT);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), first);
	/* The next in turn is still kept. */
	KUNIT_EXPECT_NE(test, hr_test_alloc(test, heap, 1), addr[0]);
}

static void poison_verify_knows_what_is_kept(struct kunit *test)
{
	unsigned long area;
	struct heapranges *heap = hr_test_poison_heap(test, 8, &area);
	char first[80] = "";

	hr_test_free(test, heap, hr_test_alloc(test, heap, 3));
	hr_test_verify(test, heap, "a free");
	heap->kept->nr_pages++;
	KUNIT_EXPECT_GT(test, heapranges_verify(heap, first, sizeof(first)), 0);
	KUNIT_EXPECT_STREQ(test, first, "totals: 4 pages are kept back, held are 3");
	heap->kept->nr_pages--;
}

/* Whoever needs it gets it: what is to be done on a heap that keeps all of its pages. */
enum hr_test_need { NEED_ALL, NEED_ALL_ATOMIC, NEED_ALIGNED, NEED_AT, NEED_REMOVE, NEED_TRIM,
		    NEED_DESTROY };

static const struct hr_test_need_row {
	const char		*desc;
	enum hr_test_need	need;
} hr_test_need_rows[] = {
	{ "alloc", NEED_ALL },
	{ "alloc, may not block", NEED_ALL_ATOMIC },
	{ "aligned", NEED_ALIGNED },
	{ "at", NEED_AT },
	{ "remove", NEED_REMOVE },
	{ "trim", NEED_TRIM },
	{ "destroy", NEED_DESTROY },
};

static void hr_test_need_desc(const struct hr_test_need_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_need, hr_test_need_rows, hr_test_need_desc);

static void poison_gives_up_what_is_needed(struct kunit *test)
{
	const struct hr_test_need_row *row = test->param_value;
	unsigned long area, addr[4], got = 0;
	struct heapranges *heap = hr_test_poison_heap(test, 16, &area);
	int i;

	for (i = 0; i < ARRAY_SIZE(addr); i++)
		addr[i] = hr_test_alloc(test, heap, 4);
	for (i = 0; i < ARRAY_SIZE(addr); i++)
		hr_test_free(test, heap, addr[i]);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).cached_pages, 16UL);
	if (row->need == NEED_ALL)
		got = hr_test_alloc(test, heap, 16);
	else if (row->need == NEED_ALL_ATOMIC)
		got = (unsigned long)heapranges_alloc(heap, 16, GFP_NOWAIT | __GFP_NOWARN);
	else if (row->need == NEED_ALIGNED)
		got = (unsigned long)heapranges_alloc_aligned(heap, 16, 1, HR_TEST_QUIET);
	else if (row->need == NEED_AT)
		got = (unsigned long)heapranges_alloc_at(heap, area, 16, HR_TEST_QUIET);
	else if (row->need == NEED_REMOVE)
		KUNIT_EXPECT_EQ(test, heapranges_remove(heap, area + PAGE_SIZE, 15), 0);
	else if (row->need == NEED_TRIM)
		heapranges_trim(heap);
	else
		hr_test_destroy(test, heap);
	if (row->need == NEED_DESTROY)
		return;
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).cached_pages, 0UL);
	KUNIT_EXPECT_EQ(test, got, row->need <= NEED_AT ? area : 0);
	hr_test_verify(test, heap, row->desc);
}

static void poison_arenas_are_released(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, hr_test_name, 0);
	unsigned long owned_pages;

	hr_test_free(test, heap, hr_test_alloc(test, heap, 100));
	owned_pages = hr_test_stats(test, heap).owned_pages;
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).cached_pages, 100UL);
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), owned_pages);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 0UL);
}

/* Looking what could be released lets nothing go, nor do ticks; only a release does. */
static void poison_keeps_while_pages_are_counted(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, hr_test_name, 0);
	unsigned long addr = hr_test_alloc(test, heap, 100), owned_pages;
	int i;

	owned_pages = hr_test_stats(test, heap).owned_pages;
	hr_test_free(test, heap, addr);
	for (i = 0; i < HR_HEAP_TICKS; i++) {
		KUNIT_EXPECT_EQ(test, hr_idle_try_count(heap), owned_pages);
		flush_delayed_work(&heap->tick);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_stats(test, heap).cached_pages, 100UL,
				    "tick %d", i);
		KUNIT_EXPECT_EQ(test, heapranges_free(heap, (void *)addr), -EALREADY);
	}
	/* And does not have the heap keep its arenas. */
	flush_delayed_work(&heap->tick);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 0UL);
}

/* What the kept run was in stays, if a page beside it is in use. */
static void poison_kept_pages_hide_no_live_one(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, hr_test_name, 0);
	unsigned long addr = hr_test_alloc(test, heap, 100);

	hr_test_alloc(test, heap, 1);
	hr_test_free(test, heap, addr);
	KUNIT_EXPECT_EQ(test, hr_idle_try_count(heap), 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).cached_pages, 100UL);
}

/* Addresses have no memory to poison. */
static void poison_leaves_addresses_alone(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, hr_test_name, HR_TEST_ADDRESSES);

	hr_test_add(test, heap, HR_TEST_BASE, 4);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 4), HR_TEST_BASE);
	hr_test_free(test, heap, HR_TEST_BASE);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).cached_pages, 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 4), HR_TEST_BASE);
}

static struct kunit_case hr_test_poison_cases[] = {
	KUNIT_CASE_PARAM(poison_tells_a_write_after_free, hr_test_stain_gen_params),
	KUNIT_CASE(poison_shows_what_was_written),
	KUNIT_CASE(poison_blames_who_freed_the_page),
	KUNIT_CASE(poison_blames_who_freed_a_page_last),
	KUNIT_CASE(poison_names_the_last_owner),
	KUNIT_CASE(poison_tells_an_overrun),
	KUNIT_CASE(poison_tells_nothing_else),
	KUNIT_CASE(poison_tells_ten_at_most),
	KUNIT_CASE(poison_resize),
	KUNIT_CASE(poison_and_zero),
	KUNIT_CASE(poison_keeps_the_last_sixteen),
	KUNIT_CASE(poison_verify_knows_what_is_kept),
	KUNIT_CASE_PARAM(poison_gives_up_what_is_needed, hr_test_need_gen_params),
	KUNIT_CASE(poison_arenas_are_released),
	KUNIT_CASE(poison_keeps_while_pages_are_counted),
	KUNIT_CASE(poison_kept_pages_hide_no_live_one),
	KUNIT_CASE(poison_leaves_addresses_alone),
	{}
};

struct kunit_suite heapranges_poison_suite = {
	.name = "heapranges_poison",
	.init = hr_test_poison_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_poison_cases,
};
