// SPDX-License-Identifier: GPL-2.0-only
#include "probes/kallsyms.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In an ELF symbol the part that the compiler adds begins with a dot; C names have none. */
static size_t base_len(const char *name)
{
	return strcspn(name, ".");
}

static bool same_base(const char *name, const char *function)
{
	size_t len = strlen(function);

	return !strncmp(name, function, len) && base_len(name) == len;
}

bool bt_ksym_is(const struct bt_ksym *symbol, const char *function)
{
	return !strcmp(symbol->name, function);
}

bool bt_ksym_is_copy(const struct bt_ksym *symbol, const char *function)
{
	return same_base(symbol->name, function) && !bt_ksym_is(symbol, function);
}

static bool wanted(const char *name, const char *const *names)
{
	const char *cold = strstr(name, ".cold");

	/* ".cold" and ".cold.12", of a copy as well */
	if (cold && (!cold[5] || cold[5] == '.'))
		return false;
	for (; *names; names++)
		if (same_base(name, *names))
			return true;
	return false;
}

static bool is_function(char type)
{
	return tolower((unsigned char)type) == 't' || tolower((unsigned char)type) == 'w';
}

/* A symbol of vmlinux; those of modules have "\t[module]" after the name. */
static bool is_variable(const char *line, const char *variable)
{
	const char *type = strchr(line, ' ');
	size_t len = strlen(variable);

	return type && type[1] && type[2] && !strncmp(type + 3, variable, len) &&
	       type[3 + len] == '\n' && !is_function(type[1]);
}

/* "ffffffffc0000000 t name\t[module]"; false: not a function's */
static bool parse_line(const char *line, struct bt_ksym *symbol)
{
	char type;

	symbol->module[0] = '\0';
	if (sscanf(line, "%*x %c %95s [%55[^]]", &type, symbol->name, symbol->module) < 2)
		return false;
	return is_function(type);
}

/* Most lines do not match, and sscanf is slow: compare the name's first bytes before. */
static bool may_be_wanted(const char *line, const char *const *names)
{
	const char *name = strchr(line, ' ');

	if (!name || !name[1] || !name[2])
		return false;
	for (; *names; names++)
		if (name[3] == (*names)[0] && !strncmp(name + 3, *names, strlen(*names)))
			return true;
	return false;
}

static int add_symbol(struct bt_kallsyms *symbols, const struct bt_ksym *symbol)
{
	struct bt_ksym *all;

	all = realloc(symbols->all, (symbols->nr + 1) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	symbols->all = all;
	all[symbols->nr++] = *symbol;
	return 0;
}

/* The kernel gives a page at a time; stdio by itself would ask for a quarter of one. */
#define BUFFER 4096

static FILE *open_symbols(const char *path, char *buffer)
{
	FILE *file = fopen(path, "re");

	if (file)
		setvbuf(file, buffer, _IOFBF, BUFFER);
	return file;
}

int bt_kallsyms_read(struct bt_kallsyms *symbols, const char *path, const char *const *names,
		     const char *variable)
{
	struct bt_kallsyms new = { 0 };
	char line[512], buffer[BUFFER];
	FILE *file = open_symbols(path, buffer);
	struct bt_ksym symbol;
	int err = 0;

	if (!file)
		return -errno;
	while (!err && fgets(line, sizeof(line), file)) {
		if (variable && is_variable(line, variable))
			new.has_variable = true;
		if (may_be_wanted(line, names) && parse_line(line, &symbol) &&
		    wanted(symbol.name, names))
			err = add_symbol(&new, &symbol);
	}
	if (!err && ferror(file))
		err = -EIO;
	fclose(file);
	if (err)
		bt_kallsyms_free(&new);
	else
		*symbols = new;
	return err;
}

uint64_t bt_kallsyms_address(const char *path, const char *module, const char *variable)
{
	char line[512], name[96], in[56], type, buffer[BUFFER];
	FILE *file = open_symbols(path, buffer);
	uint64_t address, found = 0;

	while (file && !found && fgets(line, sizeof(line), file))
		if (strstr(line, variable) &&
		    sscanf(line, "%" SCNx64 " %c %95s [%55[^]]", &address, &type, name, in) == 4 &&
		    !is_function(type) && !strcmp(name, variable) && !strcmp(in, module))
			found = address;
	if (file)
		fclose(file);
	return found;
}

void bt_kallsyms_free(struct bt_kallsyms *symbols)
{
	free(symbols->all);
	memset(symbols, 0, sizeof(*symbols));
}
