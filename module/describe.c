// SPDX-License-Identifier: GPL-2.0
/*
 * What an address is to the heaps, in words, as mem_dump_obj() says it of slabs.
 *
 * The list of heaps is read under RCU, and a heap that was found stays for as long as
 * that lasts. Which heap and range an address is in needs no lock, so that is told in
 * NMI too; what the page is used for is asked under the heap's lock, one chunk at a time.
 *
 * A run that began in an earlier chunk is followed back, chunk by chunk, to where it
 * begins. Runs come and go meanwhile, so what was found has to hold the address; if it
 * does not, the search begins again.
 */
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/rculist.h>

#include "describe.h"
#include "heaps.h"
#include "owners.h"

/* Runs are followed back over so many chunks, which takes a tenth of a millisecond. */
#define HR_DESCRIBE_CHUNKS	1024
#define HR_DESCRIBE_TRIES	4

enum hr_describe_state {
	HR_DESCRIBE_FREE,
	HR_DESCRIBE_LIVE,
	HR_DESCRIBE_PARKED,
	HR_DESCRIBE_HELD,	/* busy, but in no run */
	HR_DESCRIBE_LEAD,	/* in a live run that begins in an earlier chunk */
	HR_DESCRIBE_GONE,	/* there is no such chunk */
};

/* The page at @addr, and the run that holds it, if that begins where somebody looked. */
struct hr_describe {
	unsigned long		addr;		/* page-aligned */
	enum hr_describe_state	state;
	unsigned long		run, run_pages;
};

/*
 * The heap that owns @addr, NULL: none. Addresses of a heap that has nothing else may be
 * another heap's memory. Caller is in an RCU read-side section.
 */
static struct heapranges *hr_describe_find_heap(unsigned long addr,
						struct heapranges_range *range)
{
	struct heapranges *heap, *found = NULL;

	list_for_each_entry_rcu(heap, &hr_heaps_list, link) {
		if ((found && heap->flags & HEAPRANGES_ADDRESS_ONLY) ||
		    !hr_ranges_find(&heap->ranges, addr, range))
			continue;
		found = heap;
		if (!(heap->flags & HEAPRANGES_ADDRESS_ONLY))
			break;
	}
	return found;
}

/* The run that begins last in [0, page_idx] of @chunk. Return: false: none does. */
static bool hr_describe_look_before(struct hr_describe *d, const struct hr_chunk *chunk,
				    unsigned int page_idx)
{
	unsigned long run_pages;
	bool is_parked;

	do {
		run_pages = hr_records_run_pages(&chunk->records, page_idx, &is_parked);
	} while (!run_pages && page_idx--);
	if (!run_pages)
		return false;
	d->run = hr_chunk_idx_to_addr(chunk->chunk_idx) + hr_pages_to_bytes(page_idx);
	d->run_pages = run_pages;
	d->state = is_parked ? HR_DESCRIBE_PARKED : HR_DESCRIBE_LIVE;
	return true;
}

static bool hr_describe_run_holds(const struct hr_describe *d)
{
	return hr_bytes_to_pages(d->addr - d->run) < d->run_pages;
}

/* Caller holds lock. */
static void hr_describe_page_locked(struct heapranges *heap, struct hr_describe *d)
	__must_hold(&heap->lock)
{
	unsigned int page_idx = hr_addr_to_page_idx(d->addr);
	const struct hr_chunk *chunk;

	lockdep_assert_held(&heap->lock);
	chunk = hr_chunks_find(&heap->runs.chunks, hr_addr_to_chunk_idx(d->addr));
	if (!chunk)
		d->state = HR_DESCRIBE_GONE;
	else if (!test_bit(page_idx, chunk->bits.busy))
		d->state = HR_DESCRIBE_FREE;
	else if (page_idx < chunk->records.lead_pages)
		d->state = HR_DESCRIBE_LEAD;
	else if (!hr_describe_look_before(d, chunk, page_idx) || !hr_describe_run_holds(d))
		d->state = HR_DESCRIBE_HELD;
}

/*
 * Looks for where a run that reaches over the end of the chunk begins. Return: false: before
 * that chunk. Caller holds lock.
 */
static bool hr_describe_chunk_locked(struct heapranges *heap, struct hr_describe *d,
				     unsigned long chunk_idx)
	__must_hold(&heap->lock)
{
	const struct hr_chunk *chunk = hr_chunks_find(&heap->runs.chunks, chunk_idx);

	lockdep_assert_held(&heap->lock);
	if (chunk && chunk->records.lead_pages == HR_CHUNK_PAGES)
		return false;
	if (!chunk || !hr_describe_look_before(d, chunk, HR_CHUNK_PAGES - 1))
		d->state = HR_DESCRIBE_HELD;
	return true;
}

/* Of a page in a run that begins in an earlier chunk. Return: false: it has changed. */
static bool hr_describe_look_back(struct heapranges *heap, struct hr_describe *d)
{
	unsigned long chunk_idx = hr_addr_to_chunk_idx(d->addr), flags;
	bool found = false;
	int i;

	for (i = 0; i < HR_DESCRIBE_CHUNKS && !found; i++) {
		raw_spin_lock_irqsave(&heap->lock, flags);
		found = hr_describe_chunk_locked(heap, d, --chunk_idx);
		raw_spin_unlock_irqrestore(&heap->lock, flags);
	}
	return !found || (d->state == HR_DESCRIBE_LIVE && hr_describe_run_holds(d));
}

static void hr_describe_page(struct heapranges *heap, struct hr_describe *d)
{
	unsigned long flags;
	int try;

	for (try = 0; try < HR_DESCRIBE_TRIES; try++) {
		raw_spin_lock_irqsave(&heap->lock, flags);
		hr_describe_page_locked(heap, d);
		raw_spin_unlock_irqrestore(&heap->lock, flags);
		if (d->state != HR_DESCRIBE_LEAD || hr_describe_look_back(heap, d))
			return;
	}
	d->state = HR_DESCRIBE_HELD;
}

static void hr_describe_say_run(struct heapranges *heap, const struct hr_describe *d,
				char *buf, size_t size)
{
	bool live = d->state == HR_DESCRIBE_LIVE;
	unsigned long caller = live ? hr_owners_caller(heap, d->run) : 0;
	size_t len;

	len = scnprintf(buf, size, "page %lu of %lu in the %s run at 0x%0*lx",
			hr_bytes_to_pages(d->addr - d->run) + 1, d->run_pages,
			live ? "live" : "parked", (int)(2 * sizeof(unsigned long)), d->run);
	if (caller)
		scnprintf(buf + len, size - len, ", taken by %pS", (void *)caller);
}

static void hr_describe_say_state(struct heapranges *heap, const struct hr_describe *d,
				  char *buf, size_t size)
{
	switch (d->state) {
	case HR_DESCRIBE_LIVE:
	case HR_DESCRIBE_PARKED:
		return hr_describe_say_run(heap, d, buf, size);
	case HR_DESCRIBE_FREE:
		scnprintf(buf, size, "a free page");
		break;
	case HR_DESCRIBE_LEAD:
		scnprintf(buf, size, "in a live run that begins far before");
		break;
	default:
		scnprintf(buf, size, "a page held back, neither free nor in a run");
	}
}

int hr_describe_addr(unsigned long addr, char *buf, size_t size)
{
	struct hr_describe d = { .addr = addr & PAGE_MASK };
	const int digits = 2 * sizeof(unsigned long);
	struct heapranges_range range;
	struct heapranges *heap;
	int ret = -ENOENT;
	size_t len;

	rcu_read_lock();
	heap = hr_describe_find_heap(addr, &range);
	if (heap && !in_nmi())
		hr_describe_page(heap, &d);
	if (heap && d.state != HR_DESCRIBE_GONE) {
		len = scnprintf(buf, size, "heap %s%s, range 0x%0*lx-0x%0*lx: ", heap->name,
				READ_ONCE(heap->corrupt) ? " (corrupt)" : "", digits,
				range.base, digits, range.limit);
		if (in_nmi())
			scnprintf(buf + len, size - len, "not looked at, in NMI");
		else
			hr_describe_say_state(heap, &d, buf + len, size - len);
		ret = 0;
	}
	rcu_read_unlock();
	return ret;
}
