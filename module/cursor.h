/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a reader of a file with a line an address range is. seq_file pauses between two
 * lines wherever a buffer ends, with no lock held; the reader goes on from the address
 * where it stopped, so that each address appears at most once even if ranges have come,
 * gone, merged or split meanwhile.
 *
 * A line is counted when it is found, and printed after that:
 *
 *	struct hr_map {
 *		struct hr_cursor	cursor;		first
 *		...			what was counted, all 0 at the start
 *	};
 *
 * is what seq_file's private data points to.
 */
#ifndef HR_CURSOR_H
#define HR_CURSOR_H

#include <linux/seq_file.h>

#include "heap.h"

struct hr_cursor;

struct hr_cursor_kind {
	size_t	bytes;	/* of what begins with the cursor */
	/* Finds and counts the line where the cursor is. Return: false: there is none. */
	bool	(*find)(struct hr_cursor *cursor);
	/* The line that was found last lies behind; that is none, once, at the start. */
	void	(*pass)(struct hr_cursor *cursor);
};

struct hr_cursor {
	/* Set at open, for life. */
	const struct hr_cursor_kind	*kind;
	struct heapranges		*heap;	/* NULL: of no single heap */

	loff_t				pos;	/* lines before it, the header counting one */
	unsigned long			from;	/* it is of addresses not below here */
	struct heapranges_range		range;	/* the line's */
};

/* What opening a file of @kind does, with @ops to read it. The heap is the inode's. */
int hr_cursor_open(struct inode *inode, struct file *file, const struct seq_operations *ops,
		   const struct hr_cursor_kind *kind);

/*
 * The first range of @heap from cursor->from on, when @count has counted it. It cannot where
 * a chunk is missing, and has counted in vain what is not all there any more: then there is
 * another range now. Return: false: none, or the reader is being killed.
 */
bool hr_cursor_find_range(struct hr_cursor *cursor, struct heapranges *heap,
			  bool (*count)(struct hr_cursor *cursor, struct heapranges *heap));

/* For seq_operations. Nothing is held from start to stop. */
void *hr_cursor_start(struct seq_file *m, loff_t *pos);
void *hr_cursor_next(struct seq_file *m, void *v, loff_t *pos);
void hr_cursor_stop(struct seq_file *m, void *v);

#endif /* HR_CURSOR_H */
