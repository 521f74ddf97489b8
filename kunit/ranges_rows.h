/* SPDX-License-Identifier: GPL-2.0 */
/* Rows of the suites of the range array: what is there, what is done, what is then there. */
#ifndef HR_KUNIT_RANGES_ROWS_H
#define HR_KUNIT_RANGES_ROWS_H

#include "ranges_test.h"

#define P(n)	HR_TEST_PAGE(n)
#define END(n)	(HR_ADDR_END - P(n))	/* n pages before the end */
#define ADD	hr_change_prepare_add
#define REMOVE	hr_change_prepare_remove

struct ranges_step {
	hr_test_op	*op;
	unsigned long	base, nr_pages;
	int		err;
};

struct ranges_row {
	const char		*name;
	struct hr_test_span	before[HR_TEST_SPANS];
	struct ranges_step	steps[4];
	struct hr_test_span	after[HR_TEST_SPANS];	/* not of refusals */
};

static inline void ranges_row_describe(const struct ranges_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

static inline void hr_test_row_run(struct kunit *test, const struct hr_test_span *after)
{
	const struct ranges_row *row = test->param_value;
	struct hr_test_ranges *t = test->priv;
	int i, err;

	hr_test_ranges_fill(t, row->before);
	for (i = 0; i < ARRAY_SIZE(row->steps) && row->steps[i].op; i++) {
		const struct ranges_step *s = &row->steps[i];

		err = hr_test_ranges_change(t, s->op, s->base, s->nr_pages);
		if (err != s->err)
			hr_test_ranges_fail(t, "err=%d, want %d", err, s->err);
		hr_test_ranges_validate(t);
	}
	hr_test_ranges_holds(t, after);
}

#endif /* HR_KUNIT_RANGES_ROWS_H */
