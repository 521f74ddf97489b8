/* SPDX-License-Identifier: GPL-2.0 */
/* What the machine may have back when it is short of memory. */
#ifndef HR_RECLAIM_H
#define HR_RECLAIM_H

/* Registers the shrinker, one for all heaps. Return: 0, or -ENOMEM. */
int hr_reclaim_setup(void);
void hr_reclaim_teardown(void);

#endif /* HR_RECLAIM_H */
