/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of image/sha256: the examples of FIPS 180 and sha256sum(1) as the judges. */
#include <unistd.h>

#include "base/strbuf.h"
#include "image/sha256.h"
#include "tap.h"

enum {
	FILES = 200,
	MAX_SIZE = 100000,
};

static void hex_of(const void *data, size_t len, size_t piece, char hex[SHA256_HEX_SIZE])
{
	uint8_t digest[SHA256_SIZE];
	struct sha256 s;

	sha256_init(&s);
	for (size_t at = 0; at < len; at += piece)
		sha256_update(&s, (const char *)data + at, len - at < piece ? len - at : piece);
	sha256_final(&s, digest);
	sha256_hex(digest, hex);
}

static const struct {
	const char *name, *text, *hex;
} vectors[] = {
	{ "the empty message", "",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "one block", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "448 bits, so that the length needs a block of its own",
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "896 bits, two blocks",
		"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopq"
		"klmnopqrlmnopqrsmnopqrstnopqrstu",
		"cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
};

static void test_vectors(void)
{
	char hex[SHA256_HEX_SIZE], *million = malloc(1000000);

	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		hex_of(vectors[i].text, strlen(vectors[i].text), 1000, hex);
		is_str(hex, vectors[i].hex, vectors[i].name);
	}
	memset(million, 'a', 1000000);
	hex_of(million, 1000000, 1000000, hex);
	is_str(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
		"a million letters at once");
	hex_of(million, 1000000, 997, hex);
	is_str(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
		"a million letters in pieces");
	free(million);
}

/* Every way to cut 200 bytes into two, and into equal pieces. */
static void test_pieces(void)
{
	uint8_t data[200], digest[SHA256_SIZE];
	char want[SHA256_HEX_SIZE], hex[SHA256_HEX_SIZE];
	struct sha256 s;
	int wrong = 0;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	hex_of(data, sizeof(data), sizeof(data), want);
	for (size_t cut = 0; cut <= sizeof(data); cut++) {
		sha256_init(&s);
		sha256_update(&s, data, cut);
		sha256_update(&s, data + cut, sizeof(data) - cut);
		sha256_final(&s, digest);
		sha256_hex(digest, hex);
		wrong += strcmp(hex, want) != 0;
		hex_of(data, sizeof(data), cut + 1, hex);
		wrong += strcmp(hex, want) != 0;
	}
	is_int(wrong, 0, "the digest does not depend on how the message is cut");
}

static void write_file(const char *path, const char *data, size_t len)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(data, 1, len, f) != len || fclose(f) != 0)
		bail_out("cannot write a file");
}

/* All lengths up to 150, so around the ends of blocks; then random ones. */
static void test_sha256sum(void)
{
	char dir[] = "/tmp/sha256.XXXXXX", path[60], line[200], hex[SHA256_HEX_SIZE];
	char *data = malloc(MAX_SIZE);
	int same = 0;
	FILE *sum;

	if (!mkdtemp(dir))
		bail_out("cannot make a directory in /tmp");
	srandom(1);
	for (int i = 0; i < MAX_SIZE; i++)
		data[i] = (char)random();
	struct strbuf want = STRBUF_INIT;
	for (int i = 0; i < FILES; i++) {
		size_t len = i < 150 ? (size_t)i : (size_t)random() % MAX_SIZE;

		snprintf(path, sizeof(path), "%s/%03d", dir, i);
		write_file(path, data, len);
		hex_of(data, len, 4096, hex);
		sb_adds(&want, hex);
	}
	snprintf(line, sizeof(line), "sha256sum %s/*; rm -r %s", dir, dir);
	sum = popen(line, "r");
	for (int i = 0; sum && i < FILES && fgets(line, sizeof(line), sum); i++)
		same += strncmp(line, want.buf + (size_t)i * 64, 64) == 0;
	if (sum)
		pclose(sum);
	is_int(same, FILES, "sha256sum gives the same digests");
	sb_free(&want);
	free(data);
}

int main(void)
{
	test_vectors();
	test_pieces();
	test_sha256sum();
	return done_testing();
}
