// SPDX-License-Identifier: GPL-2.0
/*
 * Three views: the list of heaps, the page of one heap, and help. The list is a
 * table that is drawn from the data; the other two are lines of text that scroll.
 *
 * Whatever the terminal lacks is done without: only reverse video tells which heap
 * is selected, and the cursor stands there too.
 */
#include <ctype.h>
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cells.h"
#include "page.h"
#include "screen.h"
#include "table.h"
#include "terminal.h"

#define HR_SCREEN_MESSAGE	HR_TABLE_SUMMARY	/* the lines of the list */
#define HR_SCREEN_HEADING	(HR_SCREEN_MESSAGE + 1)
#define HR_SCREEN_ROWS		(HR_SCREEN_HEADING + 1)

enum hr_view { HR_VIEW_LIST, HR_VIEW_PAGE, HR_VIEW_HELP };
enum hr_colour { HR_COLOUR_BAD = 1, HR_COLOUR_FULL, HR_COLOUR_USED, HR_COLOUR_PARKED };

struct hr_screen {
	struct hr_source	*source;
	struct hr_snapshot	now, before;
	struct timespec		read_at;
	double			seconds;	/* between the two; 0: there is no @before */
	struct hr_table		table;
	char			order;
	int			delay_ms;
	bool			colours;
	bool			quit;

	enum hr_view		view;
	char			name[HR_NAME_MAX + 1];	/* of the selected heap */
	size_t			selected, top;	/* rows of the table */
	struct hr_lines		text;		/* of the page, or of help */
	size_t			scroll;		/* lines of it above the screen */
};

static double hr_screen_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start->tv_sec + (now.tv_nsec - start->tv_nsec) / 1e9;
}

/* The selection stays with its heap, or, if that has gone, near its place. */
static void hr_screen_select(struct hr_screen *screen)
{
	const struct hr_table *table = &screen->table;
	size_t i;

	for (i = 0; i < table->nr; i++) {
		if (!strcmp(table->rows[i].heap->name, screen->name))
			screen->selected = i;
	}
	if (screen->selected >= table->nr)
		screen->selected = table->nr ? table->nr - 1 : 0;
	if (table->nr)
		snprintf(screen->name, sizeof(screen->name), "%s",
			 table->rows[screen->selected].heap->name);
}

static void hr_screen_sort(struct hr_screen *screen)
{
	hr_table_clear(&screen->table);
	hr_table_fill(&screen->table, &screen->now, screen->seconds > 0 ? &screen->before : NULL,
		      screen->seconds);
	hr_table_sort(&screen->table, screen->order);
	hr_screen_select(screen);
}

static void hr_screen_read(struct hr_screen *screen)
{
	bool first = !screen->read_at.tv_sec && !screen->read_at.tv_nsec;
	bool page = screen->view == HR_VIEW_PAGE;

	hr_table_clear(&screen->table);
	hr_snapshot_clear(&screen->before);
	screen->before = screen->now;
	memset(&screen->now, 0, sizeof(screen->now));
	screen->seconds = first ? 0 : hr_screen_since(&screen->read_at);
	clock_gettime(CLOCK_MONOTONIC, &screen->read_at);
	hr_source_read(screen->source, page ? HR_WANT_ALL : HR_WANT(HR_KIND_STATS), screen->name,
		       &screen->now);
	hr_screen_sort(screen);
}

/* The lines of the screen but for @taken of them, at least one. */
static long hr_screen_room(int taken)
{
	int height = getmaxy(stdscr);

	return height > taken ? height - taken : 1;
}

/* One line, cut at the screen's edge, with blanks up to there. */
static void hr_screen_put(int y, const char *text, attr_t attributes)
{
	attrset(attributes);
	mvaddnstr(y, 0, text, COLS);
	attrset(A_NORMAL);
}

static attr_t hr_screen_colour(const struct hr_screen *screen, enum hr_colour colour)
{
	return screen->colours ? COLOR_PAIR(colour) : A_NORMAL;
}

static void hr_screen_message(const struct hr_screen *screen, int y)
{
	if (screen->now.nr_complaints)
		hr_screen_put(y, screen->now.complaints.text[screen->now.complaints.nr - 1],
			      A_BOLD | hr_screen_colour(screen, HR_COLOUR_BAD));
	else
		hr_screen_put(y, " q quit  space refresh  letters sort  Enter one heap  ? help",
			      A_NORMAL);
}

static attr_t hr_screen_row_attributes(const struct hr_screen *screen, size_t i)
{
	const struct hr_row *row = &screen->table.rows[i];
	attr_t attributes = i == screen->selected ? A_REVERSE : A_NORMAL;

	if (hr_heap_corrupt(row->heap))
		attributes |= hr_screen_colour(screen, HR_COLOUR_BAD);
	else if (row->totals.used > 0.9 * row->totals.nr_pages)
		attributes |= hr_screen_colour(screen, HR_COLOUR_FULL);
	return attributes;
}

static void hr_screen_draw_list(struct hr_screen *screen)
{
	const struct hr_table *table = &screen->table;
	size_t room = hr_screen_room(HR_SCREEN_ROWS);
	bool meter = getmaxx(stdscr) > HR_TABLE_NAMELESS + HR_TABLE_METER + 16;
	char line[HR_TABLE_LINE];
	size_t i;

	for (i = 0; i < HR_TABLE_SUMMARY; i++) {
		hr_table_summary(table, i, line);
		hr_screen_put(i, line, A_NORMAL);
	}
	hr_screen_message(screen, HR_SCREEN_MESSAGE);
	hr_table_heading(table, meter, line);
	hr_screen_put(HR_SCREEN_HEADING, line, A_BOLD | A_UNDERLINE);
	if (screen->selected < screen->top)
		screen->top = screen->selected;
	if (screen->selected >= screen->top + room)
		screen->top = screen->selected - room + 1;
	for (i = 0; i < room && screen->top + i < table->nr; i++) {
		hr_table_row(table, screen->top + i, meter, line);
		hr_screen_put(HR_SCREEN_ROWS + i, line,
			      hr_screen_row_attributes(screen, screen->top + i));
	}
	move(HR_SCREEN_ROWS + screen->selected - screen->top, 0);
}

/* The cells of a bar, which has been drawn already, in their colours. */
static void hr_screen_tint(int y, const char *text)
{
	const char *bar = strpbrk(text, "|(");
	const char *c;

	if (strncmp(text, " 0x", 3) || !bar)
		return;
	for (c = bar + 1; *c && *c != '|' && *c != ')' && c - text < COLS; c++) {
		enum hr_colour colour = *c == 'o' ? HR_COLOUR_PARKED :
			*c == '#' ? HR_COLOUR_FULL : HR_COLOUR_USED;

		if (*c != '.')
			mvchgat(y, c - text, 1, A_NORMAL, colour, NULL);
	}
}

static void hr_screen_draw_text(struct hr_screen *screen)
{
	size_t room = hr_screen_room(1);
	size_t i;

	if (screen->scroll + room > screen->text.nr)
		screen->scroll = screen->text.nr > room ? screen->text.nr - room : 0;
	for (i = 0; i < room && screen->scroll + i < screen->text.nr; i++) {
		const char *text = screen->text.text[screen->scroll + i];

		if (*text == '*')
			hr_screen_put(i, text + 1, A_BOLD);
		else
			hr_screen_put(i, text, A_NORMAL);
		if (screen->colours)
			hr_screen_tint(i, text);
	}
	if (screen->now.nr_complaints)
		hr_screen_message(screen, LINES - 1);
	else
		hr_screen_put(LINES - 1, " q quit  left back  up/down/PgUp/PgDn scroll", A_NORMAL);
}

static void hr_screen_fill_help(struct hr_screen *screen)
{
	static const char * const keys[] = {
		"*Keys",
		" q            quit",
		" space        refresh now",
		" up, down     select a heap, or scroll a page",
		" PgUp, PgDn, Home, End",
		" Enter, right the page of the selected heap",
		" left, Enter  back to the list",
		"*Sort by",
	};
	const struct hr_order_by *order;
	char line[HR_TABLE_LINE];
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		hr_lines_add(&screen->text, keys[i]);
	for (order = hr_table_orders; order->key; order++) {
		snprintf(line, sizeof(line), " %c            %s", order->key, order->what);
		hr_lines_add(&screen->text, line);
	}
	hr_lines_add(&screen->text, "*Sizes are in K of 1024 bytes. FRAG% is the share of");
	hr_lines_add(&screen->text, " the free pages that lie outside the longest free run.");
}

static void hr_screen_fill_page(struct hr_screen *screen)
{
	const struct hr_heap *heap = hr_snapshot_find(&screen->now, screen->name);

	if (heap)
		hr_page_fill(&screen->text, &screen->now, heap, COLS);
	else
		hr_lines_add(&screen->text, "*There is no such heap any more.");
}

static void hr_screen_draw(struct hr_screen *screen)
{
	erase();
	hr_lines_clear(&screen->text);
	if (screen->view == HR_VIEW_LIST) {
		hr_screen_draw_list(screen);
	} else {
		if (screen->view == HR_VIEW_HELP)
			hr_screen_fill_help(screen);
		else
			hr_screen_fill_page(screen);
		hr_screen_draw_text(screen);
	}
	refresh();
}

/* By how many lines a key moves. */
static long hr_screen_step(int key)
{
	switch (key) {
	case KEY_UP:
	case 'k':
		return -1;
	case KEY_DOWN:
	case 'j':
		return 1;
	case KEY_PPAGE:
		return -hr_screen_room(HR_SCREEN_ROWS + 1);
	case KEY_NPAGE:
		return hr_screen_room(HR_SCREEN_ROWS + 1);
	case KEY_HOME:
		return -1000000000L;
	case KEY_END:
		return 1000000000L;
	default:
		return 0;
	}
}

static size_t hr_screen_moved(size_t at, long step, size_t nr)
{
	if (step < 0)
		return at > (size_t)-step ? at + step : 0;
	at += step;
	return at < nr ? at : nr ? nr - 1 : 0;
}

static void hr_screen_move(struct hr_screen *screen, long step)
{
	if (screen->view != HR_VIEW_LIST) {
		screen->scroll = hr_screen_moved(screen->scroll, step, screen->text.nr);
		return;
	}
	screen->selected = hr_screen_moved(screen->selected, step, screen->table.nr);
	if (screen->table.nr)
		snprintf(screen->name, sizeof(screen->name), "%s",
			 screen->table.rows[screen->selected].heap->name);
}

static void hr_screen_show(struct hr_screen *screen, enum hr_view view)
{
	screen->view = view;
	screen->scroll = 0;
}

/* Return: true: the data must be read now. */
static bool hr_screen_open(struct hr_screen *screen, int key)
{
	bool is_enter = key == '\n' || key == '\r' || key == KEY_ENTER;

	if (screen->view != HR_VIEW_LIST) {
		if (is_enter || key == KEY_LEFT || key == KEY_BACKSPACE || key == '\b' ||
		    key == 127 || key == 27)
			hr_screen_show(screen, HR_VIEW_LIST);
		return false;
	}
	if (key == '?' || key == 'h')
		hr_screen_show(screen, HR_VIEW_HELP);
	if ((!is_enter && key != KEY_RIGHT) || !screen->table.nr)
		return false;
	hr_screen_show(screen, HR_VIEW_PAGE);
	return true;
}

/* Return: true: the data must be read now. */
static bool hr_screen_key(struct hr_screen *screen, int key)
{
	long step;

	if (key < 128)
		key = tolower(key);
	step = hr_screen_step(key);
	if (step) {
		hr_screen_move(screen, step);
		return false;
	}
	if (key == 'q') {
		screen->quit = true;
		return false;
	}
	if (screen->view == HR_VIEW_LIST && key < 128 && hr_table_is_order(key)) {
		screen->order = key;
		hr_screen_sort(screen);
		return false;
	}
	return key == ' ' || hr_screen_open(screen, key);
}

/* Draws and takes keys until it is time to read again. */
static void hr_screen_wait(struct hr_screen *screen)
{
	for (;;) {
		int left = screen->delay_ms - hr_screen_since(&screen->read_at) * 1000;
		int key;

		hr_screen_draw(screen);
		timeout(left > 0 ? left : 0);
		key = getch();
		/* With its terminal gone it would read for ever. */
		if (key == ERR && !isatty(STDOUT_FILENO))
			screen->quit = true;
		if ((key != ERR && hr_screen_key(screen, key)) || screen->quit ||
		    hr_screen_since(&screen->read_at) * 1000 >= screen->delay_ms)
			return;
	}
}

static void hr_screen_close(void)
{
	if (!isendwin())
		endwin();
}

static void hr_screen_colours(struct hr_screen *screen)
{
	const char *no_color = getenv("NO_COLOR");

	if ((no_color && *no_color) || !has_colors())
		return;
	start_color();
	use_default_colors();
	init_pair(HR_COLOUR_BAD, COLOR_RED, -1);
	init_pair(HR_COLOUR_FULL, COLOR_YELLOW, -1);
	init_pair(HR_COLOUR_USED, COLOR_CYAN, -1);
	init_pair(HR_COLOUR_PARKED, COLOR_MAGENTA, -1);
	screen->colours = true;
}

/* Keys come from the terminal even where the data comes from stdin. */
static FILE *hr_screen_keys(void)
{
	return isatty(STDIN_FILENO) ? stdin : fopen("/dev/tty", "re");
}

static bool hr_screen_start(void)
{
	FILE *keys;

	if (!hr_terminal_has_cursor())
		return false;
	keys = hr_screen_keys();
	return keys && newterm(NULL, stdout, keys);
}

long hr_screen_run(struct hr_source *source, char order, int delay_ms)
{
	struct hr_screen screen = {
		.source = source,
		.order = order,
		.delay_ms = delay_ms,
	};
	long nr_complaints;

	if (!hr_screen_start())
		return -1;
	atexit(hr_screen_close);
	hr_screen_colours(&screen);
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	set_escdelay(100);
	curs_set(0);
	while (!screen.quit) {
		hr_screen_read(&screen);
		hr_screen_wait(&screen);
	}
	/* On a terminal with one screen only the prompt comes here. */
	move(getmaxy(stdscr) - 1, 0);
	clrtoeol();
	refresh();
	hr_screen_close();
	nr_complaints = screen.now.nr_complaints;
	hr_table_clear(&screen.table);
	hr_snapshot_clear(&screen.now);
	hr_snapshot_clear(&screen.before);
	hr_lines_clear(&screen.text);
	return nr_complaints;
}
