// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_map: one heap at a glance. Known heaps give exactly known text, and
 * heaps of any content the text that a count page by page gives.
 */
#include <linux/prandom.h>

#include "../module/heap.h"
#include "cache_helpers.h"
#include "seeing_helpers.h"
#include "suites.h"

#define HR_TEST_CELLS	64UL

static const char hr_test_map_head[] = "# heapranges map 1\n"
	"# heap kunit pages %lu used %lu cached %lu free %lu\n"
	"# a cell: . free  o parked only  1..9 tenths used, rounded up, at most 9  # all used\n"
	"# base limit pages cells\n";

#define DOTS_8	"........"
#define DOTS_48	"................................................"
#define DOTS_57	"........................................................."
#define FIVES_64 "5555555555555555555555555555555555555555555555555555555555555555"
#define FULL_8	"########"
#define FULL_64	"################################################################"
#define ZEROES	"0 0 0 0.000\n1 0 0 0.000\n2 0 0 0.000\n3 0 0 0.000\n"

/* ---- rows: what is done to a heap, and the text that this gives ---- */

struct hr_test_map_row {
	const char	*desc;
	struct {
		char		op;	/* '+', '-', '@': alloc at, 'f'ree, '%': every other one */
		unsigned long	page, nr;
	} step[10];
	unsigned long	used;
	struct {
		unsigned long	page, pages;
		const char	*cells;
	} line[4];
	const char	*table;
};

static const struct hr_test_map_row hr_test_map_rows[] = {
	{ "empty heap", {}, 0, {}, "0 0 0 0.000\n" },
	{ "one page", { { '+', 511, 1 } }, 0, { { 511, 1, "." } }, "0 1 1 0.000\n" },
	{ "one page in use", { { '+', 511, 1 }, { '@', 511, 1 } }, 1, { { 511, 1, "#" } },
		"0 0 0 0.000\n" },
	{ "under 64 pages", { { '+', 3, 7 } }, 0, { { 3, 7, "......." } },
		"0 0 0 0.000\n1 0 0 0.142\n2 1 7 0.428\n" },
	{ "under 64 pages, full", { { '+', 3, 7 }, { '@', 3, 7 } }, 7, { { 3, 7, "#######" } },
		"0 0 0 0.000\n" },
	{ "63 pages", { { '+', 0, 63 }, { '@', 62, 1 } }, 1,
		{ { 0, 63, DOTS_48 DOTS_8 "......#" } },
		"0 0 0 0.000\n1 0 0 0.000\n2 0 0 0.032\n3 0 0 0.096\n4 0 0 0.225\n"
		"5 1 62 0.483\n" },
	{ "64 pages", { { '+', 0, 64 }, { '@', 0, 1 } }, 1,
		{ { 0, 64, "#" DOTS_48 DOTS_8 "......." } },
		"0 0 0 0.000\n1 0 0 0.015\n2 0 0 0.047\n3 0 0 0.111\n4 0 0 0.238\n"
		"5 1 63 0.492\n" },
	{ "every other page", { { '+', 0, 128 }, { '%', 0, 128 } }, 64,
		{ { 0, 128, FIVES_64 } }, "0 64 64 0.000\n" },
	{ "tenths", { { '+', 0, 1024 }, { '@', 0, 1 }, { '@', 16, 15 }, { '@', 32, 16 },
		{ '@', 48, 8 }, { '@', 64, 2 }, { '@', 95, 2 } }, 44,
		{ { 0, 1024, "19#5211" DOTS_57 } },
		"0 1 1 0.000\n1 0 0 0.004\n2 0 0 0.008\n3 2 23 0.020\n4 1 29 0.053\n"
		"5 0 0 0.085\n6 0 0 0.085\n7 0 0 0.085\n8 0 0 0.216\n9 1 927 0.477\n" },
	{ "cells of one and of two pages", { { '+', 0, 100 }, { '@', 1, 1 }, { '@', 99, 1 } },
		2, { { 0, 100, ".5" DOTS_57 "....5" } },
		"0 1 1 0.000\n1 0 0 0.020\n2 0 0 0.020\n3 0 0 0.020\n4 0 0 0.020\n5 0 0 0.020\n"
		"6 1 97 0.346\n" },
	{ "a run over a chunk's edge", { { '+', 500, 24 } }, 0,
		{ { 500, 24, DOTS_8 DOTS_8 DOTS_8 } }, ZEROES "4 1 24 0.333\n" },
	{ "a run over chunks", { { '+', 0, 2048 }, { '@', 0, 256 }, { '@', 1792, 256 } }, 512,
		{ { 0, 2048, FULL_8 DOTS_48 FULL_8 } },
		ZEROES "4 0 0 0.000\n5 0 0 0.000\n6 0 0 0.000\n7 0 0 0.000\n8 0 0 0.000\n"
		"9 0 0 0.000\n10 1 1536 0.333\n" },
	{ "two ranges", { { '+', 200, 3 }, { '+', 0, 100 }, { '@', 0, 100 } }, 100,
		{ { 0, 100, FULL_64 }, { 200, 3, "..." } }, "0 0 0 0.000\n1 1 3 0.333\n" },
	{ "runs of two ranges are two", { { '+', 0, 10 }, { '+', 11, 10 } }, 0,
		{ { 0, 10, ".........." }, { 11, 10, ".........." } },
		"0 0 0 0.000\n1 0 0 0.000\n2 0 0 0.200\n3 2 20 0.200\n" },
	{ "ranges that share a chunk", { { '+', 100, 5 }, { '+', 300, 9 }, { '@', 303, 6 } }, 6,
		{ { 100, 5, "....." }, { 300, 9, "...######" } },
		"0 0 0 0.000\n1 1 3 0.250\n2 1 5 0.500\n" },
	{ "freed again", { { '+', 10, 20 }, { '@', 10, 20 }, { 'f', 10 } }, 0,
		{ { 10, 20, DOTS_8 DOTS_8 "...." } },
		"0 0 0 0.000\n1 0 0 0.000\n2 0 0 0.000\n3 0 0 0.200\n4 1 20 0.200\n" },
	{ "split", { { '+', 0, 12 }, { '-', 4, 4 } }, 0, { { 0, 4, "...." }, { 8, 4, "...." } },
		"0 0 0 0.000\n1 0 0 0.000\n2 2 8 0.000\n" },
};

static void hr_test_map_desc(const struct hr_test_map_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_map, hr_test_map_rows, hr_test_map_desc);

static void hr_test_map_do(struct kunit *test, struct heapranges *heap, char op,
			   unsigned long page, unsigned long nr)
{
	unsigned long i;

	switch (op) {
	case '+':
		hr_test_add(test, heap, hr_test_addr(page), nr);
		break;
	case '-':
		KUNIT_ASSERT_EQ(test, heapranges_remove(heap, hr_test_addr(page), nr), 0);
		break;
	case 'f':
		hr_test_free(test, heap, hr_test_addr(page));
		break;
	case '@':
		KUNIT_ASSERT_NOT_NULL(test, heapranges_alloc_at(heap, hr_test_addr(page), nr,
								HR_TEST_QUIET));
		break;
	default:
		for (i = page; i < page + nr; i += 2)
			hr_test_map_do(test, heap, '@', i, 1);
	}
}

static void map_show_known_text(struct kunit *test)
{
	const struct hr_test_map_row *row = test->param_value;
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	char *text = hr_test_seen_buffer(test), *want = hr_test_seen_buffer(test);
	unsigned long pages = 0;
	size_t len;
	int i;

	for (i = 0; i < ARRAY_SIZE(row->step) && row->step[i].op; i++)
		hr_test_map_do(test, heap, row->step[i].op, row->step[i].page, row->step[i].nr);
	for (i = 0; row->line[i].pages; i++)
		pages += row->line[i].pages;
	len = scnprintf(want, HR_TEST_SEEN_BYTES, hr_test_map_head, pages, row->used, 0UL,
			pages - row->used);
	for (i = 0; row->line[i].pages; i++)
		len += scnprintf(want + len, HR_TEST_SEEN_BYTES - len,
				 HR_TEST_ADDR " " HR_TEST_ADDR " %lu |%s|\n", HR_TEST_DIGITS,
				 hr_test_addr(row->line[i].page), HR_TEST_DIGITS,
				 hr_test_addr(row->line[i].page + row->line[i].pages),
				 row->line[i].pages, row->line[i].cells);
	scnprintf(want + len, HR_TEST_SEEN_BYTES - len, "# order runs pages unusable\n%s",
		  row->table);
	hr_test_see(test, "map", text, PAGE_SIZE);
	KUNIT_EXPECT_STREQ(test, text, want);
}

/* ---- the naive count ---- */

enum { FREE, PARKED, USED };

struct hr_test_recount {
	struct heapranges	*heap;
	char			*text;
	size_t			len;
	unsigned long		nr_runs;
	unsigned long		*run;	/* their lengths */
};

#define HR_TEST_RUNS_MAX	4096

/* Nothing changes meanwhile. */
static int hr_test_recount_page(struct heapranges *heap, unsigned long addr)
{
	const struct hr_chunk *chunk;
	unsigned int idx = hr_addr_to_page_idx(addr), i;
	int state = USED;

	rcu_read_lock_sched();
	chunk = hr_chunks_find(&heap->runs.chunks, hr_addr_to_chunk_idx(addr));
	if (!test_bit(idx, chunk->bits.busy))
		state = FREE;
	for (i = 0; i < HR_RECORD_PARKED_MAX && i <= idx; i++) {
		if (hr_records_parked_pages(&chunk->records, idx - i) > i)
			state = PARKED;
	}
	rcu_read_unlock_sched();
	return state;
}

static char hr_test_recount_cell(struct heapranges *heap, unsigned long base,
				 unsigned long begin, unsigned long end)
{
	unsigned long nr[3] = {}, page, tenths;

	for (page = begin; page < end; page++)
		nr[hr_test_recount_page(heap, base + page * PAGE_SIZE)]++;
	if (nr[USED] == end - begin)
		return '#';
	if (!nr[USED])
		return nr[PARKED] ? 'o' : '.';
	for (tenths = 1; tenths < 9; tenths++) {
		if (nr[USED] * 10 <= tenths * (end - begin))
			break;
	}
	return '0' + tenths;
}

static int hr_test_recount_range(const struct heapranges_range *range, void *data)
{
	struct hr_test_recount *r = data;
	unsigned long pages = (range->limit - range->base) / PAGE_SIZE, i, run = 0;
	unsigned long cells = min(pages, HR_TEST_CELLS), addr;

	r->len += scnprintf(r->text + r->len, HR_TEST_SEEN_BYTES - r->len,
			    HR_TEST_ADDR " " HR_TEST_ADDR " %lu |", HR_TEST_DIGITS, range->base,
			    HR_TEST_DIGITS, range->limit, pages);
	for (i = 0; i < cells; i++)
		r->text[r->len++] = hr_test_recount_cell(r->heap, range->base, i * pages / cells,
							 (i + 1) * pages / cells);
	r->len += scnprintf(r->text + r->len, HR_TEST_SEEN_BYTES - r->len, "|\n");
	for (i = 0; i <= pages; i++) {
		addr = range->base + i * PAGE_SIZE;
		if (i < pages && hr_test_recount_page(r->heap, addr) == FREE) {
			run++;
			continue;
		}
		if (run && r->nr_runs < HR_TEST_RUNS_MAX)
			r->run[r->nr_runs++] = run;
		run = 0;
	}
	return 0;
}

static bool hr_test_recount_order(struct hr_test_recount *r, unsigned int order)
{
	unsigned long size = 1UL << order, free = 0, usable = 0, nr = 0, pages = 0, i, max = 1;

	for (i = 0; i < r->nr_runs; i++) {
		free += r->run[i];
		usable += r->run[i] / size * size;
		max = max(max, r->run[i]);
		if (r->run[i] < size || r->run[i] >= 2 * size)
			continue;
		nr++;
		pages += r->run[i];
	}
	if (size > max)
		return false;
	usable = free ? (free - usable) * 1000 / free : 0;
	r->len += scnprintf(r->text + r->len, HR_TEST_SEEN_BYTES - r->len, "%u %lu %lu %lu.%03lu\n",
			    order, nr, pages, usable / 1000, usable % 1000);
	return true;
}

static char *hr_test_recount(struct kunit *test, struct heapranges *heap, char *text)
{
	struct hr_test_recount r = { .heap = heap, .text = text };
	struct heapranges_stats s = hr_test_stats(test, heap);
	unsigned int order = 0;

	r.run = (unsigned long *)hr_test_area(test, HR_TEST_RUNS_MAX * sizeof(long) / PAGE_SIZE);
	r.len = scnprintf(text, HR_TEST_SEEN_BYTES, hr_test_map_head, s.owned_pages,
			  s.used_pages, s.cached_pages, s.free_pages);
	heapranges_walk(heap, hr_test_recount_range, &r);
	r.len += scnprintf(text + r.len, HR_TEST_SEEN_BYTES - r.len,
			   "# order runs pages unusable\n");
	while (hr_test_recount_order(&r, order))
		order++;
	return text;
}

/* Short and long runs, in caches and not, over four ranges of which two share a chunk. */
static void hr_test_map_stir(struct kunit *test, struct heapranges *heap, void **addr,
			     unsigned int nr, struct rnd_state *rnd)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		u32 r = prandom_u32_state(rnd);

		if (addr[i])
			hr_test_free(test, heap, (unsigned long)addr[i]);
		addr[i] = r % 3 ? heapranges_alloc(heap, r % 7 ? 1 + (r >> 8) % 16 :
						   1 + (r >> 8) % 300, HR_TEST_QUIET) : NULL;
	}
}

static void map_show_what_a_recount_gives(struct kunit *test)
{
	char *text = hr_test_seen_buffer(test), *want = hr_test_seen_buffer(test);
	struct heapranges *heap = hr_test_create(test, "kunit", HEAPRANGES_ADDRESS_ONLY);
	struct rnd_state rnd;
	void *addr[64] = {};
	int i;

	prandom_seed_state(&rnd, 5);
	hr_test_add(test, heap, hr_test_addr(0), 1000);
	hr_test_add(test, heap, hr_test_addr(1001), 61);
	hr_test_add(test, heap, hr_test_addr(1100), 3000);
	hr_test_add(test, heap, hr_test_addr(9000), 777);
	for (i = 0; i < 12; i++) {
		hr_test_map_stir(test, heap, addr, ARRAY_SIZE(addr), &rnd);
		hr_test_recount(test, heap, want);
		hr_test_see(test, "map", text, PAGE_SIZE);
		KUNIT_EXPECT_STREQ(test, text, want);
	}
	KUNIT_EXPECT_GT(test, hr_test_stats(test, heap).cached_pages, 0UL);
	hr_test_expect_pieces(test, "map", want);
}

/* One page is taken, and what a cache was given with it is parked. */
static void map_show_parked_pages(struct kunit *test)
{
	char *text = hr_test_seen_buffer(test), *want = hr_test_seen_buffer(test);
	struct heapranges *heap = hr_test_create(test, "kunit", HEAPRANGES_ADDRESS_ONLY);
	unsigned long addr;

	hr_test_add(test, heap, hr_test_addr(0), 4096);
	addr = hr_test_alloc(test, heap, 1);
	KUNIT_ASSERT_EQ(test, hr_test_stats(test, heap).cached_pages, HR_RECORDS_ROW - 1UL);
	hr_test_see(test, "map", text, PAGE_SIZE);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, "|1..."), "%s", text);
	hr_test_free(test, heap, addr);
	hr_test_see(test, "map", text, PAGE_SIZE);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, "|o..."), "%s", text);
	KUNIT_EXPECT_STREQ(test, text, hr_test_recount(test, heap, want));
}

/* Three runs of 5 in a region of 15 pages: cells of a page each, and a run is three or more. */
static void map_show_parked_runs_over_cells(struct kunit *test)
{
	char *text = hr_test_seen_buffer(test), *want = hr_test_seen_buffer(test);
	struct heapranges *heap = hr_test_create(test, "kunit", HEAPRANGES_ADDRESS_ONLY);
	unsigned long addr[3];
	int i;

	/* Enough for a cache to keep something. */
	hr_test_add(test, heap, hr_test_addr(100), 4096);
	hr_test_add(test, heap, hr_test_addr(0), 15);
	for (i = 0; i < 3; i++)
		addr[i] = hr_test_alloc(test, heap, 5);
	hr_test_free(test, heap, addr[1]);
	hr_test_see(test, "map", text, PAGE_SIZE);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, " 15 |#####ooooo#####|"), "%s", text);
	KUNIT_EXPECT_STREQ(test, text, hr_test_recount(test, heap, want));
}

static void map_show_edges_of_space(struct kunit *test)
{
	char *text = hr_test_seen_buffer(test), *want = hr_test_seen_buffer(test);
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);

	hr_test_add(test, heap, PAGE_SIZE, 600);
	hr_test_add(test, heap, -601 * PAGE_SIZE, 600);
	hr_test_see(test, "map", text, PAGE_SIZE);
	KUNIT_EXPECT_STREQ(test, text, hr_test_recount(test, heap, want));
}

static void map_show_a_corrupt_heap(struct kunit *test)
{
	char *text = hr_test_seen_buffer(test), *want = hr_test_seen_buffer(test);
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);

	hr_test_add(test, heap, hr_test_addr(0), 600);
	hr_test_alloc(test, heap, 3);
	mutex_lock(&heap->change);
	KUNIT_EXPECT_FALSE(test, hr_heap_hand_out(heap, hr_test_addr(599), 2));
	mutex_unlock(&heap->change);
	hr_test_see(test, "map", text, PAGE_SIZE);
	KUNIT_EXPECT_STREQ(test, text, hr_test_recount(test, heap, want));
}

static int hr_test_map_lines(const char *text)
{
	int nr = 0;

	for (; (text = strchr(text, '\n')); text++)
		nr++;
	return nr;
}

/* So many ranges that a reader pauses between two of them, and some go meanwhile. */
static void map_read_while_ranges_go(struct kunit *test)
{
	char *text = hr_test_seen_buffer(test), *want = hr_test_seen_buffer(test);
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	struct file *file;
	ssize_t got;
	int i;

	for (i = 0; i < 100; i++)
		hr_test_add(test, heap, hr_test_addr(i * 80), 64);
	hr_test_see(test, "map", text, 333);
	KUNIT_EXPECT_STREQ(test, text, hr_test_recount(test, heap, want));
	KUNIT_EXPECT_EQ(test, hr_test_value(text, "6"), 100ULL);

	file = hr_test_open_file(test, "kunit", "map");
	got = hr_test_read_all(file, text, 700, 699, 0);
	KUNIT_ASSERT_EQ(test, got, (ssize_t)699);
	for (i = 0; i < 60; i++)
		KUNIT_EXPECT_EQ(test, heapranges_remove(heap, hr_test_addr(i * 80), 64), 0);
	hr_test_read_all(file, text + got, HR_TEST_SEEN_BYTES - got, 500, got);
	filp_close(file, NULL);
	/* What was there throughout is there once; the table counts the lines that there are. */
	KUNIT_EXPECT_EQ_MSG(test, hr_test_value(text, "6"), hr_test_map_lines(text) - 12ULL,
			    "%s", text);
	KUNIT_EXPECT_GE(test, hr_test_value(text, "6"), 40ULL);
	KUNIT_EXPECT_LE(test, hr_test_value(text, "6"), 100ULL);
}

static struct kunit_case hr_test_map_cases[] = {
	KUNIT_CASE_PARAM(map_show_known_text, hr_test_map_gen_params),
	KUNIT_CASE(map_show_what_a_recount_gives),
	KUNIT_CASE(map_show_parked_pages),
	KUNIT_CASE(map_show_parked_runs_over_cells),
	KUNIT_CASE(map_show_edges_of_space),
	KUNIT_CASE(map_show_a_corrupt_heap),
	KUNIT_CASE(map_read_while_ranges_go),
	{}
};

struct kunit_suite heapranges_map_suite = {
	.name = "heapranges_map",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_map_cases,
};
