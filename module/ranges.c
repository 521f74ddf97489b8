// SPDX-License-Identifier: GPL-2.0
/*
 * The sorted, coalesced array of the address ranges that a heap owns.
 *
 *	block -> | [base, limit) | [base, limit) | [base, limit) |
 *	          ascending, never touching: what abuts has become one
 *
 * The idea of asking such an array about every address, and of coalescing it
 * eagerly, is that of addrRanges in Go's runtime. Removal, refusals and lockless
 * readers are this module's own.
 *
 * A published block never changes. A writer builds the next generation in
 * storage that its caller brought, publishes that with one pointer store, and
 * hands the old block back, to be freed after a grace period. So a reader, from
 * whatever context, sees one whole generation and waits for nobody: it cannot
 * even see that there is a writer.
 *
 * Barriers: rcu_assign_pointer() in hr_ranges_splice() pairs with
 * rcu_dereference() in every reader: whoever sees the pointer sees the ranges.
 *
 * A change copies the array; a question is a binary search. Limits never wrap,
 * since the last page of the address space is refused.
 */
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "geometry.h"
#include "ranges.h"

void hr_ranges_init(struct hr_ranges *ranges, struct mutex *writers)
{
	RCU_INIT_POINTER(ranges->block, NULL);
	ranges->writers = writers;
}

struct hr_ranges_block *hr_ranges_exit(struct hr_ranges *ranges)
{
	struct hr_ranges_block *block = rcu_dereference_protected(ranges->block, true);

	RCU_INIT_POINTER(ranges->block, NULL);
	return block;
}

/* Caller holds writers. */
static struct hr_ranges_block *hr_ranges_own_block(const struct hr_ranges *ranges)
{
	return rcu_dereference_protected(ranges->block,
					 lockdep_is_held(ranges->writers));
}

static size_t hr_ranges_block_bytes(unsigned long nr_ranges)
{
	const struct hr_ranges_block *block;

	return struct_size(block, range, nr_ranges);
}

size_t hr_ranges_spare_bytes(const struct hr_ranges *ranges)
{
	const struct hr_ranges_block *block = hr_ranges_own_block(ranges);

	/* An add into a gap and a remove out of a middle both make one more. */
	return hr_ranges_block_bytes((block ? block->nr_ranges : 0) + 1);
}

/*
 * How many ranges end at or below @addr: the index of the first one that holds
 * @addr or lies behind it. The step is chosen without a branch, since which way
 * a search turns cannot be predicted.
 */
static unsigned long hr_ranges_nr_below(const struct hr_ranges_block *block,
					unsigned long addr)
{
	unsigned long at = 0, left = block ? block->nr_ranges : 0;

	while (left) {
		unsigned long half = left / 2;
		unsigned long below = block->range[at + half].limit <= addr;

		at += below * (half + 1);
		left = below ? left - half - 1 : half;
	}
	return at;
}

/*
 * Publishes a generation in *@spare in which the @nr_out ranges from index @at
 * are replaced by the @nr_in ranges of @in, and leaves the old one in *@spare.
 * Caller holds writers.
 */
static int hr_ranges_splice(struct hr_ranges *ranges, unsigned long at,
			    unsigned long nr_out, unsigned long nr_in,
			    const struct heapranges_range *in,
			    long nr_pages_more, struct hr_ranges_block **spare)
{
	struct hr_ranges_block *old = hr_ranges_own_block(ranges);
	unsigned long nr_old = old ? old->nr_ranges : 0;
	unsigned long nr_new = nr_old - nr_out + nr_in;
	struct hr_ranges_block *new = *spare;

	if (!new || new->bytes < hr_ranges_block_bytes(nr_new))
		return -ENOMEM;

	new->generation = (old ? old->generation : 0) + 1;
	new->nr_ranges = nr_new;
	new->nr_pages = (old ? old->nr_pages : 0) + nr_pages_more;
	memcpy(new->range + at, in, nr_in * sizeof(*in));
	if (old) {
		memcpy(new->range, old->range, at * sizeof(*in));
		memcpy(new->range + at + nr_in, old->range + at + nr_out,
		       (nr_old - at - nr_out) * sizeof(*in));
	}
	rcu_assign_pointer(ranges->block, new);
	*spare = old;
	return 0;
}

int hr_ranges_add(struct hr_ranges *ranges, unsigned long base,
		  unsigned long nr_pages, struct hr_ranges_block **spare)
{
	const struct hr_ranges_block *block = hr_ranges_own_block(ranges);
	struct heapranges_range in = { .base = base };
	unsigned long at, nr_ranges, nr_out = 0;

	if (!hr_span_is_sane(base, nr_pages))
		return -EINVAL;
	in.limit = base + hr_pages_to_bytes(nr_pages);

	nr_ranges = block ? block->nr_ranges : 0;
	at = hr_ranges_nr_below(block, base);
	if (at < nr_ranges && block->range[at].base < in.limit)
		return -EEXIST;

	if (at < nr_ranges && block->range[at].base == in.limit) {
		in.limit = block->range[at].limit;
		nr_out++;
	}
	if (at && block->range[at - 1].limit == base) {
		in.base = block->range[--at].base;
		nr_out++;
	}
	return hr_ranges_splice(ranges, at, nr_out, 1, &in, nr_pages, spare);
}

int hr_ranges_remove(struct hr_ranges *ranges, unsigned long base,
		     unsigned long nr_pages, struct hr_ranges_block **spare)
{
	const struct hr_ranges_block *block = hr_ranges_own_block(ranges);
	struct heapranges_range in[2];
	unsigned long at, limit, nr_in = 0;

	if (!hr_span_is_sane(base, nr_pages))
		return -EINVAL;
	limit = base + hr_pages_to_bytes(nr_pages);

	at = hr_ranges_nr_below(block, base);
	if (!block || at == block->nr_ranges || block->range[at].base > base ||
	    block->range[at].limit < limit)
		return -ENOENT;

	if (block->range[at].base < base)
		in[nr_in++] = (struct heapranges_range){ block->range[at].base, base };
	if (limit < block->range[at].limit)
		in[nr_in++] = (struct heapranges_range){ limit, block->range[at].limit };
	return hr_ranges_splice(ranges, at, 1, nr_in, in, -nr_pages, spare);
}

bool hr_ranges_next(const struct hr_ranges *ranges, unsigned long addr,
		    struct heapranges_range *part)
{
	const struct hr_ranges_block *block;
	unsigned long at;
	bool found;

	rcu_read_lock();
	block = rcu_dereference(ranges->block);
	at = hr_ranges_nr_below(block, addr);
	found = block && at < block->nr_ranges;
	if (found) {
		*part = block->range[at];
		part->base = max(part->base, addr);
	}
	rcu_read_unlock();
	return found;
}

bool hr_ranges_find(const struct hr_ranges *ranges, unsigned long addr,
		    struct heapranges_range *range)
{
	const struct hr_ranges_block *block;
	unsigned long at;
	bool found;

	rcu_read_lock();
	block = rcu_dereference(ranges->block);
	at = hr_ranges_nr_below(block, addr);
	found = block && at < block->nr_ranges && block->range[at].base <= addr;
	if (found)
		*range = block->range[at];
	rcu_read_unlock();
	return found;
}

bool hr_ranges_contains(const struct hr_ranges *ranges, unsigned long addr,
			unsigned long nr_pages)
{
	struct heapranges_range range;

	/* As sizes, not as limits: addr + size may wrap. */
	return nr_pages && hr_ranges_find(ranges, addr, &range) &&
	       nr_pages <= hr_bytes_to_pages(range.limit - addr);
}

bool hr_ranges_contains_memo_slow(const struct hr_ranges *ranges, unsigned long addr,
				  unsigned long nr_pages, struct hr_ranges_memo *memo)
{
	const struct hr_ranges_block *block = rcu_dereference_sched(ranges->block);

	if (!block || !hr_ranges_find(ranges, addr, &memo->range))
		return false;
	memo->generation = block->generation;
	return nr_pages && nr_pages <= hr_bytes_to_pages(memo->range.limit - addr);
}

bool hr_ranges_overlaps(const struct hr_ranges *ranges, unsigned long base,
			unsigned long nr_pages)
{
	struct heapranges_range part;

	return hr_ranges_next(ranges, base, &part) &&
	       part.base - base < hr_pages_to_bytes(nr_pages);
}

int hr_ranges_walk(const struct hr_ranges *ranges,
		   int (*fn)(const struct heapranges_range *range, void *data),
		   void *data)
{
	const struct hr_ranges_block *block;
	unsigned long i;
	int ret = 0;

	rcu_read_lock();
	block = rcu_dereference(ranges->block);
	for (i = 0; block && i < block->nr_ranges && !ret; i++)
		ret = fn(&block->range[i], data);
	rcu_read_unlock();
	return ret;
}

unsigned long hr_ranges_nr_ranges(const struct hr_ranges *ranges)
{
	const struct hr_ranges_block *block;
	unsigned long nr_ranges;

	rcu_read_lock();
	block = rcu_dereference(ranges->block);
	nr_ranges = block ? block->nr_ranges : 0;
	rcu_read_unlock();
	return nr_ranges;
}

unsigned long hr_ranges_nr_pages(const struct hr_ranges *ranges)
{
	const struct hr_ranges_block *block;
	unsigned long nr_pages;

	rcu_read_lock();
	block = rcu_dereference(ranges->block);
	nr_pages = block ? block->nr_pages : 0;
	rcu_read_unlock();
	return nr_pages;
}

size_t hr_ranges_bytes(const struct hr_ranges *ranges)
{
	const struct hr_ranges_block *block;
	size_t bytes;

	rcu_read_lock();
	block = rcu_dereference(ranges->block);
	bytes = block ? block->bytes : 0;
	rcu_read_unlock();
	return bytes;
}
