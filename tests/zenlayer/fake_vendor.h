#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <deque>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "providers/contract/http.h"
#include "providers/zenlayer/client.h"
#include "providers/zenlayer/provider.h"
#include "tests/translation/run.h"

namespace bwgw::zenlayer {

inline std::string fixture(const std::string& name) {
    std::ifstream file(std::string(BWGW_FIXTURES) + "/" + name, std::ios::binary);
    if (!file) throw std::runtime_error("no fixture " + name);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Gives the replies it was told to, in order, and keeps the requests.
class FakeVendor final : public HttpTransport {
public:
    Task<HttpReply> send(const RequestContext&, HttpRequest request) override {
        requests.push_back(std::move(request));
        if (replies.empty())
            throw std::logic_error("a call that the test did not expect: " + requests.back().action);
        auto reply = std::move(replies.front());
        replies.pop_front();
        if (const auto& judge = requests.back().judge; reply && judge) (void)judge(*reply);
        co_return std::move(reply);
    }
    FakeVendor& says(std::string body, int status = 200, std::vector<HttpHeader> headers = {}) {
        replies.emplace_back(HttpReply{status, std::move(headers), std::move(body)});
        return *this;
    }
    FakeVendor& fails(Failure failure) {
        replies.emplace_back(std::move(failure));
        return *this;
    }

    std::deque<Result<HttpReply>> replies;
    std::vector<HttpRequest> requests;
};

inline std::string header(const HttpRequest& request, std::string_view name) {
    return std::string(HttpReply{0, request.headers, {}}.header(name));
}

constexpr std::string_view kKeyId = "ZCTESTKEYID00001";
constexpr std::string_view kPassword = "ZcTestSecret/Do+Not=Use0001";

/// The settings of an account with the test credentials, and `more` lines of YAML.
inline std::shared_ptr<const Settings> settings(const std::string& more = "") {
    setenv("ZENLAYER_TEST_ID", std::string(kKeyId).c_str(), 1);
    setenv("ZENLAYER_TEST_PASSWORD", std::string(kPassword).c_str(), 1);
    SettingsErrors errors;
    SettingsReader reader(YAML::Load("endpoint: https://console.zenlayer.com\n"
                                     "credentials: {access_key_id: {env: ZENLAYER_TEST_ID},"
                                     " access_key_password: {env: ZENLAYER_TEST_PASSWORD}}\n" +
                                     more),
                          "", errors);
    auto read = std::make_shared<const Settings>(read_settings("zenlayer", reader));
    reader.finish();
    if (!errors.items.empty()) throw std::runtime_error(errors.items.front());
    return read;
}

/// One adapter over a fake vendor.
struct Account {
    explicit Account(const std::string& more = "") : provider(make_provider(settings(more), vendor)) {}

    FakeVendor vendor;
    std::unique_ptr<Provider> provider;
    RequestContext context{Deadline::in(std::chrono::seconds(10)), {"req-1", ""}, {}, {}};
};

inline Order order() {
    Order order;
    order.name = "link-hkg-sin-01";
    order.marker = "gw-0123456789ab";
    order.network_id = "1100000000000000001";
    order.ends = {"asia-east-1", "asia-southeast-1"};
    order.bandwidth_mbps = 50;
    order.billing.model = BillingModel::fixed;
    return order;
}

inline Order order_95() {
    auto burstable = order();
    burstable.name = "link-95-01";
    burstable.ends = {"asia-east-1", "europe-west-1"};
    burstable.bandwidth_mbps = 20;
    burstable.burst_mbps = 200;
    burstable.billing.model = BillingModel::percentile_95;
    return burstable;
}

const ResourceRef kLink{"crb", "1100000000000000001", "1200000000000000007"};

}  // namespace bwgw::zenlayer
