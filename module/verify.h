/* SPDX-License-Identifier: GPL-2.0 */
/* Does everything that a heap knows fit together? */
#ifndef HR_VERIFY_H
#define HR_VERIFY_H

#include "heap.h"

/* As heapranges_verify(). */
int hr_verify_heap(struct heapranges *heap, char *first, size_t size);

#endif /* HR_VERIFY_H */
