/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 routes: rtnetlink(7). */
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/link.h"

struct routes {
	struct route *v;
	size_t n;
};

static void read_attr(struct route *route, const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case RTA_DST:
		route->dst.base = ntohl(nl_get_u32(attr));
		break;
	case RTA_OIF:
		route->oif = nl_get_u32(attr);
		break;
	case RTA_PRIORITY:
		route->priority = nl_get_u32(attr);
		break;
	case RTA_TABLE:
		route->table = nl_get_u32(attr);
		break;
	}
}

static int read_routes(const struct nlmsghdr *msg, void *arg)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(msg);
	struct routes *routes = arg;
	struct route route = { .table = 0 };
	const struct nlattr *attr;

	if (msg->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(msg) < sizeof(*info) ||
		info->rtm_family != AF_INET)
		return MNL_CB_OK;
	route.dst.prefix = info->rtm_dst_len;
	route.table = info->rtm_table;
	mnl_attr_for_each (attr, msg, sizeof(*info))
		read_attr(&route, attr);
	if (route.table == RT_TABLE_LOCAL)
		return MNL_CB_OK;
	if (info->rtm_type != RTN_UNICAST)
		route.oif = 0;
	routes->v = xrealloc(routes->v, (routes->n + 1) * sizeof(*routes->v));
	routes->v[routes->n++] = route;
	return MNL_CB_OK;
}

static void forget_routes(void *arg)
{
	((struct routes *)arg)->n = 0;
}

int route_each(struct nl *nl, int (*fn)(const struct route *route, void *arg, struct err *e),
	void *arg, struct err *e)
{
	struct nl_buf buf;
	struct nlmsghdr *msg = nl_begin(nl, &buf, RTM_GETROUTE, NLM_F_DUMP);
	struct rtmsg *info = mnl_nlmsg_put_extra_header(msg, sizeof(*info));
	struct routes routes = { .n = 0 };
	int ret;

	info->rtm_family = AF_INET;
	ret = nl_dump(nl, msg, read_routes, forget_routes, &routes, e);
	if (ret < 0)
		err_prefix(e, "list the routes");
	for (size_t i = 0; ret == 0 && i < routes.n; i++)
		ret = fn(&routes.v[i], arg, e);
	free(routes.v);
	return ret;
}

int route_add_default(struct nl *nl, uint32_t gateway, struct err *e)
{
	struct nl_buf buf;
	char text[ADDR_SIZE];
	struct nlmsghdr *msg = nl_begin(nl, &buf, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
	struct rtmsg *info = mnl_nlmsg_put_extra_header(msg, sizeof(*info));

	*info = (struct rtmsg){
		.rtm_family = AF_INET,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};
	nl_put_u32(msg, RTA_GATEWAY, htonl(gateway));
	return nl_talk(nl, msg, e, "add the default route through %s", addr_format(gateway, text)) <
			0
		? -1
		: 0;
}

/* A callback of route_each(): ARG is the best route so far. */
static int prefer(const struct route *route, void *arg, struct err *e)
{
	struct route *best = arg;

	(void)e;
	/* Other tables are for some traffic only: a VPN's, a source address's. */
	if (route->dst.prefix == 0 && route->oif && route->table == RT_TABLE_MAIN &&
		(!best->oif || route->priority < best->priority))
		*best = *route;
	return 0;
}

int route_uplink(struct nl *nl, struct link *link, struct err *e)
{
	struct route best = { .oif = 0 };

	if (route_each(nl, prefer, &best, e) < 0)
		return -1;
	return link_find_index(nl, best.oif, link, e);
}
