// SPDX-License-Identifier: GPL-2.0
/* The validator of the range array: see ranges_test.h. */

#include <linux/log2.h>
#include <linux/mm.h>

#include "ranges_test.h"

/* What find and next leave untouched when they find nothing. */
static const struct heapranges_range hr_test_decoy = {
	.base = HR_ADDR_MIN,
	.limit = HR_ADDR_END,
};

/* The ranges alone. */
static bool hr_test_flat_is_sound(struct hr_test_ranges *t,
				  const struct hr_test_flat *flat)
{
	unsigned long i, behind = 0;

	for (i = 0; i < flat->nr_ranges; i++) {
		const struct heapranges_range *r = &flat->range[i];

		if (!PAGE_ALIGNED(r->base) || !PAGE_ALIGNED(r->limit))
			return hr_test_ranges_fail(t, "range %lu: unaligned", i);
		if (r->base >= r->limit)
			return hr_test_ranges_fail(t, "range %lu: empty", i);
		if (r->base < PAGE_SIZE || r->limit > -PAGE_SIZE)
			return hr_test_ranges_fail(t, "range %lu: page 0 or the last",
						   i);
		if (i && r->base <= behind)
			return hr_test_ranges_fail(t, "range %lu: unsorted or not coalesced",
						   i);
		behind = r->limit;
	}
	return true;
}

/* A leaf's own form, and that it takes no more than it must. */
static bool hr_test_leaf_is_sound(struct hr_test_ranges *t, unsigned long i,
				  const struct hr_leaf *leaf)
{
	unsigned int k, keys = leaf->is_wide ? 0 : DIV_ROUND_UP(leaf->nr_ranges, HR_LEAF_GROUP);
	size_t bytes = sizeof(*leaf) + keys * sizeof(u32) +
		       leaf->nr_ranges * (leaf->is_wide ? 2 * sizeof(long) : 2 * sizeof(u32));

	if (!leaf->nr_ranges)
		return hr_test_ranges_fail(t, "leaf %lu: empty", i);
	if (leaf->version & 1)
		return hr_test_ranges_fail(t, "leaf %lu: version %u", i, leaf->version);
	if (!PAGE_ALIGNED(leaf->base) || (leaf->is_wide && leaf->base))
		return hr_test_ranges_fail(t, "leaf %lu: base %#lx", i, leaf->base);
	for (k = 0; k < keys; k++)
		if (leaf->word[k] != leaf->word[keys + 2 * HR_LEAF_GROUP * k])
			return hr_test_ranges_fail(t, "leaf %lu: key %u is %#x", i, k,
						   leaf->word[k]);
	if (bytes > HR_LEAF_BYTES || leaf->block.bytes < bytes)
		return hr_test_ranges_fail(t, "leaf %lu: %u ranges in %zu bytes", i,
					   leaf->nr_ranges, leaf->block.bytes);
	return true;
}

/* Where a leaf's ranges begin and end, of those that it has in flat, from @first on. */
static bool hr_test_slot_is_sound(struct hr_test_ranges *t, const struct hr_test_flat *flat,
				  unsigned long i, unsigned long first)
{
	const struct hr_ranges_index *index = hr_test_ranges_index(t);
	const struct hr_leaf *leaf = hr_test_ranges_leaf(t, i);
	unsigned long behind = HR_ADDR_END;
	struct heapranges_range all;

	if (i + 1 < index->nr_leaves)
		behind = index->slot[i + 1].key;
	all.base = flat->range[first].base;
	all.limit = flat->range[first + leaf->nr_ranges - 1].limit;
	if (i ? index->slot[i].key <= index->slot[i - 1].key : index->slot[i].key)
		return hr_test_ranges_fail(t, "slot %lu: key %#lx", i, index->slot[i].key);
	if (all.base < index->slot[i].key || all.limit > behind)
		return hr_test_ranges_fail(t, "slot %lu: %#lx-%#lx is not in %#lx-%#lx", i,
					   all.base, all.limit, index->slot[i].key, behind);
	/* Wide only if it has to be. */
	if (leaf->is_wide != ((u64)(all.limit - all.base) >> PAGE_SHIFT > U32_MAX))
		return hr_test_ranges_fail(t, "slot %lu: %#lx-%#lx is_wide=%d", i, all.base,
					   all.limit, leaf->is_wide);
	return true;
}

/* Index and leaves. */
static bool hr_test_index_is_sound(struct hr_test_ranges *t, const struct hr_test_flat *flat)
{
	const struct hr_ranges_index *index = hr_test_ranges_index(t);
	bool single = index == &t->ranges.single;
	size_t bytes = single ? 0 : index->block.bytes;
	unsigned long i, first = 0;
	const struct hr_leaf *leaf, *spare = t->ranges.spare;
	int nr_blocks = !single + !!spare;

	if (single ? index->nr_leaves != 1 : index->nr_leaves < 2)
		return hr_test_ranges_fail(t, "index: of %lu leaves", index->nr_leaves);
	for (i = 0; i < index->nr_leaves; i++) {
		leaf = hr_test_ranges_leaf(t, i);
		if (!leaf && single)
			continue;
		if (!leaf || !hr_test_leaf_is_sound(t, i, leaf) ||
		    !hr_test_slot_is_sound(t, flat, i, first))
			return leaf ? false : hr_test_ranges_fail(t, "slot %lu: empty", i);
		first += leaf->nr_ranges;
		bytes += leaf->block.bytes;
		nr_blocks++;
	}
	if (spare && (spare->is_wide || spare->version & 1))
		return hr_test_ranges_fail(t, "spare: is_wide=%d version=%u", spare->is_wide,
					   spare->version);
	bytes += spare ? spare->block.bytes : 0;
	if (atomic_read(&hr_test_blocks) != nr_blocks)
		return hr_test_ranges_fail(t, "%d blocks, in use %d",
					   atomic_read(&hr_test_blocks), nr_blocks);
	if (hr_ranges_bytes(&t->ranges) != bytes)
		return hr_test_ranges_fail(t, "bytes=%zu, sum=%zu",
					   hr_ranges_bytes(&t->ranges), bytes);
	return true;
}

static bool hr_test_check_totals(struct hr_test_ranges *t,
				 const struct hr_test_flat *flat)
{
	unsigned long nr_ranges = hr_ranges_nr_ranges(&t->ranges);
	unsigned long nr_pages = hr_ranges_nr_pages(&t->ranges);

	if (nr_ranges != flat->nr_ranges)
		return hr_test_ranges_fail(t, "nr_ranges=%lu", nr_ranges);
	if (nr_pages != flat->nr_pages)
		return hr_test_ranges_fail(t, "nr_pages=%lu", nr_pages);
	return true;
}

struct hr_test_walk {
	const struct hr_test_flat *flat;
	unsigned long nr;
	bool differs, unprotected;
};

static int hr_test_walk_visit(const struct heapranges_range *range, void *data)
{
	struct hr_test_walk *w = data;

	if (!rcu_read_lock_held())
		w->unprotected = true;
	if (w->nr >= w->flat->nr_ranges ||
	    w->flat->range[w->nr].base != range->base ||
	    w->flat->range[w->nr].limit != range->limit)
		w->differs = true;
	w->nr++;
	return 0;
}

static bool hr_test_check_walk(struct hr_test_ranges *t,
			       const struct hr_test_flat *flat)
{
	struct hr_test_walk w = { .flat = flat };
	int ret = hr_ranges_walk(&t->ranges, hr_test_walk_visit, &w);

	if (ret || w.differs || w.nr != flat->nr_ranges)
		return hr_test_ranges_fail(t, "walk: ret=%d after %lu ranges%s",
					   ret, w.nr, w.differs ? ", others" : "");
	if (w.unprotected)
		return hr_test_ranges_fail(t, "walk: not under rcu_read_lock");
	return true;
}

static bool hr_test_check_find(struct hr_test_ranges *t, unsigned long addr,
			       const struct heapranges_range *holds)
{
	const struct heapranges_range *want = holds ?: &hr_test_decoy;
	struct heapranges_range got = hr_test_decoy;
	bool found = hr_ranges_find(&t->ranges, addr, &got);

	if (found == !!holds && got.base == want->base && got.limit == want->limit)
		return true;
	return hr_test_ranges_fail(t, "find(%#lx): %d %#lx-%#lx, want %d %#lx-%#lx",
				   addr, found, got.base, got.limit,
				   !!holds, want->base, want->limit);
}

static bool hr_test_check_next(struct hr_test_ranges *t, unsigned long addr,
			       const struct heapranges_range *part)
{
	const struct heapranges_range *want = part ?: &hr_test_decoy;
	struct heapranges_range got = hr_test_decoy;
	bool found = hr_ranges_next(&t->ranges, addr, &got);

	if (found == !!part && got.base == want->base && got.limit == want->limit)
		return true;
	return hr_test_ranges_fail(t, "next(%#lx): %d %#lx-%#lx, want %d %#lx-%#lx",
				   addr, found, got.base, got.limit,
				   !!part, want->base, want->limit);
}

static bool hr_test_check_contains(struct hr_test_ranges *t, unsigned long addr,
				   unsigned long nr_pages, bool want)
{
	if (hr_ranges_contains(&t->ranges, addr, nr_pages) == want)
		return true;
	return hr_test_ranges_fail(t, "contains(%#lx, %lu): %d, want %d",
				   addr, nr_pages, !want, want);
}

static bool hr_test_check_overlaps(struct hr_test_ranges *t, unsigned long base,
				   unsigned long limit, bool want)
{
	unsigned long nr_pages = (limit - base) / PAGE_SIZE;

	if (base < PAGE_SIZE || limit > -PAGE_SIZE || base >= limit)
		return true;	/* not a span to be asked for */
	if (hr_ranges_overlaps(&t->ranges, base, nr_pages) == want)
		return true;
	return hr_test_ranges_fail(t, "overlaps(%#lx, %lu): %d, want %d",
				   base, nr_pages, !want, want);
}

/* @addr lies in @holds, or in none and @after is the next one behind it. */
static bool hr_test_check_addr(struct hr_test_ranges *t, unsigned long addr,
			       const struct heapranges_range *holds,
			       const struct heapranges_range *after)
{
	unsigned long left = holds ? (holds->limit - addr) / PAGE_SIZE : 0;
	struct heapranges_range part;

	if (holds)
		part = (struct heapranges_range){ addr, holds->limit };
	return hr_test_check_find(t, addr, holds) &&
	       hr_test_check_next(t, addr, holds ? &part : after) &&
	       hr_test_check_contains(t, addr, 0, false) &&
	       hr_test_check_contains(t, addr, 1, left >= 1) &&
	       hr_test_check_contains(t, addr, left, left >= 1) &&
	       hr_test_check_contains(t, addr, left + 1, false);
}

/* Range @i, with the gap before it and the address behind it. */
static bool hr_test_check_range(struct hr_test_ranges *t,
				const struct hr_test_flat *flat,
				unsigned long i)
{
	const struct heapranges_range *r = &flat->range[i];
	const struct heapranges_range *after =
		i + 1 < flat->nr_ranges ? r + 1 : NULL;
	unsigned long gap = i ? r[-1].limit : PAGE_SIZE;

	return hr_test_check_addr(t, r->base - 1, NULL, r) &&
	       hr_test_check_addr(t, r->base, r, NULL) &&
	       hr_test_check_addr(t, r->base + 1, r, NULL) &&
	       hr_test_check_addr(t, r->limit - PAGE_SIZE, r, NULL) &&
	       hr_test_check_addr(t, r->limit - 1, r, NULL) &&
	       hr_test_check_addr(t, r->limit, NULL, after) &&
	       hr_test_check_overlaps(t, gap, r->base, false) &&
	       hr_test_check_overlaps(t, gap, r->base + PAGE_SIZE, true) &&
	       hr_test_check_overlaps(t, r->base, r->limit, true) &&
	       hr_test_check_overlaps(t, r->limit - PAGE_SIZE,
				      r->limit + PAGE_SIZE, true) &&
	       hr_test_check_overlaps(t, r->limit, r->limit + PAGE_SIZE, false);
}

/* Both ends of the address space, which no range holds. */
static bool hr_test_check_ends(struct hr_test_ranges *t,
			       const struct hr_test_flat *flat)
{
	unsigned long nr = flat->nr_ranges;
	unsigned long behind = nr ? flat->range[nr - 1].limit : PAGE_SIZE;
	const struct heapranges_range *first = nr ? &flat->range[0] : NULL;

	return hr_test_check_addr(t, 0, NULL, first) &&
	       hr_test_check_addr(t, PAGE_SIZE - 1, NULL, first) &&
	       hr_test_check_addr(t, -PAGE_SIZE, NULL, NULL) &&
	       hr_test_check_addr(t, ULONG_MAX, NULL, NULL) &&
	       hr_test_check_contains(t, 0, ULONG_MAX, false) &&
	       hr_test_check_overlaps(t, behind, -PAGE_SIZE, false) &&
	       hr_test_check_overlaps(t, PAGE_SIZE, -PAGE_SIZE, nr);
}

static bool hr_test_check_all(struct hr_test_ranges *t, const struct hr_test_flat *flat)
{
	unsigned long i;

	if (!hr_test_flat_is_sound(t, flat) || !hr_test_index_is_sound(t, flat) ||
	    !hr_test_check_totals(t, flat) || !hr_test_check_walk(t, flat) ||
	    !hr_test_check_ends(t, flat))
		return false;
	for (i = 0; i < flat->nr_ranges; i++)
		if (!hr_test_check_range(t, flat, i))
			return false;
	return true;
}

bool hr_test_ranges_validate(struct hr_test_ranges *t)
{
	struct hr_test_flat *flat = hr_test_ranges_flatten(t);
	bool ok = hr_test_check_all(t, flat);

	kvfree(flat);
	return ok;
}
