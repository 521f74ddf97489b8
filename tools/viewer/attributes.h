/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the compiler is told of functions, under the kernel's names. In two steps,
 * as checkpatch takes the usual one for a place where these should be used.
 */
#ifndef HR_ATTRIBUTES_H
#define HR_ATTRIBUTES_H

#define HR_ATTRIBUTE(what)	__attribute__((what))

#ifndef __noreturn
#define __noreturn	HR_ATTRIBUTE(__noreturn__)
#endif
#ifndef __printf
#define __printf(a, b)	HR_ATTRIBUTE(__format__(__printf__, a, b))
#endif

#endif /* HR_ATTRIBUTES_H */
