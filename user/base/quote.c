// SPDX-License-Identifier: GPL-2.0-only
#include "base/quote.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/printable.h"

/* What no shell takes for anything else. */
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%"

struct line {
	char *buf;
	size_t len, used;
	bool full;
};

static void put(struct line *line, const char *text)
{
	size_t len = strlen(text);

	if (line->full || line->used + len >= line->len) {
		line->full = true;
		return;
	}
	memcpy(line->buf + line->used, text, len + 1);
	line->used += len;
}

static bool is_printable(const char *word)
{
	while (*word && bt_printable(*word) == *word)
		word++;
	return !*word;
}

static void put_quoted(struct line *line, const char *word)
{
	bool printable = is_printable(word);
	char piece[8];

	put(line, printable ? "'" : "$'");
	for (; *word; word++) {
		if (bt_printable(*word) != *word)
			snprintf(piece, sizeof(piece), "\\x%02x", (unsigned char)*word);
		else if (*word == '\'')
			snprintf(piece, sizeof(piece), "%s", printable ? "'\\''" : "\\'");
		else
			snprintf(piece, sizeof(piece), "%s%c",
				 *word == '\\' && !printable ? "\\" : "", *word);
		put(line, piece);
	}
	put(line, "'");
}

void bt_quote_words(char *const *words, char *buf, size_t len)
{
	struct line line = { .buf = buf, .len = len };
	char *const *word;

	buf[0] = 0;
	for (word = words; *word; word++) {
		if (word != words)
			put(&line, " ");
		if ((*word)[0] && !(*word)[strspn(*word, PLAIN)])
			put(&line, *word);
		else
			put_quoted(&line, *word);
	}
	if (line.full)
		memcpy(buf + (line.used < len - 4 ? line.used : len - 4), "...", 4);
}
