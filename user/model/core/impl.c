// SPDX-License-Identifier: GPL-2.0-only
/* The implementations that the model knows. */
#include "model/core/impl.h"

extern const struct bt_impl_ops bt_classic_ops;

static const struct bt_impl_ops *const impls[] = {
	[BT_IMPL_CLASSIC] = &bt_classic_ops,
};

#define IMPLS_NR (sizeof(impls) / sizeof(impls[0]))

const struct bt_impl_ops *bt_impl_find(uint8_t impl)
{
	return impl < IMPLS_NR ? impls[impl] : NULL;
}

const char *bt_impl_name(uint8_t impl)
{
	const struct bt_impl_ops *ops = bt_impl_find(impl);

	if (ops)
		return ops->name;
	return impl == BT_IMPL_LLBITMAP ? "llbitmap" : "of an unknown implementation";
}

bt_type_set bt_impl_unprotects(void)
{
	bt_type_set types = 0;
	unsigned int i;

	for (i = 0; i < IMPLS_NR; i++)
		if (impls[i])
			types |= impls[i]->unprotects;
	return types;
}
