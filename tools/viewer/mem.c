// SPDX-License-Identifier: GPL-2.0
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

static void *hr_mem_check(void *memory)
{
	if (memory)
		return memory;
	fputs("out of memory\n", stderr);
	exit(EXIT_FAILURE);
}

void *hr_mem_grow(void *array, size_t nr, size_t size)
{
	size_t room = nr ? 2 * nr : 1;

	if (nr & (nr - 1))
		return array;
	return hr_mem_check(room > SIZE_MAX / size ? NULL :
			    realloc(array, room * size));
}

void *hr_mem_zalloc(size_t size)
{
	return hr_mem_check(calloc(1, size));
}

char *hr_mem_dup(const char *text)
{
	return hr_mem_check(strdup(text));
}
