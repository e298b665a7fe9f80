#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "gateway/fleet/fleet.h"
#include "gateway/upstream/curl_transport.h"
#include "tests/conformance/sandbox.h"
#include "tests/support/poll_loop.h"

namespace bwgw::conformance {

using namespace std::chrono_literals;

/// What the suite has to know of one product beyond what its adapter declares. A new one is one line of
/// products().
struct Product {
    std::string name;      ///< as the adapter's profile names it; also the sandbox's brand
    std::string settings;  ///< of the account, without endpoint and credentials
    std::string credentials, wrong_credentials;
    std::vector<std::string> secrets;
    std::map<Action, std::string> vendor_actions;
    /// An order of one Mbit/s-size for the i-th of several pairs or addresses.
    std::function<Order(int)> order;
    /// The order as this billing model wants it.
    std::function<void(Order&, BillingModel)> bill;
    /// Vendor answers, in its own error form, after which a write may have run.
    std::vector<std::string> ambiguous_codes;
};

const std::vector<Product>& products();
void PrintTo(const Product& product, std::ostream* out);  // as GoogleTest wants it

/// One adapter with everything real around it: settings text, the fleet's policy, libcurl, HTTP, the
/// emulator.
class Conformance : public ::testing::TestWithParam<Product> {
protected:
    static constexpr std::chrono::milliseconds kDeadline{10'000};

    static void SetUpTestSuite();
    static void TearDownTestSuite();
    void SetUp() override;
    void TearDown() override;

    /// Makes the adapter anew, from these settings.
    void open(const std::string& credentials, const std::string& more = "", std::uint16_t port = 0);

    const ProductProfile& profile() const;
    bool can(Action action) const { return profile().can(action); }
    /// The vendor's action of ours.
    const std::string& vendor_action(Action action) const { return GetParam().vendor_actions.at(action); }

    Result<Listing> list(Query query = {}, std::chrono::milliseconds within = kDeadline);
    Result<Receipt> create(Order order, std::chrono::milliseconds within = kDeadline);
    Result<Receipt> change(const ResourceRef& ref, Change change);
    Result<Receipt> release(const ResourceRef& ref);
    Result<Price> quote(Wish wish);
    Result<fleet::Learned> regions();

    /// Every row of our kind; fails the test if the listing is not whole.
    std::vector<Bandwidth> rows();
    /// Buys and returns the row that the listing shows.
    Bandwidth bought(int which = 0);

    void fault(Action action, const std::string& members) const;
    void behave(const std::string& members) const;
    std::size_t purchases() const { return sandbox_->purchases(GetParam().name); }
    std::size_t requests() const { return sandbox_->requests(GetParam().name); }
    std::size_t requests(Action action) const {
        return sandbox_->requests(GetParam().name, vendor_action(action));
    }

    static Sandbox* sandbox_;

private:
    struct Unobserved : upstream::CallObserver {
        void finished(const RequestContext&, const upstream::CallRecord&) override {}
    };
    template <class T>
    Result<T> run(std::function<Task<T>(const RequestContext&)> call,
                  std::chrono::milliseconds within = kDeadline);

    std::unique_ptr<test::PollLoop> loop_;
    std::unique_ptr<upstream::CurlMulti> multi_;
    Unobserved unobserved_;
    std::unique_ptr<upstream::CurlTransport> transport_;
    std::unique_ptr<fleet::Fleet> fleet_;
};

}  // namespace bwgw::conformance
