// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_seeing_race: what is read of a heap on which four tasks work adds up in
 * every line, and no count ever falls; and heaps end while somebody reads about them.
 */
#include <linux/prandom.h>

#include "../module/heap.h"
#include "crew_helpers.h"
#include "seeing_helpers.h"
#include "suites.h"
#include "text_helpers.h"

#define HR_TEST_READS		60
#define HR_TEST_HELD		48

/* Takes, frees, resizes and misuses whatever comes; everything is given back. */
static void hr_test_storm(struct hr_test_crew *crew, unsigned int nr)
{
	void *held[HR_TEST_HELD] = {};
	struct rnd_state rnd;
	unsigned int i = 0;

	prandom_seed_state(&rnd, nr);
	while (!kthread_should_stop()) {
		u32 r = prandom_u32_state(&rnd);
		unsigned long nr_pages = 1 + (r >> 8) % (r & BIT(21) ? 16 : 700);

		i = r % HR_TEST_HELD;
		if (held[i] && r & BIT(20))
			heapranges_resize(crew->heap, held[i], 1 + (r >> 8) % 20);
		else if (held[i] && heapranges_free(crew->heap, held[i]))
			hr_test_crew_mistake(crew, "%p is not freed", held[i]);
		else
			held[i] = held[i] ? NULL :
				  heapranges_alloc(crew->heap, nr_pages, HR_TEST_QUIET);
		if (r % 64 == 0)
			heapranges_free(crew->heap, (void *)hr_test_addr(r % 100));
		if (r % 512 == 1)
			heapranges_trim(crew->heap);
		hr_test_crew_yield();
	}
	for (i = 0; i < HR_TEST_HELD; i++)
		heapranges_free(crew->heap, held[i]);
}

/* What is wrong with one of its files; NULL: nothing. @last is of the read before. */
struct hr_test_watch {
	u64		counts[40];
	unsigned int	nr_groups;	/* of owners */
};

static const char *hr_test_watch_stats(struct hr_test_watch *w, const char *text)
{
	static const char * const keys[] = {
		"allocs", "alloc_failures", "failures_parked", "frees", "grows", "grow_failures",
		"releases", "releases_shrinker", "rejected_foreign", "rejected_interior",
		"rejected_double", "rejected_size", "rejected_context", "check_failures",
		"zeroing_saved_bytes", "refills", "flushes", "resizes",
	};
	u64 value;
	int i;

	if (hr_test_value(text, "owned_pages") != hr_test_value(text, "used_pages") +
	    hr_test_value(text, "cached_pages") + hr_test_value(text, "free_pages"))
		return "owned is not used + cached + free";
	if (hr_test_value(text, "frees") > hr_test_value(text, "allocs"))
		return "more frees than allocs";
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		value = hr_test_value(text, keys[i]);
		if (value == ULLONG_MAX || value < w->counts[i])
			return keys[i];
		w->counts[i] = value;
	}
	return NULL;
}

/* Of one line that is a range's. */
static const char *hr_test_watch_map_range(const char *line)
{
	unsigned long base, limit, pages;
	char cells[80];

	if (sscanf(line, "0x%lx 0x%lx %lu |%79[^|\n]|", &base, &limit, &pages, cells) != 4)
		return "not a range's line";
	if (limit - base != pages * PAGE_SIZE)
		return "pages is not limit - base";
	if (strlen(cells) != min(pages, 64UL) || strlen(cells) != strspn(cells, ".o123456789#"))
		return "not its cells";
	return NULL;
}

static const char *hr_test_watch_map_order(const char *line, unsigned int *next,
					   unsigned int *last)
{
	unsigned long nr, pages;
	unsigned int order, whole, parts;

	if (sscanf(line, "%u %lu %lu %u.%3u", &order, &nr, &pages, &whole, &parts) != 5)
		return "not an order's line";
	if (order != (*next)++)
		return "not the next order";
	if (pages < nr << order || (nr && pages >= nr << (order + 1)) || (!nr && pages))
		return "so many runs have not so many pages";
	if (whole * 1000 + parts < *last || whole * 1000 + parts > 1000)
		return "unusable falls, or is more than all";
	*last = whole * 1000 + parts;
	return NULL;
}

static const char *hr_test_watch_map(struct hr_test_watch *w, const char *text)
{
	unsigned long pages, used, cached, free;
	unsigned int next = 0, last = 0;
	const char *wrong = NULL;

	if (sscanf(text, "# heapranges map 1 # heap kunit pages %lu used %lu cached %lu free %lu",
		   &pages, &used, &cached, &free) != 4 || pages != used + cached + free)
		return "the head";
	for (; !wrong && *text; text = strchr(text, '\n') + 1) {
		if (*text == '#')
			continue;
		wrong = strstarts(text, "0x") ? hr_test_watch_map_range(text) :
			hr_test_watch_map_order(text, &next, &last);
	}
	return wrong ?: next ? NULL : "no table";
}

static const char *hr_test_watch_pinned(struct hr_test_watch *w, const char *text)
{
	unsigned long base, limit, pages, used, parked, before = 0;
	char reason[16];

	for (; *text; text = strchr(text, '\n') + 1) {
		if (*text == '#')
			continue;
		if (sscanf(text, "0x%lx 0x%lx %lu %lu %lu %15s", &base, &limit, &pages, &used,
			   &parked, reason) != 6)
			return "not an arena's line";
		if (base < before)
			return "not ascending";
		before = limit;
		if (limit - base != pages * PAGE_SIZE || used + parked > pages)
			return "does not add up";
	}
	return NULL;
}

static const char *hr_test_watch_rejects(struct hr_test_watch *w, const char *text)
{
	u64 s, us, last = 0;
	char word[16];
	int nr = 0;

	for (; *text; text = strchr(text, '\n') + 1) {
		if (*text == '#')
			continue;
		if (sscanf(text, "%llu.%6llu %15s", &s, &us, word) != 3 ||
		    s * 1000000 + us < last || strcmp(word, "foreign"))
			return "not a rejection, or not in order";
		last = s * 1000000 + us;
		nr++;
	}
	return nr > 16 ? "too many" : NULL;
}

/* Takes one group of @text apart, and moves it behind that. *@last: pages of the one before. */
static const char *hr_test_watch_group(const char **text, unsigned long *last)
{
	unsigned long nr_pages, nr_runs;
	unsigned int nr_frames;
	char end;

	if (sscanf(*text, "%lu pages in %lu runs%c", &nr_pages, &nr_runs, &end) != 3 ||
	    end != ':')
		return "not a group's line";
	if (nr_pages > *last)
		return "not descending";
	if (!nr_runs || nr_pages < nr_runs)
		return "so many runs have not so many pages";
	*last = nr_pages;
	*text = strchr(*text, '\n') + 1;
	for (nr_frames = 0; **text == ' '; nr_frames++)
		*text = strchr(*text, '\n') + 1;
	if (!nr_frames || *(*text)++ != '\n')
		return "not its frames, and an empty line";
	return NULL;
}

static const char *hr_test_watch_owners(struct hr_test_watch *w, const char *text)
{
	static const char head[] = "# heapranges owners 1\n";
	unsigned long last = ULONG_MAX;
	const char *wrong = NULL;

	if (!strstarts(text, head))
		return "the head";
	for (text += strlen(head); !wrong && *text; w->nr_groups++)
		wrong = hr_test_watch_group(&text, &last);
	return wrong;
}

static const char *hr_test_watch_verify(struct hr_test_watch *w, const char *text)
{
	return strcmp(text, "ok\n") && strcmp(text, "totals: busy\n") ? text : NULL;
}

static const struct hr_test_watch_row {
	const char	*file;
	const char	*(*wrong)(struct hr_test_watch *w, const char *text);
	bool		tracks_owners;
} hr_test_watch_rows[] = {
	{ "stats", hr_test_watch_stats },
	{ "map", hr_test_watch_map },
	{ "pinned", hr_test_watch_pinned },
	{ "rejects", hr_test_watch_rejects },
	{ "verify", hr_test_watch_verify },
	{ "owners", hr_test_watch_owners, .tracks_owners = true },
};

static void hr_test_watch_desc(const struct hr_test_watch_row *row, char *desc)
{
	strscpy(desc, row->file, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_watch, hr_test_watch_rows, hr_test_watch_desc);

/* There was something to see. */
static bool hr_test_storm_is_over(struct heapranges *heap)
{
	struct heapranges_stats s;

	heapranges_get_stats(heap, &s);
	return s.frees > 500 && s.rejected_foreign > 16 && s.releases;
}

static void seeing_race_every_line_adds_up(struct kunit *test)
{
	const struct hr_test_watch_row *row = test->param_value;
	struct hr_test_watch *watch = kunit_kzalloc(test, sizeof(*watch), GFP_KERNEL);
	struct hr_test_crew *crew = kunit_kzalloc(test, sizeof(*crew), GFP_KERNEL);
	char *text = hr_test_seen_buffer(test);
	const char *wrong = NULL;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, watch);
	KUNIT_ASSERT_NOT_NULL(test, crew);
	crew->heap = hr_test_create_params(test, &(struct heapranges_params){
		.name = "kunit", .node = NUMA_NO_NODE, .arena_pages = 512,
		.grow_max_pages = 1024, .max_pages = 8192 });
	if (row->tracks_owners)
		hr_test_track_owners(crew->heap);
	filp_close(hr_test_open_file(test, "kunit", row->file), NULL);
	for (i = 0; i < 4; i++)
		hr_test_crew_join(test, crew, hr_test_storm, i % num_online_cpus());
	/* Where there is one CPU, they work only while the reader does not. */
	for (i = 0; i < HR_TEST_READS && !wrong; i++) {
		hr_test_see(test, row->file, text, i % 2 ? PAGE_SIZE : 200);
		wrong = row->wrong(watch, text);
		schedule_timeout_uninterruptible(1);
	}
	while (!atomic_read(&crew->mistakes) && !hr_test_storm_is_over(crew->heap))
		schedule_timeout_uninterruptible(1);
	hr_test_crew_end(test, crew);
	KUNIT_EXPECT_NULL_MSG(test, wrong, "read %d: %s\n%s", i, wrong ?: "", text);
	KUNIT_EXPECT_EQ(test, !!watch->nr_groups, row->tracks_owners);
}

/* ---- heaps that end ---- */

static void hr_test_reader(struct hr_test_crew *crew, unsigned int nr)
{
	static const char * const files[] = {
		"map", "stats", "pinned", "rejects", "verify", "owners",
	};
	unsigned long i, nr_read = 0;
	struct file *file;
	ssize_t got = 0;
	loff_t pos;

	for (i = nr; !kthread_should_stop(); i++) {
		file = hr_test_try_open_file("kunit", files[i % ARRAY_SIZE(files)]);
		/* -EIO: it goes while it is opened. */
		if (IS_ERR(file)) {
			if (PTR_ERR(file) != -ENOENT && PTR_ERR(file) != -EIO)
				hr_test_crew_mistake(crew, "open: %ld", PTR_ERR(file));
			hr_test_crew_yield();
			continue;
		}
		for (pos = 0; pos < 3; pos++) {
			loff_t at = 0;

			got = file->f_op->read(file, (char __user *)-PAGE_SIZE, PAGE_SIZE, &at);
			nr_read += got == -EFAULT;
			if (got != -EFAULT && got != -EIO)
				hr_test_crew_mistake(crew, "read: %zd", got);
		}
		filp_close(file, NULL);
		hr_test_crew_yield();
	}
	if (!nr_read)
		hr_test_crew_mistake(crew, "nothing was read");
}

/* Two tasks read whatever file of the heap there is, while it comes and goes. */
static void seeing_race_heaps_end_under_readers(struct kunit *test)
{
	struct hr_test_crew *crew = kunit_kzalloc(test, sizeof(*crew), GFP_KERNEL);
	struct heapranges *heap;
	int i, j;

	KUNIT_ASSERT_NOT_NULL(test, crew);
	heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	hr_test_track_owners(heap);
	filp_close(hr_test_open_file(test, "kunit", "map"), NULL);
	for (i = 0; i < 2; i++)
		hr_test_crew_join(test, crew, hr_test_reader, HR_TEST_ANY_CPU);
	for (i = 0; i < 80; i++) {
		for (j = 0; j < 20; j++)
			hr_test_add(test, heap, hr_test_addr(j * 1000), 999);
		hr_test_free(test, heap, hr_test_alloc(test, heap, 3));
		schedule_timeout_uninterruptible(i % 4 == 0);
		hr_test_destroy(test, heap);
		heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
		hr_test_track_owners(heap);
	}
	hr_test_crew_end(test, crew);
}

static struct kunit_case hr_test_seeing_race_cases[] = {
	KUNIT_CASE_PARAM(seeing_race_every_line_adds_up, hr_test_watch_gen_params),
	KUNIT_CASE(seeing_race_heaps_end_under_readers),
	{}
};

struct kunit_suite heapranges_seeing_race_suite = {
	.name = "heapranges_seeing_race",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_seeing_race_cases,
};
