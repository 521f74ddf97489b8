/* SPDX-License-Identifier: GPL-2.0 */
/* One heap at a glance: where the free and the used pages of each range lie. */
#ifndef HR_MAP_H
#define HR_MAP_H

#include <linux/fs.h>

/* Of a file whose inode's private data is the heap. */
extern const struct file_operations hr_map_fops;

#endif /* HR_MAP_H */
