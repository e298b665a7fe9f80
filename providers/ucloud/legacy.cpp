#include <algorithm>
#include <utility>

#include "providers/contract/when_all.h"
#include "providers/ucloud/product.h"

namespace bwgw::ucloud {
namespace {

bool contains(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

// The *InterRegionBandwidth actions: no tag, no project-wide list, and nothing says that a pair is unique.
class Legacy final : public Product {
public:
    using Product::Product;

    Task<Listing> list(const RequestContext& context, Query query) override {
        if (query.scope) co_return co_await list_networks(context, {*query.scope}, query);
        if (!settings_->networks.empty())
            co_return co_await list_networks(context, settings_->networks, query);
        co_return co_await list_discovered(context, std::move(query));
    }

    std::optional<Failure> refusal(const Order& order) const override {
        auto parameters = legacy_order(order, *settings_);
        return parameters ? std::nullopt : std::optional(std::move(parameters).failure());
    }

    Task<Receipt> create(const RequestContext& context, Order order) override {
        auto parameters = legacy_order(order, *settings_);
        if (!parameters) co_return std::move(parameters).failure();
        Call call{"CreateInterRegionBandwidth", *std::move(parameters)};
        co_return co_await write(context, std::move(call), "InterRegionBandwidthId");
    }

    Task<Receipt> resize(const RequestContext& context, ResourceRef ref, Resize to) override {
        Call call{"ModifyInterRegionBandwidth", of(ref)};
        call.parameters["Bandwidth"] = std::to_string(to.bandwidth_mbps);
        co_return co_await write(context, std::move(call));
    }

    Task<Receipt> release(const RequestContext& context, ResourceRef ref) override {
        Call call{"DeleteInterRegionBandwidth", of(ref)};
        co_return co_await write(context, std::move(call));
    }

private:
    static Parameters of(const ResourceRef& ref) {
        return {{"UGNId", ref.scope}, {"InterRegionBandwidthId", ref.native_id}};
    }

    Task<Listing> list_network(const RequestContext& context, std::string network, Query query) const {
        Call call{"DescribeInterRegionBandwidth", {{"UGNId", std::move(network)}}};
        add_array(call.parameters, "InterRegionBandwidthIds", query.native_ids);
        Rows rows{{"InterRegionBandwidths"}, "InterRegionBandwidthId", [this](const auto& row) {
                      return legacy_row(row, settings_->words);
                  }};
        co_return co_await read(context, std::move(call), std::move(rows));
    }

    Task<Listing> list_networks(const RequestContext& context, std::vector<std::string> networks,
                                Query query) const {
        std::vector<Task<Listing>> reading;
        for (auto& network : networks) reading.push_back(list_network(context, std::move(network), query));
        co_return merged(*co_await when_all(std::move(reading)));
    }

    // The networks of last time are read while the vendor says which there are now: one round trip instead of
    // two, unless there is a new one. What was read of a network that is gone does not count.
    Task<Listing> list_discovered(const RequestContext& context, Query query) {
        const auto known = known_networks_;
        std::vector<Task<Listing>> reading;
        reading.push_back(discover(context));
        for (const auto& network : known) reading.push_back(list_network(context, network, query));
        auto parts = *co_await when_all(std::move(reading));
        if (!parts.front()) co_return std::move(parts.front()).failure();

        const auto there = networks_of(*parts.front());
        std::vector<Result<Listing>> counting;
        std::vector<std::string> fresh;
        for (const auto& network : there)
            if (!contains(known, network)) fresh.push_back(network);
        for (std::size_t i = 0; i < known.size(); ++i)
            if (contains(there, known[i])) counting.push_back(std::move(parts[i + 1]));
        if (!fresh.empty())
            counting.push_back(co_await list_networks(context, std::move(fresh), std::move(query)));
        known_networks_ = there;
        auto whole = merged(std::move(counting));
        if (whole && !whole->problem)
            whole->problem = std::move(parts.front()->problem);  // there may be more of them
        co_return whole;
    }

    static std::vector<std::string> networks_of(const Listing& discovered) {
        std::vector<std::string> networks;
        for (const auto& row : discovered.items) networks.push_back(row.ref.native_id);
        return networks;
    }

    // A brand has one of two actions for it: the older is this product's own, the newer is what brands
    // publish. Their rows are read as bandwidths that are nothing but an id, for the sake of the one reader
    // of shifting pages.
    Task<Listing> discover(const RequestContext& context) {
        const Rows rows{{"UGNs", "Instances"}, "UGNID", network_row};
        Call call{enumerator_};
        auto networks = co_await read(context, std::move(call), rows);
        if (networks || !refused_with(networks.failure(), kActionNotFound)) co_return networks;
        enumerator_ = enumerator_ == kNewer ? kOlder : kNewer;
        Call other{enumerator_};
        co_return co_await read(context, std::move(other), rows);
    }

    static constexpr auto kNewer = "ListUGN";
    static constexpr auto kOlder = "DescribeUGN";
    std::string enumerator_ = kNewer;          // the one that this brand has
    std::vector<std::string> known_networks_;  // as last discovered
};

}  // namespace

std::unique_ptr<Product> make_legacy(const Client& client, std::shared_ptr<const Settings> settings) {
    ProductProfile profile;
    profile.product = "legacy";
    profile.kind = Kind::inter_region;
    profile.actions = {Action::create, Action::list, Action::resize, Action::release};
    profile.billing_models = {BillingModel::fixed, BillingModel::traffic};
    profile.min_mbps = settings->limits.min_mbps;
    profile.max_mbps = settings->limits.max_mbps;
    profile.safety = PurchaseSafety::none;
    return std::make_unique<Legacy>(client, std::move(settings), std::move(profile));
}

}  // namespace bwgw::ucloud
