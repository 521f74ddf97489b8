// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_at: runs at a given address. What is free is given, wherever
 * it lies; everything else is refused and changes nothing.
 */
#include <linux/kernel.h>

#include "heap_helpers.h"
#include "story_helpers.h"
#include "suites.h"

/* From anywhere. */
static const struct hr_test_story hr_test_at_stories[] = {
	{ "a free span", {
		{ '+', 0, 2000 }, { '@', 700, 50 }, { 'a', 0, 1 }, { '@', 1, 5 },
		{ 'a', 6, 694 }, { 'a', 750, 1 }, { '@', 1999, 1 }, { '@', 751, 1248 },
		{ 'a', HR_TEST_NONE, 1 } } },
	{ "busy first, middle, last, all of it", {
		{ '+', 0, 100 }, { '@', 40, 10 }, { '!', 49, 5 }, { '!', 35, 20 },
		{ '!', 35, 6 }, { '!', 40, 10 }, { '!', 44, 2 }, { '@', 35, 5 },
		{ '@', 50, 50 }, { 'f', 40 }, { '!', 40, 11 }, { '!', 39, 11 },
		{ '@', 40, 10 }, { 'a', 0, 35 } } },
	{ "over a range's end", {
		{ '+', 10, 600 }, { '!', 9, 1 }, { '!', 9, 601 }, { '!', 9, 602 },
		{ '!', 10, 601 }, { '!', 609, 2 }, { '!', 610, 1 }, { '@', 609, 1 },
		{ '@', 10, 599 }, { '!', 10, 1 }, { 'f', 10 }, { 'a', 10, 599 } } },
	{ "abutting regions", {
		{ '+', 100, 50 }, { '+', 150, 400 }, { '@', 149, 2 }, { 'f', 149 },
		{ '@', 100, 450 }, { 'a', HR_TEST_NONE, 1 }, { 'f', 100 },
		{ 'a', 100, 450 } } },
	{ "a gap", {
		{ '+', 10, 10 }, { '+', 21, 11 }, { '!', 20, 1 }, { '!', 19, 2 },
		{ '!', 19, 3 }, { '!', 20, 2 }, { '!', 10, 22 }, { '@', 21, 11 },
		{ 'a', 10, 10 }, { '+', 20, 1 }, { '@', 20, 1 }, { 'f', 21 },
		{ 'f', 20 }, { '@', 20, 12 } } },
	{ "a gap of chunks", {
		{ '+', 0, 300 }, { '+', 5000, 300 }, { '!', 0, 5300 }, { '!', 2000, 1 },
		{ '!', 299, 4702 }, { '@', 5100, 1 }, { 'a', 0, 300 }, { 'a', 5000, 100 },
		{ 'a', 5101, 199 } } },
	{ "a region that went", {
		{ '+', 0, 600 }, { '@', 100, 10 }, { 'f', 100 }, { '-', 100, 10 },
		{ '!', 100, 10 }, { '!', 99, 2 }, { '!', 109, 2 }, { '@', 110, 490 },
		{ 'a', 0, 100 }, { 'a', HR_TEST_NONE, 1 } } },
	{ "lengths about a word and a chunk", {
		{ '+', 0, 5000 }, { '@', 1, 63 }, { '@', 64, 64 }, { '@', 200, 65 },
		{ '@', 300, 512 }, { '@', 1000, 511 }, { '@', 1511, 513 },
		{ '@', 2024, 1500 }, { 'a', 0, 1 }, { 'a', 128, 72 }, { 'a', 812, 188 },
		{ 'a', 265, 35 }, { 'a', 3524, 1476 }, { 'a', HR_TEST_NONE, 1 } } },
	{ "the lowest is still the lowest", {
		{ '+', 0, 4096 }, { '@', 0, 100 }, { 'a', 100, 1 }, { '@', 3000, 1000 },
		{ 'a', 101, 1 }, { 'f', 3000 }, { 'a', 102, 1 }, { 'f', 0 },
		{ '@', 50, 10 }, { 'a', 0, 40 }, { 'a', 60, 40 }, { 'a', 40, 10 },
		{ 'a', 103, 10 }, { '@', 113, 3983 }, { 'a', HR_TEST_NONE, 1 },
		{ 'f', 50 }, { 'a', 50, 10 } } },
	{ "the only free page", {
		{ '+', 0, 1600 }, { 'a', 0, 800 }, { 'a', 800, 1 }, { 'a', 801, 799 },
		{ 'f', 800 }, { '!', 799, 1 }, { '!', 801, 1 }, { '!', 800, 2 },
		{ '@', 800, 1 }, { '!', 800, 1 }, { 'a', HR_TEST_NONE, 1 }, { 'f', 0 },
		{ '@', 0, 800 } } },
	{ "dozens of chunks", {
		{ '+', 0, 40000 }, { '@', 4000, 32000 }, { '!', 3999, 36001 },
		{ '!', 0, 40000 }, { '!', 3999, 2 }, { '!', 35999, 2 }, { 'a', 0, 3999 },
		{ 'a', 36000, 4000 }, { 'a', 3999, 1 }, { 'f', 4000 },
		{ '@', 20000, 1 }, { 'a', 4000, 16000 }, { 'a', 20001, 15999 } } },
};

KUNIT_ARRAY_PARAM(hr_test_at, hr_test_at_stories, hr_test_story_desc);

static void at_where(struct kunit *test)
{
	static const unsigned long shifts[] = { 0, 1, 12, 63, 64, 448, 511 };
	int i;

	for (i = 0; i < ARRAY_SIZE(shifts); i++)
		hr_test_story_tell(test, shifts[i]);
}

/* The heap owns pages 8 to 80; 20 to 30 are in use. */
static const struct {
	const char	*what;
	unsigned long	page, offset, nr;
} hr_test_at_errors[] = {
	{ "unaligned by one", 8, 1, 1 },
	{ "unaligned by a page less one", 8, PAGE_SIZE - 1, 1 },
	{ "unaligned in use", 20, 8, 1 },
	{ "unaligned before it", 7, PAGE_SIZE - 8, 1 },
	{ "0 pages", 8, 0, 0 }, { "0 pages in use", 20, 0, 0 },
	{ "0 pages behind it", 80, 0, 0 },
	{ "the first in use", 20, 0, 1 }, { "the last in use", 29, 0, 1 },
	{ "inside", 25, 0, 2 }, { "from before", 19, 0, 2 }, { "to behind", 29, 0, 2 },
	{ "around", 19, 0, 12 }, { "all of it", 8, 0, 72 }, { "more", 7, 0, 74 },
	{ "before it", 7, 0, 1 }, { "behind it", 80, 0, 1 },
	{ "over its start", 7, 0, 2 }, { "over its end", 79, 0, 2 },
	{ "a chunk", 30, 0, 512 }, { "bytes wrap to 0", 40, 0, HR_TEST_ALL_PAGES },
	{ "bytes wrap to a page", 40, 0, HR_TEST_ALL_PAGES + 1 },
	{ "bytes wrap to two", 40, 0, HR_TEST_ALL_PAGES + 2 },
	{ "pages at most", 40, 0, ULONG_MAX }, { "one less", 40, 0, ULONG_MAX - 1 },
	{ "half of all pages", 40, 0, HR_TEST_ALL_PAGES / 2 },
	{ "half the bytes", 40, 0, ULONG_MAX / 2 + 1 },
};

static const struct { unsigned long addr, nr; } hr_test_at_absolute[] = {
	{ 0, 1 }, { 0, 2 }, { 0, 0 }, { 1, 1 }, { PAGE_SIZE, 1 }, { -PAGE_SIZE, 1 },
	{ -2 * PAGE_SIZE, 2 }, { -2 * PAGE_SIZE, 3 }, { -2 * PAGE_SIZE, 4 },
	{ ULONG_MAX, 1 }, { -PAGE_SIZE, 2 }, { -PAGE_SIZE, ULONG_MAX },
	{ PAGE_SIZE, HR_TEST_ALL_PAGES - 1 }, { 0, HR_TEST_ALL_PAGES },
};

static void hr_test_expect_nothing_at(struct kunit *test, struct heapranges *heap,
				      unsigned long addr, unsigned long nr,
				      const char *what)
{
	struct hr_test_state before;

	hr_test_state_take(test, heap, &before);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_at(heap, addr, nr), 0UL,
			    "%s: %s: addr=%lx pages=%lx", heapranges_name(heap), what,
			    addr, nr);
	before.stats.alloc_failures++;
	hr_test_expect_state(test, heap, &before, what);
}

static void at_errors(struct kunit *test)
{
	static const unsigned int flags[] = { HR_TEST_ADDRESSES, HEAPRANGES_FIXED, 0 };
	static const char * const names[] = { "addresses", "fixed", "growing" };
	struct heapranges *heap;
	unsigned long base, addr;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		heap = hr_test_create(test, names[i], flags[i]);
		base = i ? hr_test_area(test, 100) : HR_TEST_BASE;
		hr_test_add(test, heap, base + 8 * PAGE_SIZE, 72);
		KUNIT_EXPECT_EQ(test, hr_test_at(heap, base + 20 * PAGE_SIZE, 10),
				base + 20 * PAGE_SIZE);
		for (j = 0; j < ARRAY_SIZE(hr_test_at_errors); j++) {
			addr = base + hr_test_at_errors[j].page * PAGE_SIZE +
			       hr_test_at_errors[j].offset;
			hr_test_expect_nothing_at(test, heap, addr,
						  hr_test_at_errors[j].nr,
						  hr_test_at_errors[j].what);
		}
		for (j = 0; j < ARRAY_SIZE(hr_test_at_absolute); j++)
			hr_test_expect_nothing_at(test, heap, hr_test_at_absolute[j].addr,
						  hr_test_at_absolute[j].nr, "absolute");
		hr_test_verify(test, heap, names[i]);
		KUNIT_EXPECT_EQ(test, hr_test_at(heap, base + 30 * PAGE_SIZE, 50),
				base + 30 * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 12), base + 8 * PAGE_SIZE);
	}
}

static void at_both_ends(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);

	hr_test_expect_nothing_at(test, heap, PAGE_SIZE, 1, "empty heap");
	hr_test_add(test, heap, PAGE_SIZE, 600);
	hr_test_add(test, heap, -600 * PAGE_SIZE, 599);
	hr_test_expect_nothing_at(test, heap, 0, 1, "page 0");
	hr_test_expect_nothing_at(test, heap, 0, 2, "from page 0");
	hr_test_expect_nothing_at(test, heap, -PAGE_SIZE, 1, "the last page");
	hr_test_expect_nothing_at(test, heap, -2 * PAGE_SIZE, 2, "to the last page");
	hr_test_expect_nothing_at(test, heap, -2 * PAGE_SIZE, 4, "round the end");
	KUNIT_EXPECT_EQ(test, hr_test_at(heap, -2 * PAGE_SIZE, 1), -2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, hr_test_at(heap, PAGE_SIZE, 1), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, hr_test_at(heap, -600 * PAGE_SIZE, 598), -600 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 599), 2 * PAGE_SIZE);
	hr_test_verify(test, heap, "both ends");
}

/* Arenas are as good as regions, but none is made. */
static void at_in_an_arena(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", 0);
	unsigned long addr;

	hr_test_expect_nothing_at(test, heap, hr_test_area(test, 8), 1, "not the heap's");
	addr = hr_test_alloc(test, heap, 400);
	hr_test_expect_nothing_at(test, heap, addr, 1, "in use");
	hr_test_free(test, heap, addr);
	KUNIT_EXPECT_EQ(test, hr_test_at(heap, addr + 7 * PAGE_SIZE, 300),
			addr + 7 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).grows, 1ULL);
	memset((void *)addr + 7 * PAGE_SIZE, 0xff, 300 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 7), addr);
	hr_test_verify(test, heap, "an arena");
}

/* Who asks for what no cache can have stops none of them. */
static void at_what_is_not_the_heaps_empties_no_cache(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HEAPRANGES_ADDRESS_ONLY);
	unsigned long addr, cached;

	hr_test_add(test, heap, HR_TEST_BASE, 2000);
	addr = hr_test_alloc(test, heap, 1);
	hr_test_free(test, heap, addr);
	cached = hr_test_stats(test, heap).cached_pages;
	KUNIT_ASSERT_GT(test, cached, 0UL);
	hr_test_expect_nothing_at(test, heap, HR_TEST_BASE - PAGE_SIZE, 1, "before it");
	hr_test_expect_nothing_at(test, heap, HR_TEST_BASE + 1999 * PAGE_SIZE, 2, "over its end");
	hr_test_expect_nothing_at(test, heap, addr + 1, 1, "unaligned");
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).cached_pages, cached);
	KUNIT_EXPECT_EQ(test, hr_test_at(heap, addr, 1), addr);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).cached_pages, 0UL);
}

static struct kunit_case hr_test_at_cases[] = {
	KUNIT_CASE_PARAM(at_where, hr_test_at_gen_params),
	KUNIT_CASE(at_errors),
	KUNIT_CASE(at_both_ends),
	KUNIT_CASE(at_in_an_arena),
	KUNIT_CASE(at_what_is_not_the_heaps_empties_no_cache),
	{}
};

struct kunit_suite heapranges_at_suite = {
	.name = "heapranges_at",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_at_cases,
};
