// SPDX-License-Identifier: GPL-2.0-only
#include "crash/layout.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crash/bitmap_format.h"

#define LINE_MAX_BYTES	 256
#define WORDS_MAX	 8
#define FIRST_LINE	 "bitmap-trace-layout 1"
#define SECTORS_MAX	 (UINT64_C(1) << 54) /* a byte offset fits into 63 bits */
#define SIZE_MAX_SECTORS (UINT64_C(1) << 42) /* 2 PiB */
#define CHUNKS_MAX	 (UINT64_C(1) << 28)

enum field {
	FIELD_LEVEL,
	FIELD_DISKS,
	FIELD_NEAR,
	FIELD_CHUNK,
	FIELD_SIZE,
	FIELD_UUID,
	FIELD_MEMBER,
	FIELD_BITMAP_CHUNK,
	FIELD_BITMAP,
	FIELD_EXTENT,
	FIELD_INITIAL,
	FIELD_FROM,
	FIELD_MARK_SECTOR,
	FIELDS
};

static const struct {
	const char *name;
	unsigned int words; /* with the name */
	bool many;	    /* may occur more than once */
	bool optional;
	const char *usage;
} fields[FIELDS] = {
	[FIELD_LEVEL] = { "level", 2, false, false, "level raid1|raid10" },
	[FIELD_DISKS] = { "raid-disks", 2, false, false, "raid-disks NUMBER" },
	[FIELD_NEAR] = { "near-copies", 2, false, true, "near-copies NUMBER" },
	[FIELD_CHUNK] = { "chunk", 2, false, true, "chunk SECTORS" },
	[FIELD_SIZE] = { "size", 2, false, false, "size SECTORS" },
	[FIELD_UUID] = { "uuid", 2, false, false, "uuid 32-HEX-DIGITS" },
	[FIELD_MEMBER] = { "member", 6, true, false, "member NUMBER super SECTOR data SECTOR" },
	[FIELD_BITMAP_CHUNK] = { "bitmap-chunk", 2, false, false, "bitmap-chunk BYTES" },
	[FIELD_BITMAP] = { "bitmap", 2, false, false, "bitmap file|internal|lockless" },
	[FIELD_EXTENT] = { "extent", 4, true, false, "extent COPY SECTOR SECTORS" },
	[FIELD_INITIAL] = { "initial", 2, false, false, "initial zero|unknown" },
	[FIELD_FROM] = { "judge-from", 0, false, false, "judge-from start|entry NUMBER|mark NAME" },
	[FIELD_MARK_SECTOR] = { "mark-sector", 2, false, true, "mark-sector SECTOR" },
};

struct parser {
	struct bt_layout *layout;
	unsigned int line;
	bool seen[FIELDS];
	char *problem;
	size_t size;
};

/* Words of a file of unknown origin are printed on a terminal. */
static void clean(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

__attribute__((format(printf, 2, 3))) static int wrong(struct parser *parser, const char *format,
						       ...)
{
	int n = 0;
	va_list args;

	if (parser->line)
		n = snprintf(parser->problem, parser->size, "line %u: ", parser->line);
	va_start(args, format);
	vsnprintf(parser->problem + n, parser->size - (size_t)n, format, args);
	va_end(args);
	clean(parser->problem);
	return -EINVAL;
}

static int number(struct parser *parser, const char *what, const char *text, uint64_t max,
		  uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (errno || *end || text[0] < '0' || text[0] > '9')
		return wrong(parser, "%s '%s': expected a number", what, text);
	if (*value > max)
		return wrong(parser, "%s %s is too large, at most %" PRIu64, what, text, max);
	return 0;
}

static int parse_level(struct parser *parser, char **words)
{
	if (!strcmp(words[1], "raid1"))
		parser->layout->level = 1;
	else if (!strcmp(words[1], "raid10"))
		parser->layout->level = 10;
	else
		return wrong(parser, "level '%s' is not judged, only raid1 and raid10 near",
			     words[1]);
	return 0;
}

static int parse_uuid(struct parser *parser, const char *text)
{
	unsigned char *uuid = parser->layout->uuid;
	unsigned int i, byte;

	if (strlen(text) != 32 || strspn(text, "0123456789abcdefABCDEF") != 32)
		return wrong(parser, "uuid '%s': expected 32 hex digits", text);
	for (i = 0; i < 16; i++) {
		sscanf(text + 2 * (size_t)i, "%2x", &byte);
		uuid[i] = (unsigned char)byte;
	}
	return 0;
}

static int parse_member(struct parser *parser, char **words)
{
	struct bt_disk *member;
	uint64_t nr;
	int err;

	if (strcmp(words[2], "super") != 0 || strcmp(words[4], "data") != 0)
		return wrong(parser, "expected: %s", fields[FIELD_MEMBER].usage);
	err = number(parser, "member", words[1], BT_DISKS_MAX - 1, &nr);
	if (err)
		return err;
	member = &parser->layout->members[nr];
	if (member->given)
		return wrong(parser, "member %s is given twice", words[1]);
	member->given = true;
	err = number(parser, "member's super", words[3], SECTORS_MAX, &member->super);
	return err ? err : number(parser, "member's data", words[5], SECTORS_MAX, &member->data);
}

static int parse_extent(struct parser *parser, char **words)
{
	struct bt_layout *layout = parser->layout;
	struct bt_extent extent;
	uint64_t copy;
	int err;

	if (layout->extents_nr == BT_EXTENTS_MAX)
		return wrong(parser, "more than %d extents", BT_EXTENTS_MAX);
	err = number(parser, "extent's copy", words[1], BT_DISKS_MAX - 1, &copy);
	if (!err)
		err = number(parser, "extent's sector", words[2], SECTORS_MAX, &extent.sector);
	if (!err)
		err = number(parser, "extent's length", words[3], SECTORS_MAX, &extent.sectors);
	if (err)
		return err;
	if (!extent.sectors)
		return wrong(parser, "extent's length is 0");
	extent.copy = (uint32_t)copy;
	layout->extents[layout->extents_nr++] = extent;
	return 0;
}

/* One of two words */
static int parse_choice(struct parser *parser, char **words, const char *no, const char *yes,
			bool *value)
{
	*value = !strcmp(words[1], yes);
	if (!*value && strcmp(words[1], no) != 0)
		return wrong(parser, "%s '%s': expected %s or %s", words[0], words[1], no, yes);
	return 0;
}

static int parse_bitmap(struct parser *parser, char **words)
{
	static const struct bt_bitmap_format *const formats[] = { &bt_bitmap_format_classic,
								  &bt_bitmap_format_lockless };
	struct bt_layout *layout = parser->layout;
	unsigned int i;

	layout->format = &bt_bitmap_format_classic;
	if (!strcmp(words[1], "file"))
		return 0;
	layout->internal = true;
	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		layout->format = formats[i];
		if (!strcmp(words[1], layout->format->name))
			return 0;
	}
	return wrong(parser, "bitmap '%s': expected file, internal or lockless", words[1]);
}

static int parse_from(struct parser *parser, char **words, unsigned int nr)
{
	struct bt_layout *layout = parser->layout;

	if (nr == 2 && !strcmp(words[1], "start"))
		return 0;
	if (nr == 3 && !strcmp(words[1], "entry"))
		return number(parser, "judge-from entry", words[2], UINT64_MAX,
			      &layout->from_entry);
	if (nr != 3 || strcmp(words[1], "mark") != 0)
		return wrong(parser, "expected: %s", fields[FIELD_FROM].usage);
	if (strlen(words[2]) > BT_MARK_MAX)
		return wrong(parser, "mark '%s' is longer than %d bytes", words[2], BT_MARK_MAX);
	strcpy(layout->from_mark, words[2]);
	return 0;
}

static int parse_number_field(struct parser *parser, enum field field, char **words)
{
	struct bt_layout *layout = parser->layout;
	uint64_t value, max = UINT32_MAX;
	int err;

	if (field == FIELD_SIZE)
		max = SIZE_MAX_SECTORS;
	if (field == FIELD_MARK_SECTOR)
		max = SECTORS_MAX;
	err = number(parser, words[0], words[1], max, &value);
	if (err)
		return err;
	if (field == FIELD_DISKS)
		layout->members_nr = (uint32_t)value;
	else if (field == FIELD_NEAR)
		layout->near = (uint32_t)value;
	else if (field == FIELD_CHUNK)
		layout->chunk_sectors = (uint32_t)value;
	else if (field == FIELD_SIZE)
		layout->size = value;
	else if (field == FIELD_BITMAP_CHUNK)
		layout->bitmap_chunk = (uint32_t)value;
	else
		layout->mark_sector = value;
	return 0;
}

static int parse_field(struct parser *parser, enum field field, char **words, unsigned int nr)
{
	struct bt_layout *layout = parser->layout;

	switch (field) {
	case FIELD_LEVEL:
		return parse_level(parser, words);
	case FIELD_UUID:
		return parse_uuid(parser, words[1]);
	case FIELD_MEMBER:
		return parse_member(parser, words);
	case FIELD_EXTENT:
		return parse_extent(parser, words);
	case FIELD_BITMAP:
		return parse_bitmap(parser, words);
	case FIELD_INITIAL:
		return parse_choice(parser, words, "unknown", "zero", &layout->zero);
	case FIELD_FROM:
		return parse_from(parser, words, nr);
	default:
		return parse_number_field(parser, field, words);
	}
}

static int parse_line(struct parser *parser, char *line)
{
	char *words[WORDS_MAX], *word, *rest;
	unsigned int nr = 0, field;

	for (word = strtok_r(line, " \t\r\n", &rest); word;
	     word = strtok_r(NULL, " \t\r\n", &rest)) {
		if (word[0] == '#')
			break;
		if (nr == WORDS_MAX)
			return wrong(parser, "more than %d words", WORDS_MAX);
		words[nr++] = word;
	}
	if (!nr)
		return 0;
	for (field = 0; field < FIELDS; field++)
		if (!strcmp(words[0], fields[field].name))
			break;
	if (field == FIELDS)
		return wrong(parser, "field '%s' is unknown", words[0]);
	if (parser->seen[field] && !fields[field].many)
		return wrong(parser, "field '%s' is given twice", words[0]);
	if (fields[field].words && nr != fields[field].words)
		return wrong(parser, "expected: %s", fields[field].usage);
	parser->seen[field] = true;
	return parse_field(parser, (enum field)field, words, nr);
}

static int parse_lines(struct parser *parser, FILE *file)
{
	char line[LINE_MAX_BYTES];
	int err = 0;

	while (!err && fgets(line, sizeof(line), file)) {
		parser->line++;
		if (!strchr(line, '\n') && !feof(file))
			err = wrong(parser, "longer than %d bytes", LINE_MAX_BYTES - 2);
		else if (parser->line > 1)
			err = parse_line(parser, line);
		else if (strcmp(line, FIRST_LINE "\n") != 0)
			err = wrong(parser, "no layout: it must be '" FIRST_LINE "'");
	}
	if (!err && ferror(file))
		err = wrong(parser, "cannot be read");
	if (!err && !parser->line)
		err = wrong(parser, "it is empty");
	parser->line = 0;
	return err;
}

static int check_fields(struct parser *parser)
{
	const struct bt_layout *layout = parser->layout;
	bool raid10 = layout->level == 10;
	unsigned int i;

	for (i = 0; i < FIELDS; i++)
		if (!parser->seen[i] && !fields[i].optional)
			return wrong(parser, "field '%s' is missing", fields[i].name);
	if (raid10 != parser->seen[FIELD_NEAR] || raid10 != parser->seen[FIELD_CHUNK])
		return wrong(parser, "near-copies and chunk are for raid10, which needs both");
	if (layout->members_nr < 2 || layout->members_nr > BT_DISKS_MAX)
		return wrong(parser, "raid-disks %u: expected 2 to %d", layout->members_nr,
			     BT_DISKS_MAX);
	for (i = 0; i < BT_DISKS_MAX; i++)
		if (layout->members[i].given != (i < layout->members_nr))
			return wrong(parser, "member %u is %s: raid-disks is %u", i,
				     layout->members[i].given ? "too many" : "missing",
				     layout->members_nr);
	if (raid10 && (layout->near < 2 || layout->near > layout->members_nr))
		return wrong(parser, "near-copies %u: expected 2 to raid-disks", layout->near);
	/* setup_geo() in drivers/md/raid10.c: a page at least, a power of two */
	if (raid10 &&
	    (layout->chunk_sectors < 8 || (layout->chunk_sectors & (layout->chunk_sectors - 1))))
		return wrong(parser, "chunk %u: expected a power of two from 8",
			     layout->chunk_sectors);
	if (!layout->size)
		return wrong(parser, "size is 0");
	if (layout->bitmap_chunk < BT_SECTOR || (layout->bitmap_chunk & (layout->bitmap_chunk - 1)))
		return wrong(parser, "bitmap-chunk %u: expected a power of two from %u",
			     layout->bitmap_chunk, BT_SECTOR);
	return 0;
}

/* Units: md_bitmap counts member sectors on raid1, array sectors on raid10 (raid10_size()). */
static uint64_t bitmap_span(const struct bt_layout *layout)
{
	uint64_t rows;

	if (layout->level == 1)
		return layout->size;
	rows = layout->size / layout->chunk_sectors;
	return rows * layout->members_nr / layout->near * layout->chunk_sectors;
}

static int check_bitmap(struct parser *parser)
{
	struct bt_layout *layout = parser->layout;
	uint64_t got[BT_DISKS_MAX] = { 0 };
	/* A counter per chunk for each pair of members: 1 GiB at most */
	uint64_t max = CHUNKS_MAX / (layout->members_nr * (layout->members_nr - 1) / 2);
	uint32_t i;

	layout->chunk_shift = (uint64_t)__builtin_ctz(layout->bitmap_chunk / BT_SECTOR);
	layout->span = bitmap_span(layout);
	layout->chunks = ((layout->span - 1) >> layout->chunk_shift) + 1;
	if (!layout->span)
		return wrong(parser, "size %" PRIu64 " is less than a chunk", layout->size);
	if (layout->chunks > max)
		return wrong(parser,
			     "size / bitmap-chunk gives %" PRIu64 " chunks, at most %" PRIu64,
			     layout->chunks, max);
	layout->bitmap_sectors = bt_bitmap_format_sectors(layout->format, layout->chunks);
	for (i = 0; i < layout->extents_nr; i++) {
		if (layout->extents[i].copy >= bt_layout_copies(layout))
			return wrong(parser, "extent of copy %u, but there are %u",
				     layout->extents[i].copy, bt_layout_copies(layout));
		/* Not more than needed, so that the sum cannot overflow. */
		if (got[layout->extents[i].copy] < layout->bitmap_sectors)
			got[layout->extents[i].copy] += layout->extents[i].sectors;
	}
	for (i = 0; i < bt_layout_copies(layout); i++)
		if (got[i] < layout->bitmap_sectors)
			return wrong(parser,
				     "extents of bitmap copy %u: %" PRIu64 " sectors, %" PRIu64
				     " chunks take %" PRIu64,
				     i, got[i], layout->chunks, layout->bitmap_sectors);
	return 0;
}

int bt_layout_read(struct bt_layout *layout, const char *path, char *problem, size_t size)
{
	struct parser parser = { .layout = layout, .problem = problem, .size = size };
	FILE *file = fopen(path, "re");
	int err;

	*layout = (struct bt_layout){ 0 };
	if (!file) {
		err = -errno;
		wrong(&parser, "%s", strerror(-err));
		return err;
	}
	layout->extents = calloc(BT_EXTENTS_MAX, sizeof(*layout->extents));
	err = layout->extents ? parse_lines(&parser, file) : wrong(&parser, "out of memory");
	fclose(file);
	if (!err)
		err = check_fields(&parser);
	if (!err)
		err = check_bitmap(&parser);
	layout->has_mark_sector = parser.seen[FIELD_MARK_SECTOR];
	if (err)
		bt_layout_free(layout);
	return err;
}

void bt_layout_free(struct bt_layout *layout)
{
	free(layout->extents);
	*layout = (struct bt_layout){ 0 };
}
