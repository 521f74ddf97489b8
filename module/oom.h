/* SPDX-License-Identifier: GPL-2.0 */
/* What heaps hold, in the log of a machine that is out of memory. */
#ifndef HR_OOM_H
#define HR_OOM_H

#include <linux/notifier.h>

/* Return: 0, or an errno. */
int hr_oom_setup(void);
void hr_oom_teardown(void);

/* What the kernel calls before it kills somebody. */
int hr_oom_notify(struct notifier_block *nb, unsigned long unused, void *freed_pages);

#endif /* HR_OOM_H */
