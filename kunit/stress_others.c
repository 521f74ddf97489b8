// SPDX-License-Identifier: GPL-2.0
/*
 * Those of the stress suite who do not just take and give: one grows the heap, shrinks it
 * and empties its caches, the other one reads whatever can be read.
 */
#include <linux/mm.h>
#include <linux/shrinker.h>

#include "../module/reclaim.h"
#include "cache_helpers.h"
#include "stress.h"
#include "text_helpers.h"

/* ---- who manages ---- */

static void hr_stress_toggle(struct hr_stress *stress, unsigned int nr)
{
	unsigned long base = stress->extra + nr * HR_STRESS_SLICE * PAGE_SIZE;
	struct heapranges *heap = stress->field.heap;
	bool is_in = stress->slices & BIT(nr);
	int err = is_in ? heapranges_remove(heap, base, HR_STRESS_SLICE) :
			  heapranges_add(heap, base, HR_STRESS_SLICE);

	if (err && !(is_in && err == -EBUSY) && !(!is_in && err == -ENOSPC))
		hr_stress_mistake(&stress->field, NULL, err, 0, "%s of slice %u",
				  is_in ? "remove" : "add", nr);
	stress->busy += err == -EBUSY;
	if (err)
		return;
	stress->slices ^= BIT(nr);
	stress->added += !is_in;
	stress->removed += is_in;
}

static void hr_stress_shrink(struct hr_stress *stress)
{
	struct shrink_control sc = { .gfp_mask = GFP_KERNEL, .nid = 0 };
	unsigned long nr;

	sc.nr_to_scan = 1 + prandom_u32_state(&stress->rnd) % 2000;
	hr_reclaim_count(NULL, &sc);
	nr = hr_reclaim_scan(NULL, &sc);
	stress->shrunk += nr != SHRINK_STOP && nr;
}

static void hr_stress_verify(struct hr_stress *stress)
{
	char first[100] = "?";
	int nr = heapranges_verify(stress->field.heap, first, sizeof(first));

	if (nr && nr != -EBUSY)
		hr_stress_mistake(&stress->field, NULL, nr, 0, "verify in between: %s", first);
	stress->verifies++;
}

/* A large run, for which the heap must grow, or which it cannot have. */
static void hr_stress_grow(struct hr_stress *stress)
{
	unsigned long nr = 500 + prandom_u32_state(&stress->rnd) % 1500;
	void *run = heapranges_alloc(stress->field.heap, nr, HR_TEST_QUIET);

	int err;

	if (!run)
		return;
	stress->grown++;
	memset(run, 0x5a, nr * PAGE_SIZE);
	cond_resched();
	if (memchr_inv(run, 0x5a, nr * PAGE_SIZE))
		hr_stress_mistake(&stress->field, NULL, 1, 0, "marks of %lu pages at 0x%lx", nr,
				  (unsigned long)run);
	err = heapranges_free_sized(stress->field.heap, run, nr);
	if (err)
		hr_stress_mistake(&stress->field, NULL, err, 0, "free of %lu pages at 0x%lx", nr,
				  (unsigned long)run);
}

void hr_stress_manager(struct hr_test_crew *crew, unsigned int nr)
{
	struct hr_stress *stress = container_of(crew, struct hr_stress, crew);
	struct heapranges *heap = stress->field.heap;

	while (!kthread_should_stop()) {
		u32 dice = prandom_u32_state(&stress->rnd);

		switch (dice % 16) {
		case 0:
			heapranges_trim(heap);
			stress->trims++;
			break;
		case 1 ... 3:
			hr_cache_drain(heap);
			hr_cache_drain(stress->field.duel_heap);
			stress->drains++;
			break;
		case 4 ... 5:
			hr_stress_shrink(stress);
			break;
		case 6:
			hr_stress_grow(stress);
			break;
		case 7:
			hr_stress_verify(stress);
			break;
		default:
			hr_stress_toggle(stress, (dice >> 8) % HR_STRESS_SLICES);
		}
		hr_test_crew_yield();
	}
}

/* ---- who reads ---- */

static int hr_stress_visit(const struct heapranges_range *range, void *data)
{
	struct hr_stress *stress = data;

	if (range->base <= stress->field.region &&
	    range->limit >= stress->field.region + HR_STRESS_REGION * PAGE_SIZE)
		return 1;
	return range->base < range->limit ? 0 : -1;
}

static void hr_stress_read_heap(struct hr_stress *stress)
{
	struct hr_stress_field *field = &stress->field;
	struct heapranges_stats s;
	int got;

	heapranges_get_stats(field->heap, &s);
	if (s.owned_pages != s.used_pages + s.cached_pages + s.free_pages || s.allocs < s.frees)
		hr_stress_mistake(field, NULL, s.owned_pages,
				  s.used_pages + s.cached_pages + s.free_pages,
				  "stats: %llu allocs, %llu frees", s.allocs, s.frees);
	got = heapranges_walk(field->heap, hr_stress_visit, stress);
	if (got != 1)
		hr_stress_mistake(field, NULL, got, 1, "walk for the region");
	if (!heapranges_contains(field->heap, field->region, HR_STRESS_REGION))
		hr_stress_mistake(field, NULL, 0, 1, "contains, of the region");
}

/* Return: the text, NUL-terminated, as far as there is room for it; NULL: no such file. */
static char *hr_stress_read_path(struct hr_stress *stress, const char *path)
{
	struct file *file = hr_test_try_open_path(path);
	ssize_t len;

	if (IS_ERR(file))
		return NULL;
	len = hr_test_read_all(file, stress->text, HR_STRESS_TEXT, HR_STRESS_TEXT, 0);
	filp_close(file, NULL);
	if (len < 0)
		hr_stress_mistake(&stress->field, NULL, len, 0, "read of /%s", path);
	return stress->text;
}

static void hr_stress_read_file(struct hr_stress *stress)
{
	char *text = hr_stress_read_path(stress, HR_TEST_FILE), *line;
	struct hr_test_line l;
	const char *wrong;

	if (!text)
		return;
	if (!strstarts(text, HR_TEST_HEADER)) {
		hr_stress_mistake(&stress->field, NULL, -1, 0, "read: %.60s", text);
		return;
	}
	text += strlen(HR_TEST_HEADER);
	while ((line = strsep(&text, "\n")) && *line) {
		wrong = hr_test_line_wrong(line, &l);
		if (wrong)
			hr_stress_mistake(&stress->field, NULL, -1, 0, "%s: %s", wrong, line);
	}
}

/* What its folder has. */
static void hr_stress_read_folder(struct hr_stress *stress)
{
	static const char * const names[] = {
		"stats", "map", "owners", "rejects", "pinned", "verify",
	};
	const char *text;
	char path[100];
	int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "sys/kernel/debug/heapranges_heaps/%s/%s",
			 HR_STRESS_NAME, names[i]);
		text = hr_stress_read_path(stress, path);
		stress->files += !!text;
		if (text && !strcmp(names[i], "verify") && !strstarts(text, "ok") &&
		    !strstarts(text, "totals: busy"))
			hr_stress_mistake(&stress->field, NULL, -1, 0, "verify, read: %.60s", text);
	}
}

void hr_stress_reader(struct hr_test_crew *crew, unsigned int nr)
{
	struct hr_stress *stress = container_of(crew, struct hr_stress, crew);

	while (!kthread_should_stop()) {
		hr_stress_read_heap(stress);
		hr_stress_read_file(stress);
		hr_stress_read_folder(stress);
		stress->reads++;
		hr_test_crew_yield();
	}
}
