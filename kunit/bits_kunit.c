// SPDX-License-Identifier: GPL-2.0
/*
 * One chunk's bitmap: search and counting, against a reading of the bits one by
 * one. Rows are spans of free pages; all else is busy.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/random.h>

#include "../module/bits.h"
#include "suites.h"

#define HR_TEST_SPANS	4

struct hr_test_span {
	unsigned int begin, end;
};

struct bits_find_row {
	const char		*name;
	struct hr_test_span	free[HR_TEST_SPANS];
	struct hr_test_span	within;
	unsigned long		head_pages, nr_pages;
	long			want_page;	/* LONG_MIN: not found */
	unsigned long		want_tail;
};

#define NOT_FOUND	LONG_MIN

static const struct bits_find_row bits_find_rows[] = {
	{ "one page in an all free chunk", {{ 0, 512 }}, { 0, 512 }, 0, 1, 0 },
	{ "the whole chunk", {{ 0, 512 }}, { 0, 512 }, 0, 512, 0 },
	{ "one more than the chunk", {{ 0, 512 }}, { 0, 512 }, 0, 513, NOT_FOUND, 512 },
	{ "nothing free", {}, { 0, 512 }, 0, 1, NOT_FOUND, 0 },
	{ "the last page", {{ 511, 512 }}, { 0, 512 }, 0, 1, 511 },
	{ "two at the end, one free", {{ 511, 512 }}, { 0, 512 }, 0, 2, NOT_FOUND, 1 },
	{ "over a word's border", {{ 62, 67 }}, { 0, 512 }, 0, 5, 62 },
	{ "exactly a word", {{ 64, 128 }}, { 0, 512 }, 0, 64, 64 },
	{ "a word and one", {{ 63, 128 }}, { 0, 512 }, 0, 65, 63 },
	{ "the first hole too small", {{ 3, 6 }, { 9, 13 }}, { 0, 512 }, 0, 4, 9 },
	{ "the first of two that fit", {{ 3, 7 }, { 9, 13 }}, { 0, 512 }, 0, 4, 3 },
	{ "begin cuts the hole", {{ 3, 7 }, { 9, 13 }}, { 4, 512 }, 0, 4, 9 },
	{ "end cuts the hole", {{ 3, 7 }}, { 0, 6 }, 0, 4, NOT_FOUND, 3 },
	{ "end at the hole's end", {{ 3, 7 }}, { 0, 7 }, 0, 4, 3 },
	{ "the run before completes it", {{ 0, 2 }}, { 0, 512 }, 3, 5, -3 },
	{ "the run before is enough alone", {}, { 0, 512 }, 5, 5, -5 },
	{ "the run before is cut off", {{ 1, 6 }}, { 0, 512 }, 3, 5, 1 },
	{ "the run before and all of it", {{ 0, 512 }}, { 0, 512 }, 7, 520, NOT_FOUND, 519 },
	{ "a span of one page", {{ 0, 512 }}, { 77, 78 }, 0, 1, 77 },
	{ "a tail after a hole", {{ 1, 3 }, { 500, 512 }}, { 0, 512 }, 9, 20, NOT_FOUND, 12 },
};

static void bits_find_desc(const struct bits_find_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(bits_find, bits_find_rows, bits_find_desc);

static void hr_test_bits_fill(struct hr_bits *bits, const struct hr_test_span *free)
{
	int i;

	hr_bits_init(bits);
	for (i = 0; i < HR_TEST_SPANS; i++)
		hr_bits_clear(bits, free[i].begin, free[i].end);
}

static void bits_find_row(struct kunit *test)
{
	const struct bits_find_row *row = test->param_value;
	long nr_before = 0, want;
	struct hr_bits bits;
	bool found;

	hr_test_bits_fill(&bits, row->free);
	found = hr_bits_find(&bits, row->within.begin, row->within.end,
			     row->head_pages, row->nr_pages, &nr_before);
	want = row->want_page == NOT_FOUND ? (long)row->want_tail :
					     (long)row->within.begin - row->want_page;
	KUNIT_EXPECT_TRUE_MSG(test, found == (row->want_page != NOT_FOUND) &&
			      nr_before == want,
			      "[%u, %u) head %lu pages %lu: got found %d before %ld, want found %d before %ld",
			      row->within.begin, row->within.end, row->head_pages,
			      row->nr_pages, found, nr_before,
			      row->want_page != NOT_FOUND, want);
}

/* Run lengths drawn, since drawn bits hardly ever make a run of ten. */
static void hr_test_bits_draw(struct hr_bits *bits, struct rnd_state *rnd)
{
	unsigned int at = 0;

	hr_bits_init(bits);
	while (at < HR_CHUNK_PAGES) {
		unsigned int most = 1U << prandom_u32_state(rnd) % 10;
		unsigned int len = 1 + prandom_u32_state(rnd) % most;

		len = min(len, (unsigned int)HR_CHUNK_PAGES - at);
		if (prandom_u32_state(rnd) & 1)
			hr_bits_clear(bits, at, at + len);
		at += len;
	}
}

/* The twin: one bit after the other. */
static bool hr_test_bits_find(const struct hr_bits *bits, unsigned int begin,
			      unsigned int end, unsigned long run,
			      unsigned long nr_pages, long *nr_before)
{
	unsigned int i = begin;

	for (;; i++) {
		if (run >= nr_pages) {
			*nr_before = (long)run - (i - begin);
			return true;
		}
		if (i == end)
			break;
		run = test_bit(i, bits->busy) ? 0 : run + 1;
	}
	*nr_before = run;
	return false;
}

static void hr_test_bits_tally(const struct hr_bits *bits, unsigned int begin,
			       unsigned int end, struct hr_bits_tally *tally)
{
	unsigned int i;

	for (i = begin; i < end; i++) {
		if (test_bit(i, bits->busy)) {
			tally->used_pages++;
			tally->tail_pages = 0;
			continue;
		}
		tally->free_pages++;
		tally->tail_pages++;
		tally->longest_pages = max(tally->longest_pages, tally->tail_pages);
	}
}

static void bits_find_and_tally_random(struct kunit *test)
{
	u64 seed = get_random_u64();
	struct rnd_state rnd;
	int round;

	prandom_seed_state(&rnd, seed);
	for (round = 0; round < 20000; round++) {
		unsigned int begin = prandom_u32_state(&rnd) % HR_CHUNK_PAGES;
		unsigned int end = begin + 1 +
			prandom_u32_state(&rnd) % (HR_CHUNK_PAGES - begin);
		unsigned long head = prandom_u32_state(&rnd) % 4;
		unsigned long nr = 1 + prandom_u32_state(&rnd) %
				   (1 + (1U << prandom_u32_state(&rnd) % 10));
		struct hr_bits_tally got = {
			.longest_pages = head, .tail_pages = head,
		}, want = got;
		long got_before, want_before;
		struct hr_bits bits;
		bool got_found, want_found;

		hr_test_bits_draw(&bits, &rnd);
		got_found = hr_bits_find(&bits, begin, end, head, nr, &got_before);
		want_found = hr_test_bits_find(&bits, begin, end, head, nr,
					       &want_before);
		hr_bits_tally(&bits, begin, end, &got);
		hr_test_bits_tally(&bits, begin, end, &want);
		if (got_found == want_found && got_before == want_before &&
		    !memcmp(&got, &want, sizeof(got)))
			continue;
		KUNIT_FAIL(test, "seed %llu round %d: [%u, %u) head %lu pages %lu of %*pbl",
			   seed, round, begin, end, head, nr, (int)HR_CHUNK_PAGES,
			   bits.busy);
		KUNIT_FAIL(test, "find: got %d %ld, want %d %ld", got_found, got_before,
			   want_found, want_before);
		KUNIT_FAIL(test, "tally: got %lu %lu %lu %lu, want %lu %lu %lu %lu",
			   got.used_pages, got.free_pages, got.longest_pages,
			   got.tail_pages, want.used_pages, want.free_pages,
			   want.longest_pages, want.tail_pages);
		return;
	}
	kunit_info(test, "seed %llu\n", seed);
}

static void bits_are_free_every_span(struct kunit *test)
{
	static const unsigned int edges[] = { 0, 1, 63, 64, 65, 127, 128, 510, 511 };
	struct hr_bits bits;
	unsigned int i, begin, end;

	for (i = 0; i < ARRAY_SIZE(edges); i++) {
		hr_bits_init(&bits);
		hr_bits_clear(&bits, 0, HR_CHUNK_PAGES);
		hr_bits_set(&bits, edges[i], edges[i] + 1);
		for (begin = 0; begin < HR_CHUNK_PAGES; begin++) {
			for (end = begin + 1; end <= HR_CHUNK_PAGES; end++) {
				bool want = edges[i] < begin || edges[i] >= end;

				if (hr_bits_are_free(&bits, begin, end) == want)
					continue;
				KUNIT_FAIL(test, "busy %u, [%u, %u): want %d",
					   edges[i], begin, end, want);
				return;
			}
		}
	}
}

static struct kunit_case hr_test_bits_cases[] = {
	KUNIT_CASE_PARAM(bits_find_row, bits_find_gen_params),
	KUNIT_CASE(bits_find_and_tally_random),
	KUNIT_CASE(bits_are_free_every_span),
	{}
};

struct kunit_suite heapranges_bits_suite = {
	.name = "heapranges_bits",
	.test_cases = hr_test_bits_cases,
};
