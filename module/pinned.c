// SPDX-License-Identifier: GPL-2.0
/*
 * Why each arena of a heap cannot be released, ascending by base.
 *
 *	# heapranges pinned 1
 *	# base limit pages used parked reason
 *	0xffffc90000601000 0xffffc90000a01000 1024 12 64 kept
 *
 * Each is looked at by itself: of two that the reserve could do without one of, both can
 * go. An arena is copied under the heap's change mutex and counted without it, so it may
 * be gone before its line is printed; whoever reads sees what was so a moment ago.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "arenas.h"
#include "cursor.h"
#include "idle.h"
#include "owners.h"
#include "pinned.h"
#include "snapshot.h"
#include "tend.h"

struct hr_pinned {
	struct hr_cursor	cursor;
	struct hr_arena		arena;		/* a copy */
	unsigned long		used_pages, parked_pages;
	unsigned long		run, run_pages;	/* the first live one; 0: none */
};

static struct hr_pinned *hr_pinned_of(struct hr_cursor *cursor)
{
	return container_of(cursor, struct hr_pinned, cursor);
}

static void hr_pinned_find_run(struct hr_pinned *pinned, const struct hr_snapshot *snapshot,
			       const struct hr_piece *piece)
{
	unsigned int page_idx = piece->begin;

	for_each_set_bit_from(page_idx, snapshot->bits.busy, piece->end) {
		pinned->run_pages = hr_records_pages(&snapshot->records, page_idx);
		if (!pinned->run_pages)
			continue;
		pinned->run = hr_chunk_idx_to_addr(piece->chunk_idx) +
			      hr_pages_to_bytes(page_idx);
		return;
	}
}

/* Return: false: the arena is no longer there. */
static bool hr_pinned_count(struct hr_pinned *pinned, struct heapranges *heap)
{
	const struct hr_arena *arena = &pinned->arena;
	struct hr_piece piece = hr_piece_first(arena->base, arena->nr_pages);
	unsigned long parked_pages;
	struct hr_snapshot snapshot;

	pinned->used_pages = 0;
	pinned->parked_pages = 0;
	pinned->run = 0;
	do {
		if (!hr_snapshot_take(heap, piece.chunk_idx, &snapshot))
			return false;
		cond_resched();
		parked_pages = hr_records_count_parked(&snapshot.records, piece.begin,
						       piece.end);
		pinned->parked_pages += parked_pages;
		pinned->used_pages += hr_bits_weigh(snapshot.bits.busy, piece.begin,
						    piece.end) - parked_pages;
		if (!pinned->run)
			hr_pinned_find_run(pinned, &snapshot, &piece);
	} while (hr_piece_next(&piece));
	/* A chunk at its edge may have stayed for another one. */
	return hr_ranges_contains(&heap->ranges, arena->base, arena->nr_pages);
}

static bool hr_pinned_find(struct hr_cursor *cursor)
{
	struct hr_pinned *pinned = hr_pinned_of(cursor);
	struct hr_arena *arena = &pinned->arena;
	unsigned long lost = 0;

	while (hr_arenas_next(cursor->heap, cursor->from, arena)) {
		cursor->range.base = arena->base;
		cursor->range.limit = arena->base + hr_pages_to_bytes(arena->nr_pages);
		/* Twice: it has not gone, the heap has lost track of it. That keeps it, too. */
		if (hr_pinned_count(pinned, cursor->heap) || arena->base == lost)
			return true;
		lost = arena->base;
	}
	return false;
}

static void hr_pinned_pass(struct hr_cursor *cursor)
{
	cursor->from = cursor->range.limit;
}

static const struct hr_cursor_kind hr_pinned_kind = {
	.bytes	= sizeof(struct hr_pinned),
	.find	= hr_pinned_find,
	.pass	= hr_pinned_pass,
};

/* The tick would not release it yet, see tend.c. */
static bool hr_pinned_is_recent(struct heapranges *heap, const struct hr_arena *arena)
{
	return arena->nr_idle_ticks <= HR_HEAP_TICKS ||
	       arena->nr_pages > hr_tend_unneeded_pages(heap);
}

/* Of an arena in which nothing lives. */
static const char *hr_pinned_reason(struct heapranges *heap, const struct hr_arena *arena)
{
	if (READ_ONCE(heap->corrupt))
		return "corrupt";
	if (arena->nr_pages > hr_idle_spare_pages(heap))
		return "reserve";
	return hr_pinned_is_recent(heap, arena) ? "recent" : "none";
}

static void hr_pinned_show_reason(struct seq_file *m, const struct hr_pinned *pinned)
{
	struct heapranges *heap = pinned->cursor.heap;
	const int digits = 2 * sizeof(unsigned long);
	unsigned long caller;

	if (pinned->arena.is_kept) {
		seq_puts(m, "kept\n");
	} else if (pinned->run) {
		seq_printf(m, "used 0x%0*lx %lu", digits, pinned->run, pinned->run_pages);
		caller = hr_owners_caller(heap, pinned->run);
		if (caller)
			seq_printf(m, " %pS", (void *)caller);
		seq_putc(m, '\n');
	} else {
		seq_printf(m, "%s\n", hr_pinned_reason(heap, &pinned->arena));
	}
}

static int hr_pinned_show(struct seq_file *m, void *v)
{
	const struct hr_pinned *pinned = m->private;
	const struct heapranges_range *range = &pinned->cursor.range;
	const int digits = 2 * sizeof(unsigned long);

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "# heapranges pinned 1\n# base limit pages used parked reason\n");
		return 0;
	}
	seq_printf(m, "0x%0*lx 0x%0*lx %lu %lu %lu ", digits, range->base, digits,
		   range->limit, pinned->arena.nr_pages, pinned->used_pages,
		   pinned->parked_pages);
	hr_pinned_show_reason(m, pinned);
	return 0;
}

static const struct seq_operations hr_pinned_seq_ops = {
	.start	= hr_cursor_start,
	.next	= hr_cursor_next,
	.stop	= hr_cursor_stop,
	.show	= hr_pinned_show,
};

static int hr_pinned_open(struct inode *inode, struct file *file)
{
	return hr_cursor_open(inode, file, &hr_pinned_seq_ops, &hr_pinned_kind);
}

const struct file_operations hr_pinned_fops = {
	.owner		= THIS_MODULE,
	.open		= hr_pinned_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= seq_release_private,
};
