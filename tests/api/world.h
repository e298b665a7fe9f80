#pragma once

#include <rapidjson/document.h>

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/api/api.h"
#include "gateway/api/contract.h"
#include "gateway/inventory/inventory.h"
#include "tests/support/poll_loop.h"

namespace bwgw::api::tests {

/// A vendor in memory: keeps what it is told, and fails as told.
class FakeProvider : public Provider {
public:
    explicit FakeProvider(Profile profile) : profile_(std::move(profile)) {}

    const Profile& profile() const noexcept override { return profile_; }
    Task<Listing> list(const RequestContext&, Query query) override;
    Task<Receipt> create(const RequestContext&, Order order) override;
    Task<Receipt> change(const RequestContext&, ResourceRef ref, Change change) override;
    Task<Receipt> release(const RequestContext&, ResourceRef ref) override;
    Task<Price> quote(const RequestContext&, Wish) override;
    Task<std::vector<Region>> regions(const RequestContext&) override;

    std::vector<Bandwidth> rows;
    std::optional<Failure> listing_fails;  ///< as a whole
    std::optional<Failure> listing_cut;    ///< after the rows
    std::optional<Failure> write_fails;
    bool hides_new = false;  ///< a created row is not listed
    std::optional<Price> price;
    std::vector<std::string> writes;  ///< what the vendor was sent, in order

private:
    Profile profile_;
};

Bandwidth pair_row(std::string native_id, std::string network = "net-1", std::string a = "hk",
                   std::string b = "sg");
Profile pair_profile(std::string name);

/// One worker: two fake providers, `east` and `west`, a real ledger, and the API of the real document.
class World {
public:
    explicit World(double log_sample = 1);
    ~World();

    http::Response call(std::string method, std::string target, std::string body = "",
                        std::vector<http::Header> headers = {});
    /// A GET that has begun.
    test::Running<http::Response> begin(std::string target, std::vector<http::Header> headers = {});
    http::Response buy(std::string body, std::string key, std::vector<http::Header> headers = {});
    /// Another API over the same orders, and over the same fleet or another.
    Api api_of(const Contract& contract);
    Api api_of(const Contract& contract, fleet::Fleet& fleet, inventory::Reader& reader);
    fleet::Fleet& fleet() { return *fleet_; }
    loop::Pool& pool() { return *pool_; }
    /// One account's own reading, as in the background.
    void refresh(const std::string& provider);
    /// Until no write is under way.
    void settle();

    FakeProvider* east = nullptr;
    FakeProvider* west = nullptr;
    bool draining = false;
    bool live = true;       ///< what is read is asked of the providers, unless the headers say otherwise
    bool refreshes = true;  ///< when a handler asks for it
    int refreshed = 0;
    std::function<std::string()> metrics = [] { return std::string("bwgw_up 1\n"); };
    std::function<std::string()> owned_metrics = [] { return std::string("bwgw_bandwidths_not_shown 0\n"); };
    std::vector<RequestSummary> seen;  ///< of its texts operation, path, principal and traceparent
    std::unique_ptr<ledger::Ledger> ledger;
    test::PollLoop loop;
    std::optional<inventory::Inventory> inventory;
    std::unique_ptr<inventory::Reader> reader;

private:
    std::deque<std::string> texts_;  // of what was seen
    const double log_sample_;
    Task<http::Response> answer(std::string method, std::string target, std::string body,
                                std::vector<http::Header> headers);

    std::filesystem::path folder_;
    std::unique_ptr<loop::BlockingPool> pool_;
    std::unique_ptr<ledger::Lease> lease_;
    std::optional<orders::Unlisted> unlisted_;
    orders::Tally tally_;
    std::unique_ptr<fleet::Fleet> fleet_;
    std::unique_ptr<orders::Orders> orders_;
    std::unique_ptr<Api> api_;
};

const Contract& contract();
rapidjson::Document json(const std::string& text);
std::string header(const http::Response& response, const std::string& name);
/// "/a: detail" lines of a problem's errors.
std::string errors_of(const std::string& problem);
std::string errors_of(const Failure& failure);

/// A legacy order between hk and sg, with more members or without some.
std::string order_with(const std::string& more = "");

}  // namespace bwgw::api::tests
