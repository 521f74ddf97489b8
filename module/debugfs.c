// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/heapranges: a line a range, sorted by base within a heap,
 * heaps in order of creation.
 *
 *	# heapranges 1
 *	# base limit bytes pages used cached free largest heap
 *	0xffffc90000601000 0xffffc90000a01000 4194304 1024 12 0 1012 900 default
 *
 * A line is counted before it is printed, from snapshots of one chunk at a time. Heaps stay
 * while one is counted, and no longer.
 *
 * Raw addresses, for root only. The mode lies within 0444 and nothing can be
 * written, so lockdown leaves the file readable.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "cursor.h"
#include "debugfs.h"
#include "heaps.h"
#include "snapshot.h"

/* Where a reader is, and the line that it found there. */
struct hr_debugfs_line {
	struct hr_cursor	cursor;
	u64			serial;	/* it is of this heap or a later one */
	char			name[HR_HEAP_NAME_MAX + 1];
	struct hr_snapshot_tally tally;
};

static struct dentry *hr_debugfs_file;

static struct hr_debugfs_line *hr_debugfs_line_of(struct hr_cursor *cursor)
{
	return container_of(cursor, struct hr_debugfs_line, cursor);
}

static bool hr_debugfs_count(struct hr_cursor *cursor, struct heapranges *heap)
{
	struct hr_debugfs_line *line = hr_debugfs_line_of(cursor);

	memset(&line->tally, 0, sizeof(line->tally));
	return hr_snapshot_tally(heap, &cursor->range, &line->tally);
}

/* Caller holds hr_heaps_rwsem. */
static bool hr_debugfs_find_locked(struct hr_cursor *cursor)
{
	struct hr_debugfs_line *line = hr_debugfs_line_of(cursor);
	struct heapranges *heap;

	lockdep_assert_held(&hr_heaps_rwsem);
	while ((heap = hr_heaps_next(line->serial))) {
		if (heap->serial != line->serial)
			cursor->from = 0;
		line->serial = heap->serial;
		if (hr_cursor_find_range(cursor, heap, hr_debugfs_count)) {
			strscpy(line->name, heap->name, sizeof(line->name));
			return true;
		}
		line->serial++;
		cursor->from = 0;
	}
	return false;
}

static bool hr_debugfs_find(struct hr_cursor *cursor)
{
	bool found;

	down_read(&hr_heaps_rwsem);
	found = hr_debugfs_find_locked(cursor);
	up_read(&hr_heaps_rwsem);
	return found;
}

static void hr_debugfs_pass(struct hr_cursor *cursor)
{
	cursor->from = cursor->range.limit;
}

static const struct hr_cursor_kind hr_debugfs_kind = {
	.bytes	= sizeof(struct hr_debugfs_line),
	.find	= hr_debugfs_find,
	.pass	= hr_debugfs_pass,
};

static int hr_debugfs_show(struct seq_file *m, void *v)
{
	const struct hr_debugfs_line *line = m->private;
	const struct heapranges_range *range = &line->cursor.range;
	const int digits = 2 * sizeof(unsigned long);

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "# heapranges 1\n"
			    "# base limit bytes pages used cached free largest heap\n");
		return 0;
	}
	seq_printf(m, "0x%0*lx 0x%0*lx %lu %lu %lu %lu %lu %lu %s\n",
		   digits, range->base, digits, range->limit, range->limit - range->base,
		   hr_range_pages(range),
		   line->tally.used_pages, line->tally.parked_pages,
		   line->tally.free.free_pages, line->tally.free.longest_pages,
		   line->name);
	return 0;
}

static const struct seq_operations hr_debugfs_seq_ops = {
	.start	= hr_cursor_start,
	.next	= hr_cursor_next,
	.stop	= hr_cursor_stop,
	.show	= hr_debugfs_show,
};

static int hr_debugfs_open(struct inode *inode, struct file *file)
{
	return hr_cursor_open(inode, file, &hr_debugfs_seq_ops, &hr_debugfs_kind);
}

static const struct file_operations hr_debugfs_fops = {
	.owner		= THIS_MODULE,
	.open		= hr_debugfs_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= seq_release_private,
};

void hr_debugfs_init(void)
{
	hr_debugfs_file = debugfs_create_file("heapranges", 0400, NULL, NULL,
					      &hr_debugfs_fops);
	hr_debugfs_heap_init();
}

void hr_debugfs_exit(void)
{
	debugfs_remove(hr_debugfs_file);
	hr_debugfs_heap_exit();
}
