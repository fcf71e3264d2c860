// SPDX-License-Identifier: GPL-2.0-only
#include "timeline/html.h"

static const char style[] =
	":root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--faint:#6a737d;--line:#d0d7de;"
	"--bad:#cf222e;--bad-area:#cf222e26;--dirty:#d4a72c;--flight:#54aeff;--durable:#4ac26b;"
	"--clear:#eaeef2;--data:#8250df}"
	"@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--faint:#8b949e;"
	"--line:#30363d;--bad:#ff7b72;--bad-area:#ff7b7233;--dirty:#bb8009;--flight:#1f6feb;"
	"--durable:#238636;--clear:#21262d;--data:#a371f7}}"
	"body{background:var(--bg);color:var(--fg);font:15px/1.5 "
	"system-ui,sans-serif;max-width:70rem;"
	"margin:2rem auto;padding:0 "
	"1rem}h1{font-size:1.4rem}h2{font-size:1.15rem;margin-top:2.5rem}"
	"svg{width:100%;height:auto;display:block;margin:.7rem 0}svg text{fill:var(--fg);"
	"font:12px system-ui,sans-serif}svg .faint{fill:var(--faint)}svg .bad{fill:var(--bad)}"
	".line{stroke:var(--line)}.area{fill:var(--bad-area)}.clear{fill:var(--clear)}"
	".dirty{fill:var(--dirty)}.flight{fill:var(--flight)}.durable{fill:var(--durable)}"
	".data{fill:var(--data)}.mark{fill:var(--bg);stroke:var(--fg);stroke-width:1.5}"
	".offence{fill:var(--bad);stroke:var(--bad)}svg .on-bad{fill:var(--bg)}"
	"table{border-collapse:collapse;font-size:.9rem}td,th{padding:.15rem .7rem .15rem 0;"
	"text-align:left;vertical-align:top}tr.bad td{color:var(--bad);font-weight:600}"
	"dt{font-weight:600;float:left;clear:left;width:7rem}dd{margin-left:7.5rem}"
	"pre{font-size:.8rem;overflow-x:auto;color:var(--faint)}"
	".key{display:inline-block;width:.9em;height:.9em;margin:0 .3em 0 1em}";

void bt_html_begin(FILE *out, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
	      "<meta name=\"viewport\" content=\"width=device-width\"/><title>",
	      out);
	bt_html_text(out, title);
	fprintf(out, "</title><style>%s</style></head><body>\n<h1>", style);
	bt_html_text(out, title);
	fputs("</h1>\n", out);
}

void bt_html_end(FILE *out)
{
	fputs("</body></html>\n", out);
}

void bt_html_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else if (*text < ' ' || *text > '~')
			fputc('?', out);
		else
			fputc(*text, out);
	}
}
