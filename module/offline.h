/* SPDX-License-Identifier: GPL-2.0 */
/* What a CPU that is gone has left in its caches. */
#ifndef HR_OFFLINE_H
#define HR_OFFLINE_H

/* Return: 0, or an errno of the kernel's: nobody would tell us of CPUs that go. */
int hr_offline_setup(void);
void hr_offline_teardown(void);

/*
 * Empties the caches that @cpu, which runs nothing any more, has of all heaps. May sleep.
 * Return: 0.
 */
int hr_offline_cpu(unsigned int cpu);

#endif /* HR_OFFLINE_H */
