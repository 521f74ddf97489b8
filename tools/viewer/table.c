// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "cells.h"
#include "mem.h"
#include "table.h"

/* slabtop's letters, those of what heaps have not for what they have. */
const struct hr_order_by hr_table_orders[] = {
	{ 'a', "pages used (active)" },
	{ 'b', "share of the free pages outside the longest run (broken up)" },
	{ 'c', "pages parked in per-CPU caches" },
	{ 'f', "pages free" },
	{ 'l', "longest free run" },
	{ 'n', "name" },
	{ 'o', "pages owned (the default)" },
	{ 'p', "ranges (pieces)" },
	{ 's', "allocations a second; with --once, in all" },
	{ 'u', "share of the pages used" },
	{ 'v', "arenas" },
	{ 'x', "failed allocations" },
	{ 0, NULL },
};

const char hr_table_default_order = 'o';

/* What qsort() compares by, which takes no argument. */
static char hr_table_order;

bool hr_table_is_order(char key)
{
	const struct hr_order_by *order;

	for (order = hr_table_orders; order->key; order++) {
		if (order->key == key)
			return true;
	}
	return false;
}

static unsigned int hr_row_broken(const struct hr_row *row)
{
	return hr_amount_thousandths(row->totals.free - row->totals.largest, row->totals.free);
}

static __u64 hr_row_weight(const struct hr_row *row)
{
	switch (hr_table_order) {
	case 'a':
		return row->totals.used;
	case 'b':
		return hr_row_broken(row);
	case 'c':
		return row->totals.cached;
	case 'f':
		return row->totals.free;
	case 'l':
		return row->totals.largest;
	case 'p':
		return row->totals.nr_ranges;
	case 's':
		return row->rate;
	case 'u':
		return hr_amount_thousandths(row->totals.used, row->totals.nr_pages);
	case 'v':
		return row->arenas;
	case 'x':
		return row->fails;
	default:
		return row->totals.nr_pages;
	}
}

/* Rows are neighbours in one array, so that their addresses are their order. */
static int hr_row_compare(const void *a, const void *b)
{
	const struct hr_row *one = *(const struct hr_row * const *)a;
	const struct hr_row *other = *(const struct hr_row * const *)b;
	__u64 left = hr_row_weight(one), right = hr_row_weight(other);

	if (hr_table_order == 'n')
		return strcmp(one->heap->name, other->heap->name);
	if (left != right)
		return left > right ? -1 : 1;
	return one < other ? -1 : one > other;
}

void hr_table_sort(struct hr_table *table, char key)
{
	const struct hr_row **order;
	struct hr_row *sorted;
	size_t i;

	if (!table->nr)
		return;
	order = hr_mem_zalloc(table->nr * sizeof(*order));
	sorted = hr_mem_zalloc(table->nr * sizeof(*sorted));
	for (i = 0; i < table->nr; i++)
		order[i] = &table->rows[i];
	hr_table_order = key;
	qsort(order, table->nr, sizeof(*order), hr_row_compare);
	for (i = 0; i < table->nr; i++)
		sorted[i] = *order[i];
	free(order);
	free(table->rows);
	table->rows = sorted;
}

/* A counter that fell belongs to another heap of that name. */
static __u64 hr_row_rate(const struct hr_row *row, const struct hr_snapshot *before,
			 double seconds)
{
	const struct hr_heap *heap = hr_snapshot_find(before, row->heap->name);
	__u64 allocs;

	if (!heap || !hr_heap_count(heap, "allocs", &allocs) || allocs > row->allocs ||
	    seconds <= 0)
		return 0;
	return (row->allocs - allocs) / seconds + 0.5;
}

static void hr_row_fill(struct hr_row *row, const struct hr_heap *heap)
{
	row->heap = heap;
	hr_heap_totals(heap, &row->totals);
	row->told = hr_heap_count(heap, "allocs", &row->allocs);
	row->numbered = hr_heap_count(heap, "serial", &row->serial);
	hr_heap_count(heap, "alloc_failures", &row->fails);
	hr_heap_count(heap, "frees", &row->frees);
	hr_heap_count(heap, "nr_arenas", &row->arenas);
	hr_heap_rejected(heap, &row->rejected);
	row->rate = row->allocs;
}

/* What some heap does not tell, the sum does not either. */
static void hr_row_add(struct hr_row *sum, const struct hr_row *row)
{
	sum->told &= row->told;
	sum->arenas += row->arenas;
	sum->allocs += row->allocs;
	sum->frees += row->frees;
	sum->fails += row->fails;
	sum->rejected += row->rejected;
	sum->rate += row->rate;
	sum->totals.nr_pages += row->totals.nr_pages;
	sum->totals.used += row->totals.used;
	sum->totals.cached += row->totals.cached;
	sum->totals.free += row->totals.free;
	sum->totals.nr_ranges += row->totals.nr_ranges;
	if (row->totals.largest > sum->totals.largest)
		sum->totals.largest = row->totals.largest;
}

/*
 * The range file has heaps in order of creation, but not those that own nothing: the row
 * at @i goes before the first one that is known to be younger, if there is one.
 */
static void hr_table_place(struct hr_table *table, size_t i)
{
	const struct hr_row row = table->rows[i];
	size_t at = 0;

	if (!row.numbered)
		return;
	while (at < i && !(table->rows[at].numbered && table->rows[at].serial > row.serial))
		at++;
	memmove(&table->rows[at + 1], &table->rows[at], (i - at) * sizeof(row));
	table->rows[at] = row;
}

void hr_table_fill(struct hr_table *table, const struct hr_snapshot *now,
		   const struct hr_snapshot *before, double seconds)
{
	size_t i;

	memset(table, 0, sizeof(*table));
	table->rates = before;
	table->page_bytes = hr_snapshot_page_bytes(now);
	table->nr = now->nr_heaps;
	table->sum.told = table->nr;
	table->rows = hr_mem_zalloc((table->nr + 1) * sizeof(*table->rows));
	for (i = 0; i < table->nr; i++) {
		struct hr_row *row = &table->rows[i];

		hr_row_fill(row, now->heaps[i]);
		if (before)
			row->rate = hr_row_rate(row, before, seconds);
		hr_row_add(&table->sum, row);
		hr_table_place(table, i);
	}
}

void hr_table_clear(struct hr_table *table)
{
	free(table->rows);
	memset(table, 0, sizeof(*table));
}

/* A size, or "-" where nothing is told. */
static const char *hr_table_size(const struct hr_table *table, __u64 nr_pages,
				 char buf[HR_AMOUNT_MAX])
{
	return hr_amount_bytes(buf, nr_pages * table->page_bytes);
}

static const char *hr_row_count(const struct hr_row *row, __u64 count, char buf[HR_AMOUNT_MAX])
{
	return row->told ? hr_amount_count(buf, count) : "-";
}

static void hr_table_sizes(const struct hr_table *table, char line[HR_TABLE_LINE])
{
	const struct hr_totals *sum = &table->sum.totals;
	unsigned int share = hr_amount_thousandths(sum->used, sum->nr_pages);
	char used[HR_AMOUNT_MAX], total[HR_AMOUNT_MAX];

	snprintf(line, HR_TABLE_LINE, " Used / Total Size (%% used)       : %s / %s (%u.%u%%)",
		 hr_table_size(table, sum->used, used),
		 hr_table_size(table, sum->nr_pages, total), share / 10, share % 10);
}

static void hr_table_pages(const struct hr_table *table, char line[HR_TABLE_LINE])
{
	const struct hr_totals *sum = &table->sum.totals;
	unsigned int share = hr_amount_thousandths(sum->used, sum->nr_pages);

	snprintf(line, HR_TABLE_LINE,
		 " Used / Total Pages (%% used)      : %llu / %llu (%u.%u%%)",
		 sum->used, sum->nr_pages, share / 10, share % 10);
}

static void hr_table_parts(const struct hr_table *table, char line[HR_TABLE_LINE])
{
	char arenas[HR_AMOUNT_MAX];

	snprintf(line, HR_TABLE_LINE, " Heaps / Ranges / Arenas          : %zu / %llu / %s",
		 table->nr, table->sum.totals.nr_ranges,
		 hr_row_count(&table->sum, table->sum.arenas, arenas));
}

static void hr_table_rest(const struct hr_table *table, char line[HR_TABLE_LINE])
{
	const struct hr_totals *sum = &table->sum.totals;
	char cached[HR_AMOUNT_MAX], rest[HR_AMOUNT_MAX], longest[HR_AMOUNT_MAX];

	snprintf(line, HR_TABLE_LINE, " Cached / Free / Longest Free Run : %s / %s / %s",
		 hr_table_size(table, sum->cached, cached),
		 hr_table_size(table, sum->free, rest),
		 hr_table_size(table, sum->largest, longest));
}

static void hr_table_calls(const struct hr_table *table, char line[HR_TABLE_LINE])
{
	const struct hr_row *sum = &table->sum;
	char allocs[HR_AMOUNT_MAX], frees[HR_AMOUNT_MAX];
	char fails[HR_AMOUNT_MAX], rejected[HR_AMOUNT_MAX];

	snprintf(line, HR_TABLE_LINE, " Allocs / Failed / Frees / Bad    : %s / %s / %s / %s",
		 hr_row_count(sum, sum->allocs, allocs), hr_row_count(sum, sum->fails, fails),
		 hr_row_count(sum, sum->frees, frees),
		 hr_row_count(sum, sum->rejected, rejected));
}

void hr_table_summary(const struct hr_table *table, int i, char line[HR_TABLE_LINE])
{
	static void (* const summaries[HR_TABLE_SUMMARY])(const struct hr_table *table,
							  char line[HR_TABLE_LINE]) = {
		hr_table_pages,
		hr_table_sizes,
		hr_table_parts,
		hr_table_rest,
		hr_table_calls,
	};

	summaries[i](table, line);
}

void hr_table_heading(const struct hr_table *table, bool meter, char line[HR_TABLE_LINE])
{
	snprintf(line, HR_TABLE_LINE, "%8s %8s %4s %8s %8s %5s %8s %7s %-*s%sNAME",
		 "USED", "TOTAL", "USE", "FREE", "LARGEST", "FRAG%",
		 table->rates ? "ALLOCS/s" : "ALLOCS", "FAILS",
		 meter ? HR_TABLE_METER : 0, meter ? "METER" : "", meter ? " " : "");
}

void hr_table_row(const struct hr_table *table, size_t i, bool meter, char line[HR_TABLE_LINE])
{
	const struct hr_row *row = &table->rows[i];
	char used[HR_AMOUNT_MAX], total[HR_AMOUNT_MAX], rest[HR_AMOUNT_MAX];
	char longest[HR_AMOUNT_MAX], allocs[HR_AMOUNT_MAX], fails[HR_AMOUNT_MAX];
	char shares[HR_TABLE_METER + 1] = "";

	if (meter)
		hr_cells_shares(shares, HR_TABLE_METER, &row->totals);
	snprintf(line, HR_TABLE_LINE, "%8s %8s %3u%% %8s %8s %4u%% %8s %7s %s%s%s%s",
		 hr_table_size(table, row->totals.used, used),
		 hr_table_size(table, row->totals.nr_pages, total),
		 hr_amount_percent(row->totals.used, row->totals.nr_pages),
		 hr_table_size(table, row->totals.free, rest),
		 hr_table_size(table, row->totals.largest, longest), hr_row_broken(row) / 10,
		 hr_row_count(row, row->rate, allocs), hr_row_count(row, row->fails, fails),
		 shares, meter ? " " : "",
		 /* In front, as a long name is cut at the screen's edge. */
		 hr_heap_corrupt(row->heap) ? "(corrupt) " : "", row->heap->name);
}
