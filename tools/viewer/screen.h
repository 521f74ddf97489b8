/* SPDX-License-Identifier: GPL-2.0 */
/* hrtop on a terminal. */
#ifndef HR_SCREEN_H
#define HR_SCREEN_H

#include "source.h"

/*
 * Shows what @source says, anew every @delay_ms, sorted by @order, until the user
 * quits.
 * Return: how many complaints there were about what was read last, or -1: there is no
 * terminal on which a cursor can be moved, and nothing was done.
 */
long hr_screen_run(struct hr_source *source, char order, int delay_ms);

#endif /* HR_SCREEN_H */
