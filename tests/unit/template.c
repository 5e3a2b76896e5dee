/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of json/template, docker's --format, and of JSON for people. */
#include "base/mem.h"
#include "json/json.h"
#include "json/template.h"
#include "tap.h"

static const char json[] =
	"{\"Name\":\"/web\",\"State\":{\"Status\":\"running\",\"Pid\":12,\"Dead\":false,\"Up\":true},"
	"\"Args\":[\"-c\",\"a \\\"b\\\"\"],\"None\":null,\"Empty\":\"\",\"No\":[],\"Nothing\":{},"
	"\"Labels\":{\"a.b\":\"dot\",\"a\":\"1\",\"x-y\":\"2\",\"s p\":\"3\",\"b\\u002fc\":\"4\"},"
	"\"Mounts\":[{\"Source\":\"/one\",\"RW\":true},{\"Source\":\"/two\",\"RW\":false}],"
	"\"Deep\":[[1,2],[3,[4.5e1]]]}";

static const struct {
	const char *template, *text;
} good[] = {
	{ "", "" },
	{ "plain } text {", "plain } text {" },
	{ "{{.Name}}", "/web" },
	{ "{{ .Name }}", "/web" },
	{ "{{.State.Status}}", "running" },
	{ "{{.Name}} is {{.State.Status}}, {{.State.Pid}}!", "/web is running, 12!" },
	{ "{{.Name}}\\t{{.State.Pid}}\\n", "/web\t12\n" },
	{ "{{.State.Dead}}{{.State.Up}}", "falsetrue" },
	{ "{{.None}}", "<no value>" },
	{ "<{{.Empty}}>", "<>" },
	{ "{{json .Name}}", "\"/web\"" },
	{ "{{json .State.Pid}}", "12" },
	{ "{{json .Args}}", "[\"-c\",\"a \\\"b\\\"\"]" },
	{ "{{ json  .Labels.a }}", "\"1\"" },
	{ "{{json .None}}", "null" },
	{ "{{json .Empty}}", "\"\"" },
	{ "{{json .Mounts.1}}", "{\"Source\":\"/two\",\"RW\":false}" },
	{ "{{json .}}", json },
	{ "{{.Args}}", "[-c a \"b\"]" },
	{ "{{.No}}{{.Nothing}}", "[]map[]" },
	{ "{{.Mounts}}", "[map[Source:/one RW:true] map[Source:/two RW:false]]" },
	{ "{{.Deep}}", "[[1 2] [3 [4.5e1]]]" },
	{ "{{.Mounts.0.Source}} {{.Mounts.1.Source}}", "/one /two" },
	{ "{{.Deep.1.1.0}}", "4.5e1" },
	{ "{{.Labels.x-y}}", "2" },
	{ "{{index .Labels \"a.b\"}}", "dot" },
	{ "{{index .Labels \"s p\"}}", "3" },
	{ "{{index .Labels `b/c`}}", "4" },
	{ "[{{index .Labels \"nope\"}}]", "[]" },
	{ "{{index .Args 1}}", "a \"b\"" },
	{ "{{index .Deep 1 1 0}}", "4.5e1" },
	{ "{{index . \"Name\"}}", "/web" },
	{ "{{.Labels.nope}}", "<no value>" },
	{ "{{json .Labels.nope}}", "null" },
};

static const struct {
	const char *template, *error;
} wrong[] = {
	{ "{{", "not known" },
	{ "{{}}", "not known" },
	{ "{{.Name", "not known" },
	{ "{{.Name}", "not known" },
	{ "{{Name}}", "not known" },
	{ "{{..Name}}", "not known" },
	{ "{{.Name.}}", "not known" },
	{ "{{.Name .State}}", "not known" },
	{ "{{- .Name}}", "not known" },
	{ "{{range .Mounts}}{{.Source}}{{end}}", "range .Mounts" },
	{ "{{if .Name}}x{{end}}", "not known" },
	{ "{{.Name | json}}", "not known" },
	{ "{{jsonx .Name}}", "not known" },
	{ "{{json}}", "not known" },
	{ "{{index .Labels \"a}}", "not known" },
	{ "{{index .Labels \"}}", "not known" },
	{ "{{index .Labels \"", "not known" },
	{ "{{index .Labels a}}", "not known" },
	{ "{{index .Labels \"\"}}", "not known" },
	{ "{{.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a}}", "not known" },
};

static const struct {
	const char *template, *error;
} missing[] = {
	{ "{{.Nope}}", "no \".Nope\"" },
	{ "{{.State.Nope}}", "no \".State.Nope\"" },
	{ "{{.Name.Nope}}", "no \".Name.Nope\"" },
	{ "{{.State.Pid.Nope}}", "no \".State.Pid.Nope\"" },
	{ "{{.name}}", "no \".name\"" },
	{ "{{.Mounts.2}}", "no \".Mounts.2\"" },
	{ "{{.Mounts.2.Source}}", "no \".Mounts.2.Source\"" },
	{ "{{.Mounts.Source}}", "no \".Mounts.Source\"" },
	{ "{{json .Mounts.2}}", "no \".Mounts.2\"" },
	{ "{{.No.0}}", "no \".No.0\"" },
	{ "{{.Mounts.99999999999999999999}}", "no \".Mounts" },
	{ "{{.None.x}}", "no \".None.x\"" },
	{ "{{index .Nope \"x\"}}", "no \".Nope.x\"" },
	{ "{{.Labels.nope.x}}", "no \".Labels.nope.x\"" },
};

static void test_expand(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		cleanup_sb struct strbuf sb = STRBUF_INIT;
		struct err e = { 0 };

		ok(template_check(good[i].template, &e) == 0, "\"%s\" is a template: %s",
			good[i].template, e.text);
		template_expand(good[i].template, json, strlen(json), &sb, &e);
		is_str(sb_str(&sb), good[i].text, good[i].template);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct err e = { 0 };

		ok(template_check(wrong[i].template, &e) < 0, "\"%s\" is none", wrong[i].template);
		has_str(e.text, wrong[i].error, wrong[i].template);
	}
	for (size_t i = 0; i < ARRAY_SIZE(missing); i++) {
		cleanup_sb struct strbuf sb = STRBUF_INIT;
		struct err e = { 0 };

		ok(template_expand(missing[i].template, json, strlen(json), &sb, &e) < 0,
			"\"%s\" is not there", missing[i].template);
		has_str(e.text, missing[i].error, missing[i].template);
	}
}

static void test_indent(void)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "[]", "[]" },
		{ "{}", "{}" },
		{ "1", "1" },
		{ "{\"a\":1}", "{\n    \"a\": 1\n}" },
		{ "[{\"a\":[1,{}],\"b\":[]}]",
			"[\n    {\n        \"a\": [\n            1,\n            {}\n        ],\n"
			"        \"b\": []\n    }\n]" },
		{ "\"a{[,:\\\"}]\"", "\"a{[,:\\\"}]\"" },
		{ "[\"\\\\\",\"]\"]", "[\n    \"\\\\\",\n    \"]\"\n]" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_sb struct strbuf sb = STRBUF_INIT;

		json_indent(rows[i].text, &sb);
		is_str(sb_str(&sb), rows[i].want, rows[i].text);
	}
}

int main(void)
{
	test_expand();
	test_indent();
	return done_testing();
}
