// SPDX-License-Identifier: GPL-2.0
/*
 * A change of the range array, committed: new leaves are filled aside, then they, or a
 * new index with them, are published with one pointer store.
 *
 *	index	| 0, A | B | C |	B is replaced:	  one slot changes
 *				by B1, B2:	  a new index | 0, A | B1 | B2 | C |
 *
 * Mostly the old leaf would do, with some other ranges in it. Then it is the array's
 * spare leaf that is filled and published; behind it the old leaf is overwritten, and
 * takes its slot again:
 *
 *		| 0, A | B | C |    | 0, A | spare | C |    | 0, A | B | C |
 *
 * That takes no storage, and leaves none to wait for a grace period. With a
 * seqcount_latch_t each leaf would have its own second copy, all the time.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "commit.h"

static bool hr_commit_has_storage(const struct hr_change *change)
{
	unsigned int i;

	for (i = 0; i < HR_CHANGE_BLOCKS; i++) {
		if (change->bytes[i] &&
		    (!change->block[i] || change->block[i]->bytes < change->bytes[i]))
			return false;
	}
	return true;
}

static struct hr_leaf *hr_commit_leaf(struct hr_block *block)
{
	return container_of(block, struct hr_leaf, block);
}

/* In new storage, which holds anything. */
static struct hr_leaf *hr_commit_new_leaf(const struct hr_change *change, unsigned int i)
{
	return hr_commit_leaf(change->block[i]);
}

/* Ranges [from, to) of what is going to be. */
static void hr_commit_fill_ranges(const struct hr_change *change, struct hr_leaf *leaf,
				  unsigned int from, unsigned int to)
{
	const struct hr_change_part *part = change->part;
	unsigned int at, skip, nr_ranges, behind = 0;

	for (at = from; at < to; part++) {
		behind += part->nr_ranges;
		if (behind <= at)
			continue;
		nr_ranges = min(behind, to) - at;
		skip = part->from + at - (behind - part->nr_ranges);
		if (part->leaf)
			hr_leaf_copy(leaf, at - from, part->leaf, skip, nr_ranges);
		else
			hr_leaf_put(leaf, at - from, change->in + skip, nr_ranges);
		at += nr_ranges;
	}
}

/* With ranges from @from on of what is going to be. */
static void hr_commit_fill_leaf(const struct hr_change *change, struct hr_leaf *leaf,
				const struct hr_leaf_form *form, unsigned int from)
{
	hr_leaf_begin(leaf, form);
	hr_commit_fill_ranges(change, leaf, from, from + form->nr_ranges);
	hr_leaf_end(leaf);
}

static void hr_commit_fill_new_leaves(const struct hr_change *change)
{
	unsigned int i, from = 0;
	struct hr_leaf *leaf;

	for (i = 0; i < change->nr_new; i++) {
		leaf = hr_commit_new_leaf(change, i);
		leaf->version = 0;
		hr_commit_fill_leaf(change, leaf, &change->form[i], from);
		from += change->form[i].nr_ranges;
	}
}

/* Caller holds writers. */
static struct hr_ranges_index *hr_commit_fill_index(const struct hr_change *change,
						    const struct hr_ranges *ranges)
{
	const struct hr_ranges_index *old = hr_ranges_own_index(ranges);
	unsigned long i, behind = change->first + change->nr_old;
	struct hr_ranges_index *index;
	struct hr_ranges_slot *slot;

	index = container_of(change->block[HR_CHANGE_INDEX], struct hr_ranges_index, block);
	index->nr_leaves = old->nr_leaves + change->nr_new - change->nr_old;
	index->slot = (struct hr_ranges_slot *)(index + 1);

	memcpy(index->slot, old->slot, change->first * sizeof(*slot));
	slot = index->slot + change->first;
	for (i = 0; i < change->nr_new; i++, slot++) {
		slot->key = hr_leaf_get(hr_commit_new_leaf(change, i), 0).base;
		RCU_INIT_POINTER(slot->leaf, hr_commit_new_leaf(change, i));
	}
	memcpy(slot, old->slot + behind, (old->nr_leaves - behind) * sizeof(*slot));

	/* What was first has begun at 0, and is, perhaps, no longer first. */
	if (!behind)
		slot->key = hr_leaf_get(hr_ranges_own_leaf(ranges, 0), 0).base;
	/* As before, so that what comes next to the ranges stays in the same leaf. */
	if (change->nr_old && change->nr_new)
		index->slot[change->first].key = old->slot[change->first].key;
	index->slot[0].key = 0;
	return index;
}

/* The leaf that is left, or NULL. Caller holds writers. */
static struct hr_leaf *hr_commit_only_leaf(const struct hr_change *change,
					   const struct hr_ranges *ranges)
{
	if (change->nr_new)
		return hr_commit_new_leaf(change, 0);
	if (hr_ranges_own_index(ranges)->nr_leaves == 1)
		return NULL;
	return hr_ranges_own_leaf(ranges, change->first ? 0 : 1);
}

static void hr_commit_retire(struct hr_change *change, struct hr_block *block)
{
	change->retired_bytes += block->bytes;
	block->next = change->retired;
	change->retired = block;
}

/* What is replaced: still published, but nobody looks at its storage. Caller holds writers. */
static void hr_commit_retire_all(struct hr_change *change, const struct hr_ranges *ranges)
{
	struct hr_ranges_index *index = hr_ranges_own_index(ranges);
	struct hr_leaf *leaf;
	unsigned int i;

	for (i = 0; i < change->nr_old && !change->keeps_leaf; i++) {
		leaf = hr_ranges_own_leaf(ranges, change->first + i);
		if (leaf)
			hr_commit_retire(change, &leaf->block);
	}
	if (!change->keeps_index && index != &ranges->single)
		hr_commit_retire(change, &index->block);
	if (change->bytes[HR_CHANGE_SPARE] && ranges->spare)
		hr_commit_retire(change, &ranges->spare->block);
}

/* Caller holds writers. */
static void hr_commit_take_spare(const struct hr_change *change, struct hr_ranges *ranges)
{
	if (!change->bytes[HR_CHANGE_SPARE])
		return;
	ranges->spare = hr_commit_leaf(change->block[HR_CHANGE_SPARE]);
	ranges->spare->version = 0;
}

/* Caller holds writers. */
static void hr_commit_overwrite(const struct hr_change *change, struct hr_ranges *ranges)
{
	struct hr_ranges_slot *slot = &hr_ranges_own_index(ranges)->slot[change->first];
	struct hr_leaf *leaf = hr_ranges_own_leaf(ranges, change->first);
	struct hr_leaf *spare = ranges->spare;

	/* Readers may have it from the time when it stood in for another one. */
	hr_leaf_change_begin(spare);
	hr_commit_fill_leaf(change, spare, change->form, 0);
	hr_leaf_change_end(spare);
	rcu_assign_pointer(slot->leaf, spare);

	hr_leaf_change_begin(leaf);
	hr_leaf_overwrite(leaf, spare);
	hr_leaf_change_end(leaf);
	rcu_assign_pointer(slot->leaf, leaf);
}

/* Caller holds writers. */
static void hr_commit_publish(struct hr_change *change, struct hr_ranges *ranges)
{
	if (change->keeps_leaf) {
		hr_commit_overwrite(change, ranges);
	} else if (change->keeps_index) {
		rcu_assign_pointer(hr_ranges_own_index(ranges)->slot[change->first].leaf,
				   hr_commit_only_leaf(change, ranges));
	} else if (change->bytes[HR_CHANGE_INDEX]) {
		rcu_assign_pointer(ranges->index, hr_commit_fill_index(change, ranges));
	} else {
		/* Who has fetched this index when it was in use before finds all, too. */
		rcu_assign_pointer(ranges->single_slot.leaf, hr_commit_only_leaf(change, ranges));
		rcu_assign_pointer(ranges->index, &ranges->single);
	}
}

/* Readers are told to remember nothing. Caller holds writers. */
static void hr_commit_begin(struct hr_ranges *ranges)
{
	/* Before what is published, by rcu_assign_pointer(). */
	WRITE_ONCE(ranges->generation, ranges->generation | 1);
}

/* Caller holds writers. */
static void hr_commit_end(struct hr_ranges *ranges)
{
	/* Once all numbers have been used up, nothing is remembered any more. */
	if (ranges->generation != ULONG_MAX)
		/* Pairs with hr_ranges_contains_memo_slow(). */
		smp_store_release(&ranges->generation, ranges->generation + 1);
}

/* Caller holds writers. */
static void hr_commit_account(struct hr_change *change, struct hr_ranges *ranges)
{
	size_t bytes = ranges->bytes - change->retired_bytes;
	unsigned int i;

	for (i = 0; i < HR_CHANGE_BLOCKS; i++) {
		if (!change->bytes[i])
			continue;
		bytes += change->block[i]->bytes;
		change->block[i] = NULL;
	}
	WRITE_ONCE(ranges->bytes, bytes);
	WRITE_ONCE(ranges->nr_ranges, ranges->nr_ranges + change->nr_in - change->nr_out);
	WRITE_ONCE(ranges->nr_pages, ranges->nr_pages + change->nr_pages_more);
}

int hr_commit_change(struct hr_change *change, struct hr_ranges *ranges)
{
	lockdep_assert_held(ranges->writers);
	if (change->generation != ranges->generation)
		return -ESTALE;
	if (!hr_commit_has_storage(change))
		return -ENOMEM;

	if (!change->keeps_leaf)
		hr_commit_fill_new_leaves(change);
	hr_commit_retire_all(change, ranges);
	hr_commit_take_spare(change, ranges);
	hr_commit_begin(ranges);
	hr_commit_publish(change, ranges);
	hr_commit_end(ranges);

	hr_commit_account(change, ranges);
	return 0;
}
