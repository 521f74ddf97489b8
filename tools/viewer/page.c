// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "amount.h"
#include "attributes.h"
#include "cells.h"
#include "page.h"

/* One page that is being written. */
struct hr_page {
	struct hr_lines		*lines;
	const struct hr_snapshot *snapshot;
	const struct hr_heap	*heap;
	unsigned int		width;
};

static void __printf(2, 3)
hr_page_line(struct hr_page *page, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	hr_lines_add(page->lines, text);
}

/* One that must not lose its end: what does not fit goes on below. */
static void hr_page_wrap(struct hr_page *page, const char *text)
{
	const char *indent = " ";

	do {
		size_t room = page->width - strlen(indent);
		size_t length = strlen(text);

		if (length > room)
			length = room;
		hr_page_line(page, "%s%.*s", indent, (int)length, text);
		text += length;
		indent = "     ";
	} while (*text);
}

static void hr_page_sums(struct hr_page *page)
{
	unsigned int page_bytes = hr_snapshot_page_bytes(page->snapshot);
	char total[HR_AMOUNT_MAX], used[HR_AMOUNT_MAX], longest[HR_AMOUNT_MAX];
	struct hr_totals totals;

	hr_heap_totals(page->heap, &totals);
	hr_page_line(page, "*%s%s: %s of %s used (%u%%), longest free run %s", page->heap->name,
		     hr_heap_corrupt(page->heap) ? " (corrupt)" : "",
		     hr_amount_bytes(used, totals.used * page_bytes),
		     hr_amount_bytes(total, totals.nr_pages * page_bytes),
		     hr_amount_percent(totals.used, totals.nr_pages),
		     hr_amount_bytes(longest, totals.largest * page_bytes));
	hr_page_line(page, " pages %llu = used %llu + cached %llu + free %llu; ranges %llu",
		     totals.nr_pages, totals.used, totals.cached, totals.free, totals.nr_ranges);
}

/* Bars of 64 cells where they fit behind address, size and share. */
static unsigned int hr_page_bar_cells(const struct hr_page *page)
{
	const unsigned int rest = strlen(" 0xffffc90000601000 1234567K 100% ||");
	unsigned int cells = 64;

	while (cells > 1 && rest + cells > page->width)
		cells /= 2;
	return cells;
}

/* Without the file map the range file's shares stand in, in other brackets. */
static void hr_page_range(struct hr_page *page, const struct hr_range *range)
{
	const struct hr_totals totals = {
		.nr_pages = range->nr_pages,
		.used = range->used,
		.cached = range->cached,
		.free = range->free,
	};
	unsigned int page_bytes = hr_snapshot_page_bytes(page->snapshot);
	const char *cells = hr_heap_cells(page->heap, range);
	unsigned int max = hr_page_bar_cells(page);
	char size[HR_AMOUNT_MAX], bar[64 + 1];

	if (cells)
		hr_cells_squeeze(bar, max, cells);
	else
		hr_cells_shares(bar, max, &totals);
	hr_page_line(page, " 0x%016llx %8s %3u%% %c%s%c", range->base,
		     hr_amount_bytes(size, range->nr_pages * page_bytes),
		     hr_amount_percent(range->used, range->nr_pages),
		     cells ? '|' : '(', bar, cells ? '|' : ')');
}

static void hr_page_map(struct hr_page *page)
{
	const struct hr_heap *heap = page->heap;
	bool shares = false;
	size_t i;

	hr_page_line(page, "*Map: " HR_CELLS_LEGEND);
	for (i = 0; i < heap->nr_ranges; i++) {
		hr_page_range(page, &heap->ranges[i]);
		shares |= !hr_heap_cells(heap, &heap->ranges[i]);
	}
	if (shares)
		hr_page_line(page, " (in round brackets: shares, not places, as there is no map)");
}

static void hr_page_orders(struct hr_page *page)
{
	size_t i;

	if (!page->heap->nr_orders)
		return;
	hr_page_line(page, "*Free runs      RUNS        PAGES  UNUSABLE for such a request");
	for (i = 0; i < page->heap->nr_orders; i++) {
		const struct hr_order *order = &page->heap->orders[i];

		hr_page_line(page, " 2^%-2u    %12llu %12llu  %u.%03u", order->order,
			     order->runs, order->nr_pages, order->unusable_thousandths / 1000,
			     order->unusable_thousandths % 1000);
	}
}

#define HR_PAGE_STAT	38	/* characters of a key and its value */

/* As many columns as fit, filled from top to bottom. */
static void hr_page_stats(struct hr_page *page)
{
	const struct hr_heap *heap = page->heap;
	size_t columns = page->width / HR_PAGE_STAT;
	size_t height, i, j;
	char line[512];

	if (!heap->nr_stats)
		return;
	if (!columns)
		columns = 1;
	if (columns > 4)
		columns = 4;
	height = (heap->nr_stats + columns - 1) / columns;
	hr_page_line(page, "*Stats");
	for (i = 0; i < height; i++) {
		size_t length = 0;

		for (j = i; j < heap->nr_stats; j += height)
			length += snprintf(line + length, sizeof(line) - length,
					   " %-20.63s %16.20s", heap->stats[j].key,
					   heap->stats[j].value);
		hr_page_line(page, "%s", line);
	}
}

static void hr_page_notes(struct hr_page *page)
{
	static const char * const titles[HR_NR_KINDS] = {
		[HR_KIND_PINNED]	= "Arenas, and why they stay",
		[HR_KIND_REJECTS]	= "Bad frees, newest last",
		[HR_KIND_OWNERS]	= "Who holds what",
		[HR_KIND_VERIFY]	= "Verified",
	};
	enum hr_kind kind;
	size_t i;

	for (kind = HR_FIRST_NOTE; kind < HR_NR_KINDS; kind++) {
		const struct hr_lines *notes = &page->heap->notes[kind];

		if (notes->nr)
			hr_page_line(page, "*%s", titles[kind]);
		for (i = 0; i < notes->nr; i++)
			hr_page_wrap(page, notes->text[i]);
	}
}

void hr_page_fill(struct hr_lines *lines, const struct hr_snapshot *snapshot,
		  const struct hr_heap *heap, unsigned int width)
{
	struct hr_page page = {
		.lines = lines,
		.snapshot = snapshot,
		.heap = heap,
		.width = width > HR_PAGE_WIDTH_MIN ? width : HR_PAGE_WIDTH_MIN,
	};

	hr_page_sums(&page);
	hr_page_map(&page);
	hr_page_orders(&page);
	hr_page_stats(&page);
	hr_page_notes(&page);
}
