// SPDX-License-Identifier: GPL-2.0-only
#include "cli/complete.h"

#include <stdio.h>
#include <string.h>

#include "cli/arrays.h"
#include "cli/commands.h"
#include "cli/option_table.h"
#include "cli/options.h"
#include "event/event_desc.h"
#include "hist/stage_set.h"

/* "--stage=unplug,pa": kept is "--stage=unplug,", begun is "pa". */
struct word {
	const char *text;
	int kept;
	const char *begun;
};

static void offer(const struct word *word, const char *name, const char *about)
{
	if (!strncmp(name, word->begun, strlen(word->begun)))
		printf("%.*s%s\t%s\n", word->kept, word->text, name, about);
}

static void keep(struct word *word, const char *last)
{
	if (!last)
		return;
	word->begun = last + 1;
	word->kept = (int)(last + 1 - word->text);
}

static int offer_array(void *word, const struct bt_array_info *info)
{
	offer(word, info->name, info->level);
	return 0;
}

static void offer_rules(const struct word *word)
{
	const struct bt_invariant *const *rule;

	for (rule = bt_invariants; *rule; rule++)
		offer(word, (*rule)->name, bt_severity_name((*rule)->severity));
}

static void offer_values(const struct bt_command *command, const struct bt_option *option,
			 struct word *word)
{
	unsigned int i;

	if (strchr(option->value, ','))
		keep(word, strrchr(word->begun, ','));
	if (!strcmp(option->value, "RULE"))
		offer_rules(word);
	else if (!strcmp(option->value, "ARRAY"))
		bt_arrays_each("/sys/block", offer_array, word);
	else if (!strcmp(option->value, "FORMAT"))
		for (i = BT_FORMAT_TEXT; i < BT_FORMATS; i++) {
			if (bt_format_allowed(command, (enum bt_format)i))
				offer(word, bt_format_name((enum bt_format)i), "");
		}
	else if (!strncmp(option->value, "STAGE", 5))
		for (i = 0; i < BT_STAGES; i++)
			offer(word, bt_stages[i].name, bt_stages[i].title);
	else if (!strncmp(option->value, "EVENT", 5))
		for (i = 1; i < BT_EVENT_TYPE_MAX; i++)
			if (bt_event_describe(i))
				offer(word, bt_event_type_name(i), "");
}

static void offer_options(const struct bt_command *command, const struct word *word)
{
	const struct bt_option *option;
	char name[64];

	for (option = bt_option_table; option->name; option++) {
		if (!bt_command_takes(command, option->letter))
			continue;
		snprintf(name, sizeof(name), "--%s", option->name);
		offer(word, name, option->help);
	}
}

/* "-f", "--format", "--format=json": the option, if it has a value; len: without "=json". */
static const struct bt_option *option_with_value(const struct bt_command *command, const char *text,
						 size_t len)
{
	const struct bt_option *option;

	for (option = bt_option_table; option->name; option++) {
		if (!option->value || !bt_command_takes(command, option->letter))
			continue;
		if (option->is_short && len == 2 && text[0] == '-' && text[1] == option->letter)
			return option;
		if (len == strlen(option->name) + 2 && !strncmp(text, "--", 2) &&
		    !strncmp(text + 2, option->name, len - 2))
			return option;
	}
	return NULL;
}

static void complete(const struct bt_command *command, const char *before, struct word *word)
{
	const struct bt_option *option = option_with_value(command, before, strlen(before));
	const char *equals = strchr(word->text, '=');

	if (!option && equals) {
		option = option_with_value(command, word->text, (size_t)(equals - word->text));
		keep(word, equals);
	}
	if (option)
		offer_values(command, option, word);
	else if (word->text[0] == '-')
		offer_options(command, word);
	else if (bt_command_takes(command, 'W'))
		offer_rules(word);
}

int bt_complete(int nr, char **words)
{
	struct word word = { .text = nr ? words[nr - 1] : "" };
	const struct bt_command *command;

	word.begun = word.text;
	if (nr > 1 && strcmp(words[0], "help")) {
		command = bt_command_find(words[0]);
		if (command)
			complete(command, words[nr - 2], &word);
		return BT_EXIT_PASS;
	}
	for (command = bt_commands; command->name; command++)
		offer(&word, command->name, command->summary);
	if (nr <= 1)
		offer(&word, "help", "what a subcommand does, and its options");
	return BT_EXIT_PASS;
}
