// SPDX-License-Identifier: GPL-2.0
/* Built by the parser, read by all others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "snapshot.h"

void hr_lines_add(struct hr_lines *lines, const char *text)
{
	lines->text = hr_mem_grow(lines->text, lines->nr, sizeof(*lines->text));
	lines->text[lines->nr++] = hr_mem_dup(text);
}

void hr_lines_clear(struct hr_lines *lines)
{
	while (lines->nr)
		free(lines->text[--lines->nr]);
	free(lines->text);
	lines->text = NULL;
}

static void hr_heap_forget_stats(struct hr_heap *heap)
{
	while (heap->nr_stats) {
		struct hr_stat *stat = &heap->stats[--heap->nr_stats];

		free(stat->key);
		free(stat->value);
	}
	free(heap->stats);
	heap->stats = NULL;
}

static void hr_heap_forget_map(struct hr_heap *heap)
{
	while (heap->nr_bars)
		free(heap->bars[--heap->nr_bars].cells);
	free(heap->bars);
	free(heap->orders);
	heap->bars = NULL;
	heap->orders = NULL;
	heap->nr_orders = 0;
}

void hr_heap_forget(struct hr_heap *heap, enum hr_kind kind)
{
	if (kind == HR_KIND_STATS)
		hr_heap_forget_stats(heap);
	else if (kind == HR_KIND_MAP)
		hr_heap_forget_map(heap);
	else
		hr_lines_clear(&heap->notes[kind]);
	heap->seen &= ~(1U << kind);
}

static void hr_heap_destroy(struct hr_heap *heap)
{
	int kind;

	for (kind = HR_KIND_STATS; kind < HR_NR_KINDS; kind++)
		hr_heap_forget(heap, kind);
	free(heap->ranges);
	free(heap->name);
	free(heap);
}

void hr_snapshot_clear(struct hr_snapshot *snapshot)
{
	while (snapshot->nr_heaps)
		hr_heap_destroy(snapshot->heaps[--snapshot->nr_heaps]);
	free(snapshot->heaps);
	hr_lines_clear(&snapshot->complaints);
	memset(snapshot, 0, sizeof(*snapshot));
}

/* What is read has been filtered, but a path may hold any byte. */
void hr_snapshot_complain(struct hr_snapshot *snapshot, const char *text)
{
	struct hr_lines *complaints = &snapshot->complaints;
	char *c;

	if (snapshot->nr_complaints++ >= HR_COMPLAINTS_MAX)
		return;
	hr_lines_add(complaints, text);
	for (c = complaints->text[complaints->nr - 1]; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
}

void hr_snapshot_print_complaints(const struct hr_snapshot *snapshot, const char *program)
{
	const struct hr_lines *complaints = &snapshot->complaints;
	size_t i;

	for (i = 0; i < complaints->nr; i++)
		fprintf(stderr, "%s: %s\n", program, complaints->text[i]);
	if (snapshot->nr_complaints > complaints->nr)
		fprintf(stderr, "%s: and %zu more\n", program,
			snapshot->nr_complaints - complaints->nr);
}

unsigned int hr_snapshot_page_bytes(const struct hr_snapshot *snapshot)
{
	return snapshot->page_bytes ? snapshot->page_bytes : 4096;
}

struct hr_heap *hr_snapshot_find(const struct hr_snapshot *snapshot, const char *name)
{
	size_t i;

	for (i = 0; i < snapshot->nr_heaps; i++) {
		if (!strcmp(snapshot->heaps[i]->name, name))
			return snapshot->heaps[i];
	}
	return NULL;
}

struct hr_heap *hr_snapshot_heap(struct hr_snapshot *snapshot, const char *name)
{
	struct hr_heap *heap = hr_snapshot_find(snapshot, name);

	if (heap)
		return heap;
	heap = hr_mem_zalloc(sizeof(*heap));
	heap->name = hr_mem_dup(name);
	snapshot->heaps = hr_mem_grow(snapshot->heaps, snapshot->nr_heaps,
				      sizeof(*snapshot->heaps));
	snapshot->heaps[snapshot->nr_heaps++] = heap;
	return heap;
}

const char *hr_heap_stat(const struct hr_heap *heap, const char *key)
{
	size_t i;

	for (i = 0; i < heap->nr_stats; i++) {
		if (!strcmp(heap->stats[i].key, key))
			return heap->stats[i].value;
	}
	return NULL;
}

bool hr_heap_count(const struct hr_heap *heap, const char *key, __u64 *count)
{
	const char *value = hr_heap_stat(heap, key);
	char *end;

	*count = 0;
	if (!value || *value == '-')
		return false;
	*count = strtoull(value, &end, 0);
	return !*end;
}

bool hr_heap_rejected(const struct hr_heap *heap, __u64 *count)
{
	__u64 foreign, interior, again, size;
	bool told;

	told = hr_heap_count(heap, "rejected_foreign", &foreign);
	told &= hr_heap_count(heap, "rejected_interior", &interior);
	told &= hr_heap_count(heap, "rejected_double", &again);
	told &= hr_heap_count(heap, "rejected_size", &size);
	*count = foreign + interior + again + size;
	return told;
}

bool hr_heap_corrupt(const struct hr_heap *heap)
{
	__u64 corrupt;

	return hr_heap_count(heap, "corrupt", &corrupt) && corrupt;
}

const char *hr_heap_cells(const struct hr_heap *heap, const struct hr_range *range)
{
	size_t low = 0, high = heap->nr_bars;

	/* The parser lets them ascend only. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (heap->bars[middle].base < range->base)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == heap->nr_bars || heap->bars[low].base != range->base ||
	    heap->bars[low].limit != range->limit)
		return NULL;
	return heap->bars[low].cells;
}

void hr_heap_totals(const struct hr_heap *heap, struct hr_totals *totals)
{
	size_t i;

	memset(totals, 0, sizeof(*totals));
	if (!heap->nr_ranges) {
		hr_heap_count(heap, "owned_pages", &totals->nr_pages);
		hr_heap_count(heap, "used_pages", &totals->used);
		hr_heap_count(heap, "cached_pages", &totals->cached);
		hr_heap_count(heap, "free_pages", &totals->free);
		hr_heap_count(heap, "largest_free_pages", &totals->largest);
		hr_heap_count(heap, "nr_ranges", &totals->nr_ranges);
		return;
	}
	totals->nr_ranges = heap->nr_ranges;
	for (i = 0; i < heap->nr_ranges; i++) {
		const struct hr_range *range = &heap->ranges[i];

		totals->nr_pages += range->nr_pages;
		totals->used += range->used;
		totals->cached += range->cached;
		totals->free += range->free;
		if (range->largest > totals->largest)
			totals->largest = range->largest;
	}
}
