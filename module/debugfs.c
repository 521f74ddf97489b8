// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/heapranges: a line a range, sorted by base within a heap,
 * heaps in order of creation.
 *
 *	# heapranges 1
 *	# base limit bytes pages used cached free largest heap
 *	0xffffc90000601000 0xffffc90000a01000 4194304 1024 12 0 1012 900 default
 *
 * A line is counted before it is printed, from snapshots of one chunk at a time.
 * A reader pauses between two lines wherever its buffer ends; it goes on from
 * the address where it stopped, so that each address appears at most once even
 * if ranges have merged or split meanwhile.
 *
 * Raw addresses, for root only. The mode lies within 0444 and nothing can be
 * written, so lockdown leaves the file readable.
 *
 * What can be written has files of its own, /sys/kernel/debug/heapranges_heaps/<name>/.
 * They go before their heap does: removal waits for whoever is at work in one.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "arenas.h"
#include "debugfs.h"
#include "heaps.h"

/* Where a reader is, and the line that it found there. */
struct hr_debugfs_cursor {
	loff_t			pos;	/* lines before it, the header counting one */
	u64			serial;	/* it is of this heap or a later one, */
	unsigned long		from;	/* and of this heap not below here */

	const struct heapranges	*heap;	/* valid under hr_heaps_rwsem */
	struct heapranges_range	range;
	struct hr_bits_tally	tally;
};

static struct dentry *hr_debugfs_file;
static struct dentry *hr_debugfs_heaps;

/*
 * Finds and counts the line where @cursor is. Caller holds hr_heaps_rwsem.
 * Return: false: there is none.
 */
static bool hr_debugfs_find(struct hr_debugfs_cursor *cursor)
{
	struct heapranges *heap;

	while ((heap = hr_heaps_next(cursor->serial))) {
		if (heap->serial != cursor->serial)
			cursor->from = 0;
		cursor->serial = heap->serial;
		cursor->heap = heap;
		while (hr_ranges_next(&heap->ranges, cursor->from, &cursor->range)) {
			memset(&cursor->tally, 0, sizeof(cursor->tally));
			if (hr_heap_tally(heap, &cursor->range, &cursor->tally))
				return true;
			/* A part of it has gone: there is another range now. */
		}
		cursor->serial++;
		cursor->from = 0;
	}
	return false;
}

static bool hr_debugfs_advance(struct hr_debugfs_cursor *cursor)
{
	cursor->pos++;
	cursor->from = cursor->range.limit;
	return hr_debugfs_find(cursor);
}

static void *hr_debugfs_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct hr_debugfs_cursor *cursor = m->private;

	++*pos;
	return hr_debugfs_advance(cursor) ? cursor : NULL;
}

/*
 * The line at *@pos: the header, the one that the buffer had no room for, or,
 * after a seek, that many lines from the start.
 */
static void *hr_debugfs_start(struct seq_file *m, loff_t *pos)
{
	struct hr_debugfs_cursor *cursor = m->private;

	down_read(&hr_heaps_rwsem);
	if (*pos && *pos == cursor->pos)
		return hr_debugfs_find(cursor) ? cursor : NULL;

	memset(cursor, 0, sizeof(*cursor));
	while (cursor->pos < *pos) {
		if (!hr_debugfs_advance(cursor))
			return NULL;
	}
	return *pos ? cursor : SEQ_START_TOKEN;
}

static void hr_debugfs_stop(struct seq_file *m, void *v)
{
	up_read(&hr_heaps_rwsem);
}

static int hr_debugfs_show(struct seq_file *m, void *v)
{
	const struct hr_debugfs_cursor *cursor = v;
	const int digits = 2 * sizeof(unsigned long);

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "# heapranges 1\n"
			    "# base limit bytes pages used cached free largest heap\n");
		return 0;
	}
	seq_printf(m, "0x%0*lx 0x%0*lx %lu %lu %lu %lu %lu %lu %s\n",
		   digits, cursor->range.base, digits, cursor->range.limit,
		   cursor->range.limit - cursor->range.base,
		   hr_bytes_to_pages(cursor->range.limit - cursor->range.base),
		   cursor->tally.busy_pages - cursor->tally.parked_pages,
		   cursor->tally.parked_pages, cursor->tally.free_pages,
		   cursor->tally.longest_pages, cursor->heap->name);
	return 0;
}

static const struct seq_operations hr_debugfs_seq_ops = {
	.start	= hr_debugfs_start,
	.next	= hr_debugfs_next,
	.stop	= hr_debugfs_stop,
	.show	= hr_debugfs_show,
};

static int hr_debugfs_open(struct inode *inode, struct file *file)
{
	return seq_open_private(file, &hr_debugfs_seq_ops,
				sizeof(struct hr_debugfs_cursor));
}

static const struct file_operations hr_debugfs_fops = {
	.owner		= THIS_MODULE,
	.open		= hr_debugfs_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= seq_release_private,
};

static int hr_debugfs_trim(void *heap, u64 value)
{
	if (value != 1)
		return -EINVAL;
	hr_arenas_trim(heap);
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(hr_debugfs_trim_fops, NULL, hr_debugfs_trim, "%llu\n");

void hr_debugfs_add_heap(struct heapranges *heap)
{
	heap->debugfs = debugfs_create_dir(heap->name, hr_debugfs_heaps);
	debugfs_create_file_unsafe("trim", 0200, heap->debugfs, heap,
				   &hr_debugfs_trim_fops);
}

void hr_debugfs_remove_heap(struct heapranges *heap)
{
	debugfs_remove(heap->debugfs);
}

void hr_debugfs_init(void)
{
	hr_debugfs_file = debugfs_create_file("heapranges", 0400, NULL, NULL,
					      &hr_debugfs_fops);
	hr_debugfs_heaps = debugfs_create_dir("heapranges_heaps", NULL);
}

void hr_debugfs_exit(void)
{
	debugfs_remove(hr_debugfs_file);
	debugfs_remove(hr_debugfs_heaps);
}
