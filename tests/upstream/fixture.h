#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "gateway/upstream/curl_transport.h"
#include "tests/support/poll_loop.h"
#include "tests/upstream/vendor.h"

namespace bwgw::test {

using namespace std::chrono_literals;

/// Keeps what it is told.
struct Observed : upstream::CallObserver {
    struct Call {
        std::string provider, action, host, provider_request_id;
        int status;
        std::optional<Slug> failure;
        bool cancelled;
        std::size_t reply_bytes;
    };
    std::vector<Call> calls;

    void finished(const RequestContext&, const upstream::CallRecord& record) override {
        calls.push_back({std::string(record.provider), std::string(record.action), std::string(record.host),
                         std::string(record.provider_request_id), record.status, record.failure,
                         record.cancelled, record.reply_bytes});
    }
};

/// One worker's upstream, and one provider on it.
struct Upstream : ::testing::Test {
    PollLoop loop;
    Observed observed;
    std::optional<upstream::CurlMulti> multi{std::in_place, loop};
    std::optional<upstream::CurlTransport> transport;

    void SetUp() override { open({.provider = "acme"}); }
    void open(upstream::UpstreamOptions options) { transport.emplace(*multi, std::move(options), observed); }

    static RequestContext within(std::chrono::milliseconds span) {
        return {.deadline = Deadline::in(span),
                .trace = {.request_id = "r1", .traceparent = {}},
                .principal = {},
                .cancelled = {}};
    }
    static HttpRequest read(std::string url) {
        return {.action = "List", .method = "GET", .url = std::move(url), .headers = {}, .body = {}};
    }
    static HttpRequest write(std::string url) {
        return {.action = "Create",
                .method = "POST",
                .url = std::move(url),
                .headers = {},
                .body = "buy=1",
                .write = true};
    }
    Result<HttpReply> send(HttpRequest request, std::chrono::milliseconds span = 10s) {
        const auto context = within(span);
        return loop.run(transport->send(context, std::move(request)));
    }
};

}  // namespace bwgw::test
