// SPDX-License-Identifier: GPL-2.0
/*
 * The part of verify.c that looks at the chunks' table, and at the tree over them.
 *
 *	table		slots that are taken			hr_verify_table()
 *	node		sum | sum | ...		links, mask		hr_verify_node()
 *	  child		of a node: its sums; a chunk: its bits	hr_verify_child()
 *
 * Which chunks and nodes there are, and how they are linked, changes under change, which the
 * caller holds: that is looked at where it is. What they say of pages changes under lock:
 * that is copied, one child and the summary of it at a time, and what was copied
 * together is compared when the lock is held no more.
 */
#include <linux/string.h>

#include "verifier.h"

void hr_verify_links(struct hr_verify *v, const struct hr_chunk *chunk)
{
	const struct hr_radix_node *node = chunk->parent;

	lockdep_assert_held(&v->heap->change);
	hr_verify_local(v, node && node->level == 1 &&
			node->idx == chunk->chunk_idx >> HR_RADIX_SHIFT &&
			node->child[hr_radix_slot_of(chunk)] == chunk,
			"tree: chunk %lx is not its parent's child", chunk->chunk_idx);
}

static void hr_verify_chunk_sum(const struct hr_bits *bits, struct hr_sum *sum)
{
	unsigned long run = 0;
	unsigned int i;

	*sum = (struct hr_sum){ 0 };
	for (i = 0; i < HR_CHUNK_PAGES; i++) {
		run = test_bit(i, bits->busy) ? 0 : run + 1;
		sum->max = max(sum->max, run);
		if (run == i + 1)
			sum->start = run;
	}
	sum->end = run;
}

/* The summary of a node of @level, by its sums. */
static void hr_verify_node_sum(const struct hr_sum *part, unsigned int level,
			       struct hr_sum *sum)
{
	unsigned long child_pages = HR_CHUNK_PAGES << (HR_RADIX_SHIFT * (level - 1));
	unsigned long run = 0;
	unsigned int i;

	*sum = (struct hr_sum){ 0 };
	for (i = 0; i < HR_RADIX_FANOUT; i++, part++) {
		if (sum->start == i * child_pages)
			sum->start += part->start;
		sum->max = max3(sum->max, part->max, run + part->start);
		run = part->end == child_pages ? run + child_pages : part->end;
	}
	sum->end = run;
}

/* What a node says of one child, and that of itself, at one moment when all summaries are right. */
struct hr_verify_child {
	struct hr_sum		sum;
	bool			has_free;	/* by the mask */
	union {
		struct hr_bits	bits;			/* it is a chunk */
		struct hr_sum	part[HR_RADIX_FANOUT];	/* it is a node */
	};
};

static void hr_verify_copy_child(struct heapranges *heap, const struct hr_radix_node *node,
				 unsigned int level, unsigned int slot,
				 struct hr_verify_child *copy)
{
	const void *child = node->child[slot];

	raw_spin_lock_irq(&heap->lock);
	hr_radix_settle(&heap->runs.radix);
	copy->sum = node->sum[slot];
	copy->has_free = node->free_mask & BIT(slot);
	if (child && level == 1)
		copy->bits = ((const struct hr_chunk *)child)->bits;
	else if (child)
		memcpy(copy->part, ((const struct hr_radix_node *)child)->sum, sizeof(copy->part));
	raw_spin_unlock_irq(&heap->lock);
}

/* Caller holds change, so the child stays. @level: the node's, whatever it says. */
static void hr_verify_child(struct hr_verify *v, const struct hr_radix_node *node,
			    unsigned int level, unsigned int slot)
{
	const struct hr_radix_node *child = node->child[slot];
	struct hr_verify_child copy;
	struct hr_sum want = { 0 };

	hr_verify_copy_child(v->heap, node, level, slot, &copy);
	/* Not under lock. */
	might_sleep();
	if (child && level == 1) {
		hr_verify_chunk_sum(&copy.bits, &want);
		v->nr_chunks++;
	} else if (child) {
		hr_verify_node_sum(copy.part, level - 1, &want);
		hr_verify_local(v, child->parent == node && child->level == level - 1 &&
				child->idx == (node->idx << HR_RADIX_SHIFT | slot),
				"tree: level %u idx %lx is not its parent's child",
				child->level, child->idx);
	}
	hr_verify_local(v, !memcmp(&copy.sum, &want, sizeof(want)),
			"summary: level %u idx %lx slot %u is %lu %lu %lu, should be %lu %lu %lu",
			node->level, node->idx, slot, copy.sum.start, copy.sum.max, copy.sum.end,
			want.start, want.max, want.end);
	hr_verify_local(v, !!copy.sum.max == copy.has_free,
			"mask: level %u idx %lx slot %u", node->level, node->idx, slot);
}

static void hr_verify_node(struct hr_verify *v, const struct hr_radix_node *node,
			   unsigned int level)
{
	unsigned int slot, nr_children = 0;

	v->nr_nodes++;
	for (slot = 0; slot < HR_RADIX_FANOUT; slot++) {
		hr_verify_child(v, node, level, slot);
		nr_children += !!node->child[slot];
	}
	hr_verify_local(v, nr_children && nr_children == node->nr_children,
			"tree: level %u idx %lx has %u children, says %u", node->level,
			node->idx, nr_children, node->nr_children);
	cond_resched();
}

/* Caller holds change. */
static void hr_verify_table(struct hr_verify *v)
{
	const struct hr_chunks_table *table =
		rcu_dereference_protected(v->heap->runs.chunks.table,
					  lockdep_is_held(&v->heap->change));
	unsigned long i, nr_taken = 0;

	if (!table)
		return;
	for (i = 0; i < 1UL << table->slots_shift; i++) {
		nr_taken += !!rcu_access_pointer(table->slot[i]);
		cond_resched();
	}
	hr_verify_local(v, table->nr_taken == nr_taken, "table: %lu slots are taken, says %lu",
			nr_taken, table->nr_taken);
}

/*
 * The way down to where the walk is, of its own: what the nodes say of where they are may be
 * what is wrong.
 */
struct hr_verify_step {
	const struct hr_radix_node	*node;
	unsigned int			slot;	/* the next child to go to */
};

/* In pre-order. Ends before there are more nodes than the tree can have. */
static void hr_verify_nodes(struct hr_verify *v, const struct hr_radix_node *root,
			    unsigned long nr_nodes)
{
	struct hr_verify_step way[HR_RADIX_LEVELS_MAX + 1];
	unsigned int level = root->level;
	struct hr_verify_step *step;

	way[level] = (struct hr_verify_step){ root };
	hr_verify_node(v, root, level);
	while (level <= root->level && v->nr_nodes <= nr_nodes && !hr_verify_is_over()) {
		step = &way[level];
		while (step->slot < HR_RADIX_FANOUT && !step->node->child[step->slot])
			step->slot++;
		if (level == 1 || step->slot == HR_RADIX_FANOUT) {
			level++;
			continue;
		}
		way[--level] = (struct hr_verify_step){ step->node->child[step->slot++] };
		hr_verify_node(v, way[level].node, level);
	}
}

void hr_verify_tree(struct hr_verify *v)
{
	const struct hr_radix *radix = &v->heap->runs.radix;
	const struct hr_radix_node *root = radix->root;

	lockdep_assert_held(&v->heap->change);
	hr_verify_table(v);
	if (root && root->level - 1 < HR_RADIX_LEVELS_MAX)
		hr_verify_nodes(v, root, radix->nr_nodes);
	hr_verify_local(v, v->nr_nodes == radix->nr_nodes, "tree: %lu nodes, said to be %lu",
			v->nr_nodes, radix->nr_nodes);
}
