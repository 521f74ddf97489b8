// SPDX-License-Identifier: GPL-2.0
/*
 * Where a reader of a file with a line an address range is.
 */
#include <linux/fs.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "cursor.h"

int hr_cursor_open(struct inode *inode, struct file *file, const struct seq_operations *ops,
		   const struct hr_cursor_kind *kind)
{
	struct hr_cursor *cursor = __seq_open_private(file, ops, kind->bytes);

	if (!cursor)
		return -ENOMEM;
	cursor->kind = kind;
	cursor->heap = inode->i_private;
	return 0;
}

bool hr_cursor_find_range(struct hr_cursor *cursor, struct heapranges *heap,
			  bool (*count)(struct hr_cursor *cursor, struct heapranges *heap))
{
	const struct heapranges_range *range = &cursor->range;
	struct heapranges_range lost = { 0 };
	bool counted, owned;

	while (hr_ranges_next(&heap->ranges, cursor->from, &cursor->range)) {
		counted = count(cursor, heap);
		owned = hr_ranges_contains(&heap->ranges, range->base, hr_range_pages(range));
		if (counted && owned)
			return true;
		/* Twice: it has not gone, it has no chunk. verify tells of that, no line can. */
		if (owned && range->base == lost.base && range->limit == lost.limit)
			cursor->from = range->limit;
		lost = *range;
		/* One that keeps changing would keep a reader who is being killed. */
		if (fatal_signal_pending(current))
			break;
	}
	return false;
}

static bool hr_cursor_advance(struct hr_cursor *cursor)
{
	cursor->pos++;
	cursor->kind->pass(cursor);
	return cursor->kind->find(cursor);
}

void *hr_cursor_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct hr_cursor *cursor = m->private;

	++*pos;
	return hr_cursor_advance(cursor) ? cursor : NULL;
}

/*
 * The line at *@pos: the header, the one that the buffer had no room for, or,
 * after a seek, that many lines from the start.
 */
void *hr_cursor_start(struct seq_file *m, loff_t *pos)
{
	struct hr_cursor *cursor = m->private;

	if (*pos && *pos == cursor->pos)
		return cursor->kind->find(cursor) ? cursor : NULL;

	memset(&cursor->pos, 0, cursor->kind->bytes - offsetof(struct hr_cursor, pos));
	while (cursor->pos < *pos) {
		if (!hr_cursor_advance(cursor))
			return NULL;
	}
	return *pos ? cursor : SEQ_START_TOKEN;
}

void hr_cursor_stop(struct seq_file *m, void *v)
{
}
