// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "cells.h"

unsigned int hr_cells_tenths(char cell)
{
	if (cell == '#')
		return 10;
	return cell >= '1' && cell <= '9' ? cell - '0' : 0;
}

/* One cell for @nr: full only if all are, empty only if all are. */
static char hr_cells_merge(const char *cells, size_t nr)
{
	unsigned int sum = 0;
	char none = '.';
	size_t i;

	for (i = 0; i < nr; i++) {
		sum += hr_cells_tenths(cells[i]);
		if (cells[i] == 'o')
			none = 'o';
	}
	if (!sum)
		return none;
	if (sum == 10 * nr)
		return '#';
	sum = (sum + nr - 1) / nr;
	return '0' + (sum > 9 ? 9 : sum);
}

void hr_cells_squeeze(char *out, size_t max, const char *cells)
{
	size_t nr = strlen(cells);
	size_t each = max ? (nr + max - 1) / max : 0;
	size_t i;

	for (i = 0; each && i < nr; i += each)
		*out++ = hr_cells_merge(cells + i, nr - i < each ? nr - i : each);
	*out = '\0';
}

/* Whoever has a page has a cell, if there are three. */
static size_t hr_cells_share(__u64 part, __u64 whole, size_t nr)
{
	size_t share;

	if (!part || !whole)
		return 0;
	share = (double)part / whole * nr + 0.5;
	if (share > nr)
		share = nr;
	return share ? share : 1;
}

void hr_cells_shares(char *out, size_t nr, const struct hr_totals *totals)
{
	size_t used = hr_cells_share(totals->used, totals->nr_pages, nr);
	size_t parked = hr_cells_share(totals->cached, totals->nr_pages, nr);
	size_t rest = hr_cells_share(totals->free, totals->nr_pages, nr) ? 1 : 0;

	while (used + parked + rest > nr && used + parked) {
		if (used >= parked)
			used--;
		else
			parked--;
	}
	memset(out, '.', nr);
	memset(out, '#', used);
	memset(out + used, 'o', parked);
	out[nr] = '\0';
}

__u64 hr_cells_first(size_t i, size_t nr, __u64 nr_pages)
{
	/* i * nr_pages may not fit. */
	return nr_pages / nr * i + nr_pages % nr * i / nr;
}
