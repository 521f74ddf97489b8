/* SPDX-License-Identifier: GPL-2.0 */
/* /sys/kernel/debug/heapranges, and a folder for each heap in heapranges_heaps */
#ifndef HR_DEBUGFS_H
#define HR_DEBUGFS_H

/* Without debugfs there is no file, and nothing else is missing. */
struct heapranges;

void hr_debugfs_init(void);
void hr_debugfs_exit(void);

/* debugfs_heap.c's part of these. */
void hr_debugfs_heap_init(void);
void hr_debugfs_heap_exit(void);

/* The heap's own folder. It is removed before the heap. */
void hr_debugfs_add_heap(struct heapranges *heap);
void hr_debugfs_remove_heap(struct heapranges *heap);

#endif /* HR_DEBUGFS_H */
