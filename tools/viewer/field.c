// SPDX-License-Identifier: GPL-2.0
#include <limits.h>
#include <string.h>

#include "field.h"
#include "snapshot.h"

#define HR_DIGITS "0123456789"

size_t hr_field_split(char *line, char **fields, size_t max)
{
	char *rest = line;
	char *field;
	size_t nr = 0;

	while (nr < max && (field = strtok_r(rest, " \t", &rest)))
		fields[nr++] = field;
	return nr;
}

bool hr_field_count(const char *text, __u64 *count)
{
	__u64 value = 0;
	const char *c;

	for (c = text; *c >= '0' && *c <= '9'; c++) {
		unsigned int digit = *c - '0';

		if (value > (ULLONG_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*count = value;
	return c > text && !*c;
}

static int hr_field_nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool hr_field_address(const char *text, __u64 *address)
{
	__u64 value = 0;
	size_t nr = 0;

	if (text[0] != '0' || text[1] != 'x')
		return false;
	for (text += 2; hr_field_nibble(text[nr]) >= 0; nr++) {
		if (nr == 16)
			return false;
		value = value << 4 | hr_field_nibble(text[nr]);
	}
	*address = value;
	return nr && !text[nr];
}

bool hr_field_thousandths(const char *text, unsigned int *thousandths)
{
	__u64 fraction;

	if (strlen(text) != 5 || text[0] < '0' || text[0] > '1' || text[1] != '.' ||
	    !hr_field_count(text + 2, &fraction))
		return false;
	*thousandths = (text[0] - '0') * 1000 + fraction;
	return *thousandths <= 1000;
}

bool hr_field_is_name(const char *text)
{
	const char *c;

	for (c = text; *c; c++) {
		if (*c <= ' ' || *c > '~' || *c == '/' || *c == '#')
			return false;
	}
	return c > text && c - text <= HR_NAME_MAX && strcmp(text, ".") &&
	       strcmp(text, "..");
}

bool hr_field_is_key(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz_" HR_DIGITS);

	return length && length <= HR_NAME_MAX && !text[length];
}

bool hr_field_is_value(const char *text)
{
	__u64 value;

	return hr_field_count(text + (*text == '-'), &value) ||
	       hr_field_address(text, &value);
}

bool hr_field_is_cells(const char *text, size_t length)
{
	return length && length <= HR_CELLS_MAX &&
	       strspn(text, ".o123456789#") >= length;
}
