/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of specs: what `run` takes, stores and loads. */
//link: applets/tcrd/spec.c applets/tcrd/check.c applets/tcrd/check_mount.c applets/tcrd/check_net.c applets/tcrd/check_log.c applets/tcrd/signals.c applets/tcrd/init.c
#include "../../applets/tcrd/spec.h"
#include "base/mem.h"
#include "base/opt.h"
#include "client_stub.h"
#include "tap.h"

static struct client client = { .argv = (char *[]){ "run", NULL } };

/* What the daemon adds. */
static void complete(struct spec *s)
{
	if (!s->name)
		s->name = xstrdup("web");
	s->image_id = xstrdup("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	s->created = xstrdup("1700000000");
}

static int parse_args(struct spec *s, struct err *e, char *const *argv)
{
	*e = (struct err){ 0 };
	return spec_parse(s, argv, &client, e);
}

#define PARSE(s, e, ...) parse_args(s, e, (char *[]){ __VA_ARGS__, NULL })

/* The stored form of the arguments, in which a newline is a space. */
static void stores(char *const *argv, const char *want, const char *assertion)
{
	cleanup_sb struct strbuf sb = STRBUF_INIT;
	struct spec s;
	struct err e;

	if (parse_args(&s, &e, argv)) {
		is_str(e.text, want, assertion);
	} else {
		spec_store(&s, &sb);
		for (size_t i = 0; i < sb.len; i++)
			sb.buf[i] = sb.buf[i] == '\n' ? ' ' : sb.buf[i];
		is_str(sb.buf, want, assertion);
	}
	spec_free(&s);
}

#define STORES(want, assertion, ...) stores((char *[]){ __VA_ARGS__, NULL }, want, assertion)

static void test_options(void)
{
	STORES("img ", "an image is enough", "img");
	STORES("img ls -l ", "a command may have options", "img", "ls", "-l");
	STORES("--interactive=true --tty=true img ", "letters are joined", "-it", "img");
	STORES("--detach=true --rm=true img sh ", "a flag is stored", "-d", "--rm", "img", "sh");
	STORES("img ", "a flag that is off is not", "--rm=false", "img");
	STORES("--env=A=1 --env=B=2 img ", "variables keep their order", "-eA=1", "--env", "B=2",
		"img");
	STORES("--env=HERE=value = 1 img ", "a variable is taken from the client", "-e", "HERE",
		"-e", "GONE", "img");
	STORES("--name=web img ", "a name is stored", "--name=web", "img");
	STORES("--entrypoint= img ", "an empty entrypoint is kept", "--entrypoint", "", "img");
	STORES("--workdir=/a img ", "a path is stored in its normal form", "-w", "//a/.", "img");
	STORES("--volume=/:/x:rw --volume=/:/y:ro img ", "volumes are stored with their mode", "-v",
		"/:/x", "-v", "/:/y:ro", "img");
	STORES("--tmpfs=/x:size=1024 img ", "sizes are stored in bytes", "--tmpfs", "/x:1k", "img");
	STORES("--hostname=h --user=1:2 img ", "other words are stored as they are", "-u", "1:2",
		"-h", "h", "img");
	STORES("--stop-timeout=3 img ", "so is a time", "--stop-timeout=3", "img");
	STORES("img --rm ", "options end at the image", "img", "--rm");
	STORES("img -- x ", "a command may begin with --", "--", "img", "--", "x");
}

static void test_errors(void)
{
	STORES("an image is required; see 'tcr run --help'", "an image is needed", "-d");
	STORES("-p has no meaning with --network host", "-p goes with a network", "-p80",
		"--network", "host", "img");
	STORES("--ip has no meaning with --network none", "--ip goes with a network", "--ip",
		"10.1.2.3", "--no-network", "img");
	STORES("--dns has no meaning with --network container:a",
		"--dns goes with files of one's own", "--dns=::1", "--network", "container:a",
		"img");
	STORES("--network host goes with no other network", "host goes alone", "--network=a",
		"--network=host", "img");
	STORES("--network a is given twice", "a network is given once", "--network=a",
		"--network=a", "img");
	STORES("--network and --no-network exclude each other", "networks exclude each other",
		"--network", "none", "--no-network", "img");
	STORES("--rm and --restart=always exclude each other",
		"--rm and a policy exclude each other", "--rm", "--restart", "always", "img");
	STORES("--restart=no --rm=true img ", "but for the policy no", "--rm", "--restart", "no",
		"img");
	STORES("two mounts at /x", "two mounts at one place are refused", "-v", "/:/x", "--tmpfs",
		"/x", "img");
	STORES("--name is given twice", "an option is given once", "--name", "a", "--name", "b",
		"img");
	STORES("unknown flag: --image-id", "internal options are unknown to users", "--image-id=1",
		"img");
	STORES("unknown flag: --created", "so is the other one", "--created=1", "img");
	STORES("unknown flag: --privileged", "unknown ones are unknown", "--privileged", "img");
	STORES("flag needs an argument: --name", "an argument may be missing", "--name");
}

static void test_help(void)
{
	struct spec s;
	struct err e;

	is_int(PARSE(&s, &e, "-d", "--help", "--bad"), 1, "--help is seen");
	spec_free(&s);
}

/* Loads what S stores, and stores that: the texts are the same. Frees S. */
static bool round_trip(struct spec *s, struct err *e)
{
	cleanup_sb struct strbuf a = STRBUF_INIT, b = STRBUF_INIT;
	struct spec loaded;
	bool same = false;

	spec_store(s, &a);
	if (spec_load(&loaded, a.buf, e) == 0) {
		spec_store(&loaded, &b);
		same = !strcmp(a.buf, b.buf) && strv_len(s->command) == strv_len(loaded.command);
		for (size_t i = 0; same && i < strv_len(s->command); i++)
			same = !strcmp(s->command[i], loaded.command[i]);
		same = same && !strcmp(s->image, loaded.image) && s->detach == loaded.detach;
	}
	spec_free(&loaded);
	spec_free(s);
	return same;
}

static void survives(char *const *argv, const char *assertion)
{
	struct spec s;
	struct err e;
	int rc = parse_args(&s, &e, argv);

	if (rc) {
		/* Who is refused at once loses nothing later. */
		ok(e.exit_code, "%s", assertion);
		spec_free(&s);
		return;
	}
	complete(&s);
	if (!ok(round_trip(&s, &e), "%s", assertion))
		printf("# %s\n", e.text);
}

#define SURVIVES(assertion, ...) survives((char *[]){ __VA_ARGS__, NULL }, assertion)

static void test_round_trip(void)
{
	cleanup_free char *big = xcalloc(1, 1000001);

	memset(big, '\n', 1000000);
	SURVIVES("a spec with everything in it is loaded as it was stored", "-dit", "--name=a",
		"--read-only", "-eA=1", "-eB=", "-v/:/x", "--tmpfs=/y:1k", "--entrypoint=", "-w/",
		"-u1", "-hh", "--network=a", "--network=b", "--network-alias=c", "--ip=10.1.2.3",
		"--mac-address=02:00:00:00:00:01", "-p80", "-p127.0.0.1:8000-8009:80-89/udp", "-P",
		"--dns=1.2.3.4", "--dns=fe80::1", "--dns-search=example.org", "--add-host=x:::1",
		"--add-host=y:host-gateway", "--restart=on-failure:3", "--stop-timeout=-1", "img",
		"a", "b");
	SURVIVES("newlines survive", "-eA=1\n2\n", "--entrypoint=a\nb", "-w/x\n", "img", "a\n",
		"\n", "\n\n");
	SURVIVES("backslashes survive", "-eA=\\", "--entrypoint=\\n", "img", "\\", "\\\\", "\\n",
		"a\\", "\\\n");
	SURVIVES("empty arguments survive", "img", "", "", "x", "");
	SURVIVES("an argument of an empty command survives", "img", "");
	SURVIVES("arguments that look like options survive", "img", "--rm", "-x", "--", "-");
	SURVIVES("bytes that are no text survive", "-eA=\xff\x01", "img", "\x80", "\xc3");
	SURVIVES("a million newlines survive", "img", big);
	SURVIVES("an image that looks like an option is refused, or survives", "--", "-x");
	SURVIVES("so does one that looks like a long option", "--", "--rm", "x");
	SURVIVES("so does one that ends the options", "--", "--", "x");
	SURVIVES("so does one without a name", "--", "", "x");
}

static char *stored_text(void)
{
	struct strbuf sb = STRBUF_INIT;
	struct spec s;
	struct err e;

	if (PARSE(&s, &e, "-d", "-eA=1\n", "-v/:/x", "--name=web", "img", "sh", "-c", "echo \\ a"))
		bail_out(e.text);
	complete(&s);
	spec_store(&s, &sb);
	spec_free(&s);
	return sb.buf;
}

static int load(const char *text)
{
	struct spec s;
	struct err e = { 0 };
	int rc = spec_load(&s, text, &e);

	if (rc && (!e.exit_code || !*e.text))
		rc = -2;
	spec_free(&s);
	return rc;
}

static void test_damaged(void)
{
	cleanup_free char *text = stored_text();
	size_t len = strlen(text), image = strstr(text, "\nimg\n") + 1 - text;
	bool refused = true, said = true;

	is_int(load(text), 0, "a record is loaded");
	is_int(load(""), -1, "an empty one is refused");
	is_int(load("\n"), -1, "so is one with an empty line");
	is_int(load("img\n"), -1, "so is one without the daemon's own options");
	is_int(load("--image-id=1\n--created=1\nimg\n"), -1, "a name is needed");
	is_int(load("--name=a\n--created=1\nimg\n"), -1, "an image's id is needed");
	is_int(load("--name=a\n--image-id=1\nimg\n"), -1, "a time is needed");
	is_int(load("--name=a\n--image-id=1\n--created=1\n"), -1, "an image is needed");
	is_int(load("--name=a\n--image-id=1\n--created=1\n--help\nimg\n"), -1,
		"a record is no call for help");
	is_int(load("--name=a/b\n--image-id=1\n--created=1\nimg\n"), -1, "a wrong name is refused");
	for (size_t i = 0; i < len; i++) {
		cleanup_free char *cut = xstrndup(text, i);
		int rc = load(cut);

		/* At the end of a line behind the image there is no telling. */
		refused = refused && (rc == -1 || (rc == 0 && i > image && text[i - 1] == '\n'));
		said = said && rc != -2;
	}
	ok(refused,
		"a record that is cut at any byte is refused, but between arguments of the command");
	for (size_t i = 0; i < len; i++)
		for (int bit = 0; bit < 8; bit++) {
			text[i] ^= (char)(1 << bit);
			said = said && load(text) != -2;
			text[i] ^= (char)(1 << bit);
		}
	ok(said, "a flipped bit anywhere gives a spec, or an error");
}

static void test_timeout(void)
{
	struct spec s = { 0 };

	is_int(spec_stop_timeout_ms(&s), 10000, "a stop waits 10 s");
	s.stop_timeout = "-1";
	is_int(spec_stop_timeout_ms(&s), -1, "or for ever");
	s.stop_timeout = "0";
	is_int(spec_stop_timeout_ms(&s), 0, "or not at all");
	s.stop_timeout = "86400";
	is_int(spec_stop_timeout_ms(&s), 86400000, "or a day");
}

static void test_network_mode(void)
{
	char *networks[] = { NULL, NULL };
	struct spec s = { 0 };

	is_int(spec_network_mode(&s), NETWORK_BRIDGE, "a container is on a network");
	is_str(spec_networks(&s)[0], DEFAULT_NETWORK, "which is the default one");
	s.networks = networks;
	networks[0] = "backend";
	is_int(spec_network_mode(&s), NETWORK_BRIDGE, "or on one with a name");
	is_str(spec_networks(&s)[0], "backend", "which is that");
	networks[0] = "host";
	is_int(spec_network_mode(&s), NETWORK_HOST, "or on the host's");
	networks[0] = "none";
	is_int(spec_network_mode(&s), NETWORK_NONE, "or on none");
	networks[0] = "container:abc";
	is_int(spec_network_mode(&s), NETWORK_CONTAINER, "or on another container's");
	is_str(spec_peer(&s), "abc", "whose reference is known");
	s = (struct spec){ .no_network = true };
	is_int(spec_network_mode(&s), NETWORK_NONE, "--no-network is none, too");
}

int main(void)
{
	alarm(30);
	test_options();
	test_errors();
	test_help();
	test_round_trip();
	test_damaged();
	test_timeout();
	test_network_mode();
	return done_testing();
}
