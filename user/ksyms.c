// SPDX-License-Identifier: GPL-2.0-only
#include "ksyms.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_BUFFER_BYTES (256 << 10)

/* No function is as long: an address further on belongs to something without a name. */
#define OFFSET_MAX (1u << 20)

static int compare_addrs(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

unsigned int bt_ksyms_sort(uint64_t *addrs, unsigned int nr)
{
	unsigned int i, kept = 0;

	qsort(addrs, nr, sizeof(*addrs), compare_addrs);
	for (i = 0; i < nr; i++)
		if (addrs[i] && (!kept || addrs[i] != addrs[kept - 1]))
			addrs[kept++] = addrs[i];
	return kept;
}

/* The first of syms with an address of at least addr; nr if there is none. */
static unsigned int lower_bound(const struct bt_ksym *syms, unsigned int nr, uint64_t addr)
{
	unsigned int low = 0, high = nr, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (syms[middle].addr < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static char *copy_word(const char *from, size_t max)
{
	size_t n = 0;

	while (n < max && from[n] && !isspace((unsigned char)from[n]))
		n++;
	return n ? strndup(from, n) : NULL;
}

/* rest: "T name[\t[module]]". Replaces what sym had. */
static int set_symbol(struct bt_ksym *sym, uint64_t start, const char *rest)
{
	const char *bracket;
	char *name, *module = NULL;

	if (!rest[0] || rest[1] != ' ')
		return 0;
	name = copy_word(rest + 2, 512);
	if (!name)
		return rest[2] ? -ENOMEM : 0;
	bracket = strchr(rest + 2, '[');
	if (bracket && strchr(bracket, ']'))
		module = strndup(bracket + 1, (size_t)(strchr(bracket, ']') - bracket - 1));
	free(sym->name);
	free(sym->module);
	sym->start = start;
	sym->name = name;
	sym->module = module;
	return 0;
}

/*
 * One line of the file. The symbols come in no order overall (modules follow
 * the kernel, in the order they were loaded), so each address keeps the best
 * yet. A symbol is offered to the first address at or behind it only; those
 * further on get it from there, see spread().
 */
static int take_line(struct bt_ksym *syms, unsigned int nr, const char *line, int *visible)
{
	char *rest;
	uint64_t start = strtoull(line, &rest, 16);
	unsigned int i;

	if (rest == line || *rest != ' ' || !start)
		return 0;
	*visible = 1;
	i = lower_bound(syms, nr, start);
	if (i < nr && start >= syms[i].start) {
		/* Of several names for one address the first is the usual one. */
		if (start == syms[i].start && syms[i].name)
			return 0;
		return set_symbol(&syms[i], start, rest + 1);
	}
	return 0;
}

/* The end of a symbol is the lowest start behind its address; needs a pass of its own. */
static void take_end(struct bt_ksym *syms, unsigned int nr, const char *line)
{
	uint64_t start = strtoull(line, NULL, 16);
	unsigned int i;

	if (!start)
		return;
	/* The last address below this start. */
	i = lower_bound(syms, nr, start);
	if (i == 0)
		return;
	if (!syms[i - 1].end || start < syms[i - 1].end)
		syms[i - 1].end = start;
}

static int spread(struct bt_ksym *syms, unsigned int nr)
{
	unsigned int i;

	for (i = 1; i < nr; i++) {
		if (syms[i].start >= syms[i - 1].start || !syms[i - 1].name)
			continue;
		free(syms[i].name);
		free(syms[i].module);
		syms[i].start = syms[i - 1].start;
		syms[i].name = strdup(syms[i - 1].name);
		syms[i].module = syms[i - 1].module ? strdup(syms[i - 1].module) : NULL;
		if (!syms[i].name)
			return -ENOMEM;
	}
	for (i = nr; i-- > 1;)
		if (!syms[i - 1].end || (syms[i].end && syms[i].end < syms[i - 1].end))
			syms[i - 1].end = syms[i].end;
	return 0;
}

static int scan(FILE *file, struct bt_ksym *syms, unsigned int nr)
{
	char *line = NULL;
	size_t size = 0;
	int err = 0, visible = 0;

	while (!err && getline(&line, &size, file) > 0) {
		err = take_line(syms, nr, line, &visible);
		take_end(syms, nr, line);
	}
	if (!err && ferror(file))
		err = -EIO;
	free(line);
	if (err)
		return err;
	return visible ? spread(syms, nr) : -EACCES;
}

int bt_ksyms_resolve(const char *path, const uint64_t *addrs, unsigned int nr,
		     struct bt_ksym **syms)
{
	struct bt_ksym *new = calloc(nr + 1, sizeof(*new));
	FILE *file;
	unsigned int i;
	int err;

	if (!new)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		new[i].addr = addrs[i];
	file = fopen(path, "re");
	if (!file) {
		err = -errno;
		free(new);
		return err;
	}
	setvbuf(file, NULL, _IOFBF, READ_BUFFER_BYTES);
	err = scan(file, new, nr);
	fclose(file);
	if (err)
		bt_ksyms_free(new, nr);
	else
		*syms = new;
	return err;
}

void bt_ksyms_free(struct bt_ksym *syms, unsigned int nr)
{
	unsigned int i;

	for (i = 0; syms && i < nr; i++) {
		free(syms[i].name);
		free(syms[i].module);
	}
	free(syms);
}

const struct bt_ksym *bt_ksyms_find(const struct bt_ksym *syms, unsigned int nr, uint64_t addr)
{
	unsigned int i = lower_bound(syms, nr, addr);

	return i < nr && syms[i].addr == addr ? &syms[i] : NULL;
}

int bt_ksym_format(const struct bt_ksym *sym, uint64_t addr, char *buf, size_t len)
{
	const char *open = "", *module = "", *close = "";

	if (!sym || !sym->name || addr - sym->start > OFFSET_MAX)
		return snprintf(buf, len, "%#" PRIx64, addr);
	if (sym->module) {
		open = " [";
		module = sym->module;
		close = "]";
	}
	if (!sym->end)
		return snprintf(buf, len, "%s+%#" PRIx64 "%s%s%s", sym->name, addr - sym->start,
				open, module, close);
	return snprintf(buf, len, "%s+%#" PRIx64 "/%#" PRIx64 "%s%s%s", sym->name,
			addr - sym->start, sym->end - sym->start, open, module, close);
}
