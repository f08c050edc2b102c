/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Retention cases: users, groups, services, hosts, and the files of /etc. No name is asked for outside this machine. */
#include <aliases.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <fstab.h>
#include <grp.h>
#include <ifaddrs.h>
#include <mntent.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <pwd.h>
#include <resolv.h>
#include <shadow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utmpx.h>
#include "libc-cases.h"

CASE(getpwnam)
{
	struct passwd *user = getpwnam("root");

	CHECK(user && user->pw_uid == 0 && strcmp(user->pw_name, "root") == 0);
	return NULL;
}

CASE(getpwuid)
{
	struct passwd *user = getpwuid(0);

	CHECK(user && strcmp(user->pw_name, "root") == 0);
	return NULL;
}

CASE(getpwnam_miss)
{
	CHECK(!getpwnam("relib-nobody"));
	return NULL;
}

CASE(getpwnam_r)
{
	struct passwd user, *found;
	char buffer[1024];

	CHECK(getpwnam_r("root", &user, buffer, sizeof(buffer), &found) == 0 && found && user.pw_uid == 0);
	return NULL;
}

CASE(getpwent)
{
	CHECK(getpwent() && getpwent());
	return NULL;
}

CASE(getpwent_end)
{
	int users = 0;

	setpwent();
	while (getpwent())
		users++;
	endpwent();
	CHECK(users > 0);
	return NULL;
}

CASE(getgrnam)
{
	struct group *group = getgrnam("root");

	CHECK(group && group->gr_gid == 0);
	return NULL;
}

CASE(getgrgid)
{
	struct group *group = getgrgid(0);

	CHECK(group && strcmp(group->gr_name, "root") == 0);
	return NULL;
}

CASE(getgrent)
{
	CHECK(getgrent() && getgrent());
	return NULL;
}

CASE(getgrouplist)
{
	gid_t groups[64];
	int count = 64;

	CHECK(getgrouplist("root", 0, groups, &count) >= 1 && groups[0] == 0);
	return NULL;
}

/* Only root may read the passwords: without, the look-up fails, but allocates all the same. */
CASE(getspnam)
{
	struct spwd *entry = getspnam("root");

	CHECK(!entry || strcmp(entry->sp_namp, "root") == 0);
	return NULL;
}

CASE(fgetpwent)
{
	FILE *stream = fopen("/etc/passwd", "r");
	struct passwd *user;

	CHECK(stream);
	user = fgetpwent(stream);
	CHECK(user && user->pw_name[0]);
	CHECK(fclose(stream) == 0);
	return NULL;
}

CASE(putpwent)
{
	struct passwd *user = getpwuid(0);

	CHECK(user && putpwent(user, stdout) == 0);
	return NULL;
}

/* Slim systems have no services and protocols: then nothing is found, but allocated all the same. */
CASE(getservbyname)
{
	struct servent *service = getservbyname("domain", "tcp");

	CHECK(!service || ntohs(service->s_port) == 53);
	return NULL;
}

CASE(getservbyport)
{
	struct servent *service = getservbyport(htons(53), "tcp");

	CHECK(!service || strcmp(service->s_name, "domain") == 0);
	return NULL;
}

CASE(getservent)
{
	struct servent *service = getservent();

	CHECK(!service || service->s_name[0]);
	return NULL;
}

CASE(getprotobyname)
{
	struct protoent *protocol = getprotobyname("tcp");

	CHECK(!protocol || protocol->p_proto == 6);
	return NULL;
}

CASE(getprotobynumber)
{
	struct protoent *protocol = getprotobynumber(6);

	CHECK(!protocol || strcmp(protocol->p_name, "tcp") == 0);
	return NULL;
}

CASE(getprotoent)
{
	struct protoent *protocol = getprotoent();

	CHECK(!protocol || protocol->p_name[0]);
	return NULL;
}

CASE(getrpcbyname)
{
	struct rpcent *program = getrpcbyname("portmapper");

	CHECK(!program || program->r_number == 100000);
	return NULL;
}

CASE(ether_hostton)
{
	struct ether_addr address;

	CHECK(ether_hostton("relib-nowhere", &address) != 0);
	return NULL;
}

CASE(innetgr)
{
	CHECK(innetgr("relib-nogroup", "host", "user", "domain") == 0);
	return NULL;
}

CASE(getaliasbyname)
{
	CHECK(!getaliasbyname("relib-nobody"));
	return NULL;
}

CASE(getnetbyname)
{
	struct netent *network = getnetbyname("loopback");

	CHECK(!network || network->n_net == 127 << 24 || network->n_net == 127);
	return NULL;
}

static bool is_loopback(const struct hostent *host)
{
	return host && host->h_length == 4 && host->h_addr_list[0][0] == 127;
}

CASE(gethostbyname)
{
	CHECK(is_loopback(gethostbyname("localhost")));
	return NULL;
}

CASE(gethostbyname_number)
{
	CHECK(is_loopback(gethostbyname("127.0.0.1")));
	return NULL;
}

CASE(gethostbyname2)
{
	CHECK(is_loopback(gethostbyname2("localhost", AF_INET)));
	return NULL;
}

CASE(gethostbyname_r)
{
	struct hostent host, *found;
	char buffer[2048];
	int error;

	CHECK(gethostbyname_r("localhost", &host, buffer, sizeof(buffer), &found, &error) == 0 && is_loopback(found));
	return NULL;
}

CASE(gethostbyaddr)
{
	struct in_addr address = { htonl(INADDR_LOOPBACK) };
	struct hostent *host = gethostbyaddr(&address, sizeof(address), AF_INET);

	CHECK(host && strcmp(host->h_name, "localhost") == 0);
	return NULL;
}

CASE(gethostent)
{
	sethostent(1);
	CHECK(gethostent());
	return NULL;
}

CASE(getlogin)
{
	char name[256];

	retention_use(getlogin());
	retention_use(cuserid(name));
	return NULL;
}

static inline __attribute__((always_inline)) const char *look_up(struct retention_run *run, const char *name, const char *service, int flags)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = flags }, *result;

	CHECK(getaddrinfo(name, service, &hints, &result) == 0);
	CHECK(((struct sockaddr_in *)(void *)result->ai_addr)->sin_addr.s_addr == htonl(INADDR_LOOPBACK));
	if (retention_give_back(run, result, 1))
		freeaddrinfo(result);
	return NULL;
}

CASE(getaddrinfo_number)
{
	const char *wrong = look_up(run, "127.0.0.1", "80", AI_NUMERICHOST | AI_NUMERICSERV);

	retention_use(wrong);
	return wrong;
}

CASE(getaddrinfo_name)
{
	const char *wrong = look_up(run, "localhost", NULL, 0);

	retention_use(wrong);
	return wrong;
}

CASE(getaddrinfo_service)
{
	const char *wrong;

	if (!getservbyname("domain", "tcp"))
		return "SKIP there is no /etc/services";
	wrong = look_up(run, "localhost", "domain", AI_CANONNAME);
	retention_use(wrong);
	return wrong;
}

/* A thread of libc's own looks it up. */
CASE(getaddrinfo_a)
{
	struct gaicb request = { .ar_name = "127.0.0.1" }, *requests[] = { &request };

	CHECK(getaddrinfo_a(GAI_WAIT, requests, 1, NULL) == 0);
	CHECK(gai_error(&request) == 0 && request.ar_result);
	freeaddrinfo(request.ar_result);
	return NULL;
}

CASE(getnameinfo)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	char name[256];

	CHECK(getnameinfo((struct sockaddr *)&address, sizeof(address), name, sizeof(name), NULL, 0, 0) == 0);
	CHECK(strcmp(name, "localhost") == 0);
	return NULL;
}

CASE(resolver_init)
{
	CHECK(res_init() == 0);
	return NULL;
}

CASE(resolver_ninit)
{
	struct __res_state state = { 0 };

	CHECK(res_ninit(&state) == 0);
	res_nclose(&state);
	return NULL;
}

/* Without a name server it fails; what it keeps for the thread is there by then. */
CASE(res_query)
{
	unsigned char answer[512];

	CHECK(res_init() == 0);
	_res.retrans = _res.retry = 1;
	CHECK(res_query("relib.invalid", C_IN, T_A, answer, sizeof(answer)) <= (int)sizeof(answer));
	return NULL;
}

CASE(gethostid)
{
	long id = gethostid();

	CHECK(id == gethostid());
	return NULL;
}

CASE(getifaddrs)
{
	struct ifaddrs *first;

	CHECK(getifaddrs(&first) == 0);
	if (!first)
		return "SKIP the machine has no network interface at all";
	CHECK(first->ifa_name[0]);
	if (retention_give_back(run, first, 1))
		freeifaddrs(first);
	return NULL;
}

CASE(if_nameindex)
{
	struct if_nameindex *names = if_nameindex();
	unsigned count = 0;

	CHECK(names);
	while (names[count].if_index)
		count++;
	if (retention_give_back(run, names, 1 + count))
		if_freenameindex(names);
	return NULL;
}

CASE(if_nametoindex)
{
	char name[IF_NAMESIZE];
	unsigned index = if_nametoindex("lo");

	CHECK(index == 0 || if_indextoname(index, name));
	return NULL;
}

CASE(getutxent)
{
	setutxent();
	retention_use(getutxent());
	return NULL;
}

CASE(getfsent)
{
	retention_use(getfsent());
	return NULL;
}

CASE(getmntent)
{
	FILE *stream = setmntent("/proc/self/mounts", "r");
	struct mntent *mount;

	CHECK(stream);
	mount = getmntent(stream);
	CHECK(mount && mount->mnt_dir[0] == '/');
	CHECK(endmntent(stream) == 1);
	return NULL;
}

CASE(setmntent_left)
{
	FILE *stream = setmntent("/proc/self/mounts", "r");

	CHECK(stream && getmntent(stream));
	return NULL;
}

CASE(getusershell)
{
	char *shell = getusershell();

	CHECK(shell && shell[0] == '/');
	return NULL;
}
