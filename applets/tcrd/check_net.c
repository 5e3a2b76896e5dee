/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of the options that are about networks. */
//kbuild:obj-$(CONFIG_FEATURE_NETWORK) += check_net.o
#include <arpa/inet.h>
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "check.h"
#include "net/addr.h"
#include "net/portspec.h"
#include "spec.h"

enum { DOMAIN_MAX = 253 }; /* RFC 1035, 3.1, as text */

static char *invalid(struct err *e, const char *option, const char *value, const char *want)
{
	err_set(e, 0, "--%s \"%.70s\" is not valid: %s", option, value, want);
	return NULL;
}

char *check_ip(const char *value, void *ctx, struct err *e)
{
	uint32_t addr;

	(void)ctx;
	if (addr_parse(value, &addr) == 0 && addr)
		return xstrdup(value);
	return invalid(e, "ip", value, "an IPv4 address is required, such as 10.211.0.7");
}

char *check_mac(const char *value, void *ctx, struct err *e)
{
	uint8_t mac[MAC_LEN];
	char buf[MAC_SIZE];

	(void)ctx;
	if (mac_parse(value, mac) == 0)
		return xstrdup(mac_format(mac, buf));
	return invalid(e, "mac-address", value,
		"six bytes of one host are required, such as 02:00:5e:10:00:01");
}

char *check_alias(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	if (is_word(value, "_.-", CHECK_NAME_MAX))
		return xstrdup(value);
	err_set(e, 0,
		"the alias \"%.70s\" is not valid: [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most 63 characters",
		value);
	return NULL;
}

static bool is_address(const char *s)
{
	unsigned char buf[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, s, buf) == 1 || inet_pton(AF_INET6, s, buf) == 1;
}

char *check_dns(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	if (server_is_valid(value))
		return xstrdup(value);
	return invalid(e, "dns", value, "an IPv4 or IPv6 address is required");
}

char *check_dns_search(const char *value, void *ctx, struct err *e)
{
	(void)ctx;
	if (!strcmp(value, ".") || is_word(value, "_.-", DOMAIN_MAX))
		return xstrdup(value);
	return invalid(e, "dns-search", value, "a domain is required, or \".\" for none");
}

char *check_add_host(const char *value, void *ctx, struct err *e)
{
	size_t len = strcspn(value, ":=");
	cleanup_free char *name = xstrndup(value, len);
	const char *addr = value + len + (value[len] != '\0');

	(void)ctx;
	if (is_word(name, "_.-", DOMAIN_MAX) && (is_address(addr) || !strcmp(addr, "host-gateway")))
		return xasprintf("%s:%s", name, addr);
	return invalid(e, "add-host", value, "NAME:ADDRESS or NAME:host-gateway is required");
}

char *check_publish(const char *value, void *ctx, struct err *e)
{
	struct portspec p;
	char buf[PORTSPEC_SIZE];

	(void)ctx;
	return portspec_parse(value, &p, e) ? NULL : xstrdup(portspec_format(&p, buf));
}

/* What only a container with networks of its own can have. */
static const char *needs_bridge(const struct spec *s)
{
	return s->publish            ? "-p"
		: s->publish_all     ? "-P"
		: s->ip              ? "--ip"
		: s->mac_address     ? "--mac-address"
		: s->network_aliases ? "--network-alias"
				     : NULL;
}

/* The other container's files are its files, too. */
static const char *needs_files(const struct spec *s)
{
	return s->dns           ? "--dns"
		: s->dns_search ? "--dns-search"
		: s->add_hosts  ? "--add-host"
		: s->hostname   ? "--hostname"
				: NULL;
}

static bool is_special(const char *network)
{
	return !strcmp(network, "none") || !strcmp(network, "host") || strchr(network, ':');
}

static int check_list(char *const *networks, struct err *e)
{
	for (char *const *n = networks; *n; n++) {
		if (is_special(*n) && networks[1])
			return err_set(e, 0, "--network %s goes with no other network", *n);
		for (char *const *other = networks; other < n; other++)
			if (!strcmp(*other, *n))
				return err_set(e, 0, "--network %s is given twice", *n);
	}
	return 0;
}

int check_networks(const struct spec *s, struct err *e)
{
	enum network_mode mode = spec_network_mode(s);
	const char *mode_name = s->networks ? s->networks[0] : "none", *option;

	if (s->networks && check_list(s->networks, e))
		return -1;
	option = mode == NETWORK_BRIDGE ? NULL : needs_bridge(s);
	if (!option && mode == NETWORK_CONTAINER)
		option = needs_files(s);
	if (option)
		return err_set(e, 0, "%s has no meaning with --network %s", option, mode_name);
	return 0;
}
