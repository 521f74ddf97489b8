// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses are strings, since most readers of JSON keep numbers as doubles.
 * What was not read is null; what was, and is empty, is [] or {}.
 */
#include <string.h>

#include "amount.h"
#include "json.h"
#include "parse.h"

static void hr_json_string(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		putc(*text, out);
	}
	putc('"', out);
}

/* JSON knows no 007 and no 0x7. */
static bool hr_json_is_number(const char *text)
{
	text += *text == '-';
	return text[0] != '0' || !text[1];
}

static void hr_json_lines(FILE *out, const struct hr_lines *lines)
{
	size_t i;

	putc('[', out);
	for (i = 0; i < lines->nr; i++) {
		if (i)
			fputs(", ", out);
		hr_json_string(out, lines->text[i]);
	}
	putc(']', out);
}

static void hr_json_range(FILE *out, const struct hr_heap *heap, const struct hr_range *range)
{
	const char *cells = hr_heap_cells(heap, range);

	fprintf(out, "{\"base\": \"0x%016llx\", \"limit\": \"0x%016llx\"",
		range->base, range->limit);
	fprintf(out, ", \"pages\": %llu, \"used\": %llu, \"cached\": %llu", range->nr_pages,
		range->used, range->cached);
	fprintf(out, ", \"free\": %llu, \"largest\": %llu, \"cells\": ", range->free,
		range->largest);
	if (cells)
		hr_json_string(out, cells);
	else
		fputs("null", out);
	putc('}', out);
}

static void hr_json_ranges(FILE *out, const struct hr_heap *heap)
{
	size_t i;

	fputs(",\n   \"ranges\": [", out);
	for (i = 0; i < heap->nr_ranges; i++) {
		fputs(i ? ",\n    " : "\n    ", out);
		hr_json_range(out, heap, &heap->ranges[i]);
	}
	putc(']', out);
}

static void hr_json_stats(FILE *out, const struct hr_heap *heap)
{
	size_t i;

	fputs(",\n   \"stats\": ", out);
	if (!(heap->seen & 1U << HR_KIND_STATS)) {
		fputs("null", out);
		return;
	}
	for (i = 0; i < heap->nr_stats; i++) {
		const struct hr_stat *stat = &heap->stats[i];

		fprintf(out, "%s\"%s\": ", i ? ", " : "{", stat->key);
		if (hr_json_is_number(stat->value))
			fputs(stat->value, out);
		else
			hr_json_string(out, stat->value);
	}
	fputs(heap->nr_stats ? "}" : "{}", out);
}

static void hr_json_orders(FILE *out, const struct hr_heap *heap)
{
	size_t i;

	fputs(",\n   \"free_runs\": ", out);
	if (!(heap->seen & 1U << HR_KIND_MAP)) {
		fputs("null", out);
		return;
	}
	putc('[', out);
	for (i = 0; i < heap->nr_orders; i++) {
		const struct hr_order *order = &heap->orders[i];

		fprintf(out, "%s{\"order\": %u, \"runs\": %llu, \"pages\": %llu",
			i ? ", " : "", order->order, order->runs, order->nr_pages);
		fprintf(out, ", \"unusable\": %u.%03u}", order->unusable_thousandths / 1000,
			order->unusable_thousandths % 1000);
	}
	putc(']', out);
}

static void hr_json_notes(FILE *out, const struct hr_heap *heap)
{
	enum hr_kind kind;

	for (kind = HR_FIRST_NOTE; kind < HR_NR_KINDS; kind++) {
		fprintf(out, ",\n   \"%s\": ", hr_parse_file(kind));
		if (heap->seen & 1U << kind)
			hr_json_lines(out, &heap->notes[kind]);
		else
			fputs("null", out);
	}
}

static void hr_json_row(FILE *out, const struct hr_row *row)
{
	const struct hr_totals *totals = &row->totals;

	fputs("  {\"name\": ", out);
	hr_json_string(out, row->heap->name);
	fprintf(out, ", \"pages\": %llu, \"used\": %llu, \"cached\": %llu", totals->nr_pages,
		totals->used, totals->cached);
	fprintf(out, ", \"free\": %llu, \"largest\": %llu", totals->free, totals->largest);
	hr_json_ranges(out, row->heap);
	hr_json_stats(out, row->heap);
	hr_json_orders(out, row->heap);
	hr_json_notes(out, row->heap);
	putc('}', out);
}

void hr_json_write(FILE *out, const struct hr_snapshot *snapshot, const struct hr_table *table)
{
	size_t i;

	fprintf(out, "{\n \"version\": %d,\n \"page_bytes\": %u,\n \"heaps\": [", HR_JSON_VERSION,
		hr_snapshot_page_bytes(snapshot));
	for (i = 0; i < table->nr; i++) {
		fputs(i ? ",\n" : "\n", out);
		hr_json_row(out, &table->rows[i]);
	}
	fputs("],\n \"complaints\": ", out);
	hr_json_lines(out, &snapshot->complaints);
	fputs("\n}\n", out);
}
