// SPDX-License-Identifier: GPL-2.0
/*
 * Who holds what of a heap that remembers: live runs, by who took them.
 *
 * The chunks tell, one at a time under the lock. Callers beyond HR_OWNERS_MAX are
 * counted together: a heap that leaks does so in few places.
 */
#include <linux/sched.h>
#include <linux/sort.h>

#include "mem.h"
#include "owners.h"

#define HR_OWNERS_MAX		64
#define HR_OWNERS_SAID		8

struct hr_owner {
	unsigned long	caller;
	unsigned long	nr_runs, nr_pages;
};

struct hr_owners {
	struct hr_owner	owner[HR_OWNERS_MAX];
	unsigned int	nr;
	struct hr_owner	others;
};

/* Whose figures a run of @caller goes into. */
static struct hr_owner *hr_owners_find(struct hr_owners *owners, unsigned long caller)
{
	unsigned int i;

	for (i = 0; i < owners->nr; i++) {
		if (owners->owner[i].caller == caller)
			return &owners->owner[i];
	}
	if (i == HR_OWNERS_MAX)
		return &owners->others;
	owners->owner[i].caller = caller;
	owners->nr++;
	return &owners->owner[i];
}

/* Caller holds lock. */
static void hr_owners_count_locked(struct hr_owners *owners, const struct hr_chunk *chunk,
				   const struct hr_piece *piece)
{
	struct hr_owner *owner;
	unsigned long nr_pages;
	unsigned int page_idx;

	for (page_idx = piece->begin; page_idx < piece->end; page_idx++) {
		nr_pages = hr_records_pages(&chunk->records, page_idx);
		if (!nr_pages)
			continue;
		owner = hr_owners_find(owners, chunk->owners[page_idx]);
		owner->nr_runs++;
		owner->nr_pages += nr_pages;
	}
}

static void hr_owners_count_range(struct hr_owners *owners, struct heapranges *heap,
				  const struct heapranges_range *range)
{
	struct hr_piece piece = hr_piece_first(range->base,
		hr_bytes_to_pages(range->limit - range->base));
	struct hr_chunk *chunk;

	do {
		raw_spin_lock_irq(&heap->lock);
		chunk = hr_chunks_find(&heap->runs.chunks, piece.chunk_idx);
		if (chunk)
			hr_owners_count_locked(owners, chunk, &piece);
		raw_spin_unlock_irq(&heap->lock);
		cond_resched();
	} while (hr_piece_next(&piece));
}

static int hr_owners_compare(const void *a, const void *b)
{
	const struct hr_owner *x = a, *y = b;

	return x->nr_pages < y->nr_pages ? 1 : -(x->nr_pages > y->nr_pages);
}

static void hr_owners_say(struct hr_owners *owners, const char *name)
{
	unsigned int i;

	sort(owners->owner, owners->nr, sizeof(*owners->owner), hr_owners_compare, NULL);
	for (i = 0; i < owners->nr; i++) {
		if (i < HR_OWNERS_SAID) {
			hr_reports_owner(name, owners->owner[i].nr_runs,
					 owners->owner[i].nr_pages, owners->owner[i].caller);
			continue;
		}
		owners->others.nr_runs += owners->owner[i].nr_runs;
		owners->others.nr_pages += owners->owner[i].nr_pages;
	}
	if (owners->others.nr_runs)
		hr_reports_owner(name, owners->others.nr_runs, owners->others.nr_pages, 0);
}

void hr_owners_report(struct heapranges *heap)
{
	struct heapranges_range range;
	struct hr_owners *owners;
	unsigned long from = 0;

	if (!(heap->flags & HR_HEAP_TRACKS_OWNERS))
		return;
	owners = hr_mem_kzalloc(sizeof(*owners), GFP_KERNEL | __GFP_NOWARN);
	if (!owners)
		return;
	while (hr_ranges_next(&heap->ranges, from, &range)) {
		hr_owners_count_range(owners, heap, &range);
		from = range.limit;
	}
	hr_owners_say(owners, heap->name);
	hr_mem_kfree(owners);
}

unsigned long hr_owners_caller(struct heapranges *heap, unsigned long base)
{
	unsigned int page_idx = hr_addr_to_page_idx(base);
	unsigned long flags, caller = 0;
	struct hr_chunk *chunk;

	if (!(heap->flags & HR_HEAP_TRACKS_OWNERS))
		return 0;
	raw_spin_lock_irqsave(&heap->lock, flags);
	chunk = hr_chunks_find(&heap->runs.chunks, hr_addr_to_chunk_idx(base));
	if (chunk && hr_records_pages(&chunk->records, page_idx))
		caller = chunk->owners[page_idx];
	raw_spin_unlock_irqrestore(&heap->lock, flags);
	return caller;
}
