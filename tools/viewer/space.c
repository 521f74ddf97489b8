// SPDX-License-Identifier: GPL-2.0
/*
 * Two snapshots are compared heap by heap, along the addresses: ranges that overlap
 * are the same one at two times, each with at most one other. One that is left over
 * came or went, unless it overlaps one that is taken: then it was split off or merged.
 */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "space.h"

const struct hr_range *hr_span_range(const struct hr_span *span)
{
	return span->now.range ? span->now.range : span->before.range;
}

static bool hr_side_differs(const struct hr_side *now, const struct hr_side *before)
{
	const struct hr_range *a = now->range, *b = before->range;

	return a->base != b->base || a->limit != b->limit || a->used != b->used ||
	       a->cached != b->cached || a->largest != b->largest ||
	       (now->cells && before->cells && strcmp(now->cells, before->cells));
}

static struct hr_side hr_side_of(const struct hr_heap *heap, const struct hr_range *range)
{
	struct hr_side side = {};

	if (range) {
		side.range = range;
		side.cells = hr_heap_cells(heap, range);
	}
	return side;
}

static void hr_space_add(struct hr_space *space, const struct hr_span *span)
{
	const struct hr_range *range = hr_span_range(span);

	space->spans = hr_mem_grow(space->spans, space->nr, sizeof(*span));
	space->spans[space->nr++] = *span;
	space->changes[span->change]++;
	if (range->nr_pages > space->longest_pages)
		space->longest_pages = range->nr_pages;
	if (span->before.range && span->before.range->nr_pages > space->longest_pages)
		space->longest_pages = span->before.range->nr_pages;
}

static bool hr_range_overlaps(const struct hr_range *a, const struct hr_range *b)
{
	return a && b && a->base < b->limit && b->base < a->limit;
}

static enum hr_change hr_space_change(const struct hr_span *span,
				      const struct hr_range *last_now,
				      const struct hr_range *last_before)
{
	if (!span->before.range)
		return hr_range_overlaps(span->now.range, last_before) ?
			HR_CHANGE_SPLIT : HR_CHANGE_CAME;
	if (!span->now.range)
		return hr_range_overlaps(span->before.range, last_now) ?
			HR_CHANGE_MERGED : HR_CHANGE_WENT;
	return hr_side_differs(&span->now, &span->before) ? HR_CHANGE_INSIDE : HR_CHANGE_NONE;
}

static const struct hr_range *hr_space_range(const struct hr_heap *heap, size_t i)
{
	return heap && i < heap->nr_ranges ? &heap->ranges[i] : NULL;
}

/* Either heap may be NULL. */
static void hr_space_compare(struct hr_space *space, const struct hr_heap *now,
			     const struct hr_heap *before)
{
	const struct hr_range *last = NULL, *last_before = NULL;
	size_t i = 0, j = 0;

	for (;;) {
		const struct hr_range *one = hr_space_range(now, i);
		const struct hr_range *other = hr_space_range(before, j);
		struct hr_span span = { .name = now ? now->name : before->name };

		if (!one && !other)
			return;
		if (one && other && !hr_range_overlaps(one, other)) {
			if (one->base < other->base)
				other = NULL;
			else
				one = NULL;
		}
		span.now = hr_side_of(now, one);
		span.before = hr_side_of(before, other);
		span.change = hr_space_change(&span, last, last_before);
		hr_space_add(space, &span);
		if (one) {
			last = one;
			i++;
		}
		if (other) {
			last_before = other;
			j++;
		}
	}
}

static int hr_span_order(const void *a, const void *b)
{
	const struct hr_span *one = a, *other = b;
	const struct hr_range *left = hr_span_range(one), *right = hr_span_range(other);

	if (left->base != right->base)
		return left->base < right->base ? -1 : 1;
	if (left->limit != right->limit)
		return left->limit < right->limit ? -1 : 1;
	return strcmp(one->name, other->name);
}

void hr_space_fill(struct hr_space *space, const struct hr_snapshot *now,
		   const struct hr_snapshot *before)
{
	size_t i;

	memset(space, 0, sizeof(*space));
	space->longest_pages = 1;
	for (i = 0; i < now->nr_heaps; i++) {
		const struct hr_heap *heap = now->heaps[i];
		struct hr_span span = { .name = heap->name };
		size_t j;

		if (before) {
			hr_space_compare(space, heap, hr_snapshot_find(before, heap->name));
			continue;
		}
		for (j = 0; j < heap->nr_ranges; j++) {
			span.now = hr_side_of(heap, &heap->ranges[j]);
			hr_space_add(space, &span);
		}
	}
	for (i = 0; before && i < before->nr_heaps; i++) {
		if (!hr_snapshot_find(now, before->heaps[i]->name))
			hr_space_compare(space, NULL, before->heaps[i]);
	}
	if (space->nr)
		qsort(space->spans, space->nr, sizeof(*space->spans), hr_span_order);
}

void hr_space_clear(struct hr_space *space)
{
	free(space->spans);
	memset(space, 0, sizeof(*space));
}
