/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The files of one heap, as those read them who look at it.
 */
#ifndef HR_TEST_SEEING_HELPERS_H
#define HR_TEST_SEEING_HELPERS_H

#include "../module/heap.h"
#include "../module/stack.h"
#include "heap_helpers.h"

#define HR_TEST_SEEN_BYTES	(64 * 1024)
#define HR_TEST_FILES		HR_TEST_FILE "_heaps/"
#define HR_TEST_ADDR		"0x%0*lx"
#define HR_TEST_DIGITS		(BITS_PER_LONG / 4)

static inline char *hr_test_seen_buffer(struct kunit *test)
{
	return (char *)hr_test_area(test, HR_TEST_SEEN_BYTES / PAGE_SIZE);
}

/* Return: an open file, or an ERR_PTR. */
static inline struct file *hr_test_try_open_file(const char *heap, const char *file)
{
	char path[120];

	snprintf(path, sizeof(path), HR_TEST_FILES "%s/%s", heap, file);
	return hr_test_try_open_path(path);
}

static inline struct file *hr_test_open_file(struct kunit *test, const char *heap,
					     const char *name)
{
	struct file *file = hr_test_try_open_file(heap, name);

	if (PTR_ERR(file) == -EOPNOTSUPP)
		kunit_skip(test, "cannot read /" HR_TEST_FILES "%s/%s", heap, name);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "open %s/%s: %ld", heap, name,
			       PTR_ERR(file));
	return file;
}

/* All of a file of the heap "kunit", @piece bytes at a time. */
static inline char *hr_test_see(struct kunit *test, const char *name, char *text,
				size_t piece)
{
	struct file *file = hr_test_open_file(test, "kunit", name);
	ssize_t len = hr_test_read_all(file, text, HR_TEST_SEEN_BYTES, piece, 0);

	filp_close(file, NULL);
	KUNIT_ASSERT_GT(test, len, (ssize_t)0);
	KUNIT_ASSERT_LT(test, len, (ssize_t)HR_TEST_SEEN_BYTES - 1);
	return text;
}

/* However it is cut: the same text, while nothing changes. */
static inline void hr_test_expect_pieces(struct kunit *test, const char *name,
					 const char *want)
{
	static const size_t pieces[] = { 1, 7, 64, 100, 1000, 4095, 4097 };
	char *text = hr_test_seen_buffer(test);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pieces); i++) {
		hr_test_see(test, name, text, pieces[i]);
		KUNIT_EXPECT_EQ_MSG(test, strcmp(text, want), 0,
				    "%s, read %zu bytes at a time", name, pieces[i]);
	}
}

/* The number behind "key " at the start of a line; ULLONG_MAX: there is none. */
static inline u64 hr_test_value(const char *text, const char *key)
{
	const char *line = text;
	size_t len = strlen(key);
	u64 value;

	for (; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (!strncmp(line, key, len) && line[len] == ' ' &&
		    sscanf(line + len, " %llu", &value) == 1)
			return value;
	}
	return ULLONG_MAX;
}

/* A heap that owns nothing yet remembers from now on, as the parameter would have it. */
static inline void hr_test_track_owners(struct heapranges *heap)
{
	hr_stack_setup();
	heap->flags |= HR_HEAP_TRACKS_OWNERS;
	heap->runs.chunks.track_owners = true;
}

#endif /* HR_TEST_SEEING_HELPERS_H */
