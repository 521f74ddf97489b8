// SPDX-License-Identifier: GPL-2.0
/*
 * One chunk's records, against a twin that remembers for each page which run it
 * is in. Each length at each place is tried.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/random.h>

#include "../module/records.h"
#include "suites.h"

/* Is every page of the chunk what a single run of @nr_pages at @begin makes it? */
static bool hr_test_records_single(struct kunit *test, const struct hr_records *records,
				   unsigned int begin, unsigned long nr_pages)
{
	unsigned int i;

	for (i = 0; i < HR_CHUNK_PAGES; i++) {
		unsigned long want = i == begin ? nr_pages : 0;
		bool want_cover = i >= begin && i - begin < nr_pages;

		if (hr_records_pages(records, i) == want &&
		    hr_records_cover(records, i) == want_cover)
			continue;
		KUNIT_FAIL(test, "run of %lu at %u, page %u: got pages %lu cover %d, want %lu %d",
			   nr_pages, begin, i, hr_records_pages(records, i),
			   hr_records_cover(records, i), want, want_cover);
		return false;
	}
	return true;
}

static void records_set_every_length_inside(struct kunit *test)
{
	static const unsigned int begins[] = { 0, 1, 255, 384, 386, 387, 509, 510, 511 };
	struct hr_records *records = kunit_kzalloc(test, sizeof(*records), GFP_KERNEL);
	struct hr_records *empty = kunit_kzalloc(test, sizeof(*empty), GFP_KERNEL);
	unsigned int i, nr_pages;

	KUNIT_ASSERT_TRUE(test, records && empty);
	hr_records_init(records);
	for (i = 0; i < ARRAY_SIZE(begins); i++) {
		for (nr_pages = 1; nr_pages <= HR_CHUNK_PAGES + 2; nr_pages++) {
			hr_records_set(records, begins[i], nr_pages);
			if (!hr_test_records_single(test, records, begins[i], nr_pages))
				return;
			KUNIT_ASSERT_EQ(test, hr_records_end(records, begins[i]),
					(unsigned long)nr_pages);
			KUNIT_ASSERT_EQ(test, hr_records_end(records, begins[i]), 0UL);
			KUNIT_ASSERT_EQ(test, memcmp(records, empty, sizeof(*records)), 0);
		}
	}
}

static void records_set_leaving_far(struct kunit *test)
{
	struct hr_records *records = kunit_kzalloc(test, sizeof(*records), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, records);
	hr_records_init(records);
	hr_records_set(records, 511, ULONG_MAX >> PAGE_SHIFT);
	hr_test_records_single(test, records, 511, ULONG_MAX >> PAGE_SHIFT);
}

static void records_cover_lead(struct kunit *test)
{
	struct hr_records *records = kunit_kzalloc(test, sizeof(*records), GFP_KERNEL);
	unsigned int lead, i;

	KUNIT_ASSERT_NOT_NULL(test, records);
	hr_records_init(records);
	for (lead = 0; lead <= HR_CHUNK_PAGES; lead++) {
		hr_records_set_lead(records, lead);
		for (i = 0; i < HR_CHUNK_PAGES; i++) {
			KUNIT_ASSERT_EQ_MSG(test, hr_records_cover(records, i), i < lead,
					    "lead %u page %u", lead, i);
			KUNIT_ASSERT_EQ(test, hr_records_pages(records, i), 0UL);
		}
	}
}

/* The twin: what run each page is in, by its first page plus one; 0: none. */
struct hr_test_records_twin {
	unsigned int	run[HR_CHUNK_PAGES];
	unsigned long	pages[HR_CHUNK_PAGES];
};

static bool hr_test_records_agree(struct kunit *test, const struct hr_records *records,
				  const struct hr_test_records_twin *twin)
{
	unsigned int i;

	for (i = 0; i < HR_CHUNK_PAGES; i++) {
		if (hr_records_pages(records, i) == twin->pages[i] &&
		    hr_records_cover(records, i) == !!twin->run[i] &&
		    hr_records_is_inside(records, i) == (twin->run[i] && twin->run[i] != i + 1))
			continue;
		KUNIT_FAIL(test, "page %u: got pages %lu cover %d inside %d, want %lu in run %u", i,
			   hr_records_pages(records, i), hr_records_cover(records, i),
			   hr_records_is_inside(records, i), twin->pages[i], twin->run[i]);
		return false;
	}
	return true;
}

static void records_random_runs_side_by_side(struct kunit *test)
{
	struct hr_test_records_twin *twin = kunit_kzalloc(test, sizeof(*twin), GFP_KERNEL);
	struct hr_records *records = kunit_kzalloc(test, sizeof(*records), GFP_KERNEL);
	u64 seed = get_random_u64();
	struct rnd_state rnd;
	int step;

	KUNIT_ASSERT_TRUE(test, records && twin);
	hr_records_init(records);
	prandom_seed_state(&rnd, seed);
	kunit_info(test, "seed %llu\n", seed);
	for (step = 0; step < 4000; step++) {
		unsigned int at = prandom_u32_state(&rnd) % HR_CHUNK_PAGES, i, room;
		unsigned int most = 1U << prandom_u32_state(&rnd) % 11;
		unsigned long nr_pages = 1 + prandom_u32_state(&rnd) % most;

		if (twin->run[at]) {
			at = twin->run[at] - 1;
			hr_records_end(records, at);
			for (i = at; i < HR_CHUNK_PAGES && twin->run[i] == at + 1; i++)
				twin->run[i] = 0;
			twin->pages[at] = 0;
		} else {
			for (room = at; room < HR_CHUNK_PAGES && !twin->run[room]; room++)
				;
			if (room < HR_CHUNK_PAGES)
				nr_pages = min_t(unsigned long, nr_pages, room - at);
			hr_records_set(records, at, nr_pages);
			for (i = at; i < HR_CHUNK_PAGES && i - at < nr_pages; i++)
				twin->run[i] = at + 1;
			twin->pages[at] = nr_pages;
		}
		if (!hr_test_records_agree(test, records, twin)) {
			kunit_err(test, "seed %llu step %d\n", seed, step);
			return;
		}
	}
}

static struct kunit_case hr_test_records_cases[] = {
	KUNIT_CASE(records_set_every_length_inside),
	KUNIT_CASE(records_set_leaving_far),
	KUNIT_CASE(records_cover_lead),
	KUNIT_CASE(records_random_runs_side_by_side),
	{}
};

struct kunit_suite heapranges_records_suite = {
	.name = "heapranges_records",
	.test_cases = hr_test_records_cases,
};
