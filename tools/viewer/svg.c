// SPDX-License-Identifier: GPL-2.0
/*
 * A row a range, ascending; the longest has the full width, the others are to
 * scale. What is not owned between two rows is a line of text, whatever its size.
 *
 *	0xffffc90000601000 [####4..o......................] default 12%
 *		4K not owned
 *	0xffffc90000a02000 [..............]                 default  0%
 *
 * In a comparison a thin bar under each is how it was. From HR_SVG_DENSE rows on
 * they are thin, and only hovering tells which is which.
 */
#include <stdarg.h>
#include <string.h>

#include "amount.h"
#include "attributes.h"
#include "cells.h"
#include "space.h"
#include "svg.h"

#define HR_SVG_WIDTH	1000	/* all in units of the picture */
#define HR_SVG_BAR_X	148
#define HR_SVG_BAR_WIDTH 640
#define HR_SVG_LABEL_X	(HR_SVG_BAR_X + HR_SVG_BAR_WIDTH + 8)
#define HR_SVG_HEAD	92	/* above the first row */
#define HR_SVG_DENSE	128
#define HR_SVG_LABEL_CHARS 14	/* of a heap's name; all of it is in the hover text */

struct hr_svg {
	FILE			*out;
	struct hr_space		space;
	bool			compared, dense;
	unsigned int		page_bytes;
	unsigned int		y;
};

/* Of a row: its bar, the bar below for what was before, and all. */
struct hr_svg_row {
	unsigned int		bar, before, height;
};

static const char hr_svg_style[] =
	"<style>\n"
	"text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1f2328}\n"
	".h{font-size:14px;font-weight:bold}.m{fill:#59636e;font-size:10px}\n"
	".bg{fill:#fff}.f{fill:#e8eaed}.o{fill:#e0a030}\n"
	".u1{fill:#d6e6f7}.u2{fill:#bfd8f2}.u3{fill:#a6c9ec}.u4{fill:#8bb8e5}.u5{fill:#70a6dc}\n"
	".u6{fill:#5693d1}.u7{fill:#3f80c3}.u8{fill:#2c6cb2}.u9{fill:#1d589e}.u10{fill:#0f4488}\n"
	".c2{fill:#1a7f37}.c3{fill:#cf222e}.c1{fill:#9a6700}\n"
	"@media(prefers-color-scheme:dark){\n"
	"text{fill:#e6edf3}.m{fill:#9198a1}\n"
	".bg{fill:#0d1117}.f{fill:#262c36}.o{fill:#b98020}\n"
	".u1{fill:#1b3350}.u2{fill:#1f4066}.u3{fill:#244d7c}.u4{fill:#2a5b92}.u5{fill:#3269a8}\n"
	".u6{fill:#3d79bd}.u7{fill:#4d8acf}.u8{fill:#649cdd}.u9{fill:#7fb0e9}.u10{fill:#9fc6f5}\n"
	".c2{fill:#3fb950}.c3{fill:#f85149}.c1{fill:#d29922}\n"
	"}\n"
	"</style>\n";

/* By enum hr_change: a mark, for who sees no colour, and a word. */
static const char hr_svg_marks[HR_NR_CHANGES] = "=~+-+-";
static const char * const hr_svg_words[HR_NR_CHANGES] = {
	"same", "changed", "came", "went", "split off", "merged",
};

/* As colours; what split off came, and what merged went. */
static const int hr_svg_colours[HR_NR_CHANGES] = { 0, 1, 2, 3, 2, 3 };

/* Text with what XML has a meaning for escaped; at most @max characters, then "~". */
static void hr_svg_escaped(FILE *out, const char *text, size_t max)
{
	for (; *text && max; text++, max--) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else
			putc(*text, out);
	}
	if (*text)
		putc('~', out);
}

static void __printf(5, 6)
hr_svg_line(struct hr_svg *svg, const char *class, unsigned int x, unsigned int y,
	    const char *format, ...)
{
	va_list args;

	fprintf(svg->out, "<text class=\"%s\" x=\"%u\" y=\"%u\">", class, x, y);
	va_start(args, format);
	vfprintf(svg->out, format, args);
	va_end(args);
	fputs("</text>\n", svg->out);
}

static const char *hr_svg_class(char cell)
{
	static const char * const classes[] = {
		"f", "u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8", "u9", "u10",
	};

	return cell == 'o' ? "o" : classes[hr_cells_tenths(cell)];
}

static void hr_svg_cell_words(FILE *out, char cell)
{
	if (cell == '.')
		fputs("free", out);
	else if (cell == 'o')
		fputs("parked", out);
	else if (cell == '#')
		fputs("all used", out);
	else
		fprintf(out, "up to %c tenths used", cell);
}

static unsigned int hr_svg_bar_width(const struct hr_svg *svg, __u64 nr_pages)
{
	unsigned int width = (double)nr_pages / svg->space.longest_pages * HR_SVG_BAR_WIDTH + 0.5;

	return width > 2 ? width : 2;
}

/* Cells [first, last), which look the same. */
static void hr_svg_cells(struct hr_svg *svg, const struct hr_side *side, size_t first,
			 size_t last, unsigned int y, unsigned int height)
{
	const struct hr_range *range = side->range;
	size_t nr = strlen(side->cells);
	unsigned int width = hr_svg_bar_width(svg, range->nr_pages);
	unsigned int left = hr_cells_first(first, nr, width);
	unsigned int right = hr_cells_first(last, nr, width);
	char cell = side->cells[first];

	if (left == right)
		return;
	fprintf(svg->out, "<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"",
		hr_svg_class(cell), HR_SVG_BAR_X + left, y, right - left, height);
	if (svg->dense) {
		fputs("/>\n", svg->out);
		return;
	}
	fprintf(svg->out, "><title>0x%016llx-0x%016llx: ",
		range->base + hr_cells_first(first, nr, range->nr_pages) * svg->page_bytes,
		range->base + hr_cells_first(last, nr, range->nr_pages) * svg->page_bytes);
	hr_svg_cell_words(svg->out, cell);
	fputs("</title></rect>\n", svg->out);
}

static void hr_svg_places(struct hr_svg *svg, const struct hr_side *side, unsigned int y,
			  unsigned int height)
{
	const char *cells = side->cells;
	size_t first = 0, i;

	for (i = 1; cells[first]; i++) {
		if (cells[i] == cells[first])
			continue;
		hr_svg_cells(svg, side, first, i, y, height);
		first = i;
	}
}

static void hr_svg_share(struct hr_svg *svg, const char *class, unsigned int left,
			 unsigned int right, unsigned int y, unsigned int height)
{
	if (right > left)
		fprintf(svg->out,
			"<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>\n",
			class, HR_SVG_BAR_X + left, y, right - left, height);
}

/* Without a map: used, parked and free one after the other, wherever they lie. */
static void hr_svg_shares(struct hr_svg *svg, const struct hr_range *range, unsigned int y,
			  unsigned int height)
{
	unsigned int width = hr_svg_bar_width(svg, range->nr_pages);
	unsigned int used = (double)range->used / range->nr_pages * width + 0.5;
	unsigned int busy = (double)(range->used + range->cached) / range->nr_pages * width + 0.5;

	hr_svg_share(svg, "u10", 0, used, y, height);
	hr_svg_share(svg, "o", used, busy, y, height);
	hr_svg_share(svg, "f", busy, width, y, height);
}

static void hr_svg_side(struct hr_svg *svg, const struct hr_side *side, unsigned int y,
			unsigned int height)
{
	if (!side->range)
		return;
	if (side->cells)
		hr_svg_places(svg, side, y, height);
	else
		hr_svg_shares(svg, side->range, y, height);
}

static void hr_svg_hover_side(struct hr_svg *svg, const char *when, const struct hr_side *side)
{
	const struct hr_range *range = side->range;
	char size[HR_AMOUNT_MAX];

	if (!range)
		return;
	fprintf(svg->out, "\n%s0x%016llx-0x%016llx %s, pages %llu", when, range->base,
		range->limit, hr_amount_bytes(size, range->nr_pages * svg->page_bytes),
		range->nr_pages);
	fprintf(svg->out, ": used %llu, cached %llu, free %llu, longest free run %llu",
		range->used, range->cached, range->free, range->largest);
}

static void hr_svg_hover(struct hr_svg *svg, const struct hr_span *span)
{
	fputs("<title>", svg->out);
	hr_svg_escaped(svg->out, span->name, HR_NAME_MAX);
	if (svg->compared)
		fprintf(svg->out, " (%s)", hr_svg_words[span->change]);
	hr_svg_hover_side(svg, "", &span->now);
	if (svg->compared && span->change != HR_CHANGE_NONE)
		hr_svg_hover_side(svg, "before: ", &span->before);
	fputs("</title>\n", svg->out);
}

/* "~ default 61% -104": heap, share used, and by how many pages that changed. */
static void hr_svg_label(struct hr_svg *svg, const struct hr_span *span, unsigned int y)
{
	const struct hr_range *now = span->now.range, *before = span->before.range;

	fprintf(svg->out, "<text class=\"c%d\" x=\"%u\" y=\"%u\">", hr_svg_colours[span->change],
		HR_SVG_LABEL_X, y);
	if (svg->compared)
		fprintf(svg->out, "%c ", hr_svg_marks[span->change]);
	hr_svg_escaped(svg->out, span->name, HR_SVG_LABEL_CHARS);
	if (now)
		fprintf(svg->out, " %u%%", hr_amount_percent(now->used, now->nr_pages));
	else
		fprintf(svg->out, " %s", hr_svg_words[span->change]);
	if (now && before && now->used != before->used)
		fprintf(svg->out, " %+lld", (__s64)(now->used - before->used));
	fputs("</text>\n", svg->out);
}

static struct hr_svg_row hr_svg_geometry(const struct hr_svg *svg)
{
	if (svg->dense)
		return (struct hr_svg_row){ .bar = 4, .before = svg->compared ? 2 : 0,
					    .height = svg->compared ? 8 : 6 };
	return (struct hr_svg_row){ .bar = 14, .before = svg->compared ? 5 : 0,
				    .height = svg->compared ? 24 : 18 };
}

static void hr_svg_span(struct hr_svg *svg, size_t i)
{
	const struct hr_span *span = &svg->space.spans[i];
	const struct hr_svg_row row = hr_svg_geometry(svg);

	fputs("<g>", svg->out);
	hr_svg_hover(svg, span);
	/* Lines of text are as high as four dense rows. */
	if (!svg->dense || i % 4 == 0)
		hr_svg_line(svg, "a", 8, svg->y + 11, "0x%016llx", hr_span_range(span)->base);
	hr_svg_side(svg, &span->now, svg->y, row.bar);
	if (svg->compared)
		hr_svg_side(svg, &span->before, svg->y + row.bar + 1, row.before);
	if (!svg->dense)
		hr_svg_label(svg, span, svg->y + 11);
	fputs("</g>\n", svg->out);
	svg->y += row.height;
}

#define HR_SVG_GAP	14	/* its height */

/* Between a range and those before it, the highest of which ends at @limit. */
static void hr_svg_gap(struct hr_svg *svg, __u64 limit, __u64 base)
{
	char size[HR_AMOUNT_MAX];

	if (svg->dense || base == limit)
		return;
	if (base < limit)
		hr_svg_line(svg, "m", HR_SVG_BAR_X, svg->y + 9, "overlaps what is above");
	else
		hr_svg_line(svg, "m", HR_SVG_BAR_X, svg->y + 9, "%s not owned",
			    hr_amount_bytes(size, base - limit));
	svg->y += HR_SVG_GAP;
}

static void hr_svg_spans(struct hr_svg *svg)
{
	__u64 limit = 0;
	size_t i;

	for (i = 0; i < svg->space.nr; i++) {
		const struct hr_range *range = hr_span_range(&svg->space.spans[i]);

		if (i)
			hr_svg_gap(svg, limit, range->base);
		hr_svg_span(svg, i);
		if (range->limit > limit)
			limit = range->limit;
	}
}

/* Counted as they will be drawn. */
static unsigned int hr_svg_height(const struct hr_svg *svg)
{
	unsigned int height = HR_SVG_HEAD + svg->space.nr * hr_svg_geometry(svg).height + 8;
	__u64 limit = 0;
	size_t i;

	for (i = 0; i < svg->space.nr; i++) {
		const struct hr_range *range = hr_span_range(&svg->space.spans[i]);

		if (i && !svg->dense && range->base != limit)
			height += HR_SVG_GAP;
		if (range->limit > limit)
			limit = range->limit;
	}
	return height;
}

static __u64 hr_svg_used(const struct hr_snapshot *snapshot, __u64 *nr_pages)
{
	struct hr_totals totals;
	__u64 used = 0;
	size_t i;

	*nr_pages = 0;
	for (i = 0; i < snapshot->nr_heaps; i++) {
		hr_heap_totals(snapshot->heaps[i], &totals);
		used += totals.used;
		*nr_pages += totals.nr_pages;
	}
	return used;
}

static void hr_svg_title(struct hr_svg *svg, const struct hr_snapshot *now,
			 const struct hr_snapshot *before)
{
	const size_t *changes = svg->space.changes;
	char size[HR_AMOUNT_MAX];
	__u64 nr_pages, pages_before;
	__u64 used = hr_svg_used(now, &nr_pages);

	hr_svg_line(svg, "h", 8, 22, "heapranges: %s, %u%% used; heaps: %zu, ranges: %zu",
		    hr_amount_bytes(size, nr_pages * svg->page_bytes),
		    hr_amount_percent(used, nr_pages), now->nr_heaps,
		    svg->space.nr - changes[HR_CHANGE_WENT] - changes[HR_CHANGE_MERGED]);
	if (before)
		hr_svg_line(svg, "a", 8, 42,
			    "came %zu, went %zu, changed %zu, same %zu; pages used %llu, before %llu",
			    changes[HR_CHANGE_CAME] + changes[HR_CHANGE_SPLIT],
			    changes[HR_CHANGE_WENT] + changes[HR_CHANGE_MERGED],
			    changes[HR_CHANGE_INSIDE], changes[HR_CHANGE_NONE], used,
			    hr_svg_used(before, &pages_before));
}

static void hr_svg_swatch(struct hr_svg *svg, unsigned int x, const char *class)
{
	fprintf(svg->out, "<rect class=\"%s\" x=\"%u\" y=\"56\" width=\"14\" height=\"14\"/>\n",
		class, x);
}

static void hr_svg_legend(struct hr_svg *svg)
{
	char size[HR_AMOUNT_MAX];
	unsigned int i;

	hr_svg_swatch(svg, HR_SVG_BAR_X, "f");
	hr_svg_line(svg, "a", HR_SVG_BAR_X + 20, 67, "free");
	hr_svg_swatch(svg, HR_SVG_BAR_X + 66, "o");
	hr_svg_line(svg, "a", HR_SVG_BAR_X + 86, 67, "parked");
	for (i = 1; i <= 10; i++)
		hr_svg_swatch(svg, HR_SVG_BAR_X + 132 + 14 * i,
			      hr_svg_class(i < 10 ? '0' + i : '#'));
	hr_svg_line(svg, "a", HR_SVG_BAR_X + 292, 67, "used: a tenth .. all");
	hr_svg_line(svg, "a", HR_SVG_BAR_X + 470, 67, "the longest bar: %s",
		    hr_amount_bytes(size, svg->space.longest_pages * svg->page_bytes));
}

static bool hr_svg_has_shares(const struct hr_space *space)
{
	size_t i;

	for (i = 0; i < space->nr; i++) {
		const struct hr_span *span = &space->spans[i];

		if ((span->now.range && !span->now.cells) ||
		    (span->before.range && !span->before.cells))
			return true;
	}
	return false;
}

void hr_svg_write(FILE *out, const struct hr_snapshot *now, const struct hr_snapshot *before)
{
	struct hr_svg svg = {
		.out = out,
		.compared = before,
		.page_bytes = hr_snapshot_page_bytes(now),
		.y = HR_SVG_HEAD,
	};
	unsigned int height;

	hr_space_fill(&svg.space, now, before);
	svg.dense = svg.space.nr >= HR_SVG_DENSE;
	height = hr_svg_height(&svg);
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\"",
		HR_SVG_WIDTH, height);
	fprintf(out, " viewBox=\"0 0 %d %u\" shape-rendering=\"crispEdges\">\n", HR_SVG_WIDTH,
		height);
	/* Split, as checkpatch looks for the tag anywhere. */
	fprintf(out, "<!-- %s-Identifier: GPL-2.0; made by hrmap -->\n", "SPDX-License");
	fputs(hr_svg_style, out);
	fputs("<rect class=\"bg\" width=\"100%\" height=\"100%\"/>\n", out);
	hr_svg_title(&svg, now, before);
	hr_svg_legend(&svg);
	if (before)
		hr_svg_line(&svg, "m", HR_SVG_LABEL_X, 67, "thin bars: how it was before");
	if (hr_svg_has_shares(&svg.space))
		hr_svg_line(&svg, "m", HR_SVG_BAR_X, 84,
			    "Where there is no map, a bar shows shares, not places.");
	hr_svg_spans(&svg);
	fputs("</svg>\n", out);
	hr_space_clear(&svg.space);
}
