// SPDX-License-Identifier: GPL-2.0-only
#include "probes/signature.h"

#include <stdio.h>
#include <string.h>

#define WORD_LEN 64
#define MODS_MAX 32 /* of one type; a damaged BTF may have cycles */

static const struct btf_type *skip_mods(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	unsigned int i;

	for (i = 0; type && i < MODS_MAX && (btf_is_mod(type) || btf_is_typedef(type)); i++)
		type = btf__type_by_id(btf, type->type);
	return type;
}

/* The prototype of a function, or of a tracepoint, whose first argument is a pointer of its own. */
static const struct btf_type *prototype(const struct btf *btf, uint32_t id, unsigned int *first)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	*first = 0;
	if (type && btf_is_typedef(type)) {
		type = skip_mods(btf, id);
		*first = 1;
		if (!type || !btf_is_ptr(type))
			return NULL;
	}
	type = type ? btf__type_by_id(btf, type->type) : NULL;
	return type && btf_is_func_proto(type) ? type : NULL;
}

/* "mddev*", "*", "u64" */
static void name_type(const struct btf *btf, uint32_t id, char *word)
{
	const struct btf_type *type = skip_mods(btf, id), *to;
	const char *name = NULL;

	if (type && btf_is_ptr(type)) {
		to = skip_mods(btf, type->type);
		if (to && (btf_is_composite(to) || btf_is_fwd(to)))
			name = btf__name_by_offset(btf, to->name_off);
		snprintf(word, WORD_LEN, "%.60s*", name ? name : "");
	} else if (type && (btf_is_int(type) || btf_is_any_enum(type))) {
		snprintf(word, WORD_LEN, "u%u", type->size * 8);
	} else {
		snprintf(word, WORD_LEN, "%s", id ? "?" : "void");
	}
}

static const char *size_word(const char *word)
{
	if (!strcmp(word, "int"))
		return "u32";
	return strcmp(word, "bool") ? word : "u8";
}

static bool word_fits(const struct btf *btf, uint32_t id, const char *wanted)
{
	char has[WORD_LEN];

	name_type(btf, id, has);
	if (!strcmp(wanted, "*"))
		return has[strlen(has) - 1] == '*';
	return !strcmp(has, size_word(wanted));
}

/* Takes the next word off the text; false: none left. *returned: it comes after "->". */
static bool next_word(const char **text, char *word, bool *returned)
{
	size_t len;

	*text += strspn(*text, ", ");
	*returned = !strncmp(*text, "->", 2);
	if (*returned)
		*text += strspn(*text, "-> ");
	len = strcspn(*text, ", ");
	if (!len || len >= WORD_LEN)
		return false;
	memcpy(word, *text, len);
	word[len] = '\0';
	*text += len;
	return true;
}

bool bt_signature_fits(const struct btf *btf, uint32_t id, const char *takes)
{
	unsigned int first, nr = 0;
	const struct btf_type *proto = prototype(btf, id, &first);
	char word[WORD_LEN];
	bool returned;

	if (!proto)
		return false;
	while (next_word(&takes, word, &returned)) {
		if (returned)
			return first + nr == btf_vlen(proto) && word_fits(btf, proto->type, word);
		if (first + nr >= btf_vlen(proto) ||
		    !word_fits(btf, btf_params(proto)[first + nr].type, word))
			return false;
		nr++;
	}
	return true;
}

void bt_signature_print(const struct btf *btf, uint32_t id, char *text, size_t len)
{
	unsigned int i, first;
	const struct btf_type *proto = prototype(btf, id, &first);
	char word[WORD_LEN];
	size_t used = 0;

	text[0] = '\0';
	for (i = first; proto && i < btf_vlen(proto) && used < len; i++) {
		name_type(btf, btf_params(proto)[i].type, word);
		used += (size_t)snprintf(text + used, len - used, "%s%s", used ? ", " : "", word);
	}
	if (!proto || !proto->type || used >= len)
		return;
	name_type(btf, proto->type, word);
	snprintf(text + used, len - used, "%s-> %s", used ? " " : "", word);
}
