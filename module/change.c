// SPDX-License-Identifier: GPL-2.0
/*
 * A change of the range array, prepared.
 *
 *	leaf 3		[a) [b) [c) [d)		leaf 4		[e) [f) [g)
 *	add between	[a) [b)    [ in )		[d)		parts
 *	new leaves	[a) [b) [ in )		[d) [e) [f) [g)
 *
 * A range that comes or goes concerns one leaf, or two where it coalesces across them.
 * What these are going to hold is written down as parts: ranges of old leaves, and new
 * ones. Mostly that makes one leaf, and the old one is overwritten, or replaced where
 * storage of another size is called for. Otherwise,
 *
 *	full		it shares with a neighbour that has room, or is split; at
 *			either end of the array, where ranges come in order, the new
 *			range begins a leaf of its own
 *	nearly empty	it is merged with a neighbour that has room for both
 *	empty		it goes
 *
 * and a new index is made. What room a neighbour must have is such that a few hundred
 * changes go by before the next new index, and that leaves stay filled.
 */
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/minmax.h>

#include "change.h"

/* A neighbour with less room is left alone: it would be full again soon. */
#define HR_CHANGE_ROOM		(HR_LEAF_MAX / 4)
/* Leaves with fewer ranges look for a neighbour, */
#define HR_CHANGE_FEW		(HR_LEAF_MAX / 4)
/* and merge into one with at most so many, which will not be split soon. */
#define HR_CHANGE_MERGED	(HR_LEAF_MAX * 3 / 4)

/* 0: no such leaf. */
static unsigned int hr_change_leaf_ranges(const struct hr_ranges *ranges,
					  unsigned long slot_idx)
{
	const struct hr_leaf *leaf;

	if (slot_idx >= hr_ranges_own_index(ranges)->nr_leaves)
		return 0;
	leaf = hr_ranges_own_leaf(ranges, slot_idx);
	return leaf ? leaf->nr_ranges : 0;
}

/* Ranges of all leaves that are replaced. Caller holds writers. */
static unsigned int hr_change_old_ranges(const struct hr_change *change,
					 const struct hr_ranges *ranges)
{
	unsigned int i, nr_ranges = 0;

	for (i = 0; i < change->nr_old; i++)
		nr_ranges += hr_change_leaf_ranges(ranges, change->first + i);
	return nr_ranges;
}

static void hr_change_part(struct hr_change *change, const struct hr_leaf *leaf,
			   unsigned int from, unsigned int nr_ranges)
{
	if (nr_ranges)
		change->part[change->nr_parts++] =
			(struct hr_change_part){ leaf, from, nr_ranges };
}

/* Ranges [from, to) of the leaves that are replaced. Caller holds writers. */
static void hr_change_keep(struct hr_change *change, const struct hr_ranges *ranges,
			   unsigned int from, unsigned int to)
{
	unsigned int i, nr_ranges, begin = 0;

	for (i = 0; i < change->nr_old; i++, begin += nr_ranges) {
		nr_ranges = hr_change_leaf_ranges(ranges, change->first + i);
		if (from < begin + nr_ranges && to > begin)
			hr_change_part(change, hr_ranges_own_leaf(ranges, change->first + i),
				       max(from, begin) - begin,
				       min(to, begin + nr_ranges) - max(from, begin));
	}
}

/* Range @at of what is going to be. */
static struct heapranges_range hr_change_get(const struct hr_change *change, unsigned int at)
{
	const struct hr_change_part *part = change->part;

	for (; at >= part->nr_ranges; part++)
		at -= part->nr_ranges;
	return part->leaf ? hr_leaf_get(part->leaf, part->from + at) :
			    change->in[part->from + at];
}

/* The neighbour with fewer ranges. Caller holds writers. Return: 0: there is none. */
static unsigned int hr_change_neighbour(const struct hr_change *change,
					const struct hr_ranges *ranges, bool *is_left)
{
	unsigned int left = 0, right = hr_change_leaf_ranges(ranges, change->first + 1);

	if (change->first)
		left = hr_change_leaf_ranges(ranges, change->first - 1);
	*is_left = left && (!right || left < right);
	return *is_left ? left : right;
}

static void hr_change_join(struct hr_change *change, bool left, unsigned int nr_ranges)
{
	change->nr_old++;
	if (left) {
		change->first--;
		change->at += nr_ranges;
	}
}

/* One leaf overflows: see above. Caller holds writers. Return: new leaves, at least. */
static unsigned int hr_change_overflow(struct hr_change *change, const struct hr_ranges *ranges)
{
	unsigned int nr_ranges = hr_change_leaf_ranges(ranges, change->first), others;
	bool is_left;

	if (!change->nr_out && change->nr_in == 1 && change->at == nr_ranges &&
	    change->first + 1 == hr_ranges_own_index(ranges)->nr_leaves) {
		change->first++;
		change->nr_old = 0;
		change->at = 0;
		return 1;
	}
	if (!change->nr_out && change->nr_in == 1 && !change->at && !change->first) {
		change->nr_old = 0;
		return 1;
	}
	others = hr_change_neighbour(change, ranges, &is_left);
	if (others && others <= HR_LEAF_MAX - HR_CHANGE_ROOM)
		hr_change_join(change, is_left, others);
	return 2;
}

/* One leaf, of @nr_ranges, may be nearly empty. Caller holds writers. */
static void hr_change_underflow(struct hr_change *change, const struct hr_ranges *ranges,
				unsigned int nr_ranges)
{
	unsigned int others;
	bool is_left;

	if (change->nr_in > change->nr_out || nr_ranges >= HR_CHANGE_FEW)
		return;
	others = hr_change_neighbour(change, ranges, &is_left);
	if (others && nr_ranges + others <= HR_CHANGE_MERGED)
		hr_change_join(change, is_left, others);
}

/* Which leaves are replaced, besides those that must be. Return: by how many, at least. */
static unsigned int hr_change_choose(struct hr_change *change, const struct hr_ranges *ranges)
{
	unsigned int nr_ranges = hr_change_old_ranges(change, ranges) -
				 change->nr_out + change->nr_in;

	if (!nr_ranges)
		return 0;
	if (change->nr_old > 1)
		return nr_ranges <= HR_CHANGE_MERGED ? 1 : 2;
	if (nr_ranges > HR_LEAF_MAX)
		return hr_change_overflow(change, ranges);
	hr_change_underflow(change, ranges, nr_ranges);
	return 1;
}

/* @nr_ranges in @nr_new leaves of the same size. Return: false: more leaves are needed. */
static bool hr_change_lay_out(struct hr_change *change, unsigned int nr_new,
			      unsigned int nr_ranges, unsigned long base)
{
	unsigned int i, from, to = 0;

	for (i = 0; i < nr_new; i++) {
		from = to;
		to = nr_ranges * (i + 1) / nr_new;
		if (!hr_leaf_plan(&change->form[i], to - from, base,
				  hr_change_get(change, from).base,
				  hr_change_get(change, to - 1).limit))
			return false;
	}
	change->nr_new = nr_new;
	return true;
}

/* Caller holds writers. */
static bool hr_change_keeps_leaf(const struct hr_change *change, const struct hr_ranges *ranges)
{
	const struct hr_leaf_form *form = change->form;
	const struct hr_leaf *leaf;

	if (!change->keeps_index || !change->nr_new)
		return false;
	leaf = hr_ranges_own_leaf(ranges, change->first);
	return leaf && !leaf->is_wide && !form->is_wide && form->base == leaf->base &&
	       hr_leaf_bytes(form) == leaf->block.bytes;
}

/* Caller holds writers. */
static void hr_change_measure_leaves(struct hr_change *change, const struct hr_ranges *ranges)
{
	size_t bytes = hr_leaf_bytes(change->form);
	unsigned int i;

	change->keeps_leaf = hr_change_keeps_leaf(change, ranges);
	if (!change->keeps_leaf) {
		for (i = 0; i < change->nr_new; i++)
			change->bytes[i] = hr_leaf_bytes(&change->form[i]);
	} else if (!ranges->spare || ranges->spare->block.bytes < bytes) {
		change->bytes[HR_CHANGE_SPARE] = bytes;
	}
}

/* What it takes. Caller holds writers. */
static void hr_change_measure(struct hr_change *change, const struct hr_ranges *ranges)
{
	unsigned long nr_leaves = hr_ranges_own_index(ranges)->nr_leaves;
	struct hr_ranges_index *index;

	change->keeps_index = change->nr_old == 1 && (change->nr_new == 1 || nr_leaves == 1) &&
			      change->nr_new <= 1;
	hr_change_measure_leaves(change, ranges);
	nr_leaves = nr_leaves - change->nr_old + change->nr_new;
	if (!change->keeps_index && nr_leaves > 1)
		change->bytes[HR_CHANGE_INDEX] =
			roundup_pow_of_two(sizeof(*index) + nr_leaves * sizeof(*index->slot));
}

/* The splice is set, all else 0. Caller holds writers. */
static void hr_change_prepare(struct hr_change *change, const struct hr_ranges *ranges)
{
	unsigned long nr_leaves = hr_ranges_own_index(ranges)->nr_leaves;
	unsigned int nr_new = hr_change_choose(change, ranges);
	unsigned int nr_old_ranges = hr_change_old_ranges(change, ranges);
	const struct hr_leaf *leaf;

	hr_change_keep(change, ranges, 0, change->at);
	hr_change_part(change, NULL, 0, change->nr_in);
	hr_change_keep(change, ranges, change->at + change->nr_out, nr_old_ranges);

	/* Of all leaves that come of one the base is the same, if they do not lie too far. */
	leaf = hr_ranges_own_leaf(ranges, min(change->first, nr_leaves - 1));
	while (!hr_change_lay_out(change, nr_new, nr_old_ranges - change->nr_out + change->nr_in,
				  leaf ? leaf->base : 0))
		nr_new++;
	hr_change_measure(change, ranges);
	change->generation = ranges->generation;
}

/*
 * Range @at, counted in the leaf of @slot_idx, or the last one before that leaf (-1), or
 * the first one behind. Caller holds writers. Return: false: there is none.
 */
static bool hr_change_look(const struct hr_ranges *ranges, unsigned long slot_idx, int at,
			   struct heapranges_range *range)
{
	int nr_ranges = hr_change_leaf_ranges(ranges, slot_idx);

	if (at < 0) {
		if (!slot_idx--)
			return false;
		at = hr_change_leaf_ranges(ranges, slot_idx) - 1;
	} else if (at == nr_ranges) {
		at = 0;
		if (!hr_change_leaf_ranges(ranges, ++slot_idx))
			return false;
	}
	*range = hr_leaf_get(hr_ranges_own_leaf(ranges, slot_idx), at);
	return true;
}

/* In the slot's leaf, ranges that end at or below @addr. Caller holds writers. */
static unsigned int hr_change_nr_below(const struct hr_ranges *ranges, unsigned long slot_idx,
				       unsigned long addr)
{
	const struct hr_leaf *leaf = hr_ranges_own_leaf(ranges, slot_idx);

	return leaf ? hr_leaf_nr_below(leaf, addr) : 0;
}

int hr_change_prepare_add(struct hr_change *change, const struct hr_ranges *ranges,
			  unsigned long base, unsigned long nr_pages)
{
	const struct hr_ranges_index *index = hr_ranges_own_index(ranges);
	unsigned long slot_idx = hr_ranges_slot_idx(index, base);
	unsigned int at = hr_change_nr_below(ranges, slot_idx, base);
	struct heapranges_range in = { .base = base }, before, behind;
	bool meets_before, meets_behind = false;

	*change = (struct hr_change){ .first = slot_idx, .nr_old = 1, .at = at, .nr_in = 1 };
	if (!hr_span_is_sane(base, nr_pages))
		return -EINVAL;
	in.limit = base + hr_pages_to_bytes(nr_pages);

	if (hr_change_look(ranges, slot_idx, at, &behind)) {
		if (behind.base < in.limit)
			return -EEXIST;
		meets_behind = behind.base == in.limit;
		/* It has to be in the same leaf then, or what is behind begins elsewhere. */
		if (at == hr_change_leaf_ranges(ranges, slot_idx) &&
		    (meets_behind || in.limit > index->slot[slot_idx + 1].key))
			change->nr_old++;
	}
	meets_before = hr_change_look(ranges, slot_idx, (int)at - 1, &before) &&
		       before.limit == base;
	if (meets_before && !at)
		hr_change_join(change, true, hr_change_leaf_ranges(ranges, slot_idx - 1));

	change->at -= meets_before;
	change->nr_out = meets_before + meets_behind;
	change->in[0].base = meets_before ? before.base : in.base;
	change->in[0].limit = meets_behind ? behind.limit : in.limit;
	change->nr_pages_more = nr_pages;
	hr_change_prepare(change, ranges);
	return 0;
}

int hr_change_prepare_remove(struct hr_change *change, const struct hr_ranges *ranges,
			     unsigned long base, unsigned long nr_pages)
{
	unsigned long slot_idx = hr_ranges_slot_idx(hr_ranges_own_index(ranges), base), limit;
	unsigned int at = hr_change_nr_below(ranges, slot_idx, base);
	struct heapranges_range out;

	*change = (struct hr_change){ .first = slot_idx, .nr_old = 1, .at = at, .nr_out = 1 };
	if (!hr_span_is_sane(base, nr_pages))
		return -EINVAL;
	limit = base + hr_pages_to_bytes(nr_pages);

	if (!hr_change_look(ranges, slot_idx, at, &out) || out.base > base || out.limit < limit)
		return -ENOENT;

	if (out.base < base)
		change->in[change->nr_in++] = (struct heapranges_range){ out.base, base };
	if (limit < out.limit)
		change->in[change->nr_in++] = (struct heapranges_range){ limit, out.limit };
	change->nr_pages_more = -nr_pages;
	hr_change_prepare(change, ranges);
	return 0;
}
