/* SPDX-License-Identifier: GPL-2.0 */
/* The fields of a line, and what they mean. */
#ifndef HR_FIELD_H
#define HR_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/*
 * Splits @line at blanks, in place, into at most @max fields; what comes behind
 * those is left out.
 * Return: how many.
 */
size_t hr_field_split(char *line, char **fields, size_t max);

/* A decimal number, and nothing else. */
bool hr_field_count(const char *text, __u64 *count);

/* 0x and 1 to 16 hexadecimal digits. */
bool hr_field_address(const char *text, __u64 *address);

/* 0.000 to 1.000 */
bool hr_field_thousandths(const char *text, unsigned int *thousandths);

/* What heapranges_create() takes for a heap's name. */
bool hr_field_is_name(const char *text);

/* A word of small letters, digits and _. */
bool hr_field_is_key(const char *text);

/* A number as in stats: decimal, with a sign, or hexadecimal. */
bool hr_field_is_value(const char *text);

/* A bar's cells, without the bars. */
bool hr_field_is_cells(const char *text, size_t length);

#endif /* HR_FIELD_H */
