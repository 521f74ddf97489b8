// SPDX-License-Identifier: GPL-2.0
/*
 * Who holds what of a heap that remembers: live runs, by the call stack that took them.
 *
 *	# heapranges owners 1
 *	412 pages in 17 runs:
 *	 consumer_fill+0x12/0x40 [consumer]
 *	 do_one_initcall+0x56/0x300
 *
 * The chunks tell: one at a time is copied under the lock, and counted without. What is
 * printed was counted when the file began to be read. Stacks beyond HR_OWNERS_MAX are
 * counted together: a heap that leaks does so in few places.
 */
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/sort.h>

#include "mem.h"
#include "owners.h"

#define HR_OWNERS_MAX		1024
#define HR_OWNERS_SHIFT		11
#define HR_OWNERS_SLOTS		BIT(HR_OWNERS_SHIFT)
#define HR_OWNERS_SAID		8

/* So that a search ends. */
static_assert(HR_OWNERS_MAX < HR_OWNERS_SLOTS);

struct hr_owner {
	struct hr_stack	stack;
	unsigned long	nr_runs, nr_pages;
};

struct hr_owners {
	struct heapranges	*heap;
	/* While counting a hash, with gaps of no runs; then sorted, without. */
	struct hr_owner		owner[HR_OWNERS_SLOTS];
	unsigned int		nr;
	struct hr_owner		others;
	/* The chunk that is being counted. */
	struct hr_records	records;
	struct hr_stack		stack[HR_CHUNK_PAGES];
};

/* Whose figures a run of @stack goes into. */
static struct hr_owner *hr_owners_find(struct hr_owners *owners, struct hr_stack stack)
{
	unsigned int i = hash_long(stack.key, HR_OWNERS_SHIFT);

	while (owners->owner[i].nr_runs && owners->owner[i].stack.key != stack.key)
		i = (i + 1) % HR_OWNERS_SLOTS;
	if (owners->owner[i].nr_runs)
		return &owners->owner[i];
	if (owners->nr == HR_OWNERS_MAX)
		return &owners->others;
	owners->nr++;
	owners->owner[i].stack = stack;
	return &owners->owner[i];
}

/* Return: false: the heap has no such chunk. */
static bool hr_owners_copy_chunk(struct hr_owners *owners, unsigned long chunk_idx)
{
	struct heapranges *heap = owners->heap;
	struct hr_chunk *chunk;

	raw_spin_lock_irq(&heap->lock);
	chunk = hr_chunks_find(&heap->runs.chunks, chunk_idx);
	if (chunk) {
		owners->records = chunk->records;
		memcpy(owners->stack, chunk->owners, sizeof(owners->stack));
	}
	raw_spin_unlock_irq(&heap->lock);
	return chunk;
}

static void hr_owners_count_range(struct hr_owners *owners,
				  const struct heapranges_range *range)
{
	struct hr_piece piece = hr_piece_first(range->base, hr_range_pages(range));
	unsigned long nr_pages;
	struct hr_owner *owner;
	unsigned int page_idx;

	do {
		if (!hr_owners_copy_chunk(owners, piece.chunk_idx))
			continue;
		for (page_idx = piece.begin; page_idx < piece.end; page_idx++) {
			nr_pages = hr_records_pages(&owners->records, page_idx);
			if (!nr_pages)
				continue;
			owner = hr_owners_find(owners, owners->stack[page_idx]);
			owner->nr_runs++;
			owner->nr_pages += nr_pages;
		}
		cond_resched();
	} while (hr_piece_next(&piece));
}

static int hr_owners_compare(const void *a, const void *b)
{
	const struct hr_owner *x = a, *y = b;

	if (x->nr_pages != y->nr_pages)
		return x->nr_pages < y->nr_pages ? 1 : -1;
	return x->nr_runs < y->nr_runs ? 1 : -(x->nr_runs > y->nr_runs);
}

static void hr_owners_sort(struct hr_owners *owners)
{
	unsigned int i, nr = 0;

	for (i = 0; i < HR_OWNERS_SLOTS; i++) {
		if (owners->owner[i].nr_runs)
			owners->owner[nr++] = owners->owner[i];
	}
	sort(owners->owner, nr, sizeof(*owners->owner), hr_owners_compare, NULL);
}

/* May sleep. */
static void hr_owners_count(struct hr_owners *owners)
{
	struct heapranges *heap = owners->heap;
	struct heapranges_range range;
	unsigned long from = 0;

	memset(owners, 0, sizeof(*owners));
	owners->heap = heap;
	if (!(heap->flags & HR_HEAP_TRACKS_OWNERS))
		return;
	while (hr_ranges_next(&heap->ranges, from, &range)) {
		hr_owners_count_range(owners, &range);
		from = range.limit;
	}
	hr_owners_sort(owners);
}

/* Return: with nothing counted; NULL: no memory. */
static struct hr_owners *hr_owners_create(struct heapranges *heap)
{
	struct hr_owners *owners = hr_mem_kvmalloc(sizeof(*owners), GFP_KERNEL | __GFP_NOWARN);

	if (owners)
		owners->heap = heap;
	return owners;
}

void hr_owners_report(struct heapranges *heap)
{
	struct hr_owners *owners;
	struct hr_owner *owner;
	const unsigned long *frames;
	unsigned int i, nr_frames;

	if (!(heap->flags & HR_HEAP_TRACKS_OWNERS))
		return;
	owners = hr_owners_create(heap);
	if (!owners)
		return;
	hr_owners_count(owners);
	for (i = 0; i < owners->nr; i++) {
		owner = &owners->owner[i];
		if (i < HR_OWNERS_SAID) {
			nr_frames = hr_stack_fetch(&owner->stack, &frames);
			hr_reports_owner(heap->name, owner->nr_runs, owner->nr_pages, frames,
					 nr_frames);
			continue;
		}
		owners->others.nr_runs += owner->nr_runs;
		owners->others.nr_pages += owner->nr_pages;
	}
	if (owners->others.nr_runs)
		hr_reports_others(heap->name, owners->others.nr_runs, owners->others.nr_pages);
	hr_mem_kvfree(owners);
}

unsigned long hr_owners_caller(struct heapranges *heap, unsigned long base)
{
	unsigned int page_idx = hr_addr_to_page_idx(base);
	struct hr_stack stack = { 0 };
	const unsigned long *frames;
	struct hr_chunk *chunk;
	unsigned long flags;

	if (!(heap->flags & HR_HEAP_TRACKS_OWNERS))
		return 0;
	raw_spin_lock_irqsave(&heap->lock, flags);
	chunk = hr_chunks_find(&heap->runs.chunks, hr_addr_to_chunk_idx(base));
	if (chunk && hr_records_pages(&chunk->records, page_idx))
		stack = chunk->owners[page_idx];
	raw_spin_unlock_irqrestore(&heap->lock, flags);
	return hr_stack_fetch(&stack, &frames) ? frames[0] : 0;
}

/* The owner that is line @pos, the header being line 0; NULL: there is none. */
static void *hr_owners_at(struct hr_owners *owners, loff_t pos)
{
	if (!pos)
		return SEQ_START_TOKEN;
	if (pos <= owners->nr)
		return &owners->owner[pos - 1];
	return pos == owners->nr + 1 && owners->others.nr_runs ? &owners->others : NULL;
}

static void *hr_owners_start(struct seq_file *m, loff_t *pos)
{
	if (!*pos)
		hr_owners_count(m->private);
	return hr_owners_at(m->private, *pos);
}

static void *hr_owners_next(struct seq_file *m, void *v, loff_t *pos)
{
	return hr_owners_at(m->private, ++*pos);
}

static void hr_owners_stop(struct seq_file *m, void *v)
{
}

static int hr_owners_show(struct seq_file *m, void *v)
{
	const struct hr_owners *owners = m->private;
	const struct hr_owner *owner = v;
	const unsigned long *frames;
	unsigned int i, nr_frames;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "# heapranges owners 1\n");
		if (!(owners->heap->flags & HR_HEAP_TRACKS_OWNERS))
			seq_puts(m, "# track_owners=0\n");
		return 0;
	}
	seq_printf(m, "%lu pages in %lu runs:\n", owner->nr_pages, owner->nr_runs);
	nr_frames = hr_stack_fetch(&owner->stack, &frames);
	for (i = 0; i < nr_frames; i++)
		seq_printf(m, " %pS\n", (void *)frames[i]);
	if (!nr_frames)
		seq_puts(m, owner == &owners->others ? " others\n" : " unknown\n");
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations hr_owners_seq_ops = {
	.start	= hr_owners_start,
	.next	= hr_owners_next,
	.stop	= hr_owners_stop,
	.show	= hr_owners_show,
};

static int hr_owners_open(struct inode *inode, struct file *file)
{
	struct hr_owners *owners = hr_owners_create(inode->i_private);
	int err;

	if (!owners)
		return -ENOMEM;
	err = seq_open(file, &hr_owners_seq_ops);
	if (err)
		hr_mem_kvfree(owners);
	else
		((struct seq_file *)file->private_data)->private = owners;
	return err;
}

static int hr_owners_release(struct inode *inode, struct file *file)
{
	hr_mem_kvfree(((struct seq_file *)file->private_data)->private);
	return seq_release(inode, file);
}

const struct file_operations hr_owners_fops = {
	.owner		= THIS_MODULE,
	.open		= hr_owners_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= hr_owners_release,
};
