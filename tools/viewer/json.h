/* SPDX-License-Identifier: GPL-2.0 */
/* A snapshot as one JSON object. */
#ifndef HR_JSON_H
#define HR_JSON_H

#include <stdio.h>

#include "table.h"

#define HR_JSON_VERSION	1	/* raised when a key changes its meaning */

/* The heaps in the order of @table, which is of @snapshot. */
void hr_json_write(FILE *out, const struct hr_snapshot *snapshot, const struct hr_table *table);

#endif /* HR_JSON_H */
