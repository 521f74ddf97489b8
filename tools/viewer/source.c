// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "field.h"
#include "mem.h"
#include "parse.h"
#include "source.h"

#define HR_HEAPS "heapranges_heaps"

static void hr_source_refuse(struct hr_snapshot *snapshot, const char *path, const char *why)
{
	char text[PATH_MAX + 256];

	snprintf(text, sizeof(text), "%s: %s", path, why);
	hr_snapshot_complain(snapshot, text);
}

static bool hr_source_is_debugfs(const char *dir)
{
	struct statfs fs;

	return !statfs(dir, &fs) && fs.f_type == DEBUGFS_MAGIC;
}

/* Why there is no range file in @dir, and what to do. */
static void hr_source_explain(struct hr_snapshot *snapshot, const char *dir, int error)
{
	const char *why = strerror(error);
	bool live = !strcmp(dir, HR_DEBUGFS);

	if (error == EACCES)
		why = "only root may read it; others read a report that root has saved";
	else if (error == EPERM)
		why = "the kernel does not let it be read (lockdown?)";
	else if (error == ENOENT && !live)
		why = "no file heapranges in it";
	else if (error == ENOENT && !hr_source_is_debugfs(dir))
		why = "debugfs is not there: mount -t debugfs none " HR_DEBUGFS;
	else if (error == ENOENT)
		why = "the module heapranges is not loaded: modprobe heapranges";
	hr_source_refuse(snapshot, dir, why);
}

/* Return: 0, or why it cannot be opened. */
static int hr_source_file(const char *path, struct hr_snapshot *snapshot)
{
	FILE *in = fopen(path, "re");

	if (!in)
		return errno;
	hr_parse(in, path, snapshot);
	fclose(in);
	return 0;
}

/* Return: 0, or why it cannot be read to its end; then nothing is kept of it. */
static int hr_source_drain(FILE *in, struct hr_input *input)
{
	FILE *copy = open_memstream(&input->text, &input->bytes);
	int error, c;

	if (!copy)
		return errno;
	while ((c = getc(in)) != EOF)
		putc(c, copy);
	error = ferror(in) ? errno : 0;
	fclose(copy);
	if (error) {
		free(input->text);
		input->text = NULL;
	}
	return error;
}

/* Return: 0, or why it cannot be opened. */
static int hr_source_parse(const struct hr_input *input, const char *path,
			   struct hr_snapshot *snapshot)
{
	FILE *in;

	/* fmemopen() takes no empty memory; it would be at its end at once. */
	in = input->bytes ? fmemopen(input->text, input->bytes, "r") : fopen("/dev/null", "re");
	if (!in)
		return errno;
	hr_parse(in, path, snapshot);
	fclose(in);
	return 0;
}

/*
 * All of it is read before any of it counts, since its heap may end meanwhile: then
 * debugfs says EIO, instead of ENOENT as from then on.
 * Return: 0, or why it cannot be read.
 */
static int hr_source_live_file(const char *path, struct hr_snapshot *snapshot)
{
	struct hr_input input = {};
	FILE *in = fopen(path, "re");
	int error;

	if (!in)
		return errno;
	error = hr_source_drain(in, &input);
	fclose(in);
	if (!error)
		error = hr_source_parse(&input, path, snapshot);
	free(input.text);
	return error == EIO ? ENOENT : error;
}

/* A heap may go while its files are read, and an older module has fewer of them. */
static void hr_source_heap(const char *dir, const char *name, unsigned int want,
			   struct hr_snapshot *snapshot)
{
	bool live = hr_source_is_debugfs(dir);
	char path[PATH_MAX + 64];
	enum hr_kind kind;
	int error;

	for (kind = HR_KIND_STATS; kind < HR_NR_KINDS; kind++) {
		if (!(want & HR_WANT(kind)))
			continue;
		snprintf(path, sizeof(path), "%s/" HR_HEAPS "/%s/%s", dir, name,
			 hr_parse_file(kind));
		error = live ? hr_source_live_file(path, snapshot) :
			       hr_source_file(path, snapshot);
		if (error && error != ENOENT)
			hr_source_refuse(snapshot, path, strerror(error));
	}
}

static void hr_source_heaps(const char *dir, unsigned int want, const char *only,
			    struct hr_snapshot *snapshot)
{
	char path[PATH_MAX + 64];
	struct dirent **entries;
	int nr, i;

	snprintf(path, sizeof(path), "%s/" HR_HEAPS, dir);
	nr = scandir(path, &entries, NULL, alphasort);
	for (i = 0; i < nr; i++) {
		const char *name = entries[i]->d_name;
		bool whole = !only || !strcmp(name, only);

		if (hr_field_is_name(name))
			hr_source_heap(dir, name, whole ? want : want & HR_WANT(HR_KIND_STATS),
				       snapshot);
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
}

static bool hr_source_dir(const char *dir, unsigned int want, const char *only,
			  struct hr_snapshot *snapshot)
{
	char path[PATH_MAX + 64];
	int error;

	/* Reading it where it was saved costs nobody anything. */
	if (!hr_source_is_debugfs(dir))
		want |= HR_WANT(HR_KIND_VERIFY);
	snprintf(path, sizeof(path), "%s/heapranges", dir);
	error = hr_source_file(path, snapshot);
	if (error) {
		hr_source_explain(snapshot, dir, error);
		return false;
	}
	if (want)
		hr_source_heaps(dir, want, only, snapshot);
	return true;
}

/* Return: 0, or why it cannot be read. */
static int hr_source_input(const char *path, struct hr_input *input, struct hr_snapshot *snapshot)
{
	bool is_stdin = !strcmp(path, "-");
	int error;
	FILE *in;

	if (!input->text) {
		in = is_stdin ? stdin : fopen(path, "re");
		if (!in)
			return errno;
		error = hr_source_drain(in, input);
		if (!is_stdin)
			fclose(in);
		if (error)
			return error;
	}
	return hr_source_parse(input, is_stdin ? "stdin" : path, snapshot);
}

static bool hr_source_path(const char *path, struct hr_input *input, unsigned int want,
			   const char *only, struct hr_snapshot *snapshot)
{
	bool once = input->text || !strcmp(path, "-");
	struct stat status;
	int error;

	if (!once && !stat(path, &status)) {
		if (S_ISDIR(status.st_mode))
			return hr_source_dir(path, want, only, snapshot);
		once = S_ISFIFO(status.st_mode);
	}
	error = once ? hr_source_input(path, input, snapshot) : hr_source_file(path, snapshot);
	if (error)
		hr_source_refuse(snapshot, path, strerror(error));
	return !error;
}

bool hr_source_read(struct hr_source *source, unsigned int want, const char *only,
		    struct hr_snapshot *snapshot)
{
	bool read = true;
	int i;

	hr_snapshot_clear(snapshot);
	if (!source->inputs)
		source->inputs = hr_mem_zalloc((source->nr_paths + 1) * sizeof(*source->inputs));
	for (i = 0; i < source->nr_paths; i++)
		read &= hr_source_path(source->paths[i], &source->inputs[i], want, only, snapshot);
	if (!source->nr_paths)
		read = hr_source_dir(HR_DEBUGFS, want, only, snapshot);
	return read;
}

void hr_source_clear(struct hr_source *source)
{
	int i;

	for (i = 0; source->inputs && i < source->nr_paths; i++)
		free(source->inputs[i].text);
	free(source->inputs);
	source->inputs = NULL;
}
