/* SPDX-License-Identifier: GPL-2.0 */
/* /sys/kernel/debug/heapranges */
#ifndef HR_DEBUGFS_H
#define HR_DEBUGFS_H

/* Without debugfs there is no file, and nothing else is missing. */
void hr_debugfs_init(void);
void hr_debugfs_exit(void);

#endif /* HR_DEBUGFS_H */
