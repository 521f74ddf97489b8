// SPDX-License-Identifier: GPL-2.0
/* hrmap: the address space of heapranges as a picture. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"
#include "svg.h"

static const char hr_usage[] =
	"Usage: hrmap [options] [file or folder ...] >picture.svg\n"
	"\n"
	"Draws what the kernel module heapranges owns as an SVG: what is in " HR_DEBUGFS ",\n"
	"or what files say that were copied from there, or such a folder, or stdin (-).\n"
	"The range file alone will do; with the files map one sees where the pages lie.\n"
	"\n"
	" -c, --compare <file or folder>  compare with that, which is older\n"
	" -h, --help                      print this and exit\n"
	" -V, --version                   print the version and exit\n"
	"\n"
	"Root saves a report, to be drawn or compared later, with\n"
	" tail -n +1 " HR_DEBUGFS "/heapranges " HR_DEBUGFS "/heapranges_heaps/*/[!t]*\n";

struct hr_options {
	struct hr_source	now, before;
	char			*compared;	/* a path, or NULL */
};

static void hr_options_read(struct hr_options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "compare",	required_argument,	NULL, 'c' },
		{ "help",	no_argument,		NULL, 'h' },
		{ "version",	no_argument,		NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:hV", known, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->compared = optarg;
			break;
		case 'h':
			fputs(hr_usage, stdout);
			exit(EXIT_SUCCESS);
		case 'V':
			puts("hrmap from heapranges " HR_VERSION);
			exit(EXIT_SUCCESS);
		default:
			fputs("Try: hrmap --help\n", stderr);
			exit(EXIT_FAILURE);
		}
	}
	options->now.paths = argv + optind;
	options->now.nr_paths = argc - optind;
	options->before.paths = &options->compared;
	options->before.nr_paths = 1;
}

static bool hr_has_range(const struct hr_snapshot *snapshot)
{
	size_t i;

	for (i = 0; i < snapshot->nr_heaps; i++) {
		if (snapshot->heaps[i]->nr_ranges)
			return true;
	}
	return snapshot->has_ranges;
}

/* Return: false: there is nothing to draw. */
static bool hr_read(struct hr_source *source, struct hr_snapshot *snapshot)
{
	hr_source_read(source, HR_WANT(HR_KIND_MAP), NULL, snapshot);
	if (!hr_has_range(snapshot) && !snapshot->nr_complaints)
		hr_snapshot_complain(snapshot, "no ranges: the file heapranges is needed too");
	return hr_has_range(snapshot);
}

int main(int argc, char **argv)
{
	struct hr_options options = {};
	struct hr_snapshot now = {}, before = {};
	bool drawable, failed;

	hr_options_read(&options, argc, argv);
	drawable = !options.compared || hr_read(&options.before, &before);
	drawable &= hr_read(&options.now, &now);
	if (drawable)
		hr_svg_write(stdout, &now, options.compared ? &before : NULL);
	hr_snapshot_print_complaints(&before, "hrmap");
	hr_snapshot_print_complaints(&now, "hrmap");
	failed = before.nr_complaints || now.nr_complaints;
	if (fflush(stdout)) {
		fprintf(stderr, "hrmap: cannot write: %s\n", strerror(errno));
		failed = true;
	}
	hr_snapshot_clear(&now);
	hr_snapshot_clear(&before);
	hr_source_clear(&options.now);
	hr_source_clear(&options.before);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
