// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_stats: a heap in figures, as text; and the counts of which they are
 * made, where a word has 32 bits.
 */
#include "../module/arenas.h"
#include "../module/count.h"
#include "../module/heap.h"
#include "seeing_helpers.h"
#include "suites.h"

static const char hr_test_stats_of_empty[] =
	"owned_pages 0\nused_pages 0\ncached_pages 0\nfree_pages 0\nreserve_pages 0\n"
	"largest_free_pages 0\nnr_ranges 0\nnr_arenas 0\nmetadata_bytes %lu\n"
	"allocs 0\nalloc_failures 0\nfailures_parked 0\nfrees 0\ngrows 0\n"
	"grow_failures 0\nreleases 0\nreleases_shrinker 0\nrejected_foreign 0\n"
	"rejected_interior 0\nrejected_double 0\nrejected_size 0\nrejected_context 0\n"
	"check_failures 0\nzeroing_saved_bytes 0\nrefills 0\nflushes 0\nresizes 0\n";

/* Each figure that can be had is another one, so that none can stand for the next. */
static const char hr_test_stats_of_all[] =
	"owned_pages 1500\nused_pages 27\ncached_pages 0\nfree_pages 1473\nreserve_pages 0\n"
	"largest_free_pages 969\nnr_ranges 2\nnr_arenas 0\nmetadata_bytes %lu\n"
	"allocs 10\nalloc_failures 2\nfailures_parked 0\nfrees 1\ngrows 0\n"
	"grow_failures 0\nreleases 0\nreleases_shrinker 0\nrejected_foreign 3\n"
	"rejected_interior 4\nrejected_double 5\nrejected_size 6\nrejected_context 7\n"
	"check_failures 1\nzeroing_saved_bytes 0\nrefills 0\nflushes 0\nresizes 8\n";

static const char hr_test_stats_settings[] =
	"max_pages 0\narena_pages 1024\ngrow_max_pages 16384\nnode -1\nflags 0x7\n";

/* What cannot be known beforehand is taken from the heap. */
static void hr_test_expect_stats_text(struct kunit *test, struct heapranges *heap,
				      const char *figures, const char *corrupt)
{
	char *text = hr_test_seen_buffer(test), *want = hr_test_seen_buffer(test);
	struct heapranges_stats s = hr_test_stats(test, heap);
	size_t len;

	len = scnprintf(want, HR_TEST_SEEN_BYTES, "# heapranges stats 1\nserial %llu\n",
			heap->serial);
	len += scnprintf(want + len, HR_TEST_SEEN_BYTES - len, figures, s.metadata_bytes);
	scnprintf(want + len, HR_TEST_SEEN_BYTES - len, "%s%spage_bytes %lu\n",
		  hr_test_stats_settings, corrupt, PAGE_SIZE);
	hr_test_see(test, "stats", text, PAGE_SIZE);
	KUNIT_EXPECT_STREQ(test, text, want);
	hr_test_expect_pieces(test, "stats", want);
}

static void stats_show_an_empty_heap(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);

	hr_test_expect_stats_text(test, heap, hr_test_stats_of_empty, "corrupt 0\n");
}

static void stats_show_every_figure(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long a, i;

	hr_test_add(test, heap, hr_test_addr(0), 1000);
	hr_test_add(test, heap, hr_test_addr(2000), 500);
	a = hr_test_alloc(test, heap, 4);
	for (i = 0; i < 9; i++)
		hr_test_alloc(test, heap, 3);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 2000, HR_TEST_QUIET));
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 0, HR_TEST_QUIET));
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, heapranges_free(heap, (void *)hr_test_addr(1500)), -EFAULT);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, heapranges_free(heap, (void *)(a + PAGE_SIZE)), -EINVAL);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, heapranges_free(heap, (void *)hr_test_addr(900)), -EALREADY);
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, heapranges_free_sized(heap, (void *)a, 5), -ERANGE);
	for (i = 0; i < 7; i++)
		hr_count_up_shared(&heap->rejected_context);
	hr_test_free(test, heap, a);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, heapranges_resize(heap, (void *)hr_test_addr(4), 2 + i % 2),
				0);
	mutex_lock(&heap->change);
	KUNIT_EXPECT_FALSE(test, hr_heap_hand_out(heap, hr_test_addr(999), 2));
	mutex_unlock(&heap->change);

	hr_test_expect_stats_text(test, heap, hr_test_stats_of_all, "corrupt 1\n");
}

static void stats_show_settings_and_arenas(struct kunit *test)
{
	struct heapranges *heap = hr_test_create_params(test, &(struct heapranges_params){
		.name = "kunit", .node = 0, .min_pages = 100, .reserve_pages = 50,
		.max_pages = 5000, .arena_pages = 512, .grow_max_pages = 2048 });
	char *text = hr_test_seen_buffer(test);
	struct heapranges_stats s;
	u64 value;
	int i;

	hr_test_free(test, heap, hr_test_alloc(test, heap, 1));
	hr_test_free(test, heap, hr_test_alloc(test, heap, 600));
	KUNIT_EXPECT_GT(test, heapranges_trim(heap), 0UL);
	hr_test_free(test, heap, hr_test_alloc(test, heap, 1));
	s = hr_test_stats(test, heap);
	hr_test_see(test, "stats", text, PAGE_SIZE);
	for (i = 0; i < ARRAY_SIZE(hr_test_all_stats); i++) {
		value = hr_test_value(text, hr_test_all_stats[i].name);
		KUNIT_EXPECT_EQ_MSG(test, value, hr_test_stat(&s, &hr_test_all_stats[i]), "%s",
				    hr_test_all_stats[i].name);
	}
	KUNIT_EXPECT_EQ(test, hr_test_value(text, "releases"), 1ULL);
	KUNIT_EXPECT_EQ(test, hr_test_value(text, "refills"), heap->count[HR_COUNT_REFILLS]);
	KUNIT_EXPECT_GT(test, hr_test_value(text, "refills"), 0ULL);
	KUNIT_EXPECT_EQ(test, hr_test_value(text, "flushes"), heap->count[HR_COUNT_FLUSHES]);
	KUNIT_EXPECT_EQ(test, hr_test_value(text, "max_pages"), 5000ULL);
	KUNIT_EXPECT_EQ(test, hr_test_value(text, "arena_pages"), 512ULL);
	KUNIT_EXPECT_EQ(test, hr_test_value(text, "grow_max_pages"), 2048ULL);
	KUNIT_EXPECT_EQ(test, hr_test_value(text, "reserve_pages"), 50ULL);
	KUNIT_EXPECT_EQ(test, hr_test_value(text, "node"), 0ULL);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "\nflags 0x0\ncorrupt 0\n"));
}

/* ---- counts ---- */

/* The last half of a word's range, by a half more each time: what is read is exact. */
static void stats_count_past_a_word(struct kunit *test)
{
	struct hr_count count = {}, shared = {};
	u64 want = 0, step = 1ULL << (BITS_PER_LONG - 1);
	int half, i;

	if (BITS_PER_LONG != 32)
		kunit_skip(test, "no count comes past a word of 64 bits");
	for (half = 0; half < 5; half++) {
		/* As if it had been counted up to here. */
		count.low = want + step - 3;
		shared.low = count.low;
		want += step - 3;
		for (i = 0; i < 6; i++) {
			KUNIT_EXPECT_EQ_MSG(test, hr_count_read(&count), want, "half %d", half);
			KUNIT_EXPECT_EQ_MSG(test, hr_count_read(&shared), want, "half %d", half);
			hr_count_up(&count);
			hr_count_up_shared(&shared);
			want++;
		}
		want -= 3;
		count.low = want;
		shared.low = want;
	}
}

static void stats_count_read_while_it_is_counted(struct kunit *test)
{
#if BITS_PER_LONG == 32
	/* Between the two words: low has come to the next half, halves has not. */
	struct hr_count count = { .low = 0x80000000, .halves = 0 };

	KUNIT_EXPECT_EQ(test, hr_count_read(&count), 0x80000000ULL);
	count = (struct hr_count){ .low = 0x7fffffff, .halves = 0 };
	KUNIT_EXPECT_EQ(test, hr_count_read(&count), 0x7fffffffULL);
	count = (struct hr_count){ .low = 0, .halves = 1 };
	KUNIT_EXPECT_EQ(test, hr_count_read(&count), 0x100000000ULL);
	count = (struct hr_count){ .low = 5, .halves = 2 };
	KUNIT_EXPECT_EQ(test, hr_count_read(&count), 0x100000005ULL);
	count = (struct hr_count){ .low = 0xffffffff, .halves = 3 };
	KUNIT_EXPECT_EQ(test, hr_count_read(&count), 0x1ffffffffULL);
#else
	struct hr_count count = { .low = ULONG_MAX - 1 };

	hr_count_up(&count);
	KUNIT_EXPECT_EQ(test, hr_count_read(&count), U64_MAX);
#endif
}

static struct kunit_case hr_test_stats_cases[] = {
	KUNIT_CASE(stats_show_an_empty_heap),
	KUNIT_CASE(stats_show_every_figure),
	KUNIT_CASE(stats_show_settings_and_arenas),
	KUNIT_CASE(stats_count_past_a_word),
	KUNIT_CASE(stats_count_read_while_it_is_counted),
	{}
};

struct kunit_suite heapranges_stats_suite = {
	.name = "heapranges_stats",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_stats_cases,
};
