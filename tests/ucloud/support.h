#pragma once

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <coroutine>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "providers/contract/provider.h"
#include "providers/contract/when_all.h"
#include "providers/ucloud/provider.h"

namespace bwgw::ucloud::tests {

constexpr auto kRequestId = "5c9a9e3c-req";

/// Holds every request until the test answers it.
class FakeVendor : public HttpTransport {
public:
    using Answer = std::function<Result<HttpReply>(const HttpRequest&)>;

    explicit FakeVendor(Answer answer) : answer_(std::move(answer)) {}

    Task<HttpReply> send(const RequestContext&, HttpRequest request) override {
        requests.push_back(request);
        struct Parked {
            FakeVendor& vendor;
            bool await_ready() const { return !vendor.hold; }
            void await_suspend(std::coroutine_handle<> handle) { vendor.waiting_.push_back(handle); }
            void await_resume() const {}
        };
        co_await Parked{*this};
        auto answer = answer_(request);
        if (answer && request.judge) (void)request.judge(*answer);
        co_return std::move(answer);
    }

    std::size_t in_flight() const { return waiting_.size(); }
    /// Answers what waits now; what is sent upon the answers waits again.
    void answer_waiting() {
        const auto waiting = std::exchange(waiting_, {});
        for (const auto& request : waiting) request.resume();
    }

    std::vector<HttpRequest> requests;
    bool hold = false;

private:
    Answer answer_;
    std::vector<std::coroutine_handle<>> waiting_;
};

inline HttpReply reply(std::string body, int status = 200) {
    return {status, {{"x-ucloud-request-uuid", kRequestId}}, std::move(body)};
}

/// A vendor that says the same to everything.
inline FakeVendor::Answer always(std::string body, int status = 200) {
    return [=](const HttpRequest&) -> Result<HttpReply> { return reply(body, status); };
}

/// The parameters of a form body, percent-decoded.
inline std::map<std::string, std::string> parameters(const HttpRequest& request) {
    std::map<std::string, std::string> found;
    std::string name, text;
    const auto& body = request.body;
    for (std::size_t i = 0; i <= body.size(); ++i) {
        if (i == body.size() || body[i] == '&') {
            found[name] = text;
            name.clear();
            text.clear();
        } else if (body[i] == '=') {
            name.swap(text);
        } else if (body[i] == '%') {
            text += static_cast<char>(std::stoi(body.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            text += body[i];
        }
    }
    return found;
}

inline RequestContext context() {
    return {Deadline::in(std::chrono::seconds(5)), {}, {}, {}};
}

/// Starts a task on this thread; `result` is there when it has ended.
template <class T>
class Running {
public:
    explicit Running(Task<T> task) { run(std::move(task), result); }
    std::optional<Result<T>> result;

private:
    static bwgw::detail::Branch run(Task<T> task, std::optional<Result<T>>& into) {
        into.emplace(co_await std::move(task));
    }
};

template <class T>
Result<T> result_of(Task<T> task) {
    Running<T> running(std::move(task));
    return std::move(running.result).value();
}

/// Reads settings as the gateway does. `brand` is YAML below the account's own keys.
inline Settings settings_of(const std::string& brand, std::vector<std::string>* mistakes = nullptr) {
    setenv("BWGW_TEST_PUBLIC", "pk-demo-0001", 1);
    setenv("BWGW_TEST_PRIVATE", "sk-demo-0001", 1);
    const auto node = YAML::Load(
        "endpoint: https://api.example.com\n"
        "credentials: {public_key: {env: BWGW_TEST_PUBLIC}, private_key: {env: BWGW_TEST_PRIVATE}}\n"
        "project: org-demo01\n" +
        brand);
    SettingsErrors errors;
    SettingsReader reader(node, "providers[0]", errors);
    auto settings = read_settings("demo", reader);
    reader.finish();
    if (mistakes) {
        *mistakes = errors.items;
    } else {
        EXPECT_TRUE(errors.items.empty()) << errors.items.front();
    }
    return settings;
}

constexpr auto kLegacy = "inter_region: legacy\nnetworks: [ugn-demo01]\n";
constexpr auto kSimple = "inter_region: simple\nnetworks: [ugn-demo01]\n";
constexpr auto kEip = "eip_boost: true\neip_regions: [sg]\n";
constexpr Instant kNow{std::chrono::seconds(1781692000)};

inline std::unique_ptr<Provider> provider(const std::string& brand, HttpTransport& vendor) {
    return make_provider(std::make_shared<const Settings>(settings_of(brand)), vendor, [] { return kNow; });
}

}  // namespace bwgw::ucloud::tests
