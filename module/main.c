// SPDX-License-Identifier: GPL-2.0
/*
 * heapranges - a page allocator over vmalloc'd arenas: loading and unloading.
 */
#include <linux/module.h>

#include "api.h"
#include "chunks.h"
#include "debugfs.h"
#include "mem.h"
#include "offline.h"
#include "oom.h"
#include "params.h"
#include "radix_node.h"
#include "reclaim.h"
#include "tend.h"

static int __init hr_main_init(void)
{
	int err;

	err = hr_params_check();
	if (err)
		return err;
	err = hr_chunks_setup();
	if (err)
		return err;
	err = hr_radix_node_setup();
	if (err)
		goto err_chunks;
	err = hr_tend_setup();
	if (err)
		goto err_radix;
	hr_debugfs_init();
	err = hr_api_init();
	if (err)
		goto err_debugfs;
	err = hr_reclaim_setup();
	if (err)
		goto err_api;
	err = hr_oom_setup();
	if (err)
		goto err_reclaim;
	err = hr_offline_setup();
	if (err)
		goto err_oom;
	return 0;

err_oom:
	hr_oom_teardown();
err_reclaim:
	hr_reclaim_teardown();
err_api:
	hr_api_exit();
err_debugfs:
	hr_debugfs_exit();
	hr_tend_teardown();
err_radix:
	hr_radix_node_teardown();
err_chunks:
	hr_chunks_teardown();
	hr_mem_exit();
	return err;
}

static void __exit hr_main_exit(void)
{
	hr_offline_teardown();
	hr_oom_teardown();
	hr_reclaim_teardown();
	hr_api_exit();
	hr_debugfs_exit();
	hr_tend_teardown();
	hr_radix_node_teardown();
	hr_chunks_teardown();
	hr_mem_exit();
}

module_init(hr_main_init);
module_exit(hr_main_exit);

MODULE_DESCRIPTION("Runs of whole pages out of vmalloc'd arenas");
MODULE_AUTHOR("The heapranges authors");
MODULE_VERSION(HR_VERSION);
MODULE_LICENSE("GPL");
