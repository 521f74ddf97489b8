/* SPDX-License-Identifier: GPL-2.0 */
/* Memory of the viewers: who asks for it gets it, or the program ends. */
#ifndef HR_MEM_H
#define HR_MEM_H

#include <stddef.h>

/*
 * Room for one more in an array of @nr elements of @size bytes. The capacity is
 * the next power of two of @nr, so it need not be kept.
 */
void *hr_mem_grow(void *array, size_t nr, size_t size);

void *hr_mem_zalloc(size_t size);
char *hr_mem_dup(const char *text);

#endif /* HR_MEM_H */
