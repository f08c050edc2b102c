/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* How real_host uses libraries of the system: what they start, answer and leave. */
#include "real_host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Longer than anything takes; it is waited for no longer than it needs. */
#define PATIENCE_MS 30000

static int connect_to(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	MUST(fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof address));
	return fd;
}

static int port_of(int fd)
{
	struct sockaddr_in address;
	socklen_t size = sizeof address;

	MUST(!getsockname(fd, (struct sockaddr *)&address, &size));
	return ntohs(address.sin_port);
}

/* Asks a server for a page, and lets it `work` until it has answered; the server may be a thread. */
static void ask(int port, void (*work)(void))
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
	char answer[2000];
	size_t length = 0;
	int fd = connect_to(port);

	MUST(write(fd, request, sizeof request - 1) == sizeof request - 1);
	do {
		struct pollfd one = { .fd = fd, .events = POLLIN };
		ssize_t got;

		for (int i = 0; work && i < PATIENCE_MS && !poll(&one, 1, 1); i++)
			work();
		MUST(length < sizeof answer - 1 && (got = read(fd, answer + length, sizeof answer - 1 - length)) > 0);
		length += (size_t)got;
		answer[length] = '\0';
	} while (!strstr(answer, "hello"));
	close(fd);
}

/* -- libmicrohttpd: one server with threads of its own, and one without, left with an open connection */

static void *http_threaded, *http_plain;
static int http_port, http_plain_port, http_client;

static int http_answer(void *closure, void *connection, const char *url, const char *method, const char *version,
		       const char *data, size_t *size, void **state)
{
	void *response = CALL(void *, MHD_create_response_from_buffer, (size_t, void *, int), 5, (void *)"hello", 0);
	int result = CALL(int, MHD_queue_response, (void *, unsigned, void *), connection, 200, response);

	(void)closure, (void)url, (void)method, (void)version, (void)data, (void)size, (void)state;
	DO(MHD_destroy_response, (void *), response);
	return result;
}

static void *http_server(unsigned flags, int *port)
{
	/* Epoll and a descriptor for wakeups; any free port; end of the options. */
	void *server = CALL(void *, MHD_start_daemon, (unsigned, uint16_t, void *, void *, void *, void *, ...), flags | 512 | 1024, 0,
			    NULL, NULL, (void *)http_answer, NULL, 0);
	const int *listens;

	MUST(server);
	listens = CALL(const int *, MHD_get_daemon_info, (void *, int, ...), server, 2);
	MUST(listens);
	*port = port_of(*listens);
	return server;
}

static void http_work(void)
{
	MUST(CALL(int, MHD_run, (void *), http_plain));
}

static void http_start(void)
{
	http_threaded = http_server(8, &http_port);
	http_plain = http_server(0, &http_plain_port);
}

static void http_use(void)
{
	ask(http_port, NULL);
	ask(http_plain_port, http_work);
}

static void http_stop(void)
{
	DO(MHD_stop_daemon, (void *), http_threaded);
	/* Half a request: the connection stays. */
	http_client = connect_to(http_plain_port);
	MUST(write(http_client, "GET", 3) == 3);
	for (int i = 0; i < 10; i++)
		http_work();
	close(http_client);
}

/* -- ZeroMQ: two sockets with threads between them; a context, timers and messages are left */

static void *mq_context, *mq_server, *mq_client;

static void mq_start(void)
{
	char endpoint[200];
	size_t size = sizeof endpoint;

	MUST((mq_context = CALL(void *, zmq_ctx_new, (void))) != NULL);
	MUST((mq_server = CALL(void *, zmq_socket, (void *, int), mq_context, 4)) != NULL);
	MUST((mq_client = CALL(void *, zmq_socket, (void *, int), mq_context, 3)) != NULL);
	MUST(!CALL(int, zmq_bind, (void *, const char *), mq_server, "tcp://127.0.0.1:*"));
	MUST(!CALL(int, zmq_getsockopt, (void *, int, void *, size_t *), mq_server, 32, endpoint, &size));
	MUST(!CALL(int, zmq_connect, (void *, const char *), mq_client, endpoint));
}

static void mq_pass(void *from, void *to, const char *text)
{
	char got[20] = "";

	MUST(CALL(int, zmq_send, (void *, const void *, size_t, int), from, text, 6, 0) == 6);
	MUST(CALL(int, zmq_recv, (void *, void *, size_t, int), to, got, sizeof got, 0) == 6);
	MUST(!strcmp(got, text));
}

static void mq_use(void)
{
	mq_pass(mq_client, mq_server, "hello");
	mq_pass(mq_server, mq_client, "there");
}

static void mq_stop(void)
{
	static char message[64] __attribute__((aligned(8)));

	MUST(!CALL(int, zmq_close, (void *), mq_client) && !CALL(int, zmq_close, (void *), mq_server));
	MUST(!CALL(int, zmq_ctx_term, (void *), mq_context));
	MUST(CALL(void *, zmq_ctx_new, (void)) != NULL);
	MUST(CALL(void *, zmq_timers_new, (void)) != NULL);
	MUST(!CALL(int, zmq_msg_init_size, (void *, size_t), message, 100000));
}

/* -- libuv: a loop with everything in it, and the pool of threads that opened a file */

enum { UV_ASYNC = 1, UV_FS_EVENT = 3, UV_TCP = 12, UV_TIMER = 13, UV_SIGNAL = 16, UV_FS = 6 };
static char uv_loop[4096] __attribute__((aligned(16))), uv_handles[20][1024] __attribute__((aligned(16)));
static char uv_request[1024] __attribute__((aligned(16)));
static int uv_timers, uv_signals, uv_opened, uv_connections;

static void uv_on_timer(void *handle) { (void)handle; uv_timers++; }
static void uv_on_signal(void *handle, int signal) { (void)handle, (void)signal; uv_signals++; }
static void uv_on_open(void *request) { (void)request; uv_opened++; }
static void uv_on_connection(void *server, int status) { (void)server; uv_connections += !status; }
static void uv_on_change(void *handle, const char *name, int events, int status)
{
	(void)handle, (void)name, (void)events, (void)status;
}

static void uv_work_until(const int *counter, int wanted)
{
	for (int i = 0; *counter < wanted && i < PATIENCE_MS; i++)
		DO(uv_run, (void *, int), uv_loop, 1);
	MUST(*counter >= wanted);
}

static int uv_port;

static void uv_start(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd;

	uv_timers = uv_signals = uv_opened = uv_connections = 0;
	MUST(CALL(size_t, uv_loop_size, (void)) <= sizeof uv_loop && CALL(size_t, uv_handle_size, (int), UV_TCP) <= sizeof *uv_handles);
	MUST(CALL(size_t, uv_req_size, (int), UV_FS) <= sizeof uv_request);
	MUST(!CALL(int, uv_loop_init, (void *), uv_loop));
	MUST(!CALL(int, uv_timer_init, (void *, void *), uv_loop, uv_handles[UV_TIMER]));
	MUST(!CALL(int, uv_timer_start, (void *, void *, uint64_t, uint64_t), uv_handles[UV_TIMER], (void *)uv_on_timer, 1, 1));
	MUST(!CALL(int, uv_signal_init, (void *, void *), uv_loop, uv_handles[UV_SIGNAL]));
	MUST(!CALL(int, uv_signal_start, (void *, void *, int), uv_handles[UV_SIGNAL], (void *)uv_on_signal, SIGUSR1));
	MUST(!CALL(int, uv_fs_event_init, (void *, void *), uv_loop, uv_handles[UV_FS_EVENT]));
	MUST(!CALL(int, uv_fs_event_start, (void *, void *, const char *, unsigned), uv_handles[UV_FS_EVENT], (void *)uv_on_change, ".", 0));
	MUST(!CALL(int, uv_tcp_init, (void *, void *), uv_loop, uv_handles[UV_TCP]));
	MUST(!CALL(int, uv_tcp_bind, (void *, void *, unsigned), uv_handles[UV_TCP], &address, 0));
	MUST(!CALL(int, uv_listen, (void *, int, void *), uv_handles[UV_TCP], 10, (void *)uv_on_connection));
	MUST(!CALL(int, uv_fileno, (const void *, int *), uv_handles[UV_TCP], &fd));
	uv_port = port_of(fd);
	MUST(!CALL(int, uv_fs_open, (void *, void *, const char *, int, int, void *), uv_loop, uv_request, "left", O_CREAT | O_WRONLY, 0600,
		   (void *)uv_on_open));
	uv_work_until(&uv_opened, 1);
}

static void uv_use(void)
{
	uv_work_until(&uv_timers, uv_timers + 2);
	MUST(!raise(SIGUSR1));
	uv_work_until(&uv_signals, uv_signals + 1);
	if (!uv_connections) {
		close(connect_to(uv_port));
		uv_work_until(&uv_connections, 1);
	}
}

static void uv_stop(void)
{
	DO(uv_library_shutdown, (void));
}

/* -- librdkafka: a producer, and a broker of its own to talk to */

static void *kafka;
static int kafka_ticks;

static int kafka_on_statistics(void *producer, char *text, size_t length, void *closure)
{
	(void)producer, (void)text, (void)length, (void)closure;
	kafka_ticks++;
	return 0;
}

static void kafka_set(void *configuration, const char *name, const char *value)
{
	char wrong[200];

	MUST(!CALL(int, rd_kafka_conf_set, (void *, const char *, const char *, char *, size_t), configuration, name, value, wrong, sizeof wrong));
}

static void kafka_start(void)
{
	char wrong[200];
	void *configuration = CALL(void *, rd_kafka_conf_new, (void));

	kafka_ticks = 0;
	kafka_set(configuration, "test.mock.num.brokers", "1");
	kafka_set(configuration, "statistics.interval.ms", "5");
	kafka_set(configuration, "log_level", "0");
	DO(rd_kafka_conf_set_stats_cb, (void *, void *), configuration, (void *)kafka_on_statistics);
	kafka = CALL(void *, rd_kafka_new, (int, void *, char *, size_t), 0, configuration, wrong, sizeof wrong);
	MUST(kafka);
}

static void kafka_use(void)
{
	void *topic = CALL(void *, rd_kafka_topic_new, (void *, const char *, void *), kafka, "topic", NULL);
	int ticks = kafka_ticks;

	MUST(topic);
	MUST(!CALL(int, rd_kafka_produce, (void *, int32_t, int, void *, size_t, const void *, size_t, void *), topic, -1, 2, (void *)"hello", 5,
		   NULL, 0, NULL));
	MUST(!CALL(int, rd_kafka_flush, (void *, int), kafka, PATIENCE_MS));
	DO(rd_kafka_topic_destroy, (void *), topic);
	for (int i = 0; kafka_ticks == ticks && i < PATIENCE_MS; i++)
		CALL(int, rd_kafka_poll, (void *, int), kafka, 1);
	MUST(kafka_ticks > ticks);
}

static void kafka_stop(void)
{
	DO(rd_kafka_destroy, (void *), kafka);
	MUST(CALL(void *, rd_kafka_conf_new, (void)) != NULL);
}

/* -- libevent: a server, timers and a signal, all left */

static void *ev_base, *ev_server;
static int ev_ticks, ev_signals, ev_port;

static void ev_on_tick(int fd, short what, void *closure) { (void)fd, (void)what, (void)closure; ev_ticks++; }
static void ev_on_signal(int fd, short what, void *closure) { (void)fd, (void)what, (void)closure; ev_signals++; }

static void ev_on_request(void *request, void *closure)
{
	void *buffer = CALL(void *, evbuffer_new, (void));

	(void)closure;
	MUST(CALL(int, evbuffer_add, (void *, const void *, size_t), buffer, "hello", 5) == 0);
	DO(evhttp_send_reply, (void *, int, const char *, void *), request, 200, "OK", buffer);
	DO(evbuffer_free, (void *), buffer);
}

static void ev_work(void)
{
	MUST(CALL(int, event_base_loop, (void *, int), ev_base, 2) >= 0);
}

static void ev_start(void)
{
	void *configuration = CALL(void *, event_config_new, (void)), *event, *socket;
	struct timeval interval = { 0, 1000 };

	ev_ticks = ev_signals = 0;
	/* Precise timers are a descriptor. */
	MUST(!CALL(int, event_config_set_flag, (void *, int), configuration, 0x20));
	MUST((ev_base = CALL(void *, event_base_new_with_config, (void *), configuration)) != NULL);
	DO(event_config_free, (void *), configuration);
	event = CALL(void *, event_new, (void *, int, short, void *, void *), ev_base, -1, 0x10, (void *)ev_on_tick, NULL);
	MUST(event && !CALL(int, event_add, (void *, void *), event, &interval));
	event = CALL(void *, event_new, (void *, int, short, void *, void *), ev_base, SIGUSR1, 0x18, (void *)ev_on_signal, NULL);
	MUST(event && !CALL(int, event_add, (void *, void *), event, NULL));
	MUST((ev_server = CALL(void *, evhttp_new, (void *), ev_base)) != NULL);
	DO(evhttp_set_gencb, (void *, void *, void *), ev_server, (void *)ev_on_request, NULL);
	socket = CALL(void *, evhttp_bind_socket_with_handle, (void *, const char *, unsigned short), ev_server, "127.0.0.1", 0);
	MUST(socket);
	ev_port = port_of(CALL(int, evhttp_bound_socket_get_fd, (void *), socket));
}

static void ev_work_until(const int *counter, int wanted)
{
	for (int i = 0; *counter < wanted && i < PATIENCE_MS; i++)
		MUST(CALL(int, event_base_loop, (void *, int), ev_base, 1) >= 0);
	MUST(*counter >= wanted);
}

static void ev_use(void)
{
	ask(ev_port, ev_work);
	ev_work_until(&ev_ticks, ev_ticks + 2);
	MUST(!raise(SIGUSR1));
	ev_work_until(&ev_signals, ev_signals + 1);
}

static void ev_stop(void)
{
}

/* -- libgomp: its threads stay until they are told to go */

static int omp_count;

static void omp_body(void *closure)
{
	(void)closure;
	__atomic_add_fetch(&omp_count, 1, __ATOMIC_RELAXED);
}

static void omp_start(void)
{
	MUST(CALL(int, omp_get_max_threads, (void)) > 0);
}

static void omp_use(void)
{
	omp_count = 0;
	DO(GOMP_parallel, (void *, void *, unsigned, unsigned), (void *)omp_body, NULL, 4, 0);
	MUST(omp_count == 4);
}

static void omp_stop(void)
{
	MUST(!CALL(int, omp_pause_resource_all, (int), 2));
}

const struct real_library real_libraries[] = {
	{ "microhttpd", "libmicrohttpd.so.12", http_start, http_use, http_stop, true },
	{ "zmq", "libzmq.so.5", mq_start, mq_use, mq_stop, true },
	{ "uv", "libuv.so.1", uv_start, uv_use, uv_stop, true },
	{ "rdkafka", "librdkafka.so.1", kafka_start, kafka_use, kafka_stop, true },
	{ "event", "libevent-2.1.so.7", ev_start, ev_use, ev_stop, false },
	{ "gomp", "libgomp.so.1", omp_start, omp_use, omp_stop, true },
	{ 0 },
};
