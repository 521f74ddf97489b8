// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_verify_caches: what heapranges_verify() tells of per-CPU caches.
 */
#include "cache_helpers.h"
#include "suites.h"
#include "verify_helpers.h"

static void verify_caches_tells_each_corruption(struct kunit *test)
{
	struct heapranges *heap = hr_test_cached_heap(test, 0, 4096);
	struct hr_cache *cache = hr_test_cache_here(heap);
	unsigned long *entry, was;
	struct hr_cache_seen *seen;
	struct hr_chunk *chunk;
	char want[40];
	u8 vacant;

	hr_test_alloc_there(test, heap, hr_test_addr(100), 4);
	hr_test_alloc_there(test, heap, hr_test_addr(600), 4);
	hr_test_free_on(test, heap, hr_test_here(), hr_test_addr(100));
	hr_test_verify(test, heap, "nothing");
	entry = &cache->entry[cache->parked[4]];
	was = *entry;

	*entry = was + PAGE_SIZE;
	hr_test_verify_is(test, heap, "cache: 4 pages at 40065000 are not parked");
	*entry = was | cache->parked[4];
	hr_test_verify_is(test, heap, "cache: a list of runs of 4 pages does not end");
	*entry = was;

	cache->parked_pages++;
	hr_test_verify_is(test, heap, "cache: holds 4 pages, says 5");
	cache->parked_pages--;

	vacant = cache->vacant;
	cache->vacant = cache->entry[vacant] & HR_CACHE_NEXT;
	scnprintf(want, sizeof(want), "cache: %u entries, of %u", hr_cache_nr_entries() - 1,
		  hr_cache_nr_entries());
	hr_test_verify_is(test, heap, want);
	cache->vacant = vacant;

	chunk = cache->last.chunk;
	cache->last.chunk = NULL;
	hr_test_verify_is(test, heap, "cache: remembers a chunk at 40000000, which is not there");
	cache->last.chunk = chunk;

	seen = &cache->seen[chunk->chunk_idx % HR_CACHE_SEEN];
	seen->chunk = NULL;
	hr_test_verify_is(test, heap, "cache: remembers a chunk at 40000000, which is not there");
	seen->chunk = chunk;

	cache->last.first_page++;
	hr_test_verify_is(test, heap, "cache: remembers a chunk at 40001000, which is not there");
	cache->last.first_page--;

	/* Parked, but in no cache. */
	hr_records_park(&chunk->records, 20, 2);
	hr_test_verify_is(test, heap, "bits: page 40014000 of a parked run is free");
	hr_records_set_short(&chunk->records, 20, 0);

	hr_test_verify(test, heap, "everything put right");
	hr_test_free(test, heap, hr_test_addr(600));
}

static struct kunit_case hr_test_verify_caches_cases[] = {
	KUNIT_CASE(verify_caches_tells_each_corruption),
	{}
};

struct kunit_suite heapranges_verify_caches_suite = {
	.name = "heapranges_verify_caches",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_verify_caches_cases,
};
