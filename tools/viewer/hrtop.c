// SPDX-License-Identifier: GPL-2.0
/* hrtop: the heaps of heapranges, in the manner of slabtop. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attributes.h"
#include "json.h"
#include "screen.h"
#include "table.h"

static const char hr_usage[] =
	"Usage: hrtop [options] [file or folder ...]\n"
	"\n"
	"Shows the heaps of the kernel module heapranges: those in " HR_DEBUGFS ",\n"
	"or what files say that were copied from there, or such a folder, or stdin (-).\n"
	"\n"
	" -d, --delay <secs>  time between two refreshes, 0.1 or more (3)\n"
	" -s, --sort <char>   sort by, see below\n"
	" -o, --once          print once, without a terminal's doings, and exit\n"
	"     --json          print all as JSON but a live module's verify, and exit\n"
	" -h, --help          print this and exit\n"
	" -V, --version       print the version and exit\n"
	"\n"
	"Sorted by, as keys too:\n";

static const char hr_saving[] =
	"\n"
	"Root saves a report, of which anyone can see all, with\n"
	" tail -n +1 " HR_DEBUGFS "/heapranges " HR_DEBUGFS "/heapranges_heaps/*/[!t]*\n";

struct hr_options {
	struct hr_source	source;
	double			delay_seconds;
	char			order;
	bool			delayed, once, json;
};

static void hr_options_help(void)
{
	const struct hr_order_by *order;

	fputs(hr_usage, stdout);
	for (order = hr_table_orders; order->key; order++)
		printf(" %c: %s\n", order->key, order->what);
	fputs(hr_saving, stdout);
	exit(EXIT_SUCCESS);
}

static void __noreturn hr_options_refuse(const char *option, const char *why)
{
	fprintf(stderr, "hrtop: %s: %s\nTry: hrtop --help\n", option, why);
	exit(EXIT_FAILURE);
}

static void hr_options_delay(struct hr_options *options, const char *text)
{
	char *end;

	options->delay_seconds = strtod(text, &end);
	if (end == text || *end || !(options->delay_seconds >= 0.1) ||
	    options->delay_seconds > 86400)
		hr_options_refuse(text, "not from 0.1 to 86400 seconds");
	options->delayed = true;
}

static void hr_options_sort(struct hr_options *options, const char *text)
{
	if (!text[0] || text[1] || !hr_table_is_order(text[0]))
		hr_options_refuse(text, "nothing to sort by");
	options->order = text[0];
}

static void hr_options_take(struct hr_options *options, int option)
{
	switch (option) {
	case 'd':
		hr_options_delay(options, optarg);
		break;
	case 's':
		hr_options_sort(options, optarg);
		break;
	case 'o':
		options->once = true;
		break;
	case 'j':
		options->json = true;
		break;
	case 'h':
		hr_options_help();
		break;
	case 'V':
		puts("hrtop from heapranges " HR_VERSION);
		exit(EXIT_SUCCESS);
	default:
		fputs("Try: hrtop --help\n", stderr);
		exit(EXIT_FAILURE);
	}
}

static void hr_options_read(struct hr_options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "delay",	required_argument,	NULL, 'd' },
		{ "sort",	required_argument,	NULL, 's' },
		{ "once",	no_argument,		NULL, 'o' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "help",	no_argument,		NULL, 'h' },
		{ "version",	no_argument,		NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	options->order = hr_table_default_order;
	options->delay_seconds = 3;
	while ((option = getopt_long(argc, argv, "d:s:ohV", known, NULL)) != -1)
		hr_options_take(options, option);
	if (options->once && options->delayed)
		hr_options_refuse("-d", "not with --once");
	options->source.paths = argv + optind;
	options->source.nr_paths = argc - optind;
}

static void hr_print_table(const struct hr_table *table)
{
	char line[HR_TABLE_LINE];
	size_t i;

	for (i = 0; i < HR_TABLE_SUMMARY; i++) {
		hr_table_summary(table, i, line);
		puts(line);
	}
	hr_table_heading(table, false, line);
	printf("\n%s\n", line);
	for (i = 0; i < table->nr; i++) {
		hr_table_row(table, i, false, line);
		puts(line);
	}
}

/* Return: an exit status. Where nothing could be read nothing is printed. */
static int hr_print(struct hr_options *options)
{
	unsigned int want = options->json ? HR_WANT_ALL : HR_WANT(HR_KIND_STATS);
	struct hr_snapshot snapshot = {};
	struct hr_table table;
	int status;
	bool read;

	read = hr_source_read(&options->source, want, NULL, &snapshot);
	hr_table_fill(&table, &snapshot, NULL, 0);
	hr_table_sort(&table, options->order);
	if (options->json && (read || table.nr))
		hr_json_write(stdout, &snapshot, &table);
	else if (table.nr || !snapshot.nr_complaints)
		hr_print_table(&table);
	hr_snapshot_print_complaints(&snapshot, "hrtop");
	status = snapshot.nr_complaints ? EXIT_FAILURE : EXIT_SUCCESS;
	hr_table_clear(&table);
	hr_snapshot_clear(&snapshot);
	if (fflush(stdout)) {
		fprintf(stderr, "hrtop: cannot write: %s\n", strerror(errno));
		status = EXIT_FAILURE;
	}
	return status;
}

int main(int argc, char **argv)
{
	struct hr_options options = {};
	long nr_complaints = -1;
	int status;

	hr_options_read(&options, argc, argv);
	if (!options.once && !options.json)
		nr_complaints = hr_screen_run(&options.source, options.order,
					      options.delay_seconds * 1000 + 0.5);
	if (nr_complaints < 0)
		status = hr_print(&options);
	else
		status = nr_complaints ? EXIT_FAILURE : EXIT_SUCCESS;
	hr_source_clear(&options.source);
	return status;
}
