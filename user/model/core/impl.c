// SPDX-License-Identifier: GPL-2.0-only
/* The implementations that the model knows. */
#include "model/core/impl.h"

extern const struct bt_impl_ops bt_classic_ops;
extern const struct bt_impl_ops bt_llbitmap_ops;

static const struct bt_impl_ops *const impls[BT_IMPLS] = {
	[BT_IMPL_CLASSIC] = &bt_classic_ops,
	[BT_IMPL_LLBITMAP] = &bt_llbitmap_ops,
};

const struct bt_impl_ops *bt_impl_find(uint8_t impl)
{
	return impl < BT_IMPLS ? impls[impl] : NULL;
}

const char *bt_impl_name(uint8_t impl)
{
	const struct bt_impl_ops *ops = bt_impl_find(impl);

	return ops ? ops->name : "of an unknown implementation";
}
