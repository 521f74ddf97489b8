// SPDX-License-Identifier: GPL-2.0
/*
 * For libFuzzer, by whose name the Makefile calls hr_fuzz_one(): whatever is read,
 * nothing crashes, and what was taken from it adds up. The input is two snapshots,
 * with a line of "@" between them.
 *
 *	make -C tools/viewer fuzz
 *	build/viewer-fuzz -max_total_time=60 build/corpus tools/viewer/testdata
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "page.h"
#include "parse.h"
#include "svg.h"
#include "table.h"

int hr_fuzz_one(const unsigned char *data, size_t size);

static void hr_fuzz_read(const unsigned char *data, size_t size, struct hr_snapshot *snapshot)
{
	FILE *in = size ? fmemopen((void *)data, size, "r") : fopen("/dev/null", "r");

	if (!in)
		abort();
	hr_parse(in, "fuzz", snapshot);
	fclose(in);
}

static bool hr_fuzz_adds_up(const struct hr_totals *totals)
{
	return totals->largest <= totals->free &&
	       totals->used + totals->cached + totals->free == totals->nr_pages;
}

static void hr_fuzz_check(const struct hr_snapshot *snapshot)
{
	struct hr_totals totals;
	size_t i, j;

	for (i = 0; i < snapshot->nr_heaps; i++) {
		const struct hr_heap *heap = snapshot->heaps[i];

		if (hr_snapshot_find(snapshot, heap->name) != heap)
			abort();
		hr_heap_totals(heap, &totals);
		if (heap->nr_ranges && !hr_fuzz_adds_up(&totals))
			abort();
		for (j = 1; j < heap->nr_ranges; j++) {
			if (heap->ranges[j].base < heap->ranges[j - 1].limit)
				abort();
		}
	}
}

static void hr_fuzz_table(FILE *out, const struct hr_snapshot *now,
			  const struct hr_snapshot *before)
{
	const struct hr_order_by *order;
	char line[HR_TABLE_LINE];
	struct hr_table table;
	size_t i;

	hr_table_fill(&table, now, before, 0.5);
	for (order = hr_table_orders; order->key; order++)
		hr_table_sort(&table, order->key);
	for (i = 0; i < HR_TABLE_SUMMARY; i++)
		hr_table_summary(&table, i, line);
	for (i = 0; i < table.nr; i++) {
		hr_table_row(&table, i, true, line);
		if (strlen(line) > HR_TABLE_LINE - 2)
			abort();
	}
	hr_json_write(out, now, &table);
	hr_table_clear(&table);
}

static void hr_fuzz_pages(const struct hr_snapshot *snapshot)
{
	struct hr_lines lines = {};
	size_t i;

	for (i = 0; i < snapshot->nr_heaps; i++) {
		hr_page_fill(&lines, snapshot, snapshot->heaps[i], 80);
		hr_lines_clear(&lines);
	}
}

int hr_fuzz_one(const unsigned char *data, size_t size)
{
	const unsigned char *end = memmem(data, size, "\n@\n", 3);
	struct hr_snapshot now = {}, before = {};
	FILE *out = fopen("/dev/null", "w");

	if (!out)
		abort();
	hr_fuzz_read(data, end ? (size_t)(end - data) : size, &now);
	if (end)
		hr_fuzz_read(end + 3, size - (end + 3 - data), &before);
	hr_fuzz_check(&now);
	hr_fuzz_table(out, &now, end ? &before : NULL);
	hr_fuzz_pages(&now);
	hr_svg_write(out, &now, end ? &before : NULL);
	fclose(out);
	hr_snapshot_clear(&now);
	hr_snapshot_clear(&before);
	return 0;
}
