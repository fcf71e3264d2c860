/* SPDX-License-Identifier: GPL-2.0-only */
/* One failure as SVG: threads, the bitmap page and the members over time. */
#ifndef BT_PICTURE_H
#define BT_PICTURE_H

#include "report/scene.h"
#include "timeline/page_states.h"

/* The page that the scene is about; false: none. */
bool bt_picture_page(const struct bt_scene *scene, uint32_t *page);

/* states: of that page over the time of the scene. */
void bt_picture_svg(FILE *out, const struct bt_report *report, const struct bt_scene *scene,
		    const struct bt_page_states *states);

#endif /* BT_PICTURE_H */
