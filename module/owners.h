/* SPDX-License-Identifier: GPL-2.0 */
/* Who holds what of a heap that remembers. */
#ifndef HR_OWNERS_H
#define HR_OWNERS_H

#include <linux/fs.h>

#include "heap.h"

/*
 * Says in the log who holds most of the heap's live runs, the largest first, if the
 * heap has HR_HEAP_TRACKS_OWNERS. May sleep.
 */
void hr_owners_report(struct heapranges *heap);

/* Who took the live run at @base; 0: nobody did, or nobody knows. Any context but NMI. */
unsigned long hr_owners_caller(struct heapranges *heap, unsigned long base);

/* The heap's file of debugfs; the inode's private data is the heap. */
extern const struct file_operations hr_owners_fops;

#endif /* HR_OWNERS_H */
