// SPDX-License-Identifier: GPL-2.0
/*
 * All suites of heapranges_kunit.ko. tools/check compares what ran with
 * kunit/suites.
 */
#include <linux/module.h>

#include "suites.h"

kunit_test_suites(&heapranges_bits_suite,
		  &heapranges_records_suite,
		  &heapranges_chunks_suite,
		  &heapranges_corruption_suite);

MODULE_DESCRIPTION("KUnit tests of heapranges");
MODULE_LICENSE("GPL");
