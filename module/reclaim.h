/* SPDX-License-Identifier: GPL-2.0 */
/* What the machine may have back when it is short of memory. */
#ifndef HR_RECLAIM_H
#define HR_RECLAIM_H

/* Registers the shrinker, one for all heaps. Return: 0, or -ENOMEM. */
int hr_reclaim_setup(void);
void hr_reclaim_teardown(void);

struct shrinker;
struct shrink_control;

/* Its two halves, called by the kernel and by tests. */
unsigned long hr_reclaim_count(struct shrinker *shrinker, struct shrink_control *sc);
unsigned long hr_reclaim_scan(struct shrinker *shrinker, struct shrink_control *sc);

#endif /* HR_RECLAIM_H */
