/* SPDX-License-Identifier: GPL-2.0 */
/* The module's parameters, in pages. */
#ifndef HR_PARAMS_H
#define HR_PARAMS_H

#include "heapranges.h"

/* Return: 0, or -EINVAL after one line which says what is wrong. */
int hr_params_check(void);

/* Defaults of every heap. */
unsigned long hr_params_arena_pages(void);
unsigned long hr_params_grow_max_pages(void);

/* All heaps remember who took a run. */
bool hr_params_track_owners(void);

/* All heaps fill what is free with a pattern, see poison.h. */
bool hr_params_poison(void);

/* The heap "default". */
void hr_params_of_default_heap(struct heapranges_params *params);

#endif /* HR_PARAMS_H */
