/* SPDX-License-Identifier: GPL-2.0-only */
/* How the classic bitmap lies in its pages (drivers/md/md-bitmap.c). */
#ifndef BITMAP_TRACE_CLASSIC_GEOMETRY_H
#define BITMAP_TRACE_CLASSIC_GEOMETRY_H

#define BITMAP_PAGE_SHIFT     12
#define BITMAP_SUPER_BYTES    256 /* sizeof(bitmap_super_t): before the first bit */
#define BITMAP_BIT_PAGE_SHIFT (BITMAP_PAGE_SHIFT + 3) /* bit -> page */
#define BITMAP_BIT_PAGE_MASK  ((1 << BITMAP_BIT_PAGE_SHIFT) - 1)

#endif /* BITMAP_TRACE_CLASSIC_GEOMETRY_H */
