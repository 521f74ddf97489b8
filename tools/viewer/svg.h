/* SPDX-License-Identifier: GPL-2.0 */
/* The address space as a picture. */
#ifndef HR_SVG_H
#define HR_SVG_H

#include <stdio.h>

#include "snapshot.h"

/* @before: what @now is compared with, or NULL. The same input gives the same bytes. */
void hr_svg_write(FILE *out, const struct hr_snapshot *now, const struct hr_snapshot *before);

#endif /* HR_SVG_H */
