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
	unsigned int		begin;
	unsigned long		head_pages, nr_pages;
	long			want_page;	/* LONG_MIN: not found */
	unsigned long		want_tail;
};

#define NOT_FOUND	LONG_MIN

static const struct bits_find_row bits_find_rows[] = {
	{ "one page in an all free chunk", {{ 0, 512 }}, 0, 0, 1, 0 },
	{ "the whole chunk", {{ 0, 512 }}, 0, 0, 512, 0 },
	{ "one more than the chunk", {{ 0, 512 }}, 0, 0, 513, NOT_FOUND, 512 },
	{ "nothing free", {}, 0, 0, 1, NOT_FOUND, 0 },
	{ "the last page", {{ 511, 512 }}, 0, 0, 1, 511 },
	{ "two at the end, one free", {{ 511, 512 }}, 0, 0, 2, NOT_FOUND, 1 },
	{ "over a word's border", {{ 62, 67 }}, 0, 0, 5, 62 },
	{ "exactly a word", {{ 64, 128 }}, 0, 0, 64, 64 },
	{ "a word and one", {{ 63, 128 }}, 0, 0, 65, 63 },
	{ "the first hole too small", {{ 3, 6 }, { 9, 13 }}, 0, 0, 4, 9 },
	{ "the first of two that fit", {{ 3, 7 }, { 9, 13 }}, 0, 0, 4, 3 },
	{ "begin cuts the hole", {{ 3, 7 }, { 9, 13 }}, 4, 0, 4, 9 },
	{ "the run before completes it", {{ 0, 2 }}, 0, 3, 5, -3 },
	{ "the run before is enough alone", {}, 0, 5, 5, -5 },
	{ "the run before is cut off", {{ 1, 6 }}, 0, 3, 5, 1 },
	{ "the run before and all of it", {{ 0, 512 }}, 0, 7, 520, NOT_FOUND, 519 },
	{ "a tail after a hole", {{ 1, 3 }, { 500, 512 }}, 0, 9, 20, NOT_FOUND, 12 },
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
	found = hr_bits_find(&bits, row->begin, row->head_pages, row->nr_pages,
			     &nr_before);
	want = row->want_page == NOT_FOUND ? (long)row->want_tail :
					     (long)row->begin - row->want_page;
	KUNIT_EXPECT_TRUE_MSG(test, found == (row->want_page != NOT_FOUND) &&
			      nr_before == want,
			      "from %u head %lu pages %lu: got found %d before %ld, want found %d before %ld",
			      row->begin, row->head_pages, row->nr_pages, found, nr_before,
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
		unsigned long head = prandom_u32_state(&rnd) % (begin % 64 ? 4 : 600);
		unsigned long nr = 1 + prandom_u32_state(&rnd) %
				   (1 + (1U << prandom_u32_state(&rnd) % 10));
		struct hr_bits_tally got = {
			.longest_pages = head, .tail_pages = head,
		}, want = got;
		long got_before, want_before;
		struct hr_bits bits;
		bool got_found, want_found;

		hr_test_bits_draw(&bits, &rnd);
		got_found = hr_bits_find(&bits, begin, head, nr, &got_before);
		want_found = hr_test_bits_find(&bits, begin, HR_CHUNK_PAGES, head, nr,
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
		KUNIT_FAIL(test, "tally: got %lu %lu %lu, want %lu %lu %lu", got.free_pages,
			   got.longest_pages, got.tail_pages, want.free_pages,
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

/* Every span: the mask and word arithmetic against setting bits one by one. */
static void bits_set_and_clear_every_span(struct kunit *test)
{
	struct hr_bits got, want;
	unsigned int begin, end;

	for (begin = 0; begin < HR_CHUNK_PAGES; begin++) {
		hr_bits_set_whole(&want, true);
		for (end = begin + 1; end <= HR_CHUNK_PAGES; end++) {
			__set_bit(end - 1, want.busy);
			hr_bits_set_whole(&got, true);
			hr_bits_set(&got, begin, end);
			if (memcmp(&got, &want, sizeof(got))) {
				KUNIT_FAIL(test, "set [%u, %u): got %*pbl", begin, end,
					   (int)HR_CHUNK_PAGES, got.busy);
				return;
			}
			hr_bits_clear(&got, begin, end);
			if (!bitmap_empty(got.busy, HR_CHUNK_PAGES)) {
				KUNIT_FAIL(test, "clear [%u, %u): got %*pbl", begin, end,
					   (int)HR_CHUNK_PAGES, got.busy);
				return;
			}
		}
	}
}

/* Quick or not at all: never wrong, and right wherever one word answers. */
static void bits_fit_every_place_and_length(struct kunit *test)
{
	unsigned int page_idx, nr_pages, busy;
	struct hr_bits bits;

	for (busy = 60; busy <= 130; busy++) {
		hr_bits_set_whole(&bits, true);
		hr_bits_set(&bits, busy, busy + 1);
		for (page_idx = 0; page_idx <= HR_CHUNK_PAGES; page_idx++) {
			for (nr_pages = 1; nr_pages <= BITS_PER_LONG + 2; nr_pages++) {
				bool one_word = page_idx < HR_CHUNK_PAGES && nr_pages <=
					BITS_PER_LONG - page_idx % BITS_PER_LONG;
				bool want = one_word && (busy < page_idx ||
							 busy >= page_idx + nr_pages);

				if (hr_bits_fit(&bits, page_idx, nr_pages) == want)
					continue;
				KUNIT_FAIL(test, "busy %u, %u pages at %u: want %d", busy,
					   nr_pages, page_idx, want);
				return;
			}
		}
	}
}

static void hr_test_bits_sum(const struct hr_bits *bits, struct hr_sum *sum)
{
	unsigned long run = 0;
	unsigned int i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < HR_CHUNK_PAGES; i++) {
		run = test_bit(i, bits->busy) ? 0 : run + 1;
		sum->max = max(sum->max, run);
		if (run == i + 1)
			sum->start = run;
	}
	sum->end = run;
}

static bool hr_test_bits_sum_is_right(struct kunit *test, const struct hr_bits *bits)
{
	struct hr_sum got, want;

	hr_bits_sum(bits, &got);
	hr_test_bits_sum(bits, &want);
	if (!memcmp(&got, &want, sizeof(got)))
		return true;
	KUNIT_FAIL(test, "sum of %*pbl: got %lu %lu %lu, want %lu %lu %lu",
		   (int)HR_CHUNK_PAGES, bits->busy, got.start, got.max, got.end,
		   want.start, want.max, want.end);
	return false;
}

/* All patterns of a few bits, at the edges of words and of the chunk. */
static void bits_sum_every_pattern(struct kunit *test)
{
	static const unsigned int places[] = { 0, 58, 64, 250, HR_CHUNK_PAGES - 10 };
	unsigned int i, bit, pattern, free;
	struct hr_bits bits;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		for (pattern = 0; pattern < 1024; pattern++) {
			for (free = 0; free < 2; free++) {
				hr_bits_set_whole(&bits, free);
				for (bit = 0; bit < 10; bit++)
					__assign_bit(places[i] + bit, bits.busy,
						     pattern & BIT(bit));
				if (!hr_test_bits_sum_is_right(test, &bits))
					return;
			}
		}
	}
}

static bool hr_test_bits_find_is_right(struct kunit *test, const struct hr_bits *bits,
				       unsigned int begin, unsigned int head,
				       unsigned int nr_pages)
{
	long got = 0, want = 0;
	bool found = hr_bits_find(bits, begin, head, nr_pages, &got);

	if (found == hr_test_bits_find(bits, begin, HR_CHUNK_PAGES, head, nr_pages, &want) &&
	    got == want)
		return true;
	KUNIT_FAIL(test, "from %u, head %u, %u pages of %*pbl: got %d %ld, want %ld", begin,
		   head, nr_pages, (int)HR_CHUNK_PAGES, bits->busy, found, got, want);
	return false;
}

/* The same for the search, of every length that the pattern can answer. */
static void bits_find_every_pattern(struct kunit *test)
{
	static const unsigned int places[] = { 0, 59, HR_CHUNK_PAGES - 8 };
	unsigned int i, bit, pattern, nr_pages, head;
	struct hr_bits bits;

	for (i = 0; i < ARRAY_SIZE(places) * 256; i++) {
		pattern = i % 256;
		hr_bits_set_whole(&bits, false);
		for (bit = 0; bit < 8; bit++)
			__assign_bit(places[i / 256] + bit, bits.busy, pattern & BIT(bit));
		for (nr_pages = 1; nr_pages <= 11; nr_pages++) {
			for (head = 0; head <= 3; head++) {
				if (!hr_test_bits_find_is_right(test, &bits,
								places[i / 256] + head % 2,
								head, nr_pages))
					return;
			}
		}
	}
}

static void bits_sum_random(struct kunit *test)
{
	u64 seed = get_random_u64();
	struct rnd_state rnd;
	struct hr_bits bits;
	int round;

	prandom_seed_state(&rnd, seed);
	kunit_info(test, "seed %llu\n", seed);
	for (round = 0; round < 20000; round++) {
		hr_test_bits_draw(&bits, &rnd);
		if (!hr_test_bits_sum_is_right(test, &bits))
			return;
	}
}

/* Pages [begin, end) change, all alike; the summary is mended. */
static bool hr_test_bits_mend_is_right(struct kunit *test, struct hr_bits *bits,
				       unsigned int begin, unsigned int end)
{
	bool free = !test_bit(begin, bits->busy);
	struct hr_sum got, want;

	hr_test_bits_sum(bits, &got);
	if (free)
		hr_bits_set(bits, begin, end);
	else
		hr_bits_clear(bits, begin, end);
	hr_bits_mend_sum(bits, begin, end, &got);
	hr_test_bits_sum(bits, &want);
	if (!memcmp(&got, &want, sizeof(got)))
		return true;
	KUNIT_FAIL(test, "[%u, %u) %s, %*pbl: got %lu %lu %lu, want %lu %lu %lu", begin, end,
		   free ? "taken" : "freed", (int)HR_CHUNK_PAGES, bits->busy, got.start,
		   got.max, got.end, want.start, want.max, want.end);
	return false;
}

/* All patterns of a few bits, and of each all spans of like ones. */
static void bits_mend_sum_every_pattern(struct kunit *test)
{
	static const unsigned int places[] = { 0, 60, HR_CHUNK_PAGES - 7 };
	unsigned int i, bit, begin, end;
	struct hr_bits was, bits;

	for (i = 0; i < ARRAY_SIZE(places) * 256; i++) {
		hr_bits_set_whole(&was, i & 128);
		for (bit = 0; bit < 7; bit++)
			__assign_bit(places[i / 256] + bit, was.busy, i & BIT(bit));
		for (begin = places[i / 256]; begin < places[i / 256] + 7; begin++) {
			for (end = begin + 1; end <= places[i / 256] + 7; end++) {
				if (test_bit(end - 1, was.busy) != test_bit(begin, was.busy))
					break;
				bits = was;
				if (!hr_test_bits_mend_is_right(test, &bits, begin, end))
					return;
			}
		}
	}
}

static void bits_mend_sum_random(struct kunit *test)
{
	u64 seed = get_random_u64();
	unsigned int round, begin, end;
	struct rnd_state rnd;
	struct hr_bits bits;

	prandom_seed_state(&rnd, seed);
	kunit_info(test, "seed %llu\n", seed);
	for (round = 0; round < 20000; round++) {
		hr_test_bits_draw(&bits, &rnd);
		begin = prandom_u32_state(&rnd) % HR_CHUNK_PAGES;
		end = test_bit(begin, bits.busy) ?
		      find_next_zero_bit(bits.busy, HR_CHUNK_PAGES, begin) :
		      find_next_bit(bits.busy, HR_CHUNK_PAGES, begin);
		end = begin + 1 + prandom_u32_state(&rnd) % (end - begin);
		if (!hr_test_bits_mend_is_right(test, &bits, begin, end))
			return;
	}
}

/* The summary of @nr_bits of @busy. */
static void hr_test_sum_of_bits(u32 busy, unsigned int nr_bits, struct hr_sum *sum)
{
	unsigned long run = 0;
	unsigned int i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < nr_bits; i++) {
		run = busy & BIT(i) ? 0 : run + 1;
		sum->max = max(sum->max, run);
		if (run == i + 1)
			sum->start = run;
	}
	sum->end = run;
}

/* All patterns of 16 pages, in parts of 1, 2, 4 and 8. */
static void sum_merge_every_pattern(struct kunit *test)
{
	struct hr_sum part[16], got, want;
	unsigned int span, i;
	u32 busy;

	for (span = 1; span <= 8; span *= 2) {
		for (busy = 0; busy < BIT(16); busy++) {
			for (i = 0; i < 16 / span; i++)
				hr_test_sum_of_bits(busy >> (i * span), span, &part[i]);
			hr_sum_merge(&got, part, 16 / span, span);
			hr_test_sum_of_bits(busy, 16, &want);
			if (!memcmp(&got, &want, sizeof(got)))
				continue;
			KUNIT_FAIL(test, "busy %x, parts of %u: got %lu %lu %lu, want %lu %lu %lu",
				   busy, span, got.start, got.max, got.end, want.start,
				   want.max, want.end);
			return;
		}
	}
}

static struct kunit_case hr_test_bits_cases[] = {
	KUNIT_CASE_PARAM(bits_find_row, bits_find_gen_params),
	KUNIT_CASE(bits_find_and_tally_random),
	KUNIT_CASE(bits_are_free_every_span),
	KUNIT_CASE(bits_set_and_clear_every_span),
	KUNIT_CASE(bits_fit_every_place_and_length),
	KUNIT_CASE(bits_find_every_pattern),
	KUNIT_CASE(bits_sum_every_pattern),
	KUNIT_CASE(bits_sum_random),
	KUNIT_CASE(bits_mend_sum_every_pattern),
	KUNIT_CASE(bits_mend_sum_random),
	KUNIT_CASE(sum_merge_every_pattern),
	{}
};

struct kunit_suite heapranges_bits_suite = {
	.name = "heapranges_bits",
	.test_cases = hr_test_bits_cases,
};
