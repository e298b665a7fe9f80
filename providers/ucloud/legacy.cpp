#include <utility>

#include "providers/contract/when_all.h"
#include "providers/ucloud/product.h"

namespace bwgw::ucloud {
namespace {

// The *InterRegionBandwidth actions: no tag, no project-wide list, and nothing says that a pair is unique.
class Legacy final : public Product {
public:
    using Product::Product;

    Task<Listing> list(const RequestContext& context, Query query) override {
        std::vector<std::string> networks = settings_->networks;
        std::optional<Failure> hidden;  // why there may be networks that we do not know
        if (query.scope) {
            networks = {*query.scope};
        } else if (networks.empty()) {
            auto found = co_await discover(context);
            if (!found) co_return std::move(found).failure();
            for (auto& row : found->items) networks.push_back(std::move(row.ref.native_id));
            hidden = std::move(found->problem);
        }
        std::vector<Task<Listing>> reading;
        for (auto& network : networks) reading.push_back(list_network(context, std::move(network), query));
        auto whole = merged(*co_await when_all(std::move(reading)));
        if (whole && !whole->problem) whole->problem = std::move(hidden);
        co_return whole;
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

    // The brands have one of two actions for it, the older one being this product's own. Their rows are read
    // as bandwidths that are nothing but an id, for the sake of the one reader of shifting pages.
    Task<Listing> discover(const RequestContext& context) const {
        const Rows rows{{"UGNs", "Instances"}, "UGNID", network_row};
        Call older{"DescribeUGN"};
        auto networks = co_await read(context, std::move(older), rows);
        if (networks || !refused_with(networks.failure(), kActionNotFound)) co_return networks;
        Call newer{"ListUGN"};
        co_return co_await read(context, std::move(newer), rows);
    }
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
