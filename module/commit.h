/* SPDX-License-Identifier: GPL-2.0 */
/* A change of the range array (change.h) takes place. */
#ifndef HR_COMMIT_H
#define HR_COMMIT_H

#include "change.h"

/*
 * Caller holds writers.
 * Return: 0, and block[] is the array's; or, with all as before, -ENOMEM: a block is
 * NULL or too small; -ESTALE: the array has changed since @change was prepared.
 */
int hr_commit_change(struct hr_change *change, struct hr_ranges *ranges);

#endif /* HR_COMMIT_H */
