/* SPDX-License-Identifier: GPL-2.0 */
/* A heap in figures. */
#ifndef HR_STATS_H
#define HR_STATS_H

#include "heap.h"

struct seq_file;

/* As heapranges_get_stats(). */
void hr_stats_get(struct heapranges *heap, struct heapranges_stats *stats);

/* And as text, a line a figure. May sleep. */
void hr_stats_show(struct seq_file *m, struct heapranges *heap);

#endif /* HR_STATS_H */
