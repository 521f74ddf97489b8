/* SPDX-License-Identifier: GPL-2.0 */
/* Why each arena of a heap cannot be released. */
#ifndef HR_PINNED_H
#define HR_PINNED_H

#include <linux/fs.h>

/* Of a file whose inode's private data is the heap. */
extern const struct file_operations hr_pinned_fops;

#endif /* HR_PINNED_H */
