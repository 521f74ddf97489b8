/* SPDX-License-Identifier: GPL-2.0 */
/* All that is known of one heap, as lines of text. */
#ifndef HR_PAGE_H
#define HR_PAGE_H

#include "snapshot.h"

#define HR_PAGE_WIDTH_MIN 40

/*
 * Adds them to @lines; headings begin with '*'. They are laid out for @width, or for
 * HR_PAGE_WIDTH_MIN; some may be longer, and the screen cuts them.
 */
void hr_page_fill(struct hr_lines *lines, const struct hr_snapshot *snapshot,
		  const struct hr_heap *heap, unsigned int width);

#endif /* HR_PAGE_H */
