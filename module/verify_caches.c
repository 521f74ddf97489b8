// SPDX-License-Identifier: GPL-2.0
/* The part of verify.c that looks at per-CPU caches. */
#include <linux/percpu.h>
#include <linux/sched.h>

#include "cache.h"
#include "verifier.h"

/* The entries of one list. Caches are closed. Return: how many there are. */
static unsigned int hr_verify_list(struct hr_verify *v, const struct hr_cache *cache,
				   unsigned int first, unsigned int nr_pages)
{
	unsigned int i = first, nr, max = hr_cache_nr_entries(), parked_pages;
	struct hr_chunk *chunk;
	unsigned long addr;

	for (nr = 0; i && i <= max && nr <= max; nr++, i = cache->entry[i] & HR_CACHE_NEXT) {
		if (!nr_pages)
			continue;
		addr = cache->entry[i] & PAGE_MASK;
		chunk = hr_chunks_find(&v->heap->runs.chunks, hr_addr_to_chunk_idx(addr));
		parked_pages = !chunk ? 0 : hr_records_parked_pages(&chunk->records,
								    hr_addr_to_page_idx(addr));
		hr_verify_local(v, parked_pages == nr_pages,
				"cache: %u pages at %lx are not parked", nr_pages, addr);
	}
	hr_verify_local(v, !i, "cache: a list of runs of %u pages does not end", nr_pages);
	return nr;
}

/* What a cache remembers. Caches are closed. */
static void hr_verify_memory(struct hr_verify *v, const struct hr_cache_seen *seen)
{
	unsigned long addr = hr_pages_to_bytes(seen->first_page);

	hr_verify_local(v, seen->first_page == HR_CACHE_NO_PAGE ||
			(!hr_addr_to_page_idx(addr) &&
			 seen->chunk == hr_chunks_find(&v->heap->runs.chunks,
						       hr_addr_to_chunk_idx(addr))),
			"cache: remembers a chunk at %lx, which is not there", addr);
}

static void hr_verify_cache(struct hr_verify *v, struct hr_cache *cache)
{
	unsigned int nr, nr_entries, nr_pages, parked_pages = 0, i;

	nr_entries = hr_verify_list(v, cache, cache->vacant, 0);
	for (nr_pages = 1; nr_pages <= HR_RECORD_PARKED_MAX; nr_pages++) {
		nr = hr_verify_list(v, cache, cache->parked[nr_pages], nr_pages);
		nr_entries += nr;
		parked_pages += nr * nr_pages;
	}
	hr_verify_local(v, nr_entries == hr_cache_nr_entries(),
			"cache: %u entries, of %u", nr_entries, hr_cache_nr_entries());
	hr_verify_local(v, cache->parked_pages == parked_pages,
			"cache: holds %u pages, says %u", parked_pages, cache->parked_pages);
	hr_verify_memory(v, &cache->last);
	for (i = 0; i < HR_CACHE_SEEN; i++)
		hr_verify_memory(v, &cache->seen[i]);
	v->cached_pages += parked_pages;
}

void hr_verify_caches(struct hr_verify *v)
{
	int cpu;

	if (!v->heap->caches)
		return;
	hr_cache_shut(v->heap);
	for_each_possible_cpu(cpu) {
		hr_verify_cache(v, per_cpu_ptr(v->heap->caches, cpu));
		cond_resched();
	}
	hr_cache_open(v->heap);
}
